//! `siskin probe` on lines of third-party slaves.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::binary;
use e2e::process::Process;
use serde_json::json;

use super::KINDS;
use super::line::{Kind, Line, MONITOR};

/// How long a look may take.
const LOOK_MAX: Duration = Duration::from_secs(20);
/// How long it may take to end.
const END_MAX: Duration = Duration::from_secs(5);

fn command(line: &Line, unit: u8, more: &[&str]) -> Result<Command> {
    let mut command = Command::new(binary::siskin()?);
    command.args(["probe", "--profile", "honeywell-midas", "--unit", &unit.to_string()]);
    command.args(line.arguments()).args(more).env("SISKIN_LOG", "error");
    Ok(command)
}

/// What a look at `unit` says and whether it succeeded.
fn look(line: &Line, unit: u8) -> Result<(bool, String)> {
    let output = command(line, unit, &["--timeout-ms", "500"])?.output()?;
    let told = [output.stdout, output.stderr].concat();
    Ok((output.status.success(), String::from_utf8(told)?))
}

#[test]
fn a_slave_is_shown_as_it_is() -> Result<()> {
    for kind in KINDS {
        let mut line = Line::start(kind, &[3, 4])?;
        line.set(4, 12.5, MONITOR)?;
        let (agrees, text) = look(&line, 4)?;
        ensure!(agrees, "{kind:?}: {text}");
        // 12.5 is 4148 0000, low word first on the wire.
        for part in ["0000 4148", "12.5 ppm  [good]", "state = monitor"] {
            ensure!(text.contains(part), "{kind:?}: `{part}` is not in:\n{text}");
        }
        let (agrees, text) = look(&line, 9)?;
        ensure!(!agrees && text.contains("hint: "), "nobody is unit 9: {kind:?}: {text}");
        ensure!(!text.contains("[good]"), "{kind:?}: {text}");
        line.tell(&json!({ "unit": 4, "silent": true }))?;
        let (agrees, text) = look(&line, 4)?;
        ensure!(!agrees && !text.contains("[good]"), "a silent slave: {kind:?}: {text}");
    }
    Ok(())
}

#[test]
fn a_watch_follows_the_slave_and_ends_by_ctrl_c() -> Result<()> {
    let mut line = Line::start(Kind::Pty, &[3])?;
    let watch = command(&line, 3, &["--watch", "1"])?;
    let mut watch = Process::start("siskin probe --watch", &watch)?;
    for ppm in [0.5_f32, 2.25] {
        line.set(3, ppm, MONITOR)?;
        let wanted = format!("{ppm} ppm  [good]");
        while !watch.line(LOOK_MAX).with_context(|| wanted.clone())?.contains(&wanted) {}
    }
    watch.signal("INT")?;
    let status = watch.ended(END_MAX)?;
    ensure!(status.success(), "Ctrl-C ended it with {status}");
    Ok(())
}
