//! Readings that wait until no older one of their channel is expected any more.
//!
//! A reading waits until its channel has been seen more than the reorder window ahead of it, or
//! until it has itself waited that long (a channel that fell silent). Then it is judged, in order
//! of measured-at: readings that come out of order within the window give what the ordered stream
//! gives. A channel whose window is 0 holds nothing. Must never drop a reading.

use std::collections::VecDeque;

use siskin_model::Reading;

/// The most readings one channel holds. At the limit the oldest is judged early: a device that
/// sends faster than this has its window shortened, which [`crate::Counters::held_full`] counts.
pub const HELD_MAX: usize = 4096;

/// What became of a reading at the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Held {
    /// It waits.
    Waits,
    /// It took the place of a waiting one with the same stamp.
    Replaced,
    /// It waits, and the oldest must be judged early.
    Full,
}

/// The readings of one channel that wait.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hold {
    window_ms: i64,
    newest_ms: i64,
    /// One that came later waits before one that came earlier.
    is_mixed: bool,
    held: VecDeque<Reading>,
}

impl Hold {
    pub(crate) fn new(window_ms: i64) -> Self {
        Self { window_ms, newest_ms: i64::MIN, is_mixed: false, held: VecDeque::new() }
    }

    /// Whether nothing ever waits here.
    #[inline]
    pub(crate) fn is_open(&self) -> bool {
        self.window_ms == 0
    }

    pub(crate) fn window_ms(&self) -> i64 {
        self.window_ms
    }

    /// The oldest stamp that waits.
    pub(crate) fn first_ms(&self) -> Option<i64> {
        self.held.front().map(|reading| reading.measured_at.as_millis())
    }

    /// The newest stamp that ever waited here.
    pub(crate) fn last_ms(&self) -> Option<i64> {
        (self.newest_ms != i64::MIN).then_some(self.newest_ms)
    }

    /// What waits, oldest first.
    pub(crate) fn waiting(&self) -> impl Iterator<Item = &Reading> {
        self.held.iter()
    }

    /// Puts a reading in its place. Of equal stamps the one that came last counts, as in the store.
    pub(crate) fn put(&mut self, reading: &Reading) -> Held {
        self.newest_ms = self.newest_ms.max(reading.measured_at.as_millis());
        let place = self.held.partition_point(|held| held.measured_at < reading.measured_at);
        if let Some(same) = self.held.get_mut(place)
            && same.measured_at == reading.measured_at
        {
            *same = *reading;
            return Held::Replaced;
        }
        self.is_mixed |= place < self.held.len();
        self.held.insert(place, *reading);
        if self.held.len() > HELD_MAX { Held::Full } else { Held::Waits }
    }

    /// The oldest reading, if it need not wait longer at `now_ms`.
    #[inline]
    pub(crate) fn take(&mut self, now_ms: i64) -> Option<Reading> {
        let first = self.held.front()?;
        let seen_ahead = self.newest_ms - first.measured_at.as_millis() > self.window_ms;
        if seen_ahead || self.has_waited(first, now_ms) || self.is_behind_waited(now_ms) {
            return self.take_any();
        }
        None
    }

    fn has_waited(&self, reading: &Reading, now_ms: i64) -> bool {
        now_ms.saturating_sub(reading.received_at.as_millis()) > self.window_ms
    }

    /// Whether one that has waited long enough stands behind the first, which came after it.
    fn is_behind_waited(&self, now_ms: i64) -> bool {
        self.is_mixed && self.held.iter().any(|reading| self.has_waited(reading, now_ms))
    }

    /// The oldest reading, whether it may wait or not.
    pub(crate) fn take_any(&mut self) -> Option<Reading> {
        let taken = self.held.pop_front();
        self.is_mixed &= !self.held.is_empty();
        taken
    }

    /// Bytes held beside the value itself.
    pub(crate) fn bytes(&self) -> usize {
        self.held.capacity() * size_of::<Reading>()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use siskin_model::{ChannelIndex, Quality, Timestamp};

    use super::*;

    fn reading(measured_s: i64, received_s: i64) -> Reading {
        let at = |s: i64| Timestamp::from_millis(s * 1000);
        Reading::new(ChannelIndex(0), at(measured_s), at(received_s), Some(1.0), Quality::Good)
    }

    fn all(hold: &mut Hold, now_s: i64) -> Vec<i64> {
        let taken = std::iter::from_fn(|| hold.take(now_s * 1000));
        taken.map(|r| r.measured_at.as_millis() / 1000).collect()
    }

    #[test]
    fn a_reading_waits_for_the_window_and_no_longer() {
        let mut hold = Hold::new(10_000);
        assert_eq!(hold.put(&reading(5, 5)), Held::Waits);
        assert_eq!(hold.put(&reading(15, 15)), Held::Waits);
        // One that is exactly the window older may still come.
        assert!(all(&mut hold, 15).is_empty());
        assert_eq!(hold.put(&reading(6, 15)), Held::Waits);
        assert_eq!(hold.put(&reading(16, 16)), Held::Waits);
        assert_eq!(all(&mut hold, 16), [5]);
        // The channel falls silent: what waits is judged when it has waited long enough.
        assert_eq!(all(&mut hold, 25), Vec::<i64>::new());
        assert_eq!(all(&mut hold, 27), [6, 15, 16]);
    }

    #[test]
    fn of_equal_stamps_the_last_counts() {
        let mut hold = Hold::new(10_000);
        hold.put(&reading(5, 5));
        let mut again = reading(5, 6);
        again.value = Some(2.0);
        assert_eq!(hold.put(&again), Held::Replaced);
        assert_eq!(hold.take_any().and_then(|r| r.value), Some(2.0));
        assert!(hold.take_any().is_none());
    }

    proptest! {
        /// Whatever order they come in within the window, they leave in order of their stamps.
        #[test]
        fn within_the_window_order_is_restored(
            jitter in prop::collection::vec(0i64..=10, 1..200),
        ) {
            let mut arrivals: Vec<_> =
                (0i64..).zip(&jitter).map(|(s, late)| (s + late, s)).collect();
            arrivals.sort_by_key(|(arrives, s)| (*arrives, -*s));
            let mut hold = Hold::new(10_000);
            let mut out = Vec::new();
            let mut newest = 0;
            for (_, s) in arrivals {
                newest = newest.max(s);
                hold.put(&reading(s, newest));
                out.extend(all(&mut hold, newest));
            }
            out.extend(std::iter::from_fn(|| hold.take_any())
                .map(|r| r.measured_at.as_millis() / 1000));
            let want: Vec<i64> = (0i64..).take(jitter.len()).collect();
            prop_assert_eq!(out, want);
        }
    }
}
