//! What the gateway's own watch has raised and cleared, for the station to know: a journal in
//! order, of which an entry goes only when the station has it in its ledger. Must never lose the
//! newest change of an alarm: the station would show it for ever, or never.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use siskin_wire::link::EdgeAlarm;
use tokio::sync::Notify;

/// Changes that are kept. Beyond it the oldest that has a newer one of the same alarm is dropped
/// and counted; the newest of every alarm stay, and of these there are as many as the site has.
pub const ALARM_EVENTS_MAX: usize = 256;

/// The journal, shared between the watch and the link.
#[derive(Debug, Clone, Default)]
pub struct SharedAlarms {
    journal: Arc<Mutex<Journal>>,
    pub(super) news: Arc<Notify>,
}

#[derive(Debug, Default)]
struct Journal {
    /// Oldest first, with numbers that rise.
    events: VecDeque<(u64, EdgeAlarm)>,
    next: u64,
    dropped: u64,
}

impl SharedAlarms {
    /// Goes on with what an earlier run has kept.
    pub fn resume(&self, events: impl IntoIterator<Item = EdgeAlarm>, dropped: u64) {
        self.lock().dropped = dropped;
        self.tell(events);
    }

    /// Something began or ended. What is there already is not there twice.
    pub fn tell(&self, events: impl IntoIterator<Item = EdgeAlarm>) {
        let mut journal = self.lock();
        for event in events {
            if !journal.events.iter().any(|(_, held)| is_same(held, &event)) {
                journal.push(event);
            }
        }
        drop(journal);
        self.news.notify_one();
    }

    /// What the station has not noted, oldest first, and how many changes were dropped.
    pub fn kept(&self) -> (Vec<EdgeAlarm>, u64) {
        let journal = self.lock();
        (journal.events.iter().map(|(_, event)| event.clone()).collect(), journal.dropped)
    }

    /// What came after `number`.
    pub(super) fn after(&self, number: Option<u64>) -> Vec<(u64, EdgeAlarm)> {
        let journal = self.lock();
        let is_newer = |(at, _): &&(u64, EdgeAlarm)| number.is_none_or(|number| *at > number);
        journal.events.iter().filter(is_newer).cloned().collect()
    }

    /// The station has it in its ledger.
    pub(super) fn noted(&self, number: u64) {
        self.lock().events.retain(|(at, _)| *at != number);
    }

    /// A panic elsewhere leaves it whole: an entry more or less is told again or was told.
    fn lock(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Journal {
    fn push(&mut self, event: EdgeAlarm) {
        self.events.push_back((self.next, event));
        self.next += 1;
        while self.events.len() > ALARM_EVENTS_MAX {
            let Some(at) = self.superseded() else { break };
            if let Some((_, EdgeAlarm { warning, edge, at, .. })) = self.events.remove(at) {
                self.dropped += 1;
                tracing::error!(
                    target: "siskin::link", %warning, ?edge, %at, dropped = self.dropped,
                    "too many changes of alarms wait for the station: the oldest is dropped"
                );
            }
        }
    }

    /// The oldest change that has a newer one of the same alarm.
    fn superseded(&self) -> Option<usize> {
        let mut newer = BTreeSet::new();
        let has_newer: Vec<bool> = self
            .events
            .iter()
            .rev()
            .map(|(_, event)| !newer.insert((&event.channel, &event.rule)))
            .collect();
        has_newer.iter().rev().position(|has_newer| *has_newer)
    }
}

/// Whether both are one change, as the station's ledger sees it.
fn is_same(a: &EdgeAlarm, b: &EdgeAlarm) -> bool {
    (&a.channel, &a.rule, a.at, a.edge) == (&b.channel, &b.rule, b.at, b.edge)
}

#[cfg(test)]
mod tests {
    use siskin_model::{ChannelId, Edge, RuleId, Tier, Timestamp, WarningId};

    use super::*;

    fn event(channel: &str, edge: Edge, at_ms: i64) -> EdgeAlarm {
        EdgeAlarm {
            warning: WarningId::from_text("w"),
            channel: ChannelId::new(channel).unwrap(),
            rule: RuleId::new("red").unwrap(),
            tier: Tier::Red,
            edge,
            at: Timestamp::from_millis(at_ms),
            value: None,
        }
    }

    #[test]
    fn the_journal_is_in_order_and_an_entry_goes_when_it_is_noted() {
        let alarms = SharedAlarms::default();
        let events = [event("a", Edge::Raise, 1), event("a", Edge::Clear, 2)];
        alarms.tell(events.clone());
        // The watch tells at its start what stands; the value may be another one by then.
        alarms.tell([EdgeAlarm { value: Some(3.0), ..events[0].clone() }]);
        assert_eq!(alarms.kept(), (events.to_vec(), 0));
        let first = alarms.after(None)[0].0;
        assert_eq!(alarms.after(Some(first)).len(), 1);
        alarms.noted(first);
        assert_eq!(alarms.kept(), (events[1..].to_vec(), 0));
    }

    #[test]
    fn beyond_the_limit_the_newest_change_of_every_alarm_stays() {
        let alarms = SharedAlarms::default();
        alarms.tell([event("quiet", Edge::Clear, 0)]);
        let edge = |n: i64| if n % 2 == 0 { Edge::Raise } else { Edge::Clear };
        let many = i64::try_from(ALARM_EVENTS_MAX).unwrap() + 40;
        alarms.tell((1..=many).map(|n| event("mad", edge(n), n)));
        let (kept, dropped) = alarms.kept();
        assert_eq!((kept.len(), dropped), (ALARM_EVENTS_MAX, 41));
        assert_eq!(kept[0], event("quiet", Edge::Clear, 0));
        assert_eq!(kept.last(), Some(&event("mad", edge(many), many)));
        // Where each is the newest of its alarm, none goes.
        alarms.tell((0..many).map(|n| event(&format!("c-{n}"), Edge::Raise, n)));
        let (kept, dropped) = alarms.kept();
        let own = kept.iter().filter(|e| e.channel.to_string().starts_with("c-")).count();
        assert_eq!((own, kept.len()), (usize::try_from(many).unwrap(), own + 2));
        assert_eq!(dropped, u64::try_from(41 + ALARM_EVENTS_MAX - 2).unwrap());
    }
}
