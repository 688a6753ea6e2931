//! What the API needs from the station about drills. Part of [`crate::Backend`], and what can be
//! wrong with such an act.
//!
//! A drill never touches what is real: it cannot begin beside a real warning, and a real one ends
//! it. Acts on its warnings are those of [`crate::Life`].

use axum::http::StatusCode;
use siskin_model::Who;

use crate::backend::BackendError;
use crate::contract::{DrillReportView, DrillRequest, DrillView, DrillsView};
use crate::problem::Kind;

/// Drills at a station.
pub trait Drills: Send + Sync + 'static {
    /// The drill that runs, and all of them.
    fn drills(&self) -> Result<DrillsView, BackendError>;
    /// One drill.
    fn drill(&self, number: u64) -> Result<DrillView, BackendError>;
    /// Begins a drill; returns once it is on disk.
    fn begin_drill(&self, who: &Who, request: &DrillRequest) -> Result<DrillView, BackendError>;
    /// Ends a drill; returns once it is on disk.
    fn end_drill(&self, who: &Who, number: u64, note: &str) -> Result<DrillView, BackendError>;
    /// What people did in it.
    fn drill_report(&self, number: u64) -> Result<DrillReportView, BackendError>;
}

/// Why an act about drills is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DrillFault {
    /// No drill by this number.
    #[error("There is no drill `{0}`. See /api/v1/drills.")]
    NotFound(String),
    /// The scenario does not fit the site.
    #[error("The drill cannot be played: {en}. Correct it and send it again.")]
    Unfit {
        /// Why.
        en: String,
        /// Why, in Chinese.
        zh: String,
    },
    /// One runs.
    #[error("Drill {0} runs, and only one can run at a time. End it first.")]
    Runs(u64),
    /// Something real comes first.
    #[error(
        "The real warning `{0}` is open, and no drill can begin beside it. \
         Deal with it until it is over; then begin the drill."
    )]
    RealWarning(String),
    /// It has ended.
    #[error("Drill {0} is over; nothing was done. See its report.")]
    Over(u64),
}

impl DrillFault {
    pub(crate) fn kind(&self) -> Kind {
        const CONFLICT: StatusCode = StatusCode::CONFLICT;
        match self {
            Self::NotFound(_) => Kind(StatusCode::NOT_FOUND, "drill-not-found", "No such drill"),
            Self::Unfit { .. } => {
                Kind(StatusCode::UNPROCESSABLE_ENTITY, "drill-unfit", "The drill does not fit")
            }
            Self::Runs(_) => Kind(CONFLICT, "drill-runs", "A drill runs"),
            Self::RealWarning(_) => Kind(CONFLICT, "real-warning-open", "A real warning is open"),
            Self::Over(_) => Kind(CONFLICT, "drill-over", "The drill is over"),
        }
    }

    pub(crate) fn detail_zh(&self) -> String {
        match self {
            Self::NotFound(number) => {
                format!("没有编号为“{number}”的演练。全部演练见 /api/v1/drills。")
            }
            Self::Unfit { zh, .. } => format!("演练方案无法执行：{zh}。请改正后重新提交。"),
            Self::Runs(number) => {
                format!("第 {number} 号演练正在进行，同一时间只能进行一个演练。请先结束该演练。")
            }
            Self::RealWarning(id) => {
                format!("真实预警“{id}”尚未结束，不能开始演练。请先处置完毕，再开始演练。")
            }
            Self::Over(number) => {
                format!("第 {number} 号演练已结束，本次未作任何操作。请查看演练报告。")
            }
        }
    }
}
