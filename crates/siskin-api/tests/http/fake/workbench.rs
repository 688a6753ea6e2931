//! The workbench of the fake: it says what was asked.

use siskin_api::{
    BackendError, BacktestRequest, BacktestView, FindingPlaceView, FindingView, RuleCheckView,
    RuleFilesRequest, RuleSetView, RuleStatesView, RuleTestView, RuleTestsRequest, RuleTestsView,
    RuleTextView, TextView, WhichSet, Workbench, WorkbenchFault,
};
use siskin_model::Who;

use super::{AT, Fake};

fn text(zh: &str, en: &str) -> TextView {
    TextView { zh: zh.to_owned(), en: en.to_owned() }
}

fn finding(file: &str) -> FindingView {
    let place = FindingPlaceView {
        file: file.to_owned(),
        line: 3,
        column: 1,
        end_line: 3,
        end_column: 9,
        label: "not known here".to_owned(),
    };
    FindingView {
        severity: "error".to_owned(),
        text: text("未知的键", "unknown key"),
        hint: text("是否应为", "did you mean"),
        places: vec![place],
    }
}

fn backtest(id: u64, by: &str) -> BacktestView {
    BacktestView {
        id,
        state: "queued".to_owned(),
        progress: 0.0,
        by: by.to_owned(),
        asked_at: AT.to_owned(),
        from: AT.to_owned(),
        to: AT.to_owned(),
        running_version: 2,
        candidate_version: None,
        incident: None,
        channels: Vec::new(),
        failure: None,
        result: None,
    }
}

impl Workbench for Fake {
    fn rule_set(&self, which: WhichSet) -> Result<RuleSetView, BackendError> {
        let (set, number) = match which {
            WhichSet::Running => ("running", 2),
            WhichSet::Shadow => return Err(BackendError::NoShadow),
            WhichSet::Version(number @ 1..=2) => ("version", number),
            WhichSet::Version(number) => return Err(BackendError::RuleVersionNotFound(number)),
        };
        let file = RuleTextView {
            path: "rules/a.toml".to_owned(),
            text: "x".to_owned(),
            sha256: "2d71".to_owned(),
            is_bundled: false,
        };
        Ok(RuleSetView { set: set.to_owned(), number, files: vec![file], tests: Vec::new() })
    }

    fn rule_schema(&self) -> Result<serde_json::Value, BackendError> {
        Ok(serde_json::json!({ "type": "object" }))
    }

    fn check_rules(&self, request: &RuleFilesRequest) -> Result<RuleCheckView, BackendError> {
        let findings: Vec<_> = request.files.keys().map(|file| finding(file)).collect();
        Ok(RuleCheckView {
            is_sound: findings.is_empty(),
            rules: 0,
            findings,
            not_listed: 0,
            changes: Vec::new(),
        })
    }

    fn test_rules(&self, request: &RuleTestsRequest) -> Result<RuleTestsView, BackendError> {
        if request.files.is_some() {
            return Err(WorkbenchFault::TestsRun.into());
        }
        let test = RuleTestView {
            name: text("氯气", "chlorine"),
            file: "tests/a.toml".to_owned(),
            line: 1,
            state: "passed".to_owned(),
            differences: Vec::new(),
        };
        let (passed, failed, not_run) = (1, 0, 0);
        Ok(RuleTestsView { passed, failed, not_run, tests: vec![test], findings: Vec::new() })
    }

    fn rule_states(&self, rule: Option<&str>) -> Result<RuleStatesView, BackendError> {
        if let Some(id) = rule.filter(|id| *id != "a") {
            return Err(WorkbenchFault::RuleNotFound(id.to_owned()).into());
        }
        let (rules, channels) = (Vec::new(), Vec::new());
        Ok(RuleStatesView { at: AT.to_owned(), version: 2, rules, channels })
    }

    fn backtests(&self) -> Result<Vec<BacktestView>, BackendError> {
        Ok(vec![backtest(2, "li"), backtest(1, "han")])
    }

    fn begin_backtest(
        &self,
        who: &Who,
        request: &BacktestRequest,
    ) -> Result<BacktestView, BackendError> {
        match (&request.incident, request.version) {
            (Some(_), _) => Err(WorkbenchFault::QueueFull(4).into()),
            (None, Some(version)) => Err(BackendError::RuleVersionNotFound(version)),
            (None, None) if request.from.is_none() => {
                let (en, zh) = ("no range".to_owned(), "没有时间范围".to_owned());
                Err(WorkbenchFault::Unfit { en, zh }.into())
            }
            (None, None) => Ok(backtest(3, &who.name)),
        }
    }

    fn backtest(&self, id: u64) -> Result<BacktestView, BackendError> {
        match id {
            1 | 2 => Ok(backtest(id, "li")),
            _ => Err(WorkbenchFault::BacktestNotFound(id.to_string()).into()),
        }
    }

    fn drop_backtest(&self, who: &Who, id: u64) -> Result<BacktestView, BackendError> {
        self.backtest(id)?;
        Ok(BacktestView { state: "cancelled".to_owned(), ..backtest(id, &who.name) })
    }
}
