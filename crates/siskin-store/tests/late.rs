//! What late readings change is told in the transaction of the corrections, once, to who asks.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use siskin_model::notify::{Corrected, Course, Message, MessageKind, Show};
use siskin_model::{
    Alarm, AlarmEvent, AlarmKind, AreaId, ChannelId, Correction, CorrectionChange, Edge, GasId,
    RuleId, Text, Tier, Timestamp, Unit, WarningId,
};
use siskin_store::ledger::NewLate;
use siskin_store::{Ledger, Step};

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(ms)
}

fn edge(edge: Edge, since_ms: i64, ms: i64) -> AlarmEvent {
    let alarm = Alarm {
        rule: RuleId::new("red").unwrap(),
        channel: ChannelId::new("at-1").unwrap(),
        kind: AlarmKind::Gas,
        tier: Some(Tier::Red),
        since: at(since_ms),
        value: Some(1.5),
        limit: Some(1.0),
        unit: Unit::Ppm,
        forecast: None,
    };
    AlarmEvent { edge, at: at(ms), alarm }
}

fn message(area: &AreaId, gas: &GasId) -> Message {
    Message {
        warning: WarningId::from_text(""),
        transition: 0,
        kind: MessageKind::Correction,
        show: Show::Real,
        site: "park".to_owned(),
        site_name: Text::new("园区", "Park"),
        utc_offset_s: 28_800,
        gas: gas.clone(),
        gas_name: Text::new("氯气", "Chlorine"),
        cas: None,
        area: area.clone(),
        area_name: Text::new("场地", "Yard"),
        geo: None,
        tier: Tier::Red,
        tier_peak: Tier::Red,
        raised_at: at(0),
        at: at(9),
        made_at: at(9),
        said: None,
        is_active: false,
        is_acknowledged: false,
        reason: None,
        corrected: None,
        alarms: 0,
        rules_version: None,
        actions: Vec::new(),
        call: Vec::new(),
    }
}

/// A step with corrections that were found at `found_ms`.
fn step(found_ms: i64, changes: &[(CorrectionChange, AlarmEvent)]) -> Step {
    let (area, gas) = (AreaId::new("yard").unwrap(), GasId::new("chlorine").unwrap());
    let correction = |(change, event): &(CorrectionChange, AlarmEvent)| Correction {
        change: *change,
        found_at: at(found_ms),
        event: event.clone(),
    };
    let late = NewLate {
        message: message(&area, &gas),
        area,
        gas,
        channels: vec![ChannelId::new("at-1").unwrap()],
        from: at(0),
        to: at(500),
        to_whom: vec![("bureau".to_owned(), Tier::Yellow), ("none".to_owned(), Tier::Red)],
    };
    Step {
        series_seq: 1,
        recorded_at: at(found_ms),
        alarms: Vec::new(),
        warnings: Vec::new(),
        corrections: changes.iter().map(correction).collect(),
        equipment: Vec::new(),
        holds: Vec::new(),
        floods: Vec::new(),
        messages: Vec::new(),
        late: vec![late],
        audit: Vec::new(),
        pulse: None,
    }
}

fn told(ledger: &Ledger) -> Vec<(String, u32, Option<Corrected>)> {
    let open = ledger.deliveries_open("bureau", 0, 100).unwrap();
    let one = |(delivery, message): (siskin_model::notify::Delivery, Message)| {
        (delivery.warning.to_string(), delivery.transition, message.corrected)
    };
    open.into_iter().map(one).collect()
}

#[test]
fn a_correction_is_told_once_and_a_further_one_of_it_as_the_next_message() {
    use CorrectionChange::{Added, Removed};
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    let (raise, clear) = (edge(Edge::Raise, 100, 100), edge(Edge::Clear, 100, 200));
    let found = step(600, &[(Added, raise), (Added, clear.clone())]);
    assert_eq!(ledger.commit(&found).unwrap().delivery, Some(2));
    // Committed again after a restart: nothing is new.
    assert_eq!(ledger.commit(&found).unwrap().delivery, None);
    let course = |end| Some(Course { begin: at(100), end: Some(at(end)), peak: Tier::Red });
    let first = Corrected { before: None, after: course(200) };
    let id =
        WarningId::of(&AreaId::new("yard").unwrap(), &GasId::new("chlorine").unwrap(), at(100));
    assert_eq!(told(&ledger), [(id.to_string(), 1, Some(first.clone()))]);

    let moved = [(Removed, clear), (Added, edge(Edge::Clear, 100, 300))];
    ledger.commit(&step(700, &moved)).unwrap();
    let second = Corrected { before: course(200), after: course(300) };
    let both = [(id.to_string(), 1, Some(first)), (id.to_string(), 2, Some(second))];
    assert_eq!(told(&ledger), both);
    // Both are for everybody, too, and point back.
    assert_eq!(ledger.messages_of(&id, 9).unwrap().len(), 2);
    assert_eq!(ledger.told_before("bureau", &id, 2).unwrap(), [(1, at(9))]);
}

#[test]
fn a_siren_is_not_kept_on_by_what_is_past() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    let changes = [
        (CorrectionChange::Added, edge(Edge::Raise, 100, 100)),
        (CorrectionChange::Added, edge(Edge::Clear, 100, 200)),
    ];
    ledger.commit(&step(600, &changes)).unwrap();
    let others = ledger.others_told("bureau", &WarningId::from_text("other")).unwrap();
    assert_eq!(others, []);
}
