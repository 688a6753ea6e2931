//! Rules that change while the real station reads a third-party Modbus device: by file, by SIGHUP
//! and by API; refused ones, shadow sets, promotion by a second person, going back, restarts.

#![allow(
    clippy::indexing_slicing,
    reason = "a JSON value without the key gives null, it does not panic"
)]

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::accounts::{FIRST, SECOND};
use e2e::modbus::{Devices, State};
use e2e::moment;
use e2e::site::{Analyzer, Link, Options, SiteFolder};
use e2e::station::Station;
use e2e::stream::{Event, Stream};
use serde_json::{Value, json};

/// Longest wait for what follows a poll or two, or a change of files.
const SOON: Duration = Duration::from_secs(15);
/// How long red must hold in the test of a running delay.
const ON_DELAY_S: u32 = 3;
/// Above orange (2.0), below red (5.0) and above the red of [`LOWER_RED`].
const LEVEL_PPM: f32 = 3.0;
/// The red rule of the tests' sites, and the lower one they change it to.
const RED: &str = "raise_at = 5.0\nclear_below = 4.5";
const LOWER_RED: &str = "raise_at = 2.5\nclear_below = 2.4";

/// A device, its site and a station that reads it.
struct Park {
    devices: Devices,
    station: Station,
    folder: SiteFolder,
}

impl Park {
    fn start() -> Result<Self> {
        Self::start_with(Options::default(), |_| Ok(()))
    }

    /// `prepare` has its way with the site before the station sees it.
    fn start_with(
        options: Options,
        prepare: impl FnOnce(&SiteFolder) -> Result<()>,
    ) -> Result<Self> {
        let devices = Devices::start(&["at-1"])?;
        let link = Link::Modbus(devices.port("at-1")?);
        let analyzer = Analyzer { id: "at-1", area: "area-1", link };
        let folder = SiteFolder::write(&[analyzer], options)?;
        prepare(&folder)?;
        let station = Station::run(&folder.site(), &folder.data())?;
        let park = Self { devices, station, folder };
        park.station.until("at-1 is online", SOON, |station| {
            Ok((station.analyzer("at-1")?["link"] == "online").then_some(()))
        })?;
        Ok(park)
    }

    fn rules_path(&self) -> PathBuf {
        self.folder.site().join("rules/chlorine.toml")
    }

    /// The rules with `old` replaced; it must be there.
    fn rules_with(&self, old: &str, new: &str) -> Result<String> {
        let text = fs::read_to_string(self.rules_path())?;
        ensure!(text.contains(old), "`{old}` is not in the rules:\n{text}");
        Ok(text.replace(old, new))
    }

    fn set(&mut self, ppm: f32) -> Result<()> {
        self.devices.set("at-1", ppm, State::Monitor).map(drop)
    }

    fn rules_health(&self) -> Result<Value> {
        Ok(self.station.get("health")?["rules"].clone())
    }

    /// Stops the station in order and starts it again on the same folders.
    fn restarted(self) -> Result<Self> {
        let Self { devices, station, folder } = self;
        station.stop()?;
        let station = Station::run(&folder.site(), &folder.data())?;
        Ok(Self { devices, station, folder })
    }

    /// The active alarm of a rule.
    fn active(&self, rule: &str) -> Result<Option<Value>> {
        let alarms = self.station.get("alarms")?;
        let alarms = alarms.as_array().context("no list")?;
        Ok(alarms.iter().find(|alarm| alarm["rule"] == rule).cloned())
    }
}

fn alarm(stream: &mut Stream, rule: &str, edge: &str) -> Result<Value> {
    stream.until(&format!("{edge} of {rule}"), SOON, |event| {
        let data = Some(&event.data).filter(|_| event.name == "alarm")?;
        (data["alarm"]["rule"] == rule && data["edge"] == edge).then(|| data.clone())
    })
}

/// The next event that says that other rules run.
fn other_rules(stream: &mut Stream) -> Result<Value> {
    let is_rules = |event: &Event| (event.name == "rules").then(|| event.data.clone());
    stream.until("other rules run", SOON, is_rules)
}

/// Puts the rules where a change of their text touches nothing in the watched folder.
fn behind_a_link(folder: &SiteFolder) -> Result<()> {
    let (here, there) =
        (folder.site().join("rules/chlorine.toml"), folder.path().join("chlorine.toml"));
    fs::rename(&here, &there)?;
    Ok(std::os::unix::fs::symlink(there, here)?)
}

