//! What the API asks of incidents.

use std::io::Write;

use siskin_api::backend::BackendError;
use siskin_api::contract::{
    ClockNoticeView, HandOverClockView, HandOverIncidentView, IncidentView, IncidentsView,
    OpenIncidentRequest,
};
use siskin_api::incidents::{IncidentAct, IncidentFault, Incidents};
use siskin_api::people::People;
use siskin_model::incident::{
    Act, Clock, ClockState, FILES_MAX, FileRef, Incident, IncidentId, clocks, suggest,
};
use siskin_model::{AreaId, AreaScope, WarningId, Who};
use siskin_store::ledger::{ActBy, NewAudit};

use super::{IncidentsDesk, files, refused, views};
use crate::evidence;
use crate::station::backend::{StationBackend, unavailable};
use crate::station::views as station_views;

/// The most incidents of one answer.
const INCIDENTS_MAX: usize = 1_000;
/// The most incidents of a hand-over.
const IN_SHORT_MAX: usize = 100;
/// The most entries of one answer.
const ENTRIES_A_PAGE: usize = 1_000;

impl Incidents for StationBackend {
    fn incidents(&self, closed: bool) -> Result<IncidentsView, BackendError> {
        let desk = &self.incidents;
        let found = desk.ledger.incidents(!closed, INCIDENTS_MAX).map_err(|e| unavailable(&e))?;
        let mut notices: Vec<_> =
            found.iter().filter(|one| one.is_open()).flat_map(|one| desk.notices(one)).collect();
        notices.sort_by_key(|notice| notice.clock.left_ms);
        let incidents = found.iter().map(|one| views::summary(one, desk.offset_s())).collect();
        Ok(IncidentsView { incidents, notices, failure: desk.failure() })
    }

    fn incident(&self, id: &str, after: u64) -> Result<IncidentView, BackendError> {
        let incident = self.incidents.incident(&IncidentId::from_text(id))?;
        self.incidents.view(&incident, after)
    }

    fn open_incident(
        &self,
        who: &Who,
        request: &OpenIncidentRequest,
    ) -> Result<IncidentView, BackendError> {
        let desk = &self.incidents;
        self.may_open(who, request)?;
        let (open, joins) = desk.opening(request)?;
        let (now, site) = (desk.now(), &desk.settings.site);
        let day = IncidentId::day(&site.id, now, site.utc_offset_s);
        let who = ActBy { by: &who.name, at: now };
        let incident = desk.ledger.open_incident(&day, &open, &joins, who).map_err(refused)?;
        desk.publish(&incident);
        desk.view(&incident, 0)
    }

    fn act_on_incident(
        &self,
        who: &Who,
        id: &str,
        act: &IncidentAct,
    ) -> Result<IncidentView, BackendError> {
        let desk = &self.incidents;
        may_act(who, &desk.incident(&IncidentId::from_text(id))?)?;
        let acts = desk.acts(act)?;
        let incident = desk.act(&who.name, &IncidentId::from_text(id), &acts)?;
        desk.view(&incident, 0)
    }

    fn attach_file(
        &self,
        who: &Who,
        id: &str,
        name: &str,
        bytes: &[u8],
    ) -> Result<IncidentView, BackendError> {
        let desk = &self.incidents;
        // Its folder is named by the ledger and not by the request; a full one takes no more.
        let incident = desk.incident(&IncidentId::from_text(id))?;
        may_act(who, &incident)?;
        if incident.files.len() >= FILES_MAX {
            let full = siskin_model::incident::ActRefused::TooManyFiles;
            return Err(super::words::refused(&full).into());
        }
        let kept = files::keep(&desk.folder, &incident.id, bytes);
        let sha256 = kept.map_err(|error| BackendError::Unavailable(error.to_string()))?;
        let file = FileRef { name: name.to_owned(), bytes: bytes.len() as u64, sha256 };
        let incident = desk.act(&who.name, &incident.id, &[Act::File { file }])?;
        desk.view(&incident, 0)
    }

    fn incident_file(&self, id: &str, sha256: &str) -> Result<Vec<u8>, BackendError> {
        let desk = &self.incidents;
        let incident = desk.incident(&IncidentId::from_text(id))?;
        let found = incident.files.iter().find(|file| file.sha256 == sha256);
        let file =
            found.ok_or_else(|| IncidentFault::FileNotFound { sha256: sha256.to_owned() })?;
        let read = files::read(&desk.folder, &incident.id, &file.sha256);
        read.map_err(|error| BackendError::Unavailable(format!("{}: {error}", file.name)))
    }

    fn evidence(&self, who: &Who, id: &str, out: &mut dyn Write) -> Result<(), BackendError> {
        let desk = &self.incidents;
        let incident = desk.incident(&IncidentId::from_text(id))?;
        let told = NewAudit {
            at: desk.now(),
            by: who.name.clone(),
            act: "incident.evidence".to_owned(),
            about: incident.id.to_string(),
            body: serde_json::Value::Null,
        };
        desk.ledger.put_audit(&told).map_err(|e| unavailable(&e))?;
        let source = evidence::Source {
            settings: &desk.settings,
            site_files: &self.rules.texts.inputs.site,
            series: self.series.as_ref(),
            ledger: &desk.ledger,
            folder: &desk.folder,
            made_at: desk.now(),
            made_by: &who.name,
        };
        let made = evidence::write(&source, &incident, out);
        made.map(|_| ()).map_err(|error| BackendError::Unavailable(format!("{error:#}")))
    }
}

