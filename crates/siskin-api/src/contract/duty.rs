//! Duty as it goes over the wire: contacts, shifts, hand-overs, response cards.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{TextView, TierView};

/// An entry of the contact book.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContactView {
    /// Its id.
    pub id: String,
    /// What people call them.
    pub name: String,
    /// Where they belong; may be empty.
    pub organisation: String,
    /// Telephone numbers, the first one first.
    pub phones: Vec<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Anything else; may be empty.
    pub note: String,
    /// Their account at the station.
    pub account: Option<String>,
}

/// What a contact shall be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactRequest {
    /// What people call them.
    pub name: String,
    /// Where they belong.
    #[serde(default)]
    pub organisation: String,
    /// Telephone numbers, the first one first.
    #[serde(default)]
    pub phones: Vec<String>,
    /// E-mail address.
    #[serde(default)]
    pub email: Option<String>,
    /// Anything else.
    #[serde(default)]
    pub note: String,
    /// Their account at the station.
    #[serde(default)]
    pub account: Option<String>,
}

/// Who is there from one moment to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ShiftView {
    /// Its id.
    pub id: String,
    /// Its begin.
    pub from: String,
    /// Its end.
    pub to: String,
    /// The role.
    pub role: String,
    /// The position; none: the whole role.
    pub position: Option<String>,
    /// Who should be there.
    pub person: String,
    /// Who may take over, in this order.
    pub substitutes: Vec<String>,
    /// Who came instead, in the order it was said.
    pub substitutions: Vec<SubstitutionView>,
}

/// Somebody came instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SubstitutionView {
    /// Who.
    pub person: String,
    /// From when.
    pub from: String,
    /// Until before when.
    pub to: String,
}

/// Which shifts.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ShiftsQuery {
    /// Shifts that end after this moment, in ms since 1970.
    pub from_ms: i64,
    /// And begin before this one; at most a leap year later.
    pub to_ms: i64,
}

/// In which form a roster is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum RosterForm {
    /// A table.
    Csv,
    /// iCalendar, RFC 5545.
    Calendar,
}

/// Which shifts, and how they are written.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RosterExportQuery {
    /// Shifts that end after this moment, in ms since 1970.
    pub from_ms: i64,
    /// And begin before this one; at most a leap year later.
    pub to_ms: i64,
    /// The form.
    pub form: RosterForm,
}

/// A roster to be taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RosterImportRequest {
    /// The file: CSV or iCalendar.
    pub text: String,
    /// Only say what would change.
    #[serde(default)]
    pub dry_run: bool,
    /// Why what has been shall be corrected; needed only then.
    #[serde(default)]
    pub reason: String,
}

/// What a roster changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RosterDifferenceView {
    /// Whether it was taken.
    pub applied: bool,
    /// Shifts that are new.
    pub added: Vec<ShiftView>,
    /// Shifts as they are after it, with another end or other substitutes.
    pub changed: Vec<ShiftView>,
    /// Shifts that are no longer there.
    pub removed: Vec<ShiftView>,
    /// How many stay as they are.
    pub unchanged: usize,
    /// Ids of those that say something else about what has been: taking them needs a reason.
    pub past: Vec<String>,
}

/// Somebody comes instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubstitutionRequest {
    /// Id of the shift.
    pub shift: String,
    /// Id of who comes.
    pub person: String,
    /// From when, in ms since 1970; now, or the shift's begin, where it is left out.
    #[serde(default)]
    pub from_ms: Option<i64>,
    /// Until when; the shift's end where it is left out.
    #[serde(default)]
    pub to_ms: Option<i64>,
    /// Why.
    #[serde(default)]
    pub note: String,
}

/// Duty now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DutyView {
    /// The station's clock.
    pub now: String,
    /// Every desk that must never be empty, and every other one that the roster names.
    pub desks: Vec<DeskView>,
    /// What somebody should see to, most pressing first.
    pub notices: Vec<DutyNoticeView>,
}

/// A desk now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeskView {
    /// The role.
    pub role: String,
    /// The position; none: the whole role.
    pub position: Option<String>,
    /// What people call it, where the site says.
    pub name: Option<TextView>,
    /// Whether it must never be empty.
    pub required: bool,
    /// Who is there, and then who may take over.
    pub people: Vec<ContactView>,
    /// How many of them are there.
    pub there: usize,
    /// When the roster says something else.
    pub next_change: Option<String>,
}

/// Something about duty that somebody should see to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DutyNoticeView {
    /// `no-desks`, `gap`, `hand-over-due`, `hand-over-not-begun` or `hand-over-not-acknowledged`.
    pub kind: String,
    /// The role it is about.
    pub role: Option<String>,
    /// The position.
    pub position: Option<String>,
    /// From when.
    pub from: Option<String>,
    /// Until when; of a gap the end of what was looked at at most.
    pub to: Option<String>,
    /// What it is and what to do.
    pub text: TextView,
}

