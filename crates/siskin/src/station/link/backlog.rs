//! The lane of late batches: a queue and a budget of its own, behind the live readings.
//!
//! One part at a time is in the pipeline, so that a live reading waits for one part at most. Late
//! readings are gathered for a while before the past is judged again: each time costs a channel the
//! whole reach of its rules, however few readings are new. Before the next gathering the past is
//! judged up to the end, so that the series' mark moves on and finished hours can be rolled.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use siskin_model::{ChannelIndex, Reading};
use siskin_wire::link::columns;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::super::pipeline::Command;
use super::state::readings_of;
use siskin_collect::Clock;

/// Batches of all gateways that may wait here; beyond it sessions wait, and gateways keep theirs.
pub(super) const BATCHES_MAX: usize = 2_048;
/// A part for the pipeline takes no more batches once it has this many readings.
const PART_READINGS: usize = 2_000;
/// After a part the pipeline is left to live readings for this many times as long as it took: few
/// of
/// them then wait for a part at all, and a day of 500 channels still drains within minutes.
const REST_FACTOR: u32 = 3;
/// The longest such rest: a part that a busy disk has delayed does not stop the lane.
const REST_MAX: Duration = Duration::from_millis(100);
/// Late readings that are gathered before the past is judged again.
const GATHER_READINGS_MAX: usize = 4_000_000;
/// How long is gathered at most.
const GATHER_MAX: Duration = Duration::from_mins(1);
/// No batch for this long ends a gathering.
const QUIET: Duration = Duration::from_millis(500);
/// How often is looked whether the past is judged.
const LOOK: Duration = Duration::from_millis(20);

/// A late batch on its way to the disk.
#[derive(Debug)]
pub(super) struct LateBatch {
    pub(super) seq: u64,
    /// Still packed: many may wait.
    pub(super) batch: Vec<u8>,
    pub(super) channels: Arc<[Option<ChannelIndex>]>,
    pub(super) stored: oneshot::Sender<Stored>,
}

/// What became of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stored {
    /// On disk; so many readings, and so many that were not the gateway's.
    Yes { readings: u64, refused: u64 },
    /// Its bytes cannot be read.
    Unreadable,
}

/// What the lane and the pipeline tell each other.
#[derive(Debug, Default)]
pub(crate) struct Gathering {
    phase: AtomicU8,
}

const NOTHING: u8 = 0;
const GATHERS: u8 = 1;
const JUDGES: u8 = 2;

impl Gathering {
    /// Late readings are being gathered: judging the past again now would be done again soon.
    pub(crate) fn holds(&self) -> bool {
        self.phase.load(Ordering::Acquire) == GATHERS
    }

    /// What was gathered shall be judged in all quiet moments.
    pub(crate) fn wants_judging(&self) -> bool {
        self.phase.load(Ordering::Acquire) == JUDGES
    }

    /// How many channels still wait to be judged again.
    pub(crate) fn set_waiting(&self, channels: usize) {
        if channels == 0 {
            // The lane may have begun to gather again meanwhile: then that stands.
            let (from, to) = (JUDGES, NOTHING);
            let order = Ordering::AcqRel;
            let _other = self.phase.compare_exchange(from, to, order, Ordering::Acquire);
        }
    }

    fn set(&self, phase: u8) {
        self.phase.store(phase, Ordering::Release);
    }
}

/// The one task of the lane.
pub(crate) struct Lane {
    inbox: mpsc::Receiver<LateBatch>,
    commands: mpsc::Sender<Command>,
    gathering: Arc<Gathering>,
    clock: Clock,
    stop: CancellationToken,
    gathered: usize,
    since: Instant,
}

impl Lane {
    pub(super) fn new(
        inbox: mpsc::Receiver<LateBatch>,
        commands: mpsc::Sender<Command>,
        gathering: Arc<Gathering>,
        clock: Clock,
        stop: CancellationToken,
    ) -> Self {
        Self { inbox, commands, gathering, clock, stop, gathered: 0, since: Instant::now() }
    }

    /// Works until the station stops.
    pub(crate) async fn run(mut self) {
        let stop = self.stop.clone();
        tokio::select! {
            () = stop.cancelled() => {}
            () = self.work() => {}
        }
    }

    async fn work(&mut self) {
        loop {
            let Some(first) = self.next().await else { return };
            if self.gathered == 0 {
                self.since = Instant::now();
            }
            self.gathering.set(GATHERS);
            let began = Instant::now();
            if !self.pass(first).await {
                return;
            }
            tokio::time::sleep((began.elapsed() * REST_FACTOR).min(REST_MAX)).await;
            if self.gathered >= GATHER_READINGS_MAX || self.since.elapsed() >= GATHER_MAX {
                self.judged().await;
            }
        }
    }

    /// The next batch; a quiet moment ends the gathering meanwhile.
    async fn next(&mut self) -> Option<LateBatch> {
        if self.gathered > 0 {
            match tokio::time::timeout(QUIET, self.inbox.recv()).await {
                Ok(batch) => return batch,
                Err(_quiet) => {
                    self.gathered = 0;
                    self.gathering.set(JUDGES);
                }
            }
        }
        self.inbox.recv().await
    }

    /// Waits until the past is judged up to what was gathered.
    async fn judged(&mut self) {
        self.gathered = 0;
        self.gathering.set(JUDGES);
        while self.gathering.wants_judging() {
            tokio::time::sleep(LOOK).await;
        }
    }

    /// One part: stored, and its sessions told. False when the pipeline has ended.
    async fn pass(&mut self, first: LateBatch) -> bool {
        let mut readings: Vec<Reading> = Vec::new();
        let mut done = Vec::new();
        let mut next = Some(first);
        while let Some(late) = next {
            match columns::decode(&late.batch) {
                Ok(rows) => {
                    let (own, refused) = readings_of(&rows, &late.channels, (self.clock)());
                    done.push((late.stored, own.len() as u64, refused));
                    readings.extend(own);
                }
                Err(error) => {
                    tracing::error!(seq = late.seq, %error, "a late batch cannot be read");
                    // The session may have ended.
                    let _gone = late.stored.send(Stored::Unreadable);
                }
            }
            next = if readings.len() < PART_READINGS { self.inbox.try_recv().ok() } else { None };
        }
        self.gathered += readings.len();
        let (committed, on_disk) = oneshot::channel();
        let command = Command::Backlog { readings, committed };
        if self.commands.send(command).await.is_err() || on_disk.await.is_err() {
            return false;
        }
        for (stored, readings, refused) in done {
            // The session may have ended; the gateway sends the batch again and is told then.
            let _gone = stored.send(Stored::Yes { readings, refused });
        }
        true
    }
}
