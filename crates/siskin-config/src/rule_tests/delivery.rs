//! How readings travel: on time, held back, out of order, twice.
//!
//! A way that touches no reading is refused: its test would look as if it tested something.

use siskin_model::ChannelIndex;

use super::noise::Noise;
use super::series::Sample;

/// A reading and when it arrives, in milliseconds after the test's start.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Arrival {
    pub(super) channel: ChannelIndex,
    pub(super) sample: Sample,
    pub(super) arrives_ms: i64,
}

/// What happens on the way to readings of some channels, measured in some stretch of time.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Delivery {
    /// None: every channel.
    pub(super) channel: Option<ChannelIndex>,
    /// Measured at this moment or later, and before the end.
    pub(super) from_ms: i64,
    pub(super) to_ms: i64,
    /// Nothing arrives before this moment.
    pub(super) held_ms: Option<i64>,
    /// Each is late by a length of its own up to this.
    pub(super) shuffle_ms: i64,
    /// So many of a hundred come twice.
    pub(super) repeat_percent: f64,
    pub(super) seed: u64,
}

/// A repeated reading comes again within this.
const REPEAT_MS_MAX: i64 = 5000;

impl Delivery {
    fn concerns(&self, arrival: &Arrival) -> bool {
        self.channel.is_none_or(|channel| channel == arrival.channel)
            && (self.from_ms..self.to_ms).contains(&arrival.sample.at_ms)
    }

    /// Changes `arrivals` and gives how many readings were concerned.
    pub(super) fn apply(&self, arrivals: &mut Vec<Arrival>) -> usize {
        let mut noise = Noise::new(self.seed);
        let mut again = Vec::new();
        let mut concerned = 0;
        for arrival in arrivals.iter_mut() {
            if !self.concerns(arrival) {
                continue;
            }
            concerned += 1;
            let held_ms = self.held_ms.unwrap_or(arrival.arrives_ms);
            arrival.arrives_ms = arrival.arrives_ms.max(held_ms);
            arrival.arrives_ms += noise.up_to_ms(self.shuffle_ms);
            if noise.share() * 100.0 < self.repeat_percent {
                let arrives_ms = arrival.arrives_ms + noise.up_to_ms(REPEAT_MS_MAX);
                again.push(Arrival { arrives_ms, ..*arrival });
            }
        }
        arrivals.append(&mut again);
        concerned
    }
}

#[cfg(test)]
mod tests {
    use siskin_model::Quality;

    use super::*;

    fn every_second(count: i64) -> Vec<Arrival> {
        let sample = |n| Sample { at_ms: n * 1000, value: Some(1.0), quality: Quality::Good };
        let arrival =
            |n| Arrival { channel: ChannelIndex(0), sample: sample(n), arrives_ms: n * 1000 };
        (0..count).map(arrival).collect()
    }

    fn plain() -> Delivery {
        Delivery {
            channel: None,
            from_ms: 0,
            to_ms: i64::MAX,
            held_ms: None,
            shuffle_ms: 0,
            repeat_percent: 0.0,
            seed: 7,
        }
    }

    #[test]
    fn what_is_held_back_arrives_together() {
        let mut arrivals = every_second(5);
        let held = Delivery { from_ms: 1000, to_ms: 3000, held_ms: Some(60_000), ..plain() };
        assert_eq!(held.apply(&mut arrivals), 2);
        let at: Vec<i64> = arrivals.iter().map(|a| a.arrives_ms).collect();
        assert_eq!(at, [0, 60_000, 60_000, 3000, 4000]);
    }

    #[test]
    fn shuffling_stays_within_its_bound_and_repeats_come_soon() {
        let mut arrivals = every_second(1000);
        let way = Delivery { shuffle_ms: 8000, repeat_percent: 5.0, ..plain() };
        assert_eq!(way.apply(&mut arrivals), 1000);
        let delays = arrivals.iter().map(|a| a.arrives_ms - a.sample.at_ms);
        assert!(delays.clone().all(|ms| (0..=13_000).contains(&ms)));
        assert!(delays.clone().any(|ms| ms > 4000));
        // 50 of 1000 are meant; 20 to 80 is four standard deviations around it.
        assert!((1020..=1080).contains(&arrivals.len()), "{}", arrivals.len());
        let other = Delivery { channel: Some(ChannelIndex(9)), ..way };
        assert_eq!(other.apply(&mut arrivals), 0);
    }
}
