//! Why a stream of stored readings cannot begin or ends early, in both languages.

use axum::http::StatusCode;

use crate::problem::Kind;

/// Why there is no stream, or no more of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum StreamFault {
    #[error(
        "All {streams_max} streams of stored readings are in use. Wait until one has ended; \
         then try again."
    )]
    TooMany { streams_max: usize },
    #[error("The station is stopping. Ask again when it runs.")]
    Stopping,
    #[error("Whoever asked has signed out meanwhile, or may not look any more. Sign in again.")]
    SignedOut,
    #[error("The stream took longer than {minutes_max} min. Ask for the rest, in shorter ranges.")]
    TooLong { minutes_max: u64 },
}

impl StreamFault {
    pub(crate) fn kind(&self) -> Kind {
        const LATER: StatusCode = StatusCode::SERVICE_UNAVAILABLE;
        match self {
            Self::TooMany { .. } => {
                Kind(LATER, "too-many-record-streams", "Too many streams of stored readings")
            }
            Self::Stopping => Kind(LATER, "stopping", "The station is stopping"),
            Self::SignedOut => {
                Kind(StatusCode::UNAUTHORIZED, "session-over", "The session is over")
            }
            Self::TooLong { .. } => Kind(LATER, "stream-too-long", "Stream too long"),
        }
    }

    pub(crate) fn detail_zh(&self) -> String {
        match self {
            Self::TooMany { streams_max } => {
                format!("历史数据流已达上限（{streams_max} 个）。请等待其中一个结束后重试。")
            }
            Self::Stopping => "监测站正在停止。请在其重新运行后再查询。".to_owned(),
            Self::SignedOut => "登录已失效，数据流已中断。请重新登录后再查询。".to_owned(),
            Self::TooLong { minutes_max } => {
                format!("数据流超过 {minutes_max} 分钟，已中断。请缩短时间范围，分段查询其余部分。")
            }
        }
    }
}
