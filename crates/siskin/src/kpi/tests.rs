//! From the ledger's rows to figures by position.

use siskin_api::contract::{KpiPositionView, KpisView, TierView};
use siskin_model::WarningChange::{Acknowledged, Raised, Returned};
use siskin_model::life::Desk;
use siskin_model::{FloodChange, FloodEvent, Site, Text, Timestamp, WarningChange, WarningEvent};
use siskin_store::{Ledger, Step};

use super::*;
use crate::files;

const HOUR_MS: i64 = 3_600_000;
/// 2026-11-29T00:00:00Z.
const FROM_MS: i64 = 1_795_910_400_000;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(FROM_MS + ms)
}

/// The demo park with a desk for its first area and one for the rest.
fn site() -> Site {
    let mut site = siskin_config::load(&files::demo_park()).unwrap().site;
    let desk = |id: &str, areas| Desk { id: id.to_owned(), name: Text::new(id, id), areas };
    let first = site.areas[0].id.clone();
    site.life.desks = vec![desk("north", vec![first]), desk("rest", Vec::new())];
    site
}

fn event(id: &str, area: &str, change: WarningChange, ms: i64) -> WarningEvent {
    let acknowledged = (change == WarningChange::Acknowledged)
        .then(|| serde_json::json!({ "by": "li", "note": "", "at": at(ms) }));
    let warning = serde_json::json!({
        "id": id, "gas": "chlorine", "area": area, "tier": "red", "tier_peak": "red",
        "state": "active-unacknowledged", "raised_at": at(ms), "changed_at": at(ms),
        "returned_at": null, "acknowledged": acknowledged, "alarms": [], "channels": [],
        "announced_at": at(ms),
    });
    let warning = serde_json::from_value(warning).unwrap();
    WarningEvent { change, at: at(ms), warning, said: None }
}

fn commit(ledger: &Ledger, recorded_ms: i64, warnings: Vec<WarningEvent>, floods: Vec<FloodEvent>) {
    let step = Step {
        series_seq: 0,
        recorded_at: at(recorded_ms),
        alarms: Vec::new(),
        warnings,
        corrections: Vec::new(),
        equipment: Vec::new(),
        holds: Vec::new(),
        floods,
        messages: Vec::new(),
        late: Vec::new(),
        audit: Vec::new(),
        pulse: None,
    };
    ledger.commit(&step).unwrap();
}

fn told(site: &Site, ledger: &Ledger, position: Option<&str>) -> Result<KpisView, KpiError> {
    let read = |span, take: &mut dyn FnMut(_), before: &mut dyn FnMut(_)| {
        ledger.life_between(span, take, before)
    };
    kpis(site, &read, (at(0), at(24 * HOUR_MS)), position, at(48 * HOUR_MS))
}

fn value(position: &KpiPositionView, measure: &str) -> (Option<f64>, String) {
    let found = position.figures.iter().find(|figure| figure.measure == measure).unwrap();
    (found.value, found.standing.clone())
}

#[test]
fn calls_belong_to_the_desk_of_their_area_and_drills_to_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let (site, ledger) = (site(), Ledger::open(dir.path()).unwrap());
    let (north, other) = (site.areas[0].id.to_string(), site.areas[1].id.to_string());
    commit(
        &ledger,
        HOUR_MS,
        vec![
            event("a", &north, Raised, HOUR_MS),
            event("b", &other, Raised, HOUR_MS),
            event("drill-1.c", &north, Raised, HOUR_MS),
        ],
        Vec::new(),
    );
    // Twelve drills more would be a flood, and are nothing.
    let drills = (0..12).map(|n| event(&format!("drill-2.{n}"), &north, Raised, HOUR_MS)).collect();
    commit(&ledger, HOUR_MS, drills, Vec::new());
    // Answered after the end of the span, and gone.
    let late_ms = 25 * HOUR_MS;
    commit(&ledger, late_ms, vec![event("a", &north, Acknowledged, late_ms)], Vec::new());
    commit(&ledger, late_ms, vec![event("a", &north, Returned, late_ms + 1)], Vec::new());
    let found = told(&site, &ledger, None).unwrap();
    assert_eq!((found.drill_events, found.is_short), (13, true));
    let [first, rest] = found.positions.as_slice() else { panic!("{found:?}") };
    assert_eq!((first.position.as_deref(), first.calls), (Some("north"), 1));
    assert_eq!((rest.position.as_deref(), rest.calls), (Some("rest"), 1));
    assert_eq!((first.response.acknowledged, rest.response.open), (1, 1));
    assert_eq!(first.response.longest_ms, Some(24 * HOUR_MS));
    assert_eq!((first.tiers[0].tier, first.tiers[0].calls), (Some(TierView::Red), 1));
    assert_eq!(value(first, "per-day"), (Some(1.0), "met".to_owned()));
    assert_eq!(value(first, "most-in-ten-minutes"), (Some(1.0), "met".to_owned()));
    assert_eq!(value(first, "red-share"), (Some(100.0), "missed".to_owned()));
    // The sum of two positions is compared with nothing.
    let all = found.site.unwrap();
    assert_eq!((all.calls, value(&all, "per-day")), (2, (Some(2.0), "no-target".to_owned())));
    assert!(all.figures.iter().all(|figure| figure.target.is_none() && figure.is_met.is_none()));
    let one = told(&site, &ledger, Some("rest")).unwrap();
    assert_eq!((one.positions.len(), one.site.is_none()), (1, true));
    let nowhere = told(&site, &ledger, Some("south")).unwrap_err();
    assert!(matches!(nowhere, KpiError::Fault(KpiFault::PositionNotFound(_))), "{nowhere}");
}

#[test]
fn a_warning_from_before_is_stale_and_a_flood_is_cut_to_the_span() {
    let dir = tempfile::tempdir().unwrap();
    let (site, ledger) = (site(), Ledger::open(dir.path()).unwrap());
    let north = site.areas[0].id.to_string();
    let early_ms = -48 * HOUR_MS;
    let raised = event("old", &north, WarningChange::Raised, early_ms);
    let flood = |change, ms: i64| FloodEvent {
        change,
        desk: "north".to_owned(),
        at: at(ms),
        begun_at: at(-600_000),
        calls: 11,
    };
    let begun = flood(FloodChange::Began, -600_000);
    commit(&ledger, early_ms, vec![raised], vec![begun]);
    commit(&ledger, HOUR_MS, Vec::new(), vec![flood(FloodChange::Ended, HOUR_MS)]);
    let found = told(&site, &ledger, Some("north")).unwrap();
    let north = &found.positions[0];
    assert_eq!((north.calls, north.stale.len()), (0, 1));
    let flood = &north.floods[0];
    assert_eq!((flood.length_ms, north.floods.len()), (HOUR_MS, 1));
    let (in_flood, standing) = value(north, "in-flood");
    assert!((in_flood.unwrap() - 100.0 / 24.0).abs() < 1e-9, "{in_flood:?}");
    assert_eq!(standing, "missed");
}
