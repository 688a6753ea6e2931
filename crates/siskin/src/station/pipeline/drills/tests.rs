//! A station with and without a drill: what is real is the same, to the millisecond.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use proptest::prelude::*;
use siskin_collect::Clock;
use siskin_config::Settings;
use siskin_engine::Acting;
use siskin_engine::drill::Wish;
use siskin_model::notify::Recipient;
use siskin_model::{ChannelIndex, Quality, Timestamp, WarningChange};
use siskin_store::ledger::NewAudit;
use siskin_store::{Ledger, LedgerEvent, Series};
use tempfile::TempDir;

use super::*;
use crate::files;
use crate::station::live::Live;
use crate::station::notify::Messages;
use crate::station::rules::RulesNow;
use crate::station::{drills, open_stores, restore};

mod told;

const START_MS: i64 = 1_767_225_600_000;
/// What the demo's red rule of the first channel needs, and clean air.
const LEVELS: [f64; 3] = [0.0, 4.0, 45.0];

/// A station that is fed by hand.
struct Park {
    pipeline: Pipeline,
    settings: Arc<Settings>,
    series: Arc<Series>,
    ledger: Arc<Ledger>,
    live: Arc<Live>,
    now_ms: Arc<AtomicI64>,
    commands: mpsc::Sender<Command>,
    inbox: mpsc::Receiver<Command>,
}

impl Park {
    fn open(data: &Path, at_ms: i64, recipients: Vec<Recipient>) -> Self {
        let mut settings = siskin_config::load(&files::demo_park()).unwrap();
        settings.notify.recipients = recipients;
        let settings = Arc::new(settings);
        let (series, ledger) = open_stores(&settings, data).unwrap();
        let now_ms = Arc::new(AtomicI64::new(at_ms));
        let shared = Arc::clone(&now_ms);
        let clock: Clock = Arc::new(move || Timestamp::from_millis(shared.load(Ordering::SeqCst)));
        let live = Arc::new(Live::new(&settings, false, clock()));
        let rules = Arc::new(RulesNow::unversioned(settings.rules.clone()));
        let (teller, _messages) =
            Messages::new(&settings, (&ledger, &rules, &live), &clock, None, false);
        drills::end_after_restart(&ledger, Some(&teller), clock()).unwrap();
        let restored = restore::restore(&settings, &series, &ledger).unwrap();
        let stores = (&series, &ledger);
        let pipeline = Pipeline::new(restored, &settings, stores, &live, &clock, Some(teller));
        let pipeline = pipeline.unwrap();
        let (commands, inbox) = mpsc::channel(1_000);
        Self { pipeline, settings, series, ledger, live, now_ms, commands, inbox }
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.now_ms.load(Ordering::SeqCst))
    }

    /// Twenty seconds in which the first channel says `value`, in two groups.
    fn take(&mut self, value: f64) {
        for _ in 0..2 {
            let from_ms = self.now_ms.fetch_add(10_000, Ordering::SeqCst);
            let second = |s: i64| {
                let at = Timestamp::from_millis(from_ms + s * 1_000);
                Reading::new(ChannelIndex(0), at, at, Some(value), Quality::Good)
            };
            let readings: Vec<_> = (1..=10).map(second).collect();
            self.pipeline.take_recorded(&readings).unwrap();
            self.hear();
            self.pipeline.look_after_drill();
        }
    }

    /// Everything that the drill has to say so far: its answer to an act comes after it.
    fn hear(&mut self) {
        let Some(running) = &self.pipeline.drill else { return };
        let Some(feed) = &running.feed else { return };
        let act = Act::Lift("nothing".to_owned());
        let (by, note) = (String::new(), String::new());
        let who = Acting { by, note, at: self.now() };
        let (answer, _nobody) = oneshot::channel();
        let entry: NewAudit = acts::audit(&act, &who);
        assert!(feed.act(PassedAct { act, who, entry, answer }));
        loop {
            let Some(Command::Drill(command)) = self.inbox.blocking_recv() else { panic!("gone") };
            let is_answer = matches!(&*command, DrillCommand::Said(said) if said.act.is_some());
            self.pipeline.on_drill(*command);
            if is_answer {
                return;
            }
        }
    }

    fn begin(&mut self) -> DrillAnswer {
        let channel = &self.settings.site.channels[0];
        let wish = Wish {
            area: channel.area.clone(),
            gas: channel.quantity.gas().unwrap().clone(),
            peak: 45.0,
            unit: channel.unit,
            rise_ms: 0,
            hold_ms: 600_000,
            decay_ms: 0,
            channels: Vec::new(),
            source: None,
            release_at: None,
            length_ms: Some(400_000),
            note: String::new(),
        };
        let plan = wish.plan(&self.settings.site, self.now(), "li", None).unwrap();
        self.pipeline.begin_drill(&plan, self.commands.clone())
    }

    /// Steps of real warnings and alarms, and those of drills.
    fn told(&self) -> (Vec<LedgerEvent>, Vec<WarningEvent>) {
        let (mut real, mut drilled) = (Vec::new(), Vec::new());
        for (_, event) in self.ledger.events_after(0, 10_000).unwrap() {
            match event {
                LedgerEvent::Warning(event) if event.warning.exercise.is_some() => {
                    drilled.push(event);
                }
                event => real.push(event),
            }
        }
        (real, drilled)
    }

    fn stored(&self) -> Vec<Reading> {
        let all = |ms| Timestamp::from_millis(ms);
        self.series.readable(ChannelIndex(0), all(0), all(i64::MAX)).unwrap().readings
    }
}

