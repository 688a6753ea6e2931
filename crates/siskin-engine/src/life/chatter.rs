//! Which alarms come and go: three begins within a minute, whatever became of their warning.
//!
//! Must never delay a begin; only an end is held back.

use std::collections::{BTreeMap, VecDeque};

use siskin_model::life::CHATTER_MS;
use siskin_model::{Alarm, ChannelId, RuleId};

/// The newest begins of each alarm that began within the last minute of its own.
#[derive(Debug, Clone, Default)]
pub(super) struct Begins {
    of: BTreeMap<(ChannelId, RuleId), VecDeque<i64>>,
}

impl Begins {
    /// An alarm began; true where it is the `enough`th time within a minute.
    pub(super) fn add(&mut self, alarm: &Alarm, at_ms: i64, enough: usize) -> bool {
        if enough == 0 {
            return false;
        }
        let key = (alarm.channel.clone(), alarm.rule.clone());
        let begins = self.of.entry(key).or_default();
        begins.push_back(at_ms);
        // No more than it takes: one alarm cannot fill the memory.
        if begins.len() > enough {
            begins.pop_front();
        }
        is_enough(begins, enough)
    }

    /// Whether an alarm chatters now.
    pub(super) fn is_chattering(&self, alarm: &Alarm, at_ms: i64, enough: usize) -> bool {
        let begins = self.of.get(&(alarm.channel.clone(), alarm.rule.clone()));
        begins.is_some_and(|begins| {
            let newest_ms = begins.back().copied().unwrap_or(i64::MIN);
            is_enough(begins, enough) && at_ms.saturating_sub(newest_ms) < CHATTER_MS
        })
    }
}

fn is_enough(begins: &VecDeque<i64>, enough: usize) -> bool {
    let (Some(first), Some(last)) = (begins.front(), begins.back()) else { return false };
    enough > 0 && begins.len() >= enough && last.saturating_sub(*first) <= CHATTER_MS
}
