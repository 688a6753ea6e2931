//! Stretches of time: joined, turned inside out, laid over each other. Begins belong to a stretch,
//! ends do not; a stretch without length is kept where only its begin matters.

use siskin_model::Timestamp;

/// A stretch of time in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Interval {
    pub(crate) start_ms: i64,
    pub(crate) end_ms: i64,
}

impl Interval {
    pub(crate) const fn new(start_ms: i64, end_ms: i64) -> Self {
        Self { start_ms, end_ms }
    }

    pub(crate) fn of(from: Timestamp, to: Timestamp) -> Self {
        Self::new(from.as_millis(), to.as_millis())
    }

    pub(crate) const fn length_ms(self) -> i64 {
        self.end_ms - self.start_ms
    }

    pub(crate) fn clipped(self, to: Self) -> Option<Self> {
        let start_ms = self.start_ms.max(to.start_ms);
        let end_ms = self.end_ms.min(to.end_ms);
        (start_ms < end_ms).then_some(Self { start_ms, end_ms })
    }
}

/// Stretches in order that do not touch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Intervals(Vec<Interval>);

impl Intervals {
    /// Joins stretches that overlap or touch.
    pub(crate) fn joined(parts: impl IntoIterator<Item = Interval>) -> Self {
        let mut parts: Vec<_> = parts.into_iter().collect();
        parts.sort_unstable();
        let mut joined: Vec<Interval> = Vec::new();
        for part in parts {
            match joined.last_mut() {
                Some(last) if part.start_ms <= last.end_ms => {
                    last.end_ms = last.end_ms.max(part.end_ms);
                }
                _ => joined.push(part),
            }
        }
        Self(joined)
    }

    /// What of `whole` is not in these.
    pub(crate) fn rest_of(&self, whole: Interval) -> Self {
        let mut rest = Vec::new();
        let mut from_ms = whole.start_ms;
        for part in &self.0 {
            rest.extend(Interval::new(from_ms, part.start_ms).clipped(whole));
            from_ms = from_ms.max(part.end_ms);
        }
        rest.extend(Interval::new(from_ms, whole.end_ms).clipped(whole));
        Self(rest)
    }

    /// What lies in both.
    pub(crate) fn overlap_ms(&self, other: &Self) -> i64 {
        let (mut left, mut right) = (self.0.iter().peekable(), other.0.iter().peekable());
        let mut sum_ms = 0;
        while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
            sum_ms += a.clipped(**b).map_or(0, Interval::length_ms);
            if a.end_ms <= b.end_ms {
                left.next();
            } else {
                right.next();
            }
        }
        sum_ms
    }

    pub(crate) fn contains(&self, at_ms: i64) -> bool {
        let after = self.0.partition_point(|part| part.start_ms <= at_ms);
        after.checked_sub(1).and_then(|i| self.0.get(i)).is_some_and(|part| at_ms < part.end_ms)
    }

    /// The first stretch that begins at `at_ms` or later.
    pub(crate) fn first_from(&self, at_ms: i64) -> Option<Interval> {
        self.0.get(self.0.partition_point(|part| part.start_ms < at_ms)).copied()
    }

    pub(crate) fn length_ms(&self) -> i64 {
        self.0.iter().map(|part| part.length_ms()).sum()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Interval> {
        self.0.iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn made(parts: &[(i64, i64)]) -> Intervals {
        Intervals::joined(parts.iter().map(|(a, b)| Interval::new(*a, *b)))
    }

    #[test]
    fn stretches_are_joined_and_turned_inside_out() {
        let busy = made(&[(5, 7), (1, 3), (3, 4), (6, 9)]);
        assert_eq!(busy, made(&[(1, 4), (5, 9)]));
        assert_eq!(busy.rest_of(Interval::new(0, 10)), made(&[(0, 1), (4, 5), (9, 10)]));
        assert_eq!(busy.rest_of(Interval::new(2, 6)), made(&[(4, 5)]));
        assert_eq!(busy.overlap_ms(&made(&[(0, 2), (3, 6), (8, 20)])), 1 + 1 + 1 + 1);
        assert_eq!(busy.length_ms(), 7);
        assert_eq!(busy.first_from(2), Some(Interval::new(5, 9)));
        assert_eq!(busy.first_from(6), None);
        assert!(busy.contains(1) && busy.contains(3) && !busy.contains(4) && !busy.contains(0));
    }

    proptest! {
        #[test]
        fn every_moment_is_in_one_of_both(
            parts in prop::collection::vec((0i64..100, 0i64..20), 0..20),
            others in prop::collection::vec((0i64..100, 0i64..20), 0..20),
        ) {
            let of = |parts: &[(i64, i64)]| {
                Intervals::joined(parts.iter().map(|(at, long)| Interval::new(*at, at + long)))
            };
            let (busy, other, whole) = (of(&parts), of(&others), Interval::new(10, 90));
            let rest = busy.rest_of(whole);
            let inside = |at: &i64, parts: &[(i64, i64)]| {
                parts.iter().any(|(begin, long)| (*begin..begin + long).contains(at))
            };
            for at in 10..90 {
                prop_assert_eq!(busy.contains(at), inside(&at, &parts));
                prop_assert_eq!(rest.contains(at), !busy.contains(at));
            }
            let both = (0..200).filter(|at| inside(at, &parts) && inside(at, &others)).count();
            prop_assert_eq!(busy.overlap_ms(&other), i64::try_from(both).unwrap());
        }
    }
}
