//! What keeps a warning or a channel from calling people for a time: shelves, channels out of
//! service, and proposals that wait for a second person.
//!
//! Each has an end, and stays in the record after it. Must never be without a person and a reason.

use serde::{Deserialize, Serialize};

use crate::{ChannelId, RuleId, Tier, Timestamp, WarningId};

/// What somebody acts on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// A warning.
    Warning(WarningId),
    /// An alarm about equipment: the rule's on the channel.
    Equipment(RuleId, ChannelId),
    /// A channel.
    Channel(ChannelId),
}

impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Warning(id) => write!(f, "{id}"),
            Self::Equipment(rule, channel) => write!(f, "{rule}.{channel}"),
            Self::Channel(id) => write!(f, "{id}"),
        }
    }
}

/// Which kind of hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HoldKind {
    /// A warning or an alarm about equipment is put aside.
    Shelf,
    /// A channel does not call people: somebody works on it.
    OutOfService,
    /// A shelf that waits for a second person.
    Proposal,
    /// A cancellation that waits for a second person.
    Cancellation,
}

impl HoldKind {
    /// The wire name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Shelf => "shelf",
            Self::OutOfService => "out-of-service",
            Self::Proposal => "proposal",
            Self::Cancellation => "cancellation",
        }
    }
}

/// How a hold came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HoldEnd {
    /// Its time was over.
    Expired,
    /// A person ended it.
    Lifted,
    /// The warning rose above the tier that it covers.
    Risen,
    /// A second person confirmed the proposal.
    Confirmed,
    /// What it was about is over, or is no longer part of the site.
    Gone,
}

impl HoldEnd {
    /// The wire name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::Lifted => "lifted",
            Self::Risen => "risen",
            Self::Confirmed => "confirmed",
            Self::Gone => "gone",
        }
    }
}

/// A hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Its id: `<kind>.<subject>.<begun-at>`, and a number where one moment saw several.
    pub id: String,
    /// Which kind.
    pub kind: HoldKind,
    /// What it is about.
    pub subject: Subject,
    /// The tier that it covers, with all below; none for equipment and channels.
    pub tier: Option<Tier>,
    /// Who put it there.
    pub by: String,
    /// The second person, of a shelf that needs two.
    pub confirmed_by: Option<String>,
    /// Why.
    pub reason: String,
    /// Of a channel out of service: the work order.
    pub work_order: Option<String>,
    /// Of a channel out of service: who answers for it.
    pub owner: Option<String>,
    /// When it began, by the station's clock.
    pub begun_at: Timestamp,
    /// When it ends by itself.
    pub until: Timestamp,
    /// Of a proposal: how long the shelf is to last.
    pub shelf_ms: Option<i64>,
    /// When, how and by whom it ended; none: it holds.
    pub ended: Option<Ended>,
}

/// The end of a hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// When.
    pub at: Timestamp,
    /// How.
    pub how: HoldEnd,
    /// Who ended it; none: time or the readings did.
    pub by: Option<String>,
}

impl Hold {
    /// The id of a hold that begins at `at`.
    pub fn id_of(kind: HoldKind, subject: &Subject, at: Timestamp) -> String {
        format!("{}.{subject}.{}", kind.as_str(), at.compact())
    }
}
