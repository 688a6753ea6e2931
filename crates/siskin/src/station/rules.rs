//! Rules that change while the station runs: which set runs, who changed it, and what is tried
//! beside it.
//!
//! A set is checked whole before anything happens; one with problems is refused with its report,
//! and the set that runs goes on. The change itself is made by the pipeline between two groups of
//! readings. Must never judge a reading, and never let a shadow set reach a person.

mod compare;
mod now;
mod refusals;
pub(crate) mod sets;
mod shadow;
mod start;
pub(crate) mod views;
mod watch;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use siskin_api::backend::{BackendError, RulesAct};
use siskin_api::contract::{RulesActRequest, ShadowRequest};
use siskin_collect::Clock;
use siskin_config::Settings;
use siskin_engine::RuleSet;
use siskin_model::Who;
use siskin_store::ledger::{NewRuleVersion, NewShadow, RuleFile, RuleSource, RuleVersion};
use siskin_store::{Ledger, Series};
use tokio::sync::{mpsc, oneshot};

use super::pipeline::Command;

pub(crate) use now::RulesNow;
pub(crate) use sets::SiteTexts;
pub(crate) use shadow::ShadowFeed;
pub(crate) use start::at_start;
pub(crate) use watch::watch;

/// Another set that the pipeline shall run.
#[derive(Debug)]
pub(crate) struct RulesChange {
    /// The set, bound to the channels of the site.
    pub(crate) rules: Arc<RuleSet>,
    /// What the ledger shall say.
    pub(crate) made: NewRuleVersion,
    /// Answered once the set runs and is on disk.
    pub(crate) answer: oneshot::Sender<Result<RuleVersion, BackendError>>,
}

/// Who acts, and what led to it.
#[derive(Debug, Clone)]
pub(crate) struct Actor {
    pub(crate) source: RuleSource,
    pub(crate) by: String,
    pub(crate) note: String,
}

impl Actor {
    /// Nobody is known: a file changed, or a signal came.
    pub(crate) fn unknown(source: RuleSource) -> Self {
        Self { source, by: String::new(), note: String::new() }
    }
}

/// Where the rules are changed. Its methods wait for the pipeline: never call them on an async
/// thread.
pub(crate) struct RulesDesk {
    pub(crate) texts: SiteTexts,
    pub(crate) settings: Arc<Settings>,
    pub(crate) series: Arc<Series>,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) clock: Clock,
    pub(crate) now: Arc<RulesNow>,
    pub(crate) commands: mpsc::Sender<Command>,
    /// Where people find a copy of the set that runs.
    pub(crate) copy: PathBuf,
    /// One act at a time.
    pub(crate) acting: Mutex<()>,
}

fn stopping() -> BackendError {
    BackendError::Unavailable("the station is stopping".to_owned())
}

fn unavailable(error: &impl ToString) -> BackendError {
    BackendError::Unavailable(error.to_string())
}

impl RulesDesk {
    /// A person changes the live rules.
    pub(crate) fn change(
        &self,
        act: RulesAct,
        who: &Who,
        request: &RulesActRequest,
    ) -> Result<RuleVersion, BackendError> {
        let (by, note) = (who.name.clone(), request.note.clone());
        match act {
            RulesAct::Reload => self.reload(&Actor { source: RuleSource::Api, by, note }),
            RulesAct::Promote => {
                let actor = Actor { source: RuleSource::Promotion, by, note };
                self.noted(&actor, "rules.promote", self.promote(actor.clone()))
            }
            RulesAct::Rollback => {
                let actor = Actor { source: RuleSource::Rollback, by, note };
                self.noted(&actor, "rules.rollback", self.roll_back(actor.clone()))
            }
        }
    }

    /// Reads the site's files again. While they say what they said when the running set was made,
    /// nothing changes: a promoted set stays until somebody edits a file.
    pub(crate) fn reload(&self, actor: &Actor) -> Result<RuleVersion, BackendError> {
        self.noted(actor, "rules.reload", self.read_again(actor.clone()))
    }

    fn read_again(&self, actor: Actor) -> Result<RuleVersion, BackendError> {
        let _one_at_a_time = self.acting.lock().unwrap_or_else(PoisonError::into_inner);
        let inputs =
            self.texts.read_again().map_err(|error| self.refused(&actor, format!("{error:#}")))?;
        let waiting = sets::restart_needed(&self.texts.inputs, &inputs);
        if !waiting.is_empty() {
            tracing::warn!(files = ?waiting, "only rules may change while the station runs; \
                 the change of these files needs a restart");
        }
        self.now.state().restart_needed = waiting;
        let set = sets::set_of(&inputs);
        let running = self.now.version();
        if set == running.made.site_files {
            self.now.state().refused = None;
            return Ok(running);
        }
        let site_files = set.clone();
        self.run(actor, set, site_files, None)
    }

    /// Makes the shadow set the live one; another person than the proposer must ask for it.
    fn promote(&self, actor: Actor) -> Result<RuleVersion, BackendError> {
        let _one_at_a_time = self.acting.lock().unwrap_or_else(PoisonError::into_inner);
        let shadow = self.now.shadow().ok_or(BackendError::NoShadow)?;
        let proposed_by = shadow.set.by.clone();
        // An account's name has one spelling, and whatever it uses to come in it is one person.
        if proposed_by == actor.by {
            return Err(BackendError::SamePerson(proposed_by));
        }
        let site_files = self.now.version().made.site_files;
        let files = shadow.set.files.clone();
        let by = actor.by.clone();
        let version = self.run(actor, files, site_files, Some(proposed_by))?;
        self.drop_shadow(&by)?;
        Ok(version)
    }

