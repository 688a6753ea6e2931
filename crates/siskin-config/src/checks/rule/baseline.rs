//! A baseline by itself: steps that fit its window, a quantile on the quiet side.

use siskin_engine::rule::Baseline;

use super::bounds::{at_least, not_negative, within};
use crate::problems::{Draft, Problems};
use crate::written::rules::WrittenBaseline;

/// Most steps of a baseline: the engine keeps one mean for each.
const STEPS_MAX: i64 = 4096;
/// Shortest step.
const STEP_MS_MIN: i64 = 1_000;
/// Fewest steps that have a noise: it is made of differences between steps.
const STEPS_MIN: u32 = 3;
/// Half of the time may be worse than the quiet level, no more.
const QUANTILE_MAX: f64 = 0.5;

/// Checks a baseline and makes it the engine's.
pub(super) fn checked(written: &WrittenBaseline, problems: &mut Problems) -> Baseline {
    let WrittenBaseline { window, step, quantile, steps_min, freeze_max, noise_min } = written;
    check_steps(written, problems);
    let hint = "write which share of the time the air is quieter than the baseline, 0 to 0.5, \
                for example 0.2";
    within("baseline_quantile", *quantile, 0.0..=QUANTILE_MAX, hint, problems);
    at_least("baseline_steps_min", *steps_min, STEPS_MIN, problems);
    let hint = "write the noise that the channel has at least, in the rule's unit";
    not_negative("noise_min", *noise_min, hint, problems);
    Baseline {
        window_ms: window.value.0,
        step_ms: step.value.0,
        quantile: quantile.value,
        steps_min: steps_min.value,
        freeze_max_ms: freeze_max.value.0,
        noise_min: noise_min.value,
    }
}

fn check_steps(written: &WrittenBaseline, problems: &mut Problems) {
    let (window, step) = (written.window, written.step);
    if step.value.0 < STEP_MS_MIN {
        let message = "`baseline_step_s` is below 1";
        let hint = "write how long one step is, at least 1 s, for example 60";
        problems.add(Draft::new(message, hint).at(step.place, "too short"));
        return;
    }
    let steps = window.value.0 / step.value.0;
    if steps > STEPS_MAX {
        let message = format!("the baseline has {steps} steps, at most {STEPS_MAX} are kept");
        let hint = "write a longer `baseline_step_s` or a shorter `baseline_window_s`";
        let draft = Draft::new(message, hint).at(window.place, "this window");
        problems.add(draft.at(step.place, "in these steps"));
    } else if i64::from(written.steps_min.value) > steps {
        let message =
            format!("the baseline wants {} steps, its window has {steps}", written.steps_min.value);
        let hint = "lower `baseline_steps_min`, or write a longer `baseline_window_s`";
        let draft = Draft::new(message, hint).at(written.steps_min.place, "cannot be fulfilled");
        problems.add(draft.at(window.place, "in this window"));
    }
}
