//! Messages go to disk with the step that they tell of, once, and receipts say what became of them.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on must panic"
)]

use rusqlite::Connection;
use siskin_model::notify::{
    Candidate, Delivery, DeliveryState, Happened, Message, MessageKind, Receipt, Show,
};
use siskin_model::{
    AreaId, AreaScope, GasId, Text, Tier, Timestamp, Warning, WarningChange, WarningEvent,
    WarningId, WarningState,
};
use siskin_store::ledger::{
    DeliveryFilter, Lacking, MessageTotals, NewAudit, NewMessage, ROWS_MAX,
};
use siskin_store::{Ledger, Step};

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(ms)
}

fn warning(state: WarningState) -> Warning {
    let (area, gas) = (AreaId::new("yard").unwrap(), GasId::new("chlorine").unwrap());
    Warning { state, ..Warning::begun(&area, &gas, Tier::Orange, at(1)) }
}

fn message(warning: &Warning, kind: MessageKind, ms: i64) -> Message {
    Message {
        warning: warning.id.clone(),
        transition: 0,
        kind,
        show: Show::Real,
        site: "park".to_owned(),
        site_name: Text::new("园区", "Park"),
        utc_offset_s: 28_800,
        gas: warning.gas.clone(),
        gas_name: Text::new("氯气", "Chlorine"),
        cas: Some("7782-50-5".to_owned()),
        area: warning.area.clone(),
        area_name: Text::new("场地", "Yard"),
        geo: None,
        tier: warning.tier,
        tier_peak: warning.tier_peak,
        raised_at: warning.raised_at,
        at: at(ms),
        made_at: at(ms),
        said: None,
        is_active: true,
        is_acknowledged: false,
        reason: None,
        corrected: None,
        alarms: 0,
        rules_version: None,
        actions: Vec::new(),
        call: Vec::new(),
    }
}

/// A step at `ms` in which the warning goes on, told to the recipients with whether they are due.
fn step(ms: i64, change: WarningChange, kind: MessageKind, to: &[(&str, bool)]) -> Step {
    let over = kind == MessageKind::AllClear;
    let state = if over { WarningState::Normal } else { WarningState::ActiveUnacknowledged };
    let warning = warning(state);
    let candidate =
        |(id, is_due): &(&str, bool)| Candidate { recipient: (*id).to_owned(), is_due: *is_due };
    let message = message(&warning, kind, ms);
    Step {
        series_seq: 1,
        recorded_at: at(ms),
        alarms: Vec::new(),
        warnings: vec![WarningEvent { change, at: at(ms), warning, said: None }],
        corrections: Vec::new(),
        equipment: Vec::new(),
        holds: Vec::new(),
        floods: Vec::new(),
        messages: vec![NewMessage { event: 0, message, to: to.iter().map(candidate).collect() }],
        late: Vec::new(),
        audit: Vec::new(),
        pulse: None,
    }
}

fn kinds(ledger: &Ledger, recipient: &str) -> Vec<(u64, u32, MessageKind)> {
    let open = ledger.deliveries_open(recipient, 0, 100).unwrap();
    open.iter().map(|(one, _)| (one.number, one.transition, one.kind)).collect()
}

fn receipt(delivery: u64, happened: Happened, ms: i64) -> Receipt {
    Receipt { delivery, happened, at: at(ms), way: 0, answer: format!("at {ms}") }
}

#[test]
fn a_step_that_is_repeated_tells_nobody_twice() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    let raised = step(5, WarningChange::Raised, MessageKind::Alert, &[("bureau", true)]);
    assert_eq!(ledger.commit(&raised).unwrap().delivery, Some(1));
    drop(ledger);
    let ledger = Ledger::open(dir.path()).unwrap();
    assert_eq!(ledger.commit(&raised).unwrap().delivery, None);
    assert_eq!(kinds(&ledger, "bureau"), [(1, 1, MessageKind::Alert)]);
}

