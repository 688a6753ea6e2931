//! `siskin report`: a report from a data folder, beside a running station or from a backup.
//!
//! Never writes into the data folder: the ledger is copied to a scratch folder first. What it makes
//! is a draft or a version that was signed before; it signs nothing.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, bail, ensure};
use siskin_api::contract::PeriodKindView;
use siskin_model::Timestamp;
use siskin_model::incident::{Incident, IncidentId, ReportKind};
use siskin_report::Report;
use siskin_store::{Ledger, Series, backup};

use super::{Format, Gathered, Stores, draft, load_font, render};
use crate::cli::{EXIT_BAD_SITE, say};
use crate::files;
use crate::history::export::keys;
use crate::periods::{self, PeriodArgs};
use crate::station::{INCIDENTS_FOLDER, incident_file};

/// The name of the ledger in a data folder.
const LEDGER: &str = "ledger.db";

/// Arguments of `siskin report`.
#[derive(Debug, clap::Args)]
pub(crate) struct ReportArgs {
    /// The site's folder.
    pub(crate) site: PathBuf,
    /// The incident's id, for example `park-20261129-1`.
    #[arg(required_unless_present = "period", conflicts_with = "period")]
    pub(crate) incident: Option<String>,
    /// Which report: `first` (初报), `follow-up` (续报) or `final` (处理结果报告).
    #[arg(long, value_parser = kind, required_unless_present = "period")]
    pub(crate) kind: Option<ReportKind>,
    /// Instead of an incident: the report of a `shift`, a `day` or a `month`.
    #[arg(long, value_parser = period, conflicts_with_all = ["kind", "version"])]
    pub(crate) period: Option<PeriodKindView>,
    /// Of a period: a local date or a moment in RFC 3339 that lies in it; now where not given.
    #[arg(long, requires = "period")]
    pub(crate) at: Option<String>,
    /// A version that was signed; without it the draft as it stands.
    #[arg(long)]
    pub(crate) version: Option<u32>,
    /// The form of the document.
    #[arg(long, value_enum, default_value = "pdf")]
    pub(crate) format: Format,
    /// The data folder, or the folder of a backup; a station may use it meanwhile.
    #[arg(long, default_value = "data")]
    pub(crate) data: PathBuf,
    /// The document, a new file.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Gas catalogue and device profiles; without it those inside the program are used.
    #[arg(long, value_name = "DIR")]
    pub(crate) firmware_configs: Option<PathBuf>,
}

fn kind(text: &str) -> Result<ReportKind, String> {
    let hint = "expected `first`, `follow-up` or `final`; hint: `--kind first` is 初报";
    ReportKind::from_name(text).ok_or_else(|| hint.to_owned())
}

fn period(text: &str) -> Result<PeriodKindView, String> {
    match text {
        "shift" => Ok(PeriodKindView::Shift),
        "day" => Ok(PeriodKindView::Day),
        "month" => Ok(PeriodKindView::Month),
        _ => Err("expected `shift`, `day` or `month`; hint: `--period day` is 日报".to_owned()),
    }
}

/// Writes the document; it has its name only when it is whole.
pub(crate) fn command(args: &ReportArgs) -> anyhow::Result<ExitCode> {
    let inputs = files::site(&args.site, args.firmware_configs.as_deref())?;
    let settings = match siskin_config::load(&inputs) {
        Ok(settings) => settings,
        Err(refused) => {
            say(&refused.render());
            return Ok(ExitCode::from(EXIT_BAD_SITE));
        }
    };
    let out = &args.out;
    if let Some(kind) = args.period {
        let (at, format) = (args.at.as_deref(), args.format);
        let asked = PeriodArgs { kind, at, format, data: &args.data, out };
        return periods::command(&settings, &asked, |bytes| write(args, bytes));
    }
    let (Some(id), Some(kind)) = (&args.incident, args.kind) else {
        bail!("a report is of an incident and a kind; hint: or of a time, `--period day`");
    };
    ensure!(!out.exists(), "`{}` is there already; hint: name a new file", out.display());
    let font = load_font(&settings.incidents.office)?;
    let scratch = tempfile::tempdir().context("cannot make a scratch folder")?;
    backup::copy(&args.data.join(LEDGER), &scratch.path().join(LEDGER), &mut |_, _| {})?;
    let ledger = Ledger::open(scratch.path())?;
    let incident = ledger.incident(&IncidentId::from_text(id))?.with_context(|| {
        format!("there is no incident `{id}`; hint: /api/v1/incidents?closed=true lists all")
    })?;
    let report = if let Some(version) = args.version {
        signed(args, &incident, (kind, version))?
    } else {
        let series = Series::open_read_only(&args.data, &keys(&settings.site))?;
        let stores = Stores {
            settings: &settings,
            rules: &settings.rules,
            series: &series,
            ledger: &ledger,
        };
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = since.context("the clock is before 1970")?;
        let now = Timestamp::from_millis(i64::try_from(now.as_millis())?);
        draft(&Gathered::read(&stores, &incident, now)?, kind)
    };
    write(args, &render(&report, args.format, &font)?)?;
    let missing: Vec<_> = report.missing().map(|field| field.id.as_str()).collect();
    say(&format!(
        "已生成报告 / made `{}`: {} 项待补/missing {}",
        out.display(),
        missing.len(),
        missing.join(", ")
    ));
    Ok(ExitCode::SUCCESS)
}

/// A signed version, as it was kept.
fn signed(
    args: &ReportArgs,
    incident: &Incident,
    (kind, version): (ReportKind, u32),
) -> anyhow::Result<Report> {
    let of = |report: &&siskin_model::incident::SignedReport| {
        report.kind == kind && report.version == version
    };
    let kept = incident.reports.iter().find(of).with_context(|| {
        let kind = kind.as_str();
        format!("there is no signed version {version} of `{kind}`; hint: leave out `--version`")
    })?;
    let path =
        incident_file::path(&args.data.join(INCIDENTS_FOLDER), &incident.id, &kept.data.sha256);
    let bytes =
        std::fs::read(&path).with_context(|| format!("cannot read `{}`", path.display()))?;
    let is_whole = incident_file::sum(&bytes) == kept.data.sha256;
    ensure!(is_whole, "`{}` is not what was signed; hint: take it of a backup", path.display());
    serde_json::from_slice(&bytes).context("the signed report cannot be read")
}

fn write(args: &ReportArgs, bytes: &[u8]) -> anyhow::Result<()> {
    let name = args.out.file_name().context("the file needs a name; hint: --out report.pdf")?;
    let begun = args.out.with_file_name(format!("{}.partial", name.display()));
    let about = || format!("cannot write `{}`; hint: check the folder's rights", begun.display());
    let mut file = File::create(&begun).with_context(about)?;
    file.write_all(bytes).with_context(about)?;
    file.sync_all().with_context(about)?;
    std::fs::rename(&begun, &args.out).with_context(about)
}
