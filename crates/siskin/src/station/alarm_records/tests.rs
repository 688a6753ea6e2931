//! Ten thousand alarms of a ledger, as the table asks for them.

use std::collections::HashSet;
use std::time::Instant;

use siskin_config::Settings;
use siskin_model::{
    Alarm, AlarmEvent, AlarmKind, Edge, RuleId, Tier, Unit, Warning, WarningChange, WarningEvent,
    WarningState,
};
use siskin_store::Step;

use super::*;
use crate::files;

/// 2026-11-29T00:00:00Z.
const FROM_MS: i64 = 1_795_910_400_000;
const ALARMS: i64 = 10_000;
/// Alarms of one step, and of one warning.
const OF_A_STEP: i64 = 100;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(FROM_MS + ms)
}

fn alarm(settings: &Settings, number: i64) -> Alarm {
    let site = &settings.site;
    let of_gas = || site.channels.iter().filter(|channel| channel.quantity.gas().is_some());
    let place = usize::try_from(number).unwrap() % of_gas().count();
    let channel = of_gas().nth(place).unwrap();
    Alarm {
        rule: RuleId::new(if number % 2 == 0 { "high" } else { "high-high" }).unwrap(),
        channel: channel.id.clone(),
        kind: AlarmKind::Gas,
        tier: Some(if number % 2 == 0 { Tier::Yellow } else { Tier::Red }),
        since: at(number * 1_000),
        value: Some(number as f64),
        limit: Some(1.0),
        unit: Unit::Ppm,
        forecast: None,
    }
}

/// Alarms that ended, each in a warning of its own that is over; the newest `open` are active, and
/// of those the warning is open.
fn seed(settings: &Settings, ledger: &Ledger, open: i64) {
    for begin in (0..ALARMS).step_by(usize::try_from(OF_A_STEP).unwrap()) {
        let (mut alarms, mut warnings) = (Vec::new(), Vec::new());
        for number in begin..begin + OF_A_STEP {
            let alarm = alarm(settings, number);
            let since = alarm.since;
            let is_open = number >= ALARMS - open;
            let index = settings.site.index_of(&alarm.channel).unwrap();
            let channel = settings.site.channel(index).unwrap();
            let gas = channel.quantity.gas().unwrap();
            let mut warning = Warning::begun(&channel.area, gas, Tier::Red, since);
            if is_open {
                warning.state = WarningState::ActiveUnacknowledged;
            }
            warning.changed_at = since.plus_ms(900);
            let change = WarningChange::Raised;
            warnings.push(WarningEvent { change, at: since, warning, said: None });
            alarms.push(AlarmEvent { edge: Edge::Raise, at: since, alarm: alarm.clone() });
            if !is_open {
                alarms.push(AlarmEvent { edge: Edge::Clear, at: since.plus_ms(500), alarm });
            }
        }
        ledger.commit(&step(alarms, warnings, FROM_MS + begin)).unwrap();
    }
}

/// What an engine may conclude.
pub(super) fn step(alarms: Vec<AlarmEvent>, warnings: Vec<WarningEvent>, ms: i64) -> Step {
    Step {
        series_seq: 0,
        recorded_at: Timestamp::from_millis(ms),
        alarms,
        warnings,
        corrections: Vec::new(),
        equipment: Vec::new(),
        holds: Vec::new(),
        floods: Vec::new(),
        messages: Vec::new(),
        audit: Vec::new(),
        pulse: None,
    }
}

struct Seeded {
    settings: Settings,
    ledger: Ledger,
    _folder: tempfile::TempDir,
}

fn seeded(open: i64) -> Seeded {
    let folder = tempfile::tempdir().unwrap();
    let settings = siskin_config::load(&files::demo_park()).unwrap();
    let ledger = Ledger::open(folder.path()).unwrap();
    seed(&settings, &ledger, open);
    Seeded { settings, ledger, _folder: folder }
}

impl Seeded {
    fn page(&self, asked: &AlarmsAsked, after: Option<&AlarmCursor>, limit: usize) -> Page {
        let (site, ledger) = (&self.settings.site, &self.ledger);
        let desk = Desk { site, ledger, rules: &self.settings.rules };
        desk.page(asked, after, limit, ROWS_LOOKED_MAX).unwrap()
    }

