//! How far each channel has come, for what time alone does to a warning.
//!
//! A device, or a gateway, may run minutes behind the station's clock: what is due at an event time
//! may happen only when every channel that can still change it is past that moment, so that the
//! grouping of readings does not matter. Must never let a silent channel hold time up for good.

use std::collections::BTreeMap;

use siskin_model::{AreaId, GasId};

use super::Engine;

/// A channel that has said nothing new for so long counts as idle: the clock stands for it.
const IDLE_MS: i64 = 600_000;

/// What the ticks have seen of one channel.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Pace {
    newest_ms: Option<i64>,
    /// The clock when its newest reading came, or a little before.
    moved_ms: i64,
}

impl Pace {
    /// The clock says `now_ms`, and said `before_ms` at the last tick.
    fn look(&mut self, newest_ms: Option<i64>, (before_ms, now_ms): (i64, i64)) {
        if newest_ms != self.newest_ms {
            self.newest_ms = newest_ms;
            self.moved_ms = before_ms.max(newest_ms.unwrap_or(i64::MIN)).min(now_ms);
        }
    }

    /// Up to where nothing is expected any more: it is taken to stay as far behind as it is.
    fn reaches_ms(&self, now_ms: i64) -> i64 {
        let silent_ms = now_ms.saturating_sub(self.moved_ms);
        match self.newest_ms {
            Some(newest_ms) if silent_ms < IDLE_MS => now_ms.min(newest_ms + silent_ms),
            _ => now_ms,
        }
    }
}

/// Up to where every channel of a gas in an area is known; of an area, where rules suppress there.
pub(super) type Known = BTreeMap<(AreaId, Option<GasId>), i64>;

impl Engine {
    /// The clock says `now_ms`.
    pub(super) fn look_at_paces(&mut self, now_ms: i64) {
        let moments = (self.clock_ms, now_ms);
        for ((pace, channel), hold) in self.paces.iter_mut().zip(&self.channels).zip(&self.holds) {
            pace.look(channel.newest_ms().max(hold.last_ms()), moments);
        }
        self.clock_ms = self.clock_ms.max(now_ms);
    }

    /// Up to where warnings are known: their channels are judged, or are given up waiting for.
    pub(super) fn known(&self) -> Known {
        let hold_ms = self.composer.hold_ms();
        let suppresses = self.plan.rules.iter().any(|rule| rule.suppressed_by.is_some());
        // Rules over several channels are told that much later.
        let several_ms = self.event_ms.saturating_sub(hold_ms);
        let most_ms = if self.has_several() { several_ms } else { i64::MAX };
        let mut known = Known::new();
        let seen = self.plan.channels.iter().zip(self.channels.iter().zip(&self.paces));
        for (about, (channel, pace)) in seen {
            let gas = about.gas().filter(|_| !suppresses).cloned();
            if gas.is_none() && !suppresses {
                continue;
            }
            let judged_ms = channel.newest_ms().unwrap_or(i64::MIN);
            let given_up_ms = pace.reaches_ms(self.clock_ms).saturating_sub(hold_ms);
            let to_ms = judged_ms.max(given_up_ms).min(most_ms);
            let one = known.entry((about.area.clone(), gas)).or_insert(i64::MAX);
            *one = (*one).min(to_ms);
        }
        known
    }
}
