//! mosquitto with the settings of `deploy/mosquitto`, on loopback without TLS.
//!
//! Two settings differ: it does not write its file after every change, which would measure that
//! file and nothing else, and it says who subscribes, so that nobody is measured too early.

use std::fmt::Write as _;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, ensure};
use e2e::binary;
use e2e::process::Process;
use e2e::wait::poll;
use tempfile::TempDir;

/// Changes before the broker writes its file: more than a round has.
pub(crate) const AUTOSAVE_CHANGES: u32 = 100_000_000;
/// How long it may take to listen, and somebody to subscribe.
const START_MAX: Duration = Duration::from_secs(30);
const CONFIG: &str = "deploy/mosquitto/mosquitto.conf";

/// A broker that ends with the round.
pub(crate) struct Broker {
    process: Process,
    pub(crate) port: u16,
    _folder: TempDir,
}

impl Broker {
    pub(crate) fn start() -> Result<Self> {
        let held = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = held.local_addr()?.port();
        drop(held);
        let folder = tempfile::tempdir()?;
        let shipped = std::fs::read_to_string(binary::root().join(CONFIG))?;
        let config = folder.path().join("mosquitto.conf");
        std::fs::write(&config, text(&shipped, port, &folder)?)?;
        // Debian keeps it where only the administrator looks.
        let path = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin:/usr/local/sbin";
        let mut command = Command::new("mosquitto");
        command.env("PATH", path).arg("-c").arg(config);
        let mut process = Process::start("mosquitto", &command)?;
        poll("mosquitto listens", START_MAX, || {
            ensure!(process.ended(Duration::ZERO).is_err(), "mosquitto ended:\n{}", process.log());
            Ok(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok())
        })?;
        Ok(Self { process, port, _folder: folder })
    }

    /// Waits until somebody has subscribed to `topic`.
    pub(crate) fn subscribed(&self, topic: &str) -> Result<()> {
        poll(&format!("a subscription to {topic}"), START_MAX, || {
            Ok(self.process.log().lines().any(|line| line.ends_with(topic)).then_some(()))
        })
    }
}

/// The general part of the shipped settings, and a listener of our own.
fn text(shipped: &str, port: u16, folder: &TempDir) -> Result<String> {
    let mut text = String::new();
    for line in shipped.lines().take_while(|line| !line.starts_with("listener")) {
        match line.split_once(' ') {
            Some(("persistence_location", _)) => {
                writeln!(text, "persistence_location {}/", folder.path().display())?;
            }
            Some(("autosave_interval", _)) => {
                writeln!(text, "autosave_interval {AUTOSAVE_CHANGES}")?;
            }
            _ => writeln!(text, "{line}")?,
        }
    }
    // Started by root it would change its user, and then the kernel would not end it with us.
    writeln!(text, "log_type subscribe\nuser root\nlistener {port} 127.0.0.1")?;
    writeln!(text, "allow_anonymous true")?;
    Ok(text)
}
