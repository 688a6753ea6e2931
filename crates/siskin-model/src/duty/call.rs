//! Whom a step of a ladder reaches: a role, a moment and a roster to people with telephones.
//!
//! Where the roster has a gap the call still goes out: to the substitute, else to the leader on
//! duty, else to everybody the roster knows in that role, else to whoever is on duty at all. How
//! the people were found is said with them, so that a gap is never taken for the plan. Must never
//! give nobody where the roster names somebody who can be reached.

use serde::{Deserialize, Serialize};

use super::{Contact, Desk, Roster, Shift, on_duty};
use crate::{ContactId, DutyRoleId, PositionId, Timestamp};

/// The role of the leader on duty (带班领导).
pub const LEADER: &str = "leader";
/// How far around the moment the roster is read: as long as the longest shift on both sides.
pub const LOOK_MS: i64 = super::shift::SHIFT_MS_MAX;
/// The most people of one call; a roster that names more has too many for one step.
pub const PEOPLE_MAX: usize = 16;

/// How the people of a call were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CallFound {
    /// Who is on duty in the role, then their substitutes.
    OnDuty,
    /// Who is on duty is not in the contact book; their substitutes are.
    Substitute,
    /// Nobody is on duty in the role; the leader on duty is.
    Leader,
    /// Nobody is on duty in the role and no leader is; everybody whom the roster knows in it.
    EverybodyOfRole,
    /// The roster knows nobody in the role; whoever is on duty in any role.
    AnybodyOnDuty,
    /// The roster names nobody who can be reached.
    Nobody,
    /// The roster could not be read.
    Unreadable,
}

impl CallFound {
    /// The wire name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OnDuty => "on-duty",
            Self::Substitute => "substitute",
            Self::Leader => "leader",
            Self::EverybodyOfRole => "everybody-of-role",
            Self::AnybodyOnDuty => "anybody-on-duty",
            Self::Nobody => "nobody",
            Self::Unreadable => "unreadable",
        }
    }

    /// Whether the roster did not say who is to be called: a fault that somebody must see to.
    pub const fn is_gap(self) -> bool {
        !matches!(self, Self::OnDuty)
    }
}

/// Somebody who is called, as the contact book had them then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalledPerson {
    /// Their id in the contact book.
    pub id: ContactId,
    /// Their name.
    pub name: String,
    /// Their first telephone number.
    pub phone: Option<String>,
}

/// Whom a step of a ladder reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// The duty role of the step.
    pub to: String,
    /// When the roster was asked.
    pub at: Timestamp,
    /// How they were found.
    pub found: CallFound,
    /// Who is called, in this order.
    pub people: Vec<CalledPerson>,
    /// Who asked for it before its time; none: its time had come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

impl Call {
    /// A call without a roster: the role stands, and that nobody could be named.
    pub fn unreadable(to: &str, at: Timestamp) -> Self {
        let found = CallFound::Unreadable;
        Self { to: to.to_owned(), at, found, people: Vec::new(), by: None }
    }

    /// Whom a step to the role `to` reaches at `at`, for the desk at `position`.
    pub fn of(roster: &Roster, to: &str, position: Option<&PositionId>, at: Timestamp) -> Self {
        let (found, people) = found(roster, to, position, at);
        let people = people.into_iter().take(PEOPLE_MAX).map(called).collect();
        Self { to: to.to_owned(), at, found, people, by: None }
    }
}

fn called(contact: &Contact) -> CalledPerson {
    let phone = contact.phones.first().cloned();
    CalledPerson { id: contact.id.clone(), name: contact.name.clone(), phone }
}

fn found<'a>(
    roster: &'a Roster,
    to: &str,
    position: Option<&PositionId>,
    at: Timestamp,
) -> (CallFound, Vec<&'a Contact>) {
    // What is no role's name has nobody on duty.
    let role = DutyRoleId::new(to).ok();
    if let Some(role) = &role {
        let people = on_duty(roster, role, position, at);
        if !people.is_empty() {
            let desk = Desk { role: role.clone(), position: position.cloned() };
            let there = roster.there(&desk, at);
            let is_there = people.iter().any(|one| there.contains(&&one.id));
            let found = if is_there { CallFound::OnDuty } else { CallFound::Substitute };
            return (found, people);
        }
    }
    if let Ok(leader) = DutyRoleId::new(LEADER) {
        let people = on_duty(roster, &leader, None, at);
        if !people.is_empty() {
            return (CallFound::Leader, people);
        }
    }
    let of_role = role.map(|role| named(roster, |shift| shift.desk.role == role));
    if let Some(people) = of_role.filter(|people| !people.is_empty()) {
        return (CallFound::EverybodyOfRole, people);
    }
    let people = named(roster, |shift| shift.covers(at));
    let found = if people.is_empty() { CallFound::Nobody } else { CallFound::AnybodyOnDuty };
    (found, people)
}

