//! The numbers of each kind: set points resolved, lengths and shares within their bounds.

use siskin_engine::RuleKind;
use siskin_engine::rule::{DosePoint, TrendMethod, WindGate};

use super::super::Context;
use super::bounds::{above_zero, at_least, kept, not_negative, positive, within};
use super::{baseline, contrast, setpoint};
use crate::problems::{Draft, Problems};
use crate::sources::At;
use crate::values::Millis;
use crate::written::rules::{WrittenKind, WrittenPoint, WrittenRule, WrittenWind};
use crate::written::setpoint::SetPoint;

/// Samples (Theil–Sen: steps) that make a line with an error.
const LINE_SAMPLES_MIN: u32 = 3;
/// Samples that make a slope.
const RATE_SAMPLES_MIN: u32 = 2;
/// Points of a dose limit; AEGL tables have five.
const POINTS_MAX: usize = 16;
/// Toxic load exponents; those of ten Berge lie between 0.8 and 3.5.
const EXPONENT: std::ops::RangeInclusive<f64> = 0.5..=8.0;
/// φ of one would add every sample for ever.
const WHITEN: std::ops::RangeInclusive<f64> = 0.0..=0.95;
/// Two lines are at most 90 degrees apart: such a gate lets everything through.
const HALF_ANGLE_DEG: std::ops::RangeInclusive<f64> = 1.0..=90.0;
const MS_PER_MINUTE: f64 = 60_000.0;

