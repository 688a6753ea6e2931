//! Which time is meant, and that what is counted is what the ledger and the series have.

use siskin_model::{Acknowledgement, AreaId, WarningChange, WarningEvent, WarningState};
use siskin_store::{ChannelKey, Series, Step};

use super::*;
use crate::files;

const HOUR_MS: i64 = 3_600_000;

fn at(text: &str) -> Timestamp {
    let moment: jiff::Timestamp = text.parse().unwrap();
    Timestamp::from_millis(moment.as_millisecond())
}

fn settings() -> Settings {
    siskin_config::load(&files::demo_park()).unwrap()
}

fn of(kind: PeriodKindView, text: Option<&str>) -> Result<(Timestamp, Timestamp), String> {
    let (dir, settings) = (tempfile::tempdir().unwrap(), settings());
    let ledger = Ledger::open(dir.path()).unwrap();
    let now = at("2026-11-29T10:00:00+08:00");
    let found = Period::of(kind, text, (&settings.site, &ledger, now));
    found.map(|found| (found.from, found.to)).map_err(|error| error.to_string())
}

#[test]
fn days_and_months_are_those_of_the_park() {
    let check = |kind, text, from: &str, to: &str| {
        assert_eq!(of(kind, text), Ok((at(from), at(to))), "{kind:?} {text:?}");
    };
    let (day, month) = (PeriodKindView::Day, PeriodKindView::Month);
    let (first, second) = ("2026-11-28T00:00:00+08:00", "2026-11-29T00:00:00+08:00");
    check(day, Some("2026-11-28"), first, second);
    // Still the 27th in Greenwich.
    check(day, Some("2026-11-27T16:00:00Z"), first, second);
    check(day, None, second, "2026-11-30T00:00:00+08:00");
    let (november, december) = ("2026-11-01T00:00:00+08:00", "2026-12-01T00:00:00+08:00");
    check(month, None, november, december);
    check(month, Some("2024-02-29"), "2024-02-01T00:00:00+08:00", "2024-03-01T00:00:00+08:00");
    for wrong in ["", "yesterday", "2026-02-30", "2026-11-28 x"] {
        let said = of(day, Some(wrong)).unwrap_err();
        assert!(said.contains("is no date"), "{wrong}: {said}");
    }
    assert!(of(day, Some("2026-11-30")).unwrap_err().contains("has not begun"));
    assert!(of(PeriodKindView::Shift, None).unwrap_err().contains("no shift"));
}

fn event(id: &str, area: &AreaId, moment: Timestamp) -> WarningEvent {
    let warning = serde_json::json!({
        "id": id, "gas": "chlorine", "area": area, "tier": "red", "tier_peak": "red",
        "state": "active-unacknowledged", "raised_at": moment, "changed_at": moment,
        "returned_at": null, "acknowledged": null, "alarms": [], "channels": [],
    });
    let warning = serde_json::from_value(warning).unwrap();
    WarningEvent { change: WarningChange::Raised, at: moment, warning, said: None }
}

/// The same after somebody acknowledged it for a reason; it is over with that.
fn closed(begun: &WarningEvent, reason: &str) -> WarningEvent {
    let at = begun.at.plus_ms(1);
    let mut closed = WarningEvent { change: WarningChange::Acknowledged, at, ..begun.clone() };
    let (by, note) = ("li".to_owned(), String::new());
    closed.warning.acknowledged = Some(Acknowledgement { by, note, reason: reason.to_owned(), at });
    closed.warning.state = WarningState::Normal;
    closed
}

fn commit(ledger: &Ledger, warnings: Vec<WarningEvent>) {
    let step = Step {
        series_seq: 0,
        recorded_at: at("2026-11-28T12:00:00+08:00"),
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
    };
    ledger.commit(&step).unwrap();
}

#[test]
fn what_began_in_the_day_is_counted_and_what_began_outside_is_not() {
    let (dir, settings) = (tempfile::tempdir().unwrap(), settings());
    let ledger = Ledger::open(dir.path()).unwrap();
    let keys: Vec<ChannelKey> = crate::history::export::keys(&settings.site);
    let series = Series::open(dir.path(), &keys).unwrap();
    let area = &settings.site.areas[0].id;
    let day = at("2026-11-28T00:00:00+08:00");
    let begun = |id: &str, hours: i64| event(id, area, day.plus_ms(hours * HOUR_MS));
    let (a, b, c) = (begun("a", 0), begun("b", 0), begun("c", 23));
    let others = [begun("before", -1), begun("after", 24), begun("drill-1.d", 3)];
    let ends = [closed(&a, " 误报：标定气"), closed(&b, "not a false alarm")];
    commit(&ledger, [a, b, c].into_iter().chain(others).chain(ends).collect());
    let now = day.plus_ms(48 * HOUR_MS);
    let stores = Stores { settings: &settings, series: &series, ledger: &ledger, now };
    let period =
        Period::of(PeriodKindView::Day, Some("2026-11-28"), (&settings.site, &ledger, now));
    let figures = collect(&stores, period.unwrap()).unwrap();
    let rate = |id: &str| {
        let found = figures.rates.iter().find(|rate| rate.id == id).unwrap();
        (found.part, found.whole)
    };
    assert_eq!(rate("alarm-hours"), (2, 24));
    assert_eq!(rate("false-alarm"), (1, 2));
    assert_eq!(rate("closure"), (2, 3));
    assert_eq!(rate("messages-in-time"), (0, 0));
    let (received, expected) = rate("completeness");
    assert!(received == 0 && expected > 0, "nothing came: {received} of {expected}");
    let count = |id: &str| figures.counts.iter().find(|(one, _)| one == id).unwrap().1;
    assert_eq!((count("warnings"), count("warnings.red"), count("warnings.yellow")), (3, 3, 0));
    assert_eq!((count(&format!("area.{area}")), count("acknowledged")), (3, 2));
    assert_eq!((count("drill-events"), count("calls"), count("incidents.opened")), (1, 3, 0));
    let view = view(&settings.site, &figures);
    let none = view.rates.iter().find(|rate| rate.id == "messages-in-time").unwrap();
    assert_eq!((none.percent, view.is_over, view.warnings.len()), (None, true, 3));
    assert!(view.warnings[0].is_false_alarm && !view.warnings[1].is_false_alarm);
    let named = view.counts.iter().all(|count| !count.name.zh.contains('.'));
    assert!(named, "{:?}", view.counts);
}
