//! A siren whose controller others made: it sounds, its feedback says so, and it ends with the
//! warning. One that does not say so is a failure that is seen, and the next way is taken.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, ensure};
use e2e::binary;
use e2e::process::Process;
use e2e::site::RED_PPM;

use crate::park::{self, Park, SOON};
use crate::people::{Server, lines, notify_test, sms_way, story, tell};

pub(crate) struct Siren {
    _process: Process,
    port: u16,
    within_s: u32,
}

impl Siren {
    pub(crate) fn start(park: &Park, mode: &str) -> Result<Self> {
        Self::start_in(park.path(), mode)
    }

    pub(crate) fn start_in(path: &Path, mode: &str) -> Result<Self> {
        fs::write(path.join("siren-mode"), mode)?;
        let mut command = Command::new(binary::python()?);
        command.arg(binary::root().join("tests/python/siren.py")).arg(path);
        let process = Process::start("siren.py", &command)?;
        let port = process.line(Duration::from_secs(20))?.trim().parse()?;
        // What works is waited for however busy the machine is; what does not, briefly.
        let within_s = if mode == "good" { 15 } else { 1 };
        Ok(Self { _process: process, port, within_s })
    }

    pub(crate) fn way(&self) -> String {
        format!(
            "\n[[recipient.way]]\ntype = \"siren\"\nhost = \"127.0.0.1\"\nport = {}\ncoil = 0\n\
             feedback = {{ input = 0 }}\nfeedback_within_s = {}\n",
            self.port, self.within_s
        )
    }
}

pub(crate) fn writes(park: &Park) -> Vec<String> {
    writes_in(park.path())
}

pub(crate) fn writes_in(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path.join("writes")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn a_siren_sounds_until_the_warning_is_over_and_says_so() -> Result<()> {
    let mut park = Park::new()?;
    let siren = Siren::start(&park, "good")?;
    tell(&park, &siren.way())?;
    let station = park.start()?;
    park.gas(RED_PPM + 1.0)?;
    let (happened, detail) = story(&station, "accepted")?;
    ensure!(happened == ["try", "accept"], "{detail}");
    ensure!(detail.to_string().contains("the feedback says on"), "{detail}");
    park.gas(0.0)?;
    park::close_all(&station)?;
    station.until("the end is accepted", SOON, |station| {
        let answer = station.get("messages?recipient=li")?;
        let newest = &answer["deliveries"][0];
        let is_over = newest["kind"] == "all-clear" && newest["state"] == "accepted";
        Ok(is_over.then_some(()))
    })?;
    let mut writes = writes(&park);
    ensure!(writes.pop().as_deref() == Some("off"), "{writes:?}");
    ensure!(!writes.is_empty() && writes.iter().all(|word| word == "on"), "{writes:?}");
    station.stop()
}

#[test]
fn a_siren_without_feedback_gives_way_to_a_text_message() -> Result<()> {
    for (mode, why) in [("dead", "no feedback"), ("stuck", "proves nothing")] {
        let mut park = Park::new()?;
        let siren = Siren::start(&park, mode)?;
        let sms = Server::start(&park, "sms_gateway.py", &[])?;
        tell(&park, &(siren.way() + &sms_way(sms.port)))?;
        let station = park.start()?;
        park.gas(RED_PPM + 1.0)?;
        let (happened, detail) = story(&station, "accepted")?;
        ensure!(happened.len() == 4 && happened[1].contains("way"), "{mode}: {detail}");
        ensure!(detail.to_string().contains(why), "{mode}: {detail}");
        ensure!(!lines(&park, "texts").is_empty(), "{mode}: nobody was told");
        // It is switched on all the same.
        ensure!(writes(&park).first().is_some_and(|word| word == "on"), "{mode}");
        station.stop()?;
    }
    Ok(())
}

#[test]
fn a_siren_that_nobody_else_stands_behind_fails_where_all_see_it() -> Result<()> {
    let mut park = Park::new()?;
    let siren = Siren::start(&park, "dead")?;
    tell(&park, &siren.way())?;
    let station = park.start()?;
    park.gas(RED_PPM + 1.0)?;
    let (_, detail) = story(&station, "failed")?;
    ensure!(detail.to_string().contains("no feedback"), "{detail}");
    station.until("a station that says so", SOON, |station| {
        let health = station.get("health")?;
        let is_told = health["messages"]["failed"].as_u64() > Some(0);
        Ok((is_told && health["status"] == "degraded").then_some(()))
    })?;
    station.stop()
}

#[test]
fn a_test_by_hand_sounds_and_ends() -> Result<()> {
    let park = Park::new()?;
    let siren = Siren::start(&park, "good")?;
    tell(&park, &siren.way())?;
    let (output, text) = notify_test(&park, &["--dry-run"])?;
    ensure!(output.status.success() && writes(&park).is_empty(), "{text}");
    let (output, text) = notify_test(&park, &[])?;
    ensure!(output.status.success() && text.contains("then off"), "{text}");
    ensure!(writes(&park) == ["on", "off"], "{:?}", writes(&park));
    fs::write(park.path().join("siren-mode"), "dead")?;
    tell(&park, &siren.way().replace("within_s = 15", "within_s = 1"))?;
    let (output, text) = notify_test(&park, &[])?;
    ensure!(!output.status.success() && text.contains("no feedback"), "{text}");
    ensure!(writes(&park).last().is_some_and(|word| word == "off"), "{:?}", writes(&park));
    Ok(())
}
