//! A running gateway: the real `siskin-edge`, started on a site's folder.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, ensure};

use crate::binary;
use crate::process::Process;

/// Its id in the site, and what it proves itself with.
pub const EDGE: &str = "gw-1";
/// The token of [`EDGE`].
pub const TOKEN: &str = "e2e-token-of-the-first-gateway";
/// How long it may take to say what it reads.
const START_MAX: Duration = Duration::from_secs(30);
/// How long an ordered stop may take.
const STOP_MAX: Duration = Duration::from_secs(20);

/// A gateway that ends with the test.
#[derive(Debug)]
pub struct Edge {
    process: Process,
}

impl Edge {
    /// `siskin-edge run` with its spool in `data`; `more` are further arguments.
    pub fn run(site: &Path, data: &Path, station_port: u16, more: &[&str]) -> Result<Self> {
        Self::run_to(&to(station_port), site, data, more)
    }

    /// The same to a station at this address.
    pub fn run_to(station: &str, site: &Path, data: &Path, more: &[&str]) -> Result<Self> {
        let edge = Self::begin_to(station, site, data, more)?;
        edge.process.line(START_MAX)?;
        Ok(edge)
    }

    /// Like [`Edge::run`] without waiting until it reads.
    pub fn begin(site: &Path, data: &Path, station_port: u16, more: &[&str]) -> Result<Self> {
        Self::begin_to(&to(station_port), site, data, more)
    }

    fn begin_to(station: &str, site: &Path, data: &Path, more: &[&str]) -> Result<Self> {
        let mut command = Command::new(binary::siskin_edge()?);
        command.arg("run").arg("--site").arg(site).arg("--data").arg(data);
        command.args(["--edge", EDGE]).args(more);
        command.args(["--station", station]);
        let process = Process::start("siskin-edge", command.env("SISKIN_LOG", "info"))?;
        Ok(Self { process })
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Ends it by kill -9.
    pub fn kill(mut self) -> Result<()> {
        self.process.kill()
    }

    /// Ends it in order.
    pub fn stop(mut self) -> Result<()> {
        self.process.signal("TERM")?;
        let status = self.process.ended(STOP_MAX)?;
        ensure!(status.success(), "siskin-edge ended with {status}");
        Ok(())
    }
}

fn to(station_port: u16) -> String {
    format!("ws://127.0.0.1:{station_port}")
}
