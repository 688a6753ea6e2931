//! Shelves, channels out of service, alarms about equipment, floods, and the acts on them.
//!
//! No body names who acts: that is the session's.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::health::Problem;
use super::warnings::{AlarmView, WarningChangeView, WarningStateView, WarningView};
use super::words::{TextView, TierView};

/// What keeps a warning, an alarm or a channel from calling people for a time.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct HoldView {
    /// Its id.
    pub id: String,
    /// `shelf`, `out-of-service`, or what waits for a second person: `proposal` (a shelf) or
    /// `cancellation`.
    pub kind: String,
    /// Id of the warning or the channel; of an alarm about equipment `<rule>.<channel>`.
    pub subject: String,
    /// The tier it covers, with all below.
    pub tier: Option<TierView>,
    /// Who put it there.
    pub by: String,
    /// The second person.
    pub confirmed_by: Option<String>,
    /// Why.
    pub reason: String,
    /// Of a channel out of service: the work order.
    pub work_order: Option<String>,
    /// Of a channel out of service: who answers for it.
    pub owner: Option<String>,
    /// When it began.
    pub begun_at: String,
    /// When it ends by itself.
    pub until: String,
    /// The same in milliseconds since 1970, for a countdown.
    pub until_ms: i64,
    /// Milliseconds left when this was answered; 0 where it has ended, and inside a warning.
    pub left_ms: i64,
    /// Of a proposal: for how long the shelf is to last, in minutes.
    pub shelf_minutes: Option<i64>,
    /// When it ended; none: it holds.
    pub ended_at: Option<String>,
    /// `expired`, `lifted`, `risen`, `confirmed` or `gone`.
    pub ended_how: Option<String>,
    /// Who ended it; none where time or the readings did.
    pub ended_by: Option<String>,
}

/// An alarm about equipment as people see it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EquipmentView {
    /// The alarm, as it began last.
    pub alarm: AlarmView,
    /// Where it is in its life.
    pub state: WarningStateView,
    /// Whether it is active.
    pub is_active: bool,
    /// When it last changed.
    pub changed_at: String,
    /// Who acknowledged last.
    pub acknowledged_by: Option<String>,
    /// When.
    pub acknowledged_at: Option<String>,
    /// In which words.
    pub acknowledged_note: Option<String>,
    /// While it is shelved.
    pub shelf: Option<HoldView>,
}

/// One step in the life of an alarm about equipment; `equipment` on the live stream.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EquipmentEventView {
    /// Place in the ledger.
    pub seq: u64,
    /// What happened.
    pub change: WarningChangeView,
    /// When.
    pub at: String,
    /// The alarm after it.
    pub equipment: EquipmentView,
    /// Of acts: who.
    pub by: Option<String>,
    /// Of acts: in which words.
    pub note: Option<String>,
}

/// An operator's desk and whether more calls come than anybody can follow.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct FloodView {
    /// The position's id.
    pub position: String,
    /// Its name.
    pub name: TextView,
    /// The areas it names; empty: all that no other names.
    pub areas: Vec<String>,
    /// Since when it is flooded; none: it is not.
    pub begun_at: Option<String>,
    /// Calls since the ten minutes in which it began.
    pub calls: u64,
    /// Open warnings of the position that people were called to, the first out in front.
    pub first_out: Vec<String>,
}

/// Begin or end of a flood; `flood` on the live stream.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct FloodEventView {
    /// Place in the ledger.
    pub seq: u64,
    /// `began` or `ended`.
    pub change: String,
    /// The position's id.
    pub position: String,
    /// When.
    pub at: String,
    /// When it began.
    pub begun_at: String,
    /// Calls since the ten minutes in which it began.
    pub calls: u64,
}

/// What an act did: one of the three is there.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct ActDoneView {
    /// The warning after it.
    pub warning: Option<WarningView>,
    /// The alarm about equipment after it.
    pub equipment: Option<EquipmentView>,
    /// The hold that began or ended; of the highest tier a proposal, until somebody confirms it.
    pub hold: Option<HoldView>,
}

/// Words that go with an act.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoteRequest {
    /// A note, at most 1,000 characters; a comment must have one.
    #[serde(default)]
    pub note: String,
}

/// What a person acknowledges at once.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcknowledgeManyRequest {
    /// 1 to 50 warnings, each with the tier that was seen.
    pub warnings: Vec<SeenWarning>,
    /// A note, at most 1,000 characters.
    #[serde(default)]
    pub note: String,
    /// What is taken to be the cause, at most 1,000 characters.
    #[serde(default)]
    pub reason: String,
}

/// A warning as somebody saw it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SeenWarning {
    /// Its id.
    pub id: String,
    /// The tier that was seen.
    pub tier: TierView,
}

/// What became of one of several acknowledgements.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AcknowledgedView {
    /// The warning's id.
    pub id: String,
    /// The warning after it, where it was acknowledged.
    pub warning: Option<WarningView>,
    /// Why not, where it was not.
    pub problem: Option<Problem>,
}

/// A wish that the next step of a warning's ladder is taken now.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EscalateRequest {
    /// How many steps had been taken when the person looked (the length of `passing.told`). Where
    /// another number has been taken meanwhile it is refused (409): two persons take one step.
    pub told: u32,
    /// A note, at most 1,000 characters.
    #[serde(default)]
    pub note: String,
}

/// What says that a warning was a mistake.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelRequest {
    /// Why, 1 to 1,000 characters. Whoever was told of the warning reads it.
    pub reason: String,
}

/// A wish to put something aside.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShelveRequest {
    /// The tier that was seen, of a warning: a higher one is not shelved (409).
    #[serde(default)]
    pub tier: Option<TierView>,
    /// For how long.
    pub minutes: u32,
    /// Why, 1 to 1,000 characters.
    pub reason: String,
}

/// A wish to take a channel out of service.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OutOfServiceRequest {
    /// The work order, 1 to 64 characters.
    pub work_order: String,
    /// Who answers for it, 1 to 64 characters.
    pub owner: String,
    /// Until when; at most 30 days ahead.
    pub until_ms: i64,
    /// Why, 1 to 1,000 characters.
    pub reason: String,
}

/// Which holds are asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum HoldScope {
    /// Those that hold.
    #[default]
    Open,
    /// All of the ledger, newest first, at most 1,000.
    All,
}

/// Query of the list of holds.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct HoldsQuery {
    /// `open` (default) or `all`.
    #[serde(default)]
    pub scope: HoldScope,
}

/// What is done with an alarm about equipment.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(tag = "act", rename_all = "kebab-case", deny_unknown_fields)]
pub enum EquipmentActRequest {
    /// Acknowledges it.
    Acknowledge {
        /// A note, at most 1,000 characters.
        #[serde(default)]
        note: String,
    },
    /// Writes something about it.
    Comment {
        /// What, 1 to 1,000 characters.
        note: String,
    },
    /// Puts it aside, as long as the lowest tier allows.
    Shelve {
        /// For how long.
        minutes: u32,
        /// Why, 1 to 1,000 characters.
        reason: String,
    },
    /// Takes it off the shelf.
    Unshelve {
        /// A note, at most 1,000 characters.
        #[serde(default)]
        note: String,
    },
}
