//! A batch of readings as compressed columns, exact to the bit.
//!
//! Format 1: the number of readings (4 bytes, little endian), then columns, each with its length in
//! 4 bytes and packed by pco: channels, measured-at, received-at less measured-at, marks (quality,
//! and bit 4 where there is a value), and the values that there are, in single precision where that
//! loses nothing. Unpacks into room that was measured before: a small message cannot ask for much.

use pco::ChunkConfig;
use pco::data_types::Number;
use pco::standalone::{simple_compress, simple_decompress_into};
use siskin_model::{Quality, Reading, Timestamp};

use super::{CHANNELS_MAX, FrameError, ROWS_MAX, at_most};

const FORMAT: u8 = 1;
/// In a mark, beside the quality's code. Marks are 16 bits wide: pco is not made for less.
const HAS_VALUE: u16 = 0x10;
const VALUES_NONE: u8 = 0;
const VALUES_F64: u8 = 1;
const VALUES_F32: u8 = 2;
/// Batches are small, and the edge's processor is too: a higher level gains less than it costs.
const LEVEL: usize = 4;

/// A reading on the link.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row {
    /// Place of its channel in [`super::Hello::channels`].
    pub channel: u32,
    /// When it was measured, by the clock of the device or of the edge.
    pub measured_at: Timestamp,
    /// When the edge received it.
    pub received_at: Timestamp,
    /// The number, where there is one.
    pub value: Option<f64>,
    /// What is known about it.
    pub quality: Quality,
}

impl Row {
    /// `reading` under the number that the link gives its channel.
    pub fn of(reading: &Reading, channel: u32) -> Self {
        let Reading { measured_at, received_at, value, quality, .. } = *reading;
        Self { channel, measured_at, received_at, value, quality }
    }
}

/// Packs readings in their order.
pub fn encode(rows: &[Row]) -> Result<Vec<u8>, FrameError> {
    at_most("number of readings", rows.len(), ROWS_MAX)?;
    let count = u32::try_from(rows.len()).map_err(|_| FrameError::Field("count"))?;
    let measured: Vec<i64> = rows.iter().map(|r| r.measured_at.as_millis()).collect();
    let delay = |r: &Row| r.received_at.as_millis().wrapping_sub(r.measured_at.as_millis());
    let delays: Vec<i64> = rows.iter().map(delay).collect();
    let channels: Vec<u32> = rows.iter().map(|r| r.channel).collect();
    let mark = |r: &Row| u16::from(r.quality.code()) | r.value.map_or(0, |_| HAS_VALUE);
    let marks: Vec<u16> = rows.iter().map(mark).collect();
    let values: Vec<f64> = rows.iter().filter_map(|r| r.value).collect();
    let mut out = Vec::with_capacity(64 + rows.len() * 4);
    out.push(FORMAT);
    out.extend(count.to_le_bytes());
    put(&mut out, "channels", &channels)?;
    put(&mut out, "stamps", &measured)?;
    put(&mut out, "delays", &delays)?;
    put(&mut out, "marks", &marks)?;
    put_values(&mut out, &values)?;
    Ok(out)
}

fn put_values(out: &mut Vec<u8>, values: &[f64]) -> Result<(), FrameError> {
    if values.is_empty() {
        out.push(VALUES_NONE);
        Ok(())
    } else if let Some(singles) = singles(values) {
        out.push(VALUES_F32);
        put(out, "values", &singles)
    } else {
        out.push(VALUES_F64);
        put(out, "values", values)
    }
}

/// All values in single precision, where that loses nothing: devices with 32-bit registers.
fn singles(values: &[f64]) -> Option<Vec<f32>> {
    #[allow(clippy::cast_possible_truncation, reason = "checked to lose nothing")]
    let single = |&value: &f64| {
        let single = value as f32;
        (f64::from(single).to_bits() == value.to_bits()).then_some(single)
    };
    values.iter().map(single).collect()
}

fn put<T: Number>(out: &mut Vec<u8>, name: &'static str, column: &[T]) -> Result<(), FrameError> {
    let config = ChunkConfig::default().with_compression_level(LEVEL);
    let packed = simple_compress(column, &config)
        .map_err(|error| FrameError::Column { column: name, why: error.to_string() })?;
    let length = u32::try_from(packed.len()).map_err(|_| FrameError::Field(name))?;
    out.extend(length.to_le_bytes());
    out.extend(packed);
    Ok(())
}

