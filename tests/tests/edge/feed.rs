//! What the gateway reads: a broker that keeps what was not acknowledged, and publishers that
//! count.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::moment;
use e2e::process::Process;
use e2e::wait::poll;
use serde_json::json;

/// How long the broker may take to listen.
const START_MAX: Duration = Duration::from_secs(10);
/// Where Debian puts it.
const MOSQUITTO: &str = "/usr/sbin/mosquitto";
/// Between two messages of one analyzer.
const EVERY: Duration = Duration::from_millis(10);
/// Values that are counted through, in hundredths of a ppm; below every rule.
const VALUES: u32 = 90;

/// What one analyzer sent: stamp in ms to ppm.
pub(crate) type Sent = BTreeMap<i64, f64>;

/// mosquitto without a limit on what waits for a client that is away: a test about the gateway
/// must not lose anything before it. Nothing is on its disk; it outlives all others.
pub(crate) struct Broker {
    pub(crate) port: u16,
    _process: Process,
}

impl Broker {
    pub(crate) fn start(folder: &Path) -> Result<Self> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let config = folder.join("mosquitto.conf");
        // Started by root it would change its user, and then the kernel would not end it with us.
        let text = format!(
            "listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\nuser root\n\
             connection_messages false\nmax_queued_messages 0\n"
        );
        fs::write(&config, text)?;
        let mut command = Command::new(MOSQUITTO);
        let process = Process::start("mosquitto", command.arg("-c").arg(config))?;
        poll("mosquitto listens", START_MAX, || {
            Ok(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok())
        })?;
        Ok(Self { port, _process: process })
    }

    /// A client that publishes the lines it is given at QoS 1.
    pub(crate) fn client(&self, analyzer: &str) -> Result<(Child, ChildStdin)> {
        let (port, topic) = (self.port.to_string(), format!("park/{analyzer}/reading"));
        let mut child = Command::new("mosquitto_pub")
            .args(["-h", "127.0.0.1", "-p", &port, "-q", "1", "-t", &topic, "-l"])
            .stdin(Stdio::piped())
            .spawn()
            .context("cannot start mosquitto_pub; hint: make debian-test")?;
        let stdin = child.stdin.take().context("no stdin")?;
        Ok((child, stdin))
    }

    /// Publishes all of it in order; the broker has it when this returns.
    pub(crate) fn publish(&self, analyzer: &str, readings: &[(i64, f64)]) -> Result<()> {
        let (child, mut lines) = self.client(analyzer)?;
        let text: String = readings.iter().map(|(at, ppm)| payload(*at, *ppm)).collect();
        lines.write_all(text.as_bytes())?;
        drop(lines);
        done(child)
    }
}

fn payload(at_ms: i64, ppm: f64) -> String {
    json!({ "ts": at_ms, "value": ppm, "unit": "ppm", "status": "ok" }).to_string() + "\n"
}

fn done(mut child: Child) -> Result<()> {
    let status = child.wait()?;
    ensure!(status.success(), "mosquitto_pub ended with {status}");
    Ok(())
}

/// Publishers of counted readings, one an analyzer, until they are stopped.
pub(crate) struct Feed {
    rounds: Arc<AtomicUsize>,
    stopping: Arc<AtomicBool>,
    thread: JoinHandle<Result<Vec<Sent>>>,
    children: Vec<Child>,
}

impl Feed {
    pub(crate) fn start(broker: &Broker, analyzers: &[&str]) -> Result<Self> {
        let clients: Result<Vec<_>> = analyzers.iter().map(|id| broker.client(id)).collect();
        let (children, pipes) = clients?.into_iter().unzip();
        let (rounds, stopping) = (Arc::<AtomicUsize>::default(), Arc::<AtomicBool>::default());
        let (counted, asked) = (Arc::clone(&rounds), Arc::clone(&stopping));
        let thread = thread::spawn(move || publish(pipes, &counted, &asked));
        Ok(Self { rounds, stopping, thread, children })
    }

    /// Returns when every analyzer has sent this many more.
    pub(crate) fn more(&self, rounds: usize) -> Result<()> {
        let until = self.rounds.load(Ordering::Relaxed) + rounds;
        let limit = EVERY * u32::try_from(rounds)? * 10 + START_MAX;
        poll("more is sent", limit, || {
            Ok((self.rounds.load(Ordering::Relaxed) >= until).then_some(()))
        })
    }

    /// Stops; the broker has all of what is returned, per analyzer.
    pub(crate) fn stop(self) -> Result<Vec<Sent>> {
        self.stopping.store(true, Ordering::Relaxed);
        let sent = self.thread.join().map_err(|_| anyhow::anyhow!("the publisher panicked"))?;
        self.children.into_iter().try_for_each(done)?;
        sent
    }
}

fn publish(
    mut pipes: Vec<ChildStdin>,
    rounds: &AtomicUsize,
    stopping: &AtomicBool,
) -> Result<Vec<Sent>> {
    let mut sent = vec![Sent::new(); pipes.len()];
    // A clock that ticks: nobody ever sends to it.
    let (_never, clock) = mpsc::sync_channel::<()>(1);
    let (mut at_ms, mut count) = (0, 0);
    while !stopping.load(Ordering::Relaxed) {
        at_ms = moment::now_ms().max(at_ms + 1);
        count = (count + 1) % VALUES;
        let ppm = f64::from(count) / 100.0;
        for (pipe, sent) in pipes.iter_mut().zip(&mut sent) {
            pipe.write_all(payload(at_ms, ppm).as_bytes())?;
            sent.insert(at_ms, ppm);
        }
        rounds.fetch_add(1, Ordering::Relaxed);
        let _timeout = clock.recv_timeout(EVERY);
    }
    Ok(sent)
}
