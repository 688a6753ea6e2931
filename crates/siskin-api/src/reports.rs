//! What the API needs of reports of incidents. Part of [`crate::Backend`], apart from it because it
//! is about documents and not about readings.

use axum::http::StatusCode;
use siskin_model::{Text, Who};

use crate::backend::BackendError;
use crate::contract::{
    FillReportRequest, ReportDraftView, ReportFormat, ReportKindView, ReportsView,
    SignReportRequest, SignedReportView,
};
use crate::incidents::IncidentFault;
use crate::problem::Kind;

/// The reports of a station's incidents.
pub trait Reports: Send + Sync + 'static {
    /// Signed reports of an incident.
    fn reports(&self, id: &str) -> Result<ReportsView, BackendError>;
    /// A report as it stands.
    fn report_draft(&self, id: &str, kind: ReportKindView)
    -> Result<ReportDraftView, BackendError>;
    /// Fills in fields; returns once it is on disk. The texts have been checked.
    fn fill_report(
        &self,
        who: &Who,
        id: &str,
        kind: ReportKindView,
        request: &FillReportRequest,
    ) -> Result<ReportDraftView, BackendError>;
    /// Signs a report in the name of `who`; returns once it is on disk, whole.
    fn sign_report(
        &self,
        who: &Who,
        id: &str,
        kind: ReportKindView,
        request: &SignReportRequest,
    ) -> Result<SignedReportView, BackendError>;
    /// A version as a document; 0 is the draft.
    fn report_document(
        &self,
        id: &str,
        kind: ReportKindView,
        version: u32,
        format: ReportFormat,
    ) -> Result<Vec<u8>, BackendError>;
}

/// A field that nobody has said yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingField {
    /// Its id, for programs.
    pub id: String,
    /// Its name, for people.
    pub name: Text,
}

fn names(missing: &[MissingField], name: fn(&MissingField) -> &str, between: &str) -> String {
    missing.iter().map(name).collect::<Vec<_>>().join(between)
}

/// Why something about a report was not done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReportFault {
    /// The report has no such field, or it is filled by the signature.
    #[error("The report has no field `{field}` to fill in. Its draft names all.")]
    NoField {
        /// The field.
        field: String,
    },
    /// Fields are missing.
    #[error(
        "The report lacks {}. Fill them in, or say that you sign with fields missing \
         (`with_missing`): they stay marked.",
        names(.missing, |field| &field.name.en, ", ")
    )]
    Incomplete {
        /// Which.
        missing: Vec<MissingField>,
    },
    /// The draft is not the one that was looked at.
    #[error(
        "What you looked at has changed: {}. Look at the draft again, then sign.",
        match .signed {
            Some((version, by)) => format!("`{by}` has signed version {version}"),
            None => "somebody has acted on it, or a warning came, rose or ended".to_owned(),
        }
    )]
    Changed {
        /// The newest version that was signed since, and by whom.
        signed: Option<(u32, String)>,
    },
    /// No such version was signed.
    #[error("No version {version} was signed. See `reports` of the incident; 0 is the draft.")]
    NoVersion {
        /// The version.
        version: u32,
    },
    /// There is no font to make documents with.
    #[error("No document can be made: {reason}.")]
    NoFont {
        /// Why, and what to do.
        reason: String,
    },
}

impl ReportFault {
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::NoField { .. } => {
                Kind(StatusCode::UNPROCESSABLE_ENTITY, "no-such-field", "No such field")
            }
            Self::Incomplete { .. } => {
                Kind(StatusCode::CONFLICT, "report-incomplete", "Fields are missing")
            }
            Self::Changed { .. } => {
                Kind(StatusCode::CONFLICT, "report-changed", "The draft has changed")
            }
            Self::NoVersion { .. } => {
                Kind(StatusCode::NOT_FOUND, "report-not-found", "No such version")
            }
            Self::NoFont { .. } => {
                Kind(StatusCode::SERVICE_UNAVAILABLE, "no-font", "No font for documents")
            }
        }
    }

    /// Ids of the fields that are missing.
    pub(crate) fn fields(&self) -> Option<Vec<String>> {
        let Self::Incomplete { missing } = self else { return None };
        Some(missing.iter().map(|field| field.id.clone()).collect())
    }

    pub(crate) fn detail_zh(&self) -> String {
        match self {
            Self::NoField { field } => {
                format!("报告没有可填写的“{field}”字段。全部字段见草稿。")
            }
            Self::Incomplete { missing } => {
                let fields = names(missing, |field| &field.name.zh, "、");
                format!(
                    "报告尚缺：{fields}。请补齐；确需带缺项签发的，请明确勾选（接口参数 \
                     with_missing），缺项将保留标记。"
                )
            }
            Self::Changed { signed } => {
                let what = match signed {
                    Some((version, by)) => format!("“{by}”已签发第 {version} 版"),
                    None => "其间有人填写或处置，或预警有新增、升级、结束".to_owned(),
                };
                format!("您查看的草稿已有变更：{what}。请重新查看草稿后再签发。")
            }
            Self::NoVersion { version } => {
                format!("第 {version} 版未签发。请查看事件的报告列表；0 表示草稿。")
            }
            Self::NoFont { reason } => {
                format!("无法生成文件：缺少中文字体。请安装 fonts-wqy-microhei。（{reason}）")
            }
        }
    }
}

impl From<ReportFault> for BackendError {
    fn from(fault: ReportFault) -> Self {
        Self::Incident(IncidentFault::Report(fault))
    }
}
