//! Drills in the ledger: whole with their entries in the audit, and never among what is real.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use siskin_model::{
    AreaId, ChannelId, DrillEnd, DrillEndReason, DrillId, DrilledChannel, GasId, NewDrill,
    Scenario, Tier, Timestamp, Unit, Warning, WarningChange, WarningEvent, WarningId, WarningState,
};
use siskin_store::ledger::AuditFilter;
use siskin_store::{Ledger, LedgerEvent, Step};

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(ms)
}

fn plan() -> NewDrill {
    NewDrill {
        begun_at: at(10),
        begun_by: "王芳".to_owned(),
        note: "季度演练".to_owned(),
        ends_at: at(90_000),
        scenario: Scenario {
            area: AreaId::new("yard").unwrap(),
            gas: GasId::new("chlorine").unwrap(),
            peak: 0.1 + 0.2,
            unit: Unit::Ppm,
            rise_ms: 1,
            hold_ms: 2,
            decay_ms: 3,
            release_at: at(20),
            channels: vec![DrilledChannel {
                channel: ChannelId::new("a").unwrap(),
                factor: 0.5,
                delay_ms: 7,
            }],
        },
    }
}

fn event(change: WarningChange, exercise: Option<DrillId>, ms: i64) -> WarningEvent {
    let (area, gas) = (AreaId::new("yard").unwrap(), GasId::new("chlorine").unwrap());
    let id = WarningId::of(&area, &gas, at(1));
    let prefix = exercise.map(DrillId::prefix).unwrap_or_default();
    let state = match change {
        WarningChange::Ended => WarningState::Normal,
        _ => WarningState::ActiveUnacknowledged,
    };
    let warning = Warning {
        id: WarningId::from_text(&format!("{prefix}{id}")),
        state,
        changed_at: at(ms),
        exercise,
        ..Warning::begun(&area, &gas, Tier::Red, at(1))
    };
    WarningEvent { change, at: at(ms), warning, said: None }
}

fn step(warnings: Vec<WarningEvent>) -> Step {
    Step {
        series_seq: 1,
        recorded_at: at(30),
        alarms: Vec::new(),
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

fn acts(ledger: &Ledger) -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    let entries = ledger.audit_entries(&AuditFilter::default(), 100).unwrap();
    for entry in entries {
        found.push((entry.by, entry.act, entry.about));
    }
    found.sort();
    found
}

#[test]
fn a_drill_begins_and_ends_whole_and_only_one_runs() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    let drill = ledger.begin_drill(&plan()).unwrap();
    assert_eq!((drill.id, &drill.plan), (DrillId(1), &plan()));
    assert!(ledger.begin_drill(&plan()).is_err(), "two at a time");
    assert_eq!(ledger.drill_running().unwrap(), Some(drill.clone()));
    let (real, mine) = (None, Some(drill.id));
    let raised = |exercise| event(WarningChange::Raised, exercise, 30);
    ledger.commit(&step(vec![raised(mine), raised(real)])).unwrap();
    assert_eq!(ledger.warnings_open().unwrap(), [raised(real).warning], "none of a drill");
    assert_eq!(ledger.warnings_all(9).unwrap().len(), 2);
    assert_eq!(ledger.drill_warnings_open(drill.id).unwrap(), [raised(mine).warning]);

    let (by, note) = (None, "yard.chlorine".to_owned());
    let end = DrillEnd { at: at(40), reason: DrillEndReason::Preempted, by, note };
    let last = event(WarningChange::Ended, mine, 40);
    let written = ledger.end_drill(drill.id, &end, std::slice::from_ref(&last), &[]).unwrap();
    assert_eq!(written.warnings, [(3, last.clone())]);
    assert_eq!(ledger.newest_seq(), 3);
    assert_eq!(ledger.events_after(2, 9).unwrap(), [(3, LedgerEvent::Warning(last.clone()))]);
    assert_eq!(ledger.drill_steps(drill.id).unwrap(), [(at(30), raised(mine)), (at(40), last)]);
    assert_eq!(ledger.drill_warnings_open(drill.id).unwrap(), []);
    assert_eq!(ledger.drill_running().unwrap(), None);
    let other = DrillEnd { at: at(50), reason: DrillEndReason::ByHand, ..end.clone() };
    let again = ledger.end_drill(drill.id, &other, &[], &[]).unwrap();
    assert_eq!(again.warnings, [], "it is over");
    drop(ledger);

    let ledger = Ledger::open(dir.path()).unwrap();
    let kept = ledger.drill(drill.id).unwrap().unwrap();
    assert_eq!(kept.ended, Some(end));
    let second = ledger.begin_drill(&plan()).unwrap();
    assert_eq!(second.id, DrillId(2));
    assert_eq!(ledger.drills(9).unwrap(), [second.clone(), kept]);
    assert_eq!(ledger.drill(DrillId(3)).unwrap(), None);
    let entry = |by: &str, act: &str, about: &str| (by.into(), act.into(), about.into());
    let expected: Vec<(String, String, String)> = vec![
        entry("station", "drill.end", "drill-1"),
        entry("王芳", "drill.begin", "drill-1"),
        entry("王芳", "drill.begin", "drill-2"),
    ];
    assert_eq!(acts(&ledger), expected);
}
