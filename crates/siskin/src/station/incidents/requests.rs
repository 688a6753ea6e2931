//! What people ask, as acts of the model. Everything that is named must be in the site.

use std::collections::BTreeSet;

use siskin_api::backend::BackendError;
use siskin_api::contract::{ChangeIncidentRequest, FiguresView, OpenIncidentRequest};
use siskin_api::incidents::{IncidentAct, IncidentFault};
use siskin_model::incident::{Act, Figures, may_be_discovered};
use siskin_model::{AreaId, GasId, Timestamp, WarningId};

use super::{IncidentsDesk, refused, views, words};

fn unknown(what: &'static str, id: &str) -> BackendError {
    IncidentFault::Unknown { what, id: id.to_owned() }.into()
}

impl IncidentsDesk {
    /// The act that opens an incident, and what joins it.
    pub(super) fn opening(
        &self,
        request: &OpenIncidentRequest,
    ) -> Result<(Act, Vec<Act>), BackendError> {
        let now = self.now();
        let discovered_at = request.discovered_at_ms.map_or(now, Timestamp::from_millis);
        may_be_discovered(discovered_at, now, now).map_err(|why| words::refused(&why))?;
        let areas = request.areas.iter().map(|id| self.area(id)).collect::<Result<_, _>>()?;
        let gases = request.gases.iter().map(|id| self.gas(id)).collect::<Result<_, _>>()?;
        let mut joins = Vec::new();
        for id in request.warnings.iter().collect::<BTreeSet<_>>() {
            joins.extend(self.joining(id)?);
        }
        Ok((Act::Open { title: request.title.clone().into(), discovered_at, areas, gases }, joins))
    }

    /// The acts of a request.
    pub(super) fn acts(&self, act: &IncidentAct) -> Result<Vec<Act>, BackendError> {
        Ok(match act.clone() {
            IncidentAct::Change(request) => self.changes(request)?,
            IncidentAct::Note(request) => vec![Act::Note { text: request.text }],
            IncidentAct::Task(request) => {
                let due = request.due_ms.map(Timestamp::from_millis);
                vec![Act::Task { text: request.text, owner: request.owner, due }]
            }
            IncidentAct::TaskDone(task, request) => {
                vec![Act::TaskDone { task, note: request.note }]
            }
            IncidentAct::Met(duty, request) => {
                let at = request.at_ms.map_or_else(|| self.now(), Timestamp::from_millis);
                vec![Act::Met { duty, at, reference: request.reference }]
            }
            IncidentAct::Join(id) => self.joining(&id)?,
            IncidentAct::Close(request) => {
                let (cause, lessons, unmet) = (request.cause, request.lessons, request.unmet);
                vec![Act::Close { cause, lessons, unmet }]
            }
            IncidentAct::Reopen(request) => vec![Act::Reopen { reason: request.reason }],
        })
    }

    fn changes(&self, request: ChangeIncidentRequest) -> Result<Vec<Act>, BackendError> {
        let ChangeIncidentRequest { title, discovered_at_ms, figures, grade } = request;
        let figures = figures.map(|figures| self.figures(figures)).transpose()?;
        let discovered_at = discovered_at_ms.map(Timestamp::from_millis);
        let changes = title.is_some() || discovered_at.is_some() || figures.is_some();
        let change = changes.then_some(Act::Change { title, discovered_at, figures });
        let grade = grade.map(|judged| Act::Grade {
            grade: judged.grade.map(views::grade_of),
            reason: judged.reason,
        });
        Ok(change.into_iter().chain(grade).collect())
    }

    fn figures(&self, figures: FiguresView) -> Result<Figures, BackendError> {
        let FiguresView { deaths, poisoned, evacuated, loss_yuan, other } = figures;
        let rows = &self.settings.incidents.reporting.grades;
        let criteria: BTreeSet<_> =
            rows.iter().flat_map(|row| &row.other).map(|one| one.id.as_str()).collect();
        if let Some(strange) = other.iter().find(|id| !criteria.contains(id.as_str())) {
            return Err(unknown("criterion", strange));
        }
        Ok(Figures { deaths, poisoned, evacuated, loss_yuan, other })
    }

    fn area(&self, id: &str) -> Result<AreaId, BackendError> {
        let found = self.settings.site.areas.iter().find(|area| area.id.as_str() == id);
        found.map(|area| area.id.clone()).ok_or_else(|| unknown("area", id))
    }

    fn gas(&self, id: &str) -> Result<GasId, BackendError> {
        let found = self.settings.site.gases.iter().find(|gas| gas.id.as_str() == id);
        found.map(|gas| gas.id.clone()).ok_or_else(|| unknown("gas", id))
    }

    /// A warning joins, and leaves at once where it is over.
    fn joining(&self, id: &str) -> Result<Vec<Act>, BackendError> {
        let id = WarningId::from_text(id);
        let found = self.ledger.warning(&id).map_err(|error| refused(error.into()))?;
        let warning = found.ok_or_else(|| unknown("warning", id.as_str()))?;
        let (area, gas, tier) = (warning.area, warning.gas, warning.tier_peak);
        let leave = (!warning.state.is_open()).then(|| Act::Leave { warning: id.clone() });
        Ok([Act::Join { warning: id, area, gas, tier }].into_iter().chain(leave).collect())
    }
}
