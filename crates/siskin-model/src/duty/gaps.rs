//! Hours in which nobody is on the roster, and people who stand in two places at once.

use super::{Desk, Roster, Shift, ShiftId};
use crate::Timestamp;

/// A stretch in which a desk that needs somebody has nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// The desk.
    pub desk: Desk,
    /// Its begin.
    pub from: Timestamp,
    /// Its end, or the end of what was looked at.
    pub to: Timestamp,
}

/// One person is on two shifts that overlap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TwiceAtOnce {
    /// The shift that begins first.
    pub first: ShiftId,
    /// The other one.
    pub second: ShiftId,
    /// From when both run.
    pub from: Timestamp,
}

/// The stretches of [from, to) in which one of `desks` has nobody, by desk and then by time.
pub fn gaps(roster: &Roster, desks: &[Desk], from: Timestamp, to: Timestamp) -> Vec<Gap> {
    let of_desk = |desk: &Desk| {
        let filling = roster.shifts.iter().filter(|shift| shift.fills(desk));
        let spans = filling.map(|shift| (shift.from, shift.to)).collect();
        let gap = |(from, to)| Gap { desk: desk.clone(), from, to };
        uncovered(spans, from, to).into_iter().map(gap).collect::<Vec<_>>()
    };
    desks.iter().flat_map(of_desk).collect()
}

/// What of [from, to) lies in none of `spans`, in order.
pub fn uncovered(
    mut spans: Vec<(Timestamp, Timestamp)>,
    from: Timestamp,
    to: Timestamp,
) -> Vec<(Timestamp, Timestamp)> {
    spans.sort_unstable();
    let mut found = Vec::new();
    let mut covered_to = from;
    for (begin, end) in spans {
        let begin = begin.min(to);
        if begin > covered_to {
            found.push((covered_to, begin));
        }
        covered_to = covered_to.max(end);
    }
    if covered_to < to {
        found.push((covered_to, to));
    }
    found
}

/// People who are on two shifts of different desks at the same time, or on one desk twice.
pub fn twice_at_once(shifts: &[Shift]) -> Vec<TwiceAtOnce> {
    let mut sorted: Vec<&Shift> = shifts.iter().collect();
    sorted.sort_by_key(|shift| (shift.person.clone(), shift.from));
    let mut found = Vec::new();
    // The shift of the same person that reaches furthest so far.
    let mut reaching: Option<&Shift> = None;
    for shift in sorted {
        let before = reaching.filter(|before| before.person == shift.person);
        if let Some(before) = before.filter(|before| before.to > shift.from) {
            let (first, second) = (before.id(), shift.id());
            found.push(TwiceAtOnce { first, second, from: shift.from });
        }
        if before.is_none_or(|before| before.to < shift.to) {
            reaching = Some(shift);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::roster::tests::roster;
    use super::super::shift::tests::{desk, hour, shift};
    use super::*;

    fn check(shifts: Vec<Shift>, on: &str, expected: &[(i64, i64)]) {
        let found = gaps(&roster(shifts, &[]), &[desk(on)], hour(0), hour(48));
        let gap = |&(from, to): &(i64, i64)| Gap { desk: desk(on), from: hour(from), to: hour(to) };
        assert_eq!(found, expected.iter().map(gap).collect::<Vec<_>>());
    }

    #[test]
    fn a_gap_is_where_no_shift_is() {
        check(vec![], "leader", &[(0, 48)]);
        check(vec![shift("leader", "li", -8, 56)], "leader", &[]);
        let two = || vec![shift("leader", "li", 8, 20), shift("leader", "han", 20, 32)];
        check(two(), "leader", &[(0, 8), (32, 48)]);
        check(two(), "operator", &[(0, 48)]);
        let hole = vec![shift("operator/east", "li", 0, 20), shift("operator", "han", 21, 48)];
        check(hole.clone(), "operator/east", &[(20, 21)]);
        check(hole.clone(), "operator", &[(20, 21)]);
        check(hole, "operator/west", &[(0, 21)]);
    }

    #[test]
    fn one_person_in_two_places_is_found() {
        let shifts = [
            shift("operator", "li", 0, 24),
            shift("operator", "han", 0, 24),
            shift("leader", "li", 4, 6),
            shift("leader", "li", 20, 32),
            shift("leader", "han", 24, 30),
        ];
        let found: Vec<i64> = twice_at_once(&shifts)
            .iter()
            .map(|one| one.from.since_ms(hour(0)) / 3_600_000)
            .collect();
        assert_eq!(found, [4, 20]);
    }

    proptest! {
        /// Hour by hour, a gap is told exactly where no shift is.
        #[test]
        fn every_hour_is_covered_or_told(
            spans in prop::collection::vec((-10_i64..60, 1_i64..30), 0..12),
        ) {
            let shifts: Vec<Shift> = spans
                .iter()
                .map(|(from, hours)| shift("leader", "li", *from, from + hours))
                .collect();
            let roster = roster(shifts, &[]);
            let found = gaps(&roster, &[desk("leader")], hour(0), hour(48));
            for at in 0..48 {
                let told = found.iter().any(|gap| gap.from <= hour(at) && hour(at) < gap.to);
                let nobody = roster.running(&desk("leader"), hour(at)).is_empty();
                prop_assert_eq!(told, nobody, "hour {}", at);
            }
            prop_assert!(found.windows(2).all(|pair| pair[0].to < pair[1].from));
        }
    }
}
