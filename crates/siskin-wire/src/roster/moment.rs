//! Moments as people and calendars write them.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;
use siskin_model::Timestamp;

/// A moment of a table: RFC 3339 with its offset, or local time as people and spreadsheets write
/// it: `2026-12-01 08:00`, `2026/12/1 8:00:00`, `2026-12-01T08:00`.
pub(super) fn of_table(text: &str, offset_s: i32) -> Option<Timestamp> {
    let (date, rest) = text.split_once(['T', 't', ' '])?;
    let date = date_of(date)?;
    let rest = rest.trim();
    let zone = rest.find(['+', '-', 'Z', 'z']);
    let (time, zone) = rest.split_at(zone.unwrap_or(rest.len()));
    let offset_s = if zone.is_empty() { offset_s } else { zone_of(zone)? };
    moment(date.to_datetime(time_of(time)?), offset_s)
}

/// `2026-12-01`, `2026/12/1` or `2026.12.1`.
fn date_of(text: &str) -> Option<Date> {
    let parts: Vec<&str> = text.split(['-', '/', '.']).collect();
    let [year, month, day] = parts.as_slice() else {
        return None;
    };
    // Two digits for a year could be a day.
    let year = (year.len() == 4).then(|| digits(year))??;
    Date::new(year, digits(month)?, digits(day)?).ok()
}

/// `8:00`, `08:00:00`, and `24:00` for the end of a day is refused: it is another date.
fn time_of(text: &str) -> Option<Time> {
    let parts: Vec<&str> = text.trim().split(':').collect();
    let (hour, minute, second) = match parts.as_slice() {
        [hour, minute] => (hour, minute, 0),
        [hour, minute, second] => (hour, minute, digits(second)?),
        _ => return None,
    };
    Time::new(digits(hour)?, digits(minute)?, second, 0).ok()
}

/// `Z`, `+08:00` or `+0800`.
fn zone_of(text: &str) -> Option<i32> {
    if text.eq_ignore_ascii_case("Z") {
        return Some(0);
    }
    let (sign, rest) = if let Some(rest) = text.strip_prefix('+') {
        (1, rest)
    } else {
        (-1, text.strip_prefix('-')?)
    };
    let bare: String = rest.chars().filter(|c| *c != ':').collect();
    if bare.len() != 4 {
        return None;
    }
    let (hours, minutes) = bare.split_at_checked(2)?;
    let (hours, minutes): (i32, i32) = (digits(hours)?, digits(minutes)?);
    (hours <= 18 && minutes < 60).then_some(sign * (hours * 3_600 + minutes * 60))
}

/// A moment of a calendar and what it was written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) at: Timestamp,
    /// Seconds east of UTC of the zone that it was written in.
    pub(super) offset_s: i32,
    /// Only a date was written: the begin of that day.
    pub(super) is_date: bool,
}

/// `20261201T080000Z`, `20261201T080000`, `20261201T080000+0800` or the date `20261201`.
/// `offset_s` is that of the zone that is named beside it, or of the park.
pub(super) fn of_calendar(text: &str, offset_s: i32) -> Option<Stamp> {
    let date = text.get(..8)?;
    let rest = text.get(8..)?;
    let (year, rest_of_date) = date.split_at_checked(4)?;
    let (month, day) = rest_of_date.split_at_checked(2)?;
    let date = Date::new(digits(year)?, digits(month)?, digits(day)?).ok()?;
    if rest.is_empty() {
        let at = moment(date.to_datetime(Time::midnight()), offset_s)?;
        return Some(Stamp { at, offset_s, is_date: true });
    }
    let time = rest.strip_prefix('T')?;
    let (hour, minute, second) = (time.get(..2)?, time.get(2..4)?, time.get(4..6)?);
    let zone = time.get(6..)?;
    let offset_s = if zone.is_empty() { offset_s } else { zone_of(zone)? };
    let time = Time::new(digits(hour)?, digits(minute)?, digits(second)?, 0).ok()?;
    Some(Stamp { at: moment(date.to_datetime(time), offset_s)?, offset_s, is_date: false })
}

