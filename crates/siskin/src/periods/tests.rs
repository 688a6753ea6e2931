//! Which time is meant, and that what is counted is what the ledger and the series have.

use siskin_model::{
    Acknowledgement, AreaId, ChannelIndex, Quality, Reading, WarningChange, WarningEvent,
    WarningState,
};
use siskin_store::{ChannelKey, Series, Step};

use super::*;
use crate::files;
use crate::report::Format;

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

/// Two analyzers with one channel each, asked every second and every minute.
fn two_analyzers() -> Settings {
    let mut settings = settings();
    let site = &mut settings.site;
    site.analyzers.truncate(2);
    site.channels.truncate(2);
    for (place, (analyzer, poll_ms)) in site.analyzers.iter_mut().zip([1000, 60_000]).enumerate() {
        analyzer.poll_ms = poll_ms;
        site.channels[place].analyzer = place;
    }
    settings
}

/// Readings of a channel, one each `step_ms` from `from` on.
fn readings(channel: u32, from: Timestamp, (count, step_ms): (i64, i64)) -> Vec<Reading> {
    let reading = |place: i64| {
        let at = from.plus_ms(place * step_ms);
        Reading::new(ChannelIndex(channel), at, at, Some(0.1), Quality::Good)
    };
    (0..count).map(reading).collect()
}

/// In its first hour 100 readings, in its second 3,650 of 3,600, and an hour with a lost line:
/// 3,700 of 86,400. The other one half a day, a reading a minute: 720 of 1,440.
#[test]
fn completeness_is_that_of_the_hand_by_analyzer() {
    let (dir, settings) = (tempfile::tempdir().unwrap(), two_analyzers());
    let ledger = Ledger::open(dir.path()).unwrap();
    let series = Series::open(dir.path(), &crate::history::export::keys(&settings.site)).unwrap();
    let day = at("2026-11-28T00:00:00+08:00");
    let hour = |number: i64| day.plus_ms(number * HOUR_MS);
    series.append(&readings(0, hour(0), (100, 1000))).unwrap();
    series.append(&readings(0, hour(1), (3650, 980))).unwrap();
    let lost = readings(0, hour(2), (10, 1000)).into_iter().map(|reading| {
        let at = reading.measured_at;
        Reading::new(reading.channel, at, at, None, Quality::CommLost)
    });
    series.append(&lost.collect::<Vec<_>>()).unwrap();
    series.append(&readings(1, hour(0), (720, 60_000))).unwrap();
    // Of the next day: not counted.
    series.append(&readings(1, hour(24), (5, 60_000))).unwrap();
    let now = hour(48);
    let stores = Stores { settings: &settings, series: &series, ledger: &ledger, now };
    let period =
        Period::of(PeriodKindView::Day, Some("2026-11-28"), (&settings.site, &ledger, now));
    let figures = collect(&stores, period.unwrap()).unwrap();
    let whole = figures.rates.iter().find(|rate| rate.id == "completeness").unwrap();
    assert_eq!((whole.part, whole.whole), (4_420, 87_840));
    let parts: Vec<_> =
        figures.analyzers.iter().map(|one| (one.analyzer, one.received, one.expected)).collect();
    assert_eq!(parts, [(0, 3_700, 86_400), (1, 720, 1_440)], "the least complete first");
    let view = view(&settings.site, &figures);
    assert_eq!(view.analyzers[0].analyzer, settings.site.analyzers[0].id.as_str());
    let percent: Vec<_> = view.analyzers.iter().filter_map(|one| one.percent).collect();
    assert!((percent[0] - 4.282).abs() < 0.001 && (percent[1] - 50.0).abs() < 1e-9, "{percent:?}");
    samples(&settings, &stores);
}

/// Documents for people to look at, if anybody asks for them.
fn samples(settings: &Settings, stores: &Stores<'_>) {
    let Some(folder) = std::env::var_os("SISKIN_REPORT_SAMPLES") else { return };
    let area = settings.site.areas[0].id.clone();
    let day = at("2026-11-28T09:12:00+08:00");
    let [a, b, c] = [("a", 0), ("b", 2), ("c", 6)]
        .map(|(id, hours)| event(id, &area, day.plus_ms(hours * HOUR_MS)));
    let ends = [closed(&a, "误报：标定气"), closed(&b, "法兰泄漏，已堵漏")];
    commit(stores.ledger, [a, b, c].into_iter().chain(ends).collect());
    let font = crate::report::load_font(&settings.incidents.office).unwrap();
    for (name, kind) in [("day", PeriodKindView::Day), ("month", PeriodKindView::Month)] {
        let period =
            Period::of(kind, Some("2026-11-28"), (&settings.site, stores.ledger, stores.now));
        let figures = collect(stores, period.unwrap()).unwrap();
        sample(settings, &figures, (&folder, name), &font);
    }
    // A shift of the roster is a time like the others; here without a roster.
    let (from, to) = (day, day.plus_ms(8 * HOUR_MS));
    let period = Period { kind: PeriodKindView::Shift, from, to };
    let figures = collect(stores, period).unwrap();
    sample(settings, &figures, (&folder, "shift"), &font);
}

fn sample(
    settings: &Settings,
    figures: &Figures,
    (folder, name): (&std::ffi::OsString, &str),
    font: &siskin_report::Font,
) {
    for format in [Format::Docx, Format::Pdf] {
        let bytes = document(&settings.site, figures, format, font).unwrap();
        let path = std::path::Path::new(folder).join(format!("{name}.{}", format.extension()));
        std::fs::write(path, bytes).unwrap();
    }
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
