//! What each kind of rule looks at, as written: its own keys, of the right type.

use siskin_engine::rule::{Side, Span, TrendMethod};
use siskin_model::RuleId;

use super::parts::{
    WrittenBaseline, WrittenContrast, WrittenPoint, WrittenWind, baseline, contrast,
};
use super::when::WrittenExpr;
use crate::fields::Fields;
use crate::problems::{Draft, Problems};
use crate::sources::At;
use crate::values::Millis;
use crate::written::setpoint::SetPoint;

/// The keys of a baseline and a rise above it.
pub(super) const RISE_KEYS: &[&str] = &[
    "raise_by",
    "clear_by",
    "noise_times",
    "baseline_window_s",
    "baseline_step_s",
    "baseline_quantile",
    "baseline_steps_min",
    "freeze_max_s",
    "noise_min",
];
/// The keys of a baseline and a sum over it.
pub(super) const CUSUM_KEYS: &[&str] = &[
    "memory_s",
    "whiten",
    "allowance",
    "clip",
    "raise_at",
    "clear_below",
    "baseline_window_s",
    "baseline_step_s",
    "baseline_quantile",
    "baseline_steps_min",
    "freeze_max_s",
    "noise_min",
];
/// A dose raises where the whole limit is used up.
const DOSE_RAISE_AT: f64 = 1.0;
/// And clears below nine tenths of it.
const DOSE_CLEAR_BELOW: f64 = 0.9;

/// What a rule looks at, as written.
#[derive(Debug, Clone)]
pub(crate) enum WrittenKind {
    Threshold {
        side: Side,
        raise_at: At<SetPoint>,
        clear_at: At<SetPoint>,
    },
    WindowMean {
        window: At<Millis>,
        samples_min: At<u32>,
        raise_at: At<SetPoint>,
        clear_below: At<SetPoint>,
    },
    RateOfRise {
        window: At<Millis>,
        samples_min: At<u32>,
        raise_per_min: At<f64>,
        clear_per_min: At<f64>,
    },
    Trend {
        method: TrendMethod,
        window: At<Millis>,
        samples_min: At<u32>,
        target: At<SetPoint>,
        horizon: At<Millis>,
        significance: At<f64>,
    },
    Baseline {
        baseline: WrittenBaseline,
        raise_by: At<SetPoint>,
        clear_by: At<SetPoint>,
        noise_times: At<f64>,
    },
    Cusum {
        baseline: WrittenBaseline,
        memory: At<Millis>,
        whiten: Option<At<f64>>,
        allowance: At<f64>,
        clip: At<f64>,
        raise_at: At<f64>,
        clear_below: At<f64>,
    },
    Contrast {
        contrast: WrittenContrast,
        span: Span,
        raise_at: At<SetPoint>,
        clear_below: At<SetPoint>,
    },
    Dose {
        points: At<Vec<At<WrittenPoint>>>,
        exponent: Option<At<f64>>,
        raise_at: At<f64>,
        clear_below: At<f64>,
    },
    Vote {
        of: At<Vec<At<RuleId>>>,
        needs: At<u32>,
        span: Span,
        within_m: Option<At<f64>>,
        memory: At<Millis>,
        wind: Option<At<WrittenWind>>,
    },
    Boolean {
        when: At<WrittenExpr>,
    },
    NoData {
        after: At<Millis>,
    },
    Stuck {
        after: At<Millis>,
        tolerance: At<f64>,
        ignore_to: Option<At<f64>>,
    },
    Jump {
        by: At<f64>,
        within: At<Millis>,
    },
    OutOfRange,
}

/// Reads the keys of the kind called `word`.
pub(super) fn read(
    fields: &mut Fields<'_>,
    word: &str,
    problems: &mut Problems,
) -> Option<WrittenKind> {
    match word {
        "threshold" => threshold(fields, problems),
        "window-mean" => window_mean(fields, problems),
        "rate-of-rise" => rate_of_rise(fields, problems),
        "trend" => trend(fields, problems),
        "baseline" => rise(fields, problems),
        "cusum" => cusum(fields, problems),
        "contrast" => contrasted(fields, problems),
        "dose" => dose(fields, problems),
        "vote" => vote(fields, problems),
        "boolean" => fields.required("when", problems).map(|when| WrittenKind::Boolean { when }),
        "no-data" => {
            fields.required("after_s", problems).map(|after| WrittenKind::NoData { after })
        }
        "stuck" => stuck(fields, problems),
        "jump" => {
            let by = fields.required("by", problems);
            let within = fields.required("within_s", problems);
            Some(WrittenKind::Jump { by: by?, within: within? })
        }
        _ => Some(WrittenKind::OutOfRange),
    }
}

