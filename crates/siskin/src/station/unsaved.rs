//! Readings that are judged and not yet on disk.
//!
//! While the disk takes them this is empty between two groups. While it fails they wait here, in
//! order of arrival, up to a limit; beyond it the oldest are dropped and counted.

use siskin_model::{Origin, Reading};
use siskin_store::series::BATCH_READINGS_MAX;

use super::runs::Runs;

/// Readings that may wait for a failing disk.
const UNSAVED_MAX: usize = 1_000_000;

/// The waiting readings.
#[derive(Debug, Default)]
pub(crate) struct Unsaved {
    runs: Runs,
    dropped: u64,
}

impl Unsaved {
    /// Adds readings; gives how many old ones had to go.
    pub(crate) fn push(&mut self, origin: Origin, readings: &[Reading]) -> usize {
        self.runs.push(origin, readings);
        let over = self.runs.readings().len().saturating_sub(UNSAVED_MAX);
        self.runs.forget(over);
        self.dropped += over as u64;
        over
    }

    /// Whether nothing waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.runs.readings().is_empty()
    }

    /// How many were dropped since the start.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Hands all to `append` in batches that the store takes; gives the number of the last one.
    /// What `append` took is gone even if a later batch fails.
    pub(crate) fn save<E>(
        &mut self,
        mut append: impl FnMut(&[(Origin, &[Reading])]) -> Result<u64, E>,
    ) -> Result<Option<u64>, E> {
        let mut last = None;
        while !self.runs.readings().is_empty() {
            let count = self.runs.readings().len().min(BATCH_READINGS_MAX);
            last = Some(append(&self.runs.first(count))?);
            self.runs.forget(count);
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
        unsaved.push(Origin::Live, &readings(0..150_000));
        unsaved.push(Origin::Backlog, &readings(150_000..160_000));
        unsaved.push(Origin::Live, &[]);
        unsaved.push(Origin::Backlog, &readings(160_000..250_000));
        assert_eq!(unsaved.save(|_| Err("disk full")), Err("disk full"));
        assert!(!unsaved.is_empty());
        let mut stored = Vec::new();
        let mut fails = 1;
        // The second batch fails once: what was taken before it must not come again.
        let mut append = |parts: &[(Origin, &[Reading])]| {
            if stored.len() == 100_000 && fails > 0 {
                fails -= 1;
                return Err("disk full again");
            }
            let count: usize = parts.iter().map(|(_, part)| part.len()).sum();
            assert!(count <= BATCH_READINGS_MAX);
            let with = |&(origin, part): &(Origin, &[Reading])| {
                part.iter().map(|reading| (origin, *reading)).collect::<Vec<_>>()
            };
            stored.extend(parts.iter().flat_map(with));
            Ok(stored.len() as u64)
        };
        assert_eq!(unsaved.save(&mut append), Err("disk full again"));
        assert_eq!(unsaved.save(&mut append), Ok(Some(250_000)));
        let origin = |i: usize| if i < 150_000 { Origin::Live } else { Origin::Backlog };
        let expected = readings(0..250_000).into_iter().enumerate();
        assert_eq!(stored, expected.map(|(i, reading)| (origin(i), reading)).collect::<Vec<_>>());
        assert!(unsaved.is_empty());
        assert_eq!(unsaved.dropped(), 0);
    }

    #[test]
    fn beyond_the_limit_the_oldest_go_and_are_counted() {
        let mut unsaved = Unsaved::default();
        unsaved.push(Origin::Backlog, &readings(0..5));
        unsaved.push(Origin::Live, &readings(5..1_000_000));
        assert_eq!(unsaved.push(Origin::Live, &readings(1_000_000..1_000_007)), 7);
        assert_eq!(unsaved.dropped(), 7);
        let mut first = None;
        let saved = unsaved.save(|parts| {
            let oldest = parts.first().map(|(origin, part)| (*origin, part[0].measured_at));
            first = first.or(oldest);
            Ok::<u64, ()>(1)
        });
        let seventh = (Origin::Live, Timestamp::from_millis(7));
        assert_eq!((saved, first), (Ok(Some(1)), Some(seventh)));
    }
}
