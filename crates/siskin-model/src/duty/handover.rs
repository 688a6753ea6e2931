//! Hand-overs: whoever goes tells whoever comes, and whoever comes says that they have heard it.
//!
//! A hand-over belongs to a *relief*: a moment at which somebody leaves a desk and somebody else
//! is there. Never closed by the station: only another person acknowledges it.

use serde::{Deserialize, Serialize};

use super::{Desk, Roster};
use crate::{ContactId, Timestamp};

/// A hand-over that nobody has acknowledged is told this long after the relief.
pub const LATE_MS: i64 = 15 * 60_000;
/// A relief is announced as due this long before it.
pub const SOON_MS: i64 = 30 * 60_000;
/// A hand-over may be begun this long before the relief it is for.
pub const EARLY_MS: i64 = 4 * 3_600_000;
/// And this long after it; older reliefs are no longer told either.
pub const LOOK_BACK_MS: i64 = 24 * 3_600_000;
/// A roster that was corrected by less than this does not part a hand-over from its relief.
const SAME_MS: i64 = 30 * 60_000;

/// Somebody leaves a desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relief {
    /// The desk.
    pub desk: Desk,
    /// When.
    pub at: Timestamp,
    /// Who goes.
    pub outgoing: ContactId,
    /// Who comes, or stays.
    pub incoming: ContactId,
}

/// Who acknowledged a hand-over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandOverEnd {
    /// When, by the station's clock.
    pub at: Timestamp,
    /// The account.
    pub by: String,
    /// What they noted; may be empty.
    pub note: String,
}

/// A hand-over as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandOver {
    /// Its number, from 1.
    pub number: u64,
    /// Of which desk.
    #[serde(flatten)]
    pub desk: Desk,
    /// The relief it is for.
    pub relief_at: Timestamp,
    /// When it was begun.
    pub begun_at: Timestamp,
    /// The account of who goes.
    pub begun_by: String,
    /// What they say.
    pub note: String,
    /// Who has heard it.
    pub acknowledged: Option<HandOverEnd>,
}

/// What is open about a relief.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HandOverState {
    /// It comes within [`SOON_MS`] and its hand-over has not begun.
    Due,
    /// It is over by [`LATE_MS`] or more and its hand-over has not begun.
    NotBegun,
    /// It is over by [`LATE_MS`] or more and nobody has acknowledged this hand-over.
    NotAcknowledged(u64),
}

/// The reliefs of `desks` in [from, to), by desk and then by time. Where nobody comes there is no
/// relief: that is a gap, and is told as one.
pub fn reliefs(roster: &Roster, desks: &[Desk], from: Timestamp, to: Timestamp) -> Vec<Relief> {
    let mut found = Vec::new();
    for desk in desks {
        let mut moments = roster.moments(desk);
        moments.retain(|at| from <= *at && *at < to);
        moments.sort_unstable();
        moments.dedup();
        found.extend(moments.into_iter().filter_map(|at| relief(roster, desk, at)));
    }
    found
}

fn relief(roster: &Roster, desk: &Desk, at: Timestamp) -> Option<Relief> {
    let before = roster.there(desk, at.plus_ms(-1));
    let after = roster.there(desk, at);
    let outgoing = before.iter().find(|who| !after.contains(*who))?;
    let incoming = after.iter().find(|who| !before.contains(*who)).or(after.first())?;
    Some(Relief {
        desk: desk.clone(),
        at,
        outgoing: (*outgoing).clone(),
        incoming: (*incoming).clone(),
    })
}

/// The relief that a hand-over begun at `now` is for: the nearest one that it may be for. Where
/// the roster has none it is for this moment.
pub fn relief_at(roster: &Roster, desk: &Desk, now: Timestamp) -> Timestamp {
    let (from, to) = (now.plus_ms(-LOOK_BACK_MS), now.plus_ms(EARLY_MS));
    let found = reliefs(roster, std::slice::from_ref(desk), from, to);
    let nearest = found.iter().map(|relief| relief.at).min_by_key(|at| at.since_ms(now).abs());
    nearest.unwrap_or(now)
}

