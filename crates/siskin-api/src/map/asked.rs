//! Which part of a file a request asks for: one range of bytes as in RFC 9110, section 14.
//!
//! What is no such range, and several ranges at once, are passed over as the standard allows: the
//! whole file answers them.

use std::num::IntErrorKind;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    Whole,
    /// At least one byte, all within the file.
    Part {
        from: u64,
        len: u64,
    },
    /// Nothing that the file has.
    Beyond,
}

/// What a `Range` header asks of a file of `bytes` bytes.
pub(crate) fn asked(range: &str, bytes: u64) -> Asked {
    parts(range).map_or(Asked::Whole, |(first, last)| within(first, last, bytes))
}

/// First and last byte as written; none: not written.
fn parts(range: &str) -> Option<(Option<u64>, Option<u64>)> {
    let (unit, set) = range.split_once('=')?;
    let (first, last) = set.trim().split_once('-')?;
    let is_range = unit.trim().eq_ignore_ascii_case("bytes") && (first, last) != ("", "");
    let (first, last) = (number(first).ok()?, number(last).ok()?);
    let is_upright = first.zip(last).is_none_or(|(first, last)| first <= last);
    (is_range && is_upright).then_some((first, last))
}

/// Digits, or none where nothing stands. More than fits lies behind the end of every file.
fn number(text: &str) -> Result<Option<u64>, NoNumber> {
    if text.is_empty() {
        return Ok(None);
    }
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NoNumber);
    }
    match text.parse() {
        Ok(number) => Ok(Some(number)),
        Err(error) if *error.kind() == IntErrorKind::PosOverflow => Ok(Some(u64::MAX)),
        Err(_) => Err(NoNumber),
    }
}

struct NoNumber;

fn within(first: Option<u64>, last: Option<u64>, bytes: u64) -> Asked {
    let (from, end) = match (first, last) {
        (Some(first), last) => (first, last.map_or(bytes, |last| last.saturating_add(1))),
        (None, last) => (bytes.saturating_sub(last.unwrap_or(0)), bytes),
    };
    match end.min(bytes).checked_sub(from) {
        None | Some(0) => Asked::Beyond,
        Some(len) => Asked::Part { from, len },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(range: &str, expected: Asked) {
        assert_eq!(asked(range, 1000), expected, "{range}");
    }

    #[test]
    fn one_range_is_a_part_of_the_file() {
        let part = |from, len| Asked::Part { from, len };
        check("bytes=0-0", part(0, 1));
        check("bytes=0-126", part(0, 127));
        check("bytes=990-2000", part(990, 10));
        check("bytes=990-", part(990, 10));
        check("bytes=-10", part(990, 10));
        check("bytes=-5000", part(0, 1000));
        check("BYTES=5-6", part(5, 2));
        check("bytes=0-99999999999999999999999", part(0, 1000));
    }

    #[test]
    fn what_the_file_does_not_have_is_beyond_it() {
        for range in ["bytes=1000-", "bytes=1000-1001", "bytes=-0", "bytes=99999999999999999999-"] {
            check(range, Asked::Beyond);
        }
        assert_eq!(asked("bytes=0-0", 0), Asked::Beyond);
        assert_eq!(asked("bytes=-1", 0), Asked::Beyond);
    }

    #[test]
    fn what_is_no_range_asks_for_the_whole() {
        let none = ["", "bytes", "bytes=", "bytes=-", "bytes=9-3", "bytes=a-b", "bytes=+1-2"];
        let other = ["lines=0-1", "bytes=0-1,5-6", "bytes=0-1-2", "bytes=1 - 2"];
        for range in none.into_iter().chain(other) {
            check(range, Asked::Whole);
        }
    }
}
