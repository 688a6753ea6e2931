//! `siskin export`: stored readings as CSV or Parquet, hour by hour, beside a running station.
//!
//! Memory holds an hour of one channel and a group of rows, however long the range is. Hours that
//! cannot be read are named and make the command fail, after all others are written.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, ensure};
use serde_json::json;
use siskin_model::site::Channel;
use siskin_model::{ChannelId, ChannelIndex, Origin, Reading, Site, Timestamp};
use siskin_store::ledger::NewAudit;
use siskin_store::series::SeriesReader;
use siskin_store::{ChannelKey, SeriesRead, StoreError};

use super::args::{ExportArgs, Form};
use super::progress::Progress;
use super::{backup, csv_out, noted, parquet_out};
use crate::cli::{EXIT_BAD_SITE, EXIT_FAILED, say};
use crate::files;

/// What is read at once.
const STEP_MS: i64 = 3_600_000;
/// The longest range: a hundred years of hours.
const STEPS_MAX: i64 = 100 * 366 * 24;
/// Hours that could not be read and are listed; more are counted.
const DAMAGED_LISTED_MAX: u64 = 20;
/// Channels that the audit names; all are counted.
const CHANNELS_NAMED_MAX: usize = 50;

/// What all rows of a channel share.
#[derive(Debug, Clone)]
pub(crate) struct Labels {
    pub(crate) channel: String,
    pub(crate) unit: &'static str,
    pub(crate) analyzer: String,
    pub(crate) area: String,
    /// Empty for weather.
    pub(crate) gas: String,
    pub(crate) utc_offset_s: i32,
}

/// Where rows go.
pub(super) trait Sink {
    fn put(&mut self, labels: &Labels, rows: &[(Reading, Origin)]) -> anyhow::Result<()>;
    /// Writes what is left and brings all to disk.
    fn finish(self: Box<Self>) -> anyhow::Result<()>;
}

/// Writes the file; it has its name only when it is whole.
pub(crate) fn export(args: &ExportArgs) -> anyhow::Result<ExitCode> {
    let settings =
        match siskin_config::load(&files::site(&args.site, args.firmware_configs.as_deref())?) {
            Ok(settings) => settings,
            Err(refused) => {
                say(&refused.render());
                return Ok(ExitCode::from(EXIT_BAD_SITE));
            }
        };
    let site = &settings.site;
    let chosen = chosen(site, args)?;
    ensure!(args.from < args.to, "--from is not before --to; hint: RFC 3339, --to is not included");
    let hour = |at: Timestamp| at.as_millis().div_euclid(STEP_MS);
    let steps = hour(args.to.plus_ms(-1)) - hour(args.from) + 1;
    ensure!(steps <= STEPS_MAX, "the range is over 100 years; hint: look at --from and --to");
    ensure!(!args.out.exists(), "`{}` is there already; hint: name a new file", args.out.display());
    let reader = siskin_store::Series::open_read_only(&args.data, &keys(site))?;
    let begun = partial(&args.out)?;
    // Before the first reading leaves.
    noted::note(&args.data, &noted_as(args, site, &chosen)?);
    let mut sink = sink(args, &begun)?;
    let told = write(args, site, &reader, &chosen, steps, sink.as_mut())?;
    sink.finish()?;
    std::fs::rename(&begun, &args.out)
        .with_context(|| format!("cannot name `{}`; hint: check its rights", args.out.display()))?;
    let damaged = told.damaged + u64::try_from(reader.batches_damaged())?;
    say(&format!(
        "已导出 / exported {} 条读数/readings of {} 通道/channels to `{}`",
        told.readings,
        chosen.len(),
        args.out.display()
    ));
    if damaged == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    say(&format!(
        "{damaged} 处损坏数据未导出 / damaged hours or batches are missing in it; \
         hint: `siskin verify --data {}`",
        args.data.display()
    ));
    Ok(ExitCode::from(EXIT_FAILED))
}

