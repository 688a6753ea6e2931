//! What a new roster changes of the one that is known, and what of that lies in the past.

use super::{Desk, Shift, ShiftId};
use crate::Timestamp;

/// What a new roster changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    /// Shifts that are new.
    pub added: Vec<Shift>,
    /// Shifts with another end or other substitutes: before and after.
    pub changed: Vec<(Shift, Shift)>,
    /// Shifts that are no longer there.
    pub removed: Vec<Shift>,
    /// How many stay as they are.
    pub unchanged: usize,
    /// Those of the changes that say something else about what has been already.
    pub past: Vec<ShiftId>,
}

impl Difference {
    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty() && self.removed.is_empty()
    }
}

/// Compares `wanted` with `known` at `now`. A roster speaks for the desks that it names, from its
/// first begin to its last end: a known shift of these that begins in that stretch and is not in it
/// is removed, everything else stays. Both lists have each shift once.
pub fn difference(known: &[Shift], wanted: &[Shift], now: Timestamp) -> Difference {
    let mut made = Difference::default();
    for shift in wanted {
        let id = shift.id();
        match known.iter().find(|one| one.id() == id) {
            Some(same) if same == shift => made.unchanged += 1,
            Some(before) => {
                if before.to <= now || shift.to <= now {
                    made.past.push(id);
                }
                made.changed.push((before.clone(), shift.clone()));
            }
            None => {
                if shift.from < now {
                    made.past.push(id);
                }
                made.added.push(shift.clone());
            }
        }
    }
    let ids: Vec<ShiftId> = wanted.iter().map(Shift::id).collect();
    for shift in known.iter().filter(|shift| speaks_for(wanted, shift)) {
        let id = shift.id();
        if !ids.contains(&id) {
            if shift.from < now {
                made.past.push(id);
            }
            made.removed.push(shift.clone());
        }
    }
    made
}

/// Whether `wanted` would have `shift` if it were still to be.
fn speaks_for(wanted: &[Shift], shift: &Shift) -> bool {
    let from = wanted.iter().map(|one| one.from).min();
    let to = wanted.iter().map(|one| one.to).max();
    let names = |desk: &Desk| wanted.iter().any(|one| one.desk == *desk);
    let inside = from.zip(to).is_some_and(|(from, to)| from <= shift.from && shift.from < to);
    inside && names(&shift.desk)
}

#[cfg(test)]
mod tests {
    use super::super::shift::tests::{hour, id, shift};
    use super::*;

    /// Numbers of added, changed, removed, unchanged and past ones at 12 h.
    fn check(known: &[Shift], wanted: &[Shift], expected: [usize; 5]) {
        let made = difference(known, wanted, hour(12));
        let counts = [
            made.added.len(),
            made.changed.len(),
            made.removed.len(),
            made.unchanged,
            made.past.len(),
        ];
        assert_eq!(counts, expected, "{made:?}");
        assert_eq!(made.is_empty(), counts[..3] == [0, 0, 0]);
    }

    #[test]
    fn a_roster_speaks_for_its_desks_and_its_stretch() {
        let on = |who, from, to| shift("operator", who, from, to);
        let known = [on("li", 0, 24), on("han", 24, 48), shift("leader", "wang", 24, 48)];
        check(&known, &known, [0, 0, 0, 3, 0]);
        check(&known, &[], [0, 0, 0, 0, 0]);
        check(&known, &[on("zhao", 24, 48)], [1, 0, 1, 0, 0]);
        check(&known, &[on("zhao", 48, 72)], [1, 0, 0, 0, 0]);
        check(&known, &[on("han", 24, 36), on("zhao", 36, 48)], [1, 1, 0, 0, 0]);
    }

    #[test]
    fn what_has_been_is_told_apart() {
        let on = |who, from, to| shift("operator", who, from, to);
        let known = [on("li", 0, 24)];
        // Another person for what runs already, and for what is over.
        check(&known, &[on("han", 0, 24)], [1, 0, 1, 0, 2]);
        check(&[on("li", 0, 8)], &[on("han", 0, 8)], [1, 0, 1, 0, 2]);
        check(&[], &[on("han", 11, 24)], [1, 0, 0, 0, 1]);
        check(&[], &[on("han", 12, 24)], [1, 0, 0, 0, 0]);
        // Who is there may stay longer or go earlier, but not have gone.
        check(&known, &[on("li", 0, 26)], [0, 1, 0, 0, 0]);
        check(&known, &[on("li", 0, 12)], [0, 1, 0, 0, 1]);
        check(&[on("li", 0, 12)], &[on("li", 0, 24)], [0, 1, 0, 0, 1]);
        let mut helped = on("li", 0, 24);
        helped.substitutes = vec![id("han")];
        check(&known, &[helped], [0, 1, 0, 0, 0]);
    }
}
