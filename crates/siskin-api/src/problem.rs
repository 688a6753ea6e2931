//! Everything that can go wrong with a request, as RFC 9457 problem documents in two languages.
//!
//! Never answers a failure with an empty body, a page, or a text that does not say what to do.
//! What can be wrong with the request itself is in [`crate::intake`].

use axum::Json;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::access::AccessFault;
use crate::alarm_records::AlarmRecordsFault;
use crate::backend::{BackendError, tier_word};
use crate::bureau::BureauFault;
use crate::contract::{Problem, TierView};
use crate::devices::DeviceFault;
use crate::drills::DrillFault;
use crate::duty::DutyFault;
use crate::incidents::IncidentFault;
use crate::intake::IntakeFault;
use crate::kpi::KpiFault;
use crate::life::ActFault;
use crate::map::MapFault;
use crate::periods::PeriodFault;
use crate::records::StreamFault;
use crate::workbench::WorkbenchFault;

/// When a client that was refused for lack of room may come again.
const RETRY_AFTER_S: u16 = 5;
const INTERNAL_ZH: &str = "监测站内部出错，详情见系统日志。请刷新页面；如果刚才是在确认预警，\
     请先查看是否已记录；若仍出错，请联系系统维护人员。";
const NOTHING_BEFORE_ZH: &str =
    "没有可以退回的版本：规则自首次运行以来未变更。全部版本见 /api/v1/rules/versions。";
const FOREIGN_ORIGIN_ZH: &str =
    "不允许从其他网站的页面进行操作。请用监测站自己的地址打开监控页面后再操作。";
const LINK_REFUSED_ZH: &str = "网关编号或令牌不符。请核对 site.toml 中的 [[edge]] 以及两端的令牌。";

/// Status, stable name and title of a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kind(pub(crate) StatusCode, pub(crate) &'static str, pub(crate) &'static str);

