//! The ledger from outside: what was committed is there, once, in order, also after a restart.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::path::Path;

use proptest::prelude::*;
use rusqlite::Connection;
use siskin_model::{
    Acknowledgement, Alarm, AlarmEvent, AlarmKind, AreaId, ChannelId, Edge, GasId, RuleId, Tier,
    Timestamp, Unit, Warning, WarningChange, WarningEvent, WarningId, WarningState,
};
use siskin_store::ledger::PulseMark;
use siskin_store::{Committed, Ledger, LedgerEvent, Step};

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(1_767_225_600_000 + ms)
}

fn alarm(channel: u32, since_ms: i64) -> Alarm {
    Alarm {
        rule: RuleId::new("chlorine-red").unwrap(),
        channel: ChannelId::new(&format!("at-{channel}-cl2")).unwrap(),
        kind: AlarmKind::Gas,
        tier: Some(Tier::Red),
        since: at(since_ms),
        // Needs an exact way through JSON.
        value: Some(1.0 / 3.0 + f64::from(channel)),
        limit: Some(0.1 + 0.2),
        unit: Unit::MilligramPerM3,
        forecast: None,
    }
}

fn raise(channel: u32, ms: i64) -> AlarmEvent {
    AlarmEvent { edge: Edge::Raise, at: at(ms), alarm: alarm(channel, ms) }
}

fn clear(channel: u32, since_ms: i64, ms: i64) -> AlarmEvent {
    AlarmEvent { edge: Edge::Clear, at: at(ms), alarm: alarm(channel, since_ms) }
}

/// An event of the warning that the alarm of `channel` raised at `raised_ms`.
fn warning(change: WarningChange, raised_ms: i64, ms: i64) -> WarningEvent {
    let (area, gas) = (AreaId::new("tank-farm").unwrap(), GasId::new("chlorine").unwrap());
    let state = match change {
        WarningChange::Closed => WarningState::Normal,
        WarningChange::Acknowledged => WarningState::ActiveAcknowledged,
        WarningChange::Returned => WarningState::ReturnedUnacknowledged,
        _ => WarningState::ActiveUnacknowledged,
    };
    let acknowledged = (change == WarningChange::Acknowledged).then(|| Acknowledgement {
        by: "王芳".to_owned(),
        note: "on my way; \"quoted\"".to_owned(),
        reason: String::new(),
        at: at(ms),
    });
    WarningEvent {
        change,
        at: at(ms),
        warning: Warning {
            state,
            changed_at: at(ms),
            acknowledged,
            alarms: vec![alarm(1, raised_ms)],
            channels: vec![alarm(1, raised_ms).channel],
            ..Warning::begun(&area, &gas, Tier::Red, at(raised_ms))
        },
        said: None,
    }
}

fn step(series_seq: u64, alarms: Vec<AlarmEvent>, warnings: Vec<WarningEvent>) -> Step {
    Step {
        series_seq,
        recorded_at: at(0),
        alarms,
        warnings,
        corrections: Vec::new(),
        equipment: Vec::new(),
        holds: Vec::new(),
        floods: Vec::new(),
        messages: Vec::new(),
        late: Vec::new(),
        audit: Vec::new(),
        pulse: None,
    }
}

fn reopened(ledger: Ledger, dir: &Path) -> Ledger {
    drop(ledger);
    Ledger::open(dir).unwrap()
}

#[test]
fn a_step_is_there_whole_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    let raised = warning(WarningChange::Raised, 5, 5);
    let given = step(7, vec![raise(1, 5), raise(2, 5)], vec![raised.clone()]);
    let committed = ledger.commit(&given).unwrap();
    let expected = Committed {
        alarms: vec![(1, raise(1, 5)), (2, raise(2, 5))],
        warnings: vec![(3, raised.clone())],
        ..Committed::default()
    };
    assert_eq!(committed, expected, "alarms first, numbered in order");

    let ledger = reopened(ledger, dir.path());
    assert_eq!((ledger.mark(), ledger.newest_seq()), (7, 3));
    assert_eq!(ledger.alarms_active().unwrap(), [alarm(1, 5), alarm(2, 5)]);
    assert_eq!(ledger.warnings_open().unwrap(), std::slice::from_ref(&raised.warning));
    assert_eq!(ledger.warning(&raised.warning.id).unwrap(), Some(raised.warning.clone()));
    let events = [
        (1, LedgerEvent::Alarm(raise(1, 5))),
        (2, LedgerEvent::Alarm(raise(2, 5))),
        (3, LedgerEvent::Warning(raised)),
    ];
    assert_eq!(ledger.events_after(0, 100).unwrap(), events);
    assert_eq!(ledger.events_after(1, 1).unwrap(), events[1..2]);
    assert_eq!(ledger.events_after(3, 100).unwrap(), []);
}

