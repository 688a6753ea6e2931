//! From when until when a certificate is valid, read from its DER (RFC 5280, section 4.1).
//!
//! rustls keeps these dates to itself, and a crate for all of X.509 brings a dozen others for two
//! numbers. Never decides who is trusted: whoever connects checks the certificate with rustls.

use jiff::civil::DateTime;
use jiff::tz::Offset;
use siskin_model::Timestamp;

const SEQUENCE: u8 = 0x30;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
/// The optional version, tagged [0].
const VERSION: u8 = 0xa0;
/// Two-digit years from here on are of the 20th century (RFC 5280, section 4.1.2.5.1).
const PIVOT_YEAR: u8 = 50;
/// Bytes that a length may have here: certificates are far below 16 MiB.
const LENGTH_BYTES_MAX: u8 = 3;

/// From when until when something is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// The first moment.
    pub not_before: Timestamp,
    /// The last moment.
    pub not_after: Timestamp,
}

impl Validity {
    /// What both are valid for: a chain is as good as its worst part.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            not_before: self.not_before.max(other.not_before),
            not_after: self.not_after.min(other.not_after),
        }
    }
}

/// The dates of a certificate; none where it is not one.
pub(super) fn of(certificate: &[u8]) -> Option<Validity> {
    let (whole, _) = tagged(certificate, SEQUENCE)?;
    let (mut rest, _) = tagged(whole, SEQUENCE)?;
    if rest.first() == Some(&VERSION) {
        rest = element(rest)?.2;
    }
    // Serial number, signature algorithm, issuer.
    for _ in 0..3 {
        rest = element(rest)?.2;
    }
    let (validity, _) = tagged(rest, SEQUENCE)?;
    let (tag, from, rest) = element(validity)?;
    let (until_tag, until, _) = element(rest)?;
    Some(Validity { not_before: moment(tag, from)?, not_after: moment(until_tag, until)? })
}

/// The content of the first element, which must have this tag, and what follows it.
fn tagged(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (found, content, rest) = element(bytes)?;
    (found == tag).then_some((content, rest))
}

/// Tag and content of the first element, and what follows it.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let [tag, length, rest @ ..] = bytes else { return None };
    let (length, rest) = match length {
        0..0x80 => (usize::from(*length), rest),
        _ => long_length(*length & 0x7f, rest)?,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((*tag, content, rest))
}

/// A length that is itself `count` bytes long.
fn long_length(count: u8, bytes: &[u8]) -> Option<(usize, &[u8])> {
    if !(1..=LENGTH_BYTES_MAX).contains(&count) {
        return None;
    }
    let (length, rest) = bytes.split_at_checked(usize::from(count))?;
    Some((length.iter().fold(0, |sum, byte| (sum << 8) | usize::from(*byte)), rest))
}

/// `YYMMDDhhmmssZ` or `YYYYMMDDhhmmssZ`, the only forms that certificates may have.
fn moment(tag: u8, content: &[u8]) -> Option<Timestamp> {
    let digits = content.strip_suffix(b"Z").filter(|text| text.iter().all(u8::is_ascii_digit))?;
    let pairs: Vec<u8> = digits.chunks(2).filter_map(pair).collect();
    let (year, rest) = match (tag, pairs.as_slice(), digits.len()) {
        (UTC_TIME, [year, rest @ ..], 12) => {
            let century = if *year < PIVOT_YEAR { 2000 } else { 1900 };
            (century + i16::from(*year), rest)
        }
        (GENERALIZED_TIME, [century, year, rest @ ..], 14) => {
            (i16::from(*century) * 100 + i16::from(*year), rest)
        }
        _ => return None,
    };
    let rest: Vec<i8> = rest.iter().filter_map(|part| i8::try_from(*part).ok()).collect();
    let [month, day, hour, minute, second] = rest.as_slice() else { return None };
    let civil = DateTime::new(year, *month, *day, *hour, *minute, *second, 0).ok()?;
    // "No end" is written as the last second of 9999 (section 4.1.2.5), hours after jiff's last.
    let moment = Offset::UTC.to_timestamp(civil).unwrap_or(jiff::Timestamp::MAX);
    Some(Timestamp::from_millis(moment.as_second() * 1000))
}

