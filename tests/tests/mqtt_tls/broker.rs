//! mosquitto as `deploy/mosquitto` sets it up, in a folder of the test and on a free port.

use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::binary;
use e2e::certificates;
use e2e::process::Process;
use e2e::wait::poll;
use tempfile::TempDir;

/// How long the broker may take to listen.
const START_MAX: Duration = Duration::from_secs(10);
/// The password of every user.
pub(crate) const PASSWORD: &str = "only-for-tests";

/// The broker; its files outlive its process.
pub(crate) struct TlsBroker {
    process: Option<Process>,
    pub(crate) port: u16,
    folder: TempDir,
}

impl TlsBroker {
    /// With a certificate for 127.0.0.1 and the users `siskin`, `at-1` and `at-2`.
    pub(crate) fn start() -> Result<Self> {
        let held = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = held.local_addr()?.port();
        drop(held);
        let mut broker = Self { process: None, port, folder: tempfile::tempdir()? };
        broker.install()?;
        broker.restart()?;
        Ok(broker)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What README.md says, with this folder for /etc/siskin/mosquitto.
    fn install(&self) -> Result<()> {
        let shipped = binary::root().join("deploy/mosquitto");
        let read = |name: &str| fs::read_to_string(shipped.join(name));
        fs::create_dir(self.path("db"))?;
        let here = self.folder.path().to_str().context("the folder has no name")?;
        let mut text = read("mosquitto.conf")?;
        for (from, to) in [
            ("/etc/siskin/mosquitto", here.to_owned()),
            ("/var/lib/siskin/mosquitto/", format!("{here}/db/")),
            ("\nlistener 8883\n", format!("\nlistener {} 127.0.0.1\n", self.port)),
        ] {
            ensure!(text.contains(from), "mosquitto.conf has no `{from}`");
            text = text.replace(from, &to);
        }
        // Started by root it would change its user, and then the kernel would not end it with us.
        fs::write(self.path("mosquitto.conf"), text + "\nuser root\n")?;
        fs::write(self.path("acl"), read("acl")?)?;
        self.certificates("certs", &["127.0.0.1", "localhost"])?;
        self.certificates("certs", &["--client", "siskin"])?;
        let users = ["siskin", "at-1", "at-2"].map(|user| format!("{user}:{PASSWORD}\n"));
        fs::write(self.path("passwd"), users.concat())?;
        run(Command::new("mosquitto_passwd").arg("-U").arg(self.path("passwd")))
    }

    /// Runs the shipped script.
    pub(crate) fn certificates(&self, folder: &str, names: &[&str]) -> Result<()> {
        certificates::make(&self.path(folder), names)
    }

    /// Changes a file of the broker; seen at its next start.
    pub(crate) fn edit(&self, name: &str, from: &str, to: &str) -> Result<()> {
        let text = fs::read_to_string(self.path(name))?;
        ensure!(text.contains(from), "{name} has no `{from}`");
        Ok(fs::write(self.path(name), text.replace(from, to))?)
    }

    /// kill -9.
    pub(crate) fn kill(&mut self) -> Result<()> {
        self.process.take().map_or(Ok(()), |mut process| process.kill())
    }

    pub(crate) fn restart(&mut self) -> Result<()> {
        self.kill()?;
        let program = ["/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto", "/usr/bin/mosquitto"];
        let program = program.into_iter().find(|path| Path::new(path).exists());
        let mut command = Command::new(program.context("no mosquitto; hint: make debian-test")?);
        let config = self.path("mosquitto.conf");
        let mut process = Process::start("mosquitto", command.arg("-c").arg(config))?;
        poll("mosquitto listens", START_MAX, || {
            ensure!(process.ended(Duration::ZERO).is_err(), "mosquitto ended:\n{}", process.log());
            Ok(TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).ok())
        })?;
        self.process = Some(process);
        Ok(())
    }

    /// Publishes as `user` with mosquitto_pub by TLS, QoS 1: it is with the broker when this ends.
    pub(crate) fn publish(&self, user: &str, topic: &str, payload: &str) -> Result<()> {
        let port = self.port.to_string();
        run(Command::new("mosquitto_pub")
            .args(["-h", "127.0.0.1", "-p", &port, "-q", "1", "-u", user, "-P", PASSWORD])
            .args(["-t", topic, "-m", payload, "--cafile"])
            .arg(self.path("certs/ca.crt")))
    }

    /// Whether the broker has written `text` to its disk.
    pub(crate) fn has_on_disk(&self, text: &str) -> Result<bool> {
        let file = self.path("db/mosquitto.db");
        let bytes = if file.exists() { fs::read(file)? } else { Vec::new() };
        Ok(bytes.windows(text.len()).any(|window| window == text.as_bytes()))
    }
}

fn run(command: &mut Command) -> Result<()> {
    let output = command.output().with_context(|| format!("cannot start {command:?}"))?;
    let told = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?} ended with {}: {told}", output.status);
    Ok(())
}