#[test]
fn a_repeated_step_writes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    let first = step(7, vec![raise(1, 5)], vec![warning(WarningChange::Raised, 5, 5)]);
    let second =
        step(8, vec![clear(1, 5, 9), raise(2, 9)], vec![warning(WarningChange::Updated, 5, 9)]);
    ledger.commit(&first).unwrap();
    ledger.commit(&second).unwrap();
    let before = ledger.events_after(0, 100).unwrap();
    for repeated in [&first, &second, &first] {
        assert_eq!(ledger.commit(repeated).unwrap(), Committed::default());
    }
    assert_eq!(ledger.events_after(0, 100).unwrap(), before);
    assert_eq!(ledger.alarms_active().unwrap(), [alarm(2, 9)], "an old step revives no alarm");
    assert_eq!(ledger.warnings_open().unwrap(), [second.warnings[0].warning.clone()]);
    let mixed = step(9, vec![raise(1, 5), raise(3, 12)], vec![]);
    assert_eq!(ledger.commit(&mixed).unwrap().alarms, [(6, raise(3, 12))], "only what is new");
}

#[test]
fn equal_events_of_one_step_are_all_written() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    let (up, down) =
        (warning(WarningChange::Updated, 5, 9), warning(WarningChange::Deescalated, 5, 9));
    ledger.commit(&step(1, vec![], vec![up.clone()])).unwrap();
    let flapping = step(1, vec![], vec![up.clone(), down.clone(), up.clone()]);
    let new = ledger.commit(&flapping).unwrap().warnings;
    assert_eq!(new, [(2, down), (3, up.clone())], "the first one was there");
    assert_eq!(ledger.commit(&flapping).unwrap().warnings.len(), 0);
    assert_eq!(ledger.warning(&up.warning.id).unwrap(), Some(up.warning));
}

#[test]
fn alarms_are_known_for_any_moment() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    ledger.commit(&step(1, vec![raise(1, 10), raise(2, 20)], vec![])).unwrap();
    ledger.commit(&step(2, vec![clear(1, 10, 30), raise(1, 40)], vec![])).unwrap();
    let check = |ms: i64, expected: &[Alarm]| {
        assert_eq!(ledger.alarms_active_at(at(ms)).unwrap(), expected, "at {ms}");
    };
    check(9, &[]);
    check(10, &[alarm(1, 10)]);
    check(29, &[alarm(1, 10), alarm(2, 20)]);
    check(30, &[alarm(2, 20)]);
    check(40, &[alarm(2, 20), alarm(1, 40)]);
    assert_eq!(ledger.alarms_active().unwrap(), [alarm(2, 20), alarm(1, 40)]);
}

#[test]
fn an_end_without_a_begin_is_no_active_alarm() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    ledger.commit(&step(1, vec![clear(1, 10, 30)], vec![])).unwrap();
    ledger.commit(&step(2, vec![raise(1, 10)], vec![])).unwrap();
    assert_eq!(ledger.alarms_active().unwrap(), []);
    assert_eq!(ledger.alarms_active_at(at(10)).unwrap(), [alarm(1, 10)]);
}

#[test]
fn a_warning_has_its_life_and_leaves_the_open_ones() {
    use WarningChange::{Acknowledged, Closed, Raised, Returned};
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    let life = [(Raised, 5), (Acknowledged, 6), (Returned, 7), (Closed, 8)]
        .map(|(change, ms)| warning(change, 5, ms));
    ledger.commit(&step(1, vec![], life.to_vec())).unwrap();
    let other = warning(Raised, 100, 100);
    ledger.commit(&step(2, vec![], vec![other.clone()])).unwrap();

    let id = &life[0].warning.id;
    let events: Vec<_> = (1..).zip(life.clone()).collect();
    assert_eq!(ledger.warning_events(id).unwrap(), events);
    assert_eq!(ledger.warnings_open().unwrap(), std::slice::from_ref(&other.warning));
    let both = [other.warning, life[3].warning.clone()];
    assert_eq!(ledger.warnings_all(10).unwrap(), both, "newest first");
    assert_eq!(ledger.warnings_all(1).unwrap(), both[..1]);
    let nobody = WarningId::from_text("nobody");
    assert_eq!(ledger.warning(&nobody).unwrap(), None);
    assert_eq!(ledger.warning_events(&nobody).unwrap(), []);
}

#[test]
fn the_mark_is_durable_with_events_or_when_flushed() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    ledger.commit(&step(5, vec![raise(1, 1)], vec![])).unwrap();
    ledger.commit(&step(9, vec![], vec![])).unwrap();
    ledger.commit(&step(8, vec![], vec![])).unwrap();
    assert_eq!(ledger.mark(), 9);
    let ledger = reopened(ledger, dir.path());
    assert_eq!(ledger.mark(), 5, "an empty step is not written");
    ledger.set_mark(20);
    ledger.flush_mark().unwrap();
    let ledger = reopened(ledger, dir.path());
    assert_eq!(ledger.mark(), 20);
    ledger.set_mark(3);
    ledger.commit(&step(4, vec![raise(1, 2)], vec![])).unwrap();
    let ledger = reopened(ledger, dir.path());
    assert_eq!(ledger.mark(), 4, "a series that began anew has a lower mark");
}

