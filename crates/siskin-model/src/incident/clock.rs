//! Clocks: how long there is to report an incident, to whom, and when people must be reminded.
//!
//! Duties are data. An incident without a grade has the shortest deadline of a duty, because a late
//! report cannot be made good again.

use serde::{Deserialize, Serialize};

use super::{Grade, Incident, Met};
use crate::{Text, Timestamp};

/// The moment a deadline counts from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum CountedFrom {
    /// The discovery of the event.
    Discovered,
    /// The opening of the incident.
    Opened,
    /// The first judgement of its grade.
    Graded,
    /// The moment at which another duty was met.
    Met(String),
}

/// How long there is for a grade.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadline {
    /// Of which grade.
    pub grade: Grade,
    /// The time.
    pub within_ms: i64,
}

/// Who must report what to whom, and within what time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Duty {
    /// Its id.
    pub id: String,
    /// What it is.
    pub name: Text,
    /// Who has it.
    pub who: Text,
    /// Whom they report to.
    pub to: Text,
    /// What time counts from.
    pub counted_from: CountedFrom,
    /// By grade; of a grade that is not here nothing is due.
    pub deadlines: Vec<Deadline>,
    /// It rings when this part of the time is over, per cent.
    pub ring_at_percent: Option<u8>,
    /// It rings so long before the end.
    pub ring_before_ms: Option<i64>,
    /// The law or plan, with its clause.
    pub source: String,
    /// Whether it was read there.
    pub verified: bool,
}

/// Where a clock is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockState {
    /// What it counts from has not happened.
    Waiting,
    /// There is time.
    Running,
    /// It has rung: little time is left.
    Close,
    /// The time is over and nothing was reported.
    Overdue,
    /// Reported in time.
    Met,
    /// Reported after the time was over.
    MetLate,
}

impl ClockState {
    /// The wire name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Close => "close",
            Self::Overdue => "overdue",
            Self::Met => "met",
            Self::MetLate => "met-late",
        }
    }
}

/// A duty of an incident and the time for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clock<'a> {
    /// The duty.
    pub duty: &'a Duty,
    /// Where it is.
    pub state: ClockState,
    /// Since when time counts.
    pub from: Option<Timestamp>,
    /// Until when.
    pub due: Option<Timestamp>,
    /// Until then; negative when it is over.
    pub left_ms: Option<i64>,
    /// Whether the grade is not known and the shortest time stands in.
    pub provisional: bool,
    /// How it was met.
    pub met: Option<&'a Met>,
    /// When it rings, in order; the last one is the end.
    pub rings: Vec<Timestamp>,
}

/// The clocks of an incident, those of the duties that its grade has, in their order.
pub fn clocks<'a>(incident: &'a Incident, duties: &'a [Duty], now: Timestamp) -> Vec<Clock<'a>> {
    duties.iter().filter_map(|duty| clock(incident, duty, now)).collect()
}

fn clock<'a>(incident: &'a Incident, duty: &'a Duty, now: Timestamp) -> Option<Clock<'a>> {
    let grade = incident.grade();
    let of_grade = |deadline: &&Deadline| grade.is_none_or(|grade| deadline.grade == grade);
    let within_ms = duty.deadlines.iter().filter(of_grade).map(|one| one.within_ms).min();
    let met = incident.met.get(&duty.id);
    // What was reported stays, whatever the grade becomes.
    if within_ms.is_none() && met.is_none() {
        return None;
    }
    let from = match &duty.counted_from {
        CountedFrom::Discovered => Some(incident.discovered_at),
        CountedFrom::Opened => Some(incident.opened_at),
        CountedFrom::Graded => incident.graded_at(),
        CountedFrom::Met(other) => incident.met.get(other).map(|met| met.at),
    };
    let due = from.zip(within_ms).map(|(from, within_ms)| from.plus_ms(within_ms));
    let rings = match (from, within_ms, due) {
        (Some(from), Some(within_ms), Some(due)) => rings(duty, from, within_ms, due),
        _ => Vec::new(),
    };
    let is_close = rings.first().is_some_and(|first| *first <= now);
    let state = match (met, due) {
        (Some(met), Some(due)) if met.at > due => ClockState::MetLate,
        (Some(_), _) => ClockState::Met,
        (None, None) => ClockState::Waiting,
        (None, Some(due)) if now >= due => ClockState::Overdue,
        (None, Some(_)) if is_close => ClockState::Close,
        (None, Some(_)) => ClockState::Running,
    };
    let left_ms = due.map(|due| due.since_ms(now));
    let is_one_for_all = duty.deadlines.len() == Grade::ALL.len()
        && duty.deadlines.iter().all(|one| Some(one.within_ms) == within_ms);
    let provisional = grade.is_none() && !is_one_for_all;
    Some(Clock { duty, state, from, due, left_ms, provisional, met, rings })
}

