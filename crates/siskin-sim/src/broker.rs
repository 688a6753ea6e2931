//! A mosquitto of our own, on a free port of loopback, for the demo and for tests.
//!
//! It must never outlive whoever started it: it is killed and waited for on [`PrivateBroker::stop`]
//! and on drop, and where `setpriv` is installed the kernel ends it when the thread that started it
//! ends, also after `kill -9`. So start it from a thread that lives as long as the broker shall
//! (the runtime's own threads do, threads of `spawn_blocking` do not). It is in a process group of
//! its own: Ctrl-C does not reach it, so it goes after those who use it.

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::SimError;

/// Ports tried: another process may take a free port before the broker does.
const START_TRIES_MAX: u32 = 5;
/// Attempts to connect before the broker is given up.
const CONNECT_TRIES_MAX: u32 = 250;
/// Time between two of them.
const CONNECT_AGAIN: Duration = Duration::from_millis(20);
/// How often a dropped broker is asked whether it has ended.
const REAP_TRIES_MAX: u32 = 100;
/// Time between two of them.
const REAP_AGAIN: Duration = Duration::from_millis(5);
/// How much of the broker's log is repeated in an error.
const LOG_LINES_MAX: usize = 5;
/// Where Debian puts daemons, which is not in everybody's PATH.
const FOLDERS: [&str; 3] = ["/usr/sbin", "/usr/local/sbin", "/usr/bin"];

/// A running mosquitto.
#[derive(Debug)]
pub struct PrivateBroker {
    port: u16,
    child: Child,
}

impl PrivateBroker {
    /// Starts a mosquitto whose files are in `dir` and waits until it accepts connections.
    pub async fn start(dir: &Path) -> Result<Self, SimError> {
        let mosquitto = find("mosquitto").ok_or_else(|| SimError::NoMosquitto {
            searched: format!("PATH and {}", FOLDERS.join(", ")),
        })?;
        let mut said = String::new();
        for _ in 0..START_TRIES_MAX {
            match Self::attempt(&mosquitto, dir).await? {
                Ok(broker) => return Ok(broker),
                Err(log) => said = log,
            }
        }
        Err(SimError::BrokerSilent { said })
    }

    /// The port it listens on, on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Ends it and waits until it has ended.
    pub async fn stop(mut self) {
        if let Err(error) = self.child.kill().await {
            tracing::warn!(target: "siskin_sim", %error, "cannot end the broker");
        }
    }

    /// One start on one port; the inner error is what the broker said.
    async fn attempt(mosquitto: &Path, dir: &Path) -> Result<Result<Self, String>, SimError> {
        let failed = |act| {
            move |source: io::Error| SimError::BrokerFiles { act, path: dir.to_owned(), source }
        };
        let port = free_port().map_err(failed("find a free port"))?;
        let (config, log) = (dir.join("mosquitto.conf"), dir.join("mosquitto.log"));
        std::fs::write(&config, config_text(port, &log)).map_err(failed("write the settings"))?;
        let child = command(mosquitto, &config).spawn();
        let child = child.map_err(failed("start mosquitto"))?;
        // From here on a dropped broker is ended.
        let mut broker = Self { port, child };
        for _ in 0..CONNECT_TRIES_MAX {
            let connected = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await;
            let status = broker.child.try_wait().map_err(failed("watch mosquitto"))?;
            match (status, connected) {
                (Some(status), _) => {
                    return Ok(Err(format!("it ended with {status}: {}", tail(&log))));
                }
                (None, Ok(_)) => return Ok(Ok(broker)),
                (None, Err(_)) => tokio::time::sleep(CONNECT_AGAIN).await,
            }
        }
        Ok(Err(format!("it does not accept connections: {}", tail(&log))))
    }
}

impl Drop for PrivateBroker {
    fn drop(&mut self) {
        if let Err(error) = self.child.start_kill() {
            tracing::debug!(target: "siskin_sim", %error, "the broker has ended before");
        }
        for _ in 0..REAP_TRIES_MAX {
            match self.child.try_wait() {
                Ok(None) => std::thread::sleep(REAP_AGAIN),
                Ok(Some(_)) | Err(_) => return,
            }
        }
        tracing::warn!(target: "siskin_sim", "the broker was killed and has not ended yet");
    }
}

/// The file `name` in PATH or where daemons are.
fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(FOLDERS.map(PathBuf::from));
    folders.map(|folder| folder.join(name)).find(|file| file.is_file())
}

fn free_port() -> io::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?.port())
}

/// The settings. Started by root, mosquitto would change its user, and with that the kernel forgets
/// that it shall end with us; `user root` keeps it, and for others it has no effect.
fn config_text(port: u16, log: &Path) -> String {
    format!(
        "listener {port} 127.0.0.1\n\
         allow_anonymous true\n\
         persistence false\n\
         user root\n\
         log_dest file {}\n\
         log_type error\n\
         log_type warning\n\
         log_type notice\n",
        log.display()
    )
}

fn command(mosquitto: &Path, config: &Path) -> Command {
    let mut command = if let Some(setpriv) = find("setpriv") {
        let mut command = Command::new(setpriv);
        command.args(["--pdeathsig", "TERM", "--"]).arg(mosquitto);
        command
    } else {
        tracing::warn!(
            target: "siskin_sim",
            "no `setpriv`: after kill -9 the broker stays; hint: install util-linux"
        );
        Command::new(mosquitto)
    };
    command.arg("-c").arg(config);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.process_group(0).kill_on_drop(true);
    command
}

/// The last lines of the log.
fn tail(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let from = lines.len().saturating_sub(LOG_LINES_MAX);
    match lines.get(from..) {
        Some(last) if !last.is_empty() => last.join("; "),
        _ => "its log is empty".to_owned(),
    }
}

#[cfg(test)]
mod tests;
