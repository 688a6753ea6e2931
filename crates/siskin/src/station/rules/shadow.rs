//! A rule set beside the live one: the same readings, no warnings.
//!
//! It begins as a copy of the live engine with other rules, on a thread of its own, behind a queue
//! that never makes the pipeline wait. Must never stop, slow or speak for the live rules: what it
//! is too slow for is dropped and counted, and a panic in it ends it alone. What it raises and
//! clears goes to the ledger's own table for it and to nobody.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use siskin_api::contract::ShadowHealthView;
use siskin_config::Settings;
use siskin_engine::{Effects, Engine, RuleSet};
use siskin_model::{Alarm, AlarmEvent, Reading, Timestamp};
use siskin_store::ledger::{NewShadow, Shadow};
use siskin_store::{Ledger, Series, StoreError};

use super::super::past::StoredPast;

/// Groups that may wait for a shadow set; beyond it they are dropped and counted.
const GROUPS_MAX: usize = 4_096;
/// Readings in those groups; beyond it groups are dropped and counted.
const READINGS_MAX: usize = 1_000_000;
/// Begins and ends that one shadow set may leave in the ledger; beyond it they are counted only.
const EVENTS_MAX: usize = 100_000;
/// Its events are written together, at most this often: the live ledger comes first.
const WRITE_EVERY: Duration = Duration::from_secs(1);

/// What the pipeline passes on.
struct Group {
    readings: Vec<Reading>,
    /// Where time was told to have passed.
    now: Option<Timestamp>,
}

/// The pipeline's end of the queue; without it the shadow set ends.
pub(crate) struct ShadowFeed {
    groups: SyncSender<Group>,
    waiting: Arc<AtomicUsize>,
    seen: Arc<Mutex<Seen>>,
}

/// What can be seen of a shadow set.
#[derive(Debug, Default)]
struct Seen {
    health: ShadowHealthView,
    alarms: Vec<Alarm>,
}

/// A shadow set that runs.
#[derive(Debug)]
pub(crate) struct ShadowRun {
    pub(crate) number: u64,
    pub(crate) set: NewShadow,
    pub(crate) rules: Arc<RuleSet>,
    seen: Arc<Mutex<Seen>>,
}

/// A shadow set whose engine has not come yet.
pub(crate) struct Prepared {
    run: ShadowRun,
    groups: Receiver<Group>,
    waiting: Arc<AtomicUsize>,
}

fn locked(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A shadow set and the pipeline's end of its queue.
pub(crate) fn prepare(shadow: Shadow, rules: RuleSet) -> (Prepared, ShadowFeed) {
    let (sender, groups) = sync_channel(GROUPS_MAX);
    let waiting = Arc::new(AtomicUsize::new(0));
    let health = ShadowHealthView { number: shadow.number, ..ShadowHealthView::default() };
    let seen = Arc::new(Mutex::new(Seen { health, alarms: Vec::new() }));
    let feed =
        ShadowFeed { groups: sender, waiting: Arc::clone(&waiting), seen: Arc::clone(&seen) };
    let run = ShadowRun { number: shadow.number, set: shadow.set, rules: Arc::new(rules), seen };
    (Prepared { run, groups, waiting }, feed)
}

impl ShadowFeed {
    /// Passes a group on without waiting; false once the shadow set has ended.
    pub(crate) fn give(&self, readings: &[Reading], now: Option<Timestamp>) -> bool {
        if readings.is_empty() && now.is_none() {
            return true;
        }
        let waits = self.waiting.load(Ordering::Acquire);
        let group = Group { readings: readings.to_vec(), now };
        let sent = if waits.saturating_add(readings.len()) > READINGS_MAX {
            Err(TrySendError::Full(group))
        } else {
            self.waiting.fetch_add(readings.len(), Ordering::AcqRel);
            self.groups.try_send(group).inspect_err(|_| {
                self.waiting.fetch_sub(readings.len(), Ordering::AcqRel);
            })
        };
        let mut seen = locked(&self.seen);
        match sent {
            Ok(()) => seen.health.groups += 1,
            Err(TrySendError::Full(_)) => seen.health.groups_dropped += 1,
            Err(TrySendError::Disconnected(_)) => return false,
        }
        true
    }
}

impl Prepared {
    /// Starts the thread. `engine` is a copy of the live one, taken when the feed was connected.
    pub(crate) fn start(
        self,
        engine: Engine,
        settings: Arc<Settings>,
        series: &Arc<Series>,
        ledger: &Arc<Ledger>,
    ) -> std::io::Result<ShadowRun> {
        let Self { run, groups, waiting } = self;
        let mut worker = Worker {
            number: run.number,
            begun_at: run.set.begun_at,
            engine,
            rules: Arc::clone(&run.rules),
            settings,
            series: Arc::clone(series),
            ledger: Arc::clone(ledger),
            seen: Arc::clone(&run.seen),
            unwritten: Vec::new(),
            written: 0,
        };
        let seen = Arc::clone(&run.seen);
        let body = move || guarded(&seen, || worker.work(&groups, &waiting));
        // It ends when the pipeline drops its feed, and holds nothing that others wait for.
        std::thread::Builder::new().name("siskin-shadow".to_owned()).spawn(body)?;
        Ok(run)
    }
}

/// Does `work`; whatever becomes of it ends here and is shown.
fn guarded(seen: &Mutex<Seen>, work: impl FnOnce() -> Result<(), String>) {
    let failure = match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(())) => return,
        Ok(Err(reason)) => reason,
        Err(panic) => format!("a panic: {}", words_of(panic.as_ref())),
    };
    tracing::error!(failure, "the shadow set stopped; the live rules are not touched");
    locked(seen).health.failure = Some(failure);
}

