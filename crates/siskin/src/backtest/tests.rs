//! Backtests small enough to be worked out by hand, and the same result on any number of threads.

use std::collections::BTreeMap;

use proptest::prelude::*;
use siskin_config::{Inputs, Settings, SourceFile};
use siskin_model::{ChannelId, ChannelIndex, GasId, Quality, Reading, Timestamp};

use super::episodes::Episode;
use super::incidents::{Incident, Scope};
use super::intervals::Interval;
use super::judge::Judged;
use super::load::{Shown, load};
use super::measure::{Ground, Raises, Subject, quantile};
use super::source::Source;
use super::{Prepared, diff, shards, sweep};
use crate::readings_file::Recorded;

const MINUTE_MS: i64 = 60_000;
const DAY_MINUTES: i64 = 24 * 60;

const SITE: &str = r#"
id = "t"
name = { zh = "测", en = "Test" }
tiers = ["yellow", "red"]
[channel_template]
area = "everywhere"
gas = "chlorine"
unit = "ppm"
range = { low = 0, high = 1000 }
resolution = 0.01
poll_ms = 1000
"#;
const AREAS: &str = r#"
[[area]]
id = "everywhere"
name = { zh = "全部", en = "Everywhere" }
kind = "other"
outline = [{ x_m = 0, y_m = 0 }, { x_m = 100, y_m = 0 }, { x_m = 100, y_m = 100 }]
"#;
const RULES: &str = r#"
[[rule]]
id = "low"
name = { zh = "低", en = "Low" }
kind = "threshold"
gas = "chlorine"
tier = "yellow"
unit = "ppm"
raise_at = 10 # in ppm
clear_below = 9
source = "made for tests"

[[rule]]
id = "quiet"
name = { zh = "无", en = "Silent" }
kind = "no-data"
all = true
after_s = 30
source = "made for tests"
"#;
const VOTE: &str = r#"
[[rule]]
id = "both"
name = { zh = "两", en = "Both" }
kind = "vote"
gas = "chlorine"
tier = "red"
of = ["low"]
needs = 2
span = "site"
source = "made for tests"
"#;

fn inputs(rules: &str) -> Inputs {
    let firmware = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../firmware-configs");
    let path = firmware.join("gases/chlorine.toml");
    let gas = SourceFile {
        path: "chlorine.toml".to_owned(),
        text: std::fs::read_to_string(path).unwrap(),
    };
    let file = |path: &str, text: &str| SourceFile { path: path.to_owned(), text: text.to_owned() };
    Inputs {
        site: vec![file("site.toml", SITE), file("areas.toml", AREAS), file("rules/r.toml", rules)],
        gases: vec![gas],
        ..Inputs::default()
    }
}

fn settings(rules: &str, channels: usize) -> Settings {
    let ids: Vec<_> = (0..channels).map(|n| ChannelId::new(&n.to_string()).unwrap()).collect();
    let settings = siskin_config::load(&inputs(rules));
    let settings = settings.unwrap_or_else(|report| panic!("{}", report.render()));
    settings.for_channels(&ids).unwrap()
}

fn minutes(from: i64, to: i64) -> Interval {
    Interval::new(from * MINUTE_MS, to * MINUTE_MS)
}

fn episode(channel: u32, rule: u32, from: i64, to: i64) -> Episode {
    let at = |minute: i64| Timestamp::from_millis(minute * MINUTE_MS);
    Episode { start: at(from), channel, rule, end: Some(at(to)) }
}

fn incident(id: &str, channel: Option<u32>, from: i64, to: i64) -> Incident {
    let scope = Scope { gas: GasId::new("chlorine").unwrap(), area: None, channel };
    Incident { id: id.to_owned(), scope, time: minutes(from, to) }
}

