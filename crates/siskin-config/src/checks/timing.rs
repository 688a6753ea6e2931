//! Lengths of time against the pace of the channels: what a slow device can never fulfil.

use siskin_engine::rule::TrendMethod;
use siskin_engine::{Binding, RuleKind};

use super::rule::bounds;
use super::{Context, PlacedChannel, PlacedRule};
use crate::problems::{Draft, Problems};
use crate::sources::{At, Place};
use crate::values::Millis;
use crate::written::rules::WrittenKind;

/// Into how many steps the window of a Theil–Sen line is cut at most.
const THEIL_SEN_STEPS: i64 = 60;
/// Shortest of these steps.
const THEIL_SEN_STEP_MS_MIN: i64 = 1_000;
/// A longer on-delay is noted: the gas is in the air all that time.
const ON_DELAY_MS_NOTED: i64 = 3_600_000;
/// Fewer readings than this within `after_s` and one lost reading is already an alarm.
const POLLS_WITHIN_SILENCE: i64 = 2;

/// Checks every rule on the slowest channel it judges.
pub(super) fn check(
    rules: &[PlacedRule],
    bindings: &[Binding],
    context: &Context<'_>,
    problems: &mut Problems,
) {
    for (index, rule) in rules.iter().enumerate() {
        note_delay(rule, problems);
        check_window(rule, problems);
        let on = bindings.iter().filter(|b| b.rule == index);
        let on = on.filter_map(|b| context.channel(b.channel));
        let Some(slowest) = on.max_by_key(|placed| placed.poll_ms) else {
            continue;
        };
        check_samples(rule, slowest, problems);
        check_gap(rule, slowest, problems);
        check_silence(rule, slowest, problems);
        check_pace(rule, slowest, problems);
    }
}

fn note_delay(rule: &PlacedRule, problems: &mut Problems) {
    let Some(delays) = &rule.written.delays else {
        return;
    };
    if rule.rule.on_delay_ms > ON_DELAY_MS_NOTED {
        let message = format!("rule `{}` waits more than an hour before it raises", rule.rule.id);
        let draft = Draft::new(message, "a window-mean rule judges long exposure");
        problems.note(draft.at(delays.on.place, ""));
    }
}

/// The window and the samples it must have.
fn window(rule: &PlacedRule) -> Option<(At<Millis>, At<u32>)> {
    match &rule.written.kind {
        WrittenKind::WindowMean { window, samples_min, .. }
        | WrittenKind::RateOfRise { window, samples_min, .. }
        | WrittenKind::Trend { window, samples_min, .. } => Some((*window, *samples_min)),
        WrittenKind::Baseline { baseline, .. } | WrittenKind::Cusum { baseline, .. } => {
            Some((baseline.window, baseline.steps_min))
        }
        WrittenKind::Contrast { contrast, .. } => Some((contrast.baseline, contrast.steps_min)),
        _ => None,
    }
}

fn check_window(rule: &PlacedRule, problems: &mut Problems) {
    // A baseline keeps steps, not samples: its length has a limit of its own.
    let (Some((length, _)), false) = (window(rule), has_steps(rule)) else {
        return;
    };
    if !(1..=bounds::WINDOW_MS_MAX).contains(&length.value.0) {
        let (seconds, most) = (length.value.0 / 1000, bounds::WINDOW_MS_MAX / 1000);
        let message = format!("the window is {seconds} s long");
        let draft = Draft::new(message, format!("write seconds above 0, at most {most}"));
        problems.add(draft.at(length.place, "this window"));
    }
}

fn has_steps(rule: &PlacedRule) -> bool {
    matches!(
        rule.written.kind,
        WrittenKind::Baseline { .. } | WrittenKind::Cusum { .. } | WrittenKind::Contrast { .. }
    )
}

/// What a window has at most of a channel that is read every `poll_ms`.
fn samples_of(rule: &PlacedRule, length_ms: i64, poll_ms: i64) -> (i64, &'static str) {
    match rule.rule.kind {
        RuleKind::Trend { method: TrendMethod::TheilSen, .. } => {
            let step_ms = (length_ms / THEIL_SEN_STEPS).max(THEIL_SEN_STEP_MS_MIN);
            // The running step is not looked at.
            ((length_ms / step_ms.max(poll_ms) - 1).max(0), "steps")
        }
        RuleKind::Baseline { baseline, .. } | RuleKind::Cusum { baseline, .. } => {
            (length_ms / baseline.step_ms.max(poll_ms).max(1), "steps")
        }
        RuleKind::Contrast { contrast, .. } => {
            (length_ms / contrast.step_ms.max(poll_ms).max(1), "steps")
        }
        _ => (length_ms / poll_ms, "samples"),
    }
}

