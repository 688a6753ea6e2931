//! Who outside is told of a drill, and as what.

use siskin_model::notify::{Language, MessageKind, RecipientKind, Show};
use siskin_model::{Text, Tier};
use siskin_store::ledger::DeliveryFilter;

use super::*;

/// A bureau that hears of everything, of drills where it says so.
fn bureau(id: &str, drills: bool) -> Recipient {
    Recipient {
        id: id.to_owned(),
        name: Text::new("局", "bureau"),
        kind: RecipientKind::Bureau,
        tier_min: Tier::Blue,
        gases: Vec::new(),
        areas: Vec::new(),
        hours: None,
        quiet: None,
        on_duty: None,
        languages: vec![Language::Zh],
        may_supersede: false,
        accounts: Vec::new(),
        drills,
        corrections: false,
        ways: Vec::new(),
    }
}

fn drilled(folder: &TempDir, at_ms: i64) -> Park {
    Park::open(folder.path(), at_ms, vec![bureau("trained", true), bureau("spared", false)])
}

/// Recipient, kind and mark of every delivery, in order.
fn told(park: &Park) -> Vec<(String, MessageKind, Show)> {
    let found = park.ledger.deliveries(&DeliveryFilter::default(), 100).unwrap();
    let one = |delivery: &siskin_model::notify::Delivery| {
        let said = park.ledger.messages_of(&delivery.warning, delivery.transition).unwrap();
        (delivery.recipient.clone(), delivery.kind, said.last().unwrap().show.clone())
    };
    found.iter().rev().map(one).collect()
}

fn of_drill(number: u64) -> Show {
    Show::Exercise(number.to_string())
}

#[test]
fn a_drill_is_told_as_an_exercise_and_only_to_those_who_want_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut park = drilled(&folder, START_MS);
    let drill = park.begin().unwrap().id;
    for _ in 0..8 {
        park.take(0.0);
    }
    let alert = ("trained".to_owned(), MessageKind::Alert, of_drill(1));
    assert_eq!(told(&park).first(), Some(&alert));
    park.pipeline.end_by_hand(drill, "han".to_owned(), "够了").unwrap();
    let before = told(&park);
    assert_eq!(before.last(), Some(&("trained".to_owned(), MessageKind::AllClear, of_drill(1))));
    let is_marked = |(to, _, show): &(String, _, _)| to == "trained" && *show == of_drill(1);
    assert!(before.iter().all(is_marked), "{before:?}");

    while park.told().0.iter().all(|event| !matches!(event, LedgerEvent::Warning(_))) {
        park.take(45.0);
    }
    let real: Vec<_> = told(&park).into_iter().skip(before.len()).take(2).collect();
    let alert = |id: &str| (id.to_owned(), MessageKind::Alert, Show::Real);
    assert_eq!(real, [alert("trained"), alert("spared")]);
}

#[test]
fn who_was_told_of_a_drill_is_told_that_a_restart_ended_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut park = drilled(&folder, START_MS);
    park.begin().unwrap();
    for _ in 0..8 {
        park.take(0.0);
    }
    let (before, now) = (told(&park).len(), park.now());
    drop(park);
    let park = drilled(&folder, now.as_millis());
    let after = told(&park);
    assert_eq!(after[before..], [("trained".to_owned(), MessageKind::AllClear, of_drill(1))]);
}
