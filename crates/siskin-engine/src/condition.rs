//! Conditions that keep a bounded memory of their own: everything but the plain high threshold, the
//! window mean and the least-squares trend, which share the channel's ring.
//!
//! A condition is a function of the samples of a bounded window ([`RuleKind::window_ms`]) and of
//! when its alarm was raised, so that re-warming from the store gives the very same state. It never
//! sees ids, tiers, clocks or readings that must not be judged.

use crate::quantum::Quantum;
use crate::rule::RuleKind;

/// What a condition says about the newest sample. `raise` and `clear` are never both true.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Verdict {
    /// The raise condition is met.
    pub raise: bool,
    /// The clear condition is met.
    pub clear: bool,
    /// The level that was judged, in quanta.
    pub judged: f64,
    /// The limit it was judged against, in quanta, where it is not fixed.
    pub limit: Option<f64>,
}

/// A condition with its memory.
#[derive(Debug, Clone)]
pub enum Condition {}

impl Condition {
    /// The condition of a rule on a channel; none for kinds that are judged elsewhere. `factor`
    /// turns the rule's unit into the channel's.
    pub fn of(kind: &RuleKind, quantum: Quantum, factor: f64, gap_ms: i64) -> Option<Self> {
        let _ = (kind, quantum, factor, gap_ms);
        None
    }

    /// Takes a judged sample in. Times rise strictly. `is_raised`: the alarm is raised before it.
    pub fn take(&mut self, t_ms: i64, quanta: i32, is_raised: bool) {
        let _ = (t_ms, quanta, is_raised);
        match *self {}
    }

    /// Looks at the sample that was just taken in; none where the signal is not valid.
    pub fn verdict(&self, t_ms: i64, quanta: i32) -> Option<Verdict> {
        let _ = (t_ms, quanta);
        match *self {}
    }

    /// Bytes held beside the value itself.
    pub fn bytes(&self) -> usize {
        match *self {}
    }
}
