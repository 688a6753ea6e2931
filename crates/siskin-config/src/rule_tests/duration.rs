//! Lengths of time as people write them: `90`, `90s`, `1m30s`, `1.5h`, `250ms`.
//!
//! A number without a unit is seconds. Never rounds a length away: what is not a whole number of
//! milliseconds is no length of time here.

/// The longest time in a test: 31 days.
pub(super) const DURATION_MS_MAX: i64 = 31 * 86_400_000;
/// What people may write, for hints.
pub(super) const EXAMPLES: &str = "`90`, `90s`, `1m30s`, `1h` or `250ms`";

/// The units with their milliseconds, the longest first; `ms` stands before `m`.
const UNITS: [(&str, f64); 5] =
    [("ms", 1.0), ("d", 86_400_000.0), ("h", 3_600_000.0), ("m", 60_000.0), ("s", 1000.0)];

/// The milliseconds of `text`; none where it is no length of time.
pub(super) fn parse(text: &str) -> Option<i64> {
    let mut rest = text;
    let mut total_ms = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at(digits);
        let number: f64 = number.parse().ok()?;
        if after.is_empty() {
            // A bare number is seconds, but not behind other parts: `1m30` may mean anything.
            total_ms += number * 1000.0;
            return if digits == text.len() { whole(total_ms) } else { None };
        }
        let (word, unit_ms) = UNITS.iter().find(|(word, _)| after.starts_with(word))?;
        total_ms += number * unit_ms;
        rest = after.get(word.len()..)?;
    }
    if text.is_empty() { None } else { whole(total_ms) }
}

fn whole(ms: f64) -> Option<i64> {
    let rounded = ms.round();
    let fits = (rounded - ms).abs() < 1e-6 && (0.0..=31.0 * 86_400_000.0).contains(&rounded);
    #[allow(clippy::cast_possible_truncation, reason = "0 to 31 days in milliseconds by `fits`")]
    fits.then_some(rounded as i64)
}

/// `ms` as people read it: `0s`, `1m12s`, `2h`, `1.5s`.
pub fn shown(ms: i64) -> String {
    let sign = if ms < 0 { "-" } else { "" };
    let all_ms = ms.unsigned_abs();
    let (hours, minutes) = (all_ms / 3_600_000, all_ms / 60_000 % 60);
    let (seconds, rest_ms) = (all_ms / 1000 % 60, all_ms % 1000);
    let mut parts = vec![sign.to_owned()];
    if hours > 0 {
        parts.push(format!("{hours}h"));
    }
    if minutes > 0 {
        parts.push(format!("{minutes}m"));
    }
    if rest_ms > 0 {
        let decimals = format!("{rest_ms:03}");
        parts.push(format!("{seconds}.{}s", decimals.trim_end_matches('0')));
    } else if seconds > 0 || all_ms < 60_000 {
        parts.push(format!("{seconds}s"));
    }
    parts.concat()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lengths_are_read_as_people_write_them() {
        let check = |text: &str, expected: Option<i64>| assert_eq!(parse(text), expected, "{text}");
        check("90", Some(90_000));
        check("1.5", Some(1500));
        check("1m30s", Some(90_000));
        check("1h", Some(3_600_000));
        check("1d2h3m4s5ms", Some(93_784_005));
        check("250ms", Some(250));
        check("0.0001", None);
        check("1m30", None);
        check("40d", None);
        check("", None);
        check("-5s", None);
        check("5 s", None);
        check("1..2", None);
        check("soon", None);
    }

    #[test]
    fn lengths_are_shown_short() {
        let check = |ms, expected: &str| assert_eq!(shown(ms), expected);
        check(0, "0s");
        check(72_000, "1m12s");
        check(60_000, "1m");
        check(7_200_000, "2h");
        check(3_601_500, "1h1.5s");
        check(-5000, "-5s");
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back(ms in 0..DURATION_MS_MAX) {
            prop_assert_eq!(parse(&shown(ms)), Some(ms));
        }
    }
}
