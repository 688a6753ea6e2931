//! Samples of the recent past and running sums over them, in whole numbers.
//!
//! One [`Ring`] per channel holds the samples of its longest window; each window keeps only where
//! it begins and its sums. Sums of whole numbers are exact: adding and taking away in any number
//! gives what summing the window anew would give.

#![expect(clippy::indexing_slicing, reason = "ring slots are masked to the ring's length")]

/// The most samples one channel keeps. At the limit the oldest leave their windows early and
/// [`crate::Counters::window_full`] counts them: 8 h at 4 Hz, or 18 h at 1 Hz, fit.
pub const SAMPLES_MAX: usize = 1 << 17;
/// A ring begins with this many slots.
const SAMPLES_FIRST: usize = 1 << 6;

/// One sample: when, and how many quanta.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sample {
    /// Milliseconds since the ring's anchor.
    pub ms: i32,
    /// The value in quanta.
    pub quanta: i32,
}

/// The samples of one channel. Sample number `n` (counted from the first ever) is at `n & mask`.
#[derive(Debug, Clone)]
pub struct Ring {
    samples: Vec<Sample>,
    head: u64,
    anchor_ms: i64,
}

/// Anchors move before the distance to them leaves `i32`.
const ANCHOR_DISTANCE_MAX_MS: i64 = 1 << 30;

impl Ring {
    /// An empty ring.
    pub fn new() -> Self {
        Self { samples: vec![Sample::default(); SAMPLES_FIRST], head: 0, anchor_ms: 0 }
    }

    /// How many samples were ever put in.
    #[inline]
    pub fn head(&self) -> u64 {
        self.head
    }

    /// Sample number `n`, which must still be held.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "masked to the ring's length")]
    pub fn get(&self, n: u64) -> Sample {
        self.samples[n as usize & (self.samples.len() - 1)]
    }

    /// Puts a sample in and gives its time since the anchor. `oldest` is the first sample number
    /// that a window still needs; the ring grows rather than losing it, up to [`SAMPLES_MAX`].
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "distances are kept below 2^30")]
    pub fn push(&mut self, t_ms: i64, quanta: i32, oldest: u64) -> i32 {
        if self.head == 0 {
            self.anchor_ms = t_ms;
        }
        if t_ms - self.anchor_ms > ANCHOR_DISTANCE_MAX_MS {
            self.move_anchor(t_ms, oldest);
        }
        if self.head - oldest == self.samples.len() as u64 {
            self.grow();
        }
        let ms = (t_ms - self.anchor_ms) as i32;
        let slot = self.head as usize & (self.samples.len() - 1);
        self.samples[slot] = Sample { ms, quanta };
        self.head += 1;
        ms
    }

    /// Whether the next push would overwrite sample `oldest` because the ring may not grow.
    #[inline]
    pub fn is_full(&self, oldest: u64) -> bool {
        self.head - oldest >= SAMPLES_MAX as u64
    }

    /// Bytes held by the samples.
    pub fn bytes(&self) -> usize {
        self.samples.len() * size_of::<Sample>()
    }

    /// Where sample times count from.
    #[inline]
    pub fn anchor_ms(&self) -> i64 {
        self.anchor_ms
    }

    #[cold]
    fn grow(&mut self) {
        let mut larger = vec![Sample::default(); self.samples.len() * 2];
        let mask = larger.len() as u64 - 1;
        for n in self.head - self.samples.len() as u64..self.head {
            #[expect(clippy::cast_possible_truncation, reason = "masked to the ring's length")]
            let slot = (n & mask) as usize;
            larger[slot] = self.get(n);
        }
        self.samples = larger;
    }

    /// Counts times from `t_ms` on; samples that no window needs may get any time.
    #[cold]
    fn move_anchor(&mut self, t_ms: i64, oldest: u64) {
        let held_from = self.head.saturating_sub(self.samples.len() as u64).max(oldest);
        let shift_ms = t_ms - self.anchor_ms;
        for n in held_from..self.head {
            #[expect(clippy::cast_possible_truncation, reason = "masked to the ring's length")]
            let slot = n as usize & (self.samples.len() - 1);
            let moved = i64::from(self.samples[slot].ms) - shift_ms;
            self.samples[slot].ms = i32::try_from(moved).unwrap_or(i32::MIN);
        }
        self.anchor_ms = t_ms;
    }
}

