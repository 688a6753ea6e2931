//! The command line: what can be typed, and how failures are told.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use crate::audit::args::AuditArgs;
use crate::backtest::args::BacktestArgs;
use crate::history::args::{BackupArgs, ExportArgs, ImportArgs, RestoreArgs, VerifyArgs};
use crate::kpi::command::KpiArgs;
use crate::notify::NotifyCommand;
use crate::people::command::PeopleArgs;
use crate::probe::args::ProbeArgs;
use crate::report::ReportArgs;
use crate::roster::RosterCommand;

/// The command could not do its work.
pub(crate) const EXIT_FAILED: u8 = 1;
/// The site folder has problems.
pub(crate) const EXIT_BAD_SITE: u8 = 2;
/// The longest reorder window: every reading waits that long.
const WINDOW_MS_MAX: u32 = 3_600_000;

/// Siskin 黄雀: early warning of toxic gas for chemical parks.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Watch a site: read its analyzers, judge, keep, warn, serve the page. (运行站点)
    Run(RunArgs),
    /// Watch a simulated park on this machine; nothing real is touched. (演示)
    Demo(DemoArgs),
    /// Accounts of a data folder whose station does not run. (账号)
    People(Box<PeopleArgs>),
    /// Check a site folder and print all its problems at once. (检查站点配置)
    Check(CheckArgs),
    /// Judge recorded readings by a site's rules, as fast as it goes. (回放)
    Replay(ReplayArgs),
    /// Run the tests of a site's rules, `SITE/tests/*.toml`. (规则测试)
    TestRules(TestRulesArgs),
    /// Measure one or two rule sets over history, against labelled incidents. (规则回测)
    Backtest(Box<BacktestArgs>),
    /// Read a live device with a profile and say what disagrees. (设备探测)
    Probe(Box<ProbeArgs>),
    /// Look through the stores and name what is damaged. (校验数据)
    Verify(VerifyArgs),
    /// Verify, show or export the audit: who did what, chained and signed. (审计)
    Audit(AuditArgs),
    /// Copy the stores while the station runs. (备份)
    Backup(BackupArgs),
    /// Make a data folder of a backup. (恢复)
    Restore(RestoreArgs),
    /// Write stored readings as CSV or Parquet. (导出)
    Export(Box<ExportArgs>),
    /// Take another system's table into the history. (导入)
    Import(Box<ImportArgs>),
    /// Figures of alarm management (ISA-18.2, EEMUA 191) of a span. (报警管理指标)
    Kpi(KpiArgs),
    /// Pack everything of an incident into one archive. (事件证据包)
    Evidence(EvidenceArgs),
    /// Write a report of an incident as a document. (突发环境事件信息报告)
    Report(ReportArgs),
    /// Look at a roster before it is brought to the station. (排班)
    Roster {
        #[command(subcommand)]
        command: RosterCommand,
    },
    /// Try whether a recipient of messages can be reached. (通知)
    Notify {
        #[command(subcommand)]
        command: NotifyCommand,
    },
}

/// Arguments of `siskin run`.
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// The site's folder.
    pub(crate) site: PathBuf,
    /// Where the series store and the ledger live.
    #[arg(long, default_value = "data")]
    pub(crate) data: PathBuf,
    /// Gas catalogue and device profiles; without it those inside the program are used.
    #[arg(long, value_name = "DIR")]
    pub(crate) firmware_configs: Option<PathBuf>,
}

/// Arguments of `siskin demo`.
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Port of the page on 127.0.0.1; 0 takes a free one.
    #[arg(long, env = "PORT", default_value_t = 8080)]
    pub(crate) port: u16,
    /// Seed of noise and wind: the same seed gives the same park.
    #[arg(long, default_value_t = 7)]
    pub(crate) seed: u64,
    /// Keep the data here instead of in a folder that goes with the demo.
    #[arg(long)]
    pub(crate) data: Option<PathBuf>,
}

/// Arguments of `siskin check`.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// The site's folder.
    pub(crate) site: PathBuf,
    /// Gas catalogue and device profiles; without it those inside the program are used.
    #[arg(long, value_name = "DIR")]
    pub(crate) firmware_configs: Option<PathBuf>,
}

