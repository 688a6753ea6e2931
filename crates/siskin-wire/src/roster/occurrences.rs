//! Repeated events: RRULE with FREQ DAILY or WEEKLY, INTERVAL, BYDAY, WKST, COUNT or UNTIL.
//!
//! Days are whole days of 24 h: zones with summer time are refused before. A rule without an end is
//! refused, and so is every part that is not known: it would change which shifts there are.

use siskin_model::Timestamp;

use super::moment::{self, Stamp};
use super::{RosterFault, SHIFTS_MAX};

const DAY_MS: i64 = 86_400_000;
/// The first day of 1970 was a Thursday; weekdays count from Monday.
const EPOCH_WEEKDAY: i64 = 3;
const WEEKDAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
/// The longest that a rule may run, in days: five years. What runs longer is as good as endless.
const RULE_DAYS_MAX: i64 = 1_830;
/// The longest step, in days or weeks.
const INTERVAL_MAX: i64 = 1_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Every {
    Day,
    Week,
}

/// A repetition as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    every: Every,
    interval: i64,
    /// Weekdays from Monday = 0; empty where the rule names none.
    days: Vec<i64>,
    week_begins: i64,
    count: Option<usize>,
    until: Option<Timestamp>,
}

impl Rule {
    /// Reads the value of an RRULE whose event begins at `begin`.
    pub(super) fn read(text: &str, begin: Stamp) -> Result<Self, RosterFault> {
        let refused = |why: String| RosterFault::Rule(why);
        let (mut every, mut interval, mut days, mut week_begins) = (None, 1, Vec::new(), 0);
        let (mut count, mut until) = (None, None);
        for part in text.split(';').filter(|part| !part.is_empty()) {
            let (key, value) =
                part.split_once('=').ok_or_else(|| refused(format!("`{part}` is no part")))?;
            let wrong = || refused(format!("`{part}`"));
            match key.to_ascii_uppercase().as_str() {
                "FREQ" => {
                    every = Some(match value.to_ascii_uppercase().as_str() {
                        "DAILY" => Every::Day,
                        "WEEKLY" => Every::Week,
                        _ => return Err(wrong()),
                    });
                }
                "INTERVAL" => interval = value.parse().map_err(|_| wrong())?,
                "BYDAY" => {
                    let named: Option<Vec<i64>> = value.split(',').map(weekday).collect();
                    days = named.ok_or_else(wrong)?;
                }
                "WKST" => week_begins = weekday(value).ok_or_else(wrong)?,
                "COUNT" => count = Some(value.parse().map_err(|_| wrong())?),
                "UNTIL" => until = Some(until_of(value, begin).ok_or_else(wrong)?),
                _ => return Err(wrong()),
            }
        }
        if !(1..=INTERVAL_MAX).contains(&interval) {
            return Err(refused(format!("an interval of `{interval}`")));
        }
        if count.is_none() && until.is_none() {
            return Err(RosterFault::Endless);
        }
        if count.is_some_and(|count| count > SHIFTS_MAX) {
            return Err(RosterFault::TooManyShifts);
        }
        let every = every.ok_or_else(|| refused("it has no FREQ".to_owned()))?;
        let rule = Self { every, interval, days, week_begins, count, until };
        // The standard leaves open what a begin beside the rule means.
        if !rule.days.is_empty() && !rule.days.contains(&weekday_of(day_of(begin))) {
            return Err(refused("the event's own begin is not on a day of BYDAY".to_owned()));
        }
        Ok(rule)
    }

    /// The begins of the event that begins at `begin`, in order.
    pub(super) fn begins(&self, begin: Stamp) -> Result<Vec<Timestamp>, RosterFault> {
        let first = day_of(begin);
        let mut found = Vec::new();
        let mut day = first;
        loop {
            let at = begin.at.plus_ms((day - first).saturating_mul(DAY_MS));
            let is_over = self.until.is_some_and(|until| at > until)
                || self.count.is_some_and(|count| found.len() >= count);
            if is_over {
                return Ok(found);
            }
            if self.has(day, first) {
                found.push(at);
            }
            day += 1;
            if day - first > RULE_DAYS_MAX {
                return Err(RosterFault::Endless);
            }
        }
    }

    /// Whether the event that began on `first` is on `day` too.
    fn has(&self, day: i64, first: i64) -> bool {
        let (steps, is_a_day) = match self.every {
            Every::Day => {
                let named = self.days.is_empty() || self.days.contains(&weekday_of(day));
                (day - first, named)
            }
            Every::Week => {
                let own = [weekday_of(first)];
                let days = if self.days.is_empty() { &own[..] } else { &self.days };
                (self.week_of(day) - self.week_of(first), days.contains(&weekday_of(day)))
            }
        };
        is_a_day && steps % self.interval == 0
    }

