//! Messages to bureaus and people, and what became of them.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::words::TierView;

/// Which deliveries are asked for.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MessagesQuery {
    /// Of this warning.
    pub warning: Option<String>,
    /// To this recipient.
    pub recipient: Option<String>,
    /// In this state: `queued`, `sent`, `accepted`, `read`, `failed` or `superseded`.
    pub state: Option<DeliveryStateView>,
    /// Only deliveries with a lower number: the `next_before` of the page before.
    pub before: Option<u64>,
    /// At most this many, 1 to 1,000; 100 where not given.
    pub limit: Option<u32>,
}

/// Where a delivery is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DeliveryStateView {
    /// On disk, and to be sent, for the first time or again.
    Queued,
    /// A try was begun, and nothing is known of its end.
    Sent,
    /// The receiver said that it has it.
    Accepted,
    /// Somebody said that they read it.
    Read,
    /// Every way was tried and none took it.
    Failed,
    /// A newer update was sent in its place.
    Superseded,
}

/// What a message is to whoever gets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MessageKindView {
    /// The first of this warning.
    Alert,
    /// Something about it changed.
    Update,
    /// It was told in error.
    Cancel,
    /// It is over.
    AllClear,
    /// Acknowledged: for sirens that end by that.
    Acknowledged,
    /// Late readings changed what is known.
    Correction,
}

/// A message for one recipient.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DeliveryView {
    /// Its number: the order in which the recipient is told.
    pub number: u64,
    /// The recipient.
    pub recipient: String,
    /// The warning.
    pub warning: String,
    /// Which message of it, from 1.
    pub transition: u32,
    /// What it is to this recipient.
    pub kind: MessageKindView,
    /// Where it is.
    pub state: DeliveryStateView,
    /// The way that is tried, or that took it: its place in the recipient's list, from 0.
    pub way: u32,
    /// Tries on this way so far.
    pub tries: u32,
    /// When it was written.
    pub queued_at: String,
    /// When it was tried last.
    pub sent_at: Option<String>,
    /// When it was accepted, given up or superseded.
    pub ended_at: Option<String>,
    /// When it was read.
    pub read_at: Option<String>,
    /// The last answer, or why there was none; may be empty.
    pub answer: String,
}

/// A page of deliveries, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MessagesView {
    /// The deliveries.
    pub deliveries: Vec<DeliveryView>,
    /// Give it back as `before` for the next page; none on the last one.
    pub next_before: Option<u64>,
}

/// One line in the book of a delivery.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReceiptView {
    /// `try`, `accept`, `retry`, `next-way`, `give-up`, `supersede` or `read`.
    pub happened: String,
    /// When.
    pub at: String,
    /// By which way: its place in the recipient's list, from 0.
    pub way: u32,
    /// What was answered, or why nothing was; may be empty. Of `read`: the account.
    pub answer: String,
}

/// A delivery with its receipts, and what is said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MessageDetailView {
    /// The delivery.
    pub delivery: DeliveryView,
    /// The key under which the recipient takes it once.
    pub key: String,
    /// The tier it tells of.
    pub tier: TierView,
    /// Whether it is an exercise or a test.
    pub is_mock: bool,
    /// The text in Chinese.
    pub text_zh: String,
    /// The text in English.
    pub text_en: String,
    /// What happened, in order.
    pub receipts: Vec<ReceiptView>,
}

/// How a recipient is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RecipientHealthView {
    /// Its id.
    pub recipient: String,
    /// When it accepted something last; since the start of the station.
    pub accepted_at: Option<String>,
    /// Why the last try failed; none after one that did not.
    pub last_error: Option<String>,
    /// Tries that failed since the last one that did not.
    pub failures_in_a_row: u64,
    /// How often its task broke and was started again.
    pub restarts: u64,
}

/// How the outbox is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MessagesHealthView {
    /// Deliveries that are to be sent, or were sent and not answered.
    pub open: u64,
    /// When the oldest of them was written.
    pub oldest_open_at: Option<String>,
    /// Deliveries that were not accepted within the site's time: an alarm of its own.
    pub unreceipted: u64,
    /// Deliveries given up within the last 24 h.
    pub failed: u64,
    /// Why the outbox cannot be looked at; none while it can.
    pub failure: Option<String>,
    /// The recipients, by id.
    pub recipients: Vec<RecipientHealthView>,
}
