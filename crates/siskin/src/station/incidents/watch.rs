//! The watch over incidents: warnings that are on disk open, join and leave incidents, and clocks
//! ring before their time is over.
//!
//! Follows the ledger's events by a mark, so that nothing is missed over a restart; what it does is
//! idempotent. A failure is told in the list of incidents and in the station's health, and tried
//! again at the next look; it never ends the watch.

use std::sync::Arc;
use std::time::Duration;

use siskin_model::incident::{Act, IncidentId, clocks, new_rings};
use siskin_model::{WarningChange, WarningEvent};
use siskin_store::ledger::{ActBy, FollowPolicy, STATION};
use siskin_store::{LedgerEvent, StoreError};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use super::{IncidentsDesk, words};

/// How often the watch looks.
const LOOK: Duration = Duration::from_millis(500);
/// Events that are read at once.
const EVENTS_A_LOOK: usize = 1_000;
/// Events without a warning after which the mark is written all the same: so many are read again
/// after a restart.
const MARK_EVERY: u64 = 10_000;
/// Open incidents whose clocks are looked at.
const OPEN_MAX: usize = 1_000;

/// Looks until `stop`; a look that panics is told and the next one comes all the same.
pub(in crate::station) async fn watch(desk: Arc<IncidentsDesk>, stop: CancellationToken) {
    let mut looks = tokio::time::interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut place = Place::default();
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = looks.tick() => {}
        }
        let looking = Arc::clone(&desk);
        let before = place;
        let look = tokio::task::spawn_blocking(move || look(&looking, before)).await;
        let failure = match look {
            Ok(Ok(after)) => {
                place = after;
                None
            }
            Ok(Err(error)) => Some(error),
            Err(panicked) => Some(panicked.to_string()),
        };
        if let Some(error) = failure.as_ref().filter(|_| desk.failure().is_none()) {
            tracing::error!(error, "warnings cannot be followed by incidents, or clocks not rung");
        }
        desk.set_failure(failure);
    }
}

/// How far the ledger is followed.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    /// In memory; none before the first look.
    seq: Option<u64>,
    /// On disk.
    written: u64,
}

fn look(desk: &IncidentsDesk, before: Place) -> Result<Place, String> {
    let mut place = match before.seq {
        Some(_) => before,
        None => begin(desk)?,
    };
    while place.seq.unwrap_or(0) < desk.ledger.newest_seq() {
        let Some((newest, warnings)) = piece(desk, place.seq.unwrap_or(0))? else { break };
        if !warnings.is_empty() || newest.saturating_sub(place.written) >= MARK_EVERY {
            follow(desk, &warnings, newest)?;
            place.written = newest;
        }
        place.seq = Some(newest);
    }
    ring(desk)?;
    Ok(place)
}

/// Warnings that are open now are followed too: what opens incidents may have been configured
/// since they were raised.
fn begin(desk: &IncidentsDesk) -> Result<Place, String> {
    let mark = desk.ledger.incident_mark().map_err(|e| told(&e))?;
    let open = desk.ledger.warnings_open().map_err(|e| told(&e))?;
    let now_open = |warning: siskin_model::Warning| WarningEvent {
        change: WarningChange::Updated,
        at: warning.raised_at,
        warning,
        said: None,
    };
    // First what happened, in its order, so that the moments are those of the events.
    let mut place = Place { seq: Some(mark), written: mark };
    while let Some((newest, warnings)) = piece(desk, place.seq.unwrap_or(0))? {
        follow(desk, &warnings, newest)?;
        place = Place { seq: Some(newest), written: newest };
    }
    let open: Vec<_> = open.into_iter().map(now_open).collect();
    follow(desk, &open, place.written)?;
    Ok(place)
}

fn piece(desk: &IncidentsDesk, seq: u64) -> Result<Option<(u64, Vec<WarningEvent>)>, String> {
    let read = desk.ledger.events_after(seq, EVENTS_A_LOOK).map_err(|e| told(&e))?;
    let newest = read.last().map(|(seq, _)| *seq);
    let warnings = read.into_iter().filter_map(|(_, event)| followed(event)).collect();
    Ok(newest.map(|newest| (newest, warnings)))
}

/// The steps of warnings that can open, join or leave: none of a drill.
fn followed(event: LedgerEvent) -> Option<WarningEvent> {
    match event {
        LedgerEvent::Warning(event) if event.warning.exercise.is_some() => None,
        LedgerEvent::Warning(event) if event.change != WarningChange::Updated => Some(event),
        _ => None,
    }
}

fn follow(desk: &IncidentsDesk, events: &[WarningEvent], mark: u64) -> Result<(), String> {
    let site = &desk.settings.site;
    let top = site.tiers.last().copied();
    let now = desk.now();
    let day = IncidentId::day(&site.id, now, site.utc_offset_s);
    let title = |warning: &siskin_model::Warning| words::title(site, warning);
    let policy = FollowPolicy {
        day: &day,
        opens_from: top.filter(|_| desk.settings.incidents.opens_by_itself),
        title: &title,
        now,
    };
    let changed = desk.ledger.follow_warnings(events, mark, policy);
    for id in changed.map_err(|error| error.to_string())? {
        if let Some(incident) = desk.ledger.incident(&id).map_err(|e| told(&e))? {
            tracing::info!(incident = %id, "an incident follows a warning");
            desk.publish(&incident);
        }
    }
    Ok(())
}

fn ring(desk: &IncidentsDesk) -> Result<(), String> {
    let duties = &desk.settings.incidents.reporting.duties;
    let now = desk.now();
    for incident in desk.ledger.incidents(true, OPEN_MAX).map_err(|e| told(&e))? {
        let rings = new_rings(&incident, duties, now);
        let due = |duty: &str| {
            let found = clocks(&incident, duties, now);
            found.into_iter().find(|clock| clock.duty.id == duty).and_then(|clock| clock.due)
        };
        let acts: Vec<_> = rings
            .iter()
            .filter_map(|(duty, ring, overdue)| {
                let due = due(duty)?;
                Some(Act::Rung { duty: (*duty).to_owned(), ring: *ring, due, overdue: *overdue })
            })
            .collect();
        if acts.is_empty() {
            continue;
        }
        // Somebody may have met the duty, or closed the incident, since it was read.
        let is_same = |found: &siskin_model::incident::Incident| {
            let same = found.entries == incident.entries;
            same.then_some(()).ok_or(siskin_model::incident::ActRefused::Closed)
        };
        let who = ActBy { by: STATION, at: now };
        match desk.ledger.act_on_incident(&incident.id, &acts, who, is_same) {
            Ok(after) => {
                for (duty, _, overdue) in rings {
                    let incident = &after.id;
                    tracing::warn!(%incident, duty, overdue, "a clock to report rings");
                }
                desk.publish(&after);
            }
            Err(siskin_store::ledger::IncidentError::Refused(_)) => {}
            Err(error) => return Err(error.to_string()),
        }
    }
    Ok(())
}

fn told(error: &StoreError) -> String {
    error.to_string()
}
