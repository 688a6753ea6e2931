//! Why the record of alarms is not given, in both languages.

use axum::http::StatusCode;

use super::WHOLE_MAX;
use crate::problem::Kind;

/// Why the record is not given. The texts are for people: what happened, then what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AlarmRecordsFault {
    /// More than one answer holds.
    #[error(
        "More than {WHOLE_MAX} alarms fit. Nothing was left out silently: narrow the time, the \
         state or the area, and take it in parts."
    )]
    TooMany,
    /// The export could not be made.
    #[error("The file could not be made ({0}). Try the other format, and report this.")]
    Unmade(String),
}

impl AlarmRecordsFault {
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::TooMany => {
                Kind(StatusCode::UNPROCESSABLE_ENTITY, "too-many-alarms", "Too many alarms")
            }
            Self::Unmade(_) => {
                Kind(StatusCode::INTERNAL_SERVER_ERROR, "export-failed", "No file was made")
            }
        }
    }

    /// The same for a Chinese reader.
    pub fn detail_zh(&self) -> String {
        match self {
            Self::TooMany => format!(
                "符合条件的报警超过 {WHOLE_MAX} 条，未输出任何部分。请缩小时间、状态或区域范围，分批获取。"
            ),
            Self::Unmade(why) => format!("文件未能生成（{why}）。请改用另一种格式，并报告此问题。"),
        }
    }
}
