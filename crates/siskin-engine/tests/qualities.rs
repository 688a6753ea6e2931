//! What each quality, silence and a wrong clock may do to alarms (invariants 2, 8 and 9), and what
//! a restart may change (nothing).

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod support;

use siskin_engine::rule::Side;
use siskin_engine::{Binding, Counters, Effects, Engine, Outcome, Rehearsal, RuleKind, RuleSet};
use siskin_model::{ChannelIndex, Edge, Quality, Reading, Tier, Timestamp};
use support::{GAP_MS, rule, site};

const START_MS: i64 = 1_767_225_600_000;

fn rules() -> RuleSet {
    let threshold =
        |raise_at, clear_at| RuleKind::Threshold { side: Side::High, raise_at, clear_at };
    let mean = RuleKind::WindowMean {
        window_ms: 60_000,
        samples_min: 30,
        raise_at: 900.0,
        clear_below: 800.0,
    };
    let rules = vec![
        rule("yellow", Some(Tier::Yellow), threshold(10.0, 9.0), 3, 10),
        rule("red", Some(Tier::Red), threshold(1000.0, 900.0), 0, 10),
        rule("stel", Some(Tier::Orange), mean, 0, 0),
        rule("silence", None, RuleKind::NoData { after_ms: GAP_MS }, 0, 0),
    ];
    let channel = ChannelIndex(0);
    let bindings = (0..4).map(|rule| Binding { rule, channel, factor: 1.0 }).collect();
    RuleSet { rules, bindings }
}

fn engine() -> Engine {
    Engine::new(&site(1), &rules()).unwrap()
}

fn at(s: i64) -> Timestamp {
    Timestamp::from_millis(START_MS + s * 1000)
}

fn reading(s: i64, value: Option<f64>, quality: Quality) -> Reading {
    Reading::new(ChannelIndex(0), at(s), at(s), value, quality)
}

/// Feeds readings one by one and gives `second rule edge` of every transition.
fn feed(engine: &mut Engine, readings: &[Reading]) -> Vec<String> {
    let mut effects = Effects::default();
    for reading in readings {
        engine.readings(std::slice::from_ref(reading), &mut effects);
    }
    told(&effects)
}

fn told(effects: &Effects) -> Vec<String> {
    let line = |e: &siskin_model::AlarmEvent| {
        let edge = if e.edge == Edge::Raise { "raise" } else { "clear" };
        format!("{} {} {edge}", e.at.since_ms(at(0)) / 1000, e.alarm.rule)
    };
    effects.alarms.iter().map(line).collect()
}

fn constant(range: std::ops::Range<i64>, value: f64, quality: Quality) -> Vec<Reading> {
    range.map(|s| reading(s, Some(value), quality)).collect()
}

#[test]
fn only_measurements_raise() {
    for quality in Quality::ALL {
        let got = feed(&mut engine(), &constant(0..20, 50.0, quality));
        let want: &[&str] = match quality {
            Quality::Good | Quality::Uncertain => &["3 yellow raise"],
            // The value counts as the end of the range, 1000 ppm, whatever the number says.
            Quality::OverRange => &["0 red raise", "3 yellow raise"],
            _ => &[],
        };
        assert_eq!(got, want, "{quality:?}");
    }
}

#[test]
fn only_measurements_clear() {
    for quality in Quality::ALL {
        let mut engine = engine();
        assert_eq!(feed(&mut engine, &constant(0..5, 50.0, Quality::Good)), ["3 yellow raise"]);
        let got = feed(&mut engine, &constant(5..25, 0.0, quality));
        let want: &[&str] = match quality {
            Quality::Good | Quality::Uncertain => &["15 yellow clear"],
            Quality::OverRange => &["5 red raise"],
            _ => &[],
        };
        assert_eq!(got, want, "{quality:?}");
    }
}

#[test]
fn over_range_without_a_number_counts_as_the_end_of_the_range() {
    let readings: Vec<_> = (0..40).map(|s| reading(s, None, Quality::OverRange)).collect();
    let got = feed(&mut engine(), &readings);
    assert_eq!(got, ["0 red raise", "3 yellow raise", "29 stel raise"]);
}

