//! An engine with its history in memory: for replays, rule tests and backtests, where there is no
//! store to judge late readings again from.
//!
//! Must never judge anything itself: it keeps what the engine says.

use siskin_model::{AlarmEvent, Correction, Reading, Site, Timestamp, WarningEvent};

use crate::counters::Counters;
use crate::engine::{Effects, Engine, EngineError};
use crate::rule::RuleSet;

/// What came out of a rehearsal.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outcome {
    /// The final record: begins and ends of alarms after all corrections, in order of time.
    pub alarms: Vec<AlarmEvent>,
    /// Begins and ends as they were told live, in the order in which they were told.
    pub announced: Vec<AlarmEvent>,
    /// What late readings changed.
    pub corrections: Vec<Correction>,
    /// Steps of warnings as they were told live.
    pub warnings: Vec<WarningEvent>,
    /// What was counted.
    pub counters: Counters,
}

/// An engine and what it has seen.
#[derive(Debug, Clone)]
pub struct Rehearsal {
    engine: Engine,
    effects: Effects,
}

impl Rehearsal {
    /// Nothing seen yet.
    pub fn new(site: &Site, rules: &RuleSet) -> Result<Self, EngineError> {
        Ok(Self { engine: Engine::new(site, rules)?, effects: Effects::default() })
    }

    /// Readings in order of arrival.
    pub fn arrive(&mut self, readings: &[Reading]) {
        self.engine.readings(readings, &mut self.effects);
    }

    /// The clock says `now`.
    pub fn tick(&mut self, now: Timestamp) {
        self.engine.tick(now, &mut self.effects);
    }

    /// All readings are in.
    pub fn finish(mut self) -> Outcome {
        self.engine.finish(&mut self.effects);
        let mut alarms = self.effects.alarms.clone();
        alarms.sort_by(|a, b| (a.at, &a.alarm.channel).cmp(&(b.at, &b.alarm.channel)));
        Outcome {
            alarms,
            announced: self.effects.alarms,
            corrections: self.effects.corrections,
            warnings: self.effects.warnings,
            counters: self.engine.counters(),
        }
    }
}
