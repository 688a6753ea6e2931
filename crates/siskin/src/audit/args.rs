//! Arguments of `siskin audit`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use siskin_model::Timestamp;

use crate::backtest::args::moment;
use crate::history::args::offset_s;

/// Arguments of `siskin audit`.
#[derive(Debug, Args)]
pub(crate) struct AuditArgs {
    #[command(subcommand)]
    pub(crate) command: AuditCommand,
}

/// What to do with the audit.
#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Look for entries, checkpoints and events that are not as they were written. (校验审计)
    Verify(VerifyArgs),
    /// Show entries, newest first. (查看审计)
    Show(ShowArgs),
    /// Write the whole audit into a file that can be verified elsewhere. (导出审计)
    Export(ExportArgs),
}

/// Arguments of `siskin audit verify`.
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// The data folder, or the folder of a backup; a station may be running on it.
    #[arg(long, default_value = "data", conflicts_with = "file")]
    pub(crate) data: PathBuf,
    /// An export instead of a data folder.
    #[arg(long, value_name = "EXPORT.ndjson")]
    pub(crate) file: Option<PathBuf>,
    /// A copy of `audit-checkpoints.ndjson` that was kept elsewhere.
    #[arg(long, value_name = "FILE")]
    pub(crate) checkpoints: Option<PathBuf>,
    /// Copies of `audit-key.pub` that were kept elsewhere: no other key may have signed. May be
    /// given several times.
    #[arg(long, value_name = "FILE")]
    pub(crate) public_key: Vec<PathBuf>,
    /// Tell the result as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `siskin audit show`.
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// The data folder; a station may be running on it.
    #[arg(long, default_value = "data")]
    pub(crate) data: PathBuf,
    /// What was done: a whole name, or a noun with its dot (`warning.`).
    #[arg(long)]
    pub(crate) act: Option<String>,
    /// Who did it.
    #[arg(long, value_name = "NAME")]
    pub(crate) person: Option<String>,
    /// To what: the id of a warning, a version of the rules …
    #[arg(long, value_name = "ID")]
    pub(crate) about: Option<String>,
    /// At or after (RFC 3339).
    #[arg(long, value_parser = moment)]
    pub(crate) from: Option<Timestamp>,
    /// Before.
    #[arg(long, value_parser = moment)]
    pub(crate) to: Option<Timestamp>,
    /// At most this many.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    pub(crate) limit: u16,
    /// The park's local time.
    #[arg(long, default_value = "+08:00", value_parser = offset_s, allow_hyphen_values = true)]
    pub(crate) utc_offset: i32,
}

/// Arguments of `siskin audit export`.
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// The data folder; a station may be running on it.
    #[arg(long, default_value = "data")]
    pub(crate) data: PathBuf,
    /// The file to make; nothing is written over.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}
