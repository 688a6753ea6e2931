//! Recorded readings: `.csv` with `ts_ms,channel,value`, a wide `.csv` with a time and a column for
//! each channel, or `.bin` with little-endian records of i64 ts_ms, u32 channel, f32 value. Rows
//! stand in order of arrival; none is skipped in silence.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, bail};
use siskin_model::{ChannelId, ChannelIndex, Quality, Reading, Timestamp};

/// Bytes of one record of a `.bin` file.
const RECORD_BYTES: usize = 16;

/// Readings and the channels they belong to, in order of first appearance or of number.
#[derive(Debug, Default)]
pub(crate) struct Recorded {
    pub(crate) channels: Vec<ChannelId>,
    pub(crate) readings: Vec<Reading>,
}

/// Reads a whole file.
pub(crate) fn read(path: &Path) -> anyhow::Result<Recorded> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    let name = path.display().to_string();
    match path.extension().and_then(|end| end.to_str()) {
        Some("bin") => from_bin(&name, &bytes),
        Some("csv") => from_csv(&name, &bytes),
        _ => bail!("`{name}` has an unknown form; hint: use a `.csv` or a `.bin` file"),
    }
}

fn from_bin(name: &str, bytes: &[u8]) -> anyhow::Result<Recorded> {
    let (records, rest) = bytes.as_chunks::<RECORD_BYTES>();
    if !rest.is_empty() {
        bail!(
            "`{name}` ends inside record {}: {} of {RECORD_BYTES} bytes; hint: was it cut off?",
            records.len() + 1,
            rest.len()
        );
    }
    let mut recorded = Recorded::default();
    let mut seen = Interned::default();
    for record in records {
        let (at, rest) = record.split_at(8);
        let (number, value) = rest.split_at(4);
        let at = Timestamp::from_millis(i64::from_le_bytes(fixed(at)));
        let number = u32::from_le_bytes(fixed(number));
        let value = f32::from_le_bytes(fixed(value));
        let channel = seen.number(number, &mut recorded.channels)?;
        recorded.readings.push(Reading::new(
            channel,
            at,
            at,
            Some(f64::from(value)),
            Quality::Good,
        ));
    }
    Ok(recorded)
}

/// Bytes of a record as an array; the record's length was checked.
fn fixed<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes.first_chunk().copied().unwrap_or([0; N])
}

fn from_csv(name: &str, bytes: &[u8]) -> anyhow::Result<Recorded> {
    let text = std::str::from_utf8(bytes).with_context(|| format!("`{name}` is not UTF-8"))?;
    let mut lines = text.lines();
    let header = lines.next().unwrap_or_default().trim_start_matches('\u{feff}').trim();
    if header != "ts_ms,channel,value" {
        return wide(name, header, lines);
    }
    let mut recorded = Recorded::default();
    let mut seen = Interned::default();
    for (number, line) in (2usize..).zip(lines) {
        let about = || format!("{name}:{number}: in `{line}`");
        let mut fields = line.split(',');
        let (Some(at), Some(channel), Some(value), None) =
            (fields.next(), fields.next(), fields.next(), fields.next())
        else {
            bail!(
                "{}: expected three fields `ts_ms,channel,value`; hint: look for a stray comma",
                about()
            );
        };
        let at: i64 = at
            .parse()
            .with_context(|| format!("{}: `{at}` is not whole milliseconds since 1970", about()))?;
        let value: f64 =
            value.parse().with_context(|| format!("{}: `{value}` is not a number", about()))?;
        let channel = seen.text(channel, &mut recorded.channels).with_context(about)?;
        let at = Timestamp::from_millis(at);
        recorded.readings.push(Reading::new(channel, at, at, Some(value), Quality::Good));
    }
    Ok(recorded)
}

/// A column of times, then one for each channel; an empty field is no reading.
fn wide<'a>(
    name: &str,
    header: &str,
    lines: impl Iterator<Item = &'a str>,
) -> anyhow::Result<Recorded> {
    let mut columns = header.split(',').map(str::trim);
    let time = columns.next().unwrap_or_default();
    if !matches!(time, "time_utc" | "ts_ms") || !header.contains(',') {
        bail!(
            "{name}:1: found `{header}`, expected the header `ts_ms,channel,value`, or `time_utc` \
             and the ids of channels; hint: other columns are not read"
        );
    }
    let mut recorded = Recorded::default();
    for column in columns {
        let about = || format!("{name}:1: in the column `{column}`");
        let known = recorded.channels.iter().any(|id| id.as_str() == column);
        anyhow::ensure!(!known, "{}: it stands twice; hint: name each channel once", about());
        added(column, &mut recorded.channels).with_context(about)?;
    }
    let expected = recorded.channels.len() + 1;
    for (number, line) in (2usize..).zip(lines).filter(|(_, line)| !line.trim().is_empty()) {
        let found = line.split(',').count();
        anyhow::ensure!(
            found == expected,
            "{name}:{number}: found {found} fields, expected {expected}; \
             hint: a missing value is an empty field"
        );
        let mut fields = line.split(',').map(str::trim);
        let at = moment(fields.next().unwrap_or_default());
        let at = at.with_context(|| format!("{name}:{number}: in `{time}`"))?;
        for (channel, text) in (0u32..).map(ChannelIndex).zip(fields) {
            if text.is_empty() {
                continue;
            }
            let value: f64 = text.parse().with_context(|| {
                let column = header.split(',').nth(channel.get() + 1).unwrap_or_default();
                format!("{name}:{number}: in `{column}`: `{text}` is not a number")
            })?;
            recorded.readings.push(Reading::new(channel, at, at, Some(value), Quality::Good));
        }
    }
    Ok(recorded)
}

