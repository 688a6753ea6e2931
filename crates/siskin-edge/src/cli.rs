//! The command line: what can be typed, and how failures are told.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use siskin_collect::spool::Policy;
use tracing_subscriber::EnvFilter;

/// The command could not do its work.
pub(crate) const EXIT_FAILED: u8 = 1;
/// The site folder has problems.
pub(crate) const EXIT_BAD_SITE: u8 = 2;
/// The spool's limit where nothing is said: days of 500 channels at 1 Hz.
pub(crate) const SPOOL_MIB: u64 = 2048;
/// The largest spool that can be asked for.
pub(crate) const SPOOL_MIB_MAX: u64 = 1 << 20;

/// Siskin 黄雀: the gateway that reads analyzers and passes their readings to a station.
#[derive(Debug, Parser)]
#[command(name = "siskin-edge", version, about, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Read this gateway's analyzers and pass their readings on. (运行网关)
    Run(RunArgs),
    /// Check the site folder and what this gateway would read. (检查配置)
    Check(CheckArgs),
    /// Print the state of the spool and of the link. (查看缓存与链路状态)
    Status(StatusArgs),
}

/// Which gateway of which site.
#[derive(Debug, Default, Args)]
pub(crate) struct SiteArgs {
    /// A file with all of this; what is said here or in the environment is over it.
    #[arg(long, env = "SISKIN_EDGE_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The site's folder, the same as on the station.
    #[arg(long, env = "SISKIN_EDGE_SITE")]
    pub(crate) site: Option<PathBuf>,
    /// This gateway's id in the site.
    #[arg(long, env = "SISKIN_EDGE_ID")]
    pub(crate) edge: Option<String>,
    /// Gas catalogue and device profiles; without it those inside the program are used.
    #[arg(long, value_name = "DIR")]
    pub(crate) firmware_configs: Option<PathBuf>,
}

/// Arguments of `siskin-edge run`.
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) site: SiteArgs,
    #[command(flatten)]
    pub(crate) link: LinkArgs,
}

/// The way to the station and what is kept before it.
#[derive(Debug, Default, Args)]
pub(crate) struct LinkArgs {
    /// The station, for example `wss://10.1.2.3:8443`.
    #[arg(long, env = "SISKIN_EDGE_STATION", value_parser = station)]
    pub(crate) station: Option<String>,
    /// The certificate authority (PEM) that a `wss` station is known by; no other is trusted.
    #[arg(long, env = "SISKIN_EDGE_CA_FILE", value_name = "FILE")]
    pub(crate) ca_file: Option<PathBuf>,
    /// Where the spool lives. [default: edge-data]
    #[arg(long, env = "SISKIN_EDGE_DATA")]
    pub(crate) data: Option<PathBuf>,
    /// The most the spool may take of the disk, in MiB. [default: 2048]
    #[arg(long, env = "SISKIN_EDGE_SPOOL_MIB",
        value_parser = clap::value_parser!(u64).range(1..=SPOOL_MIB_MAX))]
    pub(crate) spool_mib: Option<u64>,
    /// What happens at that limit: `thin` keeps maxima, exceedances and changes of quality;
    /// `drop-oldest` keeps the newest whole. [default: thin]
    #[arg(long, env = "SISKIN_EDGE_SPOOL_POLICY")]
    pub(crate) spool_policy: Option<Policy>,
}

/// Arguments of `siskin-edge check`.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) site: SiteArgs,
}

/// Arguments of `siskin-edge status`.
#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    /// The gateway's file, where the spool's place is written in it.
    #[arg(long, env = "SISKIN_EDGE_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Where the spool lives. [default: edge-data]
    #[arg(long, env = "SISKIN_EDGE_DATA")]
    pub(crate) data: Option<PathBuf>,
    /// Tell it as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// `http` addresses are taken too: people copy what their browser shows.
pub(crate) fn station(text: &str) -> Result<String, String> {
    let same = [("http://", "ws://"), ("https://", "wss://"), ("ws://", "ws://")];
    let mut known = same.into_iter().chain([("wss://", "wss://")]);
    let address = known.find_map(|(from, to)| Some((to, text.strip_prefix(from)?)));
    match address {
        Some((scheme, rest)) if !rest.is_empty() => Ok(format!("{scheme}{rest}")),
        _ => Err("expected `wss://host:port` or `ws://host:port`; \
                  hint: use the address of the station's page"
            .into()),
    }
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
    let _closed = writeln!(std::io::stderr(), "siskin-edge: {error:#}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_station_is_a_web_address() {
        assert_eq!(station("http://10.0.0.1:80").as_deref(), Ok("ws://10.0.0.1:80"));
        assert_eq!(station("https://a").as_deref(), Ok("wss://a"));
        assert_eq!(station("ws://a:1").as_deref(), Ok("ws://a:1"));
        assert_eq!(station("wss://a:1").as_deref(), Ok("wss://a:1"));
        for wrong in ["", "ws://", "wss://", "ftp://a", "a:1"] {
            assert!(station(wrong).is_err_and(|e| e.contains("hint:")), "{wrong}");
        }
    }
}
