//! A stable counting sort of a batch by channel; its memory is kept from batch to batch.
//!
//! A channel's readings stand far apart in a batch. Batches of a usual size are copied together in
//! one go, where the processor fetches many readings at a time, so that judging reads straight on
//! and waits for nothing. A larger copy would not stay in the cache and costs more than it saves.

use siskin_model::Reading;

/// Batches up to this size are copied.
const COPIED_MAX: usize = 1 << 18;

/// The order of a batch, channel after channel.
#[derive(Debug, Clone, Default)]
pub(crate) struct Grouping {
    begins: Vec<u32>,
    order: Vec<u32>,
    /// The readings in that order, where they are copied.
    copied: Vec<Reading>,
}

impl Grouping {
    /// Sorts `readings`; those of unknown channels come last.
    pub(crate) fn sort(&mut self, readings: &[Reading], channels: usize) {
        self.sort_copying(readings, channels, COPIED_MAX);
    }

    fn sort_copying(&mut self, readings: &[Reading], channels: usize, copied_max: usize) {
        self.place(readings, channels);
        self.copied.clear();
        if readings.len() <= copied_max {
            let reading = |place: &u32| readings.get(*place as usize).copied();
            self.copied.extend(self.order.iter().filter_map(reading));
        }
    }

    /// Finds the place of every reading.
    fn place(&mut self, readings: &[Reading], channels: usize) {
        self.begins.clear();
        self.begins.resize(channels + 2, 0);
        let slot = |reading: &Reading| reading.channel.get().min(channels);
        for reading in readings {
            if let Some(count) = self.begins.get_mut(slot(reading) + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for begin in &mut self.begins {
            sum += *begin;
            *begin = sum;
        }
        self.order.clear();
        self.order.resize(readings.len(), 0);
        for (place, reading) in (0u32..).zip(readings) {
            let Some(next) = self.begins.get_mut(slot(reading)) else {
                continue;
            };
            if let Some(target) = self.order.get_mut(*next as usize) {
                *target = place;
            }
            *next += 1;
        }
    }

    /// The readings in that order.
    pub(crate) fn order<'a>(
        &'a self,
        readings: &'a [Reading],
    ) -> impl Iterator<Item = &'a Reading> + 'a {
        let pointed = self.order.get(self.copied.len()..).unwrap_or_default();
        let pointed = pointed.iter().filter_map(|place| readings.get(*place as usize));
        self.copied.iter().chain(pointed)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use siskin_model::{ChannelIndex, Quality, Timestamp};

    use super::*;

    proptest! {
        #[test]
        fn it_is_a_stable_sort(
            channels in prop::collection::vec(0u32..12, 0..200),
            copied_max in 0usize..200,
        ) {
            let readings: Vec<_> = (0i64..)
                .zip(&channels)
                .map(|(ms, channel)| {
                    let at = Timestamp::from_millis(ms);
                    Reading::new(ChannelIndex(*channel), at, at, Some(0.0), Quality::Good)
                })
                .collect();
            let mut grouping = Grouping::default();
            grouping.sort_copying(&readings, 10, copied_max);
            let got: Vec<_> = grouping.order(&readings).copied().collect();
            let mut want = readings;
            want.sort_by_key(|reading| reading.channel.get().min(10));
            prop_assert_eq!(got, want);
        }
    }
}