/// A day with two channels: found after 10 min, found on the edge of its end, missed because the
/// alarm was active already, and two false starts of which one lies near an incident of the other
/// channel.
#[test]
fn a_day_by_hand() {
    let settings = settings(RULES, 2);
    let incidents = [
        incident("a", None, 100, 160),
        incident("b", None, 300, 330),
        incident("c", None, 500, 520),
        incident("d", Some(1), 700, 710),
    ];
    let episodes = [
        episode(0, 0, 110, 120),
        episode(1, 0, 115, 130),
        episode(0, 0, 330, 331),
        episode(0, 0, 490, 515),
        episode(0, 0, 705, 706),
        episode(0, 0, 1000, 1072),
    ];
    let reached_ms = BTreeMap::from([(0, 150 * MINUTE_MS)]);
    let run = minutes(0, DAY_MINUTES);
    let ground = Ground::new(&settings.site, &incidents, &reached_ms, run, 15 * MINUTE_MS);
    let subject = |raises| Subject {
        episodes: episodes.iter().collect(),
        channels: vec![0, 1],
        raises,
        finds: true,
    };
    let union = ground.measures(&subject(Raises::Union));
    assert_eq!((union.incidents, union.found, union.missed, union.active_at_start), (4, 2, 2, 1));
    // Delays of 10 and 30 min; the lead is from 110 to 150.
    assert_eq!((union.delay_median_s, union.delay_p90_s), (Some(1200.0), Some(1680.0)));
    assert_eq!((union.lead_median_s, union.lead_incidents), (Some(2400.0), 1));
    // 490 is within 15 min of c, 705 within d for the site but not for channel 0.
    assert_eq!((union.raises, union.false_starts, union.channel_false_starts), (5, 1, 2));
    // Not quiet: 90 + 60 + 50 + 40 min (and a millisecond each) of 1440; d only for channel 1.
    let quiet_ms = (1440 - 240) * MINUTE_MS - 4;
    let channels_ms = (2 * 1440 - 2 * 200 - 40) * MINUTE_MS - 7;
    let per_day = |count: f64, ms: i64| Some(count * 86_400_000.0 / ms as f64);
    assert_eq!(union.false_starts_per_quiet_day, per_day(1.0, quiet_ms));
    assert_eq!(union.false_starts_per_channel_day, per_day(2.0, channels_ms));
    assert_eq!(union.quiet_in_alarm_share, Some((72 * MINUTE_MS) as f64 / quiet_ms as f64));
    let minutes = f64::from(10 + 15 + 1 + 25 + 1 + 72);
    let of_union = f64::from(20 + 1 + 25 + 1 + 72);
    assert_eq!(Some(union.in_alarm_s), Some(60.0 * minutes));
    assert_eq!(Some(union.in_alarm_union_s), Some(60.0 * of_union));
    let each = ground.measures(&subject(Raises::Each));
    assert_eq!((each.raises, each.found), (6, 2));
}

#[test]
fn quantiles_lie_on_straight_lines() {
    assert_eq!(quantile(&[], 0.5), None);
    assert_eq!(quantile(&[3.0, 1.0, 2.0], 0.5), Some(2.0));
    assert_eq!(quantile(&[0.0, 10.0], 0.9), Some(9.0));
    assert_eq!(quantile(&[7.0], 0.1), Some(7.0));
}

#[test]
fn the_load_by_hand() {
    // Twelve alarms in the first minute of the second hour, three of them one alarm within a
    // minute; then one that lasts more than a day; two days in all.
    let at = |ms: i64| Timestamp::from_millis(ms);
    let hour_ms = 60 * MINUTE_MS;
    let quick = (0..12i64).map(|n| Episode {
        start: at(hour_ms + n * 5000),
        channel: if n < 3 { 0 } else { u32::try_from(n).unwrap() },
        rule: 0,
        end: Some(at(hour_ms + n * 5000 + 4000)),
    });
    let mut episodes: Vec<_> = quick.collect();
    episodes.push(Episode { start: at(2 * hour_ms), channel: 40, rule: 0, end: None });
    let shown: Vec<_> = episodes.iter().map(|episode| Shown { episode, tier: None }).collect();
    let told = load(&shown, minutes(0, 2 * DAY_MINUTES));
    assert_eq!((told.alarms, told.per_10min_peak, told.floods), (13, 12, 1));
    assert_eq!((told.chattering, told.fleeting, told.stale), (1, 12, 1));
    assert_eq!((told.per_day_mean, told.per_10min_mean), (6.5, 13.0 / 288.0));
    // 288 periods and the moment of the end.
    let shares = (told.periods_above_10_share, told.flood_share);
    assert_eq!(shares, (1.0 / 289.0, 1.0 / 289.0));
    assert_eq!(told.by_tier["equipment"], 13);
    // Eleven alarms, one of them three times: the ten most frequent began 12 times.
    assert_eq!(told.top_10_share, Some(12.0 / 13.0));
}