    fn week_of(&self, day: i64) -> i64 {
        (day + EPOCH_WEEKDAY - self.week_begins).div_euclid(7)
    }
}

/// The last moment of a repetition. A date stands for the whole of its day.
fn until_of(text: &str, begin: Stamp) -> Option<Timestamp> {
    let stamp = moment::of_calendar(text, begin.offset_s)?;
    let rest_ms = if stamp.is_date { DAY_MS - 1 } else { 0 };
    Some(stamp.at.plus_ms(rest_ms))
}

fn weekday(text: &str) -> Option<i64> {
    let place = WEEKDAYS.iter().position(|day| text.eq_ignore_ascii_case(day))?;
    i64::try_from(place).ok()
}

/// Days since 1970 in the zone that `stamp` was written in.
pub(super) fn day_of(stamp: Stamp) -> i64 {
    stamp.at.plus_ms(i64::from(stamp.offset_s) * 1_000).as_millis().div_euclid(DAY_MS)
}

fn weekday_of(day: i64) -> i64 {
    (day + EPOCH_WEEKDAY).rem_euclid(7)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARK_S: i32 = 8 * 3_600;

    /// Begins as `mmdd`, of an event on Tuesday 2026-12-01, 02:00 in the park.
    fn check(rule: &str, expected: Result<&[&str], &str>) {
        let begin = moment::of_calendar("20261201T020000", PARK_S).unwrap();
        let found = Rule::read(rule, begin).and_then(|rule| rule.begins(begin));
        let found = found.map_err(|fault| fault.to_string()).map(|begins| {
            let day = |at: &Timestamp| {
                let text = at.rfc3339(PARK_S);
                assert!(text.ends_with("T02:00:00.000+08:00"), "{text}");
                format!("{}{}", &text[5..7], &text[8..10])
            };
            begins.iter().map(day).collect::<Vec<_>>()
        });
        match expected {
            Ok(days) => {
                assert_eq!(found, Ok(days.iter().map(ToString::to_string).collect()), "{rule}");
            }
            Err(says) => {
                let error = found.unwrap_err();
                assert!(error.contains(says), "{rule}: {error}");
            }
        }
    }

    #[test]
    fn rules_repeat_by_days_and_weeks() {
        check("FREQ=DAILY;COUNT=3", Ok(&["1201", "1202", "1203"]));
        check("FREQ=DAILY;INTERVAL=2;COUNT=3", Ok(&["1201", "1203", "1205"]));
        check("FREQ=DAILY;UNTIL=20261202T180000Z", Ok(&["1201", "1202", "1203"]));
        check("FREQ=DAILY;UNTIL=20261202T175959Z", Ok(&["1201", "1202"]));
        check("FREQ=DAILY;UNTIL=20261202", Ok(&["1201", "1202"]));
        check("FREQ=WEEKLY;COUNT=2", Ok(&["1201", "1208"]));
        check("FREQ=WEEKLY;BYDAY=TU,SU;COUNT=4", Ok(&["1201", "1206", "1208", "1213"]));
        // With Monday first the Sunday is of the first week, with Sunday first of the next one.
        check("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;COUNT=3", Ok(&["1201", "1206", "1215"]));
        check("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;COUNT=3;WKST=SU", Ok(&["1201", "1213", "1215"]));
        check("FREQ=DAILY;BYDAY=TU,WE;COUNT=3", Ok(&["1201", "1202", "1208"]));
        check("FREQ=DAILY;UNTIL=20261130", Ok(&[]));
    }

    #[test]
    fn what_cannot_be_followed_is_refused() {
        check("FREQ=DAILY", Err("for ever"));
        check("FREQ=DAILY;UNTIL=20990101", Err("for ever"));
        check("FREQ=WEEKLY;INTERVAL=1000;COUNT=2", Err("for ever"));
        check("FREQ=MONTHLY;COUNT=2", Err("FREQ=MONTHLY"));
        check("COUNT=2", Err("no FREQ"));
        check("FREQ=DAILY;COUNT=x", Err("COUNT=x"));
        check("FREQ=DAILY;COUNT=20001", Err("20000"));
        check("FREQ=DAILY;INTERVAL=0;COUNT=2", Err("interval"));
        check("FREQ=WEEKLY;BYDAY=1TU;COUNT=2", Err("BYDAY=1TU"));
        check("FREQ=WEEKLY;BYDAY=MO;COUNT=2", Err("begin is not on a day"));
        check("FREQ=DAILY;BYHOUR=8;COUNT=2", Err("BYHOUR"));
        check("FREQ=DAILY;UNTIL=soon", Err("UNTIL=soon"));
    }
}
