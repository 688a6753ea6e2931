//! Why figures cannot be told, in both languages.

use axum::http::StatusCode;

use super::SPAN_MS_MAX;
use crate::problem::Kind;

/// Why figures cannot be told. The texts are for people: what happened, then what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KpiFault {
    /// The span has no length.
    #[error("The span ends before it begins, or lies ahead. Let from_ms be earlier than to_ms.")]
    Backwards,
    /// The span is too long.
    #[error("The span is longer than {} days. Ask in parts.", days())]
    TooLong,
    /// No position by this id.
    #[error("There is no position `{0}`. See /api/v1/floods for the positions of this site.")]
    PositionNotFound(String),
    /// More happened than is counted at once.
    #[error("More than {0} events lie in the span. Ask for a shorter one.")]
    TooMuch(usize),
}

fn days() -> i64 {
    SPAN_MS_MAX / (24 * 3_600_000)
}

impl KpiFault {
    pub(crate) fn kind(&self) -> Kind {
        const BAD: StatusCode = StatusCode::BAD_REQUEST;
        match self {
            Self::Backwards | Self::TooLong => Kind(BAD, "bad-query", "The query cannot be used"),
            Self::PositionNotFound(_) => {
                Kind(StatusCode::NOT_FOUND, "position-not-found", "No such position")
            }
            Self::TooMuch(_) => {
                Kind(StatusCode::UNPROCESSABLE_ENTITY, "span-too-full", "Too much in the span")
            }
        }
    }

    /// The same for a Chinese reader.
    pub fn detail_zh(&self) -> String {
        match self {
            Self::Backwards => "时间范围为空或在将来。请让 from_ms 早于 to_ms。".to_owned(),
            Self::TooLong => format!("时间范围超过 {} 天。请分段查询。", days()),
            Self::PositionNotFound(id) => {
                format!("没有操作岗位“{id}”。本站点的岗位见 /api/v1/floods。")
            }
            Self::TooMuch(max) => format!("该时段内事件超过 {max} 条。请缩短时间范围。"),
        }
    }
}