impl Default for Ring {
    fn default() -> Self {
        Self::new()
    }
}

/// The sum over (t − length, t].
#[derive(Debug, Clone, Copy)]
pub struct MeanWindow {
    length_ms: i64,
    tail: u64,
    sum: i64,
}

impl MeanWindow {
    /// An empty window.
    pub fn new(length_ms: i64) -> Self {
        Self { length_ms, tail: 0, sum: 0 }
    }

    /// Takes the ring's newest sample in and lets the old ones out.
    #[inline]
    pub fn advance(&mut self, ring: &Ring, newest: Sample) {
        self.sum += i64::from(newest.quanta);
        let oldest_ms = i64::from(newest.ms) - self.length_ms;
        while self.tail < ring.head() {
            let sample = ring.get(self.tail);
            if i64::from(sample.ms) > oldest_ms {
                break;
            }
            self.sum -= i64::from(sample.quanta);
            self.tail += 1;
        }
    }

    /// Lets the oldest sample out early.
    pub fn drop_oldest(&mut self, ring: &Ring) {
        self.sum -= i64::from(ring.get(self.tail).quanta);
        self.tail += 1;
    }

    /// How many samples are in.
    #[inline]
    pub fn count(&self, ring: &Ring) -> u64 {
        ring.head() - self.tail
    }

    /// Sum of the quanta.
    #[inline]
    pub fn sum(&self) -> i64 {
        self.sum
    }

    /// First sample number that is in.
    #[inline]
    pub fn tail(&self) -> u64 {
        self.tail
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever the gaps and however long it runs, the running sum is the sum of the window.
        #[test]
        fn a_running_sum_is_the_sum(
            steps in prop::collection::vec((1i64..120_000, -1_000_000i32..1_000_000), 1..400),
            far in prop::option::of(1i64 << 30..1i64 << 33),
            length_ms in 1_000i64..2_000_000,
        ) {
            let mut ring = Ring::new();
            let mut window = MeanWindow::new(length_ms);
            let mut all: Vec<(i64, i32)> = Vec::new();
            let mut t_ms = 1_767_225_600_000;
            for (i, (gap_ms, quanta)) in steps.into_iter().enumerate() {
                t_ms += gap_ms + if i == 200 { far.unwrap_or(0) } else { 0 };
                let ms = ring.push(t_ms, quanta, window.tail());
                window.advance(&ring, Sample { ms, quanta });
                all.push((t_ms, quanta));
                let inside = all.iter().filter(|(at, _)| *at > t_ms - length_ms);
                let want: i64 = inside.clone().map(|(_, q)| i64::from(*q)).sum();
                prop_assert_eq!(window.sum(), want);
                prop_assert_eq!(window.count(&ring), inside.count() as u64);
            }
        }
    }

    #[test]
    fn a_full_ring_lets_the_oldest_go() {
        let mut ring = Ring::new();
        let mut window = MeanWindow::new(i64::from(i32::MAX));
        for n in 0..i64::try_from(SAMPLES_MAX).unwrap() + 10 {
            if ring.is_full(window.tail()) {
                window.drop_oldest(&ring);
            }
            let ms = ring.push(n, 1, window.tail());
            window.advance(&ring, Sample { ms, quanta: 1 });
        }
        assert_eq!(window.count(&ring), SAMPLES_MAX as u64);
        assert_eq!(window.sum(), i64::try_from(SAMPLES_MAX).unwrap());
    }
}
