//! A least-squares line over (t − length, t], from exact running sums.
//!
//! With n samples, times s and values x the sums give D = n·Σs² − (Σs)², N = n·Σsx − Σs·Σx and
//! V = n·Σx² − (Σx)², all whole numbers. Slope b = N / D, and b is k standard errors or more
//! exactly when N²·(n − 2) ≥ k²·(V·D − N²). Only the last comparisons use floating point, on
//! numbers that depend on the window's samples alone: the same window gives the same answer,
//! whatever came before it.

use std::ops::{Add, Mul, Sub};

use crate::condition::theil_sen::TimeTo;
use crate::window::{Ring, Sample};

/// Whole numbers that sums are kept in.
trait Whole: Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + From<i64> {
    fn to_f64(self) -> f64;
}

impl Whole for i64 {
    #[inline]
    fn to_f64(self) -> f64 {
        self as f64
    }
}

impl Whole for i128 {
    #[inline]
    fn to_f64(self) -> f64 {
        self as f64
    }
}

/// Sums over the samples of a window.
#[derive(Debug, Clone, Copy)]
struct Sums<I> {
    s: I,
    ss: I,
    x: I,
    xx: I,
    sx: I,
}

/// What the line must look like.
#[derive(Debug, Clone, Copy)]
pub struct TrendLimits {
    /// The value that is being approached, in quanta.
    pub target: f64,
    /// How soon it would be reached.
    pub horizon_ms: f64,
    /// How many standard errors the slope must have.
    pub significance: f64,
}

impl<I: Whole> Sums<I> {
    fn zero() -> Self {
        let zero = I::from(0);
        Self { s: zero, ss: zero, x: zero, xx: zero, sx: zero }
    }

    #[inline]
    fn add(&mut self, s: i64, x: i64) {
        let (s, x) = (I::from(s), I::from(x));
        self.s = self.s + s;
        self.ss = self.ss + s * s;
        self.x = self.x + x;
        self.xx = self.xx + x * x;
        self.sx = self.sx + s * x;
    }

    #[inline]
    fn remove(&mut self, s: i64, x: i64) {
        let (s, x) = (I::from(s), I::from(x));
        self.s = self.s - s;
        self.ss = self.ss - s * s;
        self.x = self.x - x;
        self.xx = self.xx - x * x;
        self.sx = self.sx - s * x;
    }

    /// The sums with every time counted from `by` later.
    fn shifted(self, n: i64, by: i64) -> Self {
        let (n, by) = (I::from(n), I::from(by));
        Self {
            s: self.s - n * by,
            ss: self.ss - by * (self.s + self.s) + n * by * by,
            sx: self.sx - by * self.x,
            ..self
        }
    }

    /// Quanta a millisecond; none where all samples are of one moment.
    fn slope(&self, n: u64) -> Option<f64> {
        let whole = I::from(n.cast_signed());
        let slope_n = (whole * self.sx - self.s * self.x).to_f64();
        let spread_s = (whole * self.ss - self.s * self.s).to_f64();
        (spread_s > 0.0).then(|| slope_n / spread_s)
    }

    /// Milliseconds until the line reaches the target, from `now_s` on: likely, at the earliest and
    /// at the latest, with the slope `z` standard errors steeper and flatter. None where the line
    /// does not rise to it; no latest where the flatter line never does.
    fn time_to(&self, n: u64, now_s: i64, target: f64, z: f64) -> Option<(f64, f64, Option<f64>)> {
        let count = n.cast_signed();
        let whole = I::from(count);
        let slope_n = (whole * self.sx - self.s * self.x).to_f64();
        let spread_s = (whole * self.ss - self.s * self.s).to_f64();
        let spread_x = (whole * self.xx - self.x * self.x).to_f64();
        let n = count as f64;
        if slope_n <= 0.0 || spread_s <= 0.0 || n <= 2.0 {
            return None;
        }
        let slope = slope_n / spread_s;
        let rest = (spread_x * spread_s - slope_n * slope_n).max(0.0);
        let error = (rest / (n - 2.0)).sqrt() / spread_s;
        let ahead = (whole * I::from(now_s) - self.s).to_f64() / n;
        let room = target - (self.x.to_f64() / n + slope * ahead);
        let flattest = slope - z * error;
        let latest = (flattest > 0.0).then(|| room / flattest);
        (room > 0.0).then(|| (room / slope, room / (slope + z * error), latest))
    }

