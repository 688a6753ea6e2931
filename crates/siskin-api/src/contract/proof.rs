//! The self-proof: whether the way from the sources to the page is open.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A pulse that came through, as it goes out on the live stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PulseView {
    /// Counted from the start of the station.
    pub number: u64,
    /// When it was sent.
    pub sent_at: String,
}

/// How the way stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ProofState {
    /// The station has just started and no pulse has come through yet.
    Waiting,
    /// Pulses come through.
    Ok,
    /// None came through for two periods and a half: warnings may not come through either.
    Broken,
}

/// A part of the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ProofStage {
    /// From the sources to the thread that judges.
    Collector,
    /// The rules.
    Rules,
    /// The commit to the ledger.
    Ledger,
    /// The live stream.
    Stream,
    /// From the ledger to a worker of the outbox.
    Outbox,
    /// Sending, and writing the receipt down.
    Receipts,
}

/// The newest pulse that came through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProofView {
    /// How the way stands.
    pub state: ProofState,
    /// When the newest pulse that came through was sent.
    pub last_at: Option<String>,
    /// How long ago that was, ms.
    pub age_ms: Option<i64>,
    /// How long it was on its way, ms.
    pub way_ms: Option<i64>,
    /// When the newest pulse was sent whose way through the outbox ended with a receipt on disk.
    pub receipted_at: Option<String>,
    /// How long ago that was, ms.
    pub receipt_age_ms: Option<i64>,
    /// Where pulses are held back; none unless the way is broken.
    pub broken_at: Option<ProofStage>,
}
