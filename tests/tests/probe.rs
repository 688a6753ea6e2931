//! `siskin probe` by the real binary against a third-party Modbus device: registers, value, unit,
//! quality and why; its exit code says whether the device agrees with the profile.

use std::process::{Command, Output};

use anyhow::{Context, Result, ensure};
use e2e::binary;
use e2e::modbus::{Devices, State};

fn probe(arguments: &[&str]) -> Result<Output> {
    let mut command = Command::new(binary::siskin()?);
    command.arg("probe").args(arguments).env("SISKIN_LOG", "error");
    command.output().context("cannot run siskin probe")
}

fn check(output: &Output, code: i32, says: &[&str]) -> Result<()> {
    let text = String::from_utf8_lossy(&output.stdout);
    let told = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.code() == Some(code), "{}: {text}{told}", output.status);
    for part in says {
        ensure!(text.contains(part) || told.contains(part), "`{part}` is not in:\n{text}{told}");
    }
    Ok(())
}

#[test]
fn a_device_is_shown_as_it_is() -> Result<()> {
    let mut devices = Devices::start(&["at-1"])?;
    let address = format!("127.0.0.1:{}", devices.port("at-1")?);
    let midas = ["--profile", "honeywell-midas", "--tcp", &address];

    devices.set("at-1", 12.5, State::Monitor)?;
    // 12.5 is 4148 0000, low word first on the wire.
    let good = ["0000 4148", "12.5 ppm  [good]", "state = monitor", "没有发现不符之处"];
    check(&probe(&midas)?, 0, &good)?;

    devices.set("at-1", 12.5, State::Calibration)?;
    check(&probe(&midas)?, 0, &["12.5 ppm  [calibration] state = cal"])?;

    let other = [&midas[..], &["--channel", "gas=mg/m3"]].concat();
    check(&probe(&other)?, 2, &["the device says ppm, the channel is in mg/m3", "通道单位"])
}

#[test]
fn the_wrong_profile_is_seen() -> Result<()> {
    let mut devices = Devices::start(&["at-1"])?;
    let address = format!("127.0.0.1:{}", devices.port("at-1")?);
    devices.set("at-1", 12.5, State::Monitor)?;
    // Read as an XNX: another type code, and the float in the other word order.
    let output = probe(&["--profile", "honeywell-xnx", "--tcp", &address])?;
    check(&output, 2, &["identity: ", "word order CDAB would give 12.5"])
}