    /// The fitted value at `now_s` if the line rises towards the target as the limits say.
    #[inline]
    fn rises(&self, n: u64, now_s: i64, limits: &TrendLimits) -> Option<f64> {
        let count = n.cast_signed();
        let whole = I::from(count);
        let slope_n = (whole * self.sx - self.s * self.x).to_f64();
        if slope_n <= 0.0 {
            return None;
        }
        let spread_s = (whole * self.ss - self.s * self.s).to_f64();
        let spread_x = (whole * self.xx - self.x * self.x).to_f64();
        let n = count as f64;
        let square = slope_n * slope_n;
        let rest = spread_x * spread_s - square;
        if square * (n - 2.0) < limits.significance * limits.significance * rest {
            return None;
        }
        let ahead = (whole * I::from(now_s) - self.s).to_f64() / n;
        let slope = slope_n / spread_s;
        let fitted = self.x.to_f64() / n + slope * ahead;
        let room = limits.target - fitted;
        (room > 0.0 && room <= limits.horizon_ms * slope).then_some(fitted)
    }
}

/// 64 bits while they are sure to be enough, 128 afterwards.
#[derive(Debug, Clone)]
enum Width {
    Narrow(Sums<i64>),
    Wide(Box<Sums<i128>>),
}

/// Values up to this many quanta fit the narrow sums.
const NARROW_QUANTA_MAX: i32 = 1 << 20;
/// The window's own time origin moves when it is this many lengths old.
const ORIGIN_AGE_LENGTHS: i64 = 4;

/// The line over (t − length, t].
#[derive(Debug, Clone)]
pub struct TrendWindow {
    length_ms: i64,
    tail: u64,
    /// Times in the sums count from here (absolute).
    origin_ms: i64,
    narrow_count_max: u64,
    sums: Width,
}

impl TrendWindow {
    /// An empty window.
    pub fn new(length_ms: i64) -> Self {
        // n² · m² must stay below 2^62, with m the largest time or value.
        let largest = (ORIGIN_AGE_LENGTHS * length_ms).max(i64::from(NARROW_QUANTA_MAX));
        let narrow_count_max = ((1i64 << 31) / largest).cast_unsigned();
        Self {
            length_ms,
            tail: 0,
            origin_ms: 0,
            narrow_count_max,
            sums: Width::Narrow(Sums::zero()),
        }
    }

    /// Before a sample at `t_ms` goes into the ring: lets everything out if all of it is too old,
    /// and moves the time origin along.
    #[inline]
    pub fn prepare(&mut self, ring: &Ring, t_ms: i64, last_ms: i64) {
        if t_ms - last_ms >= self.length_ms {
            self.tail = ring.head();
            self.origin_ms = t_ms;
            self.sums = Width::Narrow(Sums::zero());
        } else if t_ms - self.origin_ms > ORIGIN_AGE_LENGTHS * self.length_ms {
            self.move_origin(ring, t_ms - self.length_ms);
        }
    }

    #[cold]
    fn move_origin(&mut self, ring: &Ring, origin_ms: i64) {
        // The samples that a push at t would let out first go now: all that stays is younger than
        // the new origin's window, so no time in the sums is far from zero.
        let n = (ring.head() - self.tail).cast_signed();
        let by = origin_ms - self.origin_ms;
        match &mut self.sums {
            Width::Narrow(sums) => *sums = sums.shifted(n, by),
            Width::Wide(sums) => **sums = sums.shifted(n, by),
        }
        self.origin_ms = origin_ms;
    }

    /// Takes the ring's newest sample in and lets the old ones out.
    #[inline]
    pub fn advance(&mut self, ring: &Ring, newest: Sample) {
        let too_large = newest.quanta.unsigned_abs() > NARROW_QUANTA_MAX.unsigned_abs();
        if too_large || ring.head() - self.tail > self.narrow_count_max {
            self.widen();
        }
        let shift_ms = ring.anchor_ms() - self.origin_ms;
        let oldest_ms = i64::from(newest.ms) - self.length_ms;
        match &mut self.sums {
            Width::Narrow(sums) => {
                self.tail = slide(sums, ring, newest, self.tail, oldest_ms, shift_ms);
            }
            Width::Wide(sums) => {
                self.tail = slide(sums, ring, newest, self.tail, oldest_ms, shift_ms);
            }
        }
    }

    #[cold]
    fn widen(&mut self) {
        if let Width::Narrow(sums) = &self.sums {
            self.sums = Width::Wide(Box::new(Sums {
                s: sums.s.into(),
                ss: sums.ss.into(),
                x: sums.x.into(),
                xx: sums.xx.into(),
                sx: sums.sx.into(),
            }));
        }
    }

