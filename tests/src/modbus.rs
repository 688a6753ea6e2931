//! Analyzers by a second maker's hand: pymodbus servers with the register map of a Honeywell Midas
//! (float32, low word first), written here from its manual and not from our profile.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::binary;
use crate::process::Process;

/// How long Python may take to load and listen.
const START_MAX: Duration = Duration::from_secs(20);
/// How long a command may take.
const COMMAND_MAX: Duration = Duration::from_secs(5);
/// Manual 40001: state of the monitor in bits 0-3, 1 is monitoring and 8 is calibration.
const STATE: &str = "0";
/// Manual 40003: the concentration.
const GAS: &str = "2";
/// Manual 40007: the unit, one bit each in the high byte; bit 8 is ppm.
const UNIT: &str = "6";
const UNIT_PPM: u16 = 0x0100;
/// Manual 40010: seconds of the device.
const SECONDS: u16 = 9;

/// What the state word says.
#[derive(Debug, Clone, Copy)]
pub enum State {
    /// It measures.
    Monitor = 1,
    /// Calibration gas flows.
    Calibration = 8,
}

/// What happened to a device so far, and when the command took effect.
#[derive(Debug, Clone, Copy)]
pub struct Done {
    /// The machine's clock when the change was made.
    pub at_ms: f64,
    /// Connections that were opened to it.
    pub connects: u64,
    /// Requests it got.
    pub requests: u64,
}

/// Running devices.
#[derive(Debug)]
pub struct Devices {
    process: Process,
    ports: BTreeMap<String, u16>,
}

impl Devices {
    /// Starts one device a name, each measuring 0 ppm.
    pub fn start(names: &[&str]) -> Result<Self> {
        let script = binary::root().join("tests/python/modbus_device.py");
        let mut command = Command::new(binary::python()?);
        let process = Process::start("modbus_device.py", command.arg(script).args(names))?;
        let first: Value = serde_json::from_str(&process.line(START_MAX)?)?;
        let ports = serde_json::from_value(first["ports"].clone())?;
        let mut devices = Self { process, ports };
        for name in names {
            devices.set(name, 0.0, State::Monitor)?;
        }
        Ok(devices)
    }

    /// Where a device listens on 127.0.0.1.
    pub fn port(&self, name: &str) -> Result<u16> {
        let port = self.ports.get(name).copied();
        port.with_context(|| format!("there is no device `{name}`"))
    }

    /// What the device measures and says of it.
    pub fn set(&mut self, name: &str, ppm: f32, state: State) -> Result<Done> {
        self.tell(&json!({
            "device": name,
            "float": { GAS: ppm },
            "registers": { STATE: state as u16, UNIT: UNIT_PPM },
            "clock": SECONDS,
        }))
    }

    /// How it behaves: `normal`, `hang`, `close` or `garbage`.
    pub fn mode(&mut self, name: &str, mode: &str) -> Result<Done> {
        self.tell(&json!({ "device": name, "mode": mode }))
    }

    /// Answers every request with this exception.
    pub fn exception(&mut self, name: &str, code: u8) -> Result<Done> {
        self.tell(&json!({ "device": name, "mode": "exception", "code": code }))
    }

    /// What happened to it so far.
    pub fn count(&mut self, name: &str) -> Result<Done> {
        self.tell(&json!({ "device": name }))
    }

    fn tell(&mut self, command: &Value) -> Result<Done> {
        self.process.write(&command.to_string())?;
        let line = self.process.line(COMMAND_MAX)?;
        let answer: Value = serde_json::from_str(&line)?;
        let part = |key: &str| answer[key].as_u64().with_context(|| line.clone());
        Ok(Done {
            at_ms: answer["at_ms"].as_f64().with_context(|| line.clone())?,
            connects: part("connects")?,
            requests: part("requests")?,
        })
    }
}