#[test]
fn who_joins_late_gets_an_alert_and_who_knew_nothing_no_end() {
    use MessageKind::{Alert, AllClear, Update};
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    let all = [("a", true), ("b", false), ("c", false)];
    ledger.commit(&step(5, WarningChange::Raised, Alert, &all)).unwrap();
    let all = [("a", true), ("b", true), ("c", false)];
    ledger.commit(&step(6, WarningChange::Escalated, Update, &all)).unwrap();
    let all = [("a", false), ("b", false), ("c", false)];
    ledger.commit(&step(7, WarningChange::Closed, AllClear, &all)).unwrap();
    assert_eq!(kinds(&ledger, "a"), [(1, 1, Alert), (2, 2, Update), (4, 3, AllClear)]);
    assert_eq!(kinds(&ledger, "b"), [(3, 2, Alert), (5, 3, AllClear)]);
    assert_eq!(kinds(&ledger, "c"), []);
    let id = warning(WarningState::Normal).id;
    assert_eq!(ledger.told_before("a", &id, 3).unwrap(), [(1, at(5)), (2, at(6))]);
    assert_eq!(ledger.told_before("b", &id, 3).unwrap(), [(2, at(6))]);
    let public: Vec<_> = ledger.messages_of(&id, 9).unwrap().iter().map(|m| m.kind).collect();
    assert_eq!(public, [Alert, Update, AllClear]);
}

#[test]
fn a_warning_is_open_to_others_until_its_end() {
    use MessageKind::{Alert, AllClear, Update};
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    let other = WarningId::from_text("other");
    let check = |about: &WarningId, expected: [bool; 2]| {
        let found = ["a", "b"].map(|recipient| {
            let others = ledger.others_told(recipient, about).unwrap();
            !others.is_empty()
        });
        assert_eq!(found, expected, "{about}");
    };
    check(&other, [false, false]);
    let (told, all) = ([("a", true)], [("a", false)]);
    ledger.commit(&step(5, WarningChange::Raised, Alert, &told)).unwrap();
    ledger.commit(&step(6, WarningChange::Escalated, Update, &all)).unwrap();
    check(&other, [true, false]);
    check(&warning(WarningState::Normal).id, [false, false]);
    ledger.commit(&step(7, WarningChange::Closed, AllClear, &all)).unwrap();
    check(&other, [false, false]);
}

#[test]
fn receipts_are_kept_and_what_cannot_be_is_passed_over() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    let raised = step(5, WarningChange::Raised, MessageKind::Alert, &[("bureau", true)]);
    ledger.commit(&raised).unwrap();
    let unreceipted = |ms| ledger.deliveries_unreceipted(at(ms), 9).unwrap().len();
    assert_eq!((unreceipted(4), unreceipted(5)), (0, 1));
    let happened = [Happened::Try, Happened::Retry, Happened::Try, Happened::Accept];
    let receipts: Vec<_> = (6i64..).zip(happened).map(|(ms, what)| receipt(1, what, ms)).collect();
    assert_eq!(ledger.put_receipts(&receipts).unwrap(), receipts);
    let late = [receipt(1, Happened::GiveUp, 20), receipt(99, Happened::Try, 20)];
    assert_eq!(ledger.put_receipts(&late).unwrap(), []);
    drop(ledger);
    let ledger = Ledger::open(dir.path()).unwrap();
    let one: Delivery = ledger.delivery(1).unwrap().unwrap();
    assert_eq!((one.state, one.tries, one.ended_at), (DeliveryState::Accepted, 2, Some(at(9))));
    let kept: Vec<_> = ledger.receipts(1).unwrap().into_iter().map(|kept| kept.receipt).collect();
    assert_eq!(kept, receipts);
    assert_eq!(kinds(&ledger, "bureau"), []);
    let totals = ledger.outbox_totals(at(0)).unwrap();
    assert_eq!((totals.open, totals.oldest_open_at, totals.failed), (0, None, 0));
}