#[test]
fn alarms_that_move_are_one_and_not_two() {
    let (a, b) = (settings(RULES, 1), settings(&RULES.replace("= 10 #", "= 12 #"), 1));
    let of_a = [episode(0, 0, 10, 20), episode(0, 0, 30, 40), episode(0, 0, 50, 60)];
    let of_b = [episode(0, 0, 12, 20), episode(0, 0, 50, 60), episode(0, 0, 70, 80)];
    let side = |settings, episodes| diff::Side { settings, episodes, detections: &[] };
    let told = diff::diff(side(&a, &of_a), side(&b, &of_b), minutes(0, 100), |_| None);
    let counts = diff::AlarmCounts { same: 1, moved: 1, only_a: 1, only_b: 1 };
    assert_eq!(told.alarms, BTreeMap::from([("low".to_owned(), counts)]));
    assert_eq!(told.listed.len(), 3);
    assert_eq!(
        (told.listed[0].start_shift_s, told.listed[0].end_shift_s),
        (Some(120.0), Some(0.0))
    );
    assert_eq!(told.rules.len(), 1);
    assert_eq!((told.rules[0].removed.len(), told.rules[0].added.len()), (1, 1));
    assert!(told.rules[0].added[0].starts_with("raise_at = 12"), "{:?}", told.rules);
}

#[test]
fn a_sweep_changes_one_number_of_one_rule() {
    let asked = sweep::asked("low.raise_at=11,12.5").unwrap();
    assert_eq!((asked.rule.as_str(), asked.key.as_str()), ("low", "raise_at"));
    let changed = sweep::replaced(&inputs(RULES), &asked, 12.5).unwrap();
    let want = RULES.replace("raise_at = 10 # in ppm", "raise_at = 12.5");
    assert_eq!(changed.site[2].text.trim(), want.trim());
    let added = sweep::asked("low.on_delay_s=5").unwrap();
    let changed = sweep::replaced(&inputs(RULES), &added, 5.0).unwrap();
    assert_eq!(siskin_config::load(&changed).unwrap().rules.rules[0].on_delay_ms, 5000);
    let unknown = sweep::asked("lov.raise_at=1").unwrap();
    let error = sweep::replaced(&inputs(RULES), &unknown, 1.0).unwrap_err().to_string();
    assert!(error.contains("no rule `lov`") && error.contains("hint: "), "{error}");
    for wrong in ["low", "low=1", "low.raise_at=", "low.raise_at=1,x", "low.raise_at=nan"] {
        let error = sweep::asked(wrong).unwrap_err().to_string();
        assert!(error.contains("hint: write RULE.KEY=V1,V2"), "{wrong}: {error}");
    }
}

#[test]
fn votes_hold_their_channels_together() {
    let alone = shards::shards(&[settings(RULES, 3)]);
    assert_eq!(alone.iter().map(|s| s.channels.clone()).collect::<Vec<_>>(), [[0], [1], [2]]);
    let linked = shards::shards(&[settings(RULES, 3), settings(&(RULES.to_owned() + VOTE), 3)]);
    assert_eq!(linked.len(), 1);
    assert_eq!((linked[0].channels.clone(), linked[0].owned), (vec![0, 1, 2], 3));
}

/// Rows as they arrive: channel, second, value in tenths of ppm.
fn recorded(rows: &[(u32, i64, i32)], channels: usize) -> Recorded {
    let reading = |(channel, second, tenths): &(u32, i64, i32)| {
        let at = Timestamp::from_millis(second * 1000);
        let value = Some(f64::from(*tenths) / 10.0);
        Reading::new(ChannelIndex(*channel), at, at, value, Quality::Good)
    };
    Recorded {
        channels: (0..channels).map(|n| ChannelId::new(&n.to_string()).unwrap()).collect(),
        readings: rows.iter().map(reading).collect(),
    }
}