fn park() -> (Park, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (Park::open(folder.path(), START_MS, Vec::new()), folder)
}

/// The same readings with and without a drill; gives how the drill ended.
fn with_and_without(levels: &[usize]) -> Option<DrillEndReason> {
    let ((mut with, _one), (mut without, _other)) = (park(), park());
    let id = with.begin().unwrap().id;
    for level in levels {
        with.take(LEVELS[*level]);
        without.take(LEVELS[*level]);
    }
    let ((real, drilled), (alone, none)) = (with.told(), without.told());
    assert_eq!(real, alone, "{levels:?}");
    assert_eq!(none, [], "{levels:?}");
    assert_eq!(with.stored(), without.stored(), "{levels:?}");
    assert!(drilled.iter().all(|event| event.warning.exercise == Some(id)));
    let ended = with.ledger.drill(id).unwrap().unwrap().ended.map(|end| end.reason);
    let is_real = |event: &LedgerEvent| matches!(event, LedgerEvent::Warning(_));
    let (has_real, is_over) = (real.iter().any(is_real), ended.is_some());
    assert!(is_over || !has_real, "real gas ends it: {levels:?}");
    if is_over {
        assert!(with.pipeline.drill.is_none() && with.live.shown().drill.is_none());
        assert_eq!(with.ledger.drill_warnings_open(id).unwrap(), []);
    }
    ended
}

#[test]
fn a_real_release_ends_the_drill_and_is_what_it_would_have_been() {
    let clean = vec![0; 10];
    assert_eq!(with_and_without(&clean), None);
    assert_eq!(with_and_without(&[0; 21]), Some(DrillEndReason::TimeOver));
    let mut released = vec![0; 8];
    released.extend([2; 20]);
    assert_eq!(with_and_without(&released), Some(DrillEndReason::Preempted));
}

#[test]
fn the_drill_is_told_marked_and_closed_after_the_real_warning_is_told() {
    let (mut park, _folder) = park();
    let mut stream = park.live.subscribe();
    park.begin().unwrap();
    assert!(matches!(park.begin(), Err(BackendError::Drill(DrillFault::Runs(1)))));
    for _ in 0..8 {
        park.take(0.0);
    }
    let shown = park.live.shown().drill.clone().unwrap();
    assert_eq!(shown.warnings.len(), 1);
    assert_eq!(park.live.shown().warnings.len(), 0, "not among the real ones");
    while park.pipeline.drill.is_some() {
        park.take(45.0);
    }
    let mut changes = Vec::new();
    while let Ok(event) = stream.try_recv() {
        match event {
            LiveEvent::Warning(event) => changes.push((event.warning.exercise, event.change)),
            LiveEvent::Drill(drill) => changes
                .push((Some(drill.number), { siskin_api::contract::WarningChangeView::Commented })),
            _ => {}
        }
    }
    let place = |is: &dyn Fn(Option<u64>, &str) -> bool| {
        changes.iter().position(|(exercise, change)| is(*exercise, &format!("{change:?}")))
    };
    let drilled = place(&|exercise, change| exercise == Some(1) && change == "Raised").unwrap();
    let real = place(&|exercise, change| exercise.is_none() && change == "Raised").unwrap();
    let ended = place(&|exercise, change| exercise == Some(1) && change == "Ended").unwrap();
    assert!(drilled < real && real < ended, "{changes:?}");
    let refused = park.begin().unwrap_err();
    assert!(matches!(refused, BackendError::Drill(DrillFault::RealWarning(_))), "{refused}");
}

