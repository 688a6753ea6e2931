//! What the API needs of reports of a shift, a day or a month. Part of [`crate::Backend`], apart
//! from it because it reads a month of events and readings: the route calls it few at a time.

use axum::http::StatusCode;

use crate::backend::BackendError;
use crate::contract::{PeriodKindView, PeriodReportView, ReportFormat};
use crate::problem::Kind;

/// Reports of times.
pub trait Periods: Send + Sync + 'static {
    /// The figures of the shift, day or month that `at` lies in: a local date or a moment in RFC
    /// 3339; now where not given.
    fn period_report(
        &self,
        kind: PeriodKindView,
        at: Option<&str>,
    ) -> Result<PeriodReportView, BackendError>;
    /// The same as a document.
    fn period_document(
        &self,
        kind: PeriodKindView,
        at: Option<&str>,
        format: ReportFormat,
    ) -> Result<Vec<u8>, BackendError>;
}

/// Why there is no such report. The texts are for people: what happened, then what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PeriodFault {
    /// Neither a date nor a moment.
    #[error("`{0}` is no date. Write 2026-11-28 or 2026-11-28T08:00:00+08:00 as `at`.")]
    BadAt(String),
    /// It has not begun.
    #[error("The time has not begun yet. Ask for one that has.")]
    Ahead,
    /// The roster has no shift there.
    #[error("The roster has no shift at this time. Import one, or ask for the day.")]
    NoShift,
}

impl PeriodFault {
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::BadAt(_) | Self::Ahead => {
                Kind(StatusCode::BAD_REQUEST, "bad-query", "The query cannot be used")
            }
            Self::NoShift => Kind(StatusCode::NOT_FOUND, "no-shift", "No shift at this time"),
        }
    }

    /// The same for a Chinese reader.
    pub fn detail_zh(&self) -> String {
        match self {
            Self::BadAt(text) => {
                format!("“{text}”不是日期。请在 at 中写 2026-11-28 或 2026-11-28T08:00:00+08:00。")
            }
            Self::Ahead => "该时段尚未开始。请选择已开始的时段。".to_owned(),
            Self::NoShift => "值班表中此时没有班次。请导入值班表，或改查日报。".to_owned(),
        }
    }
}
