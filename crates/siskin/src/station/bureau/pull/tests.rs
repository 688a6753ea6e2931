//! However a bureau reads, it has every step of its areas once and in order, also over restarts.

use proptest::prelude::*;
use siskin_model::{AreaId, FloodChange, FloodEvent, WarningChange};
use siskin_store::Step;

use super::*;
use crate::files;

const MINUTE_MS: i64 = 60_000;
/// 2026-11-29T00:00:00Z.
const FROM_MS: i64 = 1_795_910_400_000;

fn at(minute: i64) -> Timestamp {
    Timestamp::from_millis(FROM_MS + minute * MINUTE_MS)
}

fn site() -> Site {
    siskin_config::load(&files::demo_park()).unwrap().site
}

fn event(id: &str, area: &AreaId, minute: i64) -> WarningEvent {
    let warning = serde_json::json!({
        "id": id, "gas": "chlorine", "area": area, "tier": "red", "tier_peak": "red",
        "state": "active-unacknowledged", "raised_at": at(minute), "changed_at": at(minute),
        "returned_at": null, "acknowledged": null, "alarms": [], "channels": [],
    });
    let warning = serde_json::from_value(warning).unwrap();
    WarningEvent { change: WarningChange::Raised, at: at(minute), warning, said: None }
}

/// Writes a step of a warning in an area, or, without one, something that is none.
fn commit(ledger: &Ledger, minute: i64, area: Option<&AreaId>) {
    let flood = FloodEvent {
        change: FloodChange::Began,
        desk: "north".to_owned(),
        at: at(minute),
        begun_at: at(minute),
        calls: 11,
    };
    let step = Step {
        series_seq: 0,
        recorded_at: at(minute),
        alarms: Vec::new(),
        warnings: area.map(|area| event(&format!("w{minute}"), area, minute)).into_iter().collect(),
        corrections: Vec::new(),
        equipment: Vec::new(),
        holds: Vec::new(),
        floods: if area.is_none() { vec![flood] } else { Vec::new() },
        messages: Vec::new(),
        late: Vec::new(),
        audit: Vec::new(),
        pulse: None,
    };
    ledger.commit(&step).unwrap();
}

fn pull(
    ledger: &Ledger,
    site: &Site,
    areas: &AreaScope,
    (after, limit): (Option<&str>, usize),
) -> Result<BureauWarningsView, BackendError> {
    let desk = Desk { site, ledger, simulated: false, now: at(100_000) };
    let after = after.map(|text| text.parse().unwrap());
    desk.pull(areas, after, limit)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// What is written: 0 and 1 are the areas, 2 is something else. It is read in pages of any
    /// length, each after some more was written and the ledger was opened anew or not.
    #[test]
    fn nothing_twice_and_nothing_left_out(
        written in prop::collection::vec(0_usize..3, 1..40),
        reads in prop::collection::vec((1_usize..7, 0_usize..6, any::<bool>()), 1..20),
        whole_site in any::<bool>(),
    ) {
        let (dir, site) = (tempfile::tempdir().unwrap(), site());
        let own = [site.areas[0].id.clone(), site.areas[1].id.clone()];
        let areas =
            if whole_site { AreaScope::All } else { AreaScope::Some([own[0].clone()].into()) };
        let mut ledger = Ledger::open(dir.path()).unwrap();
        let mut left = (0_i64..).zip(&written);
        let (mut got, mut entries): (Vec<String>, u64) = (Vec::new(), 0);
        let mut cursor: Option<String> = None;
        let mut read = |ledger: &Ledger, limit: usize| {
            let view = pull(ledger, &site, &areas, (cursor.as_deref(), limit)).unwrap();
            assert!(view.steps.len() <= limit);
            assert!(view.steps.is_sorted_by(|a, b| a.seq < b.seq));
            entries += view.passed_over + view.steps.len() as u64;
            got.extend(view.steps.into_iter().map(|step| step.warning));
            cursor = view.next;
            view.has_more
        };
        for (limit, more, reopen) in reads {
            for (minute, what) in left.by_ref().take(more) {
                commit(&ledger, minute, own.get(*what));
            }
            if reopen {
                drop(ledger);
                ledger = Ledger::open(dir.path()).unwrap();
            }
            read(&ledger, limit);
        }
        for (minute, what) in left {
            commit(&ledger, minute, own.get(*what));
        }
        while read(&ledger, 3) {}
        let is_theirs = |what: usize| what == 0 || (whole_site && what == 1);
        let expected = written.iter().enumerate().filter(|(_, what)| is_theirs(**what));
        let expected: Vec<_> = expected.map(|(minute, _)| format!("w{minute}")).collect();
        prop_assert_eq!(got, expected);
        prop_assert_eq!(entries, written.len() as u64, "every entry was looked at once");
    }
}

#[test]
fn a_cursor_of_another_ledger_is_refused() {
    let (dir, site) = (tempfile::tempdir().unwrap(), site());
    let ledger = Ledger::open(dir.path()).unwrap();
    let first = pull(&ledger, &site, &AreaScope::All, (None, 9)).unwrap();
    assert_eq!((first.next, first.has_more, first.steps.len()), (None, false, 0));
    commit(&ledger, 1, Some(&site.areas[0].id));
    let found = pull(&ledger, &site, &AreaScope::All, (None, 9)).unwrap();
    let next = found.next.unwrap();
    assert!(pull(&ledger, &site, &AreaScope::All, (Some(&next), 9)).unwrap().steps.is_empty());
    // Behind the end, as after a backup was brought back, and the same place written anew.
    for wrong in [format!("2.{}", at(1).as_millis()), format!("1.{}", at(2).as_millis())] {
        let refused = pull(&ledger, &site, &AreaScope::All, (Some(&wrong), 9)).unwrap_err();
        let expected = BureauFault::CursorUnknown(wrong);
        assert!(matches!(&refused, BackendError::Bureau(fault) if *fault == expected), "{refused}");
    }
}

#[test]
fn long_silences_are_told_and_names_stand_beside_ids() {
    let (dir, site) = (tempfile::tempdir().unwrap(), site());
    let ledger = Ledger::open(dir.path()).unwrap();
    for minute in [0, 60, 121] {
        commit(&ledger, minute, Some(&site.areas[0].id));
    }
    let page = pull(&ledger, &site, &AreaScope::All, (None, 2)).unwrap();
    assert!(page.has_more && page.silences.is_empty(), "an hour is not long: {page:?}");
    let last = pull(&ledger, &site, &AreaScope::All, (page.next.as_deref(), 2)).unwrap();
    let lengths: Vec<_> = last.silences.iter().map(|one| one.length_ms / MINUTE_MS).collect();
    // From the second to the third, and from the third to now.
    assert_eq!(lengths, [61, 100_000 - 121]);
    let step = &last.steps[0];
    let names = (step.gas_name.zh.as_str(), step.cas.as_deref(), step.is_exercise);
    assert_eq!(names, ("氯", Some("7782-50-5"), false));
}
