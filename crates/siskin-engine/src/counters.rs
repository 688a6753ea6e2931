//! What happened to readings that were not judged: each is counted once (invariant 8).

/// Counts since the engine was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Readings judged by the gas rules or heard by the no-data rules.
    pub judged: u64,
    /// Readings whose quality says that they are no measurement of the air.
    pub not_judged: u64,
    /// Readings that say again what was said before: not judged again.
    pub duplicates: u64,
    /// Readings stamped too far after their arrival: set aside.
    pub quarantined: u64,
    /// Readings of a channel the engine does not know.
    pub unknown_channel: u64,
    /// Readings that were judged before their reorder window was over, because too many waited.
    pub held_full: u64,
    /// Readings that came after their channel had been judged further: judged again from history.
    pub late: u64,
    /// Samples that left a window early because [`crate::window::SAMPLES_MAX`] was reached.
    pub window_full: u64,
}
