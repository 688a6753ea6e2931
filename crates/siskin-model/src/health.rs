//! How well an analyzer can be reached. Health is about the line, never about the air.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// State of the way to an analyzer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinkState {
    /// Not tried yet.
    Unknown,
    /// Answers.
    Online,
    /// Answers, but the last exchange failed (exception, payload that cannot be read).
    Degraded,
    /// Does not answer.
    Offline,
}

/// Health of one analyzer, with counters since the start of the process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnalyzerHealth {
    /// Place of the analyzer in [`crate::Site::analyzers`].
    pub analyzer: usize,
    /// State of the way to it.
    pub link: LinkState,
    /// Since when it is in this state, by the station's clock.
    pub since: Timestamp,
    /// When it last gave something usable.
    pub last_ok_at: Option<Timestamp>,
    /// The last failure in words, with a hint; kept after it has passed.
    pub last_error: Option<String>,
    /// The same for a Chinese reader.
    pub last_error_zh: Option<String>,
    /// Exchanges (polls or messages) that gave readings.
    pub exchanges_ok: u64,
    /// Exchanges that failed.
    pub exchanges_failed: u64,
    /// Times the connection was opened.
    pub connects: u64,
    /// Points or payload parts that were refused, each counted once.
    pub refused: u64,
    /// Polls that were left out because the one before them took too long.
    pub polls_late: u64,
}

impl AnalyzerHealth {
    /// The health of an analyzer nobody has spoken to yet.
    pub fn unknown(analyzer: usize, now: Timestamp) -> Self {
        Self {
            analyzer,
            link: LinkState::Unknown,
            since: now,
            last_ok_at: None,
            last_error: None,
            last_error_zh: None,
            exchanges_ok: 0,
            exchanges_failed: 0,
            connects: 0,
            refused: 0,
            polls_late: 0,
        }
    }
}