/// Begins a hand-over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HandOverRequest {
    /// The role.
    pub role: String,
    /// The position.
    #[serde(default)]
    pub position: Option<String>,
    /// What who goes has to say.
    #[serde(default)]
    pub note: String,
}

/// Acknowledges a hand-over.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HandOverAcknowledgeRequest {
    /// What who comes has to say.
    #[serde(default)]
    pub note: String,
}

/// A hand-over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HandOverView {
    /// Its number.
    pub number: u64,
    /// The role.
    pub role: String,
    /// The position.
    pub position: Option<String>,
    /// The relief it is for.
    pub relief_at: String,
    /// When it was begun.
    pub begun_at: String,
    /// Who went.
    pub begun_by: String,
    /// What they said.
    pub note: String,
    /// What the station said then.
    pub summary: HandOverSummaryView,
    /// Who has heard it; none while nobody has.
    pub acknowledged_by: Option<String>,
    /// When.
    pub acknowledged_at: Option<String>,
    /// What they noted.
    pub acknowledged_note: Option<String>,
}

/// How the station was when a hand-over was begun.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HandOverSummaryView {
    /// Open warnings, highest tier first, at most 100.
    pub warnings: Vec<HandOverWarningView>,
    /// How many warnings were open.
    pub warnings_open: usize,
    /// Channels without data.
    pub without_data: Vec<String>,
    /// How often each act was done since the shift began, by its name in the audit.
    pub acts: Vec<ActCountView>,
    /// What was shelved; none: this station does not know.
    pub shelved: Option<Vec<String>>,
    /// What was out of service; none: this station does not know.
    pub out_of_service: Option<Vec<String>>,
    /// What keeps something from calling people, with its end: shelves, channels out of service,
    /// shelves that wait for a second person. Those that end first, at most 100.
    #[serde(default)]
    pub holds: Vec<HandOverHoldView>,
    /// Warnings and alarms about equipment that are suppressed by design, at most 100.
    #[serde(default)]
    pub suppressed: Vec<String>,
    /// Drills that run.
    #[serde(default)]
    pub drills: Vec<String>,
    /// Open incidents with the clocks of their duties, at most 100.
    #[serde(default)]
    pub incidents: Vec<HandOverIncidentView>,
}

/// A hold of a hand-over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HandOverHoldView {
    /// `shelf`, `out-of-service` or `proposal`.
    pub kind: String,
    /// What it is about.
    pub subject: String,
    /// Who put it there.
    pub by: String,
    /// Why.
    pub reason: String,
    /// When it ends by itself.
    pub until: String,
}

/// An open incident of a hand-over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HandOverIncidentView {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub title: String,
    /// Its clocks that are not met, in the order of the duties.
    pub clocks: Vec<HandOverClockView>,
}

/// A clock of an incident of a hand-over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HandOverClockView {
    /// The duty's id.
    pub duty: String,
    /// `waiting`, `running`, `close` or `overdue`.
    pub state: String,
    /// When it must have been reported; none while what it counts from has not happened.
    pub due: Option<String>,
}

/// An open warning of a hand-over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HandOverWarningView {
    /// Its id.
    pub id: String,
    /// Its tier.
    pub tier: TierView,
    /// Who acknowledged it.
    pub acknowledged_by: Option<String>,
}

/// How often an act was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ActCountView {
    /// Its name in the audit.
    pub act: String,
    /// How often.
    pub count: u64,
}

/// A response card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CardView {
    /// The gas.
    pub gas: String,
    /// The area; none: anywhere.
    pub area: Option<String>,
    /// From which tier on; none: at any.
    pub tier: Option<TierView>,
    /// Whether the plant has still to replace it by its own plan.
    pub is_template: bool,
    /// What it may come from.
    pub cause: TextView,
    /// What follows if nobody acts.
    pub consequence: TextView,
    /// What to do, in this order.
    pub actions: Vec<TextView>,
    /// Where the plan says so.
    pub plan: TextView,
    /// Whom to call, in this order.
    pub contacts: Vec<CardContactView>,
}

/// Whom a card says to call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CardContactView {
    /// The id that the card names.
    pub id: String,
    /// The name; none: neither the contact book nor the site's receivers know the id.
    pub name: Option<String>,
    /// Telephone numbers.
    pub phones: Vec<String>,
}

/// The card for a warning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CardAnswer {
    /// The card; none: the site has none that fits.
    pub card: Option<CardView>,
}
