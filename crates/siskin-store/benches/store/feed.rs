//! Appends as the station makes them: one batch a second of data, and the roll of every half minute
//! in a thread beside it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::ScopedJoinHandle;
use std::time::Duration;

use siskin_model::{ChannelId, Reading, Timestamp, Unit};
use siskin_store::series::ROLL_GRACE_MS;
use siskin_store::{ChannelKey, Series};

use crate::measure::{cpu_s, timed};
use crate::park::HOUR_S;

/// The station rolls every half minute.
pub(crate) const ROLL_S: usize = 30;

/// Opens the series of so many channels.
pub(crate) fn open(folder: &std::path::Path, channels: u32) -> Series {
    let key = |i: u32| ChannelKey {
        id: ChannelId::new(&format!("at-{i}")).unwrap(),
        quantity: "chlorine".to_owned(),
        unit: Unit::Ppm,
    };
    Series::open(folder, &(0..channels).map(key).collect::<Vec<_>>()).unwrap()
}

/// What appending took.
#[derive(Default)]
pub(crate) struct Appended {
    pub(crate) readings: u64,
    pub(crate) times: Vec<Duration>,
    /// Of those, while an hour that was over was rolled.
    pub(crate) at_turn: Vec<Duration>,
    pub(crate) cpu_s: f64,
}

impl Appended {
    pub(crate) fn busy_s(&self) -> f64 {
        self.times.iter().sum::<Duration>().as_secs_f64()
    }
}

/// What rolling took.
#[derive(Default)]
pub(crate) struct Rolled {
    pub(crate) chunk_bytes: u64,
    /// Of the rolls that wrote chunks.
    pub(crate) times: Vec<Duration>,
    pub(crate) cpu_s: f64,
}

/// A roll in a thread of its own, which is asked now and then.
pub(crate) struct Roller<'scope> {
    ask: SyncSender<Timestamp>,
    thread: ScopedJoinHandle<'scope, Rolled>,
}

impl<'scope> Roller<'scope> {
    /// `at_turn` is true while it rolls an hour that is over.
    pub(crate) fn start<'env>(
        scope: &'scope std::thread::Scope<'scope, 'env>,
        series: &'env Series,
        at_turn: &'env AtomicBool,
    ) -> Self {
        let (ask, asked) = sync_channel(0);
        let thread = scope.spawn(move || roll_when_asked(series, &asked, at_turn));
        Self { ask, thread }
    }

    /// Does nothing while it rolls.
    fn ask(&self, now: Timestamp) {
        self.ask.try_send(now).ok();
    }

    pub(crate) fn end(self) -> Rolled {
        drop(self.ask);
        self.thread.join().unwrap()
    }
}

fn roll_when_asked(series: &Series, asked: &Receiver<Timestamp>, at_turn: &AtomicBool) -> Rolled {
    let mut rolled = Rolled::default();
    let mut hour_rolled = None;
    let cpu_before = cpu_s("thread-self");
    for now in asked {
        let hour = (now.as_millis() - ROLL_GRACE_MS).div_euclid(HOUR_S * 1000);
        at_turn.store(hour_rolled.is_some_and(|last| last < hour), Ordering::Relaxed);
        hour_rolled = Some(hour);
        let (report, took) = timed(|| series.roll(now, series.newest_seq()).unwrap());
        at_turn.store(false, Ordering::Relaxed);
        if report.chunks > 0 {
            rolled.times.push(took);
            rolled.chunk_bytes += report.bytes;
        }
    }
    rolled.cpu_s = cpu_s("thread-self") - cpu_before;
    rolled
}

/// Appends one batch after the other, as fast as it goes.
pub(crate) fn append_all(
    series: &Series,
    batches: &[Vec<Reading>],
    roller: &Roller<'_>,
    at_turn: &AtomicBool,
    appended: &mut Appended,
) {
    let cpu_before = cpu_s("thread-self");
    for (second, batch) in batches.iter().enumerate() {
        if second % ROLL_S == 0
            && let Some(reading) = batch.first()
        {
            roller.ask(reading.measured_at);
        }
        let turns = at_turn.load(Ordering::Relaxed);
        let ((), took) = timed(|| {
            series.append(batch).unwrap();
        });
        appended.times.push(took);
        if turns || at_turn.load(Ordering::Relaxed) {
            appended.at_turn.push(took);
        }
        appended.readings += batch.len() as u64;
    }
    appended.cpu_s += cpu_s("thread-self") - cpu_before;
}