#[test]
fn a_changed_file_changes_its_rules_and_leaves_the_others_alone() -> Result<()> {
    let mut park = Park::start()?;
    let mut stream = park.station.stream(None)?;
    park.set(LEVEL_PPM)?;
    let orange = alarm(&mut stream, "chlorine-orange", "raise")?;
    ensure!(park.active("chlorine-red")?.is_none(), "red is at 5 ppm");

    fs::write(park.rules_path(), park.rules_with(RED, LOWER_RED)?)?;
    let event = other_rules(&mut stream)?;
    ensure!(event["version"] == 2 && event["source"] == "file-change", "{event}");
    let red = alarm(&mut stream, "chlorine-red", "raise")?;
    ensure!(red["seq"].as_u64() > event["seq"].as_u64(), "told before the change: {red}");
    let kept = park.active("chlorine-orange")?.context("orange is gone")?;
    ensure!(kept["since"] == orange["at"], "orange began anew: {kept}");
    let diff = park.station.get("rules/versions/2/diff")?;
    let changed = diff["diff"].as_array().context("no diff")?;
    ensure!(changed.len() == 1 && changed[0]["rule"] == "chlorine-red", "{diff}");
    ensure!(changed[0]["change"] == "changed", "{diff}");
    let text = |key: &str| changed[0][key].as_str().unwrap_or_default().to_owned();
    ensure!(text("old").contains('5') && text("new").contains("2.5"), "{diff}");

    let rules = fs::read_to_string(park.rules_path())?;
    let without: Vec<_> =
        rules.split("[[rule]]").filter(|rule| !rule.contains("\"chlorine-red\"")).collect();
    fs::write(park.rules_path(), without.join("[[rule]]"))?;
    let ended = alarm(&mut stream, "chlorine-red", "clear")?;
    ensure!(ended["alarm"]["since"] == red["at"], "{ended}");
    let running = park.station.get("rules")?;
    ensure!(running["version"]["number"] == 3, "{running}");
    ensure!(running["rules"].as_array().map(Vec::len) == Some(3), "{running}");
    let warnings = park.station.get("warnings")?;
    ensure!(warnings[0]["tier"] == "orange", "the rule is gone, its alarm too: {warnings}");
    Ok(())
}

#[test]
fn a_file_with_problems_is_refused_and_the_old_rules_go_on() -> Result<()> {
    let mut park = Park::start()?;
    let good = fs::read_to_string(park.rules_path())?;
    fs::write(park.rules_path(), park.rules_with("raise_at = 5.0", "raise_at = \"high\"")?)?;
    let health = park.station.until("the file is refused", SOON, |station| {
        let health = station.get("health")?;
        Ok((!health["rules"]["refused"].is_null()).then_some(health))
    })?;
    ensure!(health["status"] == "degraded", "{health}");
    let refused = &health["rules"]["refused"];
    ensure!(refused["source"] == "file-change", "{refused}");
    let report = refused["report"].as_str().unwrap_or_default();
    for part in ["rules/chlorine.toml:", "raise_at", "help: "] {
        ensure!(report.contains(part), "`{part}` is missing in:\n{report}");
    }
    ensure!(refused["text"]["zh"].as_str().is_some_and(|text| text.contains("第 1 版")));
    ensure!(health["rules"]["version"] == 1, "{health}");

    let (status, problem) = park.station.post("rules/reload", &json!({}))?;
    ensure!(status == 422 && problem["type"] == "/problems/rules-refused", "{problem}");
    ensure!(problem["report"].as_str() == Some(report), "{problem}");

    // Who was refused what, and why, newest first.
    let audit = park.station.get("audit?act=rules.refuse")?;
    let entries = audit["entries"].as_array().context("no entries")?;
    ensure!(entries[0]["by"] == FIRST && entries[0]["about"] == "rules.reload", "{audit}");
    let by_file = entries.last().context("no entry")?;
    ensure!(by_file["by"] == "station", "{audit}");
    for entry in [&entries[0], by_file] {
        ensure!(entry["body"].to_string().contains("raise_at"), "{entry}");
    }

    let mut stream = park.station.stream(None)?;
    park.set(6.0)?;
    alarm(&mut stream, "chlorine-red", "raise")?;
    fs::write(park.rules_path(), good)?;
    park.station.until("the mended file is taken", SOON, |_| {
        Ok(park.rules_health()?["refused"].is_null().then_some(()))
    })?;
    ensure!(park.rules_health()?["version"] == 1, "the text is that of version 1 again");
    ensure!(park.active("chlorine-red")?.is_some(), "the alarm went on");
    Ok(())
}

