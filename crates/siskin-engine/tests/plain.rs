//! The engine against a plain reading of the rules: every window is recomputed from its samples on
//! every row, in whole numbers, by code that shares nothing with the engine.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod support;

use proptest::prelude::*;
use siskin_engine::rule::{Side, TrendMethod};
use siskin_engine::{Binding, Effects, Engine, RuleKind, RuleSet};
use siskin_model::{ChannelIndex, Edge, Quality, Reading, RuleId, Tier, Timestamp};
use support::{GAP_MS, rule, site};

const START_MS: i64 = 1_767_225_600_000;

/// Shorter windows than the standard workload's, so that short series exercise them.
fn rules(channels: u32) -> RuleSet {
    let mean = RuleKind::WindowMean {
        window_ms: 60_000,
        samples_min: 40,
        raise_at: 10.0,
        clear_below: 9.0,
    };
    let trend = RuleKind::Trend {
        method: TrendMethod::LeastSquares,
        window_ms: 30_000,
        samples_min: 20,
        target: 20.0,
        horizon_ms: 60_000,
        significance: 4.0,
    };
    let rules = vec![
        rule("r1", Some(Tier::Yellow), threshold(10.0, 9.0), 5, 30),
        rule("r2", Some(Tier::Orange), threshold(20.0, 18.0), 3, 30),
        rule("r3", Some(Tier::Red), threshold(50.0, 45.0), 0, 30),
        rule("r4", Some(Tier::Yellow), mean, 0, 0),
        rule("r5", Some(Tier::Blue), trend, 10, 30),
        rule("r6", None, RuleKind::NoData { after_ms: GAP_MS }, 0, 0),
    ];
    let bind = |channel| {
        let bindings = 0..rules.len();
        bindings.map(move |rule| Binding { rule, channel: ChannelIndex(channel), factor: 1.0 })
    };
    let bindings = (0..channels).flat_map(bind).collect();
    RuleSet { rules, bindings }
}

fn threshold(raise_at: f64, clear_below: f64) -> RuleKind {
    RuleKind::Threshold { side: Side::High, raise_at, clear_at: clear_below }
}

type Transition = (i64, u32, usize, Edge);

/// The rules as WORKLOAD-style prose has them, one channel after the other.
fn plain(series: &[Vec<(i64, i32)>]) -> Vec<Transition> {
    let newest = series.iter().flatten().map(|(t, _)| *t).max().unwrap_or(0);
    let mut out = Vec::new();
    for (channel, rows) in (0u32..).zip(series) {
        plain_channel(channel, rows, newest, &mut out);
    }
    out.sort_unstable();
    out
}

fn plain_channel(channel: u32, rows: &[(i64, i32)], newest: i64, out: &mut Vec<Transition>) {
    let holds = [(5, 30), (3, 30), (0, 30), (0, 0), (10, 30)];
    let mut states = [(0u8, 0i64); 5];
    for (i, &(t, cents)) in rows.iter().enumerate() {
        if i > 0 && t - rows[i - 1].0 > GAP_MS {
            out.push((rows[i - 1].0 + GAP_MS, channel, 5, Edge::Raise));
            out.push((t, channel, 5, Edge::Clear));
            for state in &mut states {
                state.0 = [0, 0, 2, 2][usize::from(state.0)];
            }
        }
        for (r, signal) in signals(&rows[..=i], cents).into_iter().enumerate() {
            let Some((up, down)) = signal else { continue };
            if let Some(edge) = advance(&mut states[r], t, up, down, holds[r]) {
                out.push((t, channel, r, edge));
            }
        }
    }
    if let Some(&(last, _)) = rows.last()
        && newest > last + GAP_MS
    {
        out.push((last + GAP_MS, channel, 5, Edge::Raise));
    }
}

fn signals(rows: &[(i64, i32)], cents: i32) -> [Option<(bool, bool)>; 5] {
    let t = rows[rows.len() - 1].0;
    let window = |ms: i64| -> Vec<(i64, i64)> {
        let inside = rows.iter().filter(|(at, _)| *at > t - ms);
        inside.map(|&(at, c)| (at - t, i64::from(c))).collect()
    };
    let minute = window(60_000);
    let n = i64::try_from(minute.len()).unwrap();
    let sum: i64 = minute.iter().map(|(_, c)| c).sum();
    let mean = (n >= 40).then_some((sum >= 1000 * n, sum < 900 * n));
    let line = window(30_000);
    let rising = (line.len() >= 20).then(|| rises(&line));
    [
        Some((cents >= 1000, cents < 900)),
        Some((cents >= 2000, cents < 1800)),
        Some((cents >= 5000, cents < 4500)),
        mean,
        rising.map(|up| (up, !up)),
    ]
}

