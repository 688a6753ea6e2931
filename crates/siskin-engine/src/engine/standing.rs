//! How every rule stands on every channel: what it judged last, how far its limit is, which delay
//! runs. For people who look at the rules; nothing here judges or changes a state.

use siskin_model::{ChannelIndex, Timestamp};

use super::Engine;
use crate::channel::RawStanding;
use crate::machine::State;
use crate::rule::{Rule, RuleKind, Side};

/// What a rule judges and the limit it is held against, in one unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measure {
    /// What was judged last.
    pub value: f64,
    /// Where it would raise.
    pub limit: f64,
    /// Whether too little is bad.
    pub is_low_bad: bool,
}

impl Measure {
    /// How far the value is from the limit, as a share of the limit: 0 or less where the limit is
    /// reached. None where the limit is 0 and a share says nothing.
    pub fn margin(&self) -> Option<f64> {
        let room = if self.is_low_bad { self.value - self.limit } else { self.limit - self.value };
        let share = room / self.limit.abs();
        share.is_finite().then_some(share)
    }
}

/// How one rule stands on one channel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Standing {
    /// Place of the rule in the rule set.
    pub rule: usize,
    /// The channel.
    pub channel: ChannelIndex,
    /// Where its alarm is.
    pub state: State,
    /// When the running delay began, in event time.
    pub delay_since: Option<Timestamp>,
    /// What it judges, in the channel's unit (slopes: a minute; silence: seconds). None where it
    /// cannot judge yet, or looks at other alarms.
    pub measure: Option<Measure>,
}

impl Engine {
    /// How every rule stands on every channel it judges, channel after channel. Costs about what
    /// one reading of every channel costs.
    pub fn standings(&self) -> Vec<Standing> {
        let mut standings = Vec::new();
        let mut raw = Vec::new();
        for (index, channel) in (0u32..).zip(&self.channels) {
            channel.standings(&mut raw);
            for one in raw.drain(..) {
                standings.extend(self.standing(index, &one));
            }
            standings.extend(self.plan.on(index).into_iter().filter_map(|(place, rule)| {
                let is_raised = self.raised_together(index, place, rule)?;
                let state = if is_raised { State::Active } else { State::Normal };
                let (rule, channel) = (usize::try_from(place).ok()?, ChannelIndex(index));
                Some(Standing { rule, channel, state, delay_since: None, measure: None })
            }));
        }
        standings
    }

    /// Whether the alarm of a rule over several alarms or channels is raised; none for others.
    fn raised_together(&self, channel: u32, place: u32, rule: &Rule) -> Option<bool> {
        match rule.kind {
            RuleKind::Vote { .. } | RuleKind::Boolean { .. } => {
                self.composer.is_raised((channel, place))
            }
            RuleKind::Contrast { .. } => self.contrasts.is_raised((channel, place)),
            _ => None,
        }
    }

    fn standing(&self, index: u32, raw: &RawStanding) -> Option<Standing> {
        let rule = self.plan.rule(raw.rule)?;
        Some(Standing {
            rule: usize::try_from(raw.rule).ok()?,
            channel: ChannelIndex(index),
            state: raw.state,
            delay_since: raw.delay_since_ms.map(Timestamp::from_millis),
            measure: self.measure(index, raw, rule),
        })
    }

    fn measure(&self, index: u32, raw: &RawStanding, rule: &Rule) -> Option<Measure> {
        if let RuleKind::NoData { after_ms } = rule.kind {
            let silent_ms = self.clock_ms.max(self.event_ms).saturating_sub(raw.heard_ms?);
            let (value, limit) = (silent_ms.max(0) as f64 / 1000.0, after_ms as f64 / 1000.0);
            return Some(Measure { value, limit, is_low_bad: false });
        }
        let quantum = self.channels.get(usize::try_from(index).ok()?)?.quantum();
        // The limit as it was written, where it is fixed: whole quanta may lie a little above.
        let fixed = self.plan.limit(index, raw.rule);
        let limit = fixed.or_else(|| raw.limit.map(|quanta| quantum.value(quanta)))?;
        let is_low_bad = matches!(rule.kind, RuleKind::Threshold { side: Side::Low, .. });
        Some(Measure { value: quantum.value(raw.judged?), limit, is_low_bad })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: f64, limit: f64, is_low_bad: bool, expected: Option<f64>) {
        let margin = Measure { value, limit, is_low_bad }.margin();
        assert_eq!(margin.map(|m| (m * 1e9).round()), expected.map(|m| (m * 1e9).round()));
    }

    #[test]
    fn a_margin_is_the_share_of_the_limit_that_is_left() {
        check(2.0, 10.0, false, Some(0.8));
        check(10.0, 10.0, false, Some(0.0));
        check(15.0, 10.0, false, Some(-0.5));
        check(20.9, 19.5, true, Some(1.4 / 19.5));
        check(18.0, 19.5, true, Some(-1.5 / 19.5));
        check(1.0, 0.0, false, None);
    }
}
