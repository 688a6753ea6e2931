//! `siskin import`: another system's table into the history, with a mapping of its columns.
//!
//! Imported readings are marked as such and are never judged: no rule runs on them and nobody is
//! told, which is what `siskin backtest` is for. Must never take the place of a reading that the
//! station heard unless told to, and never pass over a row in silence.

mod mapping;
mod rows;
mod table;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, ensure};
use serde_json::json;
use siskin_model::{ChannelIndex, Origin, Reading, Site, Timestamp};
use siskin_store::{Ledger, Series, SeriesRead};

use self::mapping::Mapping;
use self::rows::Rows;
use super::args::ImportArgs;
use super::{backup, export, noted};
use crate::cli::{EXIT_BAD_SITE, EXIT_FAILED, say};
use crate::files;

/// Readings that are looked up and written together.
const PIECE_READINGS: usize = 50_000;
/// Readings after which they are packed.
const PACK_READINGS: u64 = 2_000_000;
/// Readings of a dry run that are shown.
const SHOWN_MAX: usize = 5;
const HOUR_MS: i64 = 3_600_000;
/// The largest mapping.
const MAPPING_BYTES_MAX: u64 = 1 << 20;

/// What became of the readings of a table.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Counts {
    rows: u64,
    imported: u64,
    /// The store has the same reading, or the table has it twice.
    duplicates: u64,
    /// The store has another reading of the same channel and moment, and keeps it.
    kept: u64,
}

/// The two stores, while no station has them.
struct Stores {
    series: Series,
    ledger: Ledger,
    since_packed: u64,
}

/// Imports a table, or says what would come of it.
pub(crate) fn import(args: &ImportArgs) -> anyhow::Result<ExitCode> {
    let settings =
        match siskin_config::load(&files::site(&args.site, args.firmware_configs.as_deref())?) {
            Ok(settings) => settings,
            Err(refused) => {
                say(&refused.render());
                return Ok(ExitCode::from(EXIT_BAD_SITE));
            }
        };
    let mapping = read_mapping(&args.map)?;
    let table = table::open(&args.file, args.format)?;
    let now = backup::now()?;
    let mut rows = Rows::new(&settings.site, &mapping, table.columns, now)?;
    let mut into = Into::open(args, &settings.site)?;
    let mut counts = Counts::default();
    let mut piece = Vec::new();
    for row in table.rows {
        let (line, cells) = row?;
        counts.rows += 1;
        rows.take(line, &cells, &mut piece);
        if piece.len() >= PIECE_READINGS {
            into.take(std::mem::take(&mut piece), args.replace, &mut counts, now)?;
        }
    }
    into.take(piece, args.replace, &mut counts, now)?;
    into.finish(now)?;
    into.note(args, &counts, rows.refused.count, now)?;
    tell(args, &settings.site, &counts, &rows, &into);
    let is_all = rows.refused.count == 0 && counts.kept == 0;
    Ok(if is_all { ExitCode::SUCCESS } else { ExitCode::from(EXIT_FAILED) })
}

fn read_mapping(path: &Path) -> anyhow::Result<Mapping> {
    let about = || format!("cannot read `{}`; hint: name a mapping", path.display());
    let bytes = std::fs::metadata(path).with_context(about)?.len();
    ensure!(bytes <= MAPPING_BYTES_MAX, "`{}` is too large for a mapping", path.display());
    let text = std::fs::read_to_string(path).with_context(about)?;
    Mapping::read(&path.display().to_string(), &text)
}

/// Where readings go: the stores, or of a dry run nowhere.
struct Into {
    stores: Option<Stores>,
    /// What a dry run compares with, where there is a store.
    beside: Option<Box<dyn SeriesRead>>,
    shown: Vec<Reading>,
}

impl Into {
    fn open(args: &ImportArgs, site: &Site) -> anyhow::Result<Self> {
        let keys = export::keys(site);
        if args.dry_run {
            let is_there = args.data.join("series.db").is_file();
            let beside = is_there.then(|| Series::open_read_only(&args.data, &keys)).transpose()?;
            let beside = beside.map(|reader| Box::new(reader) as Box<dyn SeriesRead>);
            return Ok(Self { stores: None, beside, shown: Vec::new() });
        }
        let about = "import needs the stores for itself (导入前请先停站)";
        let series = Series::open(&args.data, &keys).context(about)?;
        let ledger = Ledger::open(&args.data).context(about)?;
        // What is imported counts as judged. That must not be said of what came before.
        ensure!(
            ledger.mark() >= series.newest_seq(),
            "the station has stored readings that it has not judged yet; \
             hint: start it, stop it in order, and import then"
        );
        let stores = Stores { series, ledger, since_packed: 0 };
        Ok(Self { stores: Some(stores), beside: None, shown: Vec::new() })
    }

    fn read(&self) -> Option<&dyn SeriesRead> {
        let series = self.stores.as_ref().map(|stores| &stores.series as &dyn SeriesRead);
        series.or(self.beside.as_deref())
    }

