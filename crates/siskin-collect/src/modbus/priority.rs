//! Which analyzers have a channel in alarm: a value that whoever judges readings shows, and that
//! the lines look at before each turn.
//!
//! The newest value is the only one, so nothing is queued, nobody waits and no change can be lost.
//! Must never call the sources: they look.

use std::collections::BTreeSet;
use std::sync::Arc;

use siskin_model::{ChannelIndex, Site};
use tokio::sync::watch;

use super::Address;

/// Which analyzers have a channel in alarm, by their places in the site: they are asked first.
#[derive(Debug, Clone)]
pub struct Priority(watch::Receiver<Arc<BTreeSet<usize>>>);

impl Priority {
    /// What is sent to `alarms` is followed.
    #[cfg(test)]
    pub(crate) const fn following(alarms: watch::Receiver<Arc<BTreeSet<usize>>>) -> Self {
        Self(alarms)
    }

    /// Nobody is first.
    pub fn nobody() -> Self {
        Self(watch::channel(Arc::default()).1)
    }

    /// Who is first now.
    pub fn now(&self) -> BTreeSet<usize> {
        BTreeSet::clone(&self.0.borrow())
    }

    pub(super) fn has(&self, analyzer: usize) -> bool {
        self.0.borrow().contains(&analyzer)
    }

    /// Waits until somebody else is first; for ever when that cannot happen.
    pub(super) async fn changed(&mut self) {
        if self.0.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// Shows which analyzers of a site have a channel in alarm.
#[derive(Debug)]
pub struct AlarmBoard {
    /// The channels of the analyzers that are polled here, and their analyzers.
    polled: Vec<(ChannelIndex, usize)>,
    shown: watch::Sender<Arc<BTreeSet<usize>>>,
}

impl AlarmBoard {
    /// The board of `site`, on which nobody is in alarm yet. Analyzers that send by themselves or
    /// are read by somebody else are never on it: nobody here can ask them sooner.
    pub fn new(site: &Site) -> Self {
        let is_polled = |analyzer: usize| {
            let analyzer = site.analyzers.get(analyzer);
            analyzer.is_some_and(|a| a.edge.is_none() && Address::of(&a.connection).is_some())
        };
        let polled = site.indexed().filter(|(_, channel)| is_polled(channel.analyzer));
        Self {
            polled: polled.map(|(index, channel)| (index, channel.analyzer)).collect(),
            shown: watch::Sender::new(Arc::default()),
        }
    }

    /// What the lines look at.
    pub fn priority(&self) -> Priority {
        Priority(self.shown.subscribe())
    }

    /// Shows the analyzers with a channel for which `is_in_alarm` holds, and no others.
    pub fn show(&self, is_in_alarm: impl Fn(ChannelIndex) -> bool) {
        let alarmed = self.polled.iter().filter(|(channel, _)| is_in_alarm(*channel));
        let now: BTreeSet<_> = alarmed.map(|(_, analyzer)| *analyzer).collect();
        self.shown.send_if_modified(|shown| {
            let is_new = **shown != now;
            if is_new {
                *shown = Arc::new(now);
            }
            is_new
        });
    }
}

#[cfg(test)]
mod tests {
    use siskin_model::site::{Channel, Connection, Quantity, Range};
    use siskin_model::{AreaId, ChannelId, Conditions, GasId, Text, Unit};

    use super::super::tests::bench::analyzer;
    use super::*;

    /// Three analyzers with a channel each: polled, polled by an edge, sending by itself.
    fn site() -> Site {
        let channel = |place: usize| Channel {
            id: ChannelId::new(&format!("at-{place}-cl2")).unwrap(),
            analyzer: place,
            area: AreaId::new("area").unwrap(),
            quantity: Quantity::Gas(GasId::new("chlorine").unwrap()),
            unit: Unit::Ppm,
            point: "gas".into(),
            range: Range { low: 0.0, high: 50.0 },
            resolution: 0.1,
        };
        let mut analyzers: Vec<_> = (0..3).map(|place| analyzer(place, 500)).collect();
        analyzers[1].edge = Some("gateway".into());
        analyzers[2].connection = Connection::Mqtt { topic: "park/at-2".into() };
        Site {
            id: "bench".into(),
            name: Text::new("测", "test"),
            utc_offset_s: 28_800,
            origin: None,
            conditions: Conditions::REFERENCE,
            tiers: Vec::new(),
            areas: Vec::new(),
            analyzers,
            channels: (0..3).map(channel).collect(),
            gases: Vec::new(),
            receivers: Vec::new(),
            broker: None,
            hj212: None,
            edges: Vec::new(),
            life: siskin_model::LifePolicy::default(),
        }
    }

    #[tokio::test]
    async fn the_newest_set_is_seen_and_told_once() {
        let board = AlarmBoard::new(&site());
        let mut priority = board.priority();
        board.show(|_| false);
        assert!(!priority.0.has_changed().unwrap(), "nothing changed");
        board.show(|_| true);
        priority.changed().await;
        assert_eq!(priority.now(), BTreeSet::from([0]));
        board.show(|channel| channel.0 == 0);
        assert!(!priority.0.has_changed().unwrap(), "the same set");
        board.show(|channel| channel.0 != 0);
        priority.changed().await;
        assert_eq!(priority.now(), BTreeSet::new());
        // Whoever comes later sees what is.
        board.show(|_| true);
        assert!(board.priority().has(0));
    }
}
