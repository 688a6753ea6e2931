//! Readings and events as line protocol of InfluxDB.
//!
//! `reading,site=…,area=…,analyzer=…,channel=…,quantity=…,unit=… value=…,quality=…i,origin=…i,
//! received_ms_after=…i <ms since 1970>`. What is corrected later must be a field, since another
//! tag would be another series and leave the old value standing. A reading without a number has no
//! field `value`; it never becomes zero. Numbers are written in the shortest form that is read back
//! to the bit.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;

use siskin_model::Timestamp;

use crate::series::{Followed, FollowedChannel};

/// What InfluxDB can stamp: nanoseconds since 1970 in 64 bits (1677-09-21 to 2262-04-11).
const STAMP_MS_MAX: i64 = i64::MAX / 1_000_000;

/// Lines, and where each of them ends.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    text: String,
    ends: Vec<usize>,
    /// Lines that no target can take, with the reason.
    pub(crate) impossible: Vec<(String, &'static str)>,
}

impl Lines {
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The text of some of the lines.
    pub(crate) fn of(&self, range: &Range<usize>) -> &str {
        let end = |count: usize| {
            count.checked_sub(1).map_or(Some(0), |last| self.ends.get(last).copied())
        };
        let bytes = end(range.start).zip(end(range.end));
        bytes.and_then(|(from, to)| self.text.get(from..to)).unwrap_or_default()
    }

    /// Ends the line that `text` began.
    pub(crate) fn stamp(&mut self, at: Timestamp) {
        let ms = at.as_millis();
        self.put(format_args!(" {ms}\n"));
        if ms.unsigned_abs() <= STAMP_MS_MAX.unsigned_abs() {
            self.ends.push(self.text.len());
            return;
        }
        let begin = self.ends.last().copied().unwrap_or(0);
        let line = self.text.split_off(begin);
        self.impossible.push((line, "its stamp is before 1677 or after 2262"));
    }

    pub(crate) fn put(&mut self, part: std::fmt::Arguments<'_>) {
        self.text.write_fmt(part).expect("a string takes what is written to it");
    }
}

/// Which area and analyzer a channel of the running site belongs to, by its id.
pub type MirrorPlaces = BTreeMap<String, MirrorPlace>;

/// Where a channel is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MirrorPlace {
    /// The area.
    pub area: String,
    /// The analyzer.
    pub analyzer: String,
}

/// What stands before the fields of a channel's lines, by row.
pub(crate) fn heads(
    site: &str,
    channels: &BTreeMap<u32, FollowedChannel>,
    places: &MirrorPlaces,
) -> BTreeMap<u32, String> {
    let head = |channel: &FollowedChannel| {
        let place = places.get(&channel.id);
        let mut head = String::from("reading");
        for (key, value) in [
            ("site", site),
            ("area", place.map_or("", |place| &place.area)),
            ("analyzer", place.map_or("", |place| &place.analyzer)),
            ("channel", &channel.id),
            ("quantity", &channel.quantity),
            ("unit", &channel.unit),
        ] {
            put_tag(&mut head, key, value);
        }
        head
    };
    channels.iter().map(|(&row, channel)| (row, head(channel))).collect()
}

/// Appends a tag. The protocol knows no empty one, and some targets take no line with fewer tags
/// than the first had: what is not known is `-`.
pub(crate) fn put_tag(head: &mut String, key: &str, value: &str) {
    head.push(',');
    head.push_str(key);
    head.push('=');
    if value.is_empty() {
        head.push('-');
    }
    for letter in value.chars() {
        match letter {
            ',' | '=' | ' ' => head.extend(['\\', letter]),
            // The protocol has no way to write these in a tag. No id of a site has them.
            '\\' => head.push('/'),
            letter if letter.is_control() => head.push('_'),
            letter => head.push(letter),
        }
    }
}

