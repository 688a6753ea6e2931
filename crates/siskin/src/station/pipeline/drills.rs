//! The drill that runs, between two groups of readings.
//!
//! It is given what was judged, after it was judged, and without waiting. What it says is put on
//! disk and told like everything else. Real gas ends it: the real warning is on disk and told
//! first. Must never let a drill begin beside a real warning, nor leave a warning of it open when
//! it is over.

use std::collections::BTreeMap;

use siskin_api::{BackendError, DrillFault, LiveEvent};
use siskin_engine::{Act, DrillEngine, drill};
use siskin_model::{
    AlarmKind, Drill, DrillEnd, DrillEndReason, DrillId, Edge, Hold, NewDrill, Reading, Subject,
    Warning, WarningEvent, WarningId,
};
use tokio::sync::{mpsc, oneshot};

use super::super::drills::{self, DrillFeed, DrillSaid, PassedAct, ShownDrill};
use super::super::views;
use super::acts::{self, Refused, Wanted};
use super::{Command, Pipeline};

/// What becomes of a wish about a drill.
pub(crate) type DrillAnswer = Result<Drill, BackendError>;

/// What concerns drills.
pub(crate) enum DrillCommand {
    Begin(BeginDrill),
    End(EndDrill),
    /// What the drill's engine says.
    Said(Box<DrillSaid>),
}

/// A drill shall begin.
pub(crate) struct BeginDrill {
    pub(crate) plan: NewDrill,
    /// Where its engine answers to.
    pub(crate) commands: mpsc::Sender<Command>,
    pub(crate) answer: oneshot::Sender<DrillAnswer>,
}

/// A person ends a drill.
pub(crate) struct EndDrill {
    pub(crate) id: DrillId,
    pub(crate) by: String,
    pub(crate) note: String,
    pub(crate) answer: oneshot::Sender<DrillAnswer>,
}

/// The drill that runs.
pub(super) struct Running {
    drill: Drill,
    /// None: it takes nothing any more.
    feed: Option<DrillFeed>,
    /// Its open warnings, as they are on disk.
    warnings: BTreeMap<WarningId, Warning>,
    holds: Vec<Hold>,
    /// Why it must end.
    ending: Option<DrillEnd>,
}

impl Running {
    fn end(&mut self, end: DrillEnd) {
        if self.ending.is_none() {
            self.feed = None;
            self.ending = Some(end);
        }
    }

    fn has(&self, act: &Act) -> bool {
        let is_hold = |id: &String| self.holds.iter().any(|hold| hold.id == *id);
        match act {
            Act::Acknowledge(id, ..)
            | Act::Reset(id)
            | Act::Cancel(id, _)
            | Act::Escalate(id, _)
            | Act::Comment(Subject::Warning(id))
            | Act::Shelve(Subject::Warning(id), ..) => self.warnings.contains_key(id),
            Act::Confirm(id) | Act::ConfirmCancel(id, _) | Act::Lift(id) => is_hold(id),
            Act::Comment(_)
            | Act::Shelve(..)
            | Act::AcknowledgeEquipment(..)
            | Act::TakeOut(..) => false,
        }
    }
}

impl Pipeline {
    /// What concerns drills, after the readings and acts of its group.
    pub(super) fn on_drill(&mut self, command: DrillCommand) {
        match command {
            DrillCommand::Begin(BeginDrill { plan, commands, answer }) => {
                // Whoever asked may have hung up; the drill runs, and everybody sees it.
                let _gone = answer.send(self.begin_drill(&plan, commands));
            }
            DrillCommand::End(EndDrill { id, by, note, answer }) => {
                let _gone = answer.send(self.end_by_hand(id, by, &note));
            }
            DrillCommand::Said(said) => self.drill_said(*said),
        }
    }

