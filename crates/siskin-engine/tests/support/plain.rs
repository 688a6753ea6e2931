//! A plain reading of the rules: every window is taken anew from its samples on every row, in whole
//! numbers where the rule has them, by code that shares nothing with the engine.

#[path = "plain_past.rs"]
mod plain_past;

use siskin_engine::rule::{Side, TrendMethod};
use siskin_engine::{Rule, RuleKind};
use siskin_model::{Edge, Quality};

use self::plain_past::{Sample, Says, above, load, robust, slope};
use super::arrivals::{Row, Transition};

/// The end of the range of the tests' channels, in hundredths.
const RANGE_HIGH: i64 = 100_000;

/// What the rules say, channel after channel.
pub(crate) fn plain(channels: &[Vec<Row>], rules: &[Rule]) -> Vec<Transition> {
    let newest = channels.iter().flatten().map(|row| row.at_ms).max().unwrap_or(0);
    let mut out = Vec::new();
    for (channel, rows) in channels.iter().enumerate() {
        for rule in rules {
            let edges = match rule.kind {
                RuleKind::NoData { after_ms } => silence(rows, after_ms, newest),
                _ => judged(rows, rule),
            };
            let named = |(at_ms, edge)| (at_ms, channel.to_string(), rule.id.to_string(), edge);
            out.extend(edges.into_iter().map(named));
        }
    }
    out.sort_unstable();
    out
}

fn silence(rows: &[Row], after_ms: i64, newest: i64) -> Vec<(i64, Edge)> {
    let heard: Vec<_> = rows.iter().filter(|row| row.quality.is_heard()).collect();
    let mut out = Vec::new();
    for pair in heard.windows(2) {
        if pair[1].at_ms - pair[0].at_ms > after_ms {
            out.push((pair[0].at_ms + after_ms, Edge::Raise));
            out.push((pair[1].at_ms, Edge::Clear));
        }
    }
    let last = heard.last().map(|row| row.at_ms + after_ms);
    out.extend(last.filter(|due| newest > *due).map(|due| (due, Edge::Raise)));
    out
}

/// What the gas rules take a row for: hundredths, over-range as the end of the range or more.
fn cents(row: &Row) -> i64 {
    let cents = i64::from(row.cents);
    if row.quality == Quality::OverRange { cents.max(RANGE_HIGH) } else { cents }
}

fn judged(rows: &[Row], rule: &Rule) -> Vec<(i64, Edge)> {
    let samples: Vec<Sample> = rows
        .iter()
        .filter(|row| row.quality.is_judged())
        .map(|row| (row.at_ms, cents(row)))
        .collect();
    let (mut state, mut raised) = (State::Normal, None);
    let mut out = Vec::new();
    for end in 1..=samples.len() {
        let samples = &samples[..end];
        let (t, _) = samples[end - 1];
        if end > 1 && t - samples[end - 2].0 > rule.gap_ms {
            state = match state {
                State::Pending(_) => State::Normal,
                State::Clearing(_) => State::Active,
                other => other,
            };
        }
        let Some((up, down)) = signal(samples, raised, rule) else { continue };
        let edge;
        (state, edge) = state.after(t, up, down, (rule.on_delay_ms, rule.off_delay_ms));
        if let Some(edge) = edge {
            raised = (edge == Edge::Raise).then_some(t);
            out.push((t, edge));
        }
    }
    out
}

#[derive(Debug, Clone, Copy)]
enum State {
    Normal,
    Pending(i64),
    Active,
    Clearing(i64),
}

impl State {
    fn after(
        self,
        t: i64,
        up: bool,
        down: bool,
        (on_ms, off_ms): (i64, i64),
    ) -> (Self, Option<Edge>) {
        match self {
            Self::Normal | Self::Pending(_) if !up => (Self::Normal, None),
            Self::Active | Self::Clearing(_) if !down => (Self::Active, None),
            Self::Normal if on_ms > 0 => (Self::Pending(t), None),
            Self::Pending(since) if t - since < on_ms => (self, None),
            Self::Normal | Self::Pending(_) => (Self::Active, Some(Edge::Raise)),
            Self::Active if off_ms > 0 => (Self::Clearing(t), None),
            Self::Clearing(since) if t - since < off_ms => (self, None),
            Self::Active | Self::Clearing(_) => (Self::Normal, Some(Edge::Clear)),
        }
    }
}

/// A limit in ppm as hundredths.
fn whole(limit: f64) -> i64 {
    format!("{:.0}", limit * 100.0).parse().unwrap()
}

