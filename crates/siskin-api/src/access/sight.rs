//! What a bureau of some areas sees of warnings: those of its areas.
//!
//! Everybody of the park sees the whole park, whatever areas they act in: gas does not stop at the
//! edge of one, and whoever comes to help must see what is there. A bureau is somebody else. Must
//! never let through what cannot be told to be of an area, where it speaks of one.

use std::collections::BTreeSet;

use siskin_model::{AreaId, AreaScope, Role, WarningId, Who};

use crate::backend::{Backend, BackendError, LiveEvent};

/// The areas whose warnings `who` sees.
pub(crate) fn areas(who: &Who) -> AreaScope {
    if who.role == Role::Bureau { who.areas.clone() } else { AreaScope::All }
}

/// The areas of a bureau with what is in them.
#[derive(Debug, Clone)]
pub(crate) struct Sight {
    areas: AreaScope,
    channels: BTreeSet<String>,
}

impl Sight {
    /// None: the whole park.
    pub(crate) fn of(backend: &dyn Backend, who: &Who) -> Option<Self> {
        let areas = areas(who);
        if areas == AreaScope::All {
            return None;
        }
        let channels = backend.site().channels.into_iter();
        let own = channels.filter(|channel| has(&areas, &channel.area));
        let channels = own.map(|channel| channel.id).collect();
        Some(Self { areas, channels })
    }

    /// Whether a warning of this area is seen.
    pub(crate) fn area(&self, area: &str) -> bool {
        has(&self.areas, area)
    }

    /// Whether an alarm on this channel is seen; one about a recipient is on none.
    pub(crate) fn channel(&self, channel: &str) -> bool {
        self.channels.contains(channel)
    }

    /// Whether an event of the live stream is seen.
    pub(crate) fn live(&self, event: &LiveEvent) -> bool {
        match event {
            LiveEvent::Warning(view) => self.area(&view.warning.area),
            LiveEvent::Alarm(view) => self.channel(&view.alarm.channel),
            LiveEvent::Correction(view) => self.channel(&view.alarm.channel),
            LiveEvent::Equipment(view) => self.channel(&view.equipment.alarm.channel),
            // Of no warning; lists of the same are open to whoever looks.
            LiveEvent::Rules(_)
            | LiveEvent::Flood(_)
            | LiveEvent::Readings(_)
            | LiveEvent::Health(_)
            | LiveEvent::Edges(_)
            | LiveEvent::Pulse(_)
            | LiveEvent::Incident(_)
            | LiveEvent::Drill(_) => true,
        }
    }
}

fn has(areas: &AreaScope, area: &str) -> bool {
    AreaId::new(area).is_ok_and(|area| areas.has(&area))
}

/// Refuses a warning of an area that `who` does not see.
pub(crate) fn sees_warning(
    backend: &dyn Backend,
    who: &Who,
    id: &WarningId,
) -> Result<(), BackendError> {
    let areas = areas(who);
    if areas == AreaScope::All {
        return Ok(());
    }
    let area = backend.area_of_warning(id)?;
    if areas.has(&area) { Ok(()) } else { Err(BackendError::OtherArea(area.to_string())) }
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
        let sight = Sight { areas, channels: ["at-1".to_owned()].into() };
        assert!(sight.area("yard") && !sight.area("jetty") && !sight.area(""));
        assert!(sight.channel("at-1") && !sight.channel("at-2") && !sight.channel("bureau"));
    }
}
