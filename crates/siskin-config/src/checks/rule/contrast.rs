//! A comparison between channels by itself: steps that fit its windows.

use siskin_engine::rule::{Contrast, Recent};

use super::bounds::{at_least, not_negative, within};
use crate::problems::{Draft, Problems};
use crate::sources::At;
use crate::values::Millis;
use crate::written::rules::{WrittenContrast, WrittenRecent};

/// Most steps that are kept of anything.
const STEPS_MAX: i64 = 4096;
/// Most steps that a contrast is averaged over.
const MEAN_STEPS_MAX: u32 = 60;
/// Shortest step.
const STEP_MS_MIN: i64 = 1_000;

/// Checks a comparison and makes it the engine's.
pub(super) fn checked(written: &WrittenContrast, problems: &mut Problems) -> Contrast {
    let WrittenContrast { step, baseline, steps_min, mean_steps, own, group } = written;
    at_least("steps_min", *steps_min, 1, problems);
    at_least("mean_steps", *mean_steps, 1, problems);
    if mean_steps.value > MEAN_STEPS_MAX {
        let message = format!("`mean_steps` is `{}`", mean_steps.value);
        let draft = Draft::new(message, format!("write at most {MEAN_STEPS_MAX}"));
        problems.add(draft.at(mean_steps.place, "too many"));
    }
    if step.value.0 < STEP_MS_MIN {
        let hint = "write how long one step is, at least 1 s, for example 60";
        problems.add(Draft::new("`step_s` is below 1", hint).at(step.place, "too short"));
    } else {
        let key = "baseline_window_s";
        check_window(key, *baseline, *step, *steps_min, problems);
        for (key, recent) in [("own", own), ("group", group)] {
            if recent.value.times.value > 0.0 {
                check_window(key, recent.value.window, *step, *steps_min, problems);
            }
        }
    }
    Contrast {
        step_ms: step.value.0,
        baseline_ms: baseline.value.0,
        steps_min: steps_min.value,
        mean_steps: mean_steps.value,
        own: recent(&own.value, problems),
        group: recent(&group.value, problems),
    }
}

fn recent(written: &WrittenRecent, problems: &mut Problems) -> Recent {
    let hint = "write which share of the recent steps is lower, 0 to 1, for example 0.9";
    within("quantile", written.quantile, 0.0..=1.0, hint, problems);
    let hint = "write how many times that level must be reached; 0: it does not count";
    not_negative("times", written.times, hint, problems);
    Recent {
        window_ms: written.window.value.0,
        quantile: written.quantile.value,
        times: written.times.value,
    }
}

fn check_window(
    key: &str,
    window: At<Millis>,
    step: At<Millis>,
    steps_min: At<u32>,
    problems: &mut Problems,
) {
    let steps = window.value.0 / step.value.0;
    if steps > STEPS_MAX {
        let message =
            format!("the window of `{key}` has {steps} steps, at most {STEPS_MAX} are kept");
        let hint = "write a longer `step_s` or a shorter window";
        let draft = Draft::new(message, hint).at(window.place, "this window");
        problems.add(draft.at(step.place, "in these steps"));
    } else if i64::from(steps_min.value) > steps {
        let message =
            format!("`steps_min` is {}, the window of `{key}` has {steps} steps", steps_min.value);
        let hint = "lower `steps_min`, or write a longer window";
        let draft = Draft::new(message, hint).at(window.place, "this window");
        problems.add(draft.at(steps_min.place, "cannot be fulfilled"));
    }
}
