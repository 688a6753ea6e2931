//! The evidence pack: everything of one incident as one archive that can be checked without Siskin.
//!
//! It is written as a stream, an hour of one channel in memory at most. Every file of it stands in
//! `MANIFEST.sha256`, and what could not be read is named: a pack never leaves out in silence.

mod archive;
mod command;
mod parts;
mod readme;
mod told;

use std::fmt::Write as _;
use std::io::Write;
use std::path::Path;

use siskin_config::{Settings, SourceFile};
use siskin_model::Timestamp;
use siskin_model::incident::Incident;
use siskin_store::{Ledger, SeriesRead};

use archive::Archive;
pub(crate) use command::command;
use parts::Parts;

/// Readings, alarms and acts from so long before the incident to so long after it.
const MARGIN_MS: i64 = 3_600_000;

/// What a pack is made from.
pub(crate) struct Source<'a> {
    pub(crate) settings: &'a Settings,
    /// The files of the site as the station read them.
    pub(crate) site_files: &'a [SourceFile],
    pub(crate) series: &'a dyn SeriesRead,
    pub(crate) ledger: &'a Ledger,
    /// Where files of incidents are.
    pub(crate) folder: &'a Path,
    pub(crate) made_at: Timestamp,
    pub(crate) made_by: &'a str,
}

/// What is in a pack.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Packed {
    pub(crate) files: usize,
    pub(crate) readings: u64,
    /// Hours, messages and attached files that could not be read; `missing.ndjson` names them.
    pub(crate) missing: u64,
}

/// The time that a pack covers; nothing lies after it was made.
fn span(source: &Source<'_>, incident: &Incident) -> anyhow::Result<(Timestamp, Timestamp)> {
    let mut from = incident.discovered_at.min(incident.opened_at);
    for id in incident.warnings.keys() {
        let warning = source.ledger.warning(id)?;
        from = warning.map_or(from, |warning| warning.raised_at.min(from));
    }
    let end = incident.closure.as_ref().map_or(source.made_at, |closure| closure.at);
    Ok((from.plus_ms(-MARGIN_MS), end.plus_ms(MARGIN_MS)))
}

/// Writes the pack of `incident` to `out`.
pub(crate) fn write(
    source: &Source<'_>,
    incident: &Incident,
    out: &mut dyn Write,
) -> anyhow::Result<Packed> {
    let span = span(source, incident)?;
    let mut archive = Archive::new(out);
    let mut parts =
        Parts { source, incident, span, packed: Packed::default(), missing: Vec::new() };
    parts.incident(&mut archive)?;
    parts.warnings(&mut archive)?;
    parts.alarms(&mut archive)?;
    parts.maintenance(&mut archive)?;
    parts.readings(&mut archive)?;
    parts.messages(&mut archive)?;
    parts.receipts(&mut archive)?;
    parts.audit(&mut archive)?;
    parts.checkpoint(&mut archive)?;
    parts.rules(&mut archive)?;
    parts.site(&mut archive)?;
    parts.files(&mut archive)?;
    parts.reports(&mut archive)?;
    parts.missing(&mut archive)?;
    let packed = parts.packed;
    let text = readme::text(source, incident, span, packed);
    archive.file("README.txt", |file| Ok(file.write_all(text.as_bytes())?))?;
    let files = archive.finish()?;
    Ok(Packed { files, ..packed })
}

/// Bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}
