//! The rules that run now, for the API and for the acts that change them.
//!
//! Written by the pipeline after a change is on disk, and by the desk. Locks are held for copies.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use siskin_engine::RuleSet;
use siskin_model::Timestamp;
use siskin_store::ledger::{NewRuleVersion, RuleSource, RuleVersion};

use super::shadow::ShadowRun;

/// A change that was refused.
#[derive(Debug, Clone)]
pub(crate) struct Refused {
    pub(crate) at: Timestamp,
    pub(crate) source: RuleSource,
    pub(crate) report: String,
}

/// What can be seen of the rules.
#[derive(Debug)]
pub(crate) struct State {
    version: Arc<RuleVersion>,
    rules: Arc<RuleSet>,
    pub(crate) refused: Option<Refused>,
    pub(crate) restart_needed: Vec<String>,
    pub(crate) shadow: Option<Arc<ShadowRun>>,
}

/// The rules that run now.
#[derive(Debug)]
pub(crate) struct RulesNow(Mutex<State>);

impl RulesNow {
    pub(crate) fn new(version: RuleVersion, rules: RuleSet, refused: Option<Refused>) -> Self {
        Self(Mutex::new(State {
            version: Arc::new(version),
            rules: Arc::new(rules),
            refused,
            restart_needed: Vec::new(),
            shadow: None,
        }))
    }

    /// Rules that no ledger knows: those of a recording.
    pub(crate) fn unversioned(rules: RuleSet) -> Self {
        let made = NewRuleVersion {
            made_at: Timestamp::default(),
            source: RuleSource::Start,
            by: String::new(),
            note: String::new(),
            proposed_by: None,
            files: Vec::new(),
            site_files: Vec::new(),
            diff: Vec::new(),
        };
        Self::new(RuleVersion { number: 0, made }, rules, None)
    }

    /// The state. A panic elsewhere leaves it whole: every write is one assignment.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The engine runs other rules.
    pub(crate) fn set_rules(&self, rules: Arc<RuleSet>) {
        self.state().rules = rules;
    }

    /// They are on disk as this version.
    pub(crate) fn set_version(&self, version: RuleVersion) {
        self.state().version = Arc::new(version);
    }

    pub(crate) fn version(&self) -> RuleVersion {
        self.shared_version().as_ref().clone()
    }

    /// The version without a copy of its texts.
    pub(crate) fn shared_version(&self) -> Arc<RuleVersion> {
        Arc::clone(&self.state().version)
    }

    pub(crate) fn rules(&self) -> Arc<RuleSet> {
        Arc::clone(&self.state().rules)
    }

    pub(crate) fn shadow(&self) -> Option<Arc<ShadowRun>> {
        self.state().shadow.clone()
    }

    pub(crate) fn refuse(&self, at: Timestamp, source: RuleSource, report: String) {
        self.state().refused = Some(Refused { at, source, report });
    }
}