/// Why a request failed. The texts are for people: what happened, then what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    Access(#[from] AccessFault),
    #[error(transparent)]
    Intake(#[from] IntakeFault),
    #[error("The API has no path `{path}`. See /api/v1/openapi.json for the paths it has.")]
    PathNotFound { path: String },
    #[error("There is no file `{path}`. Reload the page: the dashboard may have been updated.")]
    AssetNotFound { path: String },
    #[error("There is no channel `{id}`. See /api/v1/site for the channels of this site.")]
    ChannelNotFound { id: String },
    #[error("There is no warning `{id}`. Reload the list of warnings and choose one of it.")]
    WarningNotFound { id: String },
    #[error("There is no message `{id}`. Reload the list of messages and choose one of it.")]
    MessageNotFound { id: String },
    #[error("There is no uplink `{id}`. See /api/v1/uplinks for those of this site.")]
    UplinkNotFound { id: String },
    #[error("`{id}` was already acknowledged by `{by}`. Reload the list to see it.")]
    AlreadyAcknowledged { id: String, by: String },
    #[error(
        "Warning `{id}` has risen to {} while you were writing; nothing was acknowledged. \
         Look at it again, act by the plan of its tier, and acknowledge that.", tier_word(*tier)
    )]
    Risen { id: String, tier: TierView },
    #[error(
        "The rules have problems, and the set that ran before goes on. Correct what `report` \
         lists and try again."
    )]
    RulesRefused { report: String },
    #[error("There is no version `{number}` of the rules. See /api/v1/rules/versions.")]
    RuleVersionNotFound { number: String },
    #[error("No shadow set runs. Propose one at /api/v1/rules/shadow first.")]
    NoShadow,
    #[error(
        "`{by}` proposed this shadow set, and who proposes may not promote. \
         Ask a second person to look at it and to promote it."
    )]
    SamePerson { by: String },
    #[error("There is no version to go back to. The rules have not changed since the first one.")]
    NothingBefore,
    #[error(
        "No edge gateway has this id and this token. Compare `[[edge]]` in site.toml and the \
         token here with those of the gateway."
    )]
    LinkRefused,
    #[error("This path speaks WebSocket only. Let an edge gateway connect to it.")]
    NoWebSocket,
    #[error("`{path}` does not take this method. Use one that the Allow header names.")]
    MethodNotAllowed { path: String },
    #[error(
        "A page of another origin may not act here. \
         Open the dashboard at the station's own address and act there."
    )]
    ForeignOrigin,
    #[error(
        "The station cannot do this now: {reason}. Reload, and see whether an acknowledgement \
         was recorded; if it fails again, call whoever maintains the station."
    )]
    Unavailable { reason: String },
    #[error(
        "The station did not answer within {seconds} s. Reload, and see whether an \
         acknowledgement was recorded before you repeat it."
    )]
    NoAnswer { seconds: u64 },
    #[error("Too many requests are waiting. Try again in {RETRY_AFTER_S} s.")]
    Busy,
    #[error(
        "All {streams_max} live streams are in use. Close pages that nobody watches; \
         then try again."
    )]
    TooManyStreams { streams_max: usize },
    #[error(transparent)]
    Device(#[from] DeviceFault),
    #[error(transparent)]
    Drill(#[from] DrillFault),
    #[error(transparent)]
    Duty(#[from] DutyFault),
    #[error(transparent)]
    Act(#[from] ActFault),
    #[error(transparent)]
    Bureau(#[from] BureauFault),
    #[error(transparent)]
    Period(#[from] PeriodFault),
    #[error(transparent)]
    Map(#[from] MapFault),
    #[error(transparent)]
    Kpi(#[from] KpiFault),
    #[error(transparent)]
    AlarmRecords(#[from] AlarmRecordsFault),
    #[error(transparent)]
    Workbench(#[from] WorkbenchFault),
    #[error(transparent)]
    Records(#[from] StreamFault),
    #[error(transparent)]
    Incident(#[from] IncidentFault),
    #[error(
        "The station made a mistake; its log says where. Reload, and see whether an \
         acknowledgement was recorded; if it fails again, call whoever maintains the station."
    )]
    Internal,
}

impl Failure {
    fn kind(&self) -> Kind {
        const NONE: StatusCode = StatusCode::NOT_FOUND;
        const LATER: StatusCode = StatusCode::SERVICE_UNAVAILABLE;
        const METHOD: StatusCode = StatusCode::METHOD_NOT_ALLOWED;
        const BROKEN: StatusCode = StatusCode::INTERNAL_SERVER_ERROR;
        match self {
            Self::Access(fault) => fault.kind(),
            Self::Intake(fault) => fault.kind(),
            Self::PathNotFound { .. } => Kind(NONE, "path-not-found", "No such path"),
            Self::AssetNotFound { .. } => Kind(NONE, "asset-not-found", "No such file"),
            Self::ChannelNotFound { .. } => Kind(NONE, "channel-not-found", "No such channel"),
            Self::WarningNotFound { .. } => Kind(NONE, "warning-not-found", "No such warning"),
            Self::MessageNotFound { .. } => Kind(NONE, "message-not-found", "No such message"),
            Self::UplinkNotFound { .. } => Kind(NONE, "uplink-not-found", "No such uplink"),
            Self::AlreadyAcknowledged { .. } => {
                Kind(StatusCode::CONFLICT, "already-acknowledged", "Already acknowledged")
            }
            Self::Risen { .. } => {
                Kind(StatusCode::CONFLICT, "warning-has-risen", "The warning has risen")
            }
            Self::RulesRefused { .. } => {
                Kind(StatusCode::UNPROCESSABLE_ENTITY, "rules-refused", "The rules have problems")
            }
            Self::RuleVersionNotFound { .. } => {
                Kind(NONE, "rule-version-not-found", "No such version")
            }
            Self::NoShadow => Kind(StatusCode::CONFLICT, "no-shadow", "No shadow set runs"),
            Self::SamePerson { .. } => {
                Kind(StatusCode::CONFLICT, "same-person", "A second person is needed")
            }
            Self::NothingBefore => {
                Kind(StatusCode::CONFLICT, "nothing-before", "No version before")
            }
            Self::MethodNotAllowed { .. } => {
                Kind(METHOD, "method-not-allowed", "Method not allowed")
            }
            Self::LinkRefused => Kind(StatusCode::UNAUTHORIZED, "link-refused", "Not let in"),
            Self::NoWebSocket => {
                Kind(StatusCode::UPGRADE_REQUIRED, "no-websocket", "WebSocket only")
            }
            Self::ForeignOrigin => Kind(StatusCode::FORBIDDEN, "foreign-origin", "Foreign origin"),
            Self::Unavailable { .. } => Kind(LATER, "unavailable", "Not possible now"),
            Self::NoAnswer { .. } => Kind(LATER, "no-answer", "No answer in time"),
            Self::Busy => Kind(LATER, "busy", "Too many requests"),
            Self::TooManyStreams { .. } => Kind(LATER, "too-many-streams", "Too many live streams"),
            Self::Device(fault) => fault.kind(),
            Self::Drill(fault) => fault.kind(),
            Self::Duty(fault) => fault.kind(),
            Self::Act(fault) => fault.kind(),
            Self::Bureau(fault) => fault.kind(),
            Self::Period(fault) => fault.kind(),
            Self::Map(fault) => fault.kind(),
            Self::Kpi(fault) => fault.kind(),
            Self::AlarmRecords(fault) => fault.kind(),
            Self::Workbench(fault) => fault.kind(),
            Self::Records(fault) => fault.kind(),
            Self::Incident(fault) => fault.kind(),
            Self::Internal => Kind(BROKEN, "internal", "Internal error"),
        }
    }

    /// Written for the people who read Chinese, not word by word.
    fn detail_zh(&self) -> String {
        match self {
            Self::Access(fault) => fault.detail_zh(),
            Self::Intake(fault) => fault.detail_zh(),
            Self::PathNotFound { path } => {
                format!("接口中没有路径“{path}”。可用路径见 /api/v1/openapi.json。")
            }
            Self::AssetNotFound { path } => {
                format!("找不到文件“{path}”。监控页面可能已更新，请刷新页面。")
            }
            Self::ChannelNotFound { id } => {
                format!("没有编号为“{id}”的监测通道。本站点的通道见 /api/v1/site。")
            }
            Self::WarningNotFound { id } => {
                format!("没有编号为“{id}”的预警。请刷新预警列表后重新选择。")
            }
            Self::MessageNotFound { id } => message_not_found_zh(id),
            Self::UplinkNotFound { id } => no_uplink_zh(id),
            Self::AlreadyAcknowledged { id, by } => {
                format!("“{id}”已由“{by}”确认，无需重复确认。请刷新列表查看。")
            }
            Self::Risen { id, tier } => risen_zh(id, *tier),
            Self::RulesRefused { .. } => {
                "规则有误，未生效，原规则继续运行。请按 report 中列出的问题改正后重试。".to_owned()
            }
            Self::RuleVersionNotFound { number } => {
                format!("没有第“{number}”版规则。全部版本见 /api/v1/rules/versions。")
            }
            Self::NoShadow => {
                "当前没有试运行的规则。请先在 /api/v1/rules/shadow 提交一套规则试运行。".to_owned()
            }
            Self::SamePerson { by } => {
                format!("这套试运行规则由“{by}”提出，提出人不能自己批准。请由第二人审核后批准。")
            }
            Self::NothingBefore => NOTHING_BEFORE_ZH.to_owned(),
            Self::MethodNotAllowed { path } => {
                format!("“{path}”不支持该请求方法。请改用响应头 Allow 中列出的方法。")
            }
            Self::LinkRefused => LINK_REFUSED_ZH.to_owned(),
            Self::NoWebSocket => "该地址只支持 WebSocket，请由边缘网关连接。".to_owned(),
            Self::ForeignOrigin => FOREIGN_ORIGIN_ZH.to_owned(),
            Self::Unavailable { reason } => unavailable_zh(reason),
            Self::NoAnswer { seconds } => no_answer_zh(*seconds),
            Self::Busy => format!("等待处理的请求过多。请 {RETRY_AFTER_S} 秒后重试。"),
            Self::TooManyStreams { streams_max } => {
                format!("实时连接已达上限（{streams_max} 个）。请关闭无人查看的监控页面后重试。")
            }
            Self::Device(fault) => fault.detail_zh(),
            Self::Drill(fault) => fault.detail_zh(),
            Self::Duty(fault) => fault.detail_zh(),
            Self::Act(fault) => fault.detail_zh(),
            Self::Bureau(fault) => fault.detail_zh(),
            Self::Period(fault) => fault.detail_zh(),
            Self::Map(fault) => fault.detail_zh(),
            Self::Kpi(fault) => fault.detail_zh(),
            Self::AlarmRecords(fault) => fault.detail_zh(),
            Self::Workbench(fault) => fault.detail_zh(),
            Self::Records(fault) => fault.detail_zh(),
            Self::Incident(fault) => fault.detail_zh(),
            Self::Internal => INTERNAL_ZH.to_owned(),
        }
    }

    /// The document that goes over the wire.
    pub(crate) fn document(&self) -> Problem {
        let Kind(status, name, title) = self.kind();
        Problem {
            kind: format!("/problems/{name}"),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: self.to_string(),
            detail_zh: self.detail_zh(),
            report: match self {
                Self::RulesRefused { report } => Some(report.clone()),
                Self::Duty(fault) => fault.report(),
                _ => None,
            },
            fields: match self {
                Self::Incident(IncidentFault::Report(fault)) => fault.fields(),
                _ => None,
            },
        }
    }
}

fn risen_zh(id: &str, tier: TierView) -> String {
    let tier = tier_zh(tier);
    format!(
        "填写期间，预警“{id}”已升级为{tier}，本次没有确认。\
         请重新查看，按该级别预案处置后再确认。"
    )
}

fn unavailable_zh(reason: &str) -> String {
    format!(
        "监测站暂时无法完成此操作（原因：{reason}）。请刷新页面；如果刚才是在确认预警，\
         请先查看是否已记录；若仍失败，请联系系统维护人员。"
    )
}

fn no_answer_zh(seconds: u64) -> String {
    format!(
        "监测站在 {seconds} 秒内没有应答。请刷新页面；如果刚才是在确认预警，\
         请先查看是否已记录，再决定是否重新确认。"
    )
}

fn no_uplink_zh(id: &str) -> String {
    format!("没有编号为“{id}”的上传链路。本站点的链路见 /api/v1/uplinks。")
}

fn tier_zh(tier: TierView) -> &'static str {
    match tier {
        TierView::Blue => "蓝色",
        TierView::Yellow => "黄色",
        TierView::Orange => "橙色",
        TierView::Red => "红色",
    }
}

impl From<BackendError> for Failure {
    fn from(error: BackendError) -> Self {
        match error {
            BackendError::ChannelNotFound(id) => Self::ChannelNotFound { id },
            BackendError::WarningNotFound(id) => Self::WarningNotFound { id },
            BackendError::MessageNotFound(id) => Self::MessageNotFound { id },
            BackendError::UplinkNotFound(id) => Self::UplinkNotFound { id },
            BackendError::AlreadyAcknowledged { id, by } => Self::AlreadyAcknowledged { id, by },
            BackendError::Risen { id, tier } => Self::Risen { id, tier },
            BackendError::RulesRefused(report) => Self::RulesRefused { report },
            BackendError::RuleVersionNotFound(number) => {
                Self::RuleVersionNotFound { number: number.to_string() }
            }
            BackendError::NoShadow => Self::NoShadow,
            BackendError::SamePerson(by) => Self::SamePerson { by },
            BackendError::NothingBefore => Self::NothingBefore,
            BackendError::LinkRefused => Self::LinkRefused,
            BackendError::Incident(fault) => Self::Incident(fault),
            BackendError::OtherArea(area) => AccessFault::OtherArea { area }.into(),
            BackendError::People(error) => AccessFault::from(error).into(),
            BackendError::Device(fault) => Self::Device(fault),
            BackendError::Drill(fault) => Self::Drill(fault),
            BackendError::Duty(fault) => Self::Duty(fault),
            BackendError::Act(fault) => Self::Act(fault),
            BackendError::Bureau(fault) => Self::Bureau(fault),
            BackendError::Period(fault) => Self::Period(fault),
            BackendError::Map(fault) => Self::Map(fault),
            BackendError::Kpi(fault) => Self::Kpi(fault),
            BackendError::AlarmRecords(fault) => Self::AlarmRecords(fault),
            BackendError::Workbench(fault) => Self::Workbench(fault),
            BackendError::Unavailable(reason) => Self::Unavailable { reason },
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let Kind(status, name, _) = self.kind();
        if status.is_server_error() {
            tracing::error!(problem = name, detail = %self, "a request failed");
        }
        let mut response = (status, Json(self.document())).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if matches!(
            self,
            Self::Busy | Self::TooManyStreams { .. } | Self::Records(StreamFault::TooMany { .. })
        ) {
            headers.insert(RETRY_AFTER, HeaderValue::from(RETRY_AFTER_S));
        }
        if let Self::Access(fault) = &self {
            if let Some(wait_s) = fault.wait_s() {
                headers.insert(RETRY_AFTER, HeaderValue::from(wait_s));
            }
            if status == StatusCode::UNAUTHORIZED {
                // Not `Basic`: the browser would ask for a password in a window of its own.
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
        }
        response
    }
}

fn message_not_found_zh(id: &str) -> String {
    format!("没有编号为“{id}”的消息。请刷新消息列表后重新选择。")
}
