//! How fast the value rises.
//!
//! b = (n·Σsx − Σs·Σx) / (n·Σs² − (Σs)²), the slope of the least-squares line through the samples
//! in (t − window, t], times s and values x, in units a minute. Valid with `samples_min` of them
//! (at least 2). Raise while b ≥ `raise_per_min`, clear while b < `clear_per_min`. The sums are
//! whole numbers, see [`crate::trend`]: the same window gives the same slope whatever was before.
//! At [`crate::window::SAMPLES_MAX`] samples the oldest leave early.

use super::Verdict;
use crate::trend::TrendWindow;
use crate::window::{Ring, Sample};

/// Milliseconds of a minute.
const MINUTE_MS: f64 = 60_000.0;

/// The slope over a window.
#[derive(Debug, Clone)]
pub struct Rate {
    ring: Ring,
    window: TrendWindow,
    last_ms: Option<i64>,
    samples_min: u64,
    raise_per_min: f64,
    clear_per_min: f64,
}

impl Rate {
    /// Raises at `raise_per_min` quanta a minute or more, clears below `clear_per_min`.
    pub fn new(window_ms: i64, samples_min: u32, raise_per_min: f64, clear_per_min: f64) -> Self {
        Self {
            ring: Ring::new(),
            window: TrendWindow::new(window_ms),
            last_ms: None,
            samples_min: u64::from(samples_min).max(2),
            raise_per_min,
            clear_per_min,
        }
    }

    /// Takes a sample in.
    pub fn take(&mut self, t_ms: i64, quanta: i32) {
        let long_ago_ms = t_ms - i64::from(i32::MAX);
        let last_ms = self.last_ms.replace(t_ms).unwrap_or(long_ago_ms);
        self.window.prepare(&self.ring, t_ms, last_ms);
        if self.ring.is_full(self.window.tail()) {
            self.window.drop_oldest(&self.ring);
        }
        let ms = self.ring.push(t_ms, quanta, self.window.tail());
        self.window.advance(&self.ring, Sample { ms, quanta });
    }

    /// What the line says at the newest sample.
    pub fn verdict(&self) -> Option<Verdict> {
        if self.window.count(&self.ring) < self.samples_min {
            return None;
        }
        let per_min = self.window.slope(&self.ring)? * MINUTE_MS;
        let (raise, clear) = (per_min >= self.raise_per_min, per_min < self.clear_per_min);
        Some(Verdict::new(raise, clear, per_min).against(self.raise_per_min))
    }

    /// Bytes held beside the value itself.
    pub fn bytes(&self) -> usize {
        self.ring.bytes()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_ramp_by_hand() {
        // 2 quanta every 10 s are 12 a minute; then it stands still.
        let mut rate = Rate::new(60_000, 3, 12.0, 6.0);
        for i in 0..7i32 {
            rate.take(i64::from(i) * 10_000, 2 * i);
            let got = rate.verdict().map(|v| (v.raise, v.clear));
            assert_eq!(got, (i >= 2).then_some((true, false)), "{i}");
        }
        assert!((rate.verdict().unwrap().judged - 12.0).abs() < 1e-12);
        // In (10, 70]: 4, 6, 8, 10, 12, 12 at 20..70 s. Around the means 45 s and 52/6:
        // Σsx = (−25·4 − 15·6 − 5·8 + 5·10 + 15·12 + 25·12) = 300, Σs² = 1750: 10.2857 a minute.
        rate.take(70_000, 12);
        let got = rate.verdict().unwrap();
        assert!((got.judged - 300.0 / 1750.0 * 60.0).abs() < 1e-9, "{got:?}");
        assert_eq!((got.raise, got.clear), (false, false));
        for i in 8..13i64 {
            rate.take(i * 10_000, 12);
        }
        assert_eq!(rate.verdict().map(|v| (v.raise, v.clear, v.judged)), Some((false, true, 0.0)));
        rate.take(500_000, 12);
        assert_eq!(rate.verdict(), None, "one sample is no line");
    }

    proptest! {
        #[test]
        fn the_slope_of_a_text_book(
            steps in prop::collection::vec((1i64..30_000, -5_000i32..5_000), 2..200),
            window_ms in 10_000i64..300_000,
        ) {
            let mut rate = Rate::new(window_ms, 3, 100.0, 50.0);
            let mut all: Vec<(i64, i32)> = Vec::new();
            let mut t_ms = 1_767_225_600_000;
            for (gap_ms, quanta) in steps {
                t_ms += gap_ms;
                rate.take(t_ms, quanta);
                all.push((t_ms, quanta));
                let inside: Vec<_> = all.iter().filter(|(at, _)| *at > t_ms - window_ms).collect();
                let got = rate.verdict();
                prop_assert_eq!(got.is_some(), inside.len() >= 3);
                let Some(got) = got else { continue };
                let n = inside.len() as f64;
                let s: Vec<f64> = inside.iter().map(|(at, _)| (at - t_ms) as f64 / 6e4).collect();
                let x: Vec<f64> = inside.iter().map(|(_, q)| f64::from(*q)).collect();
                let (sm, xm) = (s.iter().sum::<f64>() / n, x.iter().sum::<f64>() / n);
                let sx: f64 = s.iter().zip(&x).map(|(a, b)| (a - sm) * (b - xm)).sum();
                let b = sx / s.iter().map(|a| (a - sm).powi(2)).sum::<f64>();
                prop_assert!((got.judged - b).abs() <= b.abs() * 1e-9 + 1e-6, "{} {b}", got.judged);
                prop_assert_eq!(got.raise, got.judged >= 100.0);
                prop_assert_eq!(got.clear, got.judged < 50.0);
            }
        }
    }
}
