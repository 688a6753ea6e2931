//! What the gateway's own watch has raised and cleared, for the station to know. The newest state
//! of
//! each alarm, so that it has an upper bound and nothing is missed while the line is cut.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use siskin_model::{ChannelId, RuleId};
use siskin_wire::link::EdgeAlarm;
use tokio::sync::Notify;

/// The newest begin or end of every alarm, shared between the watch and the link.
#[derive(Debug, Clone, Default)]
pub struct SharedAlarms {
    newest: Arc<Mutex<Newest>>,
    pub(super) news: Arc<Notify>,
}

/// Bounded by the site: one for each rule on each channel.
pub(super) type Newest = BTreeMap<(ChannelId, RuleId), EdgeAlarm>;

impl SharedAlarms {
    /// Something began or ended.
    pub fn tell(&self, alarms: impl IntoIterator<Item = EdgeAlarm>) {
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        for alarm in alarms {
            newest.insert((alarm.channel.clone(), alarm.rule.clone()), alarm);
        }
        self.news.notify_one();
    }

    pub(super) fn newest(&self) -> Newest {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
