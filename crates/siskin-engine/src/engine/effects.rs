//! What follows from readings, and what can be wrong with an engine's plan.

use siskin_model::{AlarmEvent, Correction, EquipmentEvent, FloodEvent, Hold, WarningEvent};

/// Why a rule set does not fit a site. `siskin-config` never makes such a set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// A binding names a rule that is not there.
    #[error("a binding names rule number {0}, which does not exist; hint: report this as a bug")]
    NoRule(usize),
    /// A binding names a channel that is not there.
    #[error("rule `{rule}` is bound to channel number {channel}; hint: report this as a bug")]
    NoChannel {
        /// The rule.
        rule: String,
        /// The channel's number.
        channel: u32,
    },
    /// The channels are not those that the engine judges.
    #[error("the channels have changed; hint: only rules may change while a station runs")]
    OtherChannels,
    /// The past could not be read.
    #[error(transparent)]
    History(#[from] crate::history::HistoryError),
}

/// What must be written down, in order: alarms first, then the warnings they changed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Effects {
    /// Begins and ends of alarms.
    pub alarms: Vec<AlarmEvent>,
    /// Steps in the lives of warnings.
    pub warnings: Vec<WarningEvent>,
    /// What late readings changed in the record of the past.
    pub corrections: Vec<Correction>,
    /// Steps in the lives of alarms about equipment.
    pub equipment: Vec<EquipmentEvent>,
    /// Holds that began or ended, as they stand after it.
    pub holds: Vec<Hold>,
    /// Begins and ends of alarm floods.
    pub floods: Vec<FloodEvent>,
}

impl Effects {
    /// Whether nothing happened.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many things happened.
    pub fn len(&self) -> usize {
        let told = self.alarms.len() + self.warnings.len() + self.corrections.len();
        told + self.equipment.len() + self.holds.len() + self.floods.len()
    }

    /// Forgets all, keeps the memory.
    pub fn clear(&mut self) {
        self.alarms.clear();
        self.warnings.clear();
        self.corrections.clear();
        self.equipment.clear();
        self.holds.clear();
        self.floods.clear();
    }

    /// Takes all of `other` behind its own.
    pub fn append(&mut self, other: &mut Self) {
        self.alarms.append(&mut other.alarms);
        self.warnings.append(&mut other.warnings);
        self.corrections.append(&mut other.corrections);
        self.equipment.append(&mut other.equipment);
        self.holds.append(&mut other.holds);
        self.floods.append(&mut other.floods);
    }
}