    /// Lets the oldest sample out early.
    pub fn drop_oldest(&mut self, ring: &Ring) {
        let sample = ring.get(self.tail);
        let s = i64::from(sample.ms) + ring.anchor_ms() - self.origin_ms;
        match &mut self.sums {
            Width::Narrow(sums) => sums.remove(s, sample.quanta.into()),
            Width::Wide(sums) => sums.remove(s, sample.quanta.into()),
        }
        self.tail += 1;
    }

    /// How many samples are in.
    #[inline]
    pub fn count(&self, ring: &Ring) -> u64 {
        ring.head() - self.tail
    }

    /// First sample number that is in.
    #[inline]
    pub fn tail(&self) -> u64 {
        self.tail
    }

    /// The line's slope in quanta a millisecond; none where all samples are of one moment.
    pub fn slope(&self, ring: &Ring) -> Option<f64> {
        match &self.sums {
            Width::Narrow(sums) => sums.slope(self.count(ring)),
            Width::Wide(sums) => sums.slope(self.count(ring)),
        }
    }

    /// When the line reaches `target` quanta, with the slope's interval of `z` standard errors.
    pub fn time_to(&self, ring: &Ring, t_ms: i64, target: f64, z: f64) -> Option<TimeTo> {
        let (n, now_s) = (self.count(ring), t_ms - self.origin_ms);
        let (expected_ms, earliest_ms, latest_ms) = match &self.sums {
            Width::Narrow(sums) => sums.time_to(n, now_s, target, z),
            Width::Wide(sums) => sums.time_to(n, now_s, target, z),
        }?;
        Some(TimeTo { expected_ms, earliest_ms: Some(earliest_ms), latest_ms })
    }

    /// The fitted value at `t_ms` if the line rises towards the target as the limits say.
    #[inline]
    pub fn rises(&self, ring: &Ring, t_ms: i64, limits: &TrendLimits) -> Option<f64> {
        let (n, now_s) = (self.count(ring), t_ms - self.origin_ms);
        match &self.sums {
            Width::Narrow(sums) => sums.rises(n, now_s, limits),
            Width::Wide(sums) => sums.rises(n, now_s, limits),
        }
    }
}