#[test]
fn deliveries_are_found_by_what_is_asked() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    let all = [("a", true), ("b", true)];
    ledger.commit(&step(5, WarningChange::Raised, MessageKind::Alert, &all)).unwrap();
    ledger.put_receipts(&[receipt(2, Happened::Try, 6), receipt(2, Happened::GiveUp, 7)]).unwrap();
    let check = |filter: DeliveryFilter, expected: &[u64]| {
        let found = ledger.deliveries(&filter, 10).unwrap();
        let numbers: Vec<_> = found.iter().map(|one| one.number).collect();
        assert_eq!(numbers, expected, "{filter:?}");
    };
    check(DeliveryFilter::default(), &[2, 1]);
    check(DeliveryFilter { before: Some(2), ..DeliveryFilter::default() }, &[1]);
    check(DeliveryFilter { recipient: Some("a".into()), ..DeliveryFilter::default() }, &[1]);
    let failed = Some(DeliveryState::Failed);
    check(DeliveryFilter { state: failed, ..DeliveryFilter::default() }, &[2]);
    let other = Some(WarningId::from_text("other"));
    check(DeliveryFilter { warning: other, ..DeliveryFilter::default() }, &[]);
    let area = warning(WarningState::Normal).area;
    let areas = |id: &AreaId| AreaScope::Some([id.clone()].into());
    let elsewhere = areas(&AreaId::new("elsewhere").unwrap());
    check(DeliveryFilter { areas: areas(&area), ..DeliveryFilter::default() }, &[2, 1]);
    check(DeliveryFilter { areas: elsewhere.clone(), ..DeliveryFilter::default() }, &[]);
    let none = AreaScope::Some([].into());
    check(DeliveryFilter { areas: none.clone(), ..DeliveryFilter::default() }, &[]);
    let newest = |areas: &AreaScope| ledger.messages_newest(areas, 10).unwrap().len();
    let counts = [&AreaScope::All, &areas(&area), &elsewhere, &none].map(newest);
    assert_eq!(counts, [1, 1, 0, 0]);
    assert_eq!(ledger.outbox_totals(at(0)).unwrap().failed, 1);
    assert_eq!(ledger.outbox_totals(at(8)).unwrap().failed, 0);
}

#[test]
fn a_ledger_of_the_fifth_format_gets_its_outbox() {
    let dir = tempfile::tempdir().unwrap();
    drop(Ledger::open(dir.path()).unwrap());
    let db = Connection::open(dir.path().join("ledger.db")).unwrap();
    // The fifth format is this one without the tables that came later.
    let later =
        "DROP TABLE receipt; DROP TABLE delivery; DROP TABLE message; DROP TABLE maintenance;";
    db.execute_batch(later).unwrap();
    db.pragma_update(None, "user_version", 5).unwrap();
    drop(db);
    let ledger = Ledger::open(dir.path()).unwrap();
    let raised = step(5, WarningChange::Raised, MessageKind::Alert, &[("bureau", true)]);
    assert_eq!(ledger.commit(&raised).unwrap().delivery, Some(1));
}

#[test]
fn who_read_first_stays_and_a_time_has_its_totals() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    let all = [("a", true), ("b", true), ("c", true)];
    ledger.commit(&step(5, WarningChange::Raised, MessageKind::Alert, &all)).unwrap();
    let read = |ms: i64| {
        let (by, act) = ("county-li".to_owned(), "message.read".to_owned());
        let body = serde_json::json!({ "delivery": 1 });
        let entry = NewAudit { at: at(ms), by, act, about: String::new(), body };
        ledger.put_read(&receipt(1, Happened::Read, ms), &entry).unwrap()
    };
    assert!(!read(6), "what was not accepted cannot have been read");
    let (try_it, accept) = (Happened::Try, Happened::Accept);
    let receipts = [
        [receipt(1, try_it, 6), receipt(1, accept, 9)],
        [receipt(2, try_it, 6), receipt(2, accept, 20)],
        [receipt(3, try_it, 6), receipt(3, Happened::GiveUp, 7)],
    ];
    ledger.put_receipts(&receipts.concat()).unwrap();
    assert!(read(30) && !read(40));
    assert_eq!(ledger.audit_counts().unwrap().0, 1, "one reading, one entry");
    let one = ledger.delivery(1).unwrap().unwrap();
    assert_eq!((one.state, one.read_at), (DeliveryState::Read, Some(at(30))));
    let check = |from, to, expected| {
        assert_eq!(ledger.message_totals((at(from), at(to)), 4).unwrap(), expected);
    };
    check(5, 6, MessageTotals { told: 3, in_time: 1, failed: 1, read: 1 });
    check(6, 99, MessageTotals::default());
    check(0, 5, MessageTotals::default());
}