fn words_of(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without words")
}

impl ShadowRun {
    /// How it goes.
    pub(crate) fn health(&self) -> ShadowHealthView {
        locked(&self.seen).health.clone()
    }

    /// Its active alarms.
    pub(crate) fn alarms(&self) -> Vec<Alarm> {
        locked(&self.seen).alarms.clone()
    }
}

struct Worker {
    number: u64,
    begun_at: Timestamp,
    engine: Engine,
    rules: Arc<RuleSet>,
    settings: Arc<Settings>,
    series: Arc<Series>,
    ledger: Arc<Ledger>,
    seen: Arc<Mutex<Seen>>,
    unwritten: Vec<AlarmEvent>,
    written: usize,
}

impl Worker {
    fn work(&mut self, groups: &Receiver<Group>, waiting: &AtomicUsize) -> Result<(), String> {
        let mut effects = Effects::default();
        self.begin(&mut effects).map_err(|error| format!("{error}"))?;
        self.keep(&mut effects);
        let mut write_at = Instant::now();
        loop {
            match groups.recv_timeout(write_at.saturating_duration_since(Instant::now())) {
                Ok(group) => {
                    waiting.fetch_sub(group.readings.len(), Ordering::AcqRel);
                    self.judge(&group, &mut effects);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if Instant::now() >= write_at {
                self.write().map_err(|error| error.to_string())?;
                write_at = Instant::now() + WRITE_EVERY;
            }
        }
        self.write().map_err(|error| error.to_string())
    }

    /// From the live engine's state to the state that its own rules would have.
    fn begin(&mut self, effects: &mut Effects) -> Result<(), siskin_engine::EngineError> {
        let site = &self.settings.site;
        let mut past = StoredPast { site, series: &self.series, ledger: &self.ledger };
        self.engine.change_rules(self.begun_at, (site, &self.rules), &mut past, effects)
    }

    fn judge(&mut self, group: &Group, effects: &mut Effects) {
        self.engine.readings(&group.readings, effects);
        if let Some(now) = group.now {
            self.engine.tick(now, effects);
        }
        // The record is that of the live rules: there is nothing to judge late readings against.
        let mut late = 0;
        self.engine.sort_late(|_| {
            late += 1;
            true
        });
        locked(&self.seen).health.late += late;
        self.keep(effects);
    }

    /// Keeps what was raised and cleared; warnings and corrections go nowhere.
    fn keep(&mut self, effects: &mut Effects) {
        if effects.is_empty() {
            return;
        }
        let room = EVENTS_MAX.saturating_sub(self.written + self.unwritten.len());
        let dropped = effects.alarms.len().saturating_sub(room);
        self.unwritten.extend(effects.alarms.drain(..).take(room));
        effects.clear();
        let mut seen = locked(&self.seen);
        seen.health.events_dropped += dropped as u64;
        seen.alarms = self.engine.alarms().map(|(_, alarm)| alarm.clone()).collect();
    }

    fn write(&mut self) -> Result<(), StoreError> {
        if self.unwritten.is_empty() {
            return Ok(());
        }
        self.ledger.put_shadow_events(self.number, &self.unwritten)?;
        self.written += self.unwritten.len();
        self.unwritten.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use siskin_model::{ChannelIndex, Quality};

    use super::*;

    fn prepared() -> (Prepared, ShadowFeed) {
        let set = NewShadow {
            begun_at: Timestamp::from_millis(0),
            by: "Li".to_owned(),
            note: String::new(),
            files: Vec::new(),
        };
        prepare(Shadow { number: 7, set }, RuleSet::default())
    }

    fn readings(count: usize) -> Vec<Reading> {
        let at = Timestamp::from_millis(1);
        vec![Reading::new(ChannelIndex(0), at, at, Some(1.0), Quality::Good); count]
    }

    #[test]
    fn a_shadow_that_does_not_keep_up_loses_groups_and_never_holds_the_pipeline() {
        let (prepared, feed) = prepared();
        for _ in 0..GROUPS_MAX + 3 {
            assert!(feed.give(&readings(1), None));
        }
        let health = prepared.run.health();
        assert_eq!((health.groups, health.groups_dropped), (GROUPS_MAX as u64, 3));
    }

    #[test]
    fn the_readings_that_wait_have_a_limit_of_their_own() {
        let (prepared, feed) = prepared();
        let many = readings(READINGS_MAX / 2);
        assert!(feed.give(&many, None) && feed.give(&many, None) && feed.give(&readings(1), None));
        let health = prepared.run.health();
        assert_eq!((health.number, health.groups, health.groups_dropped), (7, 2, 1));
    }

    #[test]
    fn a_shadow_that_panics_or_fails_ends_alone_and_says_why() {
        let failure = |work: fn() -> Result<(), String>| {
            let seen = Mutex::new(Seen::default());
            guarded(&seen, work);
            locked(&seen).health.failure.clone()
        };
        assert_eq!(failure(|| Ok(())), None);
        assert_eq!(failure(|| Err("disk full".to_owned())).as_deref(), Some("disk full"));
        let panic = failure(|| panic!("a panic for a test"));
        assert_eq!(panic.as_deref(), Some("a panic: a panic for a test"));
    }

    #[test]
    fn an_ended_shadow_is_seen_by_its_feed() {
        let (prepared, feed) = prepared();
        drop(prepared);
        assert!(!feed.give(&readings(1), None));
        assert!(feed.give(&[], None), "nothing to give");
    }
}
