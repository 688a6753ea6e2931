//! `siskin report SITE --period day`: the report of a time from a data folder, beside a running
//! station or from a backup. Never writes into the data folder: the ledger is copied first.

use std::path::Path;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, anyhow, ensure};
use siskin_api::contract::PeriodKindView;
use siskin_config::Settings;
use siskin_model::Timestamp;
use siskin_store::{Ledger, Series, backup};

use super::{Period, PeriodError, Stores, collect, document};
use crate::cli::say;
use crate::history::export::keys;
use crate::report::{Format, load_font};

/// The name of the ledger in a data folder.
const LEDGER: &str = "ledger.db";

/// What is asked for.
pub(crate) struct PeriodArgs<'a> {
    pub(crate) kind: PeriodKindView,
    pub(crate) at: Option<&'a str>,
    pub(crate) format: Format,
    pub(crate) data: &'a Path,
    pub(crate) out: &'a Path,
}

/// Makes the document; `write` puts it in its place.
pub(crate) fn command(
    settings: &Settings,
    args: &PeriodArgs<'_>,
    write: impl FnOnce(&[u8]) -> anyhow::Result<()>,
) -> anyhow::Result<ExitCode> {
    let out = args.out.display();
    ensure!(!args.out.exists(), "`{out}` is there already; hint: name a new file");
    let font = load_font(&settings.incidents.office)?;
    let scratch = tempfile::tempdir().context("cannot make a scratch folder")?;
    backup::copy(&args.data.join(LEDGER), &scratch.path().join(LEDGER), &mut |_, _| {})?;
    let ledger = Ledger::open(scratch.path())?;
    let series = Series::open_read_only(args.data, &keys(&settings.site))?;
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = since.context("the clock is before 1970")?;
    let now = Timestamp::from_millis(i64::try_from(now.as_millis())?);
    let stores = Stores { settings, series: &series, ledger: &ledger, now };
    let period = Period::of(args.kind, args.at, (&settings.site, &ledger, now));
    let figures = period.and_then(|period| collect(&stores, period)).map_err(told)?;
    write(&document(&settings.site, &figures, args.format, &font)?)?;
    say(&format!("已生成报告 / made `{out}`: {} 条预警/warnings", figures.warnings.len()));
    Ok(ExitCode::SUCCESS)
}

/// A fault of the question in both languages, as all that the tools say.
fn told(error: PeriodError) -> anyhow::Error {
    match error {
        PeriodError::Fault(fault) => anyhow!("{fault} / {}", fault.detail_zh()),
        PeriodError::TooMuch(fault) => anyhow!("{fault} / {}", fault.detail_zh()),
        other => other.into(),
    }
}