/// The samples in (t − window, t]: ms before now, hundredths.
fn window(samples: &[Sample], ms: i64) -> Vec<Sample> {
    let (t, _) = samples[samples.len() - 1];
    let inside = samples.iter().filter(|(at, _)| *at > t - ms);
    inside.map(|&(at, x)| (at - t, x)).collect()
}

/// Whether the newest sample meets the raise and the clear condition; none where it cannot say.
/// `raised`: when the alarm was raised.
fn signal(samples: &[Sample], raised: Option<i64>, rule: &Rule) -> Says {
    match rule.kind {
        RuleKind::RateOfRise { window_ms, samples_min, raise_per_min, clear_per_min } => {
            slope(&window(samples, window_ms), samples_min, raise_per_min, clear_per_min)
        }
        RuleKind::Trend {
            method: TrendMethod::TheilSen,
            window_ms,
            samples_min,
            target,
            horizon_ms,
            significance,
        } => robust(samples, (window_ms, samples_min, target, horizon_ms, significance)),
        RuleKind::Baseline { ref baseline, raise_by, clear_by, noise_times } => {
            above(samples, raised, baseline, (raise_by, clear_by, noise_times))
        }
        RuleKind::Dose { ref points, exponent: None, raise_at, clear_below } => {
            load(samples, rule.gap_ms, points, (raise_at, clear_below))
        }
        RuleKind::Stuck { after_ms, tolerance, ignore_to } => {
            still(samples, rule.gap_ms, after_ms, (whole(tolerance), ignore_to.map(whole)))
        }
        ref kind => whole_signal(samples, kind),
    }
}

/// The kinds that are whole numbers throughout.
fn whole_signal(samples: &[Sample], kind: &RuleKind) -> Says {
    let (t, x) = samples[samples.len() - 1];
    match *kind {
        RuleKind::Threshold { side: Side::High, raise_at, clear_at } => {
            Some((x >= whole(raise_at), x < whole(clear_at)))
        }
        RuleKind::Threshold { side: Side::Low, raise_at, clear_at } => {
            Some((x <= whole(raise_at), x > whole(clear_at)))
        }
        RuleKind::WindowMean { window_ms, samples_min, raise_at, clear_below } => {
            let window = window(samples, window_ms);
            let n = i64::try_from(window.len()).unwrap();
            let sum: i64 = window.iter().map(|(_, x)| x).sum();
            let says = (sum >= whole(raise_at) * n, sum < whole(clear_below) * n);
            (n >= i64::from(samples_min)).then_some(says)
        }
        RuleKind::Trend { window_ms, samples_min, target, horizon_ms, .. } => {
            let line = window(samples, window_ms);
            let enough = line.len() >= usize::try_from(samples_min).unwrap();
            enough.then(|| rises(&line, whole(target), horizon_ms)).map(|up| (up, !up))
        }
        RuleKind::OutOfRange => {
            let is_inside = (0..RANGE_HIGH).contains(&x);
            Some((!is_inside, is_inside))
        }
        RuleKind::Jump { by, within_ms } => {
            let (before, previous) = *samples.iter().rev().nth(1)?;
            let leaps = (x - previous).abs() >= whole(by);
            (t - before <= within_ms).then_some((leaps, !leaps))
        }
        ref other => panic!("no plain reading of {}", other.as_str()),
    }
}

/// How long the value has stood still: going back until it moved, or nothing was heard.
fn still(
    samples: &[Sample],
    gap_ms: i64,
    after_ms: i64,
    (tolerance, ignore_to): (i64, Option<i64>),
) -> Says {
    let (t, x) = samples[samples.len() - 1];
    if ignore_to.is_some_and(|clean| x <= clean) {
        return Some((false, true));
    }
    let (mut since, mut low, mut high, mut has_moved) = (t, x, x, false);
    for &(at, x) in samples.iter().rev() {
        if since - at > gap_ms {
            break;
        }
        (low, high) = (low.min(x), high.max(x));
        has_moved = high - low > tolerance;
        if has_moved {
            break;
        }
        since = at;
    }
    let is_long = t - since >= after_ms;
    (is_long || has_moved).then_some((is_long, !is_long))
}

/// Whole-number least squares over (ms before now, hundredths), four standard errors.
#[expect(clippy::many_single_char_names, reason = "the letters of the formula")]
fn rises(line: &[(i64, i64)], target: i64, horizon_ms: i64) -> bool {
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
    let room = i128::from(target) * n * d - (x * d - b * s);
    room > 0 && room <= i128::from(horizon_ms) * b * n
}