#[test]
fn an_act_goes_to_the_drill_and_to_nothing_else() {
    let (mut park, _folder) = park();
    let drill = park.begin().unwrap().id;
    for _ in 0..8 {
        park.take(0.0);
    }
    let id = park.live.shown().drill.clone().unwrap().warnings[0].id.clone();
    let (answer, mut answered) = oneshot::channel();
    let act = Act::Acknowledge(id.clone(), None, String::new());
    let (by, note) = ("li".to_owned(), "演练".to_owned());
    let wanted = Wanted { act: act.clone(), by: by.clone(), note: note.clone(), answer };
    assert!(park.pipeline.pass_to_drill(wanted).is_none());
    park.hear();
    let Ok(Ok(siskin_engine::Done::Warning(warning))) = answered.try_recv() else {
        panic!("not done")
    };
    assert_eq!((warning.exercise, &warning.id), (Some(drill), &id));
    let (_, drilled) = park.told();
    let last = drilled.last().unwrap();
    assert_eq!(last.change, WarningChange::Acknowledged);
    assert_eq!(last.said.as_ref().unwrap().by, "li");
    let filter = siskin_store::ledger::AuditFilter {
        about: Some(id.to_string()),
        ..siskin_store::ledger::AuditFilter::default()
    };
    assert_eq!(park.ledger.audit_entries(&filter, 9).unwrap().len(), 1);

    let drill = park.pipeline.end_by_hand(drill, "han".to_owned(), "够了").unwrap();
    let end = drill.ended.unwrap();
    assert_eq!((end.reason, end.by.as_deref()), (DrillEndReason::ByHand, Some("han")));
    let over = park.pipeline.end_by_hand(drill.id, "han".to_owned(), "");
    assert!(matches!(over, Err(BackendError::Drill(DrillFault::Over(1)))));
    let (answer, _nobody) = oneshot::channel();
    let late = park.pipeline.pass_to_drill(Wanted { act, by, note, answer });
    assert!(late.is_some(), "the live engine says that it does not know it");
}

#[test]
fn a_restart_ends_the_drill_and_restores_nothing_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut park = Park::open(folder.path(), START_MS, Vec::new());
    let id = park.begin().unwrap().id;
    for _ in 0..8 {
        park.take(0.0);
    }
    assert_eq!(park.ledger.drill_warnings_open(id).unwrap().len(), 1);
    let now_ms = park.now().as_millis();
    drop(park);
    let mut park = Park::open(folder.path(), now_ms + 5_000, Vec::new());
    let end = park.ledger.drill(id).unwrap().unwrap().ended.unwrap();
    assert_eq!((end.reason, end.by), (DrillEndReason::Restart, None));
    assert_eq!(park.ledger.drill_warnings_open(id).unwrap(), []);
    assert_eq!(park.pipeline.engine.warnings().count(), 0);
    park.take(0.0);
    let (_, drilled) = park.told();
    assert_eq!(drilled.last().unwrap().change, WarningChange::Ended);
    assert_eq!(park.begin().unwrap().id, DrillId(2));
}

proptest! {
    // Each case opens two stations on disk.
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn what_is_real_is_the_same_with_and_without_a_drill(
        levels in prop::collection::vec(0usize..LEVELS.len(), 1..24)
    ) {
        with_and_without(&levels);
    }
}
