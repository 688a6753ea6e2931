//! Recorded readings: `.csv` with `ts_ms,channel,value`, or `.bin` with little-endian records of
//! i64 ts_ms, u32 channel, f32 value. Rows stand in order of arrival; none is skipped in silence.

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
    let header = lines.next().unwrap_or_default();
    if header.trim() != "ts_ms,channel,value" {
        bail!(
            "{name}:1: found `{header}`, expected the header `ts_ms,channel,value`; \
             hint: other columns are not read by replay"
        );
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
    fn a_bad_row_is_named() {
        check(
            "time,value\n",
            "r.csv:1: found `time,value`, expected the header `ts_ms,channel,value`; \
             hint: other columns are not read by replay",
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
