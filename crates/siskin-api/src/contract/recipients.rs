//! Who is told, and how they are reached: without addresses, numbers and secrets.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::words::{TextView, TierView};

/// How a recipient is, the worst first that holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RecipientStateView {
    /// A message was given up, and none was taken since.
    Failed,
    /// A message waits for its receipt longer than the site's time.
    Unreceipted,
    /// The last try failed, and it is tried again.
    Trying,
    /// Nothing is owed.
    Well,
}

/// Somebody who is told of warnings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RecipientView {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: TextView,
    /// `bureau`, `person` or `group`.
    pub kind: String,
    /// The lowest tier that it is told of.
    pub tier_min: TierView,
    /// Ids of the gases that it is told about; empty: all.
    pub gases: Vec<String>,
    /// Ids of the areas that it is told about; empty: all.
    pub areas: Vec<String>,
    /// Told only in these hours of the park, `08:00-18:00`; none: at any.
    pub hours: Option<String>,
    /// Not told in these hours; the top tier is told all the same.
    pub quiet: Option<String>,
    /// Told only while this duty role is filled.
    pub on_duty: Option<String>,
    /// Whether it is told of drills.
    pub drills: bool,
    /// The kinds of its ways in the order in which they are tried: `cap-push`, `cap-files`,
    /// `webhook`, `mail`, `sms`, `voice`, `siren`, `mqtt`.
    pub ways: Vec<String>,
    /// How it is.
    pub state: RecipientStateView,
    /// When it accepted something last; none among the newest 100,000 messages.
    pub accepted_at: Option<String>,
}
