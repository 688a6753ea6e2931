//! Duty with a real station: a warning that nobody acknowledges goes to who is on duty when it is
//! passed on, its figures are told by the station and beside it, and a backup has all that belongs
//! to it. Rosters are exchanged with a third party's iCalendar library.

#![allow(
    clippy::indexing_slicing,
    reason = "a JSON value without the key gives null, it does not panic"
)]

mod escalate;

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::binary;
use e2e::modbus::{Devices, State};
use e2e::moment;
use e2e::site::{Analyzer, Link, Options, SiteFolder, YELLOW_PPM};
use e2e::station::Station;
use serde_json::{Value, json};

/// Longest wait for what follows a poll, or the last step of the ladder.
const SOON: Duration = Duration::from_mins(1);
/// When the leader is relieved, after the roster was made.
const RELIEF_MS: i64 = 5_000;
/// The steps of the ladder. The second one comes after the relief, whatever the machine does: the
/// warning begins after the roster was made.
const LADDER: &str = "\n[[escalation]]\ntier = \"yellow\"\nsteps = [\
    { after_s = 2, to = \"leader\" }, { after_s = 8, to = \"leader\" }, \
    { after_s = 9, to = \"bureau\" }]\n";

struct Park {
    devices: Devices,
    folder: SiteFolder,
}

impl Park {
    fn new() -> Result<Self> {
        Self::with(LADDER)
    }

    fn with(ladder: &str) -> Result<Self> {
        let devices = Devices::start(&["at-1"])?;
        let link = Link::Modbus(devices.port("at-1")?);
        let analyzer = Analyzer { id: "at-1", area: "tank-farm", link };
        let folder =
            SiteFolder::write(&[analyzer], Options { poll_ms: 100, ..Options::default() })?;
        let site = folder.site().join("site.toml");
        OpenOptions::new().append(true).open(site)?.write_all(ladder.as_bytes())?;
        Ok(Self { devices, folder })
    }