impl IncidentsDesk {
    /// Open incidents with their clocks that are not met, for who takes over.
    pub(in crate::station) fn in_short(&self) -> Result<Vec<HandOverIncidentView>, BackendError> {
        let open = self.ledger.incidents(true, IN_SHORT_MAX).map_err(|e| unavailable(&e))?;
        let duties = &self.settings.incidents.reporting.duties;
        let is_met = |state| matches!(state, ClockState::Met | ClockState::MetLate);
        let one = |incident: &Incident| {
            let clocks = clocks(incident, duties, self.now()).into_iter();
            let clock = |clock: Clock<'_>| HandOverClockView {
                duty: clock.duty.id.clone(),
                state: clock.state.as_str().to_owned(),
                due: clock.due.map(|at| at.rfc3339(self.offset_s())),
            };
            HandOverIncidentView {
                id: incident.id.to_string(),
                title: incident.title.to_string(),
                clocks: clocks.filter(|clock| !is_met(clock.state)).map(clock).collect(),
            }
        };
        Ok(open.iter().map(one).collect())
    }

    /// The clocks that somebody must look at.
    fn notices(&self, incident: &Incident) -> Vec<ClockNoticeView> {
        let duties = &self.settings.incidents.reporting.duties;
        let clocks = clocks(incident, duties, self.now()).into_iter();
        let urgent = |state| matches!(state, ClockState::Close | ClockState::Overdue);
        let notice = |clock| ClockNoticeView {
            incident: incident.id.to_string(),
            title: incident.title.to_string(),
            title_text: station_views::text(&incident.title.text()),
            clock: views::clock(&clock, self.offset_s()),
        };
        clocks.filter(|clock| urgent(clock.state)).map(notice).collect()
    }

    fn view(&self, incident: &Incident, after: u64) -> Result<IncidentView, BackendError> {
        let offset_s = self.offset_s();
        let reporting = &self.settings.incidents.reporting;
        let entries = self.ledger.incident_entries(&incident.id, after, ENTRIES_A_PAGE);
        let entries = entries.map_err(|e| unavailable(&e))?;
        let last = entries.last().map(|entry| entry.number);
        let mut warnings = Vec::new();
        for id in incident.warnings.keys() {
            let found = self.ledger.warning(id).map_err(|e| unavailable(&e))?;
            warnings.extend(found.map(|found| station_views::warning(&found, offset_s)));
        }
        let suggestion = suggest(&incident.figures, &reporting.grades);
        let clocks = clocks(incident, &reporting.duties, self.now());
        Ok(IncidentView {
            incident: views::summary(incident, offset_s),
            figures: views::figures(&incident.figures),
            suggestion: suggestion.map(|s| views::suggestion(&s, &reporting.grades_source)),
            judgements: incident.grades.iter().map(|j| views::judgement(j, offset_s)).collect(),
            clocks: clocks.iter().map(|clock| views::clock(clock, offset_s)).collect(),
            tasks: incident.tasks.iter().map(|task| views::task(task, offset_s)).collect(),
            files: incident.files.iter().map(views::file).collect(),
            warnings,
            entries: entries.iter().map(|entry| views::entry(entry, offset_s)).collect(),
            next_after: last.filter(|last| *last < incident.entries),
            closure: incident.closure.as_ref().map(|one| views::closure(one, offset_s)),
        })
    }
}

impl StationBackend {
    /// Whether somebody may open an incident: all of its areas must be theirs, those of its
    /// warnings too. One without an area is of the whole site.
    fn may_open(&self, who: &Who, request: &OpenIncidentRequest) -> Result<(), BackendError> {
        if who.areas == AreaScope::All {
            return Ok(());
        }
        let of_warning =
            |id: &String| self.area_of_warning(&WarningId::from_text(id)).map(|a| a.to_string());
        let mut areas = request.warnings.iter().map(of_warning).collect::<Result<Vec<_>, _>>()?;
        areas.extend(request.areas.iter().cloned());
        let is_own = |area: &String| AreaId::new(area).is_ok_and(|area| who.may_act_in(&area));
        match areas.iter().find(|area| !is_own(area)) {
            Some(area) => Err(BackendError::OtherArea(area.clone())),
            None if areas.is_empty() => Err(BackendError::OtherArea("whole site".to_owned())),
            None => Ok(()),
        }
    }
}

/// Whether somebody may act on an incident: one of its areas must be theirs. One without an area is
/// of the whole site.
pub(super) fn may_act(who: &Who, incident: &Incident) -> Result<(), BackendError> {
    let is_own = incident.areas.iter().any(|area| who.may_act_in(area));
    if is_own || who.areas == AreaScope::All {
        return Ok(());
    }
    let area = incident.areas.first().map_or("whole site".to_owned(), ToString::to_string);
    Err(BackendError::OtherArea(area))
}
