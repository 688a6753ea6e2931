//! What both protocols share about one analyzer: its channels and how its silence is said.

use siskin_model::{ChannelIndex, Quality, Reading, Timestamp};
use siskin_wire::PointReading;

/// The channels of one analyzer, in order of slots.
#[derive(Debug, Clone)]
pub(crate) struct Feed {
    channels: Vec<ChannelIndex>,
    silent: Option<Quality>,
}

impl Feed {
    pub(crate) fn new(channels: Vec<ChannelIndex>) -> Self {
        Self { channels, silent: None }
    }

    /// The readings of an exchange.
    pub(crate) fn readings(
        &mut self,
        values: &[PointReading],
        measured_at: Timestamp,
        received_at: Timestamp,
    ) -> Vec<Reading> {
        self.silent = None;
        let reading = |point: &PointReading| {
            let channel = *self.channels.get(point.slot)?;
            let (value, quality) = (point.value, point.quality);
            Some(Reading::new(channel, measured_at, received_at, value, quality))
        };
        values.iter().filter_map(reading).collect()
    }

    /// One reading without a number for each channel, the first time only: silence is told when it
    /// begins, and its length is the engine's to judge.
    pub(crate) fn silence(&mut self, quality: Quality, now: Timestamp) -> Vec<Reading> {
        if self.silent.replace(quality) == Some(quality) {
            return Vec::new();
        }
        let channels = self.channels.iter();
        channels.map(|channel| Reading::new(*channel, now, now, None, quality)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_said_once_until_something_is_heard() {
        let now = Timestamp::from_millis(5);
        let mut feed = Feed::new(vec![ChannelIndex(3), ChannelIndex(9)]);
        let said = feed.silence(Quality::CommLost, now);
        let said: Vec<_> = said.iter().map(|r| (r.channel.0, r.value)).collect();
        assert_eq!(said, [(3, None), (9, None)]);
        assert_eq!(feed.silence(Quality::CommLost, now), []);
        assert_eq!(feed.silence(Quality::Fault, now).len(), 2);
        assert_eq!(feed.silence(Quality::CommLost, now).len(), 2);
        let point = PointReading { slot: 1, value: Some(0.5), quality: Quality::Good };
        let heard = feed.readings(&[point], now, now);
        assert_eq!((heard[0].channel, heard[0].value), (ChannelIndex(9), Some(0.5)));
        assert_eq!(feed.silence(Quality::CommLost, now).len(), 2);
    }
}
