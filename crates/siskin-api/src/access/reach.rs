//! What a bureau of some areas reaches: one table of the routes that bureaus may use.
//!
//! What is not in the table is refused to it. A route of one thing is let through where that thing
//! is of its areas; a list leaves out the rest itself ([`Sight`]). Must never answer for a route
//! that nobody has thought about.

use axum::RequestExt;
use axum::extract::{RawPathParams, Request};
use siskin_model::{AreaScope, WarningId, Who};

use super::AccessFault;
use super::sight::{self, Sight};
use crate::app::App;
use crate::backend::{Backend, BackendError};
use crate::problem::Failure;

/// How a route stands to areas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// It speaks of no area: the station itself, the asker's own account, who is on duty.
    Free,
    /// It leaves out what is of other areas.
    Narrowed,
    /// It is about the one thing that its path names first.
    Of(Thing),
    /// It is of the whole park and cannot be divided.
    Park,
}

/// What a path names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Thing {
    Channel,
    Device,
    Warning,
    Message,
    Incident,
    Drill,
}

use Reach::{Free, Narrowed, Of, Park};
use Thing::{Channel, Device, Drill, Incident, Message, Warning};

/// Every route that a bureau may use, whatever its method.
const TABLE: &[(&str, Reach)] = &[
    ("/session", Free),
    ("/me", Free),
    ("/me/password", Free),
    ("/tokens", Free),
    ("/tokens/{id}", Free),
    ("/openapi.json", Free),
    ("/site", Narrowed),
    ("/map/tiles", Free),
    ("/channels", Narrowed),
    ("/channels/{id}/readings", Of(Channel)),
    ("/channels/{id}/records", Of(Channel)),
    ("/channels/{id}/completeness", Of(Channel)),
    ("/channels/{id}/gaps", Of(Channel)),
    ("/channels/{id}/maintenance", Of(Channel)),
    ("/buckets", Narrowed),
    ("/records", Narrowed),
    ("/warnings", Narrowed),
    ("/warnings/{id}/events", Of(Warning)),
    ("/warnings/{id}/messages", Of(Warning)),
    ("/warnings/{id}/card", Of(Warning)),
    ("/alarms", Narrowed),
    ("/alarm-records", Narrowed),
    ("/alarm-records/export", Narrowed),
    ("/health", Narrowed),
    ("/edges", Narrowed),
    ("/events", Narrowed),
    ("/corrections", Narrowed),
    ("/equipment", Narrowed),
    ("/floods", Narrowed),
    ("/holds", Narrowed),
    ("/maintenance", Narrowed),
    ("/maintenance/due", Narrowed),
    ("/devices", Narrowed),
    ("/devices/{id}/registers", Of(Device)),
    ("/incidents", Narrowed),
    ("/incidents/{id}", Of(Incident)),
    ("/incidents/{id}/files/{sha256}", Of(Incident)),
    ("/incidents/{id}/reports", Of(Incident)),
    ("/incidents/{id}/reports/{kind}/draft", Of(Incident)),
    ("/incidents/{id}/reports/{kind}/{version}", Of(Incident)),
    ("/bureau/warnings", Narrowed),
    ("/messages", Narrowed),
    ("/messages/{number}", Of(Message)),
    ("/messages/{number}/read", Of(Message)),
    ("/recipients", Narrowed),
    ("/cap/feed", Narrowed),
    ("/cap/{identifier}", Narrowed),
    ("/cards", Narrowed),
    ("/drills", Narrowed),
    ("/drills/{id}", Of(Drill)),
    ("/drills/{id}/report", Of(Drill)),
    ("/duty", Free),
    ("/duty/contacts", Free),
    ("/duty/shifts", Free),
    ("/duty/export", Free),
    // What the next shift is told: open warnings of all areas, and words about them.
    ("/handovers", Park),
    // How each bureau is reached; what was sent to it are values of all its outlets.
    ("/uplinks", Free),
    ("/uplinks/{id}/messages", Park),
    // That other rules run is on the live stream; what they found on each channel is of the park.
    ("/rules", Free),
    ("/rules/versions", Free),
    ("/rules/schema", Free),
    ("/rules/versions/{number}/diff", Park),
    ("/rules/shadow", Park),
    ("/rules/sets/{name}", Park),
    ("/rules/state", Park),
    ("/backtests", Park),
    ("/backtests/{id}", Park),
    ("/kpis", Park),
    ("/reports/periods", Park),
    ("/metrics", Park),
];

fn reach_of(path: &str) -> Reach {
    let path = path.strip_prefix("/api/v1").unwrap_or_default();
    TABLE.iter().find(|(known, _)| *known == path).map_or(Park, |(_, reach)| *reach)
}

/// Whether `who` sees the whole park.
pub(super) fn is_whole(who: &Who) -> bool {
    sight::areas(who) == AreaScope::All
}

/// Refuses what `who` does not see.
pub(super) async fn admit(
    app: &App,
    who: &Who,
    path: &str,
    request: &mut Request,
) -> Result<(), Failure> {
    if is_whole(who) {
        return Ok(());
    }
    let thing = match reach_of(path) {
        Free | Narrowed => return Ok(()),
        Park => return Err(AccessFault::WholeSite.into()),
        Of(thing) => thing,
    };
    let params = request.extract_parts::<RawPathParams>().await;
    let id = params.ok().and_then(|all| Some(all.iter().next()?.1.to_owned()));
    let Some(id) = id else { return Err(AccessFault::WholeSite.into()) };
    let who = who.clone();
    app.call(move |backend| is_seen(backend, &who, thing, &id)).await
}

fn is_seen(backend: &dyn Backend, who: &Who, thing: Thing, id: &str) -> Result<(), BackendError> {
    match thing {
        Warning => sight::warning(backend, who, &WarningId::from_text(id)),
        Incident => sight::one_of(who, &backend.incident(id, 0)?.incident.areas),
        // What is no number is no message and no drill: the route says so.
        Message => id.parse::<u64>().map_or(Ok(()), |number| {
            let found = backend.message(number)?;
            sight::warning(backend, who, &WarningId::from_text(&found.delivery.warning))
        }),
        Drill => id
            .parse::<u64>()
            .map_or(Ok(()), |number| sight::one_of(who, &[backend.drill(number)?.area])),
        Channel | Device => {
            let seen = Sight::of(backend, who).is_none_or(|sight| match thing {
                Device => sight.analyzer(id),
                _ => sight.channel(id),
            });
            if seen { Ok(()) } else { Err(BackendError::ChannelNotFound(id.to_owned())) }
        }
    }
}

#[cfg(test)]
mod tests {
    use siskin_model::Role;

    use super::super::permissions::{self, Permission};
    use super::*;

    #[test]
    fn every_route_of_bureaus_is_in_the_table_once_and_no_other() {
        let is_of_bureaus =
            |asked: Permission| asked != Permission::Open && asked.is_of(Role::Bureau);
        let all = permissions::TABLE.iter();
        let mut used: Vec<_> =
            all.filter(|(_, _, asked)| is_of_bureaus(*asked)).map(|(_, path, _)| *path).collect();
        used.sort_unstable();
        used.dedup();
        let mut known: Vec<_> = TABLE.iter().map(|(path, _)| *path).collect();
        known.sort_unstable();
        assert_eq!(known, used);
    }

    #[test]
    fn what_is_in_no_line_is_of_the_whole_park() {
        assert_eq!(reach_of("/api/v1/site"), Narrowed);
        assert_eq!(reach_of("/api/v1/new"), Park);
        assert_eq!(reach_of("/site"), Park);
    }
}
