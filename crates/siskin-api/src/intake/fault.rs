//! What can be wrong with what a client sent, in both languages.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::problem::{Failure, Kind};

/// Why a request could not be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum IntakeFault {
    #[error("The path cannot be read: {reason}. Write it in UTF-8 with percent signs.")]
    Path { reason: String },
    #[error("The query cannot be used: {reason}. Correct it as /api/v1/openapi.json describes.")]
    Query { reason: String },
    #[error("The body is not JSON: {reason}. Send one JSON object.")]
    Json { reason: String },
    #[error(
        "The body does not fit at `{field}`: {reason}. \
         Correct it as /api/v1/openapi.json describes."
    )]
    Body { field: String, reason: String },
    #[error("The field `{field}` {fault}.")]
    Field { field: &'static str, fault: FieldFault },
    #[error("The body broke off: {reason}. Send it again.")]
    Broken { reason: String },
    #[error("The body did not arrive within {seconds} s. Send it again.")]
    TooSlow { seconds: u64 },
    #[error("The body is larger than {bytes_max} bytes. Send a shorter one.")]
    TooLarge { bytes_max: usize },
    #[error("The body is not marked as JSON. Send it with `Content-Type: application/json`.")]
    NotJson,
}

/// What is wrong with a text that a person wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FieldFault {
    #[error("is empty. Fill it in")]
    Empty,
    #[error("has {count} characters. Use at most {count_max}")]
    TooLong { count: usize, count_max: usize },
    #[error("has the invisible character U+{code:04X}. Remove it, line breaks too")]
    Invisible { code: u32 },
}

impl IntakeFault {
    pub(crate) fn query(reason: impl Into<String>) -> Self {
        let reason = reason.into();
        Self::Query { reason }
    }

    pub(crate) fn kind(&self) -> Kind {
        const BAD: StatusCode = StatusCode::BAD_REQUEST;
        const UNFIT: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
        const LARGE: StatusCode = StatusCode::PAYLOAD_TOO_LARGE;
        const MEDIA: StatusCode = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        match self {
            Self::Path { .. } => Kind(BAD, "bad-path", "Path cannot be read"),
            Self::Query { .. } => Kind(BAD, "bad-query", "Query cannot be used"),
            Self::Json { .. } => Kind(BAD, "bad-json", "Body is not JSON"),
            Self::Body { .. } => Kind(UNFIT, "bad-body", "Body does not fit"),
            Self::Field { .. } => Kind(UNFIT, "bad-field", "Field does not fit"),
            Self::Broken { .. } => Kind(BAD, "body-broken", "Body broke off"),
            Self::TooSlow { .. } => Kind(StatusCode::REQUEST_TIMEOUT, "body-slow", "Body too slow"),
            Self::TooLarge { .. } => Kind(LARGE, "body-too-large", "Body too large"),
            Self::NotJson => Kind(MEDIA, "not-json", "Body is not marked as JSON"),
        }
    }

    pub(crate) fn detail_zh(&self) -> String {
        match self {
            Self::Path { reason } => {
                format!("无法解析请求路径（{reason}）。请使用百分号编码的 UTF-8。")
            }
            Self::Query { reason } => {
                format!("查询参数不正确（{reason}）。请按 /api/v1/openapi.json 的说明改正。")
            }
            Self::Json { reason } => {
                format!("请求内容不是有效的 JSON（{reason}）。请发送一个 JSON 对象。")
            }
            Self::Body { field, reason } => format!(
                "请求内容中的“{field}”不符合要求（{reason}）。\
                 请按 /api/v1/openapi.json 的说明改正。"
            ),
            Self::Field { field, fault } => fault.detail_zh(match *field {
                "display" => "姓名",
                "name" => "名称",
                "note" => "备注",
                "title" => "标题",
                "text" => "内容",
                "owner" => "责任人",
                "reference" => "文号",
                "reason" => "理由",
                "cause" => "原因",
                "lessons" => "经验教训",
                "unmet" => "未履行说明",
                "work_order" => "工单号",
                other => other,
            }),
            Self::Broken { reason } => format!("请求内容接收中断（{reason}）。请重新发送。"),
            Self::TooSlow { seconds } => {
                format!("请求内容未能在 {seconds} 秒内收完。请重新发送。")
            }
            Self::TooLarge { bytes_max } => {
                format!("请求内容超过 {bytes_max} 字节。请缩短后重新发送。")
            }
            Self::NotJson => {
                "请求内容未标明为 JSON。请以 Content-Type: application/json 发送。".to_owned()
            }
        }
    }
}

impl FieldFault {
    fn detail_zh(self, name: &str) -> String {
        match self {
            Self::Empty => format!("{name}不能为空。请填写{name}。"),
            Self::TooLong { count, count_max } => {
                format!("{name}共 {count} 个字符，超过上限 {count_max} 个。请缩短。")
            }
            Self::Invisible { code } => {
                format!("{name}中含有不可见字符（U+{code:04X}）。请删除该字符，也不要换行。")
            }
        }
    }
}

impl IntoResponse for IntakeFault {
    fn into_response(self) -> Response {
        Failure::from(self).into_response()
    }
}
