//! Rosters as people keep them: CSV tables and iCalendar files (RFC 5545), read and written.
//!
//! Never guesses: a shift of which one part cannot be read is refused with its line and what to do,
//! because a roster that was read wrongly calls the wrong person at night. Moments without an
//! offset are in the park's local time, which is given.
//!
//! [`read`] gives shifts with people as they are written, [`resolve`] finds them in the contact
//! book. Writing and reading again gives the same shifts.

mod calendar;
mod calendar_write;
mod fault;
mod lines;
mod moment;
mod occurrences;
mod table;

use std::collections::BTreeSet;

use siskin_model::duty::{Contact, Desk, Shift, ShiftId};
use siskin_model::{ContactId, DutyRoleId, PositionId, Timestamp};

pub use calendar_write::to_calendar;
pub use fault::{RosterFault, RosterProblem};
pub use table::to_csv;

/// The largest roster that is read, in bytes: a year of a park with fifty desks has less.
pub const ROSTER_BYTES_MAX: usize = 4 << 20;
/// The most shifts of one roster, those of repeated events counted one by one.
pub const SHIFTS_MAX: usize = 20_000;
/// The most problems that are told of one roster.
pub const PROBLEMS_MAX: usize = 100;
/// What parts substitutes: `;` and what Chinese keyboards have for it.
const PARTS: [char; 3] = [';', '；', '、'];

/// A shift as it is written: people by id or name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenShift {
    /// Where it is written, from 1.
    pub line: u64,
    /// Its begin.
    pub from: Timestamp,
    /// Its end.
    pub to: Timestamp,
    /// What it fills.
    pub desk: Desk,
    /// Who should be there.
    pub person: String,
    /// Who may take over.
    pub substitutes: Vec<String>,
}

/// Reads a roster: iCalendar where it begins like one, otherwise CSV. `offset_s` is the park's
/// local time, seconds east of UTC. All problems at once, the first [`PROBLEMS_MAX`].
pub fn read(text: &str, offset_s: i32) -> Result<Vec<WrittenShift>, Vec<RosterProblem>> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    if text.len() > ROSTER_BYTES_MAX {
        return Err(vec![RosterFault::TooLarge(text.len()).at(1)]);
    }
    let mut found = Found::default();
    if is_calendar(text) {
        calendar::read(text, offset_s, &mut found);
    } else {
        table::read(text, offset_s, &mut found);
    }
    found.finish()
}

/// Finds the people in the contact book, by id or by a name that only one has.
pub fn resolve(
    written: &[WrittenShift],
    contacts: &[Contact],
) -> Result<Vec<Shift>, Vec<RosterProblem>> {
    let mut shifts = Vec::new();
    let mut problems = Vec::new();
    let mut seen: BTreeSet<ShiftId> = BTreeSet::new();
    for one in written {
        let made = shift(one, contacts).and_then(|shift| {
            shift.check()?;
            if !seen.insert(shift.id()) {
                return Err(RosterFault::ShiftTwice);
            }
            Ok(shift)
        });
        match made {
            Ok(shift) => shifts.push(shift),
            Err(fault) => problems.push(fault.at(one.line)),
        }
    }
    problems.truncate(PROBLEMS_MAX);
    if problems.is_empty() { Ok(shifts) } else { Err(problems) }
}

fn shift(written: &WrittenShift, contacts: &[Contact]) -> Result<Shift, RosterFault> {
    let substitutes = written.substitutes.iter().map(|who| person(who, contacts));
    Ok(Shift {
        from: written.from,
        to: written.to,
        desk: written.desk.clone(),
        person: person(&written.person, contacts)?,
        substitutes: substitutes.collect::<Result<_, _>>()?,
    })
}

fn person(who: &str, contacts: &[Contact]) -> Result<ContactId, RosterFault> {
    if let Some(contact) = contacts.iter().find(|contact| contact.id.as_str() == who) {
        return Ok(contact.id.clone());
    }
    let mut named = contacts.iter().filter(|contact| contact.name == who);
    match (named.next(), named.next()) {
        (Some(contact), None) => Ok(contact.id.clone()),
        (Some(one), Some(other)) => Err(RosterFault::NameShared {
            name: who.to_owned(),
            ids: format!("`{}`, `{}`", one.id, other.id),
        }),
        (None, _) => Err(RosterFault::UnknownPerson(who.to_owned())),
    }
}

fn is_calendar(text: &str) -> bool {
    let begin = text.trim_start().get(..15).unwrap_or_default();
    begin.eq_ignore_ascii_case("BEGIN:VCALENDAR")
}

/// What was read so far.
#[derive(Debug, Default)]
struct Found {
    shifts: Vec<WrittenShift>,
    problems: Vec<RosterProblem>,
}

impl Found {
    fn refuse(&mut self, fault: RosterFault, line: u64) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(fault.at(line));
        }
    }

    fn refuse_unless(&mut self, holds: bool, fault: impl FnOnce() -> RosterFault, line: u64) {
        if !holds {
            self.refuse(fault(), line);
        }
    }

    /// Whether there is room for another shift.
    fn has_room(&self) -> bool {
        self.shifts.len() < SHIFTS_MAX
    }

    fn finish(mut self) -> Result<Vec<WrittenShift>, Vec<RosterProblem>> {
        if self.shifts.is_empty() && self.problems.is_empty() {
            self.refuse(RosterFault::NoShift, 1);
        }
        self.problems.sort_by_key(|problem| problem.line);
        if self.problems.is_empty() { Ok(self.shifts) } else { Err(self.problems) }
    }
}

/// `role` or `role/position`; the usual Chinese names of roles are known.
fn desk(role: &str, position: &str) -> Result<Desk, RosterFault> {
    let role = match role {
        "操作员" | "值班员" | "当班人员" => "operator",
        "带班领导" | "值班领导" => "leader",
        "工程师" => "engineer",
        "监管部门" => "bureau",
        other => other,
    };
    let refused = |text: &str| RosterFault::DeskName(text.to_owned());
    let position = Some(position).filter(|position| !position.is_empty());
    Ok(Desk {
        role: DutyRoleId::new(role).map_err(|_| refused(role))?,
        position: position
            .map(|position| PositionId::new(position).map_err(|_| refused(position)))
            .transpose()?,
    })
}

/// The names of a list of people.
fn people(text: &str) -> Vec<String> {
    let parts = text.split(PARTS).map(str::trim).filter(|part| !part.is_empty());
    parts.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests;