/// Two digits as a number.
fn pair(digits: &[u8]) -> Option<u8> {
    let [tens, ones] = digits else { return None };
    Some(tens.checked_sub(b'0')? * 10 + ones.checked_sub(b'0')?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check_moment(tag: u8, text: &str, want: Option<&str>) {
        let found = moment(tag, text.as_bytes()).map(|at| at.rfc3339(0));
        assert_eq!(found.as_deref(), want, "{text}");
    }

    #[test]
    fn both_forms_of_time_are_read_and_nothing_else() {
        let of_the_21st = Some("2027-02-28T23:59:58.000+00:00");
        check_moment(UTC_TIME, "270228235958Z", of_the_21st);
        check_moment(GENERALIZED_TIME, "20270228235958Z", of_the_21st);
        check_moment(UTC_TIME, "500101000000Z", Some("1950-01-01T00:00:00.000+00:00"));
        check_moment(UTC_TIME, "491231235959Z", Some("2049-12-31T23:59:59.000+00:00"));
        check_moment(GENERALIZED_TIME, "99991231235959Z", Some("9999-12-30T22:00:00.000+00:00"));
        for (tag, text) in [
            (UTC_TIME, "270229000000Z"),
            (UTC_TIME, "2702282359Z"),
            (UTC_TIME, "270228235958+0800"),
            (UTC_TIME, "20270228235958Z"),
            (GENERALIZED_TIME, "270228235958Z"),
            (GENERALIZED_TIME, "2027022823595Z"),
            (UTC_TIME, "27022823595xZ"),
            (UTC_TIME, ""),
            (0x04, "270228235958Z"),
        ] {
            check_moment(tag, text, None);
        }
    }

    #[test]
    fn of_a_chain_the_narrowest_counts() {
        let of = |from, until| Validity {
            not_before: Timestamp::from_millis(from),
            not_after: Timestamp::from_millis(until),
        };
        assert_eq!(of(1, 9).and(of(3, 20)), of(3, 9));
    }

    /// One element with a short length.
    fn wrapped(tag: u8, content: &[u8]) -> Vec<u8> {
        let mut whole = vec![tag, u8::try_from(content.len()).unwrap()];
        whole.extend(content);
        whole
    }

    fn certificate(until: &str) -> Vec<u8> {
        let until = wrapped(GENERALIZED_TIME, until.as_bytes());
        let dates = [wrapped(UTC_TIME, b"260101000000Z"), until].concat();
        let fields = [
            wrapped(VERSION, &[2, 1, 2]),
            wrapped(0x02, &[7]),
            wrapped(SEQUENCE, &[]),
            wrapped(SEQUENCE, &[]),
            wrapped(SEQUENCE, &dates),
        ];
        wrapped(SEQUENCE, &wrapped(SEQUENCE, &fields.concat()))
    }

    #[test]
    fn a_certificate_cut_short_has_no_dates() {
        let whole = certificate("20500101000000Z");
        let found = of(&whole).unwrap();
        assert_eq!(found.not_before.rfc3339(0), "2026-01-01T00:00:00.000+00:00");
        assert_eq!(found.not_after.rfc3339(0), "2050-01-01T00:00:00.000+00:00");
        for length in 0..whole.len() {
            assert_eq!(of(&whole[..length]), None, "{length} bytes");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(
            mut bytes in proptest::collection::vec(any::<u8>(), 0..64),
            place in 0_usize..64,
        ) {
            let _any = of(&bytes);
            let mut whole = certificate("20500101000000Z");
            let end = whole.len();
            whole.splice(place.min(end)..(place + 4).min(end), bytes.drain(..bytes.len().min(4)));
            let _any = of(&whole);
        }
    }
}
