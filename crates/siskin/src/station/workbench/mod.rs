//! The workbench of the rules: texts, checker, rule tests, how rules stand, backtests.
//!
//! Everything here is tried beside the live rules: the pipeline is asked one thing only, how the
//! rules stand, and at most once a second. Must never change which rules run; that is
//! [`super::rules`].

mod backtests;
mod check;
mod schema;
mod states;
mod tests_run;
mod wishes;

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use sha2::{Digest, Sha256};
use siskin_api::contract::{
    BacktestRequest, BacktestView, RuleCheckView, RuleFilesRequest, RuleSetView, RuleStatesView,
    RuleTestsRequest, RuleTestsView, RuleTextView,
};
use siskin_api::{BackendError, WhichSet, Workbench};
use siskin_config::SourceFile;
use siskin_config::rule_tests::FOLDER as TESTS;
use siskin_model::Who;
use siskin_store::ledger::RuleFile;

use super::backend::{StationBackend, unavailable};
use super::rules::{RulesDesk, sets};
pub(crate) use backtests::Backtests;
use states::Looked;

/// What the workbench needs.
pub(crate) struct WorkbenchDesk {
    rules: Arc<RulesDesk>,
    /// The station's data folder: backtests read it.
    data: PathBuf,
    /// One run of rule tests at a time.
    testing: Mutex<()>,
    looked: Mutex<Looked>,
    pub(crate) backtests: Arc<Backtests>,
}

impl WorkbenchDesk {
    pub(crate) fn new(rules: &Arc<RulesDesk>, data: PathBuf) -> Self {
        Self {
            rules: Arc::clone(rules),
            data,
            testing: Mutex::new(()),
            looked: Mutex::default(),
            backtests: Arc::default(),
        }
    }

    fn offset_s(&self) -> i32 {
        self.rules.settings.site.utc_offset_s
    }

    fn set(&self, which: WhichSet) -> Result<RuleSetView, BackendError> {
        let (set, number, files) = match which {
            WhichSet::Running => {
                let version = self.rules.now.shared_version();
                ("running", version.number, version.made.files.clone())
            }
            WhichSet::Shadow => {
                let shadow = self.rules.now.shadow().ok_or(BackendError::NoShadow)?;
                ("shadow", shadow.number, shadow.set.files.clone())
            }
            WhichSet::Version(number) => ("version", number, self.version_files(number)?),
        };
        Ok(RuleSetView {
            set: set.to_owned(),
            number,
            files: files.iter().map(|file| text(&file.path, &file.text)).collect(),
            tests: self.tests()?.iter().map(|file| text(&file.path, &file.text)).collect(),
        })
    }

    fn version_files(&self, number: u64) -> Result<Vec<RuleFile>, BackendError> {
        // The ledger's numbers are i64.
        let known = i64::try_from(number).is_ok();
        let found = if known { self.rules.ledger.rule_version(number) } else { Ok(None) };
        let found = found.map_err(|error| unavailable(&error))?;
        Ok(found.ok_or(BackendError::RuleVersionNotFound(number))?.made.files)
    }

    /// The rule tests as they stand in the site's folder now.
    fn tests(&self) -> Result<Vec<SourceFile>, BackendError> {
        let inputs = self.rules.texts.read_again();
        let inputs = inputs.map_err(|error| BackendError::Unavailable(format!("{error:#}")))?;
        let mut tests = inputs.site;
        tests.retain(|file| file.path.starts_with(TESTS));
        tests.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(tests)
    }

    /// The rule set that people gave as names and texts.
    fn given(
        &self,
        files: &std::collections::BTreeMap<String, String>,
    ) -> anyhow::Result<Vec<RuleFile>> {
        sets::proposed(files, &self.rules.now.shared_version().made.files)
    }
}

fn text(path: &str, text: &str) -> RuleTextView {
    RuleTextView {
        path: path.to_owned(),
        text: text.to_owned(),
        sha256: crate::evidence::hex(&Sha256::digest(text.as_bytes())),
        is_bundled: path.starts_with("rule-sets/"),
    }
}

impl Workbench for StationBackend {
    fn rule_set(&self, which: WhichSet) -> Result<RuleSetView, BackendError> {
        self.workbench.set(which)
    }

    fn rule_schema(&self) -> Result<serde_json::Value, BackendError> {
        Ok(schema::schema(&self.settings, &self.rules.now.rules()))
    }

    fn check_rules(&self, request: &RuleFilesRequest) -> Result<RuleCheckView, BackendError> {
        Ok(self.workbench.check(&request.files))
    }

    fn test_rules(&self, request: &RuleTestsRequest) -> Result<RuleTestsView, BackendError> {
        self.workbench.run_tests(request)
    }

    fn rule_states(&self, rule: Option<&str>) -> Result<RuleStatesView, BackendError> {
        self.workbench.states(rule)
    }

    fn backtests(&self) -> Result<Vec<BacktestView>, BackendError> {
        Ok(self.workbench.backtests.all(self.offset_s()))
    }

    fn begin_backtest(
        &self,
        who: &Who,
        request: &BacktestRequest,
    ) -> Result<BacktestView, BackendError> {
        self.workbench.begin_backtest(who, request)
    }

    fn backtest(&self, id: u64) -> Result<BacktestView, BackendError> {
        self.workbench.backtests.one(id, self.offset_s())
    }

    fn drop_backtest(&self, who: &Who, id: u64) -> Result<BacktestView, BackendError> {
        let left = self.workbench.backtests.drop_one(id, self.offset_s())?;
        tracing::info!(by = %who.name, id, state = left.state, "a backtest was dropped");
        Ok(left)
    }
}
