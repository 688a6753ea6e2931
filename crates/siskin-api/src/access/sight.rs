//! What a bureau of some areas sees: what is of its areas.
//!
//! Everybody of the park sees the whole park, whatever areas they act in: gas does not stop at the
//! edge of one, and whoever comes to help must see what is there. A bureau is somebody else. Must
//! never let through what cannot be told to be of an area, where it speaks of one. Which route
//! leaves out what is in [`super::reach`].

mod live;
mod views;

use std::collections::BTreeSet;

use siskin_model::{AreaId, AreaScope, Role, WarningId, Who};

use crate::backend::{Backend, BackendError};

/// The areas of which `who` sees something.
pub(crate) fn areas(who: &Who) -> AreaScope {
    if who.role == Role::Bureau { who.areas.clone() } else { AreaScope::All }
}

/// What `who` sees of the whole: all of it, or what `narrow` leaves.
pub(crate) fn within<T>(
    backend: &dyn Backend,
    who: &Who,
    whole: T,
    narrow: impl FnOnce(&Sight, T) -> T,
) -> T {
    match Sight::of(backend, who) {
        Some(sight) => narrow(&sight, whole),
        None => whole,
    }
}

/// The areas of a bureau with what is in them.
#[derive(Debug, Clone)]
pub(crate) struct Sight {
    areas: AreaScope,
    channels: BTreeSet<String>,
    analyzers: BTreeSet<String>,
}

impl Sight {
    /// None: the whole park.
    pub(crate) fn of(backend: &dyn Backend, who: &Who) -> Option<Self> {
        let areas = areas(who);
        if areas == AreaScope::All {
            return None;
        }
        let site = backend.site();
        // Wind and weather are of the whole park: without them nobody knows where gas goes.
        let seen = |area: &str, is_gas: bool| !is_gas || has(&areas, area);
        let channels = site.channels.iter().filter(|one| seen(&one.area, one.is_gas));
        let (channels, of_channels): (BTreeSet<_>, BTreeSet<_>) =
            channels.map(|one| (one.id.clone(), one.analyzer.clone())).unzip();
        let own = site.analyzers.into_iter().filter(|one| has(&areas, &one.area));
        let analyzers = own.map(|one| one.id).chain(of_channels).collect();
        Some(Self { areas, channels, analyzers })
    }

    /// Whether what is of this area is seen.
    pub(crate) fn area(&self, area: &str) -> bool {
        has(&self.areas, area)
    }

    /// Whether what is of these areas is seen: of one of them. An incident is one matter, and who
    /// sees their own part must see what it belongs to.
    pub(crate) fn any(&self, areas: &[String]) -> bool {
        areas.iter().any(|area| self.area(area))
    }

    /// Whether what is on this channel is seen; an alarm about a recipient is on none.
    pub(crate) fn channel(&self, channel: &str) -> bool {
        self.channels.contains(channel)
    }

    /// Whether this device is seen.
    pub(crate) fn analyzer(&self, analyzer: &str) -> bool {
        self.analyzers.contains(analyzer)
    }
}

fn has(areas: &AreaScope, area: &str) -> bool {
    AreaId::new(area).is_ok_and(|area| areas.has(&area))
}

/// Refuses a warning of an area that `who` does not see.
pub(super) fn warning(
    backend: &dyn Backend,
    who: &Who,
    id: &WarningId,
) -> Result<(), BackendError> {
    one_of(who, &[backend.area_of_warning(id)?.to_string()])
}

/// Refuses what is of none of the areas that `who` sees.
pub(super) fn one_of(who: &Who, found: &[String]) -> Result<(), BackendError> {
    let own = areas(who);
    if found.iter().any(|area| has(&own, area)) {
        return Ok(());
    }
    Err(BackendError::OtherArea(found.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(role: Role, is_limited: bool) {
        let yard = AreaScope::Some([AreaId::new("yard").unwrap()].into());
        let who = Who { name: "li".to_owned(), role, areas: yard };
        assert_eq!(areas(&who) != AreaScope::All, is_limited, "{role:?}");
    }

    #[test]
    fn who_is_of_the_park_sees_all_of_it() {
        check(Role::Bureau, true);
        for role in [Role::Viewer, Role::Operator, Role::Engineer, Role::Admin] {
            check(role, false);
        }
    }

    #[test]
    fn what_is_of_no_known_area_is_not_seen() {
        let areas = AreaScope::Some([AreaId::new("yard").unwrap()].into());
        let sight = Sight {
            areas,
            channels: ["at-1".to_owned()].into(),
            analyzers: ["a-1".to_owned()].into(),
        };
        assert!(sight.area("yard") && !sight.area("jetty") && !sight.area(""));
        assert!(sight.channel("at-1") && !sight.channel("at-2") && !sight.channel("bureau"));
        assert!(sight.analyzer("a-1") && !sight.analyzer("a-2"));
        assert!(sight.any(&["jetty".to_owned(), "yard".to_owned()]) && !sight.any(&[]));
    }
}
