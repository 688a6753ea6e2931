//! The process that is killed: appends, rolls, sums up and trims as a station does, and
//! says on standard output what it has done.
//!
//! Every line is a point at which it may be told to stop and wait for its end: after an
//! acknowledgement, before the commit of a chunk or a deletion, after it. The store tells these
//! points as events of tracing; nothing in it is made for this test.

use std::io::{Read, Write};
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use siskin_model::{Keep, Reading, Retention};
use siskin_store::{Ledger, Series};
use tracing::field::{Field, Visit};
use tracing::span;

use crate::support::{at, channels, reading};

/// More than one step of a roll takes.
pub(crate) const CHANNELS: u32 = 100;
pub(crate) const DIR: &str = "SISKIN_STORE_KILL_DIR";
/// At which line to stop and wait; unset where the parent kills at any moment.
pub(crate) const STOP_AT: &str = "SISKIN_STORE_KILL_STOP_AT";
/// The child ends by itself here, should its parent die.
const BATCHES_MAX: u64 = 20_000;
/// Of each batch's time, so that hours end and rolls have something to do.
const STEP_MS: i64 = 600_000;
/// Days of channels that are summed up or trimmed in one go.
const BUDGET: usize = 60;

/// What is done beside appends: after how many batches, and what.
type Act = fn(&Series, &Ledger, u64);
const ACTS: &[(u64, Act)] = &[(3, judge), (7, roll), (11, compact), (13, trim)];

/// As far as a station has judged; it says so after the readings are on disk.
fn judge(_: &Series, ledger: &Ledger, seq: u64) {
    ledger.set_mark(seq);
    ledger.flush_mark().unwrap();
}

fn roll(series: &Series, _: &Ledger, seq: u64) {
    series.roll(at(seq.cast_signed() * STEP_MS), seq - 2).unwrap();
}

fn compact(series: &Series, _: &Ledger, seq: u64) {
    series.compact(at(seq.cast_signed() * STEP_MS), BUDGET).unwrap();
}

/// A day of readings is kept, so that some are deleted again and again.
fn trim(series: &Series, _: &Ledger, seq: u64) {
    let day = Keep::Days(NonZeroU32::MIN);
    let keep = Retention::new(day, Keep::ForEver, Keep::ForEver).unwrap();
    series.trim(at(seq.cast_signed() * STEP_MS), &keep, u64::MAX, BUDGET).unwrap();
}

/// Batch `seq`: follows from its number, so that the parent knows what to expect. Every fifth one
/// brings late readings beside the present ones.
pub(crate) fn batch(seq: u64) -> Vec<Reading> {
    let now = seq.cast_signed() * STEP_MS;
    let reading = |channel: u32| {
        let is_late = seq.is_multiple_of(5) && !channel.is_multiple_of(3);
        let late_ms = if is_late { 30 * STEP_MS - 7 } else { 0 };
        let value = (!(seq + u64::from(channel)).is_multiple_of(11)).then_some(seq as f64 / 100.0);
        reading(channel, now - late_ms, value)
    };
    (0..CHANNELS).map(reading).collect()
}

/// Runs as the child process; as a test of its own it has nothing to do.
#[test]
fn child() {
    let Ok(dir) = std::env::var(DIR) else {
        return;
    };
    let stop_at = std::env::var(STOP_AT).ok().map(|number| number.parse().unwrap());
    let speaker = Speaker { lines: AtomicU64::new(0), stop_at };
    let speaker: &'static Speaker = Box::leak(Box::new(speaker));
    if stop_at.is_some() {
        tracing::subscriber::set_global_default(Stages(speaker)).unwrap();
    }
    speaker.say("\nbegun");
    let series = Series::open(Path::new(&dir), &channels(CHANNELS as usize)).unwrap();
    let ledger = Ledger::open(Path::new(&dir)).unwrap();
    for _ in 0..BATCHES_MAX {
        let seq = series.append(&batch(series.newest_seq() + 1)).unwrap();
        speaker.say(&format!("acknowledged {seq}"));
        for (every, act) in ACTS {
            if seq.is_multiple_of(*every) {
                act(&series, &ledger, seq);
            }
        }
    }
}

#[derive(Debug)]
struct Speaker {
    lines: AtomicU64,
    stop_at: Option<u64>,
}

impl Speaker {
    fn say(&self, line: &str) {
        let mut out = std::io::stdout();
        writeln!(out, "{line}").unwrap();
        if Some(self.lines.fetch_add(1, Ordering::Relaxed) + 1) == self.stop_at {
            writeln!(out, "waiting").unwrap();
            out.flush().unwrap();
            // Nothing ever comes; where the parent has died, the end of the pipe does.
            let _end = std::io::stdin().read(&mut [0]).unwrap();
            std::process::exit(1);
        }
        out.flush().unwrap();
    }
}

/// Says what the store tells about its steps.
struct Stages(&'static Speaker);

impl tracing::Subscriber for Stages {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.is_event() && metadata.target().starts_with("siskin_store::series")
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut text = Text(String::new());
        event.record(&mut text);
        self.0.say(&format!("stage {}", text.0));
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

/// The sentence of an event.
struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}