fn check_samples(rule: &PlacedRule, slowest: &PlacedChannel, problems: &mut Problems) {
    let Some((length, samples_min)) = window(rule) else {
        return;
    };
    let (most, what) = samples_of(rule, length.value.0, i64::from(slowest.poll_ms.max(1)));
    if i64::from(samples_min.value) > most {
        let (id, poll_ms) = (&slowest.channel.id, slowest.poll_ms);
        let message = format!(
            "rule `{}` wants {} {what}, a window of {} s has {most} of channel `{id}`",
            rule.rule.id,
            samples_min.value,
            length.value.0 / 1000,
        );
        let key = match rule.written.kind {
            WrittenKind::Baseline { .. } | WrittenKind::Cusum { .. } => "baseline_steps_min",
            WrittenKind::Contrast { .. } => "steps_min",
            _ => "samples_min",
        };
        let hint = format!("`{id}` is read every {poll_ms} ms: lower `{key}`, or read faster");
        problems.add(never(message, hint, samples_min.place, slowest));
    }
}

/// A gap shorter than the pace puts every running delay back for ever.
fn check_gap(rule: &PlacedRule, slowest: &PlacedChannel, problems: &mut Problems) {
    let Some(written) = &rule.written.delays else {
        return;
    };
    // Channels are compared step by step: there a gap is never shorter than two steps.
    let least_ms = match rule.rule.kind {
        RuleKind::Contrast { contrast, .. } => 2 * contrast.step_ms,
        _ => 0,
    };
    let (gap_ms, poll_ms) = (rule.rule.gap_ms.max(least_ms), i64::from(slowest.poll_ms));
    // Standing still is a delay of its own.
    let delays = rule.rule.on_delay_ms > 0
        || rule.rule.off_delay_ms > 0
        || matches!(rule.rule.kind, RuleKind::Stuck { .. });
    if !delays || gap_ms > poll_ms {
        return;
    }
    let place = written.gap.map_or(written.on.place, |gap| gap.place);
    let id = &slowest.channel.id;
    let message = format!(
        "rule `{}` takes {gap_ms} ms for a gap, channel `{id}` is read every {poll_ms} ms",
        rule.rule.id
    );
    let hint = "its delays would start anew with every reading and never end: write a longer \
                `gap_s`";
    problems.add(never(message, hint.to_owned(), place, slowest));
}

fn check_silence(rule: &PlacedRule, slowest: &PlacedChannel, problems: &mut Problems) {
    let (&RuleKind::NoData { after_ms }, WrittenKind::NoData { after }) =
        (&rule.rule.kind, &rule.written.kind)
    else {
        return;
    };
    let poll_ms = i64::from(slowest.poll_ms);
    let id = &slowest.channel.id;
    if after_ms <= poll_ms {
        let message = format!(
            "rule `{}` takes {after_ms} ms for silence, channel `{id}` is read every {poll_ms} ms",
            rule.rule.id
        );
        let hint = "it would raise between any two readings: write a longer `after_s`";
        problems.add(never(message, hint.to_owned(), after.place, slowest));
    } else if after_ms < poll_ms * POLLS_WITHIN_SILENCE {
        let message = format!("rule `{}` raises after one lost reading of `{id}`", rule.rule.id);
        let draft = Draft::new(message, "write a longer `after_s`, or read faster");
        problems.note(draft.at(after.place, ""));
    }
}

/// A length that no two readings fit in.
fn check_pace(rule: &PlacedRule, slowest: &PlacedChannel, problems: &mut Problems) {
    let (key, length) = match &rule.written.kind {
        WrittenKind::Stuck { after, .. } => ("after_s", *after),
        WrittenKind::Jump { within, .. } => ("within_s", *within),
        _ => return,
    };
    let (length_ms, poll_ms) = (length.value.0, i64::from(slowest.poll_ms));
    if length_ms < poll_ms {
        let id = &slowest.channel.id;
        let message = format!(
            "rule `{}` compares readings within {length_ms} ms, channel `{id}` is read every \
             {poll_ms} ms",
            rule.rule.id
        );
        let hint = format!("write a longer `{key}`");
        problems.add(never(message, hint, length.place, slowest));
    }
}

fn never(message: String, hint: String, place: Place, slowest: &PlacedChannel) -> Draft {
    Draft::new(message, hint).at(place, "cannot be fulfilled").at(slowest.place, "by this channel")
}