fn rings(duty: &Duty, from: Timestamp, within_ms: i64, due: Timestamp) -> Vec<Timestamp> {
    let part = |percent| from.plus_ms(within_ms.saturating_mul(i64::from(percent)) / 100);
    let part = duty.ring_at_percent.map(part);
    let before = duty.ring_before_ms.map(|ms| due.plus_ms(-ms.min(within_ms)));
    let mut rings: Vec<_> = part.into_iter().chain(before).chain([due]).collect();
    rings.sort_unstable();
    rings.dedup();
    rings
}

/// The rings whose moment has come and that nobody was told of, the newest of each clock: two that
/// were missed while the station was down are one.
pub fn new_rings<'a>(
    incident: &'a Incident,
    duties: &'a [Duty],
    now: Timestamp,
) -> Vec<(&'a str, Timestamp, bool)> {
    let ringing = |clock: Clock<'a>| {
        let newest = clock.rings.iter().rev().find(|ring| **ring <= now).copied()?;
        let rung = incident.rung.get(&clock.duty.id);
        let is_told = rung.is_some_and(|rung| rung.contains(&newest));
        let is_open = matches!(clock.state, ClockState::Close | ClockState::Overdue);
        let is_new = is_open && !is_told;
        is_new.then_some((clock.duty.id.as_str(), newest, clock.due == Some(newest)))
    };
    clocks(incident, duties, now).into_iter().filter_map(ringing).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::act::tests::{at, by_hand, taken};
    use crate::incident::{Act, Judgement};

    const HOUR_MS: i64 = 3_600_000;

    fn duty(id: &str, counted_from: CountedFrom, hours: &[(Grade, i64)]) -> Duty {
        let text = || Text::new("报", "report");
        let deadline =
            |(grade, hours): &(Grade, i64)| Deadline { grade: *grade, within_ms: hours * HOUR_MS };
        Duty {
            id: id.to_owned(),
            name: text(),
            who: text(),
            to: text(),
            counted_from,
            deadlines: hours.iter().map(deadline).collect(),
            ring_at_percent: Some(50),
            ring_before_ms: Some(HOUR_MS / 4),
            source: "order 17".to_owned(),
            verified: true,
        }
    }

    fn order_17() -> Duty {
        use Grade::{I, II, III, IV};
        duty("bureau", CountedFrom::Discovered, &[(I, 2), (II, 2), (III, 4), (IV, 4)])
    }

    fn graded(grade: Grade) -> Incident {
        let mut incident = by_hand();
        let judged = Judgement {
            grade: Some(grade),
            at: at(5),
            by: "李雷".to_owned(),
            reason: String::new(),
        };
        incident.grades.push(judged);
        incident
    }

    #[test]
    fn the_time_goes_by_the_grade_and_is_the_shortest_without_one() {
        let check = |incident: &Incident, now_ms, state, left_ms, provisional| {
            let duties = [order_17()];
            let found = clocks(incident, &duties, at(now_ms));
            let found: Vec<_> = found.iter().map(|c| (c.state, c.left_ms, c.provisional)).collect();
            assert_eq!(found, [(state, Some(left_ms), provisional)], "{now_ms}");
        };
        check(&by_hand(), 0, ClockState::Running, 2 * HOUR_MS, true);
        check(&graded(Grade::IV), 0, ClockState::Running, 4 * HOUR_MS, false);
        check(&graded(Grade::I), HOUR_MS - 1, ClockState::Running, HOUR_MS + 1, false);
        check(&graded(Grade::I), HOUR_MS, ClockState::Close, HOUR_MS, false);
        check(&graded(Grade::I), 2 * HOUR_MS - 1, ClockState::Close, 1, false);
        check(&graded(Grade::I), 2 * HOUR_MS, ClockState::Overdue, 0, false);
        check(&graded(Grade::III), 5 * HOUR_MS, ClockState::Overdue, -HOUR_MS, false);
    }

    #[test]
    fn a_met_duty_is_in_time_or_late_and_stays() {
        let check = |met_ms, state| {
            let met =
                Act::Met { duty: "bureau".to_owned(), at: at(met_ms), reference: "7".to_owned() };
            let incident = taken(&graded(Grade::I), met, 9 * HOUR_MS);
            let duties = [order_17()];
            let found = clocks(&incident, &duties, at(10 * HOUR_MS));
            assert_eq!(found[0].state, state);
            assert!(new_rings(&incident, &duties, at(10 * HOUR_MS)).is_empty());
        };
        check(2 * HOUR_MS, ClockState::Met);
        check(2 * HOUR_MS + 1, ClockState::MetLate);
    }

    #[test]
    fn a_duty_of_other_grades_is_none_and_one_that_waits_says_so() {
        let only = duty("major", CountedFrom::Discovered, &[(Grade::I, 1)]);
        assert!(clocks(&graded(Grade::IV), &[only], at(0)).is_empty());
        let after = duty("city", CountedFrom::Met("bureau".to_owned()), &[(Grade::IV, 1)]);
        let duties = [after];
        let incident = graded(Grade::IV);
        let waiting = clocks(&incident, &duties, at(9 * HOUR_MS));
        assert_eq!((waiting[0].state, waiting[0].due), (ClockState::Waiting, None));
        let met = Act::Met { duty: "bureau".to_owned(), at: at(HOUR_MS), reference: String::new() };
        let incident = taken(&incident, met, HOUR_MS);
        let running = clocks(&incident, &duties, at(HOUR_MS));
        assert_eq!(running[0].due, Some(at(2 * HOUR_MS)));
    }

    #[test]
    fn a_clock_rings_once_for_each_moment_and_not_for_those_it_slept_through() {
        let duties = [order_17()];
        let mut incident = graded(Grade::I);
        let mut check = |now_ms, expected: Option<(i64, bool)>| {
            let found: Vec<_> = new_rings(&incident, &duties, at(now_ms))
                .into_iter()
                .map(|(duty, ring, is_end)| (duty.to_owned(), ring, is_end))
                .collect();
            let expected: Vec<_> =
                expected.map(|(ms, end)| ("bureau".to_owned(), at(ms), end)).into_iter().collect();
            assert_eq!(found, expected, "{now_ms}");
            for (duty, ring, overdue) in found {
                let due = at(2 * HOUR_MS);
                incident = taken(&incident, Act::Rung { duty, ring, due, overdue }, now_ms);
            }
        };
        check(HOUR_MS - 1, None);
        check(HOUR_MS, Some((HOUR_MS, false)));
        check(HOUR_MS + 1, None);
        // Down over the ring a quarter of an hour before the end.
        check(2 * HOUR_MS, Some((2 * HOUR_MS, true)));
        check(3 * HOUR_MS, None);
    }
}