    /// Goes back to the version before.
    fn roll_back(&self, actor: Actor) -> Result<RuleVersion, BackendError> {
        let _one_at_a_time = self.acting.lock().unwrap_or_else(PoisonError::into_inner);
        let running = self.now.version();
        let before = running.number.checked_sub(1);
        let before = match before.map(|number| self.ledger.rule_version(number)) {
            Some(found) => found.map_err(|error| unavailable(&error))?,
            None => None,
        };
        let before = before.ok_or(BackendError::NothingBefore)?;
        self.run(actor, before.made.files, running.made.site_files, None)
    }

    /// Checks a set and has the pipeline run it.
    fn run(
        &self,
        actor: Actor,
        files: Vec<RuleFile>,
        site_files: Vec<RuleFile>,
        proposed_by: Option<String>,
    ) -> Result<RuleVersion, BackendError> {
        let loaded = sets::load(&self.texts.inputs, &files)
            .map_err(|report| self.refused(&actor, report.render()))?;
        for note in &loaded.notes {
            tracing::info!(%note, "note on the rules");
        }
        let rules = Arc::new(loaded.rules);
        let diff = sets::diff(&self.now.rules(), &rules);
        let Actor { source, by, note } = actor;
        let made_at = (self.clock)();
        let made =
            NewRuleVersion { made_at, source, by, note, proposed_by, files, site_files, diff };
        let (answer, answered) = oneshot::channel();
        let change = RulesChange { rules, made, answer };
        let command = Command::ChangeRules(Box::new(change));
        self.commands.blocking_send(command).map_err(|_| stopping())?;
        let version = answered.blocking_recv().map_err(|_| stopping())??;
        self.now.state().refused = None;
        if let Err(error) = sets::write_copy(&self.copy, &version.made.files) {
            tracing::error!(error = %format!("{error:#}"), "the copy of the running rules is old");
        }
        Ok(version)
    }

    /// Keeps and tells why a change was refused.
    fn refused(&self, actor: &Actor, report: String) -> BackendError {
        let version = self.now.version().number;
        tracing::error!(
            source = actor.source.as_str(),
            version,
            "changed rules were refused, the set that runs goes on:\n{report}"
        );
        self.now.refuse((self.clock)(), actor.source, report.clone());
        BackendError::RulesRefused(report)
    }

    /// Begins a shadow set; one that runs already ends.
    pub(crate) fn begin_shadow(
        &self,
        who: &Who,
        request: &ShadowRequest,
    ) -> Result<(), BackendError> {
        let (by, note) = (who.name.clone(), request.note.clone());
        let actor = Actor { source: RuleSource::Api, by, note };
        self.noted(&actor, "shadow.begin", self.propose(who, request))
    }

    fn propose(&self, who: &Who, request: &ShadowRequest) -> Result<(), BackendError> {
        let _one_at_a_time = self.acting.lock().unwrap_or_else(PoisonError::into_inner);
        let refuse = |report: String| BackendError::RulesRefused(report);
        let files = sets::proposed(&request.files, &self.now.version().made.files)
            .map_err(|error| refuse(format!("{error:#}")))?;
        let loaded =
            sets::load(&self.texts.inputs, &files).map_err(|report| refuse(report.render()))?;
        let set = NewShadow {
            begun_at: (self.clock)(),
            by: who.name.clone(),
            note: request.note.clone(),
            files,
        };
        let begun = self.ledger.begin_shadow(&set).map_err(|error| unavailable(&error))?;
        self.start_shadow(begun, loaded.rules)
    }

    /// Starts the shadow set that the ledger says runs, after a restart.
    pub(crate) fn resume_shadow(&self) -> Result<(), BackendError> {
        let _one_at_a_time = self.acting.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(kept) = self.ledger.shadow().map_err(|error| unavailable(&error))? else {
            return Ok(());
        };
        match sets::load(&self.texts.inputs, &kept.set.files) {
            Ok(loaded) => self.start_shadow(kept, loaded.rules),
            Err(report) => {
                tracing::error!(
                    "the shadow set does not fit the site any more and ends:\n{report}"
                );
                let ended = self.ledger.end_shadow((self.clock)(), "");
                ended.map(drop).map_err(|error| unavailable(&error))
            }
        }
    }

    fn start_shadow(
        &self,
        begun: siskin_store::ledger::Shadow,
        rules: RuleSet,
    ) -> Result<(), BackendError> {
        let (run, feed) = shadow::prepare(begun, rules);
        let (answer, answered) = oneshot::channel();
        let command = Command::BeginShadow { feed, answer };
        self.commands.blocking_send(command).map_err(|_| stopping())?;
        let engine = answered.blocking_recv().map_err(|_| stopping())?;
        let run = run
            .start(*engine, Arc::clone(&self.settings), &self.series, &self.ledger)
            .map_err(|error| unavailable(&error))?;
        self.now.state().shadow = Some(Arc::new(run));
        Ok(())
    }

    /// Ends the shadow set.
    pub(crate) fn end_shadow(&self, who: &Who) -> Result<(), BackendError> {
        let _one_at_a_time = self.acting.lock().unwrap_or_else(PoisonError::into_inner);
        self.now.shadow().ok_or(BackendError::NoShadow)?;
        self.drop_shadow(&who.name)
    }

    fn drop_shadow(&self, by: &str) -> Result<(), BackendError> {
        self.ledger.end_shadow((self.clock)(), by).map_err(|error| unavailable(&error))?;
        self.now.state().shadow = None;
        self.commands.blocking_send(Command::EndShadow).map_err(|_| stopping())
    }
}
