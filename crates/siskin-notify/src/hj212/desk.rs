//! What an uplink needs of the station: readings, the book, secrets, the audit.

use std::collections::BTreeMap;
use std::fmt;

use siskin_model::site::Sm4Key;
use siskin_model::uplink::{
    Uplink, UplinkCursor, UplinkDraft, UplinkKind, UplinkMessage, UplinkState, UplinkSummary,
};
use siskin_model::{ChannelIndex, Reading, Timestamp};

/// Why the station could not do it; in its words.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub struct DeskFault(pub String);

/// What a bureau gave and nobody may see.
#[derive(Clone)]
pub struct Secrets {
    /// PW.
    pub password: String,
    /// The key of SM4; none where nothing is encrypted.
    pub key: Option<Sm4Key>,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secrets").finish_non_exhaustive()
    }
}

/// The station as an uplink sees it. Methods may block on a disk: they are called off the async
/// threads.
pub trait Desk: Send + Sync + 'static {
    /// Reads the files of a bureau's secrets.
    fn secrets(&self, uplink: &Uplink) -> Result<Secrets, DeskFault>;
    /// Stored readings of a channel in [from, to), in order.
    fn readings(
        &self,
        channel: ChannelIndex,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Reading>, DeskFault>;
    /// Up to where a kind has come.
    fn cursor(&self, bureau: &str, kind: UplinkKind) -> Result<Option<Timestamp>, DeskFault>;
    /// Puts messages and the cursor into the book; on disk when it returns.
    fn queue(
        &self,
        bureau: &str,
        drafts: &[(UplinkDraft, Timestamp)],
        cursor: Option<UplinkCursor>,
        now: Timestamp,
    ) -> Result<Vec<i64>, DeskFault>;
    /// A QN for a notice.
    fn qn(&self, bureau: &str, now: Timestamp) -> Result<Timestamp, DeskFault>;
    /// The message to send next.
    fn next(&self, bureau: &str, now: Timestamp) -> Result<Option<UplinkMessage>, DeskFault>;
    /// The message of a QN.
    fn of_qn(&self, bureau: &str, qn: Timestamp) -> Result<Option<UplinkMessage>, DeskFault>;
    /// A message goes out.
    fn sent(&self, id: i64, now: Timestamp) -> Result<(), DeskFault>;
    /// A message was answered, or is given up.
    fn ended(
        &self,
        id: i64,
        state: UplinkState,
        answer: &str,
        now: Timestamp,
    ) -> Result<(), DeskFault>;
    /// Gives up what was asked for on a connection that is gone.
    fn fail_asked(&self, bureau: &str, why: &str, now: Timestamp) -> Result<(), DeskFault>;
    /// Gives up the oldest of a kind; how many.
    fn give_up(
        &self,
        bureau: &str,
        kind: UplinkKind,
        keep: u32,
        why: &str,
        now: Timestamp,
    ) -> Result<usize, DeskFault>;
    /// Deletes old messages that have ended; how many.
    fn trim(&self, bureau: &str, before: Timestamp, limit: u32) -> Result<usize, DeskFault>;
    /// Counts.
    fn summary(&self, bureau: &str) -> Result<UplinkSummary, DeskFault>;
    /// What the centre has set.
    fn settings(&self, bureau: &str) -> Result<BTreeMap<String, String>, DeskFault>;
    /// Keeps what the centre set.
    fn set(&self, bureau: &str, key: &str, value: &str) -> Result<(), DeskFault>;
    /// Writes into the audit what the centre of a bureau did, or what went wrong with it. `told`
    /// never holds a secret.
    fn audit(&self, bureau: &str, act: &str, told: &[(&str, String)]) -> Result<(), DeskFault>;
}
