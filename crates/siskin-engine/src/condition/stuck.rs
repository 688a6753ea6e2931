//! A value that stands still: a frozen transmitter, a blocked inlet, a register nobody refreshes.
//!
//! Going back from t, the still stretch is the longest run of samples whose largest and smallest
//! value differ by at most `tolerance`, without a silence longer than the rule's gap. Raise while
//! it is `after_ms` or longer and x > `ignore_to`. Clear while x ≤ `ignore_to` or the value moved
//! less than `after_ms` ago. A stretch cut short by a silence says nothing until it is long
//! enough. Must never feed a tier: it speaks about the device.

use std::collections::VecDeque;

use super::Verdict;

/// A larger tolerance counts as this many quanta; it also bounds the memory, for each extreme is
/// kept once a level.
pub const TOLERANCE_MAX: i64 = 4_096;

/// A sample that is the largest (smallest) of all after it.
#[derive(Debug, Clone, Copy)]
struct Extreme {
    quanta: i32,
    ms: i64,
    /// When the sample after it came.
    next_ms: i64,
}

/// How long the value has stood still.
#[derive(Debug, Clone)]
pub struct Stuck {
    after_ms: i64,
    gap_ms: i64,
    tolerance: i64,
    ignore_to: Option<f64>,
    highs: VecDeque<Extreme>,
    lows: VecDeque<Extreme>,
    begin_ms: i64,
    /// The stretch begins where the value moved, not where samples began.
    has_moved: bool,
    last_ms: Option<i64>,
}

impl Stuck {
    /// Raises when the value stays within `tolerance` quanta for `after_ms`.
    pub fn new(after_ms: i64, gap_ms: i64, tolerance: f64, ignore_to: Option<f64>) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "`as` stops at the ends of i64")]
        let tolerance = (tolerance.floor() as i64).clamp(0, TOLERANCE_MAX);
        Self {
            after_ms,
            gap_ms,
            tolerance,
            ignore_to,
            highs: VecDeque::new(),
            lows: VecDeque::new(),
            begin_ms: i64::MIN,
            has_moved: false,
            last_ms: None,
        }
    }

    /// Takes a sample in.
    pub fn take(&mut self, t_ms: i64, quanta: i32) {
        if self.last_ms.replace(t_ms).is_none_or(|last_ms| t_ms - last_ms > self.gap_ms) {
            self.highs.clear();
            self.lows.clear();
            self.begin_ms = t_ms;
            self.has_moved = false;
        }
        // The newest sample is always the last of both.
        for newest in self.highs.back_mut().into_iter().chain(self.lows.back_mut()) {
            newest.next_ms = t_ms;
        }
        while self.highs.back().is_some_and(|one| one.quanta <= quanta) {
            self.highs.pop_back();
        }
        while self.lows.back().is_some_and(|one| one.quanta >= quanta) {
            self.lows.pop_back();
        }
        let newest = Extreme { quanta, ms: t_ms, next_ms: t_ms };
        self.highs.push_back(newest);
        self.lows.push_back(newest);
        self.shorten();
    }

    /// Leaves out the oldest extremes until all that stays lies within the tolerance.
    fn shorten(&mut self) {
        while let (Some(high), Some(low)) = (self.highs.front(), self.lows.front()) {
            if i64::from(high.quanta) - i64::from(low.quanta) <= self.tolerance {
                return;
            }
            self.has_moved = true;
            if high.ms < low.ms {
                self.begin_ms = high.next_ms;
                self.highs.pop_front();
            } else {
                self.begin_ms = low.next_ms;
                self.lows.pop_front();
            }
        }
    }

    /// What the stretch up to the newest sample says.
    pub fn verdict(&self, t_ms: i64, quanta: i32) -> Option<Verdict> {
        let x = f64::from(quanta);
        if self.ignore_to.is_some_and(|ignore_to| x <= ignore_to) {
            return Some(Verdict::new(false, true, x));
        }
        let is_long = t_ms - self.begin_ms >= self.after_ms;
        (is_long || self.has_moved).then(|| Verdict::new(is_long, !is_long, x))
    }

    /// Bytes held beside the value itself.
    pub fn bytes(&self) -> usize {
        (self.highs.capacity() + self.lows.capacity()) * size_of::<Extreme>()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn says(stuck: &mut Stuck, t_ms: i64, quanta: i32) -> Option<bool> {
        stuck.take(t_ms, quanta);
        let verdict = stuck.verdict(t_ms, quanta)?;
        assert_ne!(verdict.raise, verdict.clear);
        Some(verdict.raise)
    }

    #[test]
    fn a_frozen_value_by_hand() {
        let mut stuck = Stuck::new(60_000, 30_000, 2.0, Some(5.0));
        for s in 0..6 {
            assert_eq!(says(&mut stuck, s * 10_000, 50), None, "{s}: not long enough to know");
        }
        assert_eq!(says(&mut stuck, 60_000, 52), Some(true), "0 s to 60 s within 2");
        assert_eq!(says(&mut stuck, 70_000, 53), Some(false), "52 and 53 stand, 50 does not");
        assert_eq!(says(&mut stuck, 110_000, 52), None, "40 s of silence");
        assert_eq!(says(&mut stuck, 115_000, 5), Some(false), "clean air may stand still");
        assert_eq!(says(&mut stuck, 145_000, 5), Some(false));
        assert_eq!(says(&mut stuck, 175_000, 6), Some(true), "since 115 s");
    }

    #[test]
    fn a_slow_ramp_is_not_still() {
        let mut stuck = Stuck::new(60_000, 30_000, 2.0, None);
        for s in 0..1_000i32 {
            let got = says(&mut stuck, i64::from(s) * 1_000, s / 20);
            assert_ne!(got, Some(true), "{s}: 3 quanta within 60 s");
        }
        assert!(stuck.bytes() < 1_024);
    }

    /// The stretch, by going back over all samples.
    fn by_hand(all: &[(i64, i32)], tolerance: i32, gap_ms: i64) -> (i64, bool) {
        let (mut begin_ms, newest) = *all.last().unwrap();
        let (mut low, mut high) = (newest, newest);
        for (at_ms, quanta) in all.iter().rev() {
            if begin_ms - at_ms > gap_ms {
                return (begin_ms, false);
            }
            (low, high) = (low.min(*quanta), high.max(*quanta));
            if high - low > tolerance {
                return (begin_ms, true);
            }
            begin_ms = *at_ms;
        }
        (begin_ms, false)
    }

    proptest! {
        #[test]
        fn as_going_back_over_all_samples(
            steps in prop::collection::vec(
                (1i64..12_000, -2i32..3, prop::bool::weighted(0.9)), 1..300,
            ),
            tolerance in 0i32..6,
        ) {
            let mut stuck = Stuck::new(60_000, 10_000, tolerance.into(), Some(-6.0));
            let mut all = Vec::new();
            let (mut t_ms, mut quanta) = (1_767_225_600_000, 0);
            for (gap_ms, step, is_still) in steps {
                t_ms += gap_ms;
                quanta += if is_still { 0 } else { step };
                all.push((t_ms, quanta));
                let (begin_ms, has_moved) = by_hand(&all, tolerance, 10_000);
                let is_long = t_ms - begin_ms >= 60_000;
                let want = if quanta <= -6 { Some(false) } else {
                    (is_long || has_moved).then_some(is_long)
                };
                prop_assert_eq!(says(&mut stuck, t_ms, quanta), want);
            }
        }
    }
}
