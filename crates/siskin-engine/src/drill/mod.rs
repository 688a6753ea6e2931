//! Drills (演练): an engine of their own, a copy of the live one, that sees the real readings and a
//! release that is not there.
//!
//! The live engine is not part of this: it never sees what [`Overlay`] makes. What comes out of a
//! [`DrillEngine`] is marked with the drill's number, in its ids too, and is only about what is
//! drilled. Must never tell an alarm about equipment, a flood or a correction: those are the live
//! engine's to tell.

mod mark;
mod overlay;
mod report;
mod scenario;

use std::collections::BTreeSet;

use siskin_model::{
    AreaId, DrillEnd, DrillId, GasId, Hold, Reading, Said, Scenario, Site, Timestamp,
};
use siskin_model::{Warning, WarningChange, WarningEvent, WarningState};

use crate::engine::{Effects, Engine};
use crate::life::{Act, ActError, Acting, Done};

use mark::Mark;
pub use overlay::Overlay;
pub use report::{PersonTimes, Report, RungTime, StepTime, WarningStory};
pub use scenario::{DEFAULT_WIND_M_S, ScenarioError, Wish, WishedChannel};

/// What judges a drill.
#[derive(Debug, Clone)]
pub struct DrillEngine {
    mark: Mark,
    engine: Engine,
    overlay: Overlay,
    /// Which warnings are the drill's.
    about: BTreeSet<(AreaId, GasId)>,
    late: u64,
    effects: Effects,
}

impl DrillEngine {
    /// From a copy of the live engine, taken while no warning about gas is open.
    pub fn new(id: DrillId, copy: Engine, site: &Site, scenario: &Scenario) -> Self {
        let on = |one: &siskin_model::DrilledChannel| {
            let channel = site.channel(site.index_of(&one.channel)?)?;
            Some((channel.area.clone(), scenario.gas.clone()))
        };
        let about = scenario.channels.iter().filter_map(on).collect();
        let overlay = Overlay::new(site, scenario);
        let mark = Mark::of(id);
        Self { mark, engine: copy, overlay, about, late: 0, effects: Effects::default() }
    }

    /// Judges real readings with the release over them. What is late is not judged: there is no
    /// record of a drill to judge it against.
    pub fn readings(&mut self, readings: &[Reading], told: &mut Vec<WarningEvent>) {
        let laid = self.overlay.over(readings);
        self.engine.readings(&laid, &mut self.effects);
        let mut late = 0;
        self.engine.sort_late(|_| {
            late += 1;
            true
        });
        self.late += late;
        self.tell(told);
    }

    /// Time passes.
    pub fn tick(&mut self, now: Timestamp, told: &mut Vec<WarningEvent>) {
        self.engine.tick(now, &mut self.effects);
        self.tell(told);
    }

    /// Does what a person wants with a warning or hold of the drill, with the same table of states
    /// as in earnest.
    pub fn act(
        &mut self,
        act: &Act,
        who: &Acting,
        told: &mut Vec<WarningEvent>,
    ) -> Result<Done, ActError> {
        let plain = self.mark.off(act);
        let done = self.engine.act(&plain, who, &mut self.effects);
        self.tell(told);
        done.map(|done| self.mark.done(done)).map_err(|error| self.mark.error(error))
    }

    /// Holds on warnings of the drill that have not ended.
    pub fn holds(&self) -> Vec<Hold> {
        let open: BTreeSet<_> = self.open().map(|warning| warning.id.clone()).collect();
        let is_own = |hold: &&Hold| match &hold.subject {
            siskin_model::Subject::Warning(id) => open.contains(id),
            _ => false,
        };
        self.engine.holds().filter(is_own).map(|hold| self.mark.hold(hold.clone())).collect()
    }

    /// Late readings that were left out.
    pub fn late(&self) -> u64 {
        self.late
    }

    fn open(&self) -> impl Iterator<Item = &Warning> {
        self.engine.warnings().filter(|warning| self.is_about(warning))
    }

    fn is_about(&self, warning: &Warning) -> bool {
        self.about.contains(&(warning.area.clone(), warning.gas.clone()))
    }

    /// Passes on what is the drill's, marked, and forgets the rest.
    fn tell(&mut self, told: &mut Vec<WarningEvent>) {
        for event in std::mem::take(&mut self.effects.warnings) {
            if self.is_about(&event.warning) {
                told.push(self.mark.event(event));
            }
        }
        self.effects.clear();
    }
}

/// The last step of a warning of a drill that is over: it ends in whatever state it was, because
/// there was nothing to it.
pub fn ended(mut warning: Warning, end: &DrillEnd) -> WarningEvent {
    warning.state = WarningState::Normal;
    warning.changed_at = end.at;
    warning.alarms.clear();
    warning.held.clear();
    warning.chattering.clear();
    warning.is_owed = false;
    (warning.shelf, warning.passing) = (None, None);
    let by = end.by.clone().unwrap_or_else(|| "station".to_owned());
    let said = Some(Said { by, note: end.reason.as_str().to_owned() });
    WarningEvent { change: WarningChange::Ended, at: end.at, warning, said }
}
