//! The thread that owns writing: gathers, appends, syncs, and only then thanks the sources.
//!
//! While the disk takes nothing, readings wait in memory up to [`HELD_ROWS_MAX`]; beyond it the
//! oldest are dropped, counted and told, and their sources are not thanked.

use std::collections::VecDeque;
use std::io;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use siskin_model::Reading;
use siskin_wire::link::{ROWS_MAX, Row};
use tokio::sync::mpsc;
use tokio::sync::oneshot;

use super::{HELD_ROWS_MAX, SYNC_EVERY, SharedSpool, SpoolError};
use crate::Intake;

/// The pause before a disk that took nothing is tried again.
const RETRY_EVERY: Duration = Duration::from_secs(1);

/// The running thread.
#[derive(Debug)]
pub struct Writer {
    thread: JoinHandle<()>,
}

struct Held {
    rows: Vec<Row>,
    committed: Option<oneshot::Sender<()>>,
}

impl Writer {
    /// Starts it. It ends when all senders of `intake` are gone and what they sent is written, or
    /// cannot be.
    pub fn start(spool: SharedSpool, intake: mpsc::Receiver<Intake>) -> io::Result<Self> {
        let named = thread::Builder::new().name("siskin-spool".into());
        let thread = named.spawn(move || Desk::new(spool).run(intake))?;
        Ok(Self { thread })
    }

    /// Waits for its end.
    pub fn join(self) {
        if self.thread.join().is_err() {
            tracing::error!(target: "siskin::spool", "spool writer panicked");
        }
    }
}

struct Desk {
    spool: SharedSpool,
    /// The spool's number of every channel of the site.
    places: Vec<Option<u32>>,
    held: VecDeque<Held>,
    held_rows: usize,
}

impl Desk {
    fn new(spool: SharedSpool) -> Self {
        let places = {
            let open = spool.lock();
            let place = |id| (0u32..).zip(open.channels()).find(|(_, c)| *c == id).map(|(n, _)| n);
            open.settings.channels.iter().map(place).collect()
        };
        Self { spool, places, held: VecDeque::new(), held_rows: 0 }
    }

    fn run(mut self, mut intake: mpsc::Receiver<Intake>) {
        let mut synced_at: Option<Instant> = None;
        loop {
            if self.held.is_empty() {
                let Some(first) = intake.blocking_recv() else { return };
                self.accept(first);
            } else {
                thread::sleep(RETRY_EVERY);
            }
            let wait = synced_at.map(|at| SYNC_EVERY.saturating_sub(at.elapsed()));
            thread::sleep(wait.unwrap_or_default());
            self.gather(&mut intake);
            self.write();
            synced_at = Some(Instant::now());
            if !self.held.is_empty() && intake.is_closed() && intake.is_empty() {
                self.give_up();
                return;
            }
        }
    }

    /// Takes what waits, at most [`HELD_ROWS_MAX`] readings a turn: beyond it the sources wait. A
    /// disk that takes nothing must not stop them, or nobody would see the air any more.
    fn gather(&mut self, intake: &mut mpsc::Receiver<Intake>) {
        let before = self.held_rows;
        while self.held_rows - before < HELD_ROWS_MAX {
            match intake.try_recv() {
                Ok(next) => self.accept(next),
                Err(_) => break,
            }
        }
    }

    fn accept(&mut self, intake: Intake) {
        match intake {
            Intake::Readings { readings, committed, .. } => {
                let rows: Vec<Row> = readings.iter().filter_map(|r| self.row(r)).collect();
                self.held_rows += rows.len();
                self.held.push_back(Held { rows, committed });
            }
            // The station's own; nobody sends one at a gateway.
            Intake::Pulse(_) => {}
            Intake::Health(health) => {
                self.spool.set_health(health);
                self.spool.news.notify_one();
            }
        }
    }

    fn row(&self, reading: &Reading) -> Option<Row> {
        let place = (*self.places.get(reading.channel.get())?)?;
        Some(Row::of(reading, place))
    }

    /// Writes what is held, as far as the disk takes it.
    fn write(&mut self) {
        if self.held.is_empty() {
            return;
        }
        let mut thanked = Vec::new();
        let failed = loop {
            if self.held.is_empty() {
                break None;
            }
            match self.append_some() {
                Ok(senders) => thanked.extend(senders),
                Err(error) => break Some(error),
            }
        };
        let synced = self.spool.lock().sync();
        if synced.is_ok() {
            for sender in thanked {
                // A source that no longer waits is a source that has ended.
                let _gone = sender.send(());
            }
        }
        self.told(failed.or(synced.err()));
        self.drop_beyond_limit();
        self.spool.news.notify_one();
    }

    /// One batch of the oldest that are held. When the disk refuses, the policy makes room once.
    fn append_some(&mut self) -> Result<Vec<oneshot::Sender<()>>, SpoolError> {
        let mut rows: Vec<Row> = Vec::new();
        let mut count = 0;
        for held in &self.held {
            if !rows.is_empty() && rows.len() + held.rows.len() > ROWS_MAX {
                break;
            }
            rows.extend(&held.rows);
            count += 1;
        }
        for part in rows.chunks(ROWS_MAX) {
            let mut spool = self.spool.lock();
            if let Err(error) = spool.append(part) {
                tracing::warn!(target: "siskin::spool", %error, "making room");
                spool.give_way()?;
                spool.append(part)?;
            }
        }
        self.held_rows -= rows.len();
        Ok(self.held.drain(..count).filter_map(|held| held.committed).collect())
    }

    fn told(&self, failed: Option<SpoolError>) {
        let mut spool = self.spool.lock();
        let why = failed.map(|error| error.to_string());
        if why.is_some() && spool.failing.is_none() {
            tracing::error!(target: "siskin::spool", why, "the spool cannot write");
        } else if why.is_none() && spool.failing.is_some() {
            tracing::info!(target: "siskin::spool", "the spool writes again");
        }
        spool.failing = why;
    }

    /// What could not be written until the end is lost: the next start tells it.
    fn give_up(&mut self) {
        tracing::error!(target: "siskin::spool", readings = self.held_rows, "not spooled");
        let mut spool = self.spool.lock();
        for held in self.held.drain(..) {
            spool.lost_unwritten(&held.rows);
        }
        if let Err(error) = spool.sync() {
            tracing::error!(target: "siskin::spool", %error, "and not noted");
        }
    }

    fn drop_beyond_limit(&mut self) {
        while self.held_rows > HELD_ROWS_MAX {
            let Some(oldest) = self.held.pop_front() else { break };
            self.held_rows -= oldest.rows.len();
            self.spool.lock().lost_unwritten(&oldest.rows);
        }
    }
}
