//! Alarms about equipment as people see them: with a state, as warnings have.
//!
//! They carry no tier and feed no warning (invariant 2); what they have in common with warnings is
//! the table of states.

use serde::{Deserialize, Serialize};

use crate::{Acknowledgement, Alarm, Hold, Said, Timestamp, WarningChange, WarningState};

/// An alarm about equipment as it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Equipment {
    /// The alarm, as it began last.
    pub alarm: Alarm,
    /// Where it is in its life.
    pub state: WarningState,
    /// Whether the alarm is active.
    pub is_active: bool,
    /// When it last changed.
    pub changed_at: Timestamp,
    /// The last acknowledgement.
    pub acknowledged: Option<Acknowledgement>,
    /// While it is kept from people: whether an acknowledgement is still owed.
    pub is_owed: bool,
    /// While it is shelved.
    pub shelf: Option<Hold>,
}

/// One step in its life.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EquipmentEvent {
    /// What happened.
    pub change: WarningChange,
    /// When.
    pub at: Timestamp,
    /// The alarm after it.
    pub equipment: Equipment,
    /// Of acts of people: who said what.
    pub said: Option<Said>,
}