#[test]
fn a_signal_and_the_api_read_the_files_again() -> Result<()> {
    let mut park = Park::start_with(Options::default(), behind_a_link)?;
    let mut stream = park.station.stream(None)?;
    fs::write(park.rules_path(), park.rules_with(RED, LOWER_RED)?)?;
    park.station.process().signal("HUP")?;
    let event = other_rules(&mut stream)?;
    ensure!(event["version"] == 2 && event["source"] == "signal", "{event}");

    let who = json!({ "note": "新的限值" });
    let (status, same) = park.station.post("rules/reload", &who)?;
    ensure!(status == 200 && same["number"] == 2, "nothing is new: {same}");
    fs::write(park.rules_path(), park.rules_with(LOWER_RED, RED)?)?;
    let (status, version) = park.station.post("rules/reload", &who)?;
    ensure!(status == 200 && version["number"] == 3, "{version}");
    ensure!(version["source"] == "api" && version["by"] == FIRST, "{version}");
    ensure!(version["note"] == "新的限值", "{version}");
    let event = other_rules(&mut stream)?;
    ensure!(event["version"] == 3 && event["by"] == FIRST, "{event}");

    let areas = park.folder.site().join("areas.toml");
    fs::write(&areas, fs::read_to_string(&areas)? + "# looked at\n")?;
    let (status, same) = park.station.post("rules/reload", &who)?;
    ensure!(status == 200 && same["number"] == 3, "{same}");
    ensure!(park.rules_health()?["restart_needed"] == json!(["areas.toml"]));
    Ok(())
}

#[test]
fn a_running_on_delay_completes_across_a_change_of_other_rules() -> Result<()> {
    let options = Options { red_on_delay_s: ON_DELAY_S, ..Options::default() };
    let mut park = Park::start_with(options, |_| Ok(()))?;
    let mut stream = park.station.stream(None)?;
    park.set(6.0)?;
    let begun_ms = stream.until("6 ppm", SOON, |event| {
        let value = event.reading("at-1-cl2")?;
        (value["value"] == 6.0).then(|| moment::millis(&value["measured_at"]))
    })??;
    let lower_yellow = park.rules_with("clear_below = 0.9", "clear_below = 0.8")?;
    fs::write(park.rules_path(), lower_yellow)?;
    let changed_ms = moment::millis(&other_rules(&mut stream)?["at"])?;
    let raised_ms = moment::millis(&alarm(&mut stream, "chlorine-red", "raise")?["at"])?;
    let delay_ms = i64::from(ON_DELAY_S) * 1000;
    ensure!(begun_ms < changed_ms && changed_ms < raised_ms, "{begun_ms} {changed_ms} {raised_ms}");
    ensure!(raised_ms - begun_ms >= delay_ms, "raised {} ms after 6 ppm", raised_ms - begun_ms);
    ensure!(
        raised_ms - changed_ms < delay_ms,
        "the delay began anew with the change: {begun_ms} {changed_ms} {raised_ms}"
    );
    Ok(())
}

/// Waits until the shadow set's answer has what `find` looks for.
fn shadow<T>(park: &Park, what: &str, find: impl Fn(&Value) -> Option<T>) -> Result<T> {
    park.station.until(what, SOON, |station| Ok(find(&station.get("rules/shadow")?["shadow"])))
}

/// Whether a list of alarm events has a begin of the red rule.
fn has_red(events: &Value) -> bool {
    let is_red = |e: &Value| e["alarm"]["rule"] == "chlorine-red" && e["edge"] == "raise";
    events.as_array().is_some_and(|events| events.iter().any(is_red))
}