/// The lines of readings, in their order. A row without a head cannot be: rows are never removed.
pub(crate) fn of_readings(heads: &BTreeMap<u32, String>, readings: &[Followed]) -> Lines {
    let mut lines = Lines::default();
    for reading in readings {
        let Some(head) = heads.get(&reading.row) else {
            let line = format!("row {} at {}", reading.row, reading.measured_at.as_millis());
            lines.impossible.push((line, "its channel is not in the file"));
            continue;
        };
        lines.put(format_args!("{head} "));
        if let Some(value) = reading.value {
            lines.put(format_args!("value={value:?},"));
        }
        let received_ms_after = reading.received_at.since_ms(reading.measured_at);
        let (quality, origin) = (reading.quality.code(), reading.origin.code());
        lines.put(format_args!(
            "quality={quality}i,origin={origin}i,received_ms_after={received_ms_after}i"
        ));
        lines.stamp(reading.measured_at);
    }
    lines
}

#[cfg(test)]
mod tests {
    use siskin_model::{Origin, Quality};

    use super::*;

    fn one(value: Option<f64>, ms: i64) -> Followed {
        Followed {
            row: 1,
            measured_at: Timestamp::from_millis(ms),
            received_at: Timestamp::from_millis(ms.saturating_add(25)),
            value,
            quality: Quality::OverRange,
            origin: Origin::Backlog,
        }
    }

    fn check(channel: &str, value: Option<f64>, expected: &str) {
        let channel = FollowedChannel {
            id: channel.to_owned(),
            quantity: "chlorine".to_owned(),
            unit: "mg/m3".to_owned(),
        };
        let place = MirrorPlace { area: "罐区 1".to_owned(), analyzer: "at-1".to_owned() };
        let places = MirrorPlaces::from([("氯气".to_owned(), place)]);
        let heads = heads("p=1", &BTreeMap::from([(1, channel)]), &places);
        let lines = of_readings(&heads, &[one(value, 1_767_225_600_000)]);
        assert_eq!(lines.of(&(0..1)), expected);
    }

    #[test]
    fn lines_of_readings() {
        check(
            "氯气",
            Some(0.5),
            "reading,site=p\\=1,area=罐区\\ 1,analyzer=at-1,channel=氯气,quantity=chlorine,\
             unit=mg/m3 value=0.5,quality=2i,origin=1i,received_ms_after=25i 1767225600000\n",
        );
        // Left the site; no number.
        check(
            "a b,c=d\\\n",
            None,
            "reading,site=p\\=1,area=-,analyzer=-,channel=a\\ b\\,c\\=d/_,quantity=chlorine,\
             unit=mg/m3 quality=2i,origin=1i,received_ms_after=25i 1767225600000\n",
        );
    }

    #[test]
    fn numbers_come_back_to_the_bit() {
        for value in [0.1 + 0.2, 5e-324, f64::MAX, -0.0, 1e-7, 1e16, 123.0] {
            let heads = BTreeMap::from([(1, "reading".to_owned())]);
            let lines = of_readings(&heads, &[one(Some(value), 0)]);
            let text = lines.of(&(0..1));
            let written = text.split("value=").nth(1).and_then(|rest| rest.split(',').next());
            let back: f64 = written.unwrap().parse().unwrap();
            assert_eq!(back.to_bits(), value.to_bits(), "{text}");
        }
    }

    #[test]
    fn what_no_target_can_take_does_not_hold_up_the_rest() {
        let heads = BTreeMap::from([(1, "reading".to_owned())]);
        let readings = [one(Some(1.0), 0), one(Some(2.0), i64::MIN), one(Some(3.0), 5)];
        let lines = of_readings(&heads, &readings);
        assert_eq!((lines.len(), lines.impossible.len()), (2, 1));
        assert!(lines.of(&(1..2)).starts_with("reading value=3.0,"), "{lines:?}");
        assert_eq!(lines.of(&(0..2)).lines().count(), 2);
        assert_eq!(lines.of(&(0..0)), "");
    }
}
