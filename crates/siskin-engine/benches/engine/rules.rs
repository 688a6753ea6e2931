//! The rules that are measured.

use siskin_engine::rule::{Baseline, Contrast, DosePoint, Expr, Recent, Side, Span, TrendMethod};
use siskin_engine::{Binding, Rule, RuleKind, RuleSet};
use siskin_model::{ChannelIndex, RuleId, Tier};

use crate::support::{GAP_MS, rule};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 3_600_000;

/// The six rules of the standard workload.
pub(crate) fn standard_six() -> Vec<Rule> {
    vec![
        rule("R1", Some(Tier::Yellow), threshold(10.0, 9.0), 5, 30),
        rule("R2", Some(Tier::Orange), threshold(20.0, 18.0), 3, 30),
        rule("R3", Some(Tier::Red), threshold(50.0, 45.0), 0, 30),
        rule("R4", Some(Tier::Yellow), mean(900_000), 0, 0),
        rule("R5", Some(Tier::Blue), trend(TrendMethod::LeastSquares, 300_000, 225), 10, 30),
        rule("R6", None, RuleKind::NoData { after_ms: GAP_MS }, 0, 0),
    ]
}

/// The six, and a time-weighted mean of 8 h.
pub(crate) fn six_and_eight_hours() -> Vec<Rule> {
    let mut rules = standard_six();
    rules.push(rule("twa", Some(Tier::Blue), mean(8 * HOUR_MS), 0, 0));
    rules
}

/// A set for each kind, by its name.
pub(crate) fn of_each_kind() -> Vec<(&'static str, Vec<Rule>)> {
    let one = |kind| vec![rule("one", Some(Tier::Yellow), kind, 5, 30)];
    let equipment = |kind| vec![rule("one", None, kind, 0, 0)];
    let over = |kind| {
        let counted = rule("high", None, threshold(10.0, 9.0), 5, 30);
        vec![counted, rule("over", Some(Tier::Orange), kind, 0, 30)]
    };
    let high = RuleId::new("high").unwrap();
    let least_squares = trend(TrendMethod::LeastSquares, 300_000, 225);
    let rate = RuleKind::RateOfRise {
        window_ms: MINUTE_MS,
        samples_min: 30,
        raise_per_min: 10.0,
        clear_per_min: 2.0,
    };
    let baseline =
        RuleKind::Baseline { baseline: quiet(), raise_by: 5.0, clear_by: 2.0, noise_times: 6.0 };
    let (tolerance, ignore_to) = (0.02, Some(0.5));
    let stuck = RuleKind::Stuck { after_ms: 30 * MINUTE_MS, tolerance, ignore_to };
    vec![
        ("none", Vec::new()),
        ("threshold", one(threshold(10.0, 9.0))),
        ("window_mean_15_min", one(mean(900_000))),
        ("window_mean_8_h", one(mean(8 * HOUR_MS))),
        ("rate_of_rise", one(rate)),
        ("trend_least_squares", one(least_squares)),
        ("trend_theil_sen", one(trend(TrendMethod::TheilSen, 600_000, 8))),
        ("baseline", one(baseline)),
        ("cusum", one(cusum())),
        ("dose", one(dose())),
        ("vote", over(vote(&high))),
        ("boolean", over(RuleKind::Boolean { when: Expr::Rule(high.clone()) })),
        ("contrast", one(contrast())),
        ("no_data", equipment(RuleKind::NoData { after_ms: GAP_MS })),
        ("stuck", equipment(stuck)),
        ("jump", equipment(RuleKind::Jump { by: 20.0, within_ms: 5_000 })),
        ("out_of_range", equipment(RuleKind::OutOfRange)),
        ("standard_six", standard_six()),
    ]
}

fn threshold(raise_at: f64, clear_at: f64) -> RuleKind {
    RuleKind::Threshold { side: Side::High, raise_at, clear_at }
}

/// Valid with three samples out of four at 1 Hz.
fn mean(window_ms: i64) -> RuleKind {
    let samples_min = u32::try_from(window_ms / 1_000 * 3 / 4).unwrap();
    RuleKind::WindowMean { window_ms, samples_min, raise_at: 10.0, clear_below: 9.0 }
}

fn trend(method: TrendMethod, window_ms: i64, samples_min: u32) -> RuleKind {
    RuleKind::Trend {
        method,
        window_ms,
        samples_min,
        target: 20.0,
        horizon_ms: 600_000,
        significance: if method == TrendMethod::TheilSen { 3.0 } else { 4.0 },
    }
}

fn quiet() -> Baseline {
    Baseline {
        window_ms: 4 * HOUR_MS,
        step_ms: MINUTE_MS,
        quantile: 0.2,
        steps_min: 30,
        freeze_max_ms: HOUR_MS,
        noise_min: 0.05,
    }
}

fn cusum() -> RuleKind {
    RuleKind::Cusum {
        baseline: quiet(),
        memory_ms: 10 * MINUTE_MS,
        whiten: None,
        allowance: 1.0,
        clip: 4.0,
        raise_at: 30.0,
        clear_below: 5.0,
    }
}

/// Five points, 10 min to 8 h.
fn dose() -> RuleKind {
    let point = |minutes, limit| DosePoint { duration_ms: minutes * MINUTE_MS, limit };
    RuleKind::Dose {
        points: vec![
            point(10, 100.0),
            point(30, 43.0),
            point(60, 22.0),
            point(240, 11.0),
            point(480, 10.0),
        ],
        exponent: None,
        raise_at: 1.0,
        clear_below: 0.9,
    }
}

fn vote(of: &RuleId) -> RuleKind {
    RuleKind::Vote {
        of: vec![of.clone()],
        needs: 2,
        span: Span::Area,
        within_m: None,
        memory_ms: MINUTE_MS,
        wind: None,
    }
}

fn contrast() -> RuleKind {
    let recent = Recent { window_ms: 2 * HOUR_MS, quantile: 0.95, times: 1.5 };
    let contrast = Contrast {
        step_ms: MINUTE_MS,
        baseline_ms: 6 * HOUR_MS,
        steps_min: 30,
        mean_steps: 3,
        own: recent,
        group: recent,
    };
    RuleKind::Contrast { contrast, span: Span::Area, raise_at: 3.0, clear_below: 1.5 }
}

/// Every rule on every channel.
pub(crate) fn on_all(rules: Vec<Rule>, channels: u32) -> RuleSet {
    let places = 0..rules.len();
    let bind = |channel| {
        let channel = ChannelIndex(channel);
        places.clone().map(move |rule| Binding { rule, channel, factor: 1.0 })
    };
    let bindings = (0..channels).flat_map(bind).collect();
    RuleSet { rules, bindings }
}
