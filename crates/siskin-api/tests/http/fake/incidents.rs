//! The fake's one incident, to which everything can be done once.

use std::collections::BTreeMap;
use std::io::Write;

use siskin_api::{
    BackendError, ClosureView, FiguresView, IncidentAct, IncidentEntryView, IncidentFault,
    IncidentFileView, IncidentSummaryView, IncidentView, Incidents, IncidentsView,
    OpenIncidentRequest, TextView,
};
use siskin_model::Who;

use super::{AT, Fake};

pub(crate) const INCIDENT: &str = "park-20260101-1";
/// An incident whose evidence breaks off.
pub(crate) const TORN: &str = "park-20260101-2";
/// What its evidence holds, more than the stream holds for a client that takes nothing.
pub(crate) const EVIDENCE_BYTES: usize = 1_000_000;
const LINE_BYTES: usize = 1_000;

fn summary(id: &str, title: &str) -> IncidentSummaryView {
    IncidentSummaryView {
        id: id.to_owned(),
        title: title.to_owned(),
        title_text: TextView { zh: title.to_owned(), en: title.to_owned() },
        state: "open".to_owned(),
        opened_at: AT.to_owned(),
        opened_by: "station".to_owned(),
        discovered_at: AT.to_owned(),
        areas: vec!["tank-farm".to_owned()],
        gases: vec!["chlorine".to_owned()],
        grade: None,
        warnings: Vec::new(),
        entries: 1,
    }
}

/// As the live stream tells it.
pub(super) fn event() -> IncidentSummaryView {
    summary(INCIDENT, "泄漏")
}

fn view(id: &str, title: &str) -> IncidentView {
    IncidentView {
        incident: summary(id, title),
        figures: FiguresView::default(),
        suggestion: None,
        judgements: Vec::new(),
        clocks: Vec::new(),
        tasks: Vec::new(),
        files: Vec::new(),
        warnings: Vec::new(),
        entries: Vec::new(),
        next_after: None,
        closure: None,
    }
}

fn entry(by: &Who, act: &str, text: &str, about: Option<String>) -> IncidentEntryView {
    IncidentEntryView {
        number: 2,
        at: AT.to_owned(),
        by: by.name.clone(),
        act: act.to_owned(),
        about,
        text: Some(text.to_owned()),
        moment: None,
    }
}

fn known(id: &str) -> Result<IncidentView, BackendError> {
    match id {
        INCIDENT | TORN => Ok(view(id, "泄漏")),
        other => Err(IncidentFault::NotFound { id: other.to_owned() }.into()),
    }
}

impl Incidents for Fake {
    fn incidents(&self, closed: bool) -> Result<IncidentsView, BackendError> {
        let ids = if closed { vec![TORN, INCIDENT] } else { vec![INCIDENT] };
        let incidents = ids.into_iter().map(|id| summary(id, "泄漏")).collect();
        Ok(IncidentsView { incidents, notices: Vec::new(), failure: None })
    }

    fn incident(&self, id: &str, after: u64) -> Result<IncidentView, BackendError> {
        Ok(IncidentView { next_after: (after > 0).then_some(after + 1), ..known(id)? })
    }

    fn open_incident(
        &self,
        _who: &Who,
        request: &OpenIncidentRequest,
    ) -> Result<IncidentView, BackendError> {
        match request.areas.first() {
            Some(area) if area != "tank-farm" => {
                Err(IncidentFault::Unknown { what: "area", id: area.clone() }.into())
            }
            _ => Ok(view(INCIDENT, &request.title)),
        }
    }

    fn act_on_incident(
        &self,
        who: &Who,
        id: &str,
        act: &IncidentAct,
    ) -> Result<IncidentView, BackendError> {
        let mut after = known(id)?;
        let told = match act.clone() {
            IncidentAct::Change(change) => {
                after.incident.grade = change.grade.and_then(|judged| judged.grade);
                after.figures = change.figures.unwrap_or_default();
                entry(who, "change", &change.title.unwrap_or_default(), None)
            }
            IncidentAct::Note(note) => entry(who, "note", &note.text, None),
            IncidentAct::Task(task) => entry(who, "task", &task.text, Some(task.owner)),
            IncidentAct::TaskDone(number, done) => {
                entry(who, "done", &done.note, Some(number.to_string()))
            }
            IncidentAct::Met(duty, met) => entry(who, "met", &met.reference, Some(duty)),
            IncidentAct::Join(warning) => entry(who, "join", "", Some(warning)),
            IncidentAct::Close(close) if close.lessons.is_empty() => {
                let reason = "The incident cannot be closed yet. Write the lessons.".to_owned();
                let reason_zh = "暂不能结案：未填写经验教训。请补齐后再结案。".to_owned();
                return Err(IncidentFault::Refused { reason, reason_zh }.into());
            }
            IncidentAct::Close(close) => {
                let by = who.name.clone();
                let (cause, lessons) = (close.cause, close.lessons);
                let (at, unmet) = (AT.to_owned(), BTreeMap::new());
                after.closure = Some(ClosureView { at, by, cause, lessons, unmet });
                entry(who, "close", "", None)
            }
            IncidentAct::Reopen(reopen) => entry(who, "reopen", &reopen.reason, None),
        };
        after.entries = vec![told];
        Ok(after)
    }

    fn attach_file(
        &self,
        _who: &Who,
        id: &str,
        name: &str,
        bytes: &[u8],
    ) -> Result<IncidentView, BackendError> {
        let (name, bytes) = (name.to_owned(), bytes.len() as u64);
        let file = IncidentFileView { name, bytes, sha256: "ab".to_owned() };
        Ok(IncidentView { files: vec![file], ..known(id)? })
    }

    fn incident_file(&self, id: &str, sha256: &str) -> Result<Vec<u8>, BackendError> {
        known(id)?;
        match sha256 {
            "ab" => Ok(b"photo".to_vec()),
            other => Err(IncidentFault::FileNotFound { sha256: other.to_owned() }.into()),
        }
    }

    fn evidence(&self, _who: &Who, id: &str, out: &mut dyn Write) -> Result<(), BackendError> {
        let broken = |error: std::io::Error| BackendError::Unavailable(error.to_string());
        for _ in 0..EVIDENCE_BYTES / LINE_BYTES {
            out.write_all(&[b'z'; LINE_BYTES]).map_err(broken)?;
        }
        if id == TORN {
            return Err(BackendError::Unavailable("the disk is gone".to_owned()));
        }
        Ok(())
    }
}