    fn begin_drill(&mut self, plan: &NewDrill, commands: mpsc::Sender<Command>) -> DrillAnswer {
        let failed = |error: &dyn std::fmt::Display| BackendError::Unavailable(error.to_string());
        let events = self.commit().map_err(|error| failed(&error))?;
        self.publish(events);
        if let Some(running) = &self.drill {
            return Err(DrillFault::Runs(running.drill.id.0).into());
        }
        if let Some(real) = self.engine.warnings().next() {
            return Err(DrillFault::RealWarning(real.id.to_string()).into());
        }
        let drill = self.ledger.begin_drill(plan).map_err(|error| failed(&error))?;
        tracing::warn!(drill = %drill.id, by = plan.begun_by, "a drill begins");
        // From this moment on the copy and the feed see the same readings.
        let site = &self.settings.site;
        let engine = DrillEngine::new(drill.id, self.engine.clone(), site, &plan.scenario);
        let started = drills::start(drill.id, engine, commands);
        let mut running = Running {
            drill: drill.clone(),
            feed: None,
            warnings: BTreeMap::new(),
            holds: Vec::new(),
            ending: None,
        };
        match started {
            Ok(feed) => running.feed = Some(feed),
            Err(error) => running.end(self.ended(DrillEndReason::Failed, &error.to_string())),
        }
        self.drill = Some(running);
        self.show_drill();
        self.publish(vec![LiveEvent::Drill(drills::view(&drill))]);
        Ok(drill)
    }

    fn end_by_hand(&mut self, id: DrillId, by: String, note: &str) -> DrillAnswer {
        let end = DrillEnd { by: Some(by), ..self.ended(DrillEndReason::ByHand, note) };
        match &mut self.drill {
            Some(running) if running.drill.id == id => running.end(end),
            _ => return Err(DrillFault::Over(id.0).into()),
        }
        match self.end_drill() {
            Ok(Some(drill)) => Ok(drill),
            Ok(None) => Err(DrillFault::Over(id.0).into()),
            Err(error) => {
                self.storage_failed(&error);
                Err(BackendError::Unavailable(format!("{error:#}")))
            }
        }
    }

    fn ended(&self, reason: DrillEndReason, note: &str) -> DrillEnd {
        DrillEnd { at: (self.clock)(), reason, by: None, note: note.to_owned() }
    }

    /// Passes a group on to the drill; one that does not keep up ends.
    pub(super) fn feed_drill(&mut self, readings: &[Reading], ticked: bool) {
        let Some(feed) = self.drill.as_ref().and_then(|running| running.feed.as_ref()) else {
            return;
        };
        let now = ticked.then(|| (self.clock)());
        if !feed.give(readings, now) {
            self.drill_failed("it did not keep up with the readings");
        }
    }

    fn drill_failed(&mut self, why: &str) {
        tracing::error!(why, "the drill ends; what is real is not touched");
        let end = self.ended(DrillEndReason::Failed, why);
        if let Some(running) = &mut self.drill {
            running.end(end);
        }
    }

    /// An act on a warning of the drill goes to its engine; others come back.
    pub(super) fn pass_to_drill(&mut self, wanted: Wanted) -> Option<Wanted> {
        let Some(running) = self.drill.as_ref().filter(|running| running.has(&wanted.act)) else {
            return Some(wanted);
        };
        let who = self.acting(&wanted);
        let entry = acts::audit(&wanted.act, &who);
        let Wanted { act, answer, .. } = wanted;
        let Some(feed) = &running.feed else {
            let _gone = answer.send(Err(Refused::DrillOver(running.drill.id)));
            return None;
        };
        if !feed.act(PassedAct { act, who, entry, answer }) {
            self.drill_failed("it did not keep up with acts");
        }
        None
    }

    fn drill_said(&mut self, said: DrillSaid) {
        let DrillSaid { id, warnings, holds, act, failure } = said;
        let running = self.drill.as_mut();
        let running = running.filter(|running| running.drill.id == id && running.ending.is_none());
        let Some(running) = running else {
            // What it said too late did not happen.
            if let Some(act) = act {
                let _gone = act.answer.send(Err(Refused::DrillOver(id)));
            }
            return;
        };
        running.holds = holds;
        self.effects.warnings.extend(warnings);
        let (mut result, mut answer) = (None, None);
        if let Some(act) = act {
            if act.result.is_ok() {
                self.audit.push(act.entry);
            }
            (result, answer) = (Some(act.result.map_err(Refused::Act)), Some(act.answer));
        }
        match self.commit() {
            Ok(events) => {
                self.show_drill();
                self.publish(events);
            }
            Err(error) => {
                self.storage_failed(&error);
                let text = format!("{error:#}");
                let failed = Refused::Disk(BackendError::Unavailable(text));
                result = result.map(|result| result.and(Err(failed)));
            }
        }
        if let (Some(result), Some(answer)) = (result, answer) {
            // Whoever asked may have hung up; the act stands.
            let _gone = answer.send(result);
        }
        if let Some(failure) = failure {
            self.drill_failed(&failure);
        }
    }

