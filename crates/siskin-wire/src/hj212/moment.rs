//! Moments as loggers write them: local time without a zone, 14 digits to the second or 17 to the
//! millisecond. The site says the zone.

use jiff::civil::DateTime;
use jiff::tz::Offset;
use siskin_model::Timestamp;

/// Reads `text` as local time `offset_s` seconds east of UTC.
pub fn parse(text: &str, offset_s: i32) -> Option<Timestamp> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || !matches!(text.len(), 14 | 17) {
        return None;
    }
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i16>().ok();
    let small = |from: usize, to: usize| i8::try_from(number(from, to)?).ok();
    let millis = if text.len() == 17 { text.get(14..17)?.parse::<i32>().ok()? } else { 0 };
    let local = DateTime::new(
        number(0, 4)?,
        small(4, 6)?,
        small(6, 8)?,
        small(8, 10)?,
        small(10, 12)?,
        small(12, 14)?,
        millis * 1_000_000,
    );
    let offset = Offset::from_seconds(offset_s).ok()?;
    let moment = offset.to_timestamp(local.ok()?).ok()?;
    Some(Timestamp::from_millis(moment.as_millisecond()))
}

/// 14 digits, as `DataTime` and `SystemTime` want them.
pub fn to_second(at: Timestamp, offset_s: i32) -> String {
    digits(at, offset_s).chars().take(14).collect()
}

/// 17 digits, as `QN` wants them.
pub fn to_milli(at: Timestamp, offset_s: i32) -> String {
    digits(at, offset_s).chars().take(17).collect()
}

fn digits(at: Timestamp, offset_s: i32) -> String {
    at.rfc3339(offset_s).chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn local_time_is_read_by_the_sites_offset() {
        let at = |text: &str, offset_s| parse(text, offset_s).map(Timestamp::as_millis);
        // 2026-01-01T00:00:00Z is 1,767,225,600 s.
        assert_eq!(at("20260101080000", 28_800), Some(1_767_225_600_000));
        assert_eq!(at("20260101080000250", 28_800), Some(1_767_225_600_250));
        assert_eq!(at("20260101000000", 0), Some(1_767_225_600_000));
        let odd =
            ["", "2026", "20260230080000", "20260101250000", "2026010108000x", "+260101080000"];
        for text in odd.into_iter().chain(["2024112320423050", "２０２６"]) {
            assert_eq!(at(text, 28_800), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(ms in 0..4_000_000_000_000i64) {
            let at = Timestamp::from_millis(ms);
            prop_assert_eq!(parse(&to_milli(at, 28_800), 28_800), Some(at));
            let second = parse(&to_second(at, 28_800), 28_800).unwrap();
            prop_assert_eq!(second.as_millis(), ms - ms % 1000);
        }
    }
}
