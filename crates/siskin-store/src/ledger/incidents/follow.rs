//! Warnings that open an incident, join one and leave it: read from the ledger after they are on
//! disk, so that no warning ever waits for an incident.
//!
//! Idempotent by the warning's id: the same events may be followed again after a restart.

use rusqlite::Connection;
use siskin_model::incident::{Act, Incident, IncidentId, Title};
use siskin_model::{Text, Tier, Timestamp, Warning, WarningEvent};

use super::{
    ACT_READ, ACT_WRITE, ActBy, IncidentError, Ledger, incident_of, one, open_in, read, take_in,
};
use crate::StoreError;
use crate::file::{StoreFile, integer, natural};

/// Who opens an incident where nobody does.
pub const STATION: &str = "station";

/// How warnings are followed.
#[derive(Clone, Copy)]
pub struct FollowPolicy<'a> {
    /// The day of new ids, see [`IncidentId::day`].
    pub day: &'a str,
    /// A warning of this tier or above opens an incident where its area has none; none: nothing
    /// opens one.
    pub opens_from: Option<Tier>,
    /// What an incident that a warning opens is called.
    pub title: &'a dyn Fn(&Warning) -> Text,
    /// The station's clock.
    pub now: Timestamp,
}

impl std::fmt::Debug for FollowPolicy<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { day, opens_from, title: _, now } = self;
        f.debug_struct("FollowPolicy")
            .field("day", day)
            .field("opens_from", opens_from)
            .field("now", now)
            .finish_non_exhaustive()
    }
}

impl Ledger {
    /// Up to which event of the ledger warnings have been followed.
    pub fn incident_mark(&self) -> Result<u64, StoreError> {
        let file = &self.file;
        let sql = "SELECT coalesce(max(seq), 0) FROM incident_mark";
        file.reader().query_row(sql, [], |row| natural(row, 0)).map_err(file.failed(ACT_READ))
    }

    /// Follows `events`, in order, and writes that the ledger is followed up to `mark`; one durable
    /// transaction. Gives the incidents that changed.
    pub fn follow_warnings(
        &self,
        events: &[WarningEvent],
        mark: u64,
        policy: FollowPolicy<'_>,
    ) -> Result<Vec<IncidentId>, IncidentError> {
        self.incident_transaction(|file, db| {
            let mut changed = Vec::new();
            for event in events {
                if let Some(id) = follow(file, db, event, policy)?
                    && !changed.contains(&id)
                {
                    changed.push(id);
                }
            }
            put_mark(db, mark).map_err(file.failed(ACT_WRITE))?;
            Ok(changed)
        })
    }
}

fn put_mark(db: &Connection, mark: u64) -> rusqlite::Result<usize> {
    let mut put = db.prepare_cached(
        "INSERT INTO incident_mark (only_row, seq) VALUES (1, ?1)
         ON CONFLICT (only_row) DO UPDATE SET seq = max(seq, excluded.seq)",
    )?;
    put.execute([integer(mark)])
}

fn follow(
    file: &StoreFile,
    db: &Connection,
    event: &WarningEvent,
    policy: FollowPolicy<'_>,
) -> Result<Option<IncidentId>, IncidentError> {
    let warning = &event.warning;
    let who = ActBy { by: STATION, at: policy.now };
    if let Some(id) = incident_of(file, db, &warning.id)? {
        let incident = one(file, db, &id)?.ok_or_else(|| IncidentError::NotFound(id.clone()))?;
        let is_told = incident.warnings.get(&warning.id).copied().unwrap_or(false);
        if warning.state.is_open() || is_told {
            return Ok(None);
        }
        let leave = Act::Leave { warning: warning.id.clone() };
        take_in(file, db, &incident, &leave, who)?;
        return Ok(Some(id));
    }
    if !warning.state.is_open() {
        return Ok(None);
    }
    let open = read::incidents(file, db, true, super::ROWS_MAX)?;
    let incident = match home(&open, warning, policy.opens_from) {
        Home::In(incident) => incident.clone(),
        Home::New => open_in(file, db, policy.day, &opening(event, policy), who)?,
        Home::None => return Ok(None),
    };
    take_in(file, db, &incident, &join(warning), who)?;
    Ok(Some(incident.id))
}

/// Where a warning that has no incident belongs.
enum Home<'a> {
    In(&'a Incident),
    New,
    None,
}

/// An incident of its area; for one of the top tier else a new one, for others one of its gas,
/// which the wind may have brought from another area. Of several the oldest.
fn home<'a>(open: &'a [Incident], warning: &Warning, opens_from: Option<Tier>) -> Home<'a> {
    let of_area = || open.iter().rfind(|one| one.areas.contains(&warning.area));
    let of_gas = || open.iter().rfind(|one| one.gases.contains(&warning.gas));
    if let Some(incident) = of_area() {
        return Home::In(incident);
    }
    if opens_from.is_some_and(|tier| warning.tier >= tier) {
        return Home::New;
    }
    of_gas().map_or(Home::None, Home::In)
}

fn opening(event: &WarningEvent, policy: FollowPolicy<'_>) -> Act {
    Act::Open {
        title: Title::Named((policy.title)(&event.warning)),
        // Stamps of devices may be ahead of the station's clock.
        discovered_at: event.at.min(policy.now),
        areas: [event.warning.area.clone()].into(),
        gases: [event.warning.gas.clone()].into(),
    }
}

/// The act by which a warning joins.
fn join(warning: &Warning) -> Act {
    Act::Join {
        warning: warning.id.clone(),
        area: warning.area.clone(),
        gas: warning.gas.clone(),
        tier: warning.tier,
    }
}
