//! Other rules, between two groups of readings.
//!
//! The set was checked before it came here. Must never leave the engine between two sets: a change
//! that cannot be warmed from the stores leaves the old one running. Once the new one runs it is
//! written down, at the latest as soon as the disk takes it, and only then told.

use std::sync::Arc;

use siskin_api::LiveEvent;
use siskin_api::backend::BackendError;
use siskin_engine::{Effects, RuleSet, Standing};
use siskin_model::Reading;
use siskin_store::ledger::{NewRuleVersion, RuleVersion};

use super::super::past::StoredPast;
use super::super::rules::{RulesChange, RulesNow};
use super::super::views;
use super::{Command, Pipeline};

/// How the rules stood between two groups of readings.
#[derive(Debug)]
pub(crate) struct RulesStand {
    pub(crate) version: u64,
    /// The set that the standings' places are of.
    pub(crate) rules: Arc<RuleSet>,
    pub(crate) standings: Vec<Standing>,
}

impl Pipeline {
    /// Tells `rules` from now on which rules run.
    pub(crate) fn show_rules(&mut self, rules: &Arc<RulesNow>) {
        self.rules = Arc::clone(rules);
    }

    /// What concerns rules; other commands are dealt with before.
    pub(super) fn command_on_rules(&mut self, command: Command) {
        match command {
            Command::ChangeRules(change) => self.change_rules(*change),
            Command::BeginShadow { feed, answer } => {
                // From this moment on the copy and the feed see the same readings.
                if answer.send(Box::new(self.engine.clone())).is_ok() {
                    self.shadow = Some(feed);
                }
            }
            Command::EndShadow => self.shadow = None,
            Command::Standings { answer } => {
                // Whoever asked may have hung up.
                let _gone = answer.send(RulesStand {
                    version: self.rules.shared_version().number,
                    rules: self.rules.rules(),
                    standings: self.engine.standings(),
                });
            }
            Command::Intake(_)
            | Command::Backlog { .. }
            | Command::Tick
            | Command::Act(_)
            | Command::Owed(_)
            | Command::Drill(_)
            | Command::Stop => {}
        }
    }

    /// Passes a group on to the shadow set, where one runs.
    pub(super) fn feed_shadow(&mut self, readings: &[Reading], ticked: bool) {
        let now = ticked.then(|| (self.clock)());
        if self.shadow.as_ref().is_some_and(|feed| !feed.give(readings, now)) {
            self.shadow = None;
        }
    }

    fn change_rules(&mut self, change: RulesChange) {
        let RulesChange { rules, made, answer } = change;
        let result = self.try_change(&rules, made).map_err(|error| {
            self.storage_failed(&error);
            BackendError::Unavailable(format!("{error:#}"))
        });
        self.live.show(&[], &self.engine, &self.settings);
        // Whoever asked may have hung up; the rules run.
        let _gone = answer.send(result);
    }

    fn try_change(
        &mut self,
        rules: &Arc<RuleSet>,
        made: NewRuleVersion,
    ) -> anyhow::Result<RuleVersion> {
        // The past is read from the stores, so they must have all that was judged.
        let events = self.commit()?;
        self.publish(events);
        anyhow::ensure!(
            self.unsaved.is_empty(),
            "readings wait for a disk that fails, the rules were not changed; \
             hint: mend the disk, then change them"
        );
        let site = &self.settings.site;
        let mut past = StoredPast { site, series: &self.series, ledger: &self.ledger };
        // Apart from the others: after an error they must not be told.
        let mut effects = Effects::default();
        let now = (self.clock)();
        self.engine.change_rules(now, (site, rules), &mut past, &mut effects)?;
        self.effects.append(&mut effects);
        self.rules.set_rules(Arc::clone(rules));
        self.versions_unwritten.push(made);
        let events = self.commit()?;
        self.live.show(&[], &self.engine, &self.settings);
        self.publish(events);
        Ok(self.rules.version())
    }

    /// Writes the versions that are not in the ledger yet, in order; they are told with the next
    /// effects that are on disk.
    pub(super) fn write_versions(&mut self) -> anyhow::Result<()> {
        while let Some(made) = self.versions_unwritten.first() {
            let (seq, event) = self.ledger.put_rule_version(made)?;
            let made = self.versions_unwritten.remove(0);
            tracing::warn!(
                version = event.version,
                source = event.source.as_str(),
                by = event.by,
                changed = made.diff.len(),
                "other rules run"
            );
            self.rules.set_version(RuleVersion { number: event.version, made });
            let offset_s = self.settings.site.utc_offset_s;
            self.untold.push(LiveEvent::Rules(views::rules_event(seq, &event, offset_s)));
        }
        Ok(())
    }
}
