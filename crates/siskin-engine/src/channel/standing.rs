//! How the rules of a channel stand now: what each judged last, its limit, and whether a delay
//! runs. For people who look; judging never asks here.
//!
//! Must never change a state: everything is read from what the last reading left behind.

use super::{Channel, Threshold, Watch};
use crate::machine::State;

/// How one rule stands on a channel, in the channel's own terms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RawStanding {
    /// Place of the rule in the rule set.
    pub rule: u32,
    /// Where its alarm is.
    pub state: State,
    /// When the running delay began.
    pub delay_since_ms: Option<i64>,
    /// What is judged now, in quanta; none where the rule cannot judge yet.
    pub judged: Option<f64>,
    /// The limit it is judged against, in quanta, where it is not fixed.
    pub limit: Option<f64>,
    /// Of a rule about silence: when the channel was last heard.
    pub heard_ms: Option<i64>,
}

impl Channel {
    /// How its rules stand. Rules over several alarms or channels stand elsewhere.
    pub fn standings(&self, out: &mut Vec<RawStanding>) {
        let newest = self.judged_ms().map(|t_ms| (t_ms, self.judged_quanta));
        let value = newest.map(|(_, quanta)| f64::from(quanta));
        for watch in &self.thresholds {
            let Threshold { raise, .. } = watch.condition;
            out.push(watch.standing(value, Some(f64::from(raise))));
        }
        for watch in &self.means {
            let mean = &watch.condition;
            let count = mean.window.count(&self.ring);
            let is_valid = count > 0 && count >= mean.samples_min;
            let judged = is_valid.then(|| mean.window.sum() as f64 / count as f64);
            out.push(watch.standing(judged, Some(mean.raise)));
        }
        for watch in &self.trends {
            let trend = &watch.condition;
            let is_valid = trend.window.count(&self.ring) >= trend.samples_min;
            out.push(watch.standing(value.filter(|_| is_valid), Some(trend.limits.target)));
        }
        for watch in &self.outside {
            out.push(watch.standing(value, Some(f64::from(watch.condition.high))));
        }
        for watch in &self.others {
            let verdict = newest.and_then(|(t_ms, x)| watch.condition.verdict(t_ms, x));
            let judged = verdict.map(|verdict| verdict.judged);
            out.push(watch.standing(judged, verdict.and_then(|verdict| verdict.limit)));
        }
        for watch in &self.no_data {
            let state = if watch.raised { State::Active } else { State::Normal };
            out.push(RawStanding {
                rule: watch.rule,
                state,
                delay_since_ms: None,
                judged: None,
                limit: None,
                heard_ms: self.heard_ms(),
            });
        }
    }
}

impl<C> Watch<C> {
    fn standing(&self, judged: Option<f64>, limit: Option<f64>) -> RawStanding {
        RawStanding {
            rule: self.rule,
            state: self.machine.state(),
            delay_since_ms: self.machine.delay_since_ms(),
            judged,
            limit,
            heard_ms: None,
        }
    }
}