/// RFC 3339, or whole milliseconds since 1970.
fn moment(text: &str) -> anyhow::Result<Timestamp> {
    if let Ok(ms) = text.parse() {
        return Ok(Timestamp::from_millis(ms));
    }
    let at: jiff::Timestamp = text.parse().with_context(|| {
        format!(
            "`{text}` is no moment; hint: write RFC 3339, for example 2026-11-23T08:00:00Z, \
             or whole milliseconds since 1970"
        )
    })?;
    Ok(Timestamp::from_millis(at.as_millisecond()))
}

/// Channel names to indexes; the two forms of name share the list.
#[derive(Default)]
struct Interned {
    by_number: HashMap<u32, ChannelIndex>,
    by_text: HashMap<String, ChannelIndex>,
}

impl Interned {
    fn number(
        &mut self,
        number: u32,
        channels: &mut Vec<ChannelId>,
    ) -> anyhow::Result<ChannelIndex> {
        if let Some(index) = self.by_number.get(&number) {
            return Ok(*index);
        }
        let index = added(&number.to_string(), channels)?;
        self.by_number.insert(number, index);
        Ok(index)
    }

    fn text(&mut self, text: &str, channels: &mut Vec<ChannelId>) -> anyhow::Result<ChannelIndex> {
        if let Some(index) = self.by_text.get(text) {
            return Ok(*index);
        }
        let index = added(text, channels)?;
        self.by_text.insert(text.to_owned(), index);
        Ok(index)
    }
}

fn added(text: &str, channels: &mut Vec<ChannelId>) -> anyhow::Result<ChannelIndex> {
    let index = u32::try_from(channels.len()).context("more channels than can be numbered")?;
    channels.push(ChannelId::new(text)?);
    Ok(ChannelIndex(index))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, want: &str) {
        let error = from_csv("r.csv", text.as_bytes()).unwrap_err();
        assert_eq!(format!("{error:#}"), want);
    }

    #[test]
    fn both_forms_say_the_same() {
        let csv = from_csv("r.csv", b"ts_ms,channel,value\n1000,7,0.5\n1000,3,2\n2000,7,1\n");
        let mut bin = Vec::new();
        for (at, channel, value) in [(1000i64, 7u32, 0.5f32), (1000, 3, 2.0), (2000, 7, 1.0)] {
            bin.extend(at.to_le_bytes());
            bin.extend(channel.to_le_bytes());
            bin.extend(value.to_le_bytes());
        }
        let (csv, bin) = (csv.unwrap(), from_bin("r.bin", &bin).unwrap());
        assert_eq!(csv.readings, bin.readings);
        assert_eq!(csv.channels, bin.channels);
        assert_eq!(csv.readings[2].channel, ChannelIndex(0));
    }

    #[test]
    fn the_wide_form_says_the_same() {
        let wide = b"time_utc,7,3\n1970-01-01T00:00:01Z,0.5,2\n2000,1,\n";
        let long = b"ts_ms,channel,value\n1000,7,0.5\n1000,3,2\n2000,7,1\n";
        let (wide, long) = (from_csv("w.csv", wide).unwrap(), from_csv("r.csv", long).unwrap());
        assert_eq!((wide.readings, wide.channels), (long.readings, long.channels));
        check(
            "time_utc,a,b\n1970-01-01T00:00:01Z,1\n",
            "r.csv:2: found 2 fields, expected 3; hint: a missing value is an empty field",
        );
        check(
            "time_utc,a,a\n",
            "r.csv:1: in the column `a`: it stands twice; \
             hint: name each channel once",
        );
        check(
            "time_utc,a,b\n1,2,x\n",
            "r.csv:2: in `b`: `x` is not a number: invalid float literal",
        );
    }

    #[test]
    fn a_bad_row_is_named() {
        check(
            "time,value\n",
            "r.csv:1: found `time,value`, expected the header `ts_ms,channel,value`, or `time_utc` \
             and the ids of channels; hint: other columns are not read",
        );
        check(
            "ts_ms,channel,value\n1,a,x\n",
            "r.csv:2: in `1,a,x`: `x` is not a number: invalid float literal",
        );
        check(
            "ts_ms,channel,value\n1,a\n",
            "r.csv:2: in `1,a`: expected three fields `ts_ms,channel,value`; \
             hint: look for a stray comma",
        );
        let cut = from_bin("r.bin", &[0; 20]).unwrap_err().to_string();
        assert!(cut.contains("ends inside record 2"), "{cut}");
    }
}