    /// All pages; none repeats a record.
    fn all(&self, asked: &AlarmsAsked, limit: usize) -> Vec<AlarmRecordView> {
        let (mut records, mut after) = (Vec::new(), None);
        loop {
            let (page, next) = self.page(asked, after.as_ref(), limit);
            assert!(page.len() <= limit);
            records.extend(page);
            match next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        let key = |one: &AlarmRecordView| (one.raised_at_ms, one.rule.clone(), one.channel.clone());
        let keys: HashSet<_> = records.iter().map(key).collect();
        assert_eq!(keys.len(), records.len());
        assert!(records.is_sorted_by_key(|one| Reverse(one.raised_at_ms)));
        records
    }
}

#[test]
fn every_alarm_is_on_one_page_whatever_the_limit() {
    let seeded = seeded(7);
    for limit in [2_000, 499] {
        let begun = Instant::now();
        let found = seeded.all(&AlarmsAsked::default(), limit);
        eprintln!("{ALARMS} alarms by pages of {limit}: {:?}", begun.elapsed());
        assert_eq!(found.len(), usize::try_from(ALARMS).unwrap());
        let open = found.iter().filter(|one| one.cleared_at_ms.is_none());
        assert!(open.clone().all(|one| one.state == WarningStateView::ActiveUnacknowledged));
        assert_eq!(open.count(), 7);
    }
}

/// The filter gives what fits of all, and that is neither nothing nor everything.
#[track_caller]
fn check(
    seeded: &Seeded,
    all: &[AlarmRecordView],
    asked: &AlarmsAsked,
    fits: impl Fn(&AlarmRecordView) -> bool,
) {
    let found = seeded.all(asked, 700);
    let expected: Vec<_> = all.iter().filter(|one| fits(one)).collect();
    assert!(!expected.is_empty() && expected.len() < all.len(), "{asked:?}");
    let key = |one: &AlarmRecordView| (one.raised_at_ms, one.channel.clone());
    let found: Vec<_> = found.iter().map(key).collect();
    assert_eq!(found, expected.into_iter().map(key).collect::<Vec<_>>(), "{asked:?}");
}

#[test]
fn filters_leave_what_they_say() {
    let seeded = seeded(10);
    let all = seeded.all(&AlarmsAsked::default(), 2_000);
    let none = AlarmsAsked::default;
    let first = seeded.settings.site.channels.iter().find(|one| one.quantity.gas().is_some());
    let first = first.unwrap().clone();
    let (area, gas) = (first.area.to_string(), first.quantity.gas().unwrap().to_string());
    let states = Some(vec![WarningStateView::ActiveUnacknowledged]);
    check(&seeded, &all, &AlarmsAsked { states, ..none() }, |one| one.cleared_at_ms.is_none());
    let states = Some(vec![WarningStateView::Normal]);
    check(&seeded, &all, &AlarmsAsked { states, ..none() }, |one| one.cleared_at_ms.is_some());
    let tiers = Some(vec![Some(TierView::Red)]);
    let is_red = |one: &AlarmRecordView| one.tier == Some(TierView::Red);
    check(&seeded, &all, &AlarmsAsked { tiers, ..none() }, is_red);
    let areas = Some(vec![first.area.clone()]);
    check(&seeded, &all, &AlarmsAsked { areas: areas.clone(), ..none() }, |one| {
        one.area.as_ref() == Some(&area)
    });
    let gases = Some(vec![first.quantity.gas().unwrap().clone()]);
    check(&seeded, &all, &AlarmsAsked { gases, areas, ..none() }, |one| {
        one.area.as_ref() == Some(&area) && one.gas.as_ref() == Some(&gas)
    });
    let text = Some(first.id.as_str().to_lowercase());
    let of_text = AlarmsAsked { text, ..none() };
    check(&seeded, &all, &of_text, |one| one.channel == first.id.as_str());
    let rules = Some(vec![RuleId::new("high").unwrap()]);
    check(&seeded, &all, &AlarmsAsked { rules, ..none() }, |one| one.rule == "high");
    // Active in the span: begun before its end, not over before its begin.
    let (from, to) = (Some(at(5_000_400)), Some(at(5_010_000)));
    check(&seeded, &all, &AlarmsAsked { from, to, ..none() }, |one| {
        let ms = |ms: i64| FROM_MS + ms;
        one.raised_at_ms < ms(5_010_000)
            && one.cleared_at_ms.is_none_or(|end_ms| end_ms >= ms(5_000_400))
    });
}

#[test]
fn a_page_that_looks_at_enough_ends_and_says_so() {
    let seeded = seeded(0);
    let desk =
        Desk { site: &seeded.settings.site, ledger: &seeded.ledger, rules: &seeded.settings.rules };
    let asked = AlarmsAsked { text: Some("nothing has this".to_owned()), ..AlarmsAsked::default() };
    let (found, next) = desk.page(&asked, None, 10, 1_000).unwrap();
    assert!(found.is_empty() && next.is_some());
}

#[test]
fn both_forms_of_an_export_have_every_record() {
    let seeded = seeded(3);
    let records = seeded.all(&AlarmsAsked::default(), 2_000);
    for lang in [ExportLang::Zh, ExportLang::En] {
        let site = &seeded.settings.site;
        let csv = sheet::file(site, &records, AlarmExportForm::Csv, lang).unwrap();
        assert_eq!(String::from_utf8(csv).unwrap().lines().count(), records.len() + 1);
        let begun = Instant::now();
        let xlsx = sheet::file(site, &records, AlarmExportForm::Xlsx, lang).unwrap();
        eprintln!("{} rows as XLSX: {} bytes, {:?}", records.len(), xlsx.len(), begun.elapsed());
        assert!(xlsx.starts_with(b"PK"));
    }
}
