//! Reports of incidents (初报, 续报, 处理结果报告): what they say, what is missing, what was signed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::incidents::IncidentFileView;
use super::words::TextView;

/// A kind of report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReportKindView {
    /// 初报.
    First,
    /// 续报.
    FollowUp,
    /// 处理结果报告.
    Final,
}

/// Where a value comes from.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReportSourceView {
    /// `data` or `person`.
    pub from: String,
    /// Which data, or who.
    pub what: String,
    /// When they were read, or when it was said.
    pub at: String,
}

/// A field of a report.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReportFieldView {
    /// Its id.
    pub id: String,
    /// What of the law asks for it.
    pub clause: String,
    /// Its name.
    pub name: TextView,
    /// What a person is asked when it is missing.
    pub question: TextView,
    /// `value`, `missing` or `not-applicable`.
    pub state: String,
    /// Its paragraphs, in Chinese.
    pub lines: Vec<String>,
    /// Why it does not apply.
    pub reason: Option<String>,
    /// Where its value comes from.
    pub sources: Vec<ReportSourceView>,
}

/// A report as it stands now.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReportDraftView {
    /// The incident.
    pub incident: String,
    /// Which report.
    pub kind: ReportKindView,
    /// The version that it has when it is signed.
    pub version: u32,
    /// SHA-256 of what is looked at: all that the draft says but the readings, which go on. Whoever
    /// signs names it.
    pub sha256: String,
    /// Up to when data were read.
    pub made_at: String,
    /// Ids of the fields that nobody has said yet.
    pub missing: Vec<String>,
    /// Its fields, in order.
    pub fields: Vec<ReportFieldView>,
}

/// A signed version.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SignedReportView {
    /// Which report.
    pub kind: ReportKindView,
    /// Its number among those of its kind, from 1.
    pub version: u32,
    /// When it was signed.
    pub at: String,
    /// By whom.
    pub by: String,
    /// How many fields nobody had said.
    pub missing: u32,
    /// SHA-256 of the draft that the signer looked at; null in versions that are older than this.
    pub draft_sha256: Option<String>,
    /// The report as data.
    pub data: IncidentFileView,
    /// The document for editing; null where no font was found.
    pub docx: Option<IncidentFileView>,
    /// The document for reading; null where no font was found.
    pub pdf: Option<IncidentFileView>,
}

/// The reports of an incident.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReportsView {
    /// The incident.
    pub incident: String,
    /// Signed versions, oldest first.
    pub signed: Vec<SignedReportView>,
    /// The number of the next version, by kind.
    pub next_versions: BTreeMap<String, u32>,
    /// Why no documents can be made now.
    pub font_failure: Option<String>,
}

/// What a person says about a field: `{"value": …}` or `{"not_applicable": …}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FillingView {
    /// Its value, 1 to 2,000 characters, with line breaks.
    Value(String),
    /// It does not apply: why, 1 to 2,000 characters.
    NotApplicable(String),
}

/// Fields that are filled in, all or none.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FillReportRequest {
    /// By their ids; at most 100 with `take_back`.
    #[serde(default)]
    pub fields: BTreeMap<String, FillingView>,
    /// Ids of fields of which what was said for this report is taken back.
    #[serde(default)]
    pub take_back: Vec<String>,
}

/// A signature: that of whoever asks.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignReportRequest {
    /// The version of the draft that was read.
    pub version: u32,
    /// Its `sha256`: a draft that has changed since is refused.
    pub draft_sha256: String,
    /// `true`: also with fields that are missing; they stay marked.
    #[serde(default)]
    pub with_missing: bool,
}

/// A form of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ReportFormat {
    /// For editing.
    Docx,
    /// For reading and sending.
    Pdf,
}

/// Query of a document.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReportDocumentQuery {
    /// Its form.
    #[param(inline)]
    pub format: ReportFormat,
}
