//! A reading: what a channel said at a moment.

use crate::{ChannelIndex, Quality, Timestamp};

/// One value of one channel. A reading without a number has `value: None`, and its quality says
/// why; NaN never stands in for a number ([`Reading::new`] turns it into `None` and a good quality
/// into a fault).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// Which channel.
    pub channel: ChannelIndex,
    /// When the device measured it: the time rules see.
    pub measured_at: Timestamp,
    /// When Siskin received it.
    pub received_at: Timestamp,
    /// The number in the channel's unit.
    pub value: Option<f64>,
    /// What is known about it.
    pub quality: Quality,
}

impl Reading {
    /// Makes a reading that keeps invariant 9: a value that is not a finite number becomes no
    /// value, and then no quality says that there is one.
    pub fn new(
        channel: ChannelIndex,
        measured_at: Timestamp,
        received_at: Timestamp,
        value: Option<f64>,
        quality: Quality,
    ) -> Self {
        let value = value.filter(|v| v.is_finite());
        let quality = match (value, quality) {
            (None, Quality::Good | Quality::Uncertain | Quality::Manual) => Quality::Fault,
            (_, quality) => quality,
        };
        Self { channel, measured_at, received_at, value, quality }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(value: Option<f64>, quality: Quality) -> (Option<f64>, Quality) {
        let now = Timestamp::from_millis(0);
        let reading = Reading::new(ChannelIndex(0), now, now, value, quality);
        (reading.value, reading.quality)
    }

    #[test]
    fn nan_never_becomes_a_number() {
        for value in [Some(f64::NAN), Some(f64::INFINITY), Some(f64::NEG_INFINITY), None] {
            assert_eq!(made(value, Quality::Good), (None, Quality::Fault));
            assert_eq!(made(value, Quality::Manual), (None, Quality::Fault));
            assert_eq!(made(value, Quality::CommLost), (None, Quality::CommLost));
            assert_eq!(made(value, Quality::OverRange), (None, Quality::OverRange));
        }
        assert_eq!(made(Some(1.5), Quality::Good), (Some(1.5), Quality::Good));
    }
}