/// A duration of a calendar, `P1D`, `PT12H`, `P1W`, in ms. Never negative.
pub(super) fn duration_ms(text: &str) -> Option<i64> {
    let text = text.strip_prefix('+').unwrap_or(text).strip_prefix('P')?;
    let (days, time) = text.split_once('T').map_or((text, None), |(days, time)| (days, Some(time)));
    if time.is_some_and(str::is_empty) {
        return None;
    }
    let mut total_ms: i64 = 0;
    let parts = [(days, &[('W', 604_800_000), ('D', 86_400_000)][..])];
    let of_time = time.map(|t| (t, &[('H', 3_600_000), ('M', 60_000), ('S', 1_000)][..]));
    for (mut rest, units) in parts.into_iter().chain(of_time) {
        for (unit, unit_ms) in units {
            if let Some((count, after)) = rest.split_once(*unit) {
                let count: i64 = digits(count)?;
                total_ms = total_ms.checked_add(count.checked_mul(*unit_ms)?)?;
                rest = after;
            }
        }
        if !rest.is_empty() {
            return None;
        }
    }
    (total_ms > 0).then_some(total_ms)
}

fn moment(local: DateTime, offset_s: i32) -> Option<Timestamp> {
    let offset = Offset::from_seconds(offset_s).ok()?;
    let moment = offset.to_timestamp(local).ok()?;
    Some(Timestamp::from_millis(moment.as_millisecond()))
}

/// A number of ASCII digits only: no sign, no space.
fn digits<T: std::str::FromStr>(text: &str) -> Option<T> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARK_S: i32 = 8 * 3_600;

    fn check(found: Option<Timestamp>, expected: Option<&str>) {
        let found = found.map(|at| at.rfc3339(PARK_S));
        assert_eq!(found.as_deref(), expected);
    }

    #[test]
    fn tables_have_moments_as_people_write_them() {
        let eight = Some("2026-12-01T08:00:00.000+08:00");
        for text in [
            "2026-12-01 08:00",
            "2026/12/1 8:00",
            "2026.12.1 8:00:00",
            "2026-12-01T08:00:00",
            "2026-12-01T08:00:00+08:00",
            "2026-12-01T00:00:00Z",
            "2026-12-01 09:00+0900",
        ] {
            check(of_table(text, PARK_S), eight);
        }
        for text in [
            "",
            "2026-12-01",
            "01/12/2026 08:00",
            "26-12-01 08:00",
            "2026-13-01 08:00",
            "2026-12-01 24:00",
            "2026-12-01 8",
            "2026-12-01 08:00 CST",
            "2026-12-01 08:00+8",
            "2026-12-01 +8:00",
            "2026-12-01 08:00:00.5",
        ] {
            check(of_table(text, PARK_S), None);
        }
    }

    #[test]
    fn calendars_have_their_own() {
        let read = |text: &str| of_calendar(text, PARK_S).map(|stamp| stamp.at);
        check(read("20261201T080000"), Some("2026-12-01T08:00:00.000+08:00"));
        check(read("20261201T000000Z"), Some("2026-12-01T08:00:00.000+08:00"));
        check(read("20261201T010000+0100"), Some("2026-12-01T08:00:00.000+08:00"));
        check(read("20261201"), Some("2026-12-01T00:00:00.000+08:00"));
        for wrong in ["", "2026120", "20261201T", "20261201T08", "20261201T080000X", "罐区罐区"]
        {
            check(read(wrong), None);
        }
    }

    #[test]
    fn durations_are_whole_and_positive() {
        let check = |text: &str, hours: Option<i64>| {
            assert_eq!(duration_ms(text), hours.map(|hours| hours * 3_600_000), "{text}");
        };
        check("P1D", Some(24));
        check("PT12H", Some(12));
        check("P1W", Some(168));
        check("P1DT2H", Some(26));
        check("PT60M", Some(1));
        for wrong in ["", "P", "PT", "-P1D", "P1H", "PT1D", "P1DT", "P9223372036854775807W", "1D"] {
            check(wrong, None);
        }
    }
}
