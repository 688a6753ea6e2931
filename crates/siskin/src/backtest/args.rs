//! What can be typed after `siskin backtest`, and how its moments and lengths of time are read.

use std::path::PathBuf;

use anyhow::Context;
use clap::{ArgGroup, Args, ValueEnum};
use siskin_model::Timestamp;

/// Channels that one workload may have.
const WORKLOAD_CHANNELS_MAX: u32 = 100_000;
/// The longest workload: ten years.
const WORKLOAD_SECONDS_MAX: u32 = 10 * 366 * 86_400;

/// Arguments of `siskin backtest`.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("source").required(true).args(["readings", "data", "workload"])))]
pub(crate) struct BacktestArgs {
    /// The site's folder. (站点目录)
    #[arg(long)]
    pub(crate) site: PathBuf,
    /// Rule files of set A instead of the site's own `rules/`.
    #[arg(long, value_name = "DIR")]
    pub(crate) rules_a: Option<PathBuf>,
    /// Rule files of set B: both sets judge the same readings and are compared.
    #[arg(long, value_name = "DIR")]
    pub(crate) rules_b: Option<PathBuf>,
    /// Recorded readings in order of arrival: `.csv` with `ts_ms,channel,value`, a wide `.csv`
    /// with `time_utc,CHANNEL,CHANNEL,...` (empty = missing), or `.bin`.
    #[arg(long, value_name = "FILE")]
    pub(crate) readings: Option<PathBuf>,
    /// The data folder of a station; it may be running. Needs --from and --to.
    #[arg(long, value_name = "DIR", requires_all = ["from", "to"])]
    pub(crate) data: Option<PathBuf>,
    /// Readings made on the fly, for measuring: so many channels at 1 Hz, for example 1000x86400.
    #[arg(long, value_name = "CHANNELSxSECONDS", value_parser = workload)]
    pub(crate) workload: Option<(u32, u32)>,
    /// Seed of the workload.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Measure from here on (RFC 3339); what lies before only fills the windows.
    #[arg(long, value_parser = moment)]
    pub(crate) from: Option<Timestamp>,
    /// Measure up to here.
    #[arg(long, value_parser = moment)]
    pub(crate) to: Option<Timestamp>,
    /// Labelled incidents: CSV with `id,gas,start,end` and, where known, `area,channel`.
    #[arg(long, value_name = "FILE")]
    pub(crate) incidents: Option<PathBuf>,
    /// Time nearer than this to an incident is not quiet.
    #[arg(long, default_value = "15m", value_parser = duration_ms)]
    pub(crate) quiet_margin: i64,
    /// Lead time is measured up to this level of a gas, in its channels' unit; without it up to
    /// the highest threshold of set A.
    #[arg(long, value_name = "GAS=VALUE")]
    pub(crate) level: Vec<String>,
    /// Repeats set A with one number of one rule replaced, for example
    /// `chlorine-yellow.raise_at=0.5,1,2`.
    #[arg(long, value_name = "RULE.KEY=V1,V2,...")]
    pub(crate) sweep: Option<String>,
    /// Writes the report as JSON.
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Writes the report as one page that needs nothing else.
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Writes the begins and ends of set A's alarms: `ts_ms,channel,rule,edge`, as replay does.
    #[arg(long, value_name = "FILE")]
    pub(crate) transitions: Option<PathBuf>,
    /// Threads; without it one for each core.
    #[arg(long)]
    pub(crate) jobs: Option<std::num::NonZeroUsize>,
    /// Language of the tables. (输出语言)
    #[arg(long, value_enum, default_value_t = Lang::Zh)]
    pub(crate) lang: Lang,
    /// Gas catalogue and device profiles; without it those inside the program are used.
    #[arg(long, value_name = "DIR")]
    pub(crate) firmware_configs: Option<PathBuf>,
}

/// The language of a text for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Lang {
    /// 简体中文.
    Zh,
    /// English.
    En,
}

impl Lang {
    /// The text in this language.
    pub(crate) fn of<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }
}

/// A moment in RFC 3339.
pub(crate) fn moment(text: &str) -> anyhow::Result<Timestamp> {
    let moment: jiff::Timestamp = text.trim().parse().with_context(|| {
        format!("`{text}` is no moment; hint: write RFC 3339, for example 2026-11-23T08:00:00Z")
    })?;
    Ok(Timestamp::from_millis(moment.as_millisecond()))
}

/// A length of time: `500ms`, `90s`, `15m`, `2h`, `1d`.
pub(crate) fn duration_ms(text: &str) -> anyhow::Result<i64> {
    let wrong = || anyhow::anyhow!("`{text}` is no length of time; hint: write 90s, 15m, 2h or 1d");
    let end = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
    let (number, unit) = text.split_at(end);
    let unit_ms = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" | "min" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return Err(wrong()),
    };
    let number: i64 = number.parse().map_err(|_| wrong())?;
    number.checked_mul(unit_ms).ok_or_else(wrong)
}

fn workload(text: &str) -> anyhow::Result<(u32, u32)> {
    let sizes = text.split_once(['x', '×']);
    let sizes = sizes.and_then(|(c, s)| Some((c.trim().parse().ok()?, s.trim().parse().ok()?)));
    let (channels, seconds): (u32, u32) = sizes.with_context(|| {
        format!("`{text}` is no size; hint: write CHANNELSxSECONDS, for example 1000x86400")
    })?;
    anyhow::ensure!(
        (1..=WORKLOAD_CHANNELS_MAX).contains(&channels)
            && (1..=WORKLOAD_SECONDS_MAX).contains(&seconds),
        "`{text}` is out of range; \
         hint: 1 to {WORKLOAD_CHANNELS_MAX} channels, 1 to {WORKLOAD_SECONDS_MAX} seconds"
    );
    Ok((channels, seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_sizes_are_read() {
        let check = |text: &str, want: Option<i64>| assert_eq!(duration_ms(text).ok(), want);
        check("15m", Some(900_000));
        check("0s", Some(0));
        check("250ms", Some(250));
        check("2h", Some(7_200_000));
        check("15", None);
        check("m", None);
        check("-1s", None);
        check("99999999999999999d", None);
        assert_eq!(workload("1000x86400").unwrap(), (1000, 86_400));
        assert!(workload("0x5").unwrap_err().to_string().contains("hint: 1 to 100000 channels"));
        assert!(workload("5").unwrap_err().to_string().contains("hint: write CHANNELSxSECONDS"));
        assert_eq!(moment("1970-01-01T08:00:01+08:00").unwrap().as_millis(), 1000);
        assert!(moment("yesterday").unwrap_err().to_string().contains("hint: write RFC 3339"));
    }
}
