//! The workbench of the scripted ledger: nothing is asked.

use siskin_api::{
    BackendError, BacktestRequest, BacktestView, RuleCheckView, RuleFilesRequest, RuleSetView,
    RuleStatesView, RuleTestsRequest, RuleTestsView, WhichSet, Workbench,
};
use siskin_model::Who;

use super::Scripted;

impl Workbench for Scripted {
    fn rule_set(&self, _: WhichSet) -> Result<RuleSetView, BackendError> {
        unreachable!("a stream does not ask for a rule set")
    }

    fn rule_schema(&self) -> Result<serde_json::Value, BackendError> {
        unreachable!("a stream does not ask for a schema")
    }

    fn check_rules(&self, _: &RuleFilesRequest) -> Result<RuleCheckView, BackendError> {
        unreachable!("a stream does not check rules")
    }

    fn test_rules(&self, _: &RuleTestsRequest) -> Result<RuleTestsView, BackendError> {
        unreachable!("a stream does not test rules")
    }

    fn rule_states(&self, _: Option<&str>) -> Result<RuleStatesView, BackendError> {
        unreachable!("a stream does not ask how rules stand")
    }

    fn backtests(&self) -> Result<Vec<BacktestView>, BackendError> {
        unreachable!("a stream does not ask for backtests")
    }

    fn begin_backtest(&self, _: &Who, _: &BacktestRequest) -> Result<BacktestView, BackendError> {
        unreachable!("a stream begins no backtest")
    }

    fn backtest(&self, _: u64) -> Result<BacktestView, BackendError> {
        unreachable!("a stream does not ask for a backtest")
    }

    fn drop_backtest(&self, _: &Who, _: u64) -> Result<BacktestView, BackendError> {
        unreachable!("a stream drops no backtest")
    }
}