#[inline]
fn slide<I: Whole>(
    sums: &mut Sums<I>,
    ring: &Ring,
    newest: Sample,
    mut tail: u64,
    oldest_ms: i64,
    shift_ms: i64,
) -> u64 {
    sums.add(i64::from(newest.ms) + shift_ms, newest.quanta.into());
    while tail < ring.head() {
        let sample = ring.get(tail);
        if i64::from(sample.ms) > oldest_ms {
            break;
        }
        sums.remove(i64::from(sample.ms) + shift_ms, sample.quanta.into());
        tail += 1;
    }
    tail
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The line of the samples in (t − length, t], centred first, as a text book has it.
    fn by_hand(samples: &[(i64, i32)], t_ms: i64, limits: &TrendLimits) -> Option<f64> {
        let n = samples.len() as f64;
        let s: Vec<f64> = samples.iter().map(|(at, _)| (at - t_ms) as f64).collect();
        let x: Vec<f64> = samples.iter().map(|(_, q)| f64::from(*q)).collect();
        let (sm, xm) = (s.iter().sum::<f64>() / n, x.iter().sum::<f64>() / n);
        let ss: f64 = s.iter().map(|v| (v - sm).powi(2)).sum();
        let sx: f64 = s.iter().zip(&x).map(|(a, b)| (a - sm) * (b - xm)).sum();
        let b = sx / ss;
        let rest: f64 = s.iter().zip(&x).map(|(a, v)| (v - xm - b * (a - sm)).powi(2)).sum::<f64>();
        let se = (rest / (n - 2.0) / ss).sqrt();
        let fitted = xm - b * sm;
        let room = limits.target - fitted;
        (b > 0.0 && b >= limits.significance * se && room > 0.0 && room / b <= limits.horizon_ms)
            .then_some(fitted)
    }

    proptest! {
        #[test]
        fn running_sums_give_the_line_of_the_window(
            steps in prop::collection::vec((1i64..40_000, 0i32..60_000), 5..300),
            slope in 0i32..40,
            large in prop::bool::ANY,
            length_ms in 20_000i64..900_000,
        ) {
            let scale = if large { 10_000 } else { 1 };
            let limits =
                TrendLimits { target: 5e4 * f64::from(scale), horizon_ms: 6e5, significance: 4.0 };
            let mut ring = Ring::new();
            let mut window = TrendWindow::new(length_ms);
            let mut all: Vec<(i64, i32)> = Vec::new();
            let (mut t_ms, mut last_ms) = (1_767_225_600_000, 0);
            for (i, (gap_ms, noise)) in (0i32..).zip(steps) {
                t_ms += gap_ms;
                let quanta = (noise / 100 + i * slope * 10) * scale;
                window.prepare(&ring, t_ms, last_ms);
                let ms = ring.push(t_ms, quanta, window.tail());
                window.advance(&ring, Sample { ms, quanta });
                last_ms = t_ms;
                all.push((t_ms, quanta));
                let inside: Vec<_> =
                    all.iter().copied().filter(|(at, _)| *at > t_ms - length_ms).collect();
                prop_assert_eq!(window.count(&ring), inside.len() as u64);
                if inside.len() < 3 {
                    continue;
                }
                let want = by_hand(&inside, t_ms, &limits);
                let got = window.rises(&ring, t_ms, &limits);
                match (got, want) {
                    (Some(g), Some(w)) => prop_assert!((g - w).abs() <= w.abs() * 1e-9 + 1e-6),
                    (None, None) => {}
                    // The text-book form rounds; a difference must be a tie within its rounding.
                    _ => {
                        let eased = TrendLimits { significance: 4.0 * (1.0 - 1e-9),
                            target: limits.target + 1e-3, horizon_ms: limits.horizon_ms + 1e-3 };
                        prop_assert!(by_hand(&inside, t_ms, &eased).is_some());
                    }
                }
            }
        }
    }

    #[test]
    fn the_time_to_the_target_has_an_interval() {
        // 0, 2, 1, 3, 2, 4 … every second: slope and error by the text book.
        let (mut ring, mut window) = (Ring::new(), TrendWindow::new(300_000));
        let samples: Vec<(i64, i32)> =
            (0i32..20).map(|s| (i64::from(s) * 1000, s + 3 * (s % 2))).collect();
        for (t_ms, quanta) in &samples {
            window.prepare(&ring, *t_ms, *t_ms - 1000);
            let ms = ring.push(*t_ms, *quanta, window.tail());
            window.advance(&ring, Sample { ms, quanta: *quanta });
        }
        let n = samples.len() as f64;
        let (s, x): (Vec<f64>, Vec<f64>) =
            samples.iter().map(|(t, q)| (*t as f64, f64::from(*q))).unzip();
        let (sm, xm) = (s.iter().sum::<f64>() / n, x.iter().sum::<f64>() / n);
        let ss: f64 = s.iter().map(|v| (v - sm).powi(2)).sum();
        let b = s.iter().zip(&x).map(|(a, v)| (a - sm) * (v - xm)).sum::<f64>() / ss;
        let rest: f64 = s.iter().zip(&x).map(|(a, v)| (v - xm - b * (a - sm)).powi(2)).sum();
        let se = (rest / (n - 2.0) / ss).sqrt();
        let room = 100.0 - (xm + b * (19_000.0 - sm));
        let found = window.time_to(&ring, 19_000, 100.0, 2.0).unwrap();
        let close = |a: f64, b: f64| (a - b).abs() < 1e-6 * b.abs();
        assert!(close(found.expected_ms, room / b), "{found:?}");
        assert!(close(found.earliest_ms.unwrap(), room / (b + 2.0 * se)), "{found:?}");
        assert!(close(found.latest_ms.unwrap(), room / (b - 2.0 * se)), "{found:?}");
        assert!(window.time_to(&ring, 19_000, 5.0, 2.0).is_none(), "past the target");
    }

    #[test]
    fn a_perfect_ramp_by_hand() {
        // 1 quantum a second from 0: at 299 s the line is at 299, 700 below 999: 700 s away.
        let mut ring = Ring::new();
        let mut window = TrendWindow::new(300_000);
        for s in 0..300i32 {
            let t_ms = i64::from(s) * 1000;
            window.prepare(&ring, t_ms, t_ms - 1000);
            let ms = ring.push(t_ms, s, window.tail());
            window.advance(&ring, Sample { ms, quanta: s });
        }
        let near = TrendLimits { target: 999.0, horizon_ms: 700_001.0, significance: 4.0 };
        let far = TrendLimits { horizon_ms: 699_999.0, ..near };
        let passed = TrendLimits { target: 298.0, ..near };
        assert!((window.rises(&ring, 299_000, &near).unwrap() - 299.0).abs() < 1e-9);
        assert_eq!(window.rises(&ring, 299_000, &far), None);
        assert_eq!(window.rises(&ring, 299_000, &passed), None);
    }
}
