//! The watch of the top tier says what the station's engine says.

use std::path::Path;

use proptest::prelude::*;
use siskin_model::Quality;

use super::*;

/// The demo park, in which its first two analyzers are read by this gateway.
fn park() -> (Settings, Site) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../firmware-configs/sites/demo-park");
    let inputs = crate::files::site(Path::new(folder), None).unwrap();
    let settings = siskin_config::load(&inputs).unwrap();
    let mut own = settings.site.clone();
    for (at, analyzer) in own.analyzers.iter_mut().enumerate() {
        analyzer.edge = (at >= 2).then(|| "station".to_owned());
    }
    (settings, own)
}

fn reading(channel: u32, ms: i64, value: Option<f64>, quality: Quality) -> Reading {
    let at = Timestamp::from_millis(1_767_225_600_000 + ms);
    Reading::new(ChannelIndex(channel), at, at, value, quality)
}

/// One reading a second.
fn seconds(channel: u32, span: std::ops::Range<i64>, value: f64) -> Vec<Reading> {
    span.map(|s| reading(channel, s * 1_000, Some(value), Quality::Good)).collect()
}

/// The begins and ends of the highest tier by the station's engine with all rules of the site, and
/// the ids of the warnings they feed.
fn station(settings: &Settings, top: Tier, batches: &[Vec<Reading>]) -> Vec<(Edge, String, i64)> {
    let mut engine = Engine::new(&settings.site, &settings.rules).unwrap();
    let mut effects = Effects::default();
    for batch in batches {
        engine.readings(batch, &mut effects);
        engine.sort_late(|_| true);
    }
    let is_threshold = |rule: &RuleId| {
        let rule = settings.rules.rules.iter().find(|known| known.id == *rule);
        rule.is_some_and(|known| matches!(known.kind, RuleKind::Threshold { .. }))
    };
    let told =
        |event: &AlarmEvent| event.alarm.tier == Some(top) && is_threshold(&event.alarm.rule);
    let events = effects.alarms.iter().filter(|event| told(event));
    events
        .map(|e| (e.edge, format!("{} {}", e.alarm.channel, e.alarm.rule), e.at.as_millis()))
        .collect()
}

fn watched(watch: &mut Watch, batches: &[Vec<Reading>]) -> Vec<(Edge, String, i64)> {
    let told = batches.iter().flat_map(|batch| watch.readings(batch));
    told.map(|a| (a.edge, format!("{} {}", a.channel, a.rule), a.at.as_millis()))
        .collect::<Vec<_>>()
}

fn value() -> impl Strategy<Value = (Option<f64>, Quality)> {
    prop_oneof![
        6 => (0u32..600).prop_map(|v| (Some(f64::from(v) / 100.0), Quality::Good)),
        6 => Just((Some(40.0), Quality::Good)),
        4 => Just((Some(0.0), Quality::Good)),
        1 => Just((None, Quality::OverRange)),
        1 => Just((None, Quality::CommLost)),
        1 => Just((Some(30.0), Quality::Calibration)),
        1 => Just((Some(30.0), Quality::Uncertain)),
    ]
}

/// A channel, how long it stays so, how far its readings are apart, and what they say.
type Step = (u32, i64, i64, (Option<f64>, Quality));

fn batches(steps: &[Step]) -> Vec<Vec<Reading>> {
    let mut now_ms = 0;
    let mut batches = Vec::new();
    for (channel, count, apart_ms, (value, quality)) in steps {
        for _ in 0..*count {
            now_ms += apart_ms;
            batches.push(vec![reading(*channel, now_ms, *value, *quality)]);
        }
    }
    batches
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn it_says_what_the_station_with_all_its_rules_says(
        steps in prop::collection::vec((0u32..2, 1i64..40, 200i64..40_000, value()), 1..20),
    ) {
        let (settings, own) = park();
        let mut watch = Watch::new(&settings, &own).unwrap().unwrap();
        let batches = batches(&steps);
        let want = station(&settings, watch.top(), &batches);
        prop_assert_eq!(watched(&mut watch, &batches), want);
    }
}

#[test]
fn the_highest_tier_is_told_with_the_stations_warning_id() {
    let (settings, own) = park();
    let mut watch = Watch::new(&settings, &own).unwrap().unwrap();
    let rows = [seconds(0, 0..60, 0.0), seconds(0, 60..400, 45.0)].concat();
    let alarms = watch.readings(&rows);
    let mut engine = Engine::new(&settings.site, &settings.rules).unwrap();
    let mut effects = Effects::default();
    engine.readings(&rows, &mut effects);
    assert!(!alarms.is_empty() && watch.is_sounding());
    let ids: BTreeSet<_> = engine.warnings().map(|warning| warning.id.clone()).collect();
    assert!(alarms.iter().all(|alarm| ids.contains(&alarm.warning)), "{alarms:?} {ids:?}");
    assert!(alarms.iter().all(|alarm| alarm.tier == watch.top() && alarm.edge == Edge::Raise));
}

#[test]
fn other_gateways_channels_are_not_watched() {
    let (settings, mut own) = park();
    let mut watch = Watch::new(&settings, &own).unwrap().unwrap();
    assert_eq!(watch.readings(&seconds(2, 0..400, 45.0)), []);
    for analyzer in &mut own.analyzers {
        analyzer.edge = Some("station".into());
    }
    assert!(Watch::new(&settings, &own).unwrap().is_none());
}

#[test]
fn silence_and_calibration_end_nothing_and_clean_air_does() {
    let (settings, own) = park();
    let mut watch = Watch::new(&settings, &own).unwrap().unwrap();
    watch.readings(&seconds(0, 0..400, 45.0));
    let lost = reading(0, 401_000, None, Quality::CommLost);
    let calibrated = (402..900).map(|s| reading(0, s * 1_000, Some(0.0), Quality::Calibration));
    assert_eq!(watch.readings(&[lost]), []);
    assert_eq!(watch.readings(&calibrated.collect::<Vec<_>>()), []);
    assert_eq!(watch.tick(Timestamp::from_millis(1_767_225_600_000 + 2_000_000)), []);
    assert!(watch.is_sounding());
    let ended = watch.readings(&seconds(0, 2_000..4_000, 0.0));
    assert!(ended.iter().any(|alarm| alarm.edge == Edge::Clear), "{ended:?}");
    assert!(!watch.is_sounding() && watch.kept().is_empty());
}

#[test]
fn an_alarm_goes_on_over_a_restart_under_its_id() {
    let (settings, own) = park();
    let mut before = Watch::new(&settings, &own).unwrap().unwrap();
    let told = before.readings(&seconds(0, 0..400, 45.0));
    let text = serde_json::to_string(&before.kept()).unwrap();
    let kept: Vec<Kept> = serde_json::from_str(&text).unwrap();
    let mut after = Watch::new(&settings, &own).unwrap().unwrap();
    after.restore(&kept, &own, Timestamp::from_millis(0)).unwrap();
    assert!(after.is_sounding());
    assert_eq!(after.standing(), told);
    assert_eq!(after.readings(&seconds(0, 410..500, 45.0)), []);
    let ended = after.readings(&seconds(0, 500..3_000, 0.0));
    let ids: Vec<_> = ended.iter().map(|alarm| (&alarm.warning, alarm.edge)).collect();
    let want: Vec<_> = told.iter().map(|alarm| (&alarm.warning, Edge::Clear)).collect();
    assert_eq!(ids, want);
    assert!(!after.is_sounding());
}
