//! A line of third-party slaves, each with the register map of a Honeywell Midas, and a station
//! that reads it.

use std::fs;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::binary;
use e2e::process::Process;
use e2e::site::{Analyzer, Link, Options, SiteFolder};
use e2e::station::Station;
use serde_json::{Value, json};

/// How long Python may take to load and listen.
const START_MAX: Duration = Duration::from_secs(20);
/// How long a command may take.
const COMMAND_MAX: Duration = Duration::from_secs(5);
/// Longest wait for a link: a probe of a silent slave comes after 10 s at the latest.
pub(super) const LATER: Duration = Duration::from_secs(30);
/// Manual 40001: state of the monitor in bits 0-3.
const STATE: &str = "0";
/// Monitoring.
pub(super) const MONITOR: u16 = 1;
/// Alarms, faults and outputs are inhibited.
pub(super) const INHIBITED: u16 = 4;
/// Manual 40003: the concentration.
const GAS: &str = "2";
/// Manual 40007: the unit, one bit each in the high byte; bit 8 is ppm.
const UNIT: &str = "6";
const UNIT_PPM: u16 = 0x0100;
/// Manual 40010: seconds of the device.
const SECONDS: u16 = 9;

/// What carries the frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// RTU frames through a TCP line.
    Tcp,
    /// A pseudo-terminal.
    Pty,
}

/// Running slaves on one line.
#[derive(Debug)]
pub(super) struct Line {
    process: Process,
    /// Port of 127.0.0.1, or path of the terminal.
    pub(super) at: String,
    kind: Kind,
}

impl Line {
    /// Starts slaves that measure a tenth of their unit in ppm.
    pub(super) fn start(kind: Kind, units: &[u8]) -> Result<Self> {
        let script = binary::root().join("tests/python/modbus_line.py");
        let mut command = Command::new(binary::python()?);
        command.arg(script).arg(if kind == Kind::Tcp { "tcp" } else { "pty" });
        command.args(units.iter().map(u8::to_string));
        let process = Process::start("modbus_line.py", &command)?;
        let first: Value = serde_json::from_str(&process.line(START_MAX)?)?;
        let path = first["path"].as_str().map(str::to_owned);
        let at = path.or_else(|| Some(first["port"].as_u64()?.to_string()));
        let mut line = Self { process, at: at.context("no place to reach it")?, kind };
        for unit in units {
            line.set(*unit, f32::from(*unit) / 10.0, MONITOR)?;
        }
        Ok(line)
    }

    /// What a slave measures, and its state.
    pub(super) fn set(&mut self, unit: u8, ppm: f32, state: u16) -> Result<()> {
        let registers = json!({ STATE: state, UNIT: UNIT_PPM });
        let float = json!({ GAS: ppm });
        self.tell(&json!({
            "unit": unit, "float": float, "registers": registers, "clock": SECONDS,
        }))?;
        Ok(())
    }

    /// One command; gives the requests of the slave and the connections of the line.
    pub(super) fn tell(&mut self, command: &Value) -> Result<(u64, u64)> {
        self.process.write(&command.to_string())?;
        let line = self.process.line(COMMAND_MAX)?;
        let answer: Value = serde_json::from_str(&line)?;
        let part = |key: &str| answer[key].as_u64().with_context(|| line.clone());
        Ok((part("requests")?, part("connects")?))
    }

    /// The line as a site file names it.
    fn written(&self, unit: u8) -> String {
        let at = &self.at;
        match self.kind {
            Kind::Tcp => format!(
                "modbus = {{ host = \"127.0.0.1\", port = {at}, framing = \"rtu\", unit = {unit} }}"
            ),
            Kind::Pty => format!(
                "modbus = {{ serial = \"{at}\", baud = 9600, parity = \"none\", unit = {unit} }}"
            ),
        }
    }

    /// The line as `siskin probe` names it.
    pub(super) fn arguments(&self) -> Vec<String> {
        match self.kind {
            Kind::Tcp => vec!["--tcp".into(), format!("127.0.0.1:{}", self.at), "--rtu".into()],
            Kind::Pty => vec!["--serial".into(), self.at.clone()],
        }
    }
}

/// Slaves, their site and the station that reads them; analyzer `at-N` is unit N.
pub(super) struct Park {
    pub(super) line: Line,
    pub(super) station: Station,
    _folder: SiteFolder,
}

impl Park {
    /// A station that reads `units` of a line on which `there` are.
    pub(super) fn start(kind: Kind, units: &[u8], there: &[u8]) -> Result<Self> {
        let line = Line::start(kind, there)?;
        let names: Vec<_> = units.iter().map(|unit| format!("at-{unit}")).collect();
        let places = names.iter().zip(units);
        // The unit stands in for a port until the lines are written over it.
        let analyzers: Vec<_> = places
            .map(|(id, unit)| Analyzer { id, area: "area-1", link: Link::Modbus(u16::from(*unit)) })
            .collect();
        let folder = SiteFolder::write(&analyzers, Options::default())?;
        let path = folder.site().join("analyzers.toml");
        let mut text = fs::read_to_string(&path)?;
        for unit in units {
            let tcp = format!("modbus = {{ host = \"127.0.0.1\", port = {unit}, unit = 1 }}");
            ensure!(text.contains(&tcp), "analyzers.toml reads otherwise:\n{text}");
            text = text.replace(&tcp, &line.written(*unit));
        }
        fs::write(&path, text)?;
        let station = Station::run(&folder.site(), &folder.data())?;
        let park = Self { line, station, _folder: folder };
        for unit in there {
            park.link_is(*unit, "online")?;
        }
        Ok(park)
    }

    /// Waits until the link of `unit` is this; gives its health.
    pub(super) fn link_is(&self, unit: u8, link: &str) -> Result<Value> {
        let analyzer = format!("at-{unit}");
        self.station.until(&format!("{analyzer} is {link}"), LATER, |station| {
            let health = station.analyzer(&analyzer)?;
            Ok((health["link"] == link).then_some(health))
        })
    }

    /// Waits until the channel of `unit` is as `is` wants it.
    pub(super) fn reads(&self, unit: u8, what: &str, is: impl Fn(&Value) -> bool) -> Result<Value> {
        self.station.until(&format!("unit {unit}: {what}"), LATER, |station| {
            let channel = station.channel(&format!("at-{unit}-cl2"))?;
            Ok(is(&channel).then_some(channel))
        })
    }

    /// Waits for a good reading of this value.
    pub(super) fn reads_good(&self, unit: u8, ppm: f64) -> Result<Value> {
        self.reads(unit, &format!("{ppm} ppm, good"), |channel| {
            channel["value"] == ppm && channel["quality"] == "good"
        })
    }
}
