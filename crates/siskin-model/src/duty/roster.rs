//! Who is on duty at a moment.

use super::{Contact, Desk, Shift, Substitution};
use crate::{ContactId, DutyRoleId, PositionId, Timestamp};

/// Contacts, shifts and who came instead.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roster {
    /// The contact book.
    pub contacts: Vec<Contact>,
    /// Shifts in any order; they may overlap.
    pub shifts: Vec<Shift>,
    /// Substitutions in the order they were made.
    pub substitutions: Vec<Substitution>,
}

/// Who is to be reached for `role`, and where `position` is given for that desk, at `at`: first
/// those who are there (a substitute who took over stands for the person of the shift), then the
/// substitutes who have not taken over, in their order. Nobody twice. Empty only where no shift
/// covers the moment: whoever escalates must then go on to the next step at once.
pub fn on_duty<'a>(
    roster: &'a Roster,
    role: &DutyRoleId,
    position: Option<&PositionId>,
    at: Timestamp,
) -> Vec<&'a Contact> {
    let desk = Desk { role: role.clone(), position: position.cloned() };
    let running = roster.running(&desk, at);
    let there = running.iter().map(|shift| roster.acting(shift, at));
    let may_come = running.iter().flat_map(|shift| {
        let acting = roster.acting(shift, at);
        shift.substitutes.iter().filter(move |one| *one != acting)
    });
    let mut found: Vec<&Contact> = Vec::new();
    for id in there.chain(may_come) {
        let contact = roster.contact(id);
        found.extend(contact.filter(|one| !found.iter().any(|other| other.id == one.id)));
    }
    found
}

impl Roster {
    /// The contact with this id.
    pub fn contact(&self, id: &ContactId) -> Option<&Contact> {
        self.contacts.iter().find(|contact| contact.id == *id)
    }

    /// The shifts that fill `desk` at `at`: those of exactly this desk first, then by begin.
    pub fn running(&self, desk: &Desk, at: Timestamp) -> Vec<&Shift> {
        let mut found: Vec<&Shift> =
            self.shifts.iter().filter(|shift| shift.covers(at) && shift.fills(desk)).collect();
        found.sort_by_key(|shift| (shift.desk != *desk, shift.from, shift.person.clone()));
        found
    }

    /// Who is there for `shift` at `at`: the newest substitution that covers the moment decides.
    pub fn acting<'a>(&'a self, shift: &'a Shift, at: Timestamp) -> &'a ContactId {
        let id = shift.id();
        let newest = self.substitutions.iter().rev();
        let mut covering = newest.filter(|one| one.shift == id && one.from <= at && at < one.to);
        covering.next().map_or(&shift.person, |one| &one.person)
    }

    /// The people at `desk` at `at`, nobody twice.
    pub fn there(&self, desk: &Desk, at: Timestamp) -> Vec<&ContactId> {
        let mut found: Vec<&ContactId> = Vec::new();
        for shift in self.running(desk, at) {
            let acting = self.acting(shift, at);
            if !found.contains(&acting) {
                found.push(acting);
            }
        }
        found
    }

    /// The first moment after `after` at which the roster or a substitution says something else
    /// about `desk`.
    pub fn next_change(&self, desk: &Desk, after: Timestamp) -> Option<Timestamp> {
        self.moments(desk).into_iter().filter(|at| *at > after).min()
    }

    /// Begins and ends of what concerns `desk`, in no order.
    pub(super) fn moments(&self, desk: &Desk) -> Vec<Timestamp> {
        let shifts: Vec<&Shift> = self.shifts.iter().filter(|shift| shift.fills(desk)).collect();
        let ids: Vec<_> = shifts.iter().map(|shift| shift.id()).collect();
        let of_shifts = shifts.iter().flat_map(|shift| [shift.from, shift.to]);
        let substitutions = self.substitutions.iter().filter(|one| ids.contains(&one.shift));
        of_shifts.chain(substitutions.flat_map(|one| [one.from, one.to])).collect()
    }