/// How many readings `bytes` say to hold, without unpacking them.
pub fn count(bytes: &[u8]) -> Result<usize, FrameError> {
    let mut rest = bytes;
    head(&mut rest)
}

/// Unpacks what [`encode`] packed.
pub fn decode(bytes: &[u8]) -> Result<Vec<Row>, FrameError> {
    let mut rest = bytes;
    let count = head(&mut rest)?;
    let channels: Vec<u32> = take(&mut rest, "channels", count)?;
    let measured: Vec<i64> = take(&mut rest, "stamps", count)?;
    let delays: Vec<i64> = take(&mut rest, "delays", count)?;
    let marks: Vec<u16> = take(&mut rest, "marks", count)?;
    let present = marks.iter().filter(|&mark| mark & HAS_VALUE != 0).count();
    let mut values = take_values(&mut rest, present)?.into_iter();
    if !rest.is_empty() {
        return Err(FrameError::Field("end"));
    }
    let times = measured.into_iter().zip(delays);
    let rows = channels.into_iter().zip(times).zip(marks);
    rows.map(|((channel, (measured, delay)), mark)| {
        let value = if mark & HAS_VALUE == 0 { None } else { values.next() };
        row(channel, (measured, delay), mark, value)
    })
    .collect()
}

fn row(
    channel: u32,
    (measured, delay): (i64, i64),
    mark: u16,
    value: Option<f64>,
) -> Result<Row, FrameError> {
    let code = u8::try_from(mark & !HAS_VALUE).ok();
    let quality = code.and_then(Quality::from_code).ok_or(FrameError::Field("quality"))?;
    if usize::try_from(channel).map_or(true, |place| place >= CHANNELS_MAX) {
        return Err(FrameError::Field("channel"));
    }
    if value.is_some_and(|value| !value.is_finite()) {
        return Err(FrameError::Field("value"));
    }
    if value.is_none() && matches!(quality, Quality::Good | Quality::Uncertain | Quality::Manual) {
        return Err(FrameError::Field("quality of no value"));
    }
    let measured_at = Timestamp::from_millis(measured);
    let received_at = Timestamp::from_millis(measured.wrapping_add(delay));
    Ok(Row { channel, measured_at, received_at, value, quality })
}

fn head(rest: &mut &[u8]) -> Result<usize, FrameError> {
    if byte(rest, "format")? != FORMAT {
        return Err(FrameError::Field("format"));
    }
    let count = length(rest, "count")?;
    at_most("number of readings", count, ROWS_MAX)?;
    Ok(count)
}

fn take_values(rest: &mut &[u8], count: usize) -> Result<Vec<f64>, FrameError> {
    match byte(rest, "kind of values")? {
        VALUES_NONE if count == 0 => Ok(Vec::new()),
        VALUES_F64 => take(rest, "values", count),
        VALUES_F32 => {
            let singles: Vec<f32> = take(rest, "values", count)?;
            Ok(singles.into_iter().map(f64::from).collect())
        }
        _ => Err(FrameError::Field("kind of values")),
    }
}

fn take<T: Number + Default>(
    rest: &mut &[u8],
    column: &'static str,
    count: usize,
) -> Result<Vec<T>, FrameError> {
    let packed_len = length(rest, column)?;
    let (packed, after) = rest.split_at_checked(packed_len).ok_or(FrameError::Field(column))?;
    *rest = after;
    let mut numbers = vec![T::default(); count];
    let done = simple_decompress_into(packed, &mut numbers)
        .map_err(|error| FrameError::Column { column, why: error.to_string() })?;
    if done.n_processed == count && done.finished {
        Ok(numbers)
    } else {
        Err(FrameError::Field(column))
    }
}

fn byte(rest: &mut &[u8], field: &'static str) -> Result<u8, FrameError> {
    let (byte, after) = rest.split_first().ok_or(FrameError::Field(field))?;
    *rest = after;
    Ok(*byte)
}

fn length(rest: &mut &[u8], field: &'static str) -> Result<usize, FrameError> {
    let (bytes, after) = rest.split_first_chunk::<4>().ok_or(FrameError::Field(field))?;
    *rest = after;
    usize::try_from(u32::from_le_bytes(*bytes)).map_err(|_| FrameError::Field(field))
}
