//! The contrast of every channel of a group, step after step.
//!
//! A function of the steps of a bounded past: nothing is carried over from one step to the next but
//! step values, so making it anew from stored readings gives the very same numbers.

use std::collections::VecDeque;

use crate::rule::Contrast;

/// Fewest channels whose median is worth taking off.
const GROUP_MIN: usize = 3;

/// What one step says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Signal {
    /// The highest contrast.
    pub(super) highest: f64,
    /// The member with the largest share of what it must reach, its contrast, and that limit.
    pub(super) member: usize,
    pub(super) contrast: f64,
    pub(super) limit: f64,
}

/// The past of one member, newest last; `None` where a step is missing.
#[derive(Debug, Clone, Default)]
struct Member {
    means: VecDeque<Option<f64>>,
    raw: VecDeque<Option<f64>>,
    contrasts: VecDeque<Option<f64>>,
}

/// The pasts of all members.
#[derive(Debug, Clone)]
pub(super) struct Signals {
    rule: Contrast,
    raise_at: f64,
    members: Vec<Member>,
    highest: VecDeque<Option<f64>>,
}

impl Signals {
    pub(super) fn new(rule: Contrast, raise_at: f64, members: usize) -> Self {
        let members = vec![Member::default(); members];
        Self { rule, raise_at, members, highest: VecDeque::new() }
    }

    fn steps(&self, length_ms: i64) -> usize {
        usize::try_from(length_ms / self.rule.step_ms.max(1)).unwrap_or(usize::MAX)
    }

    /// Takes the means of one step in, a place for each member; gives what it says, if anything.
    pub(super) fn step(&mut self, means: &[Option<f64>]) -> Option<Signal> {
        let (baseline, mean_steps) =
            (self.steps(self.rule.baseline_ms), self.rule.mean_steps as usize);
        let steps_min = self.rule.steps_min as usize;
        let mut differences = Vec::with_capacity(means.len());
        for (member, mean) in self.members.iter_mut().zip(means) {
            push(&mut member.means, *mean, baseline);
            let level = quantile(&member.means, 0.5, steps_min);
            differences.push(mean.zip(level).map(|(mean, level)| mean - level));
        }
        let present: VecDeque<_> = differences.iter().flatten().copied().map(Some).collect();
        let common =
            if present.len() < GROUP_MIN { 0.0 } else { quantile(&present, 0.5, 1).unwrap_or(0.0) };
        let own = (self.rule.own, self.steps(self.rule.own.window_ms));
        let group_limit = self.recent_highest();
        let mut highest: Option<f64> = None;
        let mut signal: Option<Signal> = None;
        for (place, (member, difference)) in self.members.iter_mut().zip(&differences).enumerate() {
            push(&mut member.raw, difference.map(|d| d - common), mean_steps);
            let contrast = mean(&member.raw);
            let own_limit = match quantile(&member.contrasts, own.0.quantile, steps_min) {
                Some(level) if own.0.times > 0.0 => own.0.times * level,
                _ => 0.0,
            };
            push(&mut member.contrasts, contrast, own.1);
            let Some(contrast) = contrast else { continue };
            highest = Some(highest.map_or(contrast, |highest| highest.max(contrast)));
            // A channel that says nothing in this step raises nothing (invariant 2).
            if difference.is_none() {
                continue;
            }
            let limit = self.raise_at.max(own_limit).max(group_limit);
            let share = contrast / limit;
            if signal.is_none_or(|best| share > best.contrast / best.limit) {
                signal = Some(Signal { highest: 0.0, member: place, contrast, limit });
            }
        }
        let window = self.steps(self.rule.group.window_ms);
        push(&mut self.highest, highest, window);
        signal.zip(highest).map(|(signal, highest)| Signal { highest, ..signal })
    }

    fn recent_highest(&self) -> f64 {
        let group = self.rule.group;
        let level = quantile(&self.highest, group.quantile, self.rule.steps_min as usize);
        if group.times > 0.0 { level.map_or(0.0, |level| group.times * level) } else { 0.0 }
    }
}

fn push(past: &mut VecDeque<Option<f64>>, value: Option<f64>, length: usize) {
    past.push_back(value);
    while past.len() > length.max(1) {
        past.pop_front();
    }
}

fn mean(values: &VecDeque<Option<f64>>) -> Option<f64> {
    let (sum, count) =
        values.iter().flatten().fold((0.0, 0u32), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}

/// The quantile of what is there, between neighbours in proportion; none of fewer than `least`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a place in a short list"
)]
fn quantile(values: &VecDeque<Option<f64>>, quantile: f64, least: usize) -> Option<f64> {
    let mut there: Vec<f64> = values.iter().flatten().copied().collect();
    if there.is_empty() || there.len() < least {
        return None;
    }
    there.sort_unstable_by(f64::total_cmp);
    let place = (there.len() - 1) as f64 * quantile.clamp(0.0, 1.0);
    let (below, part) = (place.floor(), place.fract());
    let low = there.get(below as usize).copied()?;
    let high = there.get(below as usize + 1).copied().unwrap_or(low);
    Some(low + (high - low) * part)
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "small whole numbers and halves are exact")]
mod tests {
    use super::*;
    use crate::rule::Recent;

    fn rule(own: f64, group: f64) -> Contrast {
        let recent = |times| Recent { window_ms: 600_000, quantile: 1.0, times };
        Contrast {
            step_ms: 60_000,
            baseline_ms: 600_000,
            steps_min: 3,
            mean_steps: 1,
            own: recent(own),
            group: recent(group),
        }
    }

    fn steps(signals: &mut Signals, rows: &[[f64; 3]]) -> Vec<Option<Signal>> {
        rows.iter().map(|row| signals.step(&row.map(Some))).collect()
    }

    #[test]
    fn what_all_share_cancels_out() {
        let mut signals = Signals::new(rule(0.0, 0.0), 1.0, 3);
        let quiet = [[2.0, 3.0, 4.0]; 5];
        steps(&mut signals, &quiet);
        // All rise by 10: nothing stands out. Then one rises by 2 more.
        let all = signals.step(&[Some(12.0), Some(13.0), Some(14.0)]).unwrap();
        assert!(all.highest.abs() < 1e-12, "{all:?}");
        let one = signals.step(&[Some(12.0), Some(13.0), Some(16.0)]).unwrap();
        // Its own median is 4, those of the others 2 and 3: differences 10, 10 and 12.
        assert_eq!((one.member, one.contrast, one.limit), (2, 2.0, 1.0));
    }

    #[test]
    fn a_level_that_was_so_recently_must_be_passed_clearly() {
        let mut signals = Signals::new(rule(0.0, 2.0), 1.0, 3);
        steps(&mut signals, &[[2.0, 2.0, 2.0]; 5]);
        assert_eq!(steps(&mut signals, &[[2.0, 2.0, 5.0]])[0].unwrap().limit, 1.0);
        // The group's highest was 3 a step ago: now it takes 6.
        assert_eq!(steps(&mut signals, &[[5.0, 2.0, 2.0]])[0].unwrap().limit, 6.0);
    }

    #[test]
    fn too_few_steps_or_channels_say_little() {
        let mut signals = Signals::new(rule(0.0, 0.0), 1.0, 3);
        assert_eq!(signals.step(&[Some(9.0), None, None]), None);
        assert_eq!(signals.step(&[Some(9.0), None, None]), None);
        assert_eq!(signals.step(&[None; 3]), None);
        // The third step there is makes a level; a channel alone is compared with itself.
        let alone = signals.step(&[Some(12.0), None, None]).unwrap();
        assert_eq!((alone.contrast, alone.member), (3.0, 0));
    }
}