#[test]
fn a_step_that_cannot_be_written_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    let db = Connection::open(dir.path().join("ledger.db")).unwrap();
    db.execute_batch(
        "CREATE TRIGGER refuse BEFORE INSERT ON warning BEGIN SELECT raise(ABORT, 'no'); END",
    )
    .unwrap();
    let given = step(7, vec![raise(1, 5)], vec![warning(WarningChange::Raised, 5, 5)]);
    let error = ledger.commit(&given).unwrap_err().to_string();
    assert!(error.contains("ledger.db") && error.contains("hint: "), "{error}");
    assert_eq!((ledger.mark(), ledger.newest_seq()), (0, 0));
    assert_eq!(ledger.events_after(0, 100).unwrap(), []);
    assert_eq!(ledger.alarms_active().unwrap(), []);
    db.execute_batch("DROP TRIGGER refuse").unwrap();
    let committed = ledger.commit(&given).unwrap();
    assert_eq!((committed.alarms.len(), committed.warnings.len()), (1, 1), "repeating is enough");
}

#[test]
fn a_damaged_event_names_itself() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    ledger.commit(&step(1, vec![raise(1, 5), raise(2, 5)], vec![])).unwrap();
    let db = Connection::open(dir.path().join("ledger.db")).unwrap();
    db.execute("UPDATE event SET body = '{}' WHERE seq = 2", []).unwrap();
    let error = ledger.events_after(0, 100).unwrap_err().to_string();
    for part in ["event 2", "damaged", "edge", "ledger.db", "hint: "] {
        assert!(error.contains(part), "`{part}` is missing in: {error}");
    }
    assert_eq!(ledger.events_after(0, 1).unwrap().len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 48,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Any steps, cut anywhere by a restart that repeats what came after an earlier step, give
    /// what the steps give once.
    #[test]
    fn restarts_change_nothing(
        lives in prop::collection::vec((0..3u32, 1..4i64, any::<bool>()), 1..12),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0..3usize), 0..4),
    ) {
        // Episodes of three channels one after the other, some without an end.
        let mut now_ms = 0;
        let mut open = BTreeMap::new();
        let steps: Vec<Step> = (1..).zip(lives).map(|(seq, (channel, length_ms, ends))| {
            let mut alarms = Vec::new();
            if let Some(since_ms) = open.remove(&channel) {
                alarms.push(clear(channel, since_ms, now_ms));
            }
            now_ms += 10;
            alarms.push(raise(channel, now_ms));
            if ends {
                alarms.push(clear(channel, now_ms, now_ms + length_ms));
            } else {
                open.insert(channel, now_ms);
            }
            step(seq, alarms, vec![warning(WarningChange::Updated, 0, now_ms)])
        }).collect();
        let still: Vec<Alarm> = open.iter().map(|(&channel, &ms)| alarm(channel, ms)).collect();

        let dir = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(dir.path()).unwrap();
        let mut told = Vec::new();
        let cuts: BTreeMap<usize, usize> =
            cuts.into_iter().map(|(at, back)| (at.index(steps.len()), back)).collect();
        for (i, given) in steps.iter().enumerate() {
            let back = cuts.get(&i).copied();
            if back.is_some() {
                ledger = reopened(ledger, dir.path());
            }
            for given in steps.iter().take(i).skip(i.saturating_sub(back.unwrap_or(0))) {
                prop_assert_eq!(ledger.commit(given).unwrap(), Committed::default());
            }
            let committed = ledger.commit(given).unwrap();
            let alarms = committed.alarms.into_iter().map(|(s, e)| (s, LedgerEvent::Alarm(e)));
            told.extend(alarms);
            let warnings = committed.warnings.into_iter();
            told.extend(warnings.map(|(s, e)| (s, LedgerEvent::Warning(e))));
        }
        let expected: Vec<_> = steps.iter().flat_map(|step| {
            let alarms = step.alarms.iter().cloned().map(LedgerEvent::Alarm);
            alarms.chain(step.warnings.iter().cloned().map(LedgerEvent::Warning))
        }).collect();
        let told_events: Vec<_> = told.iter().map(|(_, event)| event.clone()).collect();
        prop_assert_eq!(told_events, expected, "each told once, in order");
        prop_assert_eq!(ledger.events_after(0, usize::MAX).unwrap(), told);
        let mut active = ledger.alarms_active().unwrap();
        active.sort_by(|a, b| a.channel.cmp(&b.channel));
        prop_assert_eq!(active, still);
        prop_assert_eq!(ledger.mark(), steps.len() as u64);
    }
}

#[test]
fn the_newest_pulse_is_written_over_and_is_no_event() {
    let dir = tempfile::tempdir().unwrap();
    let pulse = |number| PulseMark { number, sent_at: at(5), recorded_at: at(6) };
    let ledger = Ledger::open(dir.path()).unwrap();
    assert_eq!(ledger.pulse().unwrap(), None);
    for number in [1, 2] {
        let step = Step { pulse: Some(pulse(number)), ..step(number, vec![], vec![]) };
        ledger.commit(&step).unwrap();
    }
    drop(ledger);
    let ledger = Ledger::open(dir.path()).unwrap();
    assert_eq!((ledger.pulse().unwrap(), ledger.newest_seq()), (Some(pulse(2)), 0));
}