/// Arguments of `siskin replay`.
#[derive(Debug, Args)]
pub(crate) struct ReplayArgs {
    /// The site's folder.
    #[arg(long)]
    pub(crate) site: PathBuf,
    /// Readings in order of arrival: `.csv` with `ts_ms,channel,value`, or `.bin` with
    /// little-endian records of i64 ts_ms, u32 channel, f32 value.
    #[arg(long)]
    pub(crate) readings: PathBuf,
    /// Where the transitions go as they stand after all corrections: `ts_ms,channel,rule,edge`.
    #[arg(long)]
    pub(crate) out: PathBuf,
    /// Where the transitions go as they would have been told live, in that order, with the newest
    /// stamp that had come by then: `told_ms,ts_ms,channel,rule,edge`.
    #[arg(long, value_name = "FILE")]
    pub(crate) announced: Option<PathBuf>,
    /// Where what late readings changed goes: `found_ms,change,ts_ms,channel,rule,edge`.
    #[arg(long, value_name = "FILE")]
    pub(crate) corrections: Option<PathBuf>,
    /// How far out of order readings may come and still be judged in order, for example `10s` or
    /// `500ms`; without it as the site says, for a recording's own channels 10 s.
    #[arg(long, value_name = "TIME", value_parser = window_ms)]
    pub(crate) reorder_window: Option<u32>,
    /// Judge through the stores in this folder, as a station does. Ended in the middle, even by
    /// force, it goes on where it stopped when it is started again with the same arguments.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["announced", "corrections"])]
    pub(crate) data: Option<PathBuf>,
    /// Gas catalogue and device profiles; without it those inside the program are used.
    #[arg(long, value_name = "DIR")]
    pub(crate) firmware_configs: Option<PathBuf>,
}

/// Arguments of `siskin test-rules`.
#[derive(Debug, Args)]
pub(crate) struct TestRulesArgs {
    /// The site's folder.
    pub(crate) site: PathBuf,
    /// Only tests with this text in their name or file.
    #[arg(long, value_name = "TEXT")]
    pub(crate) filter: Option<String>,
    /// Tell the result as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Gas catalogue and device profiles; without it those inside the program are used.
    #[arg(long, value_name = "DIR")]
    pub(crate) firmware_configs: Option<PathBuf>,
}

/// Arguments of `siskin evidence`.
#[derive(Debug, Args)]
pub(crate) struct EvidenceArgs {
    /// The incident's id, for example `park-20261129-1`.
    pub(crate) incident: String,
    /// The site's folder.
    #[arg(long)]
    pub(crate) site: PathBuf,
    /// The data folder, or the folder of a backup; a station may use it meanwhile.
    #[arg(long, default_value = "data")]
    pub(crate) data: PathBuf,
    /// The archive, a new file.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Gas catalogue and device profiles; without it those inside the program are used.
    #[arg(long, value_name = "DIR")]
    pub(crate) firmware_configs: Option<PathBuf>,
}

/// A reorder window: a whole number of `ms` or `s`.
fn window_ms(text: &str) -> Result<u32, String> {
    let (number, unit_ms) = match text.strip_suffix("ms") {
        Some(number) => (number, 1),
        None => (text.strip_suffix('s').unwrap_or(""), 1000),
    };
    let whole = number.parse::<u32>().ok().and_then(|number| number.checked_mul(unit_ms));
    whole.filter(|window_ms| *window_ms <= WINDOW_MS_MAX).ok_or_else(|| {
        "expected a whole number of `ms` or `s`, at most one hour; \
         hint: `--reorder-window 10s` judges readings that come up to 10 s late in order"
            .to_owned()
    })
}

/// Sends the log to standard error; `SISKIN_LOG` chooses what is told.
pub(crate) fn start_log() {
    let filter = EnvFilter::try_from_env("SISKIN_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        .init();
}

/// Prints a line for the person at the terminal; a closed pipe is their wish, not a failure.
pub(crate) fn say(text: &str) {
    let _closed = writeln!(std::io::stdout(), "{text}");
}

/// Prints a failure with all its causes.
pub(crate) fn complain(error: &anyhow::Error) {
    let _closed = writeln!(std::io::stderr(), "siskin: {error:#}");
}
