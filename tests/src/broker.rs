//! A private mosquitto, and payloads published by its own client.

use std::fmt::Write as _;
use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use crate::process::Process;
use crate::wait::poll;

/// How long the broker may take to listen.
const START_MAX: Duration = Duration::from_secs(10);
/// Where Debian puts the broker.
const PLACES: [&str; 3] =
    ["/usr/sbin/mosquitto", "/usr/bin/mosquitto", "/usr/local/sbin/mosquitto"];

/// A broker on loopback that ends with the test; sessions live as long as it does.
#[derive(Debug)]
pub struct Broker {
    process: Option<Process>,
    port: u16,
    folder: TempDir,
}

impl Broker {
    /// Starts it on a free port.
    pub fn start() -> Result<Self> {
        let held = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = held.local_addr()?.port();
        drop(held);
        let mut broker = Self { process: None, port, folder: tempfile::tempdir()? };
        broker.restart()?;
        Ok(broker)
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Kills it; whoever is connected loses the line.
    pub fn kill(&mut self) -> Result<()> {
        self.process.take().map_or(Ok(()), |mut process| process.kill())
    }

    /// Starts it again on the same port, with no memory.
    pub fn restart(&mut self) -> Result<()> {
        self.kill()?;
        let config = self.folder.path().join("mosquitto.conf");
        let mut text = String::new();
        writeln!(text, "listener {} 127.0.0.1", self.port)?;
        // Started by root it would change its user, and then the kernel would not end it with us.
        writeln!(text, "allow_anonymous true\npersistence false\nuser root")?;
        writeln!(text, "connection_messages false")?;
        std::fs::write(&config, text)?;
        let mut command = Command::new(program()?);
        let mut process = Process::start("mosquitto", command.arg("-c").arg(config))?;
        poll("mosquitto listens", START_MAX, || {
            ensure!(process.ended(Duration::ZERO).is_err(), "mosquitto ended:\n{}", process.log());
            Ok(TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).ok())
        })?;
        self.process = Some(process);
        Ok(())
    }

    /// Publishes with mosquitto_pub, QoS 1: it is with the broker when this returns.
    pub fn publish(&self, topic: &str, payload: &str) -> Result<()> {
        self.publish_with(topic, payload, &[])
    }

    /// Publishes all of them in order over one connection; the broker has them when this returns.
    pub fn publish_all(&self, topic: &str, payloads: &[String]) -> Result<()> {
        let port = self.port.to_string();
        let mut child = Command::new("mosquitto_pub")
            .args(["-h", "127.0.0.1", "-p", &port, "-q", "1", "-t", topic, "-l"])
            .stdin(Stdio::piped())
            .spawn()
            .context("cannot start mosquitto_pub; hint: make debian-test")?;
        let mut lines = child.stdin.take().context("no stdin")?;
        lines.write_all((payloads.join("\n") + "\n").as_bytes())?;
        drop(lines);
        let status = child.wait()?;
        ensure!(status.success(), "mosquitto_pub ended with {status}");
        Ok(())
    }

    /// One payload with more arguments, for example `--retain`.
    pub fn publish_with(&self, topic: &str, payload: &str, more: &[&str]) -> Result<()> {
        let port = self.port.to_string();
        let status = Command::new("mosquitto_pub")
            .args(["-h", "127.0.0.1", "-p", &port, "-q", "1"])
            .args(["-t", topic, "-m", payload])
            .args(more)
            .status()
            .context("cannot start mosquitto_pub; hint: make debian-test")?;
        ensure!(status.success(), "mosquitto_pub ended with {status}");
        Ok(())
    }
}

fn program() -> Result<PathBuf> {
    let found = PLACES.map(Path::new).into_iter().find(|path| path.exists());
    let found = found.context("there is no mosquitto; hint: make debian-test")?;
    Ok(found.to_owned())
}
