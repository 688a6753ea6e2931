//! How people answered: the time from when they were told to an acknowledgement, and what is still
//! open.

use super::{Annunciation, count};

/// Upper bounds of the times to acknowledge that are counted apart; beyond the last is the rest.
pub const RESPONSE_BOUNDS_MS: [i64; 6] = [30_000, 60_000, 180_000, 300_000, 600_000, 1_800_000];

/// How people answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// Acknowledged ones.
    pub acknowledged: u64,
    /// Not acknowledged ones.
    pub open: u64,
    /// How many were acknowledged within each bound and over the one before; the last is the rest.
    pub within: [u64; RESPONSE_BOUNDS_MS.len() + 1],
    /// The time that half of the acknowledged ones took at most.
    pub half_ms: Option<i64>,
    /// The time that nine of ten took at most.
    pub nine_tenths_ms: Option<i64>,
    /// The longest time.
    pub longest_ms: Option<i64>,
}

impl Response {
    pub(super) fn of(inside: &[&Annunciation]) -> Self {
        let taken = |one: &&Annunciation| {
            let ms = one.acknowledged_at?.as_millis().saturating_sub(one.told_at.as_millis());
            Some(ms.max(0))
        };
        let mut times: Vec<i64> = inside.iter().filter_map(taken).collect();
        times.sort_unstable();
        let mut within = [0; RESPONSE_BOUNDS_MS.len() + 1];
        for ms in &times {
            let place = RESPONSE_BOUNDS_MS.partition_point(|bound| bound < ms);
            if let Some(n) = within.get_mut(place) {
                *n += 1;
            }
        }
        let acknowledged = count(&times);
        Self {
            acknowledged,
            open: count(inside) - acknowledged,
            within,
            half_ms: nearest(&times, 50),
            nine_tenths_ms: nearest(&times, 90),
            longest_ms: times.last().copied(),
        }
    }
}

/// The percentile by the nearest rank.
pub(crate) fn nearest(rising: &[i64], percent: usize) -> Option<i64> {
    let rank = (rising.len() * percent).div_ceil(100).max(1);
    rising.get(rank - 1).copied()
}

#[cfg(test)]
mod tests {
    use super::super::tests::call;
    use super::*;

    fn response(taken_ms: &[Option<i64>]) -> Response {
        let one = |taken: &Option<i64>| {
            let mut one = call(0, "a");
            one.acknowledged_at = taken.map(|ms| one.at.plus_ms(ms));
            one
        };
        let calls: Vec<_> = taken_ms.iter().map(one).collect();
        Response::of(&calls.iter().collect::<Vec<_>>())
    }

    #[test]
    fn times_fall_into_their_bounds_and_what_is_open_is_counted() {
        let found = response(&[Some(30_000), Some(30_001), Some(2_000_000), None, Some(-5)]);
        assert_eq!((found.acknowledged, found.open), (4, 1));
        assert_eq!(found.within, [2, 1, 0, 0, 0, 0, 1]);
    }

    #[test]
    fn percentiles_are_times_that_were_taken() {
        let ten: Vec<_> = (1..=10).map(|s| Some(s * 1000)).collect();
        let found = response(&ten);
        assert_eq!((found.half_ms, found.nine_tenths_ms), (Some(5000), Some(9000)));
        assert_eq!(found.longest_ms, Some(10_000));
        assert_eq!(response(&[None]).half_ms, None);
        assert_eq!(response(&[Some(7)]).nine_tenths_ms, Some(7));
    }
}