/// Checks a rule's own numbers and makes them the engine's.
pub(super) fn checked(
    written: &WrittenRule,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Option<RuleKind> {
    let mut point = |point: &At<SetPoint>| setpoint::resolve(point, written, context, problems);
    match &written.kind {
        WrittenKind::Threshold { side, raise_at, clear_at } => {
            let (raise, clear) = (point(raise_at), point(clear_at));
            Some(RuleKind::Threshold { side: *side, raise_at: raise?, clear_at: clear? })
        }
        WrittenKind::WindowMean { window, samples_min, raise_at, clear_below } => {
            let (raise, clear) = (point(raise_at), point(clear_below));
            at_least("samples_min", *samples_min, 1, problems);
            Some(RuleKind::WindowMean {
                window_ms: window.value.0,
                samples_min: samples_min.value,
                raise_at: raise?,
                clear_below: clear?,
            })
        }
        WrittenKind::Trend { target, .. } => {
            let target = point(target);
            trend(&written.kind, target, problems)
        }
        WrittenKind::Baseline { baseline, raise_by, clear_by, noise_times } => {
            let (raise, clear) = (point(raise_by), point(clear_by));
            let hint = "write how many times the noise a rise must be, for example 6";
            not_negative("noise_times", *noise_times, hint, problems);
            Some(RuleKind::Baseline {
                baseline: baseline::checked(baseline, problems),
                raise_by: raise?,
                clear_by: clear?,
                noise_times: noise_times.value,
            })
        }
        WrittenKind::Contrast { contrast, span, raise_at, clear_below } => {
            let (raise, clear) = (point(raise_at), point(clear_below));
            let at = At { value: raise?, place: raise_at.place };
            above_zero("raise_at", at, "write a contrast above 0", problems);
            Some(RuleKind::Contrast {
                contrast: contrast::checked(contrast, problems),
                span: *span,
                raise_at: raise?,
                clear_below: clear?,
            })
        }
        WrittenKind::Dose { points, .. } => {
            let limits: Vec<Option<f64>> =
                points.value.iter().map(|p| point(&p.value.limit)).collect();
            let limits: Option<Vec<f64>> = limits.into_iter().collect();
            dose(&written.kind, &points.value, &limits?, problems)
        }
        WrittenKind::RateOfRise { .. } => rate(&written.kind, problems),
        WrittenKind::Cusum { .. } => cusum(&written.kind, problems),
        WrittenKind::Vote { .. } => vote(&written.kind, problems),
        WrittenKind::Boolean { when } => Some(RuleKind::Boolean { when: when.value.model() }),
        _ => equipment(&written.kind, problems),
    }
}

fn rate(written: &WrittenKind, problems: &mut Problems) -> Option<RuleKind> {
    let WrittenKind::RateOfRise { window, samples_min, raise_per_min, clear_per_min } = written
    else {
        return None;
    };
    at_least("samples_min", *samples_min, RATE_SAMPLES_MIN, problems);
    let hint = "write how fast a rise must be, in the rule's unit a minute";
    above_zero("raise_per_min", *raise_per_min, hint, problems);
    Some(RuleKind::RateOfRise {
        window_ms: window.value.0,
        samples_min: samples_min.value,
        raise_per_min: raise_per_min.value,
        clear_per_min: clear_per_min.value,
    })
}

fn trend(written: &WrittenKind, target: Option<f64>, problems: &mut Problems) -> Option<RuleKind> {
    let WrittenKind::Trend { method, window, samples_min, horizon, significance, .. } = written
    else {
        return None;
    };
    at_least("samples_min", *samples_min, LINE_SAMPLES_MIN, problems);
    positive("horizon_s", *horizon, problems);
    let hint = match method {
        TrendMethod::LeastSquares => {
            "write how many standard errors the slope must have, for example 4.0"
        }
        TrendMethod::TheilSen => {
            "write how many standard deviations Kendall's S must have, for example 3.0"
        }
    };
    not_negative("significance", *significance, hint, problems);
    Some(RuleKind::Trend {
        method: *method,
        window_ms: window.value.0,
        samples_min: samples_min.value,
        target: target?,
        horizon_ms: horizon.value.0,
        significance: significance.value,
    })
}

fn cusum(written: &WrittenKind, problems: &mut Problems) -> Option<RuleKind> {
    let WrittenKind::Cusum { baseline, memory, whiten, allowance, clip, raise_at, clear_below } =
        written
    else {
        return None;
    };
    positive("memory_s", *memory, problems);
    kept("memory_s", *memory, problems);
    if let Some(whiten) = whiten {
        let hint = "write how much of a sample is left in the next, 0 to 0.95, or leave the key \
                    out: then it is estimated";
        within("whiten", *whiten, WHITEN, hint, problems);
    }
    let hint = "write noises, for example 0.5";
    not_negative("allowance", *allowance, hint, problems);
    above_zero("clip", *clip, "write the most one sample may add, in noises", problems);
    above_zero("raise_at", *raise_at, "write a sum in noises above 0", problems);
    above_zero("noise_min", baseline.noise_min, "a sum in noises needs a noise above 0", problems);
    Some(RuleKind::Cusum {
        baseline: baseline::checked(baseline, problems),
        memory_ms: memory.value.0,
        whiten: whiten.map(|whiten| whiten.value),
        allowance: allowance.value,
        clip: clip.value,
        raise_at: raise_at.value,
        clear_below: clear_below.value,
    })
}

fn dose(
    written: &WrittenKind,
    points: &[At<WrittenPoint>],
    limits: &[f64],
    problems: &mut Problems,
) -> Option<RuleKind> {
    let WrittenKind::Dose { points: list, exponent, raise_at, clear_below } = written else {
        return None;
    };
    if points.is_empty() || points.len() > POINTS_MAX {
        let message = format!("`points` has {} points", points.len());
        let hint = format!("write 1 to {POINTS_MAX}, as {{ minutes = 10, limit = 2.8 }}");
        problems.add(Draft::new(message, hint).at(list.place, "these points"));
    }
    if let Some(exponent) = exponent {
        let hint = "write the toxic load exponent n of the gas, or leave the key out: then it \
                    follows from the points";
        within("exponent", *exponent, EXPONENT, hint, problems);
    }
    above_zero("raise_at", *raise_at, "write a fraction of the limit, for example 1.0", problems);
    let points: Vec<DosePoint> =
        points.iter().zip(limits).map(|(p, limit)| dose_point(p, *limit, problems)).collect();
    for (later, (a, b)) in list.value.iter().skip(1).zip(points.iter().zip(points.iter().skip(1))) {
        // Tables often state one level for the first durations: the same level is no mistake.
        if b.duration_ms <= a.duration_ms || b.limit > a.limit {
            let message = "the points must rise in time and not rise in level";
            let hint = "write them from the shortest time to the longest; a longer time has a \
                        lower or the same limit";
            problems.add(Draft::new(message, hint).at(later.place, "out of order"));
        }
    }
    Some(RuleKind::Dose {
        points,
        exponent: exponent.map(|exponent| exponent.value),
        raise_at: raise_at.value,
        clear_below: clear_below.value,
    })
}

fn dose_point(point: &At<WrittenPoint>, limit: f64, problems: &mut Problems) -> DosePoint {
    let minutes = point.value.minutes;
    let day = 1440.0;
    let hint = "write minutes, from 1 to 1440 (a day)";
    within("minutes", minutes, 1.0..=day, hint, problems);
    let at = At { value: limit, place: point.value.limit.place };
    above_zero("limit", at, "write a level above 0", problems);
    #[allow(clippy::cast_possible_truncation, reason = "clamped to a day")]
    let duration_ms = (minutes.value.clamp(0.0, day) * MS_PER_MINUTE).round() as i64;
    DosePoint { duration_ms, limit }
}

fn vote(written: &WrittenKind, problems: &mut Problems) -> Option<RuleKind> {
    let WrittenKind::Vote { of, needs, span, within_m, memory, wind } = written else {
        return None;
    };
    if of.value.is_empty() {
        let hint = "name at least one rule, for example `of = [\"chlorine-yellow\"]`";
        problems.add(Draft::new("a vote of no rule", hint).at(of.place, "nobody votes"));
    }
    at_least("needs", *needs, 1, problems);
    if let Some(within_m) = within_m {
        above_zero("within_m", *within_m, "write metres above 0", problems);
    }
    kept("memory_s", *memory, problems);
    Some(RuleKind::Vote {
        of: of.value.iter().map(|id| id.value.clone()).collect(),
        needs: needs.value,
        span: *span,
        within_m: within_m.map(|within_m| within_m.value),
        memory_ms: memory.value.0,
        wind: wind.as_ref().map(|wind| gate(&wind.value, problems)),
    })
}

fn gate(wind: &WrittenWind, problems: &mut Problems) -> WindGate {
    let hint = "write metres a second, for example 1.0";
    not_negative("speed_min_m_s", wind.speed_min_m_s, hint, problems);
    let hint = "write degrees, from 1 to 90, for example 45";
    within("half_angle_deg", wind.half_angle_deg, HALF_ANGLE_DEG, hint, problems);
    WindGate { speed_min_m_s: wind.speed_min_m_s.value, half_angle_deg: wind.half_angle_deg.value }
}

fn equipment(written: &WrittenKind, problems: &mut Problems) -> Option<RuleKind> {
    let mut length = |key: &str, length: &At<Millis>| {
        positive(key, *length, problems);
        kept(key, *length, problems);
        length.value.0
    };
    match written {
        WrittenKind::NoData { after } => {
            positive("after_s", *after, problems);
            Some(RuleKind::NoData { after_ms: after.value.0 })
        }
        WrittenKind::Stuck { after, tolerance, ignore_to } => {
            let after_ms = length("after_s", after);
            let hint = "write within how much a value stands still, in the rule's unit, 0 or more";
            not_negative("tolerance", *tolerance, hint, problems);
            let ignore_to = ignore_to.map(|ignore_to| ignore_to.value);
            Some(RuleKind::Stuck { after_ms, tolerance: tolerance.value, ignore_to })
        }
        WrittenKind::Jump { by, within } => {
            let within_ms = length("within_s", within);
            let hint = "write the smallest jump that no gas makes, in the rule's unit";
            above_zero("by", *by, hint, problems);
            Some(RuleKind::Jump { by: by.value, within_ms })
        }
        WrittenKind::OutOfRange => Some(RuleKind::OutOfRange),
        _ => None,
    }
}