#[test]
fn a_faulty_or_lost_device_is_silent_and_a_calibrated_one_is_not() {
    for quality in Quality::ALL {
        let mut engine = engine();
        feed(&mut engine, &constant(0..1, 1.0, Quality::Good));
        let got = feed(&mut engine, &constant(1..60, 1.0, quality));
        let mut effects = Effects::default();
        engine.tick(at(60), &mut effects);
        let silent = matches!(quality, Quality::Fault | Quality::CommLost);
        let want: &[&str] = if silent { &["30 silence raise"] } else { &[] };
        let all: Vec<_> = got.into_iter().chain(told(&effects)).collect();
        let all: Vec<_> = all.into_iter().filter(|line| line.contains("silence")).collect();
        assert_eq!(all, want, "{quality:?}");
    }
}

#[test]
fn silence_ends_no_gas_alarm_and_raises_none() {
    let mut engine = engine();
    feed(&mut engine, &constant(0..5, 50.0, Quality::Good));
    let mut effects = Effects::default();
    engine.tick(at(3600), &mut effects);
    assert_eq!(told(&effects), ["34 silence raise"]);
    assert!(effects.warnings.is_empty());
    assert_eq!(engine.warnings().count(), 1);
    engine.tick(at(7200), &mut effects);
    assert_eq!(effects.alarms.len(), 1, "raised once");
    assert_eq!(
        feed(&mut engine, &constant(7200..7201, 50.0, Quality::Good)),
        ["7200 silence clear"]
    );
}

#[test]
fn a_channel_that_never_speaks_is_missed() {
    let mut engine = engine();
    let mut effects = Effects::default();
    engine.tick(at(100), &mut effects);
    assert!(effects.is_empty(), "nothing is expected in a replay");
    engine.expect_since(at(100));
    engine.tick(at(130), &mut effects);
    assert!(effects.is_empty(), "not yet past the limit");
    engine.tick(at(131), &mut effects);
    assert_eq!(told(&effects), ["130 silence raise"]);
}

#[test]
fn what_is_not_judged_is_counted() {
    let mut engine = engine();
    let mut ahead = reading(11, Some(5000.0), Quality::Good);
    ahead.measured_at = at(17);
    let mut stranger = reading(12, Some(1.0), Quality::Good);
    stranger.channel = ChannelIndex(9);
    let readings = [
        reading(10, Some(1.0), Quality::Good),
        reading(10, Some(1.0), Quality::Good),
        reading(9, Some(5000.0), Quality::Good),
        ahead,
        stranger,
        reading(11, Some(5000.0), Quality::Calibration),
    ];
    assert_eq!(feed(&mut engine, &readings), [""; 0]);
    // The record has the one at 10, so it is a repeat; that at 9 is new and waits.
    engine.sort_late(|late| late.measured_at == at(10));
    assert_eq!(engine.again_spans().collect::<Vec<_>>(), [(ChannelIndex(0), at(9))]);
    let counted = engine.counters();
    assert_eq!((counted.judged, counted.not_judged), (1, 1));
    assert_eq!((counted.duplicates, counted.late), (1, 1));
    assert_eq!((counted.quarantined, counted.unknown_channel), (1, 1));
}

/// Whatever second the process ends at, the rest goes on as if it had not.
#[test]
fn a_restart_changes_nothing() {
    let levels = [1.0, 50.0, 50.0, 9.5, 1.0, 1200.0, 950.0, 1100.0, 1.0, 50.0];
    let series: Vec<_> = (0..400)
        .filter(|s| !(200..260).contains(s))
        .map(|s| reading(s, Some(levels[usize::try_from(s / 40).unwrap()]), Quality::Good))
        .collect();
    let whole = rehearse(&series, None);
    assert!(whole.alarms.len() >= 8, "{:?}", whole.alarms);
    for cut in 1..series.len() {
        assert_eq!(rehearse(&series, Some(cut)), whole, "cut after reading {cut}");
    }
}

/// What comes of a series, with a restart after `cut` readings.
fn rehearse(series: &[Reading], cut: Option<usize>) -> Outcome {
    let (site, rules) = (site(1), rules());
    let mut rehearsal = Rehearsal::new(&site, &rules).unwrap();
    let (before, after) = series.split_at(cut.unwrap_or(0));
    rehearsal.arrive(before);
    if cut.is_some() {
        rehearsal = rehearsal.restarted(&site, &rules).unwrap();
    }
    rehearsal.arrive(after);
    // What was counted before a restart is not counted after it.
    Outcome { counters: Counters::default(), ..rehearsal.finish() }
}