    /// Every desk that a shift names, each once.
    pub fn desks(&self) -> Vec<Desk> {
        let mut found: Vec<Desk> = self.shifts.iter().map(|shift| shift.desk.clone()).collect();
        found.sort();
        found.dedup();
        found
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::super::shift::tests::{desk, hour, id, shift};
    use super::*;

    pub(crate) fn contact(who: &str) -> Contact {
        Contact {
            id: id(who),
            name: who.to_uppercase(),
            organisation: String::new(),
            phones: vec!["8101".to_owned()],
            email: None,
            note: String::new(),
            account: None,
        }
    }

    /// Substitutions as (place of the shift, from, to, who).
    pub(crate) fn roster(shifts: Vec<Shift>, came: &[(usize, i64, i64, &str)]) -> Roster {
        let contacts = ["li", "han", "wang", "zhao"].map(contact).to_vec();
        let substitution = |&(place, from, to, who): &(usize, i64, i64, &str)| Substitution {
            shift: shifts[place].id(),
            from: hour(from),
            to: hour(to),
            person: id(who),
        };
        let substitutions = came.iter().map(substitution).collect();
        Roster { contacts, shifts, substitutions }
    }

    fn check(roster: &Roster, on: &str, at_h: i64, expected: &[&str]) {
        let Desk { role, position } = desk(on);
        let found = on_duty(roster, &role, position.as_ref(), hour(at_h));
        let found: Vec<&str> = found.iter().map(|contact| contact.id.as_str()).collect();
        assert_eq!(found, expected, "{on} at {at_h} h");
    }

    #[test]
    fn a_shift_of_a_day_ends_where_the_next_one_begins() {
        // From 8 to 8: over midnight, as parks do.
        let shifts = vec![shift("leader", "li", 8, 32), shift("leader", "han", 32, 56)];
        let roster = roster(shifts, &[]);
        for (at_h, expected) in [(7, &[][..]), (8, &["li"]), (31, &["li"]), (32, &["han"])] {
            check(&roster, "leader", at_h, expected);
        }
        check(&roster, "leader", 55, &["han"]);
        check(&roster, "leader", 56, &[]);
        check(&roster, "operator", 9, &[]);
        assert_eq!(roster.next_change(&desk("leader"), hour(8)), Some(hour(32)));
        assert_eq!(roster.next_change(&desk("leader"), hour(56)), None);
    }

    #[test]
    fn who_took_over_stands_for_the_person_and_the_newest_counts() {
        let mut night = shift("operator", "li", 20, 32);
        night.substitutes = vec![id("han"), id("wang")];
        let roster = roster(vec![night], &[(0, 22, 32, "wang"), (0, 24, 26, "zhao")]);
        check(&roster, "operator", 21, &["li", "han", "wang"]);
        check(&roster, "operator", 22, &["wang", "han"]);
        check(&roster, "operator", 24, &["zhao", "han", "wang"]);
        check(&roster, "operator", 26, &["wang", "han"]);
        assert_eq!(roster.next_change(&desk("operator"), hour(20)), Some(hour(22)));
    }

    #[test]
    fn overlapping_shifts_are_both_there_the_exact_desk_first() {
        let shifts = vec![
            shift("operator", "li", 0, 24),
            shift("operator/east", "han", 8, 16),
            shift("operator/west", "wang", 8, 16),
        ];
        let roster = roster(shifts, &[]);
        check(&roster, "operator/east", 9, &["han", "li"]);
        check(&roster, "operator/east", 17, &["li"]);
        check(&roster, "operator", 9, &["li", "han", "wang"]);
        assert_eq!(roster.desks(), ["operator", "operator/east", "operator/west"].map(desk));
    }

    #[test]
    fn nobody_is_named_twice() {
        let mut first = shift("operator/east", "li", 0, 8);
        first.substitutes = vec![id("han")];
        let mut second = shift("operator/west", "li", 0, 8);
        second.substitutes = vec![id("li"), id("han")];
        let roster = roster(vec![first, second], &[]);
        check(&roster, "operator", 1, &["li", "han"]);
    }
}
