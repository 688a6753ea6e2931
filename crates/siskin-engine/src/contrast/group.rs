//! One rule on one group of channels: its steps, its signal and its alarm.

use std::collections::BTreeMap;

use siskin_model::Edge;

use super::signal::{Signal, Signals};
use crate::channel::RawEdge;
use crate::compose::Past;
use crate::machine::{Delays, Machine};
use crate::plan::Plan;
use crate::rule::{Contrast, RuleKind};

/// Steps that may wait to be judged; older ones are judged with what is there. A channel cannot
/// hold a group back longer than this many steps.
const WAITING_MAX: usize = 4096;

/// A judged sample of a channel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Sample {
    pub(crate) t_ms: i64,
    /// In the channel's unit, as it was judged.
    pub(crate) value: f64,
}

/// Sum and number of a member's samples in a step, in the rule's unit.
type Sum = (f64, u32);

/// A rule on a group.
#[derive(Debug, Clone)]
pub(super) struct Group {
    rule: u32,
    contrast: Contrast,
    raise_at: f64,
    clear_below: f64,
    delays: Delays,
    gap_ms: i64,
    channels: Vec<u32>,
    /// What one of the rule's unit is in the member's unit, and how its values become quanta.
    factors: Vec<(f64, crate::quantum::Quantum)>,
    /// Steps that are not judged yet, by number.
    waiting: BTreeMap<i64, Vec<Sum>>,
    /// The newest step that was judged.
    judged: Option<i64>,
    /// When the signal last said anything.
    said_ms: Option<i64>,
    signals: Signals,
    machine: Machine,
    raised_on: Option<u32>,
}

impl Group {
    pub(super) fn new(plan: &Plan, place: u32, channels: &[u32]) -> Option<Self> {
        let rule = plan.rule(place)?;
        let RuleKind::Contrast { contrast, raise_at, clear_below, .. } = rule.kind else {
            return None;
        };
        let factor = |channel: &u32| {
            let known = plan.known(*channel)?;
            let of_rule = known.rules.iter().find(|(rule, _)| *rule == place)?;
            Some((of_rule.1, plan.channel(known).quantum()))
        };
        Some(Self {
            rule: place,
            contrast,
            raise_at,
            clear_below,
            delays: Delays { on_ms: rule.on_delay_ms, off_ms: rule.off_delay_ms },
            gap_ms: rule.gap_ms,
            channels: channels.to_vec(),
            factors: channels.iter().filter_map(factor).collect(),
            waiting: BTreeMap::new(),
            judged: None,
            said_ms: None,
            signals: Signals::new(contrast, raise_at, channels.len()),
            machine: Machine::default(),
            raised_on: None,
        })
    }

    pub(super) fn rule(&self) -> u32 {
        self.rule
    }

    pub(super) fn channels(&self) -> &[u32] {
        &self.channels
    }

    pub(super) fn raised_on(&self) -> Option<u32> {
        self.raised_on
    }

    /// The step that a moment belongs to: (t − step, t].
    fn step_of(&self, t_ms: i64) -> i64 {
        -(-t_ms).div_euclid(self.contrast.step_ms)
    }

    /// Says whether its step is still open.
    pub(super) fn sample(&mut self, member: usize, sample: Sample) -> bool {
        let step = self.step_of(sample.t_ms);
        if self.judged.is_some_and(|judged| step <= judged) {
            return false;
        }
        let Some((factor, _)) = self.factors.get(member) else { return true };
        let members = self.channels.len();
        let sums = self.waiting.entry(step).or_insert_with(|| vec![(0.0, 0); members]);
        if let Some((sum, count)) = sums.get_mut(member) {
            *sum += sample.value / factor;
            *count += 1;
        }
        true
    }

    /// Judges the steps that end by `up_to_ms`, and what cannot wait any longer.
    pub(super) fn run(&mut self, up_to_ms: i64, out: &mut Vec<(u32, RawEdge)>) {
        self.run_to(up_to_ms, out);
        while self.waiting.len() > WAITING_MAX {
            self.run_next(out);
        }
    }

    fn run_to(&mut self, up_to_ms: i64, out: &mut Vec<(u32, RawEdge)>) {
        while let Some((&step, _)) = self.waiting.first_key_value() {
            if step.saturating_mul(self.contrast.step_ms) > up_to_ms {
                return;
            }
            self.run_next(out);
        }
    }

    fn run_next(&mut self, out: &mut Vec<(u32, RawEdge)>) {
        let Some((step, sums)) = self.waiting.pop_first() else { return };
        self.skip_to(step);
        let signal = self.signal(step, &sums);
        let is_heard = self.is_heard(&sums);
        self.judge((step * self.contrast.step_ms, is_heard), signal, out);
    }