#[test]
fn a_shadow_set_warns_nobody_and_a_second_person_promotes_it() -> Result<()> {
    let mut park = Park::start()?;
    let mut stream = park.station.stream(None)?;
    let text = park.rules_with(RED, LOWER_RED)?;
    let propose = json!({ "note": "lower", "files": { "chlorine.toml": text } });
    let bad = json!({ "files": { "chlorine.toml": "[[rule]]\n" } });
    let (status, problem) = park.station.post_by(SECOND, "rules/shadow", &bad)?;
    ensure!(status == 422 && problem["report"].is_string(), "{problem}");
    ensure!(park.rules_health()?["refused"].is_null(), "a proposal is no change of the live rules");
    let (status, begun) = park.station.post_by(SECOND, "rules/shadow", &propose)?;
    ensure!(status == 200 && begun["by"] == SECOND, "{begun}");
    ensure!(begun["diff"][0]["rule"] == "chlorine-red" && begun["diff"][1].is_null(), "{begun}");

    park.set(LEVEL_PPM)?;
    alarm(&mut stream, "chlorine-orange", "raise")?;
    let differences = shadow(&park, "red in the shadow only", |shadow| {
        has_red(&shadow["differences"]["only_shadow"]).then(|| shadow["differences"].clone())
    })?;
    ensure!(!has_red(&differences["only_live"]), "{differences}");
    ensure!(differences["equal"].as_u64() >= Some(2), "yellow and orange are equal: {differences}");
    ensure!(park.active("chlorine-red")?.is_none(), "a shadow is not shown as an alarm");
    let warnings = park.station.get("warnings?scope=all")?;
    ensure!(warnings[0]["tier_peak"] == "orange" && warnings[1].is_null(), "{warnings}");

    let (status, problem) = park.station.post_by(SECOND, "rules/promote", &json!({}))?;
    ensure!(status == 409 && problem["type"] == "/problems/same-person", "{problem}");
    let (status, version) = park.station.post("rules/promote", &json!({}))?;
    ensure!(status == 200 && version["number"] == 2, "{version}");
    ensure!(version["proposed_by"] == SECOND && version["by"] == FIRST, "{version}");
    ensure!(version["differs_from_site"] == true, "{version}");
    let red = alarm(&mut stream, "chlorine-red", "raise")?;
    ensure!(park.station.get("rules/shadow")?["shadow"].is_null(), "the shadow set has ended");
    let copy = fs::read_to_string(park.folder.data().join("rules/active/chlorine.toml"))?;
    ensure!(copy == text, "the copy is not the promoted set");

    let mut park = park.restarted()?;
    let health = park.rules_health()?;
    ensure!(health["version"] == 2 && health["source"] == "promotion", "{health}");
    let kept = park.active("chlorine-red")?.context("red is gone after the restart")?;
    ensure!(kept["since"] == red["at"], "{kept}");

    let mut stream = park.station.stream(None)?;
    let (status, version) = park.station.post("rules/rollback", &json!({}))?;
    ensure!(status == 200 && version["number"] == 3, "{version}");
    ensure!(version["source"] == "rollback", "{version}");
    ensure!(version["differs_from_site"] == false, "{version}");
    alarm(&mut stream, "chlorine-red", "clear")?;
    park.set(0.0)?;
    Ok(())
}

#[test]
fn what_cannot_be_done_is_told() -> Result<()> {
    let park = Park::start()?;
    let who = json!({});
    for (path, name) in [("rules/promote", "no-shadow"), ("rules/rollback", "nothing-before")] {
        let (status, problem) = park.station.post(path, &who)?;
        ensure!(status == 409 && problem["type"] == format!("/problems/{name}"), "{problem}");
    }
    ensure!(park.station.delete("rules/shadow")?.0 == 409);
    let outside = json!({ "files": { "../site.toml": "" } });
    let (status, problem) = park.station.post("rules/shadow", &outside)?;
    ensure!(status == 422 && problem["report"].is_string(), "{problem}");
    let text = fs::read_to_string(park.rules_path())?;
    let propose = json!({ "files": { "chlorine.toml": text } });
    ensure!(park.station.post("rules/shadow", &propose)?.0 == 200);
    let park = park.restarted()?;
    let resumed = shadow(&park, "the shadow set runs again", |shadow| {
        shadow["number"].is_number().then(|| shadow.clone())
    })?;
    ensure!(resumed["by"] == FIRST && resumed["number"] == 1, "{resumed}");
    ensure!(park.station.delete("rules/shadow")?.0 == 200);
    ensure!(park.station.get("rules/shadow")?["shadow"].is_null());
    ensure!(park.station.get("corrections")? == json!([]));
    Ok(())
}