    fn start(&self) -> Result<Station> {
        Station::run(&self.folder.site(), &self.folder.data())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// `siskin`, which must end with this code; what it said.
fn tool(arguments: &[&str], code: i32) -> Result<String> {
    let done = Command::new(binary::siskin()?).args(arguments).output()?;
    let errors = String::from_utf8_lossy(&done.stderr);
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    ensure!(done.status.code() == Some(code), "{arguments:?}: {:?}\n{said}{errors}", done.status);
    Ok(said)
}

fn text(path: &Path) -> Result<&str> {
    path.to_str().context("a path that is no text")
}

fn put_contacts(station: &Station) -> Result<()> {
    for (id, name, phone) in [("li", "李雷", "8101"), ("han", "韩梅梅", "8102")] {
        let body = json!({ "name": name, "phones": [phone] });
        let (status, answer) = station.put(&format!("duty/contacts/{id}"), &body)?;
        ensure!(status == 200, "{status} {answer}");
    }
    Ok(())
}

/// Takes a roster; what it changed.
fn import(station: &Station, text: &str, dry_run: bool) -> Result<Value> {
    let body = json!({ "text": text, "reason": "测试", "dry_run": dry_run });
    let (status, answer) = station.post("duty/import", &body)?;
    ensure!(status == 200, "{status} {answer}");
    Ok(answer)
}

/// A moment of a CSV roster, in whole seconds.
fn second(ms: i64) -> Result<String> {
    Ok(jiff::Timestamp::from_second(ms.div_euclid(1000))?.to_string())
}

/// Li leads until the relief, Han from then on.
fn relieved(station: &Station, relief_ms: i64) -> Result<()> {
    let (begin, relief) = (second(relief_ms - 3_600_000)?, second(relief_ms)?);
    let end = second(relief_ms + 3_600_000)?;
    let roster =
        format!("from,to,role,person\n{begin},{relief},leader,li\n{relief},{end},leader,han\n");
    let made = import(station, &roster, false)?;
    ensure!(made["applied"] == true, "{made}");
    Ok(())
}

#[test]
fn a_warning_goes_to_who_is_on_duty_and_is_told_in_the_figures() -> Result<()> {
    let mut park = Park::new()?;
    let station = park.start()?;
    put_contacts(&station)?;
    let relief_ms = (moment::now_ms() + RELIEF_MS).div_euclid(1000) * 1000;
    relieved(&station, relief_ms)?;
    let from_ms = moment::now_ms() - 60_000;
    park.devices.set("at-1", YELLOW_PPM + 0.3, State::Monitor)?;
    let warning = station.until("all steps of the ladder", SOON, |station| {
        let warning = station.get("warnings")?[0].clone();
        let count = warning["passing"]["calls"].as_array().map_or(0, Vec::len);
        Ok((count == 3).then_some(warning))
    })?;
    let calls = &warning["passing"]["calls"];
    for call in [&calls[0], &calls[1]] {
        // On duty at the moment at which the roster was asked.
        let is_relieved = moment::millis(&call["at"])? >= relief_ms;
        let expected = if is_relieved { ("han", "8102") } else { ("li", "8101") };
        let first = &call["people"][0];
        ensure!(
            (&first["id"], &first["phone"]) == (&json!(expected.0), &json!(expected.1)),
            "{call}"
        );
        ensure!(call["found"] == "on-duty" && call["is_gap"] == false, "{call}");
    }
    ensure!(calls[1]["people"][0]["id"] == "han", "{calls}");
    // Nobody is on the roster for the bureau: the leader is called, and it is told as a gap.
    ensure!(calls[2]["found"] == "leader" && calls[2]["is_gap"] == true, "{calls}");
    ensure!(calls[2]["people"][0]["id"] == "han", "{calls}");
    let notice = station.get("duty")?["notices"][0].clone();
    ensure!(notice["kind"] == "call-without-roster" && notice["role"] == "bureau", "{notice}");
    ensure!(notice["text"]["zh"].as_str().is_some_and(|zh| zh.contains("排班无人")), "{notice}");

    let id = warning["id"].as_str().context("no id")?.to_owned();
    let events = station.get(&format!("warnings/{id}/events"))?;
    let told: Vec<&Value> = events
        .as_array()
        .into_iter()
        .flatten()
        .filter(|event| event["change"] == "passed-on")
        .map(|event| &event["call"])
        .collect();
    ensure!(told == [&calls[0], &calls[1], &calls[2]], "{events}");
    let (status, answer) = station.acknowledge(&id, "wang", "已到场")?;
    ensure!(status == 200, "{answer}");
    // Answered: there is nothing left to be told about the roster.
    let notices = station.get("duty")?["notices"].clone();
    ensure!(!notices.to_string().contains("call-without-roster"), "{notices}");
    figures(&park, &station, from_ms)?;
    station.stop()
}

/// The figures of the station and those beside it are the same.
fn figures(park: &Park, station: &Station, from_ms: i64) -> Result<()> {
    let to_ms = moment::now_ms();
    let query = format!("kpis?from_ms={from_ms}&to_ms={to_ms}");
    let found = station.get(&query)?;
    let desk = &found["positions"][0];
    ensure!(desk["position"] == "control-room" && found["is_short"] == true, "{found}");
    let yellow = json!({ "tier": "yellow", "calls": 1 });
    ensure!(desk["tiers"].as_array().is_some_and(|all| all.contains(&yellow)), "{desk}");
    ensure!(desk["response"]["acknowledged"] == 1, "{desk}");
    ensure!(desk["figures"][0]["target"]["source"].is_string(), "{desk}");
    // One position: the whole site has its targets too.
    ensure!(found["site"]["figures"] == desk["figures"], "{found}");
    let table = station.text_as(&query, "text/csv")?;
    let moment = |ms: i64| jiff::Timestamp::from_millisecond(ms).map(|at| at.to_string());
    let (site, data) = (park.folder.site(), park.folder.data());
    let (from, to) = (moment(from_ms)?, moment(to_ms)?);
    let mut arguments = vec!["kpi", text(&site)?, "--data", text(&data)?];
    arguments.extend(["--from", &from, "--to", &to]);
    let shown = tool(&arguments, 0)?;
    ensure!(shown.contains("未达标 / missed") && shown.contains("control-room"), "{shown}");
    arguments.push("--csv");
    let beside = tool(&arguments, 0)?;
    ensure!(beside == table, "the station says\n{table}\nand beside it\n{beside}");
    arguments.extend(["--position", "nowhere"]);
    tool(&arguments, 1)?;
    Ok(())
}

#[test]
fn a_backup_has_incidents_and_audit_and_leaves_the_key() -> Result<()> {
    let park = Park::new()?;
    let station = park.start()?;
    let open = json!({ "title": "泄漏", "areas": ["tank-farm"], "gases": ["chlorine"] });
    let (status, made) = station.post("incidents", &open)?;
    ensure!(status == 200, "{made}");
    let id = made["incident"]["id"].as_str().context("no id")?.to_owned();
    let (status, file) = station.post_bytes(&format!("incidents/{id}/files?name=a.jpg"), b"jpg")?;
    ensure!(status == 200, "{file}");

    let (data, site) = (park.folder.data(), park.folder.site());
    let (saved, restored) = (park.path("saved"), park.path("restored"));
    let said = tool(&["backup", "--data", text(&data)?, "--to", text(&saved)?], 0)?;
    ensure!(said.contains("audit-key.pk8") && said.contains("left out on purpose"), "{said}");
    ensure!(!saved.join("audit-key.pk8").exists() && saved.join("audit-key.pub").exists());
    // The station goes on signing, and its own audit has the entry.
    let audit = station.get("audit?act=data.")?;
    ensure!(audit["entries"][0]["act"] == "data.backup", "{audit}");
    station.stop()?;

    tool(&["restore", "--from", text(&saved)?, "--data", text(&restored)?], 0)?;
    tool(&["audit", "verify", "--data", text(&restored)?], 0)?;
    let shown = tool(&["audit", "show", "--data", text(&restored)?, "--act", "data."], 0)?;
    ensure!(shown.contains("data.backup") && shown.contains("data.restore"), "{shown}");
    let evidence_zip = park.path("pack.zip");
    let mut evidence = vec!["evidence", &id, "--site", text(&site)?, "--data", text(&restored)?];
    evidence.extend(["--out", text(&evidence_zip)?]);
    let said = tool(&evidence, 0)?;
    ensure!(!said.contains("missing.ndjson"), "{said}");

    // A station goes on with it: a key of its own, told in the audit, which stays sound.
    let again = Station::run(&site, &restored)?;
    let kept = again.get(&format!("incidents/{id}"))?;
    let sum = kept["files"][0]["sha256"].as_str().context("no file")?;
    ensure!(again.bytes(&format!("incidents/{id}/files/{sum}"))? == b"jpg");
    again.stop()?;
    tool(&["audit", "verify", "--data", text(&restored)?], 0)?;
    // The folder of the backup itself is not written to.
    tool(&["verify", "--data", text(&saved)?], 0)?;
    let out = park.path("out.csv");
    let mut export = vec!["export", "--data", text(&saved)?, "--site", text(&site)?, "--all"];
    export.extend(["--from", "2026-01-01T00:00:00Z", "--to", "2026-01-02T00:00:00Z"]);
    export.extend(["--out", text(&out)?]);
    let said = tool(&export, 0)?;
    ensure!(said.contains("not an entry of the audit"), "{said}");
    tool(&["verify", "--data", text(&saved)?], 0)?;
    Ok(())
}

/// The library, with a file and what it is to write.
fn library(act: &str, file: &Path, input: &str) -> Result<String> {
    let script = binary::root().join("tests/python/roster_calendar.py");
    let mut command = Command::new(binary::python()?);
    command.arg(script).arg(act).arg(file);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    child.stdin.take().context("no standard input")?.write_all(input.as_bytes())?;
    let done = child.wait_with_output()?;
    ensure!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    Ok(String::from_utf8(done.stdout)?)
}

#[test]
fn rosters_are_exchanged_with_another_calendar() -> Result<()> {
    let park = Park::new()?;
    let station = park.start()?;
    put_contacts(&station)?;
    let relief_ms = (moment::now_ms() + 86_400_000).div_euclid(1000) * 1000;
    relieved(&station, relief_ms)?;
    let (from_ms, to_ms) = (relief_ms - 86_400_000, relief_ms + 86_400_000);
    let export = format!("duty/export?from_ms={from_ms}&to_ms={to_ms}&form=calendar");
    let exported = station.bytes(&export)?;
    let file = park.path("roster.ics");
    fs::write(&file, &exported)?;
    let events: Value = serde_json::from_str(&library("read", &file, "")?)?;
    let seen: Vec<_> = events
        .as_array()
        .into_iter()
        .flatten()
        .map(|event| (&event["from_ms"], &event["to_ms"], &event["summary"]))
        .collect();
    let (begin, end) = (json!(relief_ms - 3_600_000), json!(relief_ms + 3_600_000));
    let (relief, li, han) = (json!(relief_ms), json!("leader: 李雷"), json!("leader: 韩梅梅"));
    ensure!(seen == [(&begin, &relief, &li), (&relief, &end, &han)], "{events}");
    // Our own file changes nothing, and neither does the one that the library writes.
    let same = import(&station, std::str::from_utf8(&exported)?, true)?;
    ensure!(same["applied"] == false && is_empty(&same), "{same}");
    let written = park.path("written.ics");
    library("write", &written, &events.to_string())?;
    let theirs = import(&station, &fs::read_to_string(&written)?, true)?;
    ensure!(is_empty(&theirs), "{theirs}");
    // A shift that was moved in the other calendar is moved here.
    let mut moved = events.clone();
    let later_ms = relief_ms + 7_200_000;
    moved[1]["to_ms"] = json!(later_ms);
    library("write", &written, &moved.to_string())?;
    let changed = import(&station, &fs::read_to_string(&written)?, false)?;
    ensure!(changed["applied"] == true, "{changed}");
    let shifts = station.get(&format!("duty/shifts?from_ms={from_ms}&to_ms={to_ms}"))?;
    ensure!(moment::millis(&shifts[1]["to"])? == later_ms, "{shifts}");
    station.stop()
}

/// Whether nothing is added, changed or taken out.
fn is_empty(difference: &Value) -> bool {
    let lists = ["added", "changed", "removed"].map(|name| difference[name].as_array());
    lists.into_iter().all(|list| list.is_some_and(Vec::is_empty))
}
