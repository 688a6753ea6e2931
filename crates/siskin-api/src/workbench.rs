//! What the API needs from the station so that people can write and try rules. Part of
//! [`crate::Backend`], and what can be wrong with such a wish.
//!
//! Nothing here changes which rules run: that is [`crate::Backend::change_rules`]. What is tried is
//! tried beside the live rules and never slows them.

use axum::http::StatusCode;
use siskin_model::Who;

use crate::backend::BackendError;
use crate::contract::{
    BacktestRequest, BacktestView, RuleCheckView, RuleFilesRequest, RuleSetView, RuleStatesView,
    RuleTestsRequest, RuleTestsView,
};
use crate::problem::Kind;

/// Which rule set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhichSet {
    /// The one that runs.
    Running,
    /// The shadow set.
    Shadow,
    /// A stored version.
    Version(u64),
}

impl WhichSet {
    /// A set as a path names it.
    pub(crate) fn of(name: &str) -> Result<Self, WorkbenchFault> {
        match name {
            "running" => Ok(Self::Running),
            "shadow" => Ok(Self::Shadow),
            number => number
                .parse()
                .map(Self::Version)
                .map_err(|_| WorkbenchFault::SetNotFound(name.to_owned())),
        }
    }
}

/// The workbench of a station.
pub trait Workbench: Send + Sync + 'static {
    /// The texts of a rule set.
    fn rule_set(&self, which: WhichSet) -> Result<RuleSetView, BackendError>;
    /// The form of a rule file as a JSON Schema, with the names of this site.
    fn rule_schema(&self) -> Result<serde_json::Value, BackendError>;
    /// What the checker says of a set.
    fn check_rules(&self, request: &RuleFilesRequest) -> Result<RuleCheckView, BackendError>;
    /// Runs the site's rule tests against a set; one at a time.
    fn test_rules(&self, request: &RuleTestsRequest) -> Result<RuleTestsView, BackendError>;
    /// How the rules stand; `rule`: with each of its channels.
    fn rule_states(&self, rule: Option<&str>) -> Result<RuleStatesView, BackendError>;
    /// Backtests, newest first, without what they found.
    fn backtests(&self) -> Result<Vec<BacktestView>, BackendError>;
    /// Asks for a backtest; returns once it is queued.
    fn begin_backtest(
        &self,
        who: &Who,
        request: &BacktestRequest,
    ) -> Result<BacktestView, BackendError>;
    /// One backtest.
    fn backtest(&self, id: u64) -> Result<BacktestView, BackendError>;
    /// Cancels a backtest, or forgets one that is over.
    fn drop_backtest(&self, who: &Who, id: u64) -> Result<BacktestView, BackendError>;
}

/// Why the workbench does not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WorkbenchFault {
    /// No set by this name.
    #[error("There is no rule set `{0}`. Ask for `running`, `shadow` or the number of a version.")]
    SetNotFound(String),
    /// No rule by this id.
    #[error("No rule `{0}` runs. See /api/v1/rules for those that do.")]
    RuleNotFound(String),
    /// Tests run already.
    #[error("Rule tests run already, and one run at a time is made. Try again in a moment.")]
    TestsRun,
    /// No backtest by this number.
    #[error(
        "There is no backtest `{0}`. The station keeps the newest until it is started again; \
         see /api/v1/backtests."
    )]
    BacktestNotFound(String),
    /// Enough wait.
    #[error("{0} backtests wait already. Wait until one is over, or cancel one.")]
    QueueFull(usize),
    /// It cannot be made.
    #[error("The backtest cannot be made: {en}. Correct it and ask again.")]
    Unfit {
        /// Why.
        en: String,
        /// Why, in Chinese.
        zh: String,
    },
}

impl WorkbenchFault {
    pub(crate) fn kind(&self) -> Kind {
        const NONE: StatusCode = StatusCode::NOT_FOUND;
        const CONFLICT: StatusCode = StatusCode::CONFLICT;
        const UNFIT: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
        match self {
            Self::SetNotFound(_) => Kind(NONE, "rule-set-not-found", "No such rule set"),
            Self::RuleNotFound(_) => Kind(NONE, "rule-not-found", "No such rule"),
            Self::TestsRun => Kind(CONFLICT, "rule-tests-run", "Rule tests run already"),
            Self::BacktestNotFound(_) => Kind(NONE, "backtest-not-found", "No such backtest"),
            Self::QueueFull(_) => Kind(CONFLICT, "backtests-full", "Enough backtests wait"),
            Self::Unfit { .. } => Kind(UNFIT, "backtest-unfit", "The backtest cannot be made"),
        }
    }

    pub(crate) fn detail_zh(&self) -> String {
        match self {
            Self::SetNotFound(name) => {
                format!("没有规则集“{name}”。请用“running”“shadow”或版本号。")
            }
            Self::RuleNotFound(id) => {
                format!("没有正在运行的规则“{id}”。运行中的规则见 /api/v1/rules。")
            }
            Self::TestsRun => "规则测试正在进行，同一时间只能进行一次。请稍后重试。".to_owned(),
            Self::BacktestNotFound(id) => format!(
                "没有编号为“{id}”的回测。监测站只保留最近的回测，重启后清空，请见 /api/v1/backtests。"
            ),
            Self::QueueFull(max) => {
                format!("已有 {max} 个回测在排队。请等其中一个结束，或取消一个。")
            }
            Self::Unfit { zh, .. } => format!("无法回测：{zh}。请改正后重试。"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_named_by_a_word_or_a_number() {
        let check = |name: &str, expected: Option<WhichSet>| {
            assert_eq!(WhichSet::of(name).ok(), expected, "{name}");
        };
        check("running", Some(WhichSet::Running));
        check("shadow", Some(WhichSet::Shadow));
        check("12", Some(WhichSet::Version(12)));
        check("-1", None);
        check("latest", None);
        check("", None);
    }
}