fn threshold(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<WrittenKind> {
    let raise_at = fields.required("raise_at", problems);
    let (has_below, has_above) = (fields.has("clear_below"), fields.has("clear_above"));
    let below = fields.optional("clear_below", problems);
    let above = fields.optional("clear_above", problems);
    if has_below == has_above {
        let message = if has_below {
            "a threshold has both `clear_below` and `clear_above`"
        } else {
            "a threshold has neither `clear_below` nor `clear_above`"
        };
        let hint = "write `clear_below` where too much is bad (gas), `clear_above` where too \
                    little is (oxygen), one of the two";
        problems.add(Draft::new(message, hint).at(fields.place(), "when does it clear"));
        return None;
    }
    let (side, clear_at) = if has_below { (Side::High, below) } else { (Side::Low, above) };
    Some(WrittenKind::Threshold { side, raise_at: raise_at?, clear_at: clear_at? })
}

fn window_mean(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<WrittenKind> {
    let window = fields.required("window_s", problems);
    let samples_min = fields.required("samples_min", problems);
    let raise_at = fields.required("raise_at", problems);
    let clear_below = fields.required("clear_below", problems);
    Some(WrittenKind::WindowMean {
        window: window?,
        samples_min: samples_min?,
        raise_at: raise_at?,
        clear_below: clear_below?,
    })
}

fn rate_of_rise(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<WrittenKind> {
    let window = fields.required("window_s", problems);
    let samples_min = fields.required("samples_min", problems);
    let raise_per_min = fields.required("raise_per_min", problems);
    let clear_per_min = fields.required("clear_per_min", problems);
    Some(WrittenKind::RateOfRise {
        window: window?,
        samples_min: samples_min?,
        raise_per_min: raise_per_min?,
        clear_per_min: clear_per_min?,
    })
}

fn trend(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<WrittenKind> {
    let method = fields.or("method", TrendMethod::LeastSquares, problems);
    let window = fields.required("window_s", problems);
    let samples_min = fields.required("samples_min", problems);
    let target = fields.required("target", problems);
    let horizon = fields.required("horizon_s", problems);
    let significance = fields.required("significance", problems);
    Some(WrittenKind::Trend {
        method: method?,
        window: window?,
        samples_min: samples_min?,
        target: target?,
        horizon: horizon?,
        significance: significance?,
    })
}

fn rise(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<WrittenKind> {
    let raise_by = fields.required("raise_by", problems);
    let clear_by = fields.required("clear_by", problems);
    let place = fields.place();
    let noise_times = fields.or("noise_times", At { value: 0.0, place }, problems);
    let baseline = baseline(fields, problems);
    Some(WrittenKind::Baseline {
        baseline: baseline?,
        raise_by: raise_by?,
        clear_by: clear_by?,
        noise_times: noise_times?,
    })
}

fn cusum(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<WrittenKind> {
    let memory = fields.required("memory_s", problems);
    let whiten = fields.optional("whiten", problems);
    let allowance = fields.required("allowance", problems);
    let clip = fields.required("clip", problems);
    let raise_at = fields.required("raise_at", problems);
    let clear_below = fields.required("clear_below", problems);
    let baseline = baseline(fields, problems);
    Some(WrittenKind::Cusum {
        baseline: baseline?,
        memory: memory?,
        whiten,
        allowance: allowance?,
        clip: clip?,
        raise_at: raise_at?,
        clear_below: clear_below?,
    })
}

fn contrasted(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<WrittenKind> {
    let span = fields.required("span", problems);
    let raise_at = fields.required("raise_at", problems);
    let clear_below = fields.required("clear_below", problems);
    let contrast = contrast(fields, problems);
    Some(WrittenKind::Contrast {
        contrast: contrast?,
        span: span?,
        raise_at: raise_at?,
        clear_below: clear_below?,
    })
}

fn dose(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<WrittenKind> {
    let place = fields.place();
    let points = fields.required("points", problems);
    let exponent = fields.optional("exponent", problems);
    let raise_at = fields.or("raise_at", At { value: DOSE_RAISE_AT, place }, problems);
    let clear_below = fields.or("clear_below", At { value: DOSE_CLEAR_BELOW, place }, problems);
    Some(WrittenKind::Dose {
        points: points?,
        exponent,
        raise_at: raise_at?,
        clear_below: clear_below?,
    })
}

fn vote(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<WrittenKind> {
    let place = fields.place();
    let of = fields.required("of", problems);
    let needs = fields.required("needs", problems);
    let span = fields.required("span", problems);
    let within_m = fields.optional("within_m", problems);
    let memory = fields.or("memory_s", At { value: Millis(0), place }, problems);
    let wind = fields.optional("wind", problems);
    Some(WrittenKind::Vote { of: of?, needs: needs?, span: span?, within_m, memory: memory?, wind })
}

fn stuck(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<WrittenKind> {
    let after = fields.required("after_s", problems);
    let tolerance = fields.required("tolerance", problems);
    let ignore_to = fields.optional("ignore_to", problems);
    Some(WrittenKind::Stuck { after: after?, tolerance: tolerance?, ignore_to })
}