    /// Whether what waits to be written is real gas: then the drill must end.
    pub(super) fn look_for_real_gas(&mut self) {
        if self.drill.is_none() {
            return;
        }
        let effects = &self.effects;
        let alarm = effects
            .alarms
            .iter()
            .find(|event| (event.edge, event.alarm.kind) == (Edge::Raise, AlarmKind::Gas));
        let warning = effects.warnings.iter().map(|event| &event.warning);
        let warning =
            warning.filter(|one| one.exercise.is_none() && one.state.is_open()).map(|w| &w.id);
        let real = warning
            .map(ToString::to_string)
            .next()
            .or_else(|| alarm.map(|event| format!("{}.{}", event.alarm.rule, event.alarm.channel)));
        let Some(real) = real else { return };
        let end = self.ended(DrillEndReason::Preempted, &real);
        if let Some(running) = &mut self.drill {
            running.end(end);
        }
    }

    /// What of the drill is on disk now.
    pub(super) fn note_drill(&mut self, written: &[(u64, WarningEvent)]) {
        let Some(running) = &mut self.drill else { return };
        for (_, WarningEvent { warning, .. }) in written {
            if warning.exercise != Some(running.drill.id) {
                continue;
            }
            if warning.state.is_open() {
                running.warnings.insert(warning.id.clone(), warning.clone());
            } else {
                running.warnings.remove(&warning.id);
            }
        }
    }

    /// Ends the drill where it is time; while the disk fails it is tried again.
    pub(super) fn look_after_drill(&mut self) {
        let now = (self.clock)();
        let over = self.ended(DrillEndReason::TimeOver, "");
        let Some(running) = &mut self.drill else { return };
        if now >= running.drill.plan.ends_at {
            running.end(over);
        }
        if running.ending.is_some()
            && let Err(error) = self.end_drill()
        {
            self.storage_failed(&error);
        }
    }

    /// Writes the end of the drill and of its warnings, then tells it.
    fn end_drill(&mut self) -> anyhow::Result<Option<Drill>> {
        // What it said before, and whatever is real, comes first.
        let events = self.commit()?;
        self.publish(events);
        let Some(running) = &self.drill else { return Ok(None) };
        let Some(end) = running.ending.clone() else { return Ok(None) };
        let open = running.warnings.values();
        let endings: Vec<_> = open.map(|warning| drill::ended(warning.clone(), &end)).collect();
        let teller = self.teller.as_ref();
        let messages = teller.map(|teller| teller.messages(&endings, end.at)).unwrap_or_default();
        let written = self.ledger.end_drill(running.drill.id, &end, &endings, &messages)?;
        if let (Some(teller), Some(newest)) = (teller, written.delivery) {
            teller.told(newest);
        }
        tracing::warn!(drill = %running.drill.id, reason = end.reason.as_str(), "a drill is over");
        let mut drill = running.drill.clone();
        drill.ended = Some(end);
        self.drill = None;
        self.show_drill();
        let offset_s = self.settings.site.utc_offset_s;
        let warning = |(seq, event): &(u64, WarningEvent)| {
            LiveEvent::Warning(Box::new(views::warning_event(*seq, event, offset_s)))
        };
        self.publish(written.warnings.iter().map(warning).collect());
        self.publish(vec![LiveEvent::Drill(drills::view(&drill))]);
        Ok(Some(drill))
    }

    fn show_drill(&self) {
        let shown = self.drill.as_ref().map(|running| ShownDrill {
            warnings: running.warnings.values().cloned().collect(),
            holds: running.holds.clone(),
        });
        self.live.shown().drill = shown;
    }
}

#[cfg(test)]
mod tests;
