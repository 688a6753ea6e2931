//! What the gateway reads: a broker that keeps what was not acknowledged, and publishers that
//! count.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use e2e::moment;
use e2e::process::Process;
use e2e::publisher::Publisher;
use e2e::wait::poll;
use serde_json::json;

/// How long the broker may take to listen.
const START_MAX: Duration = Duration::from_secs(10);
/// Where Debian puts it.
const MOSQUITTO: &str = "/usr/sbin/mosquitto";
/// Between two messages of one analyzer.
const EVERY: Duration = Duration::from_millis(10);
/// The same for each analyzer there is, where that is more.
const EVERY_OF_EACH: Duration = Duration::from_millis(1);
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
             connection_messages false\nmax_queued_messages 0\nmax_inflight_messages 256\n"
        );
        fs::write(&config, text)?;
        let mut command = Command::new(MOSQUITTO);
        let process = Process::start("mosquitto", command.arg("-c").arg(config))?;
        poll("mosquitto listens", START_MAX, || {
            Ok(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok())
        })?;
        Ok(Self { port, _process: process })
    }

    /// Publishes all of it in order by the broker's own client; the broker has it when this
    /// returns.
    pub(crate) fn publish(&self, analyzer: &str, readings: &[(i64, f64)]) -> Result<()> {
        let (port, topic) = (self.port.to_string(), topic(analyzer));
        let mut child = Command::new("mosquitto_pub")
            .args(["-h", "127.0.0.1", "-p", &port, "-q", "1", "-t", &topic, "-l"])
            .stdin(Stdio::piped())
            .spawn()
            .context("cannot start mosquitto_pub; hint: make debian-test")?;
        let mut lines = child.stdin.take().context("no stdin")?;
        let text: String = readings.iter().map(|(at, ppm)| payload(*at, *ppm) + "\n").collect();
        lines.write_all(text.as_bytes())?;
        drop(lines);
        let status = child.wait()?;
        ensure!(status.success(), "mosquitto_pub ended with {status}");
        Ok(())
    }
}

fn topic(analyzer: &str) -> String {
    format!("park/{analyzer}/reading")
}

fn payload(at_ms: i64, ppm: f64) -> String {
    json!({ "ts": at_ms, "value": ppm, "unit": "ppm", "status": "ok" }).to_string()
}

/// A publisher of counted readings of every analyzer until it is stopped.
pub(crate) struct Feed {
    every: Duration,
    rounds: Arc<AtomicUsize>,
    stopping: Arc<AtomicBool>,
    thread: JoinHandle<Result<Vec<Sent>>>,
}

impl Feed {
    /// A reading of each analyzer every 10 ms, or less often where they are many: never more than
    /// about 1,000 readings a second.
    pub(crate) fn start(broker: &Broker, analyzers: &[impl AsRef<str>]) -> Result<Self> {
        let publisher = Publisher::connect(broker.port)?;
        let topics: Vec<_> = analyzers.iter().map(|id| topic(id.as_ref())).collect();
        let every = EVERY.max(EVERY_OF_EACH * u32::try_from(topics.len())?);
        let (rounds, stopping) = (Arc::<AtomicUsize>::default(), Arc::<AtomicBool>::default());
        let (counted, asked) = (Arc::clone(&rounds), Arc::clone(&stopping));
        let thread = thread::spawn(move || publish(publisher, &topics, every, &counted, &asked));
        Ok(Self { every, rounds, stopping, thread })
    }

    /// How often every analyzer has sent.
    pub(crate) fn rounds(&self) -> usize {
        self.rounds.load(Ordering::Relaxed)
    }

    /// Returns when every analyzer has sent this many more.
    pub(crate) fn more(&self, rounds: usize) -> Result<()> {
        let until = self.rounds() + rounds;
        let limit = self.every * u32::try_from(rounds)? * 10 + START_MAX;
        poll("more is sent", limit, || {
            ensure!(!self.thread.is_finished(), "the publisher has ended; hint: see the broker");
            Ok((self.rounds() >= until).then_some(()))
        })
    }

    /// Lets it send for exactly so long: a moment that has nothing to do with what is sent.
    pub(crate) fn during(&self, span: Duration) -> Result<()> {
        thread::sleep(span);
        ensure!(!self.thread.is_finished(), "the publisher has ended; hint: see the broker");
        Ok(())
    }

    /// Stops; the broker has all of what is returned, per analyzer.
    pub(crate) fn stop(self) -> Result<Vec<Sent>> {
        self.stopping.store(true, Ordering::Relaxed);
        self.thread.join().map_err(|_| anyhow::anyhow!("the publisher panicked"))?
    }
}

fn publish(
    mut publisher: Publisher,
    topics: &[String],
    every: Duration,
    rounds: &AtomicUsize,
    stopping: &AtomicBool,
) -> Result<Vec<Sent>> {
    let mut sent = vec![Sent::new(); topics.len()];
    // A clock that ticks: nobody ever sends to it.
    let (_never, clock) = mpsc::sync_channel::<()>(1);
    let (mut at_ms, mut count) = (0, 0);
    while !stopping.load(Ordering::Relaxed) {
        let began = Instant::now();
        at_ms = moment::now_ms().max(at_ms + 1);
        count += 1;
        // Analyzers differ, so that none can stand for another.
        let values = (count..).map(|place| f64::from(place % VALUES) / 100.0);
        let mut messages = Vec::with_capacity(topics.len());
        for ((topic, sent), ppm) in topics.iter().zip(&mut sent).zip(values) {
            messages.push((topic.clone(), payload(at_ms, ppm)));
            sent.insert(at_ms, ppm);
        }
        publisher.send(messages)?;
        rounds.fetch_add(1, Ordering::Relaxed);
        let _timeout = clock.recv_timeout(every.saturating_sub(began.elapsed()));
    }
    publisher.settle()?;
    Ok(sent)
}
