//! What a site decided about the lives of its warnings: how long tiers hold, what latches, how long
//! a shelf may last, who is called next, and who looks after which areas.
//!
//! Numbers and names only; `siskin-config` reads and checks them, `siskin-engine` obeys them. The
//! default is a life without holds, latches and ladders: for tests and measurements.

use crate::{AreaId, Text, Tier};

/// One step of a ladder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rung {
    /// How long after the announcement.
    pub after_ms: i64,
    /// Who is called: a duty role, for example `leader`.
    pub to: String,
}

/// Who is called when nobody acknowledges a warning of this tier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ladder {
    /// Which tier.
    pub tier: Tier,
    /// The steps, in order of time.
    pub rungs: Vec<Rung>,
}

/// An operator's desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desk {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// The areas it looks after; empty: all that no other desk looks after.
    pub areas: Vec<AreaId>,
}

/// The policy of a site.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LifePolicy {
    /// How long no alarm of a tier must have been active before the tier falls, in event time.
    pub lower_after_ms: i64,
    /// Tiers whose warnings must be reset by a person.
    pub latched: Vec<Tier>,
    /// How many begins of one alarm within [`CHATTER_MS`] make it chatter; 0: never.
    pub chatter_raises: usize,
    /// How long a warning may be shelved at most, by tier; none of a tier: not at all.
    pub shelf_ms_max: Vec<(Tier, i64)>,
    /// The ladders, one of a tier at most.
    pub ladders: Vec<Ladder>,
    /// The desks.
    pub desks: Vec<Desk>,
}

/// Within this time begins are counted, and this long a chattering alarm must have been gone.
pub const CHATTER_MS: i64 = 60_000;

impl LifePolicy {
    /// The ladder of a tier; empty where there is none.
    pub fn rungs(&self, tier: Tier) -> &[Rung] {
        let ladder = self.ladders.iter().find(|ladder| ladder.tier == tier);
        ladder.map_or(&[], |ladder| &ladder.rungs)
    }

    /// How long a warning of this tier may be shelved.
    pub fn shelf_ms(&self, tier: Tier) -> i64 {
        let limit = self.shelf_ms_max.iter().find(|(of, _)| *of == tier);
        limit.map_or(0, |(_, limit_ms)| *limit_ms)
    }

    /// The desk that looks after an area: its place in [`Self::desks`].
    pub fn desk_of(&self, area: &AreaId) -> Option<usize> {
        let named = self.desks.iter().position(|desk| desk.areas.contains(area));
        named.or_else(|| self.desks.iter().position(|desk| desk.areas.is_empty()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_area_belongs_to_the_desk_that_names_it_else_to_the_one_for_the_rest() {
        let area = |id: &str| AreaId::new(id).unwrap();
        let desk = |id: &str, areas: &[&str]| Desk {
            id: id.to_owned(),
            name: Text::new(id, id),
            areas: areas.iter().map(|id| area(id)).collect(),
        };
        let policy = LifePolicy {
            desks: vec![desk("rest", &[]), desk("north", &["jetty"])],
            ..LifePolicy::default()
        };
        assert_eq!(policy.desk_of(&area("jetty")), Some(1));
        assert_eq!(policy.desk_of(&area("yard")), Some(0));
        assert_eq!(LifePolicy::default().desk_of(&area("yard")), None);
    }
}