/// Whole-number least squares over (ms before now, hundredths).
#[expect(clippy::many_single_char_names, reason = "the letters of the formula")]
fn rises(line: &[(i64, i64)]) -> bool {
    let n = i128::try_from(line.len()).unwrap();
    let sum = |f: fn(i128, i128) -> i128| -> i128 {
        line.iter().map(|&(s, x)| f(s.into(), x.into())).sum()
    };
    let (s, x) = (sum(|s, _| s), sum(|_, x| x));
    let (ss, sx, xx) = (sum(|s, _| s * s), sum(|s, x| s * x), sum(|_, x| x * x));
    let (d, b, v) = (n * ss - s * s, n * sx - s * x, n * xx - x * x);
    if b <= 0 || b * b * (n - 2) < 16 * (v * d - b * b) {
        return false;
    }
    let room = 2000 * n * d - (x * d - b * s);
    room > 0 && room <= 60_000 * b * n
}

fn advance(
    state: &mut (u8, i64),
    t: i64,
    up: bool,
    down: bool,
    (on_s, off_s): (i64, i64),
) -> Option<Edge> {
    match (state.0, up, down) {
        (0, true, _) if on_s == 0 => *state = (2, t),
        (0, true, _) => {
            *state = (1, t);
            return None;
        }
        (1, false, _) => {
            *state = (0, t);
            return None;
        }
        (1, true, _) if t - state.1 >= on_s * 1000 => *state = (2, t),
        (2, _, true) if off_s == 0 => *state = (0, t),
        (2, _, true) => {
            *state = (3, t);
            return None;
        }
        (3, _, false) => {
            *state = (2, t);
            return None;
        }
        (3, _, true) if t - state.1 >= off_s * 1000 => *state = (0, t),
        _ => return None,
    }
    Some(if state.0 == 2 { Edge::Raise } else { Edge::Clear })
}

/// One channel: steps of (gap in 100 ms, level, length in rows), with a saw tooth on top.
fn channel() -> impl Strategy<Value = Vec<(i64, i32)>> {
    let piece = (
        prop_oneof![20 => 8i64..13, 1 => 250i64..420],
        prop_oneof![0i32..3000, 800i32..1200, 4000i32..6000],
        1usize..60,
        -40i32..60,
    );
    prop::collection::vec(piece, 1..8).prop_map(|pieces| {
        let mut t = START_MS;
        let mut rows = Vec::new();
        for (gap, level, length, slope) in pieces {
            t += (gap - 10).max(0) * 100;
            for i in 0..length {
                t += 900 + i64::try_from(i % 3).unwrap() * 100;
                let i = i32::try_from(i).unwrap();
                rows.push((t, (level + slope * i + (i * 7919) % 23).max(0)));
            }
        }
        rows
    })
}

proptest! {
    #[test]
    fn transitions_are_those_of_the_plain_reading(
        series in prop::collection::vec(channel(), 1..4),
        batch in 1usize..200,
    ) {
        let channels = u32::try_from(series.len()).unwrap();
        let mut engine = Engine::new(&site(channels), &rules(channels)).unwrap();
        let mut rows: Vec<_> = (0u32..)
            .zip(&series)
            .flat_map(|(channel, rows)| rows.iter().map(move |&(t, c)| (t, channel, c)))
            .collect();
        rows.sort_unstable();
        let readings: Vec<_> = rows
            .into_iter()
            .map(|(t, channel, cents)| {
                let at = Timestamp::from_millis(t);
                let value = Some(f64::from(cents) / 100.0);
                Reading::new(ChannelIndex(channel), at, at, value, Quality::Good)
            })
            .collect();
        let mut effects = Effects::default();
        for readings in readings.chunks(batch) {
            engine.readings(readings, &mut effects);
        }
        engine.finish(&mut effects);
        let place = |id: &RuleId| id.as_str()[1..].parse::<usize>().unwrap() - 1;
        let mut got: Vec<Transition> = effects
            .alarms
            .iter()
            .map(|event| {
                let channel = event.alarm.channel.as_str().parse().unwrap();
                (event.at.as_millis(), channel, place(&event.alarm.rule), event.edge)
            })
            .collect();
        got.sort_unstable();
        prop_assert_eq!(got, plain(&series));
    }
}
