//! `siskin kpi`: the figures from a data folder, beside a running station or from a backup. Reads
//! only.

use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::SystemTime;

use anyhow::{Context, anyhow};
use clap::Args;
use siskin_api::contract::{KpiFigureView, KpiPositionView, KpisView};
use siskin_api::kpi::span;
use siskin_api::kpis_csv;
use siskin_model::Timestamp;
use siskin_store::ledger::LifeReader;

use super::KpiError;
use crate::backtest::args::moment;
use crate::cli::{EXIT_BAD_SITE, say};
use crate::files;

/// Arguments of `siskin kpi`.
#[derive(Debug, Args)]
pub(crate) struct KpiArgs {
    /// The site's folder: its positions and areas. (站点目录)
    pub(crate) site: PathBuf,
    /// The data folder, or the folder of a backup; a station may use it meanwhile.
    #[arg(long, default_value = "data")]
    pub(crate) data: PathBuf,
    /// From here on (RFC 3339); a day before `--to` where not given.
    #[arg(long, value_parser = moment)]
    pub(crate) from: Option<Timestamp>,
    /// Before; now where not given.
    #[arg(long, value_parser = moment)]
    pub(crate) to: Option<Timestamp>,
    /// Only this operator position; all of them and the whole site where not given.
    #[arg(long, value_name = "ID")]
    pub(crate) position: Option<String>,
    /// Tell it as a table with commas.
    #[arg(long)]
    pub(crate) csv: bool,
    /// Gas catalogue and device profiles; without it those inside the program are used.
    #[arg(long, value_name = "DIR")]
    pub(crate) firmware_configs: Option<PathBuf>,
}

/// Prints the figures.
pub(crate) fn kpi(args: &KpiArgs) -> anyhow::Result<ExitCode> {
    let inputs = files::site(&args.site, args.firmware_configs.as_deref())?;
    let settings = match siskin_config::load(&inputs) {
        Ok(settings) => settings,
        Err(refused) => {
            say(&refused.render());
            return Ok(ExitCode::from(EXIT_BAD_SITE));
        }
    };
    let since = SystemTime::UNIX_EPOCH.elapsed().context("the clock is before 1970")?;
    let now = Timestamp::from_millis(i64::try_from(since.as_millis())?);
    let ms = |at: Option<Timestamp>| at.map(Timestamp::as_millis);
    let asked = span(ms(args.from), ms(args.to), now).map_err(|fault| told(&fault.into()))?;
    let reader = LifeReader::open(&args.data)?;
    let read = |span, take: &mut dyn FnMut(_), before: &mut dyn FnMut(_)| {
        reader.between(span, take, before)
    };
    let found = super::kpis(&settings.site, &read, asked, args.position.as_deref(), now);
    let found = found.map_err(|error| told(&error))?;
    let text = if args.csv { kpis_csv(&found) } else { table(&found) };
    say(text.trim_end());
    Ok(ExitCode::SUCCESS)
}

/// A fault of the question in both languages, as all that the tools say.
fn told(error: &KpiError) -> anyhow::Error {
    match error {
        KpiError::Fault(fault) => anyhow!("{fault} / {}", fault.detail_zh()),
        other => anyhow!("{other}"),
    }
}

/// The figures for people.
fn table(kpis: &KpisView) -> String {
    let mut out = String::new();
    let _infallible = writeln!(out, "{} – {}", kpis.from, kpis.to);
    if kpis.is_short {
        out.push_str("少于 30 天，仅供参考 / less than 30 days: an indication only\n");
    }
    if kpis.drill_events > 0 {
        let _infallible =
            writeln!(out, "已排除演练事件 / events of drills left out: {}", kpis.drill_events);
    }
    for one in kpis.positions.iter().chain(&kpis.site) {
        position(&mut out, one);
    }
    out
}

fn position(out: &mut String, one: &KpiPositionView) {
    let name = match (&one.position, &one.name) {
        (Some(id), Some(name)) => format!("{} / {} ({id})", name.zh, name.en),
        _ => "全站 / the whole site".to_owned(),
    };
    let _infallible = writeln!(out, "\n{name}: {} 次报警/calls", one.calls);
    for figure in &one.figures {
        let _infallible = writeln!(out, "  {}", line(figure));
    }
    for (word, sources) in [
        ("抖动 / chattering", &one.chattering),
        ("瞬时 / fleeting", &one.fleeting),
        ("陈旧 / stale", &one.stale),
    ] {
        for source in sources {
            let _infallible = writeln!(out, "  {word}: {} ({})", source.source, source.calls);
        }
    }
    for flood in &one.floods {
        let _infallible =
            writeln!(out, "  泛滥 / flood: {} {} – {}", flood.position, flood.from, flood.to);
    }
    let response = &one.response;
    let seconds =
        |ms: Option<i64>| ms.map_or("–".to_owned(), |ms| format!("{:.1} s", ms as f64 / 1000.0));
    let _infallible = writeln!(
        out,
        "  确认 / acknowledged {}, 未确认 / not {}; 一半 / half {}, 九成 / nine tenths {}, \
         最长 / longest {}",
        response.acknowledged,
        response.open,
        seconds(response.half_ms),
        seconds(response.nine_tenths_ms),
        seconds(response.longest_ms)
    );
}

fn line(figure: &KpiFigureView) -> String {
    let unit = if figure.unit == "percent" { " %" } else { "" };
    let value = figure.value.map_or("–".to_owned(), |value| format!("{value:.2}{unit}"));
    let word = match figure.standing.as_str() {
        "met" => "达标 / met",
        "manageable" => "可管理 / manageable",
        "missed" => "未达标 / missed",
        "no-data" => "无数据 / no data",
        _ => "无目标 / no target",
    };
    let target = figure.target.as_ref().map_or_else(String::new, |target| {
        let sign = if target.limit == "below" { "<" } else { "≤" };
        let most = target.manageable.map_or_else(String::new, |most| format!(" … {most}"));
        format!(" ({sign} {}{most}{unit})", target.acceptable)
    });
    format!("{} / {}: {value}{target} {word}", figure.name.zh, figure.name.en)
}