fn prepared(rules: &[String], rows: &[(u32, i64, i32)], channels: usize) -> Prepared {
    let source = Source::recorded(recorded(rows, channels)).unwrap();
    let (first, last) = source.extent().unwrap();
    Prepared {
        sets: rules.iter().map(|rules| settings(rules, channels)).collect(),
        has_b: true,
        asked: None,
        source,
        incidents: vec![incident("i", None, 2, 5), incident("j", Some(1), 6, 7)],
        incidents_outside: 0,
        run: Interval::of(first, last),
        margin_ms: MINUTE_MS,
        stated: BTreeMap::new(),
        episodes_max: super::EPISODES_MAX,
    }
}

/// A station's store, with its owner still there, gives what a file gives.
#[test]
fn a_store_is_read_beside_its_station() {
    let rows: Vec<_> = (0..7000i64).map(|s| (0, s, if s % 1000 < 60 { 150 } else { 5 })).collect();
    let settings = settings(RULES, 1);
    let folder = tempfile::tempdir().unwrap();
    let key = siskin_store::ChannelKey {
        id: ChannelId::new("0").unwrap(),
        quantity: "chlorine".to_owned(),
        unit: siskin_model::Unit::Ppm,
    };
    let owner = siskin_store::Series::open(folder.path(), &[key]).unwrap();
    owner.append(&recorded(&rows, 1).readings).unwrap();
    let now = Timestamp::from_millis(3_600_000 + siskin_store::series::ROLL_GRACE_MS);
    assert!(owner.roll(now, u64::MAX).unwrap().chunks > 0);
    let moment = |s: i64| Timestamp::from_millis(s * 1000);
    let (from, to) = (moment(500), moment(6500));
    let mut prepared = prepared(&[RULES.to_owned(), RULES.to_owned()], &rows, 1);
    prepared.run = Interval::of(from, to);
    let of_file = judged(&prepared, 1);
    prepared.source = Source::stored(folder.path(), &settings.site, moment(0), to).unwrap();
    let of_store = judged(&prepared, 1);
    assert_eq!(of_store.episodes, of_file.episodes);
    // Six bursts begin in the range; the first one was before it.
    let low = of_store.episodes[0].iter().filter(|episode| episode.rule == 0);
    assert_eq!(low.count(), 6);
    owner.append(&recorded(&[(0, 8000, 5)], 1).readings).unwrap();
}

fn judged(prepared: &Prepared, jobs: usize) -> Judged {
    let shards = shards::shards(&prepared.sets);
    prepared.judged(&shards, jobs, &|_| Ok(())).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_number_of_threads_gives_the_same_report(
        rows in prop::collection::vec((0u32..5, 0i64..600, 0i32..200), 2..400),
        in_order: bool,
        with_vote: bool,
    ) {
        let mut rows = rows;
        if in_order {
            rows.sort_by_key(|(channel, second, _)| (*second, *channel));
            rows.dedup_by_key(|(channel, second, _)| (*second, *channel));
        }
        let vote = if with_vote { VOTE } else { "" };
        let sets = [RULES.to_owned(), RULES.replace("= 10 #", "= 12 #") + vote];
        let prepared = prepared(&sets, &rows, 5);
        let told = |jobs| {
            let judged = judged(&prepared, jobs);
            serde_json::to_string(&prepared.report(&judged)).unwrap()
        };
        let alone = told(1);
        prop_assert_eq!(&alone, &told(4));
        prop_assert_eq!(&alone, &told(2));
    }

    #[test]
    fn shards_give_what_one_engine_gives(
        rows in prop::collection::vec((0u32..4, 0i64..600, 0i32..200), 2..400),
    ) {
        let mut rows = rows;
        rows.sort_by_key(|(channel, second, _)| (*second, *channel));
        rows.dedup_by_key(|(channel, second, _)| (*second, *channel));
        let rules = RULES.to_owned() + VOTE;
        let apart = prepared(&[RULES.to_owned(), RULES.to_owned()], &rows, 4);
        let together = prepared(&[RULES.to_owned(), rules], &rows, 4);
        let episodes = |prepared: &Prepared| judged(prepared, 2).episodes.swap_remove(0);
        prop_assert_eq!(episodes(&apart), episodes(&together));
    }
}
