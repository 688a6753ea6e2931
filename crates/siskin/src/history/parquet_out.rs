//! Readings as Parquet: the columns of the CSV with types, Snappy, groups of rows of one size.
//!
//! Stamps are `TIMESTAMP(MILLIS, UTC)`, the value is a nullable `DOUBLE`, all else is text in
//! dictionaries. The columns with local time are left out: readers give stamps in their own zone.

use std::fs::File;
use std::sync::Arc;

use anyhow::Context;
use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use siskin_model::{Origin, Reading};

use super::export::{Labels, Sink};

/// The schema, as `docs/history-tools.md` states it.
const SCHEMA: &str = "
message readings {
    REQUIRED INT64 measured_at (TIMESTAMP(MILLIS, true));
    REQUIRED INT64 received_at (TIMESTAMP(MILLIS, true));
    REQUIRED BYTE_ARRAY channel (STRING);
    OPTIONAL DOUBLE value;
    REQUIRED BYTE_ARRAY unit (STRING);
    REQUIRED BYTE_ARRAY quality (STRING);
    REQUIRED BYTE_ARRAY origin (STRING);
    REQUIRED BYTE_ARRAY analyzer (STRING);
    REQUIRED BYTE_ARRAY area (STRING);
    REQUIRED BYTE_ARRAY gas (STRING);
}";
/// Rows of a group; so many are in memory at once.
const GROUP_ROWS: usize = 131_072;
/// Why a write fails.
const ABOUT: &str = "cannot write the export; hint: is the disk full?";

/// A Parquet file that is being written.
pub(super) struct ParquetSink {
    writer: SerializedFileWriter<File>,
    group: Group,
}

/// The rows of the next group, by column.
#[derive(Default)]
struct Group {
    measured: Vec<i64>,
    received: Vec<i64>,
    /// Those that there are.
    values: Vec<f64>,
    /// 1 where there is a value.
    has_value: Vec<i16>,
    /// Channel, unit, quality, origin, analyzer, area, gas.
    texts: [Vec<ByteArray>; 7],
}

impl ParquetSink {
    pub(super) fn new(file: File) -> anyhow::Result<Self> {
        let schema = Arc::new(parse_message_type(SCHEMA).context("the schema of exports")?);
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(format!("siskin {}", env!("CARGO_PKG_VERSION")))
            .build();
        let writer = SerializedFileWriter::new(file, schema, Arc::new(properties));
        Ok(Self { writer: writer.context(ABOUT)?, group: Group::default() })
    }

    fn write_group(&mut self) -> anyhow::Result<()> {
        let group = std::mem::take(&mut self.group);
        if group.measured.is_empty() {
            return Ok(());
        }
        let mut rows = self.writer.next_row_group()?;
        put::<Int64Type>(&mut rows, &group.measured, None)?;
        put::<Int64Type>(&mut rows, &group.received, None)?;
        let [channel, others @ ..] = &group.texts;
        put::<ByteArrayType>(&mut rows, channel, None)?;
        put::<DoubleType>(&mut rows, &group.values, Some(&group.has_value))?;
        for texts in others {
            put::<ByteArrayType>(&mut rows, texts, None)?;
        }
        rows.close()?;
        Ok(())
    }
}

fn put<T: parquet::data_type::DataType>(
    rows: &mut SerializedRowGroupWriter<'_, File>,
    values: &[T::T],
    is_there: Option<&[i16]>,
) -> anyhow::Result<()> {
    let mut column = rows.next_column()?.context("a column that the schema has not")?;
    column.typed::<T>().write_batch(values, is_there, None)?;
    column.close()?;
    Ok(())
}

impl Sink for ParquetSink {
    fn put(&mut self, labels: &Labels, rows: &[(Reading, Origin)]) -> anyhow::Result<()> {
        let text = |text: &str| ByteArray::from(text.as_bytes().to_vec());
        let channel = text(&labels.channel);
        let (unit, analyzer) = (text(labels.unit), text(&labels.analyzer));
        let (area, gas) = (text(&labels.area), text(&labels.gas));
        for (reading, origin) in rows {
            let group = &mut self.group;
            group.measured.push(reading.measured_at.as_millis());
            group.received.push(reading.received_at.as_millis());
            group.values.extend(reading.value);
            group.has_value.push(i16::from(reading.value.is_some()));
            let texts = [
                channel.clone(),
                unit.clone(),
                text(reading.quality.as_str()),
                text(origin.as_str()),
                analyzer.clone(),
                area.clone(),
                gas.clone(),
            ];
            for (column, text) in group.texts.iter_mut().zip(texts) {
                column.push(text);
            }
            if group.measured.len() >= GROUP_ROWS {
                self.write_group().context(ABOUT)?;
            }
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> anyhow::Result<()> {
        self.write_group().context(ABOUT)?;
        let file = self.writer.into_inner().context(ABOUT)?;
        file.sync_all().context("cannot bring the export to disk; hint: is the disk full?")
    }
}
