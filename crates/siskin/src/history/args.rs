//! Arguments of the tools on the stores.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use siskin_model::Timestamp;

use crate::backtest::args::moment;

/// Arguments of `siskin verify`.
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// The data folder, or the folder of a backup.
    #[arg(long, default_value = "data")]
    pub(crate) data: PathBuf,
    /// Make sound files of what can be read; the damaged ones are kept beside. Not while a station
    /// runs.
    #[arg(long)]
    pub(crate) repair: bool,
    /// Tell the result as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// The park's local time, in which hours are named.
    #[arg(long, default_value = "+08:00", value_parser = offset_s, allow_hyphen_values = true)]
    pub(crate) utc_offset: i32,
}

/// Arguments of `siskin backup`.
#[derive(Debug, Args)]
pub(crate) struct BackupArgs {
    /// The data folder; a station may be running on it.
    #[arg(long, default_value = "data")]
    pub(crate) data: PathBuf,
    /// The folder that is made for the backup. Nothing may be there yet.
    #[arg(long, value_name = "DIR")]
    pub(crate) to: PathBuf,
}

/// Arguments of `siskin restore`.
#[derive(Debug, Args)]
pub(crate) struct RestoreArgs {
    /// The folder of a backup.
    #[arg(long, value_name = "DIR")]
    pub(crate) from: PathBuf,
    /// The data folder to make; it must not be there, or be empty.
    #[arg(long)]
    pub(crate) data: PathBuf,
}

/// The form of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// Text with commas, UTF-8.
    Csv,
    /// Apache Parquet.
    Parquet,
}

/// Arguments of `siskin export`.
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// The data folder; a station may be running on it.
    #[arg(long, default_value = "data")]
    pub(crate) data: PathBuf,
    /// The site's folder. (站点目录)
    #[arg(long)]
    pub(crate) site: PathBuf,
    /// A channel; may be given several times.
    #[arg(long, value_name = "ID", required_unless_present = "all")]
    pub(crate) channel: Vec<String>,
    /// All channels of the site.
    #[arg(long, conflicts_with = "channel")]
    pub(crate) all: bool,
    /// Measured from here on (RFC 3339).
    #[arg(long, value_parser = moment)]
    pub(crate) from: Timestamp,
    /// Measured before.
    #[arg(long, value_parser = moment)]
    pub(crate) to: Timestamp,
    /// The form of the file.
    #[arg(long, value_enum, default_value_t = Form::Csv)]
    pub(crate) format: Form,
    /// Mark a CSV as UTF-8 for Excel. (供 Excel 打开)
    #[arg(long)]
    pub(crate) bom: bool,
    /// The file to make; nothing is written over.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Gas catalogue and device profiles; without it those inside the program are used.
    #[arg(long, value_name = "DIR")]
    pub(crate) firmware_configs: Option<PathBuf>,
}

/// Arguments of `siskin import`.
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// The data folder; no station may run on it.
    #[arg(long, default_value = "data")]
    pub(crate) data: PathBuf,
    /// The site's folder. (站点目录)
    #[arg(long)]
    pub(crate) site: PathBuf,
    /// The table.
    #[arg(long)]
    pub(crate) file: PathBuf,
    /// Its form.
    #[arg(long, value_enum, default_value_t = Form::Csv)]
    pub(crate) format: Form,
    /// What its columns mean (TOML), see `docs/history-tools.md`.
    #[arg(long, value_name = "FILE")]
    pub(crate) map: PathBuf,
    /// Say what would come and what would be refused, and write nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Take the file's reading where the store has another one of the same moment.
    #[arg(long)]
    pub(crate) replace: bool,
    /// Gas catalogue and device profiles; without it those inside the program are used.
    #[arg(long, value_name = "DIR")]
    pub(crate) firmware_configs: Option<PathBuf>,
}

/// `+hh:mm` east of UTC in seconds.
pub(crate) fn offset_s(text: &str) -> Result<i32, String> {
    let parsed = || {
        let sign = match text.get(..1)? {
            "+" => 1,
            "-" => -1,
            _ => return None,
        };
        let (hours, minutes) = text.get(1..)?.split_once(':')?;
        let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
        let is_time = (0..=14).contains(&hours) && (0..60).contains(&minutes);
        is_time.then_some(sign * (hours * 3600 + minutes * 60))
    };
    parsed().ok_or_else(|| "expected an offset from UTC; hint: write `+08:00`".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_read() {
        assert_eq!(offset_s("+08:00"), Ok(28_800));
        assert_eq!(offset_s("-03:30"), Ok(-12_600));
        for text in ["8", "+8", "+99:00", "+08:61", "", "+-8:00"] {
            assert!(offset_s(text).unwrap_err().contains("hint: "), "{text}");
        }
    }
}