/// What is open about the reliefs around `now`.
pub fn open_reliefs(
    roster: &Roster,
    desks: &[Desk],
    handovers: &[HandOver],
    now: Timestamp,
) -> Vec<(Relief, HandOverState)> {
    let (from, to) = (now.plus_ms(-LOOK_BACK_MS), now.plus_ms(SOON_MS + 1));
    let state = |relief: Relief| {
        let of_it = handovers.iter().filter(|one| {
            one.desk == relief.desk && one.relief_at.since_ms(relief.at).abs() <= SAME_MS
        });
        let of_it: Vec<&HandOver> = of_it.collect();
        let is_late = now.since_ms(relief.at) >= LATE_MS;
        let state = if of_it.iter().any(|one| one.acknowledged.is_some()) {
            None
        } else if let Some(newest) = of_it.last() {
            is_late.then_some(HandOverState::NotAcknowledged(newest.number))
        } else if is_late {
            Some(HandOverState::NotBegun)
        } else {
            Some(HandOverState::Due)
        };
        state.map(|state| (relief, state))
    };
    reliefs(roster, desks, from, to).into_iter().filter_map(state).collect()
}

#[cfg(test)]
mod tests {
    use super::super::Shift;
    use super::super::roster::tests::roster;
    use super::super::shift::tests::{desk, hour, id, shift};
    use super::*;

    fn check(shifts: Vec<Shift>, came: &[(usize, i64, i64, &str)], expected: &[(i64, &str, &str)]) {
        let roster = roster(shifts, came);
        let found = reliefs(&roster, &[desk("operator")], hour(0), hour(72));
        let relief = |&(at, outgoing, incoming): &(i64, &str, &str)| Relief {
            desk: desk("operator"),
            at: hour(at),
            outgoing: id(outgoing),
            incoming: id(incoming),
        };
        assert_eq!(found, expected.iter().map(relief).collect::<Vec<_>>());
    }

    #[test]
    fn a_relief_is_where_somebody_leaves_a_desk_to_another() {
        let on = |who, from, to| shift("operator", who, from, to);
        check(vec![on("li", 8, 20), on("han", 20, 32)], &[], &[(20, "li", "han")]);
        // Who stays for the next shift hands over to nobody.
        check(vec![on("li", 8, 20), on("li", 20, 32)], &[], &[]);
        // Nobody comes: a gap.
        check(vec![on("li", 8, 20), on("han", 21, 32)], &[], &[]);
        // Both are there for an hour: the relief is when the first one leaves.
        check(vec![on("li", 8, 21), on("han", 20, 32)], &[], &[(21, "li", "han")]);
        // Who takes over in the middle is told everything too.
        check(
            vec![on("li", 8, 20), on("han", 20, 32)],
            &[(0, 12, 20, "wang")],
            &[(12, "li", "wang"), (20, "wang", "han")],
        );
    }

    fn handover(number: u64, relief_h: i64, acknowledged: bool) -> HandOver {
        let at = hour(relief_h);
        let end = HandOverEnd { at, by: "han".to_owned(), note: String::new() };
        HandOver {
            number,
            desk: desk("operator"),
            relief_at: at,
            begun_at: at,
            begun_by: "li".to_owned(),
            note: String::new(),
            acknowledged: acknowledged.then_some(end),
        }
    }

    #[test]
    fn a_hand_over_is_due_before_its_relief_and_late_a_quarter_of_an_hour_after() {
        let shifts = vec![shift("operator", "li", 8, 20), shift("operator", "han", 20, 32)];
        let roster = roster(shifts, &[]);
        let check = |minutes: i64, handovers: &[HandOver], expected: Option<HandOverState>| {
            let now = hour(20).plus_ms(minutes * 60_000);
            let found = open_reliefs(&roster, &[desk("operator")], handovers, now);
            let found: Vec<_> = found.into_iter().map(|(_, state)| state).collect();
            assert_eq!(found, expected.into_iter().collect::<Vec<_>>(), "at {minutes} min");
        };
        check(-31, &[], None);
        check(-30, &[], Some(HandOverState::Due));
        check(14, &[], Some(HandOverState::Due));
        check(15, &[], Some(HandOverState::NotBegun));
        check(14, &[handover(1, 20, false)], None);
        check(15, &[handover(1, 20, false)], Some(HandOverState::NotAcknowledged(1)));
        check(15, &[handover(1, 20, true)], None);
        check(15, &[handover(1, 20, false), handover(2, 20, true)], None);
        check(15, &[handover(1, 8, true)], Some(HandOverState::NotBegun));
        check(24 * 60, &[], Some(HandOverState::NotBegun));
        check(24 * 60 + 1, &[], None);
    }

    #[test]
    fn a_hand_over_is_for_the_nearest_relief() {
        let shifts = vec![shift("operator", "li", 8, 20), shift("operator", "han", 20, 32)];
        let roster = roster(shifts, &[]);
        let check = |now_h: i64, expected_h: i64| {
            assert_eq!(relief_at(&roster, &desk("operator"), hour(now_h)), hour(expected_h));
        };
        check(15, 15);
        check(17, 20);
        check(22, 20);
    }
}
