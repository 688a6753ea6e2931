//! What the API needs of incidents. Part of [`crate::Backend`], apart from it because it is about
//! people and not about readings.
//!
//! Every act answers once it is on disk with its entry in the audit. Texts have been checked for
//! their form; whether areas, gases, warnings and duties exist is the backend's to say.

use std::io::Write;

use axum::http::StatusCode;
use siskin_model::Who;

use crate::backend::BackendError;
use crate::contract::{
    ChangeIncidentRequest, CloseIncidentRequest, IncidentNoteRequest, IncidentTaskRequest,
    IncidentView, IncidentsView, MetRequest, OpenIncidentRequest, ReopenIncidentRequest,
    TaskDoneRequest,
};
use crate::problem::Kind;
use crate::reports::ReportFault;

/// Something that a person does to an incident.
#[derive(Debug, Clone)]
pub enum IncidentAct {
    /// Title, discovery, figures, grade.
    Change(ChangeIncidentRequest),
    /// A note.
    Note(IncidentNoteRequest),
    /// A task.
    Task(IncidentTaskRequest),
    /// A task is done.
    TaskDone(u64, TaskDoneRequest),
    /// A duty was met.
    Met(String, MetRequest),
    /// A warning belongs to it.
    Join(String),
    /// It is closed.
    Close(CloseIncidentRequest),
    /// It is opened again.
    Reopen(ReopenIncidentRequest),
}

/// The incidents of a station.
pub trait Incidents: Send + Sync + 'static {
    /// Incidents, newest first, and the clocks that somebody must look at.
    fn incidents(&self, closed: bool) -> Result<IncidentsView, BackendError>;
    /// One incident with its entries after `after`.
    fn incident(&self, id: &str, after: u64) -> Result<IncidentView, BackendError>;
    /// Opens one.
    fn open_incident(
        &self,
        who: &Who,
        request: &OpenIncidentRequest,
    ) -> Result<IncidentView, BackendError>;
    /// Acts on one.
    fn act_on_incident(
        &self,
        who: &Who,
        id: &str,
        act: &IncidentAct,
    ) -> Result<IncidentView, BackendError>;
    /// Adds a file to one; it is on disk before it is in the ledger.
    fn attach_file(
        &self,
        who: &Who,
        id: &str,
        name: &str,
        bytes: &[u8],
    ) -> Result<IncidentView, BackendError>;
    /// The bytes of a file, by its sum.
    fn incident_file(&self, id: &str, sha256: &str) -> Result<Vec<u8>, BackendError>;
    /// Writes the evidence pack, a zip archive, as it is made. The act stands in the audit.
    fn evidence(&self, who: &Who, id: &str, out: &mut dyn Write) -> Result<(), BackendError>;
}

/// Why an act on an incident was not done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IncidentFault {
    /// No incident by this id.
    #[error("There is no incident `{id}`. See /api/v1/incidents?closed=true for all.")]
    NotFound {
        /// The id.
        id: String,
    },
    /// No file by this sum.
    #[error("The incident has no file `{sha256}`. Its `files` name all.")]
    FileNotFound {
        /// The sum.
        sha256: String,
    },
    /// The act does not fit the incident as it stands.
    #[error("{reason}")]
    Refused {
        /// Why, and what to do.
        reason: String,
        /// The same in Chinese.
        reason_zh: String,
    },
    /// The site does not have what was named.
    #[error("The site has no {what} `{id}`. See /api/v1/site.")]
    Unknown {
        /// `area`, `gas`, `warning` or `criterion`.
        what: &'static str,
        /// The id.
        id: String,
    },
    /// A file is sent as it is.
    #[error("A file is sent as it is. Send it with `Content-Type: application/octet-stream`.")]
    NotOctets,
    /// Something about a report was not done.
    #[error(transparent)]
    Report(#[from] ReportFault),
}

impl IncidentFault {
    pub(crate) fn kind(&self) -> Kind {
        const NONE: StatusCode = StatusCode::NOT_FOUND;
        match self {
            Self::NotFound { .. } => Kind(NONE, "incident-not-found", "No such incident"),
            Self::FileNotFound { .. } => Kind(NONE, "incident-file-not-found", "No such file"),
            Self::Refused { .. } => {
                Kind(StatusCode::CONFLICT, "incident-refused", "The incident does not allow it")
            }
            Self::Unknown { .. } => {
                Kind(StatusCode::UNPROCESSABLE_ENTITY, "not-in-the-site", "Not in the site")
            }
            Self::NotOctets => {
                Kind(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-octets", "Not marked as a file")
            }
            Self::Report(fault) => fault.kind(),
        }
    }

    pub(crate) fn detail_zh(&self) -> String {
        match self {
            Self::NotFound { id } => {
                format!("没有编号为“{id}”的事件。全部事件见 /api/v1/incidents?closed=true。")
            }
            Self::FileNotFound { sha256 } => {
                format!("该事件没有校验值为“{sha256}”的文件。请在事件的 files 中选择。")
            }
            Self::Refused { reason_zh, .. } => reason_zh.clone(),
            Self::Unknown { what, id } => {
                let what = match *what {
                    "area" => "区域",
                    "gas" => "气体",
                    "warning" => "预警",
                    _ => "分级条件",
                };
                format!("本站点没有“{id}”这个{what}。请核对 /api/v1/site。")
            }
            Self::NotOctets => {
                "文件须按原样发送。请以 Content-Type: application/octet-stream 发送。".to_owned()
            }
            Self::Report(fault) => fault.detail_zh(),
        }
    }
}