    /// Steps in which nobody said anything are missing steps.
    fn skip_to(&mut self, step: i64) {
        let longest = self.contrast.reach_ms() / self.contrast.step_ms.max(1) + 1;
        let Some(judged) = self.judged else { return };
        let missing = (step - judged - 1).clamp(0, longest);
        let nobody = vec![None; self.channels.len()];
        for _ in 0..missing {
            self.signals.step(&nobody);
        }
    }

    fn signal(&mut self, step: i64, sums: &[Sum]) -> Option<Signal> {
        self.judged = Some(step);
        let mean = |(sum, count): &Sum| (*count > 0).then(|| sum / f64::from(*count));
        let means: Vec<_> = sums.iter().map(mean).collect();
        self.signals.step(&means)
    }

    /// Whether the channel that the alarm sits on said anything in a step. While it is silent the
    /// alarm is not over, however calm the others are (invariant 2).
    fn is_heard(&self, sums: &[Sum]) -> bool {
        let Some(raised_on) = self.raised_on else { return true };
        let mut members = self.channels.iter().zip(sums);
        members.any(|(channel, (_, count))| *channel == raised_on && *count > 0)
    }

    fn judge(
        &mut self,
        (t_ms, is_heard): (i64, bool),
        signal: Option<Signal>,
        out: &mut Vec<(u32, RawEdge)>,
    ) {
        // Without a signal nothing is said: absence neither raises nor clears.
        let Some(signal) = signal else { return };
        let gap_ms = self.gap_ms.max(2 * self.contrast.step_ms);
        if self.said_ms.is_some_and(|said_ms| t_ms - said_ms > gap_ms) {
            self.machine.silence();
        }
        self.said_ms = Some(t_ms);
        let raise = signal.contrast >= signal.limit;
        let clear = is_heard && signal.highest < self.clear_below;
        let Some(edge) = self.machine.step(t_ms, raise, clear, self.delays) else { return };
        let channel = match edge {
            Edge::Raise => {
                self.raised_on = self.channels.get(signal.member).copied();
                self.raised_on
            }
            Edge::Clear => self.raised_on.take(),
        };
        let Some(channel) = channel else { return };
        let quanta = |value: f64| {
            let factor = self.factors.get(signal.member);
            factor.map(|(factor, quantum)| quantum.scaled(value * factor))
        };
        out.push((
            channel,
            RawEdge {
                at_ms: t_ms,
                rule: self.rule,
                edge,
                judged: quanta(signal.contrast),
                limit: quanta(signal.limit),
                forecast: None,
            },
        ));
    }

    /// Makes the alarm agree with what is recorded as raised.
    pub(super) fn agree(&mut self, active: &[(u32, u32)]) {
        let raised = active
            .iter()
            .find(|(channel, rule)| *rule == self.rule && self.channels.contains(channel));
        self.machine.agree(raised.is_some());
        self.raised_on = raised.map(|(channel, _)| *channel);
    }

    /// Makes the group anew from the samples of its past.
    pub(super) fn again(
        &mut self,
        past: &Past,
        samples: &BTreeMap<u32, &[Sample]>,
        out: &mut Vec<(u32, RawEdge)>,
    ) {
        // What was judged before is judged again, even where that was done early.
        let judged_ms = self.judged.map_or(i64::MIN, |judged| judged * self.contrast.step_ms);
        let up_to_ms = past.up_to_ms.max(judged_ms);
        self.waiting.clear();
        (self.judged, self.said_ms) = (None, None);
        self.signals = Signals::new(self.contrast, self.raise_at, self.channels.len());
        self.machine = Machine::default();
        for (member, channel) in self.channels.clone().into_iter().enumerate() {
            for sample in samples.get(&channel).copied().into_iter().flatten() {
                self.sample(member, *sample);
            }
        }
        self.agree(&past.begun);
        let mut untold = Vec::new();
        for (at_ms, key, edge) in &past.recorded {
            if key.1 == self.rule && self.channels.contains(&key.0) {
                // The record is right, whatever is found on the way.
                self.run_to((*at_ms).min(up_to_ms), &mut untold);
                self.agree(if *edge == Edge::Raise { std::slice::from_ref(key) } else { &[] });
            }
        }
        self.run_to((past.from_ms - 1).min(up_to_ms), &mut untold);
        self.agree(&past.raised);
        self.run_to(up_to_ms, out);
    }
}
