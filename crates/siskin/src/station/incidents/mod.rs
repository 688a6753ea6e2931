//! Incidents of a running station: what the API asks, what warnings open, which clocks ring.
//!
//! Everything is in the ledger before anybody is told of it. The pipeline knows nothing of
//! incidents: a warning never waits for one. Must never judge a grade, meet a duty or close.

mod backend;
pub(crate) mod files;
mod reports;
mod requests;
mod views;
mod watch;
mod words;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use siskin_api::backend::{BackendError, LiveEvent};
use siskin_api::incidents::IncidentFault;
use siskin_api::reports::ReportFault;
use siskin_collect::Clock;
use siskin_config::Settings;
use siskin_model::incident::{Act, ActRefused, Incident, IncidentId, clocks};
use siskin_model::{Timestamp, WarningId};
use siskin_store::Ledger;
use siskin_store::ledger::{ActBy, IncidentError, STATION};

use super::live::Live;

pub(super) use watch::watch;

/// The folder of files in the data folder.
pub(crate) const FOLDER: &str = "incidents";

/// What all that is done to incidents needs.
pub(crate) struct IncidentsDesk {
    pub(crate) settings: Arc<Settings>,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) live: Arc<Live>,
    pub(crate) clock: Clock,
    /// Where files are, a folder for each incident.
    pub(crate) folder: PathBuf,
    /// Why the watch cannot do its work now.
    failure: Mutex<Option<String>>,
}

impl IncidentsDesk {
    pub(crate) fn new(
        settings: &Arc<Settings>,
        ledger: &Arc<Ledger>,
        live: &Arc<Live>,
        clock: &Clock,
        data: &std::path::Path,
    ) -> Self {
        Self {
            settings: Arc::clone(settings),
            ledger: Arc::clone(ledger),
            live: Arc::clone(live),
            clock: Arc::clone(clock),
            folder: data.join(FOLDER),
            failure: Mutex::new(None),
        }
    }

    /// Why warnings open no incidents and clocks do not ring now.
    pub(crate) fn failure(&self) -> Option<String> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_failure(&self, failure: Option<String>) {
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = failure;
    }

    fn now(&self) -> Timestamp {
        (self.clock)()
    }

    fn offset_s(&self) -> i32 {
        self.settings.site.utc_offset_s
    }

    /// The incident as it stands.
    fn incident(&self, id: &IncidentId) -> Result<Incident, BackendError> {
        let found = self.ledger.incident(id).map_err(|error| refused(error.into()))?;
        found.ok_or_else(|| IncidentFault::NotFound { id: id.to_string() }.into())
    }

    /// Acts, and tells it on the live stream.
    fn act(&self, by: &str, id: &IncidentId, acts: &[Act]) -> Result<Incident, BackendError> {
        self.act_if(by, id, acts, |_| Ok(()))
    }

    /// The same, if the incident is still what `is_same` expects.
    fn act_if(
        &self,
        by: &str,
        id: &IncidentId,
        acts: &[Act],
        is_same: impl FnOnce(&Incident) -> Result<(), ActRefused>,
    ) -> Result<Incident, BackendError> {
        self.tell_what_is_over(id, acts)?;
        let now = self.now();
        let duties = &self.settings.incidents.reporting.duties;
        let check = |incident: &Incident| {
            is_same(incident)?;
            let clocks = clocks(incident, duties, now);
            for act in acts {
                Incident::has_duty(act, &clocks)?;
                incident.may_close(act, &clocks)?;
            }
            Ok(())
        };
        let done = self.ledger.act_on_incident(id, acts, ActBy { by, at: now }, check);
        let incident = done.map_err(refused)?;
        self.publish(&incident);
        Ok(incident)
    }

    /// Before a closure: warnings that are over in the ledger leave the incident, where the watch
    /// has not come to it yet.
    fn tell_what_is_over(&self, id: &IncidentId, acts: &[Act]) -> Result<(), BackendError> {
        if !acts.iter().any(|act| matches!(act, Act::Close { .. })) {
            return Ok(());
        }
        let incident = self.incident(id)?;
        let mut leaves = Vec::new();
        for (warning, _) in incident.warnings.iter().filter(|(_, is_over)| !**is_over) {
            if self.is_over(warning)? {
                leaves.push(Act::Leave { warning: warning.clone() });
            }
        }
        if !leaves.is_empty() {
            let who = ActBy { by: STATION, at: self.now() };
            self.ledger.act_on_incident(id, &leaves, who, |_| Ok(())).map_err(refused)?;
        }
        Ok(())
    }

    fn is_over(&self, id: &WarningId) -> Result<bool, BackendError> {
        let found = self.ledger.warning(id).map_err(|error| refused(error.into()))?;
        Ok(found.is_none_or(|warning| !warning.state.is_open()))
    }

    fn publish(&self, incident: &Incident) {
        self.live.publish(LiveEvent::Incident(views::summary(incident, self.offset_s())));
    }
}

/// Why the ledger did not do it, as the API says it.
fn refused(error: IncidentError) -> BackendError {
    match error {
        IncidentError::NotFound(id) => IncidentFault::NotFound { id: id.to_string() }.into(),
        IncidentError::Refused(ActRefused::ReportChanged) => {
            ReportFault::Changed { signed: None }.into()
        }
        IncidentError::Refused(why) => words::refused(&why).into(),
        IncidentError::Taken { warning, incident } => words::taken(&warning, &incident).into(),
        IncidentError::Store(error) => BackendError::Unavailable(error.to_string()),
    }
}