/// The entry of the audit: what was taken out, and to where.
fn noted_as(args: &ExportArgs, site: &Site, chosen: &[ChannelIndex]) -> anyhow::Result<NewAudit> {
    let ids = chosen.iter().filter_map(|index| site.channel(*index));
    let ids: Vec<String> =
        ids.take(CHANNELS_NAMED_MAX).map(|channel| channel.id.to_string()).collect();
    let body = json!({
        "from": args.from.rfc3339(0), "to": args.to.rfc3339(0),
        "channels": chosen.len(), "first_channels": ids,
        "out": args.out.display().to_string(),
    });
    Ok(noted::entry(backup::now()?, "data.export", "", body))
}

/// The keys of all channels of a site.
pub(crate) fn keys(site: &Site) -> Vec<ChannelKey> {
    let key = |channel: &Channel| ChannelKey {
        id: channel.id.clone(),
        quantity: channel.quantity.as_str().to_owned(),
        unit: channel.unit,
    };
    site.channels.iter().map(key).collect()
}

fn chosen(site: &Site, args: &ExportArgs) -> anyhow::Result<Vec<ChannelIndex>> {
    if args.all {
        return Ok(site.indexed().map(|(index, _)| index).collect());
    }
    let mut chosen = Vec::new();
    for text in &args.channel {
        let id = ChannelId::new(text)?;
        let index = site.index_of(&id).with_context(|| {
            format!(
                "the site has no channel `{text}`; hint: `siskin check` lists its problems, \
                     analyzers.toml its channels"
            )
        })?;
        if !chosen.contains(&index) {
            chosen.push(index);
        }
    }
    ensure!(!chosen.is_empty(), "no channel is named; hint: --channel ID, or --all");
    Ok(chosen)
}

fn partial(out: &Path) -> anyhow::Result<PathBuf> {
    let name = out.file_name().context("the file needs a name")?;
    Ok(out.with_file_name(format!("{}.partial", name.display())))
}

fn sink(args: &ExportArgs, path: &Path) -> anyhow::Result<Box<dyn Sink>> {
    let file = File::create(path).with_context(|| {
        format!("cannot make `{}`; hint: the folder must exist and be writable", path.display())
    })?;
    Ok(match args.format {
        Form::Csv => Box::new(csv_out::CsvSink::new(file, args.bom)?),
        Form::Parquet => Box::new(parquet_out::ParquetSink::new(file)?),
    })
}

#[derive(Debug, Default)]
struct Told {
    readings: u64,
    damaged: u64,
}

fn write(
    args: &ExportArgs,
    site: &Site,
    reader: &SeriesReader,
    chosen: &[ChannelIndex],
    steps: i64,
    sink: &mut dyn Sink,
) -> anyhow::Result<Told> {
    let mut told = Told::default();
    let mut progress = Progress::new("export");
    let total = chosen.len() as u64 * steps.unsigned_abs();
    let mut done = 0;
    for index in chosen {
        let channel = site.channel(*index).context("a channel that is not there")?;
        let labels = labels(site, channel);
        let mut from = args.from;
        while from < args.to {
            // Whole hours of UTC, as they are stored: none is decoded twice.
            let end = (from.as_millis().div_euclid(STEP_MS) + 1).saturating_mul(STEP_MS);
            let to = Timestamp::from_millis(end).min(args.to);
            match reader.records(*index, from, to) {
                Ok(rows) => {
                    told.readings += rows.len() as u64;
                    sink.put(&labels, &rows)?;
                }
                Err(error @ StoreError::Damaged { .. }) => {
                    told.damaged += 1;
                    if told.damaged <= DAMAGED_LISTED_MAX {
                        let at = from.rfc3339(site.utc_offset_s);
                        say(&format!("损坏 / damaged: `{}` {at}: {error}", channel.id));
                    }
                }
                Err(error) => return Err(error.into()),
            }
            from = to;
            done += 1;
            progress.at(done, total);
        }
    }
    Ok(told)
}

pub(crate) fn labels(site: &Site, channel: &Channel) -> Labels {
    let analyzer = site.analyzers.get(channel.analyzer);
    Labels {
        channel: channel.id.to_string(),
        unit: channel.unit.as_str(),
        analyzer: analyzer.map(|analyzer| analyzer.id.to_string()).unwrap_or_default(),
        area: channel.area.to_string(),
        gas: channel.quantity.gas().map(ToString::to_string).unwrap_or_default(),
        utc_offset_s: site.utc_offset_s,
    }
}
