//! What stands in an evidence pack, part by part. Lines of JSON where a list may be long.
//!
//! Moments in JSON are milliseconds since 1970, as the ledger has them.

use std::io::{Read, Write};

use serde_json::{Value, json};
use siskin_model::incident::{Incident, clocks};
use siskin_model::{ChannelIndex, Quantity, Timestamp};
use siskin_store::StoreError;
use siskin_store::ledger::{AuditRow, RuleVersion};

use super::archive::{Archive, Hashed};
use super::{Packed, Source};
use crate::history::csv_out;
use crate::history::export::labels;
use crate::station::incident_file;

/// What is read at once.
const STEP_MS: i64 = 3_600_000;
/// Entries that are read at once.
const ENTRIES_A_PAGE: usize = 1_000;
/// Versions of the rules that are looked at.
const VERSIONS_MAX: usize = 10_000;
/// Bytes of a file that are read at once.
const PIECE_BYTES: usize = 64 * 1024;

/// The parts of one pack.
pub(super) struct Parts<'a> {
    pub(super) source: &'a Source<'a>,
    pub(super) incident: &'a Incident,
    pub(super) span: (Timestamp, Timestamp),
    pub(super) packed: Packed,
    pub(super) missing: Vec<Value>,
}

pub(super) fn line(out: &mut dyn Write, value: &Value) -> anyhow::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    Ok(out.write_all(b"\n")?)
}

