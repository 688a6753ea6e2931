//! iCalendar to shifts: VEVENTs with a begin, an end, a role and people.
//!
//! Other components are passed over. Of an event everything that says which shifts there are is
//! read or refused: a repetition that is not understood would be a shift that nobody comes to.

use std::collections::BTreeSet;

use siskin_model::Timestamp;
use siskin_model::duty::Desk;

use super::lines::{Line, lines, shown};
use super::moment::{self, Stamp};
use super::occurrences::{Rule, day_of};
use super::{Found, RosterFault, WrittenShift, desk, people};

/// The names of China's time zone, which has had no summer time since 1991.
const CHINA: [&str; 6] =
    ["Asia/Shanghai", "Asia/Chongqing", "Asia/Harbin", "PRC", "China Standard Time", "UTC+8"];
const CHINA_S: i32 = 8 * 3_600;
const UTC: [&str; 5] = ["UTC", "Etc/UTC", "Etc/GMT", "GMT", "Zulu"];
/// What an own export says beside the standard's properties.
pub(super) const ROLE: &str = "X-SISKIN-ROLE";
pub(super) const POSITION: &str = "X-SISKIN-POSITION";
pub(super) const PERSON: &str = "X-SISKIN-PERSON";
pub(super) const SUBSTITUTES: &str = "X-SISKIN-SUBSTITUTES";
/// Properties that would change which shifts there are.
const UNSUPPORTED: [&str; 2] = ["RDATE", "EXRULE"];

/// Lines of one VEVENT, without those of what is inside it.
struct Event<'a> {
    line: u64,
    lines: Vec<&'a Line>,
}

/// When an event is, before its repetitions.
struct When {
    begin: Stamp,
    length_ms: i64,
}

/// Reads every event of `text`.
pub(super) fn read(text: &str, offset_s: i32, found: &mut Found) {
    let lines = lines(text, found);
    let events = events(&lines, found);
    // Also of those that are cancelled: they take the place of an occurrence all the same.
    let moved = moved(&events, offset_s);
    for event in events.iter().filter(|event| !event.is_cancelled()) {
        if !found.has_room() {
            return found.refuse(RosterFault::TooManyShifts, event.line);
        }
        if let Err((fault, line)) = event.shifts(offset_s, &moved, found) {
            found.refuse(fault, line);
        }
    }
}

/// The VEVENTs. What is inside of one, such as a VALARM, is not of it.
fn events<'a>(lines: &'a [Line], found: &mut Found) -> Vec<Event<'a>> {
    let mut events = Vec::new();
    let mut open: Vec<(String, u64)> = Vec::new();
    for line in lines {
        let value = line.value.trim().to_ascii_uppercase();
        match line.name.as_str() {
            "BEGIN" => {
                if value == "VEVENT" {
                    events.push(Event { line: line.number, lines: Vec::new() });
                }
                open.push((value, line.number));
            }
            "END" => {
                let begun = open.pop();
                let fault = || RosterFault::Unopened(shown(&value));
                let is_begun = begun.is_some_and(|(name, _)| name == value);
                found.refuse_unless(is_begun, fault, line.number);
            }
            _ if open.last().is_some_and(|(name, _)| name == "VEVENT") => {
                if let Some(event) = events.last_mut() {
                    event.lines.push(line);
                }
            }
            _ => {}
        }
    }
    for (name, line) in open {
        found.refuse(RosterFault::Unclosed(shown(&name)), line);
    }
    events
}

/// Occurrences of repeated events that have an event of their own, by UID and begin.
fn moved(events: &[Event<'_>], offset_s: i32) -> BTreeSet<(String, Timestamp)> {
    let one = |event: &Event<'_>| {
        let of = event.get("RECURRENCE-ID")?;
        Some((event.get("UID")?.text(), stamp(of, offset_s).ok()?.at))
    };
    events.iter().filter_map(one).collect()
}

type At<T> = Result<T, (RosterFault, u64)>;

