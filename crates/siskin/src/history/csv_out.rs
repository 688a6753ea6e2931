//! Readings as CSV: UTF-8, a header, one row for each reading.
//!
//! A value is written with as many digits as bring it back to the bit; no value is an empty field.

use std::fs::File;
use std::io::{BufWriter, Write};

use anyhow::Context;
use siskin_model::{Origin, Reading};

use super::export::{Labels, Sink};

/// The columns of an export, in order; those of a Parquet file have the same names.
pub(crate) const COLUMNS: [&str; 12] = [
    "measured_at",
    "measured_at_ms",
    "received_at",
    "received_at_ms",
    "channel",
    "value",
    "unit",
    "quality",
    "origin",
    "analyzer",
    "area",
    "gas",
];
/// By it Excel knows that the text is UTF-8.
const BOM: &[u8] = "\u{feff}".as_bytes();

/// Writes one row for each reading.
pub(crate) fn write_rows<W: Write>(
    out: &mut csv::Writer<W>,
    labels: &Labels,
    rows: &[(Reading, Origin)],
) -> anyhow::Result<()> {
    for (reading, origin) in rows {
        let value = reading.value.map(|value| value.to_string()).unwrap_or_default();
        let (measured, received) = (reading.measured_at, reading.received_at);
        out.write_record([
            measured.rfc3339(labels.utc_offset_s).as_str(),
            &measured.as_millis().to_string(),
            &received.rfc3339(labels.utc_offset_s),
            &received.as_millis().to_string(),
            &labels.channel,
            &value,
            labels.unit,
            reading.quality.as_str(),
            origin.as_str(),
            &labels.analyzer,
            &labels.area,
            &labels.gas,
        ])
        .context("cannot write the export; hint: is the disk full?")?;
    }
    Ok(())
}

/// A CSV file that is being written.
#[derive(Debug)]
pub(super) struct CsvSink {
    out: csv::Writer<BufWriter<File>>,
}

impl CsvSink {
    pub(super) fn new(file: File, bom: bool) -> anyhow::Result<Self> {
        let mut file = BufWriter::new(file);
        if bom {
            file.write_all(BOM).context("cannot write the export; hint: is the disk full?")?;
        }
        let mut out = csv::Writer::from_writer(file);
        out.write_record(COLUMNS)?;
        Ok(Self { out })
    }
}

impl Sink for CsvSink {
    fn put(&mut self, labels: &Labels, rows: &[(Reading, Origin)]) -> anyhow::Result<()> {
        write_rows(&mut self.out, labels, rows)
    }

    fn finish(self: Box<Self>) -> anyhow::Result<()> {
        let file = self.out.into_inner().map_err(|error| anyhow::anyhow!("{error}"))?;
        let file = file.into_inner().map_err(|error| anyhow::anyhow!("{error}"))?;
        file.sync_all().context("cannot bring the export to disk; hint: is the disk full?")
    }
}