impl Parts<'_> {
    /// The incident, its clocks, its entries.
    pub(super) fn incident(&mut self, archive: &mut Archive<'_>) -> anyhow::Result<()> {
        let reporting = &self.source.settings.incidents.reporting;
        let clocks = clocks(self.incident, &reporting.duties, self.source.made_at);
        let clock = |clock: &siskin_model::incident::Clock<'_>| {
            json!({
                "duty": clock.duty, "state": clock.state.as_str(), "from": clock.from,
                "due": clock.due, "provisional": clock.provisional, "met": clock.met,
            })
        };
        let whole = json!({
            "incident": self.incident,
            "clocks": clocks.iter().map(clock).collect::<Vec<_>>(),
            "duties_from": { "id": reporting.id, "name": reporting.name },
        });
        archive.file("incident.json", |out| Ok(serde_json::to_writer_pretty(out, &whole)?))?;
        archive.file("entries.ndjson", |out| {
            let mut after = 0;
            loop {
                let ledger = self.source.ledger;
                let page = ledger.incident_entries(&self.incident.id, after, ENTRIES_A_PAGE)?;
                let Some(last) = page.last() else { break Ok(()) };
                after = last.number;
                for entry in &page {
                    line(out, &json!(entry))?;
                }
            }
        })
    }

    /// Every step of its warnings.
    pub(super) fn warnings(&mut self, archive: &mut Archive<'_>) -> anyhow::Result<()> {
        archive.file("warnings.ndjson", |out| {
            for id in self.incident.warnings.keys() {
                let mut after = 0;
                loop {
                    let ledger = self.source.ledger;
                    let page = ledger.warning_events_after(id, after, ENTRIES_A_PAGE)?;
                    let Some((last, _)) = page.last() else { break };
                    after = *last;
                    for (seq, event) in &page {
                        line(out, &json!({ "seq": seq, "event": event }))?;
                    }
                }
            }
            Ok(())
        })
    }

    /// Begins and ends of alarms on its channels, as they stand after corrections.
    pub(super) fn alarms(&mut self, archive: &mut Archive<'_>) -> anyhow::Result<()> {
        let site = &self.source.settings.site;
        let ids = self.channels().into_iter().filter_map(|index| site.channel(index));
        let ids: Vec<_> = ids.map(|channel| channel.id.clone()).collect();
        archive.file("alarms.ndjson", |out| {
            let edges = self.source.ledger.alarm_edges(&ids, self.span.0)?;
            for edge in edges.iter().filter(|edge| edge.at < self.span.1) {
                line(out, &json!(edge))?;
            }
            Ok(())
        })
    }

    /// What was done to the devices of its channels, whenever that was: a reading is worth what the
    /// last calibration says.
    pub(super) fn maintenance(&mut self, archive: &mut Archive<'_>) -> anyhow::Result<()> {
        let site = &self.source.settings.site;
        archive.file("maintenance.ndjson", |out| {
            for channel in self.channels().into_iter().filter_map(|index| site.channel(index)) {
                let log = self.source.ledger.maintenance(&channel.id, ENTRIES_A_PAGE)?;
                for (number, made) in &log {
                    line(out, &json!({ "number": number, "entry": made }))?;
                }
            }
            Ok(())
        })
    }

    /// The channels of its areas, and the wind of the whole site.
    fn channels(&self) -> Vec<ChannelIndex> {
        let site = &self.source.settings.site;
        let of_it = site.indexed().filter(|(_, channel)| {
            let is_wind = matches!(channel.quantity, Quantity::WindSpeed | Quantity::WindDirection);
            is_wind || self.incident.areas.contains(&channel.area)
        });
        of_it.map(|(index, _)| index).collect()
    }

    /// A table for each channel.
    pub(super) fn readings(&mut self, archive: &mut Archive<'_>) -> anyhow::Result<()> {
        let site = &self.source.settings.site;
        for index in self.channels() {
            let Some(channel) = site.channel(index) else { continue };
            let name = format!("readings/{}.csv", channel.id);
            let labels = labels(site, channel);
            archive.file(&name, |out| self.channel(index, &labels, out))?;
        }
        Ok(())
    }

    fn channel(
        &mut self,
        index: ChannelIndex,
        labels: &crate::history::export::Labels,
        out: &mut Hashed<'_, '_>,
    ) -> anyhow::Result<()> {
        let mut table = csv::Writer::from_writer(out);
        table.write_record(csv_out::COLUMNS)?;
        let (mut from, to) = self.span;
        while from < to {
            // Whole hours of UTC, as they are stored: none is decoded twice.
            let end = (from.as_millis().div_euclid(STEP_MS) + 1).saturating_mul(STEP_MS);
            let end = Timestamp::from_millis(end).min(to);
            match self.source.series.records(index, from, end) {
                Ok(rows) => {
                    self.packed.readings += rows.len() as u64;
                    csv_out::write_rows(&mut table, labels, &rows)?;
                }
                Err(error @ StoreError::Damaged { .. }) => {
                    let (channel, why) = (&labels.channel, error.to_string());
                    self.missing.push(json!({ "channel": channel, "hour": from, "why": why }));
                }
                Err(error) => return Err(error.into()),
            }
            from = end;
        }
        Ok(table.flush()?)
    }

    /// What everybody did in its time, with the hashes that chain it.
    pub(super) fn audit(&mut self, archive: &mut Archive<'_>) -> anyhow::Result<()> {
        archive.file("audit.ndjson", |out| {
            let mut after = 0;
            loop {
                let page = self.source.ledger.audit_between(self.span, after)?;
                let Some(last) = page.last() else { break Ok(()) };
                after = last.number;
                for AuditRow { number, entry, hash } in &page {
                    line(out, &json!({ "number": number, "entry": entry, "hash": hash }))?;
                }
            }
        })
    }

    /// The rules that ran: the version at its begin, and those that came within it.
    pub(super) fn rules(&mut self, archive: &mut Archive<'_>) -> anyhow::Result<()> {
        let versions = self.source.ledger.rule_versions(VERSIONS_MAX)?;
        let (from, to) = self.span;
        // Newest first: all within, and the one that ran when it began.
        let before = versions.iter().position(|one| one.made.made_at < from);
        let until = before.map_or(versions.len(), |place| place + 1);
        let ran: Vec<&RuleVersion> =
            versions.iter().take(until).filter(|one| one.made.made_at < to).collect();
        for version in ran {
            let folder = format!("rules/version-{}", version.number);
            archive.file(&format!("{folder}/version.json"), |out| {
                let made = &version.made;
                let about = json!({
                    "number": version.number, "made_at": made.made_at, "by": made.by,
                    "note": made.note, "proposed_by": made.proposed_by,
                });
                Ok(serde_json::to_writer_pretty(out, &about)?)
            })?;
            for file in &version.made.files {
                let name = format!("{folder}/{}", plain(&file.path));
                archive.file(&name, |out| Ok(out.write_all(file.text.as_bytes())?))?;
            }
        }
        Ok(())
    }

    /// The sums of the site's files, and not their texts: they may hold passwords.
    pub(super) fn site(&mut self, archive: &mut Archive<'_>) -> anyhow::Result<()> {
        archive.file("site-files.ndjson", |out| {
            for file in self.source.site_files {
                let sha256 = incident_file::sum(file.text.as_bytes());
                let bytes = file.text.len();
                line(out, &json!({ "path": file.path, "bytes": bytes, "sha256": sha256 }))?;
            }
            Ok(())
        })
    }

    /// Its files, under their sums; `incident.json` has their names.
    pub(super) fn files(&mut self, archive: &mut Archive<'_>) -> anyhow::Result<()> {
        let mut packed = std::collections::BTreeSet::new();
        for file in &self.incident.files {
            if !packed.insert(&file.sha256) {
                continue;
            }
            self.file(archive, &format!("files/{}", file.sha256), &file.sha256)?;
        }
        Ok(())
    }

    /// Its signed reports: their data and documents as they were signed, by their names.
    pub(super) fn reports(&mut self, archive: &mut Archive<'_>) -> anyhow::Result<()> {
        for report in &self.incident.reports {
            let files = [Some(&report.data), report.docx.as_ref(), report.pdf.as_ref()];
            for file in files.into_iter().flatten() {
                self.file(archive, &format!("reports/{}", plain(&file.name)), &file.sha256)?;
            }
        }
        Ok(())
    }

    fn file(&mut self, archive: &mut Archive<'_>, name: &str, sha256: &str) -> anyhow::Result<()> {
        let path = incident_file::path(self.source.folder, &self.incident.id, sha256);
        match std::fs::File::open(&path) {
            Ok(mut read) => archive.file(name, |out| copy(&mut read, out)),
            Err(error) => {
                let why = error.to_string();
                self.missing.push(json!({ "file": sha256, "why": why }));
                Ok(())
            }
        }
    }

    /// What could not be read; an empty file where all was.
    pub(super) fn missing(&mut self, archive: &mut Archive<'_>) -> anyhow::Result<()> {
        self.packed.missing = self.missing.len() as u64;
        archive.file("missing.ndjson", |out| self.missing.iter().try_for_each(|one| line(out, one)))
    }
}

fn copy(from: &mut std::fs::File, out: &mut dyn Write) -> anyhow::Result<()> {
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let count = from.read(&mut piece)?;
        let Some(read) = piece.get(..count).filter(|read| !read.is_empty()) else {
            return Ok(());
        };
        out.write_all(read)?;
    }
}

/// A path of the site as a path of the archive: never out of it.
fn plain(path: &str) -> String {
    let parts = path.split(['/', '\\']).filter(|part| !matches!(*part, "" | "." | ".."));
    parts.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leaves_the_archive() {
        let check = |path, expected| assert_eq!(plain(path), expected);
        check("rules/chlorine.toml", "rules/chlorine.toml");
        check("/etc/../../passwd", "etc/passwd");
        check("..\\a.toml", "a.toml");
    }
}
