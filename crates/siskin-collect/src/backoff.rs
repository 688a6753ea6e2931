//! Pauses between tries: doubling up to a cap, the same for every source.

use std::time::Duration;

/// The first pause.
const FIRST: Duration = Duration::from_millis(500);
/// The longest pause: how long a device that is back may wait to be noticed.
pub(crate) const CAP: Duration = Duration::from_secs(10);
/// A spread pause is shorter by at most this share of itself.
const SPREAD_SHARE: u32 = 4;

/// The pause before the next try.
#[derive(Debug, Clone)]
pub(crate) struct Backoff {
    next: Duration,
    /// What the spread is drawn from; 0: exact pauses.
    seed: u64,
}

impl Backoff {
    pub(crate) const fn new() -> Self {
        Self { next: FIRST, seed: 0 }
    }

    /// Pauses that differ from those of other names, so that the lines which one power cut took
    /// do not all knock at the same moments. The same name gives the same pauses.
    pub(crate) fn spread(name: &str) -> Self {
        // FNV-1a.
        let fold = |seed: u64, byte: u8| (seed ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
        let seed = name.bytes().fold(0xCBF2_9CE4_8422_2325, fold);
        Self { next: FIRST, seed: seed | 1 }
    }

    /// The pause to make now; the one after it is twice as long, up to the cap.
    pub(crate) fn pause(&mut self) -> Duration {
        let pause = self.next;
        self.next = (pause * 2).min(CAP);
        if self.seed == 0 {
            return pause;
        }
        // Xorshift; the high half is the better one.
        self.seed ^= self.seed << 13;
        self.seed ^= self.seed >> 7;
        self.seed ^= self.seed << 17;
        let [high, ..] = self.seed.to_be_bytes();
        pause.saturating_sub(pause / SPREAD_SHARE * u32::from(high) / u32::from(u8::MAX))
    }

    /// After success.
    pub(crate) fn reset(&mut self) {
        self.next = FIRST;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn it_doubles_to_its_cap_and_starts_again() {
        let mut backoff = Backoff::new();
        let pauses: Vec<_> = (0..7).map(|_| backoff.pause().as_millis()).collect();
        assert_eq!(pauses, [500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
        backoff.reset();
        assert_eq!(backoff.pause(), FIRST);
    }

    #[test]
    fn spread_pauses_differ_by_name_and_keep_their_bounds() {
        let pauses = |name: &str| {
            let (mut spread, mut exact) = (Backoff::spread(name), Backoff::new());
            let pair = (0..50).map(|_| (spread.pause(), exact.pause()));
            pair.map(|(spread, exact)| {
                assert!(spread <= exact && spread >= exact * 3 / 4, "{spread:?} of {exact:?}");
                spread
            })
            .collect::<Vec<_>>()
        };
        assert_eq!(pauses("10.0.0.1:502"), pauses("10.0.0.1:502"));
        let names = (0..100).map(|n| format!("10.0.0.{n}:502"));
        let different: BTreeSet<_> = names.map(|name| pauses(&name)).collect();
        assert_eq!(different.len(), 100);
    }
}
