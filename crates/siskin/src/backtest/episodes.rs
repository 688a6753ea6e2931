//! Begins and ends of alarms as episodes.

use std::collections::BTreeMap;

use siskin_model::{AlarmEvent, Edge, Timestamp};

use super::intervals::Interval;

/// The most episodes one rule set may give (24 bytes each).
pub(crate) const EPISODES_MAX: usize = 50_000_000;

/// One alarm from begin to end. Rules and channels are places in their set and site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Episode {
    pub(crate) start: Timestamp,
    pub(crate) channel: u32,
    pub(crate) rule: u32,
    /// None while it lasts.
    pub(crate) end: Option<Timestamp>,
}

impl Episode {
    /// Its time; one that lasts ends with the run.
    pub(crate) fn time(&self, run: Interval) -> Interval {
        let end_ms = self.end.map_or(run.end_ms, Timestamp::as_millis);
        Interval::new(self.start.as_millis(), end_ms)
    }
}

/// Makes episodes from events in order of time.
#[derive(Debug, Default)]
pub(crate) struct Book {
    open: BTreeMap<(u32, u32), usize>,
    episodes: Vec<Episode>,
}

impl Book {
    /// Takes in an event of `channel` and `rule`.
    pub(crate) fn take(&mut self, channel: u32, rule: u32, event: &AlarmEvent) {
        let key = (channel, rule);
        match event.edge {
            Edge::Raise => {
                self.open.insert(key, self.episodes.len());
                self.episodes.push(Episode { start: event.at, channel, rule, end: None });
            }
            Edge::Clear => {
                let place = self.open.remove(&key);
                if let Some(episode) = place.and_then(|place| self.episodes.get_mut(place)) {
                    episode.end = Some(event.at);
                }
            }
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.episodes.len()
    }

    pub(crate) fn done(self) -> Vec<Episode> {
        self.episodes
    }
}
