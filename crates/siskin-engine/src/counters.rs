//! What happened to readings that were not judged: each is counted once (invariant 8).

/// Counts since the engine was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Readings judged by the gas rules or heard by the no-data rules.
    pub judged: u64,
    /// Readings whose quality says that they are no measurement of the air.
    pub not_judged: u64,
    /// Readings older than the newest of their channel: not judged.
    pub late: u64,
    /// Readings that repeat the newest stamp of their channel: not judged again.
    pub duplicates: u64,
    /// Readings stamped too far after their arrival: set aside.
    pub quarantined: u64,
    /// Readings of a channel the engine does not know.
    pub unknown_channel: u64,
    /// Samples that left a window early because [`crate::window::SAMPLES_MAX`] was reached.
    pub window_full: u64,
}