impl Event<'_> {
    fn all<'b>(&'b self, name: &'b str) -> impl Iterator<Item = &'b Line> {
        self.lines.iter().copied().filter(move |line| line.name == name)
    }

    fn get(&self, name: &str) -> Option<&Line> {
        self.lines.iter().copied().find(|line| line.name == name)
    }

    /// A property that may stand once.
    fn once(&self, name: &'static str) -> At<Option<&Line>> {
        let mut all = self.lines.iter().copied().filter(|line| line.name == name);
        match (all.next(), all.next()) {
            (_, Some(again)) => Err((RosterFault::PropertyTwice(name), again.number)),
            (first, None) => Ok(first),
        }
    }

    fn is_cancelled(&self) -> bool {
        self.get("STATUS").is_some_and(|line| line.value.eq_ignore_ascii_case("CANCELLED"))
    }

    fn shifts(
        &self,
        offset_s: i32,
        moved: &BTreeSet<(String, Timestamp)>,
        found: &mut Found,
    ) -> At<()> {
        self.refuse_unsupported()?;
        let When { begin, length_ms } = self.when(offset_s)?;
        let (desk, person, substitutes) = self.who()?;
        let uid = self.get("UID").map(Line::text);
        let is_moved = |at: Timestamp| {
            self.get("RECURRENCE-ID").is_none()
                && uid.as_ref().is_some_and(|uid| moved.contains(&(uid.clone(), at)))
        };
        let excluded = self.excluded(offset_s)?;
        let begins = match self.once("RRULE")? {
            Some(line) => Rule::read(&line.value, begin)
                .and_then(|rule| rule.begins(begin))
                .map_err(|fault| (fault, line.number))?,
            None => vec![begin.at],
        };
        for from in begins {
            let day = day_of(Stamp { at: from, ..begin });
            if is_moved(from) || excluded.iter().any(|one| one.takes(from, day)) {
                continue;
            }
            if !found.has_room() {
                return Err((RosterFault::TooManyShifts, self.line));
            }
            found.shifts.push(WrittenShift {
                line: self.line,
                from,
                to: from.plus_ms(length_ms),
                desk: desk.clone(),
                person: person.clone(),
                substitutes: substitutes.clone(),
            });
        }
        Ok(())
    }

    fn refuse_unsupported(&self) -> At<()> {
        let line = self.lines.iter().find(|line| UNSUPPORTED.contains(&line.name.as_str()));
        if let Some(line) = line {
            return Err((RosterFault::Unsupported(line.name.clone()), line.number));
        }
        match self.get("RECURRENCE-ID").filter(|line| line.param("RANGE").is_some()) {
            Some(line) => {
                Err((RosterFault::Unsupported("RECURRENCE-ID with RANGE".to_owned()), line.number))
            }
            None => Ok(()),
        }
    }

    fn when(&self, offset_s: i32) -> At<When> {
        let line = self.once("DTSTART")?;
        let line = line.ok_or((RosterFault::PropertyMissing("DTSTART"), self.line))?;
        let begin = stamp(line, offset_s)?;
        if let Some(line) = self.once("DTEND")? {
            let length_ms = stamp(line, offset_s)?.at.since_ms(begin.at);
            return Ok(When { begin, length_ms });
        }
        let Some(line) = self.once("DURATION")? else {
            // A date without an end is that whole day.
            let missing = (RosterFault::PropertyMissing("DTEND"), self.line);
            let day = || When { begin, length_ms: 86_400_000 };
            return begin.is_date.then(day).ok_or(missing);
        };
        let length_ms = moment::duration_ms(line.value.trim());
        let refused = || (RosterFault::Moment(shown(&line.value)), line.number);
        Ok(When { begin, length_ms: length_ms.ok_or_else(refused)? })
    }

    fn excluded(&self, offset_s: i32) -> At<Vec<Stamp>> {
        let mut found = Vec::new();
        for line in self.all("EXDATE") {
            for part in line.value.split(',') {
                let one = Line { value: part.trim().to_owned(), ..line.clone() };
                found.push(stamp(&one, offset_s)?);
            }
        }
        Ok(found)
    }

    /// Role, position, person and substitutes: from the properties of an own export, otherwise
    /// from the category and from a title such as `operator/east: 李雷; 韩梅梅`.
    fn who(&self) -> At<(Desk, String, Vec<String>)> {
        let text = |name: &str| self.get(name).map(Line::text);
        let summary = self.get("SUMMARY");
        let line = summary.map_or(self.line, |line| line.number);
        let title = summary.map(Line::text).unwrap_or_default();
        let parts = title.split_once([':', '：']);
        let (titled_role, titled_people) =
            parts.map_or(("", title.as_str()), |(r, p)| (r.trim(), p));
        let category = self.get("CATEGORIES").and_then(|line| line.texts().into_iter().next());
        let written = text(ROLE).or(category).unwrap_or_else(|| titled_role.to_owned());
        let (role, position) = written.split_once('/').unwrap_or((written.as_str(), ""));
        let position = text(POSITION).unwrap_or_else(|| position.to_owned());
        if role.trim().is_empty() {
            return Err((RosterFault::NoRole, line));
        }
        let desk = desk(role.trim(), position.trim()).map_err(|fault| (fault, line))?;
        let mut named = match text(PERSON) {
            Some(person) => {
                let substitutes = people(&text(SUBSTITUTES).unwrap_or_default());
                std::iter::once(person).chain(substitutes).collect()
            }
            None => people(titled_people),
        };
        if named.first().is_none_or(|person| person.trim().is_empty()) {
            return Err((RosterFault::NoPerson, line));
        }
        let substitutes = named.split_off(1);
        let person = named.pop().unwrap_or_default().trim().to_owned();
        Ok((desk, person, substitutes))
    }
}

impl Stamp {
    /// Whether an EXDATE takes out the occurrence at `at`, on `day`.
    fn takes(self, at: Timestamp, day: i64) -> bool {
        if self.is_date { day_of(self) == day } else { self.at == at }
    }
}

/// The moment of a line, in the zone that is named beside it.
fn stamp(line: &Line, offset_s: i32) -> At<Stamp> {
    let offset_s = match line.param("TZID").map(|zone| zone.trim_start_matches('/')) {
        None => offset_s,
        Some(zone) if CHINA.contains(&zone) => CHINA_S,
        Some(zone) if UTC.contains(&zone) => 0,
        Some(zone) => return Err((RosterFault::Zone(shown(zone)), line.number)),
    };
    let refused = || (RosterFault::Moment(shown(&line.value)), line.number);
    moment::of_calendar(line.value.trim(), offset_s).ok_or_else(refused)
}