    fn take(
        &mut self,
        piece: Vec<Reading>,
        replace: bool,
        counts: &mut Counts,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let new = match self.read() {
            Some(store) => new_ones(store, piece, replace, counts)?,
            None => once(piece, counts),
        };
        counts.imported += new.len() as u64;
        let room = SHOWN_MAX.saturating_sub(self.shown.len());
        self.shown.extend(new.iter().take(room));
        let Some(stores) = &mut self.stores else { return Ok(()) };
        for part in new.chunks(PIECE_READINGS) {
            let seq = stores.series.append_all(&[(Origin::Import, part)])?;
            // At once: a power cut in between would have at most this piece judged as late.
            stores.ledger.set_mark(seq);
            stores.ledger.flush_mark()?;
        }
        stores.since_packed += new.len() as u64;
        if stores.since_packed >= PACK_READINGS {
            stores.since_packed = 0;
            stores.series.roll(now, u64::MAX)?;
        }
        Ok(())
    }

    /// The entry of the audit, where something was written.
    fn note(
        &self,
        args: &ImportArgs,
        counts: &Counts,
        refused: u64,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let Some(stores) = &self.stores else { return Ok(()) };
        let body = json!({
            "file": args.file.display().to_string(), "rows": counts.rows,
            "imported": counts.imported, "duplicates": counts.duplicates, "kept": counts.kept,
            "refused": refused, "replace": args.replace,
        });
        Ok(stores.ledger.put_audit(&noted::entry(now, "data.import", "", body))?)
    }

    fn finish(&mut self, now: Timestamp) -> anyhow::Result<()> {
        if let Some(stores) = &self.stores {
            stores.series.roll(now, u64::MAX)?;
        }
        Ok(())
    }
}

/// The last reading of each channel and moment.
fn once(piece: Vec<Reading>, counts: &mut Counts) -> Vec<Reading> {
    let count = piece.len();
    let key = |reading: Reading| ((reading.channel, reading.measured_at), reading);
    let once: BTreeMap<_, _> = piece.into_iter().map(key).collect();
    counts.duplicates += (count - once.len()) as u64;
    once.into_values().collect()
}

/// What the store does not have.
fn new_ones(
    store: &dyn SeriesRead,
    piece: Vec<Reading>,
    replace: bool,
    counts: &mut Counts,
) -> anyhow::Result<Vec<Reading>> {
    let piece = once(piece, counts);
    let hour = |reading: &Reading| reading.measured_at.as_millis().div_euclid(HOUR_MS);
    let hours: BTreeSet<(ChannelIndex, i64)> =
        piece.iter().map(|reading| (reading.channel, hour(reading))).collect();
    let mut new = Vec::new();
    let mut piece = piece.into_iter().peekable();
    for (channel, number) in hours {
        let from = Timestamp::from_millis(number * HOUR_MS);
        let stored = store.range(channel, from, from.plus_ms(HOUR_MS))?;
        let stored: BTreeMap<Timestamp, Reading> =
            stored.into_iter().map(|reading| (reading.measured_at, reading)).collect();
        while let Some(reading) = piece.next_if(|r| (r.channel, hour(r)) == (channel, number)) {
            match stored.get(&reading.measured_at) {
                Some(there) if is_same(there, &reading) => counts.duplicates += 1,
                Some(_) if !replace => counts.kept += 1,
                _ => new.push(reading),
            }
        }
    }
    Ok(new)
}

/// When it was received makes no other reading of it.
fn is_same(a: &Reading, b: &Reading) -> bool {
    a.value.map(f64::to_bits) == b.value.map(f64::to_bits) && a.quality == b.quality
}

fn tell(args: &ImportArgs, site: &Site, counts: &Counts, rows: &Rows<'_>, into: &Into) {
    if args.dry_run {
        say("试运行，未写入 / dry run, nothing is written");
        for reading in &into.shown {
            let id = site.channel(reading.channel).map(|channel| channel.id.to_string());
            say(&format!(
                "  {} {} {} {}",
                reading.measured_at.rfc3339(site.utc_offset_s),
                id.unwrap_or_default(),
                reading.value.map_or("—".to_owned(), |value| value.to_string()),
                reading.quality.as_str()
            ));
        }
    }
    for line in &rows.refused.listed {
        say(&format!("  拒绝 / refused: {line}"));
    }
    let more = rows.refused.count.saturating_sub(rows.refused.listed.len() as u64);
    if more > 0 {
        say(&format!("  … 另有 / and {more} 处 / more"));
    }
    say(&format!(
        "读取 / read {} 行/rows: 导入 / imported {}, 重复 / duplicates {}, 无值 / no value {}, \
         拒绝 / refused {}, 与已存读数不同而保留原值 / other value kept {}",
        counts.rows,
        counts.imported,
        counts.duplicates,
        rows.empty,
        rows.refused.count,
        counts.kept
    ));
    if counts.kept > 0 {
        say("hint: `--replace` 以文件为准 / takes the file's values instead");
    }
    say("导入的数据不参与报警判断 / rules are not run on imported readings; \
         用 / use `siskin backtest`");
}