#[test]
fn each_recipient_that_owes_a_receipt_is_named_once() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    let to = [("a", true), ("b", true), ("c", true)];
    ledger.commit(&step(1, WarningChange::Raised, MessageKind::Alert, &to)).unwrap();
    ledger.commit(&step(2, WarningChange::Escalated, MessageKind::Update, &to)).unwrap();
    let named = |found: Vec<Lacking>| {
        found.into_iter().map(|one| (one.recipient, one.at)).collect::<Vec<_>>()
    };
    let one = |id: &str, ms| (id.to_owned(), at(ms));
    // Nothing is late before its time.
    assert_eq!(named(ledger.recipients_unreceipted(at(0)).unwrap()), []);
    let late = named(ledger.recipients_unreceipted(at(1)).unwrap());
    assert_eq!(late, [one("a", 1), one("b", 1), one("c", 1)]);
    // `a` takes the first and gives the second up; `b` the other way round; `c` does nothing.
    let ends = [(1, Happened::Accept), (4, Happened::GiveUp), (2, Happened::GiveUp)];
    for (number, end) in ends.into_iter().chain([(5, Happened::Accept)]) {
        let ms = i64::try_from(number).unwrap() * 10;
        let both = [receipt(number, Happened::Try, ms), receipt(number, end, ms + 1)];
        assert_eq!(ledger.put_receipts(&both).unwrap().len(), 2);
    }
    assert_eq!(named(ledger.recipients_unreceipted(at(99)).unwrap()), [one("c", 1)]);
    assert_eq!(named(ledger.recipients_failed().unwrap()), [one("a", 41)]);
    assert_eq!(named(ledger.recipients_taken().unwrap()), [one("a", 11), one("b", 51)]);
}

#[test]
fn more_than_one_answer_holds_is_read_on_without_a_gap() {
    const COUNT: usize = ROWS_MAX + 7;
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    let names: Vec<String> = (0..COUNT).map(|number| format!("r{number}")).collect();
    let to: Vec<_> = names.iter().map(|name| (name.as_str(), true)).collect();
    ledger.commit(&step(5, WarningChange::Raised, MessageKind::Alert, &to)).unwrap();
    let id = warning(WarningState::Normal).id;
    let (mut numbers, mut after) = (Vec::new(), 0);
    loop {
        let page = ledger.deliveries_of(&id, after, usize::MAX).unwrap();
        let Some(last) = page.last() else { break };
        after = last.number;
        assert!(page.len() <= ROWS_MAX);
        numbers.extend(page.iter().map(|one| one.number));
    }
    assert_eq!(numbers, (1..=COUNT as u64).collect::<Vec<_>>());
    // Receipts and messages by pages of one.
    let tries = [receipt(1, Happened::Try, 6), receipt(1, Happened::Retry, 7)];
    ledger.put_receipts(&tries).unwrap();
    let first = ledger.receipts_after(1, 0, 1).unwrap();
    let second = ledger.receipts_after(1, first[0].number, 1).unwrap();
    assert_eq!([&first[0].receipt, &second[0].receipt], [&tries[0], &tries[1]]);
    assert_eq!(ledger.receipts_after(1, second[0].number, 1).unwrap(), []);
    ledger.commit(&step(8, WarningChange::Escalated, MessageKind::Update, &to[..1])).unwrap();
    let page = |after| ledger.messages_after(&id, after, 1).unwrap();
    let kinds: Vec<_> = [0, 1, 2].map(page).iter().flatten().map(|one| one.transition).collect();
    assert_eq!(kinds, [1, 2]);
    let steps = ledger.warning_events(&id).unwrap();
    let step_after = |after| ledger.warning_events_after(&id, after, 1).unwrap();
    assert_eq!(steps, [step_after(0), step_after(steps[0].0)].concat());
}
