//! What people do with warnings, alarms about equipment and channels, and what keeps them from
//! calling people. Part of [`crate::Backend`], apart from it because it is about acts.
//!
//! An act answers once it is on disk; whose it is comes from the session, never from the body.

mod fault;

use siskin_model::{ChannelId, RuleId, Timestamp, WarningId, Who};

use crate::backend::BackendError;
use crate::contract::{ActDoneView, EquipmentView, FloodView, HoldScope, HoldView, TierView};
use crate::written::WrittenList;

pub use fault::ActFault;

/// What an act is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// A warning.
    Warning(WarningId),
    /// The alarm about equipment of a rule on a channel.
    Equipment(RuleId, ChannelId),
}

/// What a person does. `note` and `reason` have been checked for their form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LifeAct {
    /// Acknowledges.
    Acknowledge {
        /// What.
        about: About,
        /// The tier they saw, of a warning.
        tier: Option<TierView>,
        /// What they take to be the cause; may be empty.
        reason: String,
    },
    /// Writes something.
    Comment(About),
    /// Resets a latched warning.
    Reset(WarningId),
    /// Says that a warning was a mistake.
    Cancel(WarningId),
    /// Takes the next step of the ladder now.
    Escalate {
        /// Of which warning.
        warning: WarningId,
        /// How many steps they saw taken.
        told: u32,
    },
    /// Puts aside for a time.
    Shelve {
        /// What.
        about: About,
        /// The tier they saw, of a warning.
        tier: Option<TierView>,
        /// For how long.
        for_ms: i64,
    },
    /// Takes off the shelf.
    Unshelve(About),
    /// Confirms the proposal of another person.
    Confirm(String),
    /// Ends a hold.
    Lift(String),
    /// Takes a channel out of service.
    TakeOut {
        /// Which.
        channel: ChannelId,
        /// The work order.
        work_order: String,
        /// Who answers for it.
        owner: String,
        /// Until when.
        until: Timestamp,
    },
    /// Puts a channel back into service.
    PutBack(ChannelId),
}

/// Acts and holds of a station.
pub trait Life: Send + Sync + 'static {
    /// Does what a person wants; returns once it is on disk.
    fn act(&self, act: &LifeAct, who: &Who, note: &str) -> Result<ActDoneView, BackendError>;
    /// Shelves, channels out of service and proposals.
    fn holds(&self, scope: HoldScope) -> Result<Vec<HoldView>, BackendError>;
    /// Alarms about equipment that are not over, the longest unchanged first.
    fn equipment(&self) -> Vec<EquipmentView>;
    /// The same, written.
    fn equipment_written(&self) -> Result<WrittenList, BackendError> {
        WrittenList::of(&self.equipment())
    }
    /// The desks and whether they are flooded.
    fn floods(&self) -> Vec<FloodView>;
}
