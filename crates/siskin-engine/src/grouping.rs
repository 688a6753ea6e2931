//! A stable counting sort of a batch by channel; its memory is kept from batch to batch.
//!
//! A channel's readings stand far apart in a batch. They are written together first, so that
//! judging reads straight on and waits for nothing.

use siskin_model::{ChannelIndex, Quality, Reading, Timestamp};

/// Readings that are sorted at once, for some hundred channels: more would not stay in the
/// processor's cache.
pub(crate) const SORTED_MAX: usize = 1 << 16;

/// What stands in a place that no reading has taken yet.
const EMPTY: Reading = Reading {
    channel: ChannelIndex(u32::MAX),
    measured_at: Timestamp::from_millis(0),
    received_at: Timestamp::from_millis(0),
    value: None,
    quality: Quality::CommLost,
};

/// A batch in the order of its channels.
#[derive(Debug, Clone, Default)]
pub(crate) struct Grouping {
    /// Of each channel, where its next reading goes.
    next: Vec<u32>,
    sorted: Vec<Reading>,
}

impl Grouping {
    /// The readings, each with its channel below `channels`, channel after channel.
    #[inline]
    pub(crate) fn sort<'a>(
        &mut self,
        channels: usize,
        readings: impl Iterator<Item = (u32, &'a Reading)> + Clone,
    ) -> &[Reading] {
        let Self { next, sorted } = self;
        next.clear();
        next.resize(channels + 1, 0);
        let mut count = 0;
        for (channel, _) in readings.clone() {
            if let Some(own) = next.get_mut(channel as usize + 1) {
                *own += 1;
                count += 1;
            }
        }
        let mut sum = 0;
        for own in next.iter_mut() {
            sum += *own;
            *own = sum;
        }
        // What is in there is overwritten.
        sorted.resize(count, EMPTY);
        for (channel, reading) in readings {
            let Some(place) = next.get_mut(channel as usize) else { continue };
            if let Some(target) = sorted.get_mut(*place as usize) {
                *target = Reading { channel: ChannelIndex(channel), ..*reading };
                *place += 1;
            }
        }
        sorted
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
            channels in prop::collection::vec(0u32..12, 0..300),
        ) {
            let readings: Vec<_> = (0i64..)
                .zip(&channels)
                .map(|(ms, channel)| {
                    let at = Timestamp::from_millis(ms);
                    Reading::new(ChannelIndex(*channel), at, at, Some(0.0), Quality::Good)
                })
                .collect();
            let known = |reading: &Reading| reading.channel.0 < 10;
            let taken = readings.iter().filter(|r| known(r)).map(|r| (r.channel.0, r));
            let got = Grouping::default().sort(10, taken).to_vec();
            let mut want = readings;
            want.retain(known);
            want.sort_by_key(|reading| reading.channel);
            prop_assert_eq!(got, want);
        }
    }
}
