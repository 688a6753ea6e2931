//! A station that is killed before its mark is on disk judges batches again, late ones and
//! repeated ones among them: what was told is told once.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use siskin_collect::Clock;
use siskin_config::Settings;
use siskin_model::{Quality, WarningChange};
use siskin_store::LedgerEvent;

use super::*;
use crate::files;
use crate::station::live::Live;
use crate::station::open_stores;
use crate::station::pipeline::Pipeline;

const START_MS: i64 = 1_767_225_600_000;
/// The demo's red rule is raised by this in twenty seconds.
const GAS: f64 = 45.0;
const AIR: f64 = 0.0;

/// A station without sources, fed by hand.
struct Fed {
    pipeline: Pipeline,
    ledger: Arc<Ledger>,
    now_ms: Arc<AtomicI64>,
}

/// Seconds from and to, and the value of the first channel in them.
type Stretch = (i64, i64, f64);

impl Fed {
    fn open(data: &Path, window_ms: u32, moment_s: i64) -> Self {
        let mut settings: Settings = siskin_config::load(&files::demo_park()).unwrap();
        let analyzer = settings.site.channels[0].analyzer;
        settings.site.analyzers[analyzer].reorder_window_ms = window_ms;
        let settings = Arc::new(settings);
        let (series, ledger) = open_stores(&settings, data).unwrap();
        let now_ms = Arc::new(AtomicI64::new(START_MS + moment_s * 1_000));
        let shared = Arc::clone(&now_ms);
        let clock: Clock = Arc::new(move || Timestamp::from_millis(shared.load(Ordering::SeqCst)));
        let live = Arc::new(Live::new(&settings, false, clock()));
        let restored = restore(&settings, &series, &ledger).unwrap();
        let stores = (&series, &ledger);
        let pipeline = Pipeline::new(restored, &settings, stores, &live, &clock, None).unwrap();
        Self { pipeline, ledger, now_ms }
    }

    /// A group for each ten seconds, each with a tick.
    fn take(&mut self, (from, to, value): Stretch) {
        for begin in (from..to).step_by(10) {
            let second = |s: i64| {
                let at = Timestamp::from_millis(START_MS + s * 1_000);
                Reading::new(ChannelIndex(0), at, at, Some(value), Quality::Good)
            };
            let readings: Vec<_> = (begin..to.min(begin + 10)).map(second).collect();
            let newest = readings.last().unwrap().measured_at.as_millis();
            self.now_ms.fetch_max(newest, Ordering::SeqCst);
            self.pipeline.take_recorded(&readings).unwrap();
        }
    }

    /// What follows from readings.
    fn told(&self) -> Vec<String> {
        let events = self.ledger.events_after(0, 1_000).unwrap();
        let second = |at: Timestamp| (at.as_millis() - START_MS) / 1_000;
        let words = |event: &LedgerEvent| match event {
            LedgerEvent::Alarm(event) => {
                format!("{:?} {} {}", event.edge, event.alarm.rule, second(event.at))
            }
            LedgerEvent::Warning(event) => {
                format!("warning {:?} {:?}", event.change, event.warning.tier)
            }
            other => format!("{other:?}"),
        };
        // Ladders go by the station's clock, which goes on.
        let passed_on = format!("warning {:?}", WarningChange::PassedOn);
        let told = events.iter().map(|(_, event)| words(event));
        told.filter(|words| !words.starts_with(&passed_on)).collect()
    }
}

/// What is told of `first`, of `again` before the station is killed without its mark, and after it.
fn over_a_kill(window_ms: u32, first: &[Stretch], again: &[Stretch]) -> [Vec<String>; 2] {
    let folder = tempfile::tempdir().unwrap();
    let mut station = Fed::open(folder.path(), window_ms, 0);
    for stretch in first.iter().chain(again) {
        station.take(*stretch);
    }
    let before = station.told();
    let moment_s = (station.now_ms.load(Ordering::SeqCst) - START_MS) / 1_000;
    drop(station);
    let mut station = Fed::open(folder.path(), window_ms, moment_s);
    station.take((moment_s + 1, moment_s + 60, AIR));
    [before, station.told()]
}

#[test]
fn what_came_twice_is_not_told_twice_over_a_kill() {
    let first = [(0, 100, AIR), (100, 200, GAS), (200, 600, AIR)];
    for window_ms in [0, 5_000] {
        for again in [
            // Parts of the episode: what is left of it would seem to begin or end elsewhere.
            vec![(100, 130, GAS)],
            vec![(100, 105, GAS), (190, 200, GAS)],
            vec![(150, 250, GAS)],
            // All of it, and what follows it.
            vec![(100, 200, GAS), (600, 660, AIR)],
            vec![(600, 660, AIR), (60, 120, AIR), (130, 200, GAS), (660, 700, AIR)],
        ] {
            let again: Vec<_> = again
                .into_iter()
                .flat_map(|(from, to, value): Stretch| split_as_first(from, to, value, &first))
                .collect();
            let [before, after] = over_a_kill(window_ms, &first, &again);
            let warned = |told: &[String]| {
                let raised = format!("warning {:?}", WarningChange::Raised);
                told.iter().filter(|words| words.starts_with(&raised)).count()
            };
            assert_eq!(warned(&before), 1, "{before:?}");
            assert_eq!(after, before, "window {window_ms}, again {again:?}");
        }
    }
}

/// The same values as at the first time: a repeat and no correction.
fn split_as_first(from: i64, to: i64, value: f64, first: &[Stretch]) -> Vec<Stretch> {
    let known = first.iter().filter(|(begin, end, _)| *begin < to && from < *end);
    let mut all: Vec<_> = known.map(|(b, e, v)| (from.max(*b), to.min(*e), *v)).collect();
    if all.is_empty() {
        all.push((from, to, value));
    }
    all
}