/// Everybody in the contact book whom a shift names, or who came instead; nobody twice.
fn named(roster: &Roster, is_meant: impl Fn(&Shift) -> bool) -> Vec<&Contact> {
    let mut shifts: Vec<&Shift> = roster.shifts.iter().filter(|shift| is_meant(shift)).collect();
    shifts.sort_by_key(|shift| (shift.from, shift.id()));
    let mut found: Vec<&Contact> = Vec::new();
    for shift in shifts {
        let id = shift.id();
        let came = roster.substitutions.iter().filter(|one| one.shift == id);
        let ids = came.map(|one| &one.person).chain([&shift.person]).chain(&shift.substitutes);
        for contact in ids.filter_map(|id| roster.contact(id)) {
            if !found.iter().any(|other| other.id == contact.id) {
                found.push(contact);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::roster::tests::roster;
    use super::super::shift::tests::{desk, hour, id, shift};
    use super::*;

    fn check(roster: &Roster, on: &str, at_h: i64, expected: (CallFound, &[&str])) {
        let Desk { role, position } = desk(on);
        let call = Call::of(roster, role.as_str(), position.as_ref(), hour(at_h));
        let people: Vec<&str> = call.people.iter().map(|one| one.id.as_str()).collect();
        assert_eq!((call.found, people.as_slice()), expected, "{on} at {at_h} h");
    }

    #[test]
    fn who_is_on_duty_is_called_and_a_hand_over_changes_who() {
        let roster =
            roster(vec![shift("operator", "li", 8, 20), shift("operator", "han", 20, 32)], &[]);
        check(&roster, "operator", 19, (CallFound::OnDuty, &["li"]));
        check(&roster, "operator", 20, (CallFound::OnDuty, &["han"]));
        let call = Call::of(&roster, "operator", None, hour(20));
        let expected =
            CalledPerson { id: id("han"), name: "HAN".to_owned(), phone: Some("8101".to_owned()) };
        assert_eq!(call.people, [expected]);
    }

    #[test]
    fn a_gap_goes_to_the_substitute_then_the_leader_then_everybody_of_the_role() {
        let mut night = shift("operator", "gone", 20, 32);
        night.substitutes = vec![id("han")];
        let on = |who, from, to| shift("operator", who, from, to);
        let led = roster(vec![night.clone(), shift("leader", "wang", 20, 32)], &[]);
        check(&led, "operator", 21, (CallFound::Substitute, &["han"]));
        night.substitutes.clear();
        let led = roster(vec![night.clone(), shift("leader", "wang", 20, 32)], &[]);
        check(&led, "operator", 21, (CallFound::Leader, &["wang"]));
        let alone = roster(vec![night, on("li", 8, 20), on("han", 32, 40)], &[]);
        check(&alone, "operator", 21, (CallFound::EverybodyOfRole, &["li", "han"]));
        check(&alone, "leader", 10, (CallFound::AnybodyOnDuty, &["li"]));
        check(&alone, "leader", 50, (CallFound::Nobody, &[]));
        check(&Roster::default(), "leader", 0, (CallFound::Nobody, &[]));
    }

    #[test]
    fn only_what_the_roster_planned_is_no_gap() {
        use CallFound::{AnybodyOnDuty, EverybodyOfRole, Leader, Nobody, OnDuty, Substitute};
        assert!(!OnDuty.is_gap());
        for found in [Substitute, Leader, EverybodyOfRole, AnybodyOnDuty, Nobody] {
            assert!(found.is_gap(), "{found:?}");
        }
        assert!(Call::unreadable("leader", hour(0)).found.is_gap());
    }

    proptest! {
        /// Whatever the roster: whom `on_duty` names is called first and as they stand there, and
        /// where anybody of the role or on duty can be reached somebody is.
        #[test]
        fn a_call_reaches_whoever_can_be_reached(
            shifts in prop::collection::vec(
                (0_usize..3, 0_usize..5, -10_i64..40, 1_i64..20, 0_usize..5), 0..8),
            role in 0_usize..3,
            at_h in 0_i64..40,
        ) {
            let roles = ["operator", "leader", "engineer"];
            // `gone` is not in the contact book.
            let people = ["li", "han", "wang", "zhao", "gone"];
            let shifts: Vec<Shift> = shifts.iter().map(|(role, who, from, hours, substitute)| {
                let mut one = shift(roles[*role], people[*who], *from, from + hours);
                one.substitutes =
                    (substitute != who).then(|| id(people[*substitute])).into_iter().collect();
                one
            }).collect();
            let roster = roster(shifts, &[]);
            let asked = DutyRoleId::new(roles[role]).unwrap();
            let call = Call::of(&roster, asked.as_str(), None, hour(at_h));
            let planned: Vec<_> =
                on_duty(&roster, &asked, None, hour(at_h)).iter().map(|c| c.id.clone()).collect();
            let called: Vec<_> = call.people.iter().map(|one| one.id.clone()).collect();
            if planned.is_empty() {
                prop_assert!(call.found.is_gap());
            } else {
                prop_assert_eq!(&called, &planned);
            }
            let is_known = |who: &ContactId| roster.contact(who).is_some();
            let may_be = roster.shifts.iter().any(|shift| {
                let names = is_known(&shift.person) || shift.substitutes.iter().any(is_known);
                names && (shift.desk.role == asked || shift.covers(hour(at_h)))
            });
            prop_assert_eq!(may_be, !called.is_empty());
            prop_assert_eq!(called.is_empty(), call.found == CallFound::Nobody);
            let mut once = called.clone();
            once.sort();
            once.dedup();
            prop_assert_eq!(once.len(), called.len());
        }
    }
}
