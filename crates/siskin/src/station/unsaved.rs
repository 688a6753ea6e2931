//! Readings that are judged and not yet on disk.
//!
//! While the disk takes them this is empty between two groups. While it fails they wait here, in
//! order of arrival, up to a limit; beyond it the oldest are dropped and counted.

use siskin_model::Reading;
use siskin_store::series::BATCH_READINGS_MAX;

/// Readings that may wait for a failing disk.
const UNSAVED_MAX: usize = 1_000_000;

/// The waiting readings.
#[derive(Debug, Default)]
pub(crate) struct Unsaved {
    readings: Vec<Reading>,
    dropped: u64,
}

impl Unsaved {
    /// Adds readings; gives how many old ones had to go.
    pub(crate) fn push(&mut self, readings: &[Reading]) -> usize {
        self.readings.extend_from_slice(readings);
        let over = self.readings.len().saturating_sub(UNSAVED_MAX);
        self.readings.drain(..over);
        self.dropped += over as u64;
        over
    }

    /// Whether nothing waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.readings.is_empty()
    }

    /// How many were dropped since the start.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Hands all to `append` in batches that the store takes; gives the number of the last one.
    /// What `append` took is gone even if a later batch fails.
    pub(crate) fn save<E>(
        &mut self,
        mut append: impl FnMut(&[Reading]) -> Result<u64, E>,
    ) -> Result<Option<u64>, E> {
        let mut last = None;
        while !self.readings.is_empty() {
            let count = self.readings.len().min(BATCH_READINGS_MAX);
            let batch = self.readings.get(..count).unwrap_or_default();
            last = Some(append(batch)?);
            self.readings.drain(..count);
        }
        Ok(last)
    }
}

#[cfg(test)]
mod tests {
    use siskin_model::{ChannelIndex, Quality, Timestamp};

    use super::*;

    fn readings(range: std::ops::Range<i64>) -> Vec<Reading> {
        let reading = |ms| {
            let at = Timestamp::from_millis(ms);
            Reading::new(ChannelIndex(0), at, at, Some(1.0), Quality::Good)
        };
        range.map(reading).collect()
    }

    #[test]
    fn an_outage_of_any_length_is_caught_up_in_order() {
        let mut unsaved = Unsaved::default();
        unsaved.push(&readings(0..250_000));
        assert_eq!(unsaved.save(|_| Err("disk full")), Err("disk full"));
        assert!(!unsaved.is_empty());
        let mut stored = Vec::new();
        let mut fails = 1;
        // The second batch fails once: what was taken before it must not come again.
        let mut append = |batch: &[Reading]| {
            if stored.len() == 100_000 && fails > 0 {
                fails -= 1;
                return Err("disk full again");
            }
            assert!(batch.len() <= BATCH_READINGS_MAX);
            stored.extend_from_slice(batch);
            Ok(stored.len() as u64)
        };
        assert_eq!(unsaved.save(&mut append), Err("disk full again"));
        assert_eq!(unsaved.save(&mut append), Ok(Some(250_000)));
        assert_eq!(stored, readings(0..250_000));
        assert!(unsaved.is_empty());
        assert_eq!(unsaved.dropped(), 0);
    }

    #[test]
    fn beyond_the_limit_the_oldest_go_and_are_counted() {
        let mut unsaved = Unsaved::default();
        unsaved.push(&readings(0..1_000_000));
        assert_eq!(unsaved.push(&readings(1_000_000..1_000_007)), 7);
        assert_eq!(unsaved.dropped(), 7);
        let mut first = None;
        let saved = unsaved.save(|batch| {
            first = first.or(batch.first().map(|r| r.measured_at.as_millis()));
            Ok::<u64, ()>(1)
        });
        assert_eq!((saved, first), (Ok(Some(1)), Some(7)));
    }
}
