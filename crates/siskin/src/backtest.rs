//! `siskin backtest`: one or two rule sets over recorded, stored or made readings, measured against
//! labelled incidents.
//!
//! The engine of the station judges, in event time. Channels that do not look at each other are
//! judged apart, on all cores. Must never give figures that depend on the number of threads.
//!
//! The way: `args` → `source` and `incidents` → `shards` → `judge` → `measure`, `load`, `diff`,
//! `sweep` → `report` → `text`, `page`.

pub(crate) mod args;
mod diff;
mod episodes;
mod incidents;
mod intervals;
mod judge;
mod load;
mod measure;
mod page;
mod progress;
mod report;
mod shards;
mod source;
pub(crate) mod stored;
mod sweep;
mod table;
#[cfg(test)]
mod tests;
mod text;
mod watch;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, ensure};
use siskin_config::{Inputs, Report as Refused, Settings, SourceFile};
use siskin_model::{ChannelId, GasId, Site, Timestamp};

use self::args::BacktestArgs;
use self::diff::Side;
use self::episodes::EPISODES_MAX;
use self::incidents::Incident;
use self::intervals::Interval;
use self::judge::{Judged, Trial};
use self::measure::{DAY_MS, Ground};
use self::progress::Progress;
use self::report::{Moment, Report};
use self::shards::Shard;
use self::source::Source;
use self::sweep::{Asked, Point, Sweep};
use self::watch::Watch;
use crate::cli::{EXIT_BAD_SITE, say};
use crate::{files, readings_file};

/// Everything that is known before anything is judged.
struct Prepared {
    /// Set A, set B where there is one, then set A with each value of a sweep.
    sets: Vec<Settings>,
    has_b: bool,
    asked: Option<Asked>,
    source: Source,
    incidents: Vec<Incident>,
    incidents_outside: usize,
    run: Interval,
    margin_ms: i64,
    stated: BTreeMap<GasId, f64>,
    episodes_max: usize,
}

/// Runs a backtest and writes what was asked for.
pub(crate) fn backtest(args: &BacktestArgs) -> anyhow::Result<ExitCode> {
    let asked = args.sweep.as_deref().map(sweep::asked).transpose()?;
    let texts = rule_sets(args, asked.as_ref())?;
    let mut sets = Vec::new();
    for (label, inputs) in &texts {
        match siskin_config::load(inputs) {
            Ok(settings) => sets.push(settings),
            Err(refused) => return Ok(told_refused(label, &refused)),
        }
    }
    let prepared = prepared(args, &sets, asked)?;
    let jobs = judge::jobs(args.jobs)?;
    let shards = shards::shards(&prepared.sets);
    let progress = Progress::new(prepared.source.units(&shards));
    let began = Instant::now();
    let judged = prepared.judged(&shards, jobs, &|more| {
        progress.add(more);
        Ok(())
    })?;
    progress.finish();
    let took_s = began.elapsed().as_secs_f64();
    let report = prepared.report(&judged);
    say(&text::told(&report, args.lang));
    say(&speed(&judged, took_s, jobs, args));
    if let Some(path) = &args.json {
        let json = serde_json::to_string_pretty(&report).context("cannot write JSON")?;
        written(path, &(json + "\n"))?;
    }
    if let Some(path) = &args.html {
        written(path, &page::page(&report))?;
    }
    if let (Some(path), Some(first)) = (&args.transitions, judged.episodes.first()) {
        written(path, &prepared.transitions(first))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn written(path: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(path, text).with_context(|| {
        format!("cannot write `{}`; hint: the folder must exist and be writable", path.display())
    })
}

fn told_refused(label: &str, refused: &Refused) -> ExitCode {
    say(&format!("{label}:\n{}", refused.render()));
    ExitCode::from(EXIT_BAD_SITE)
}

/// The texts of each rule set with what people call it.
fn rule_sets(args: &BacktestArgs, asked: Option<&Asked>) -> anyhow::Result<Vec<(String, Inputs)>> {
    let site = files::site(&args.site, args.firmware_configs.as_deref())?;
    let with = |folder: Option<&Path>| match folder {
        Some(folder) => with_rules(&site, folder),
        None => Ok(site.clone()),
    };
    let a = with(args.rules_a.as_deref())?;
    let mut sets = vec![("rule set A".to_owned(), a.clone())];
    if let Some(folder) = &args.rules_b {
        sets.push(("rule set B".to_owned(), with(Some(folder))?));
    }
    if let Some(asked) = asked {
        for value in &asked.values {
            let label = format!("rule set A with {}.{} = {value}", asked.rule, asked.key);
            sets.push((label, sweep::replaced(&a, asked, *value)?));
        }
    }
    Ok(sets)
}

/// The site with the rule files of another folder.
fn with_rules(site: &Inputs, folder: &Path) -> anyhow::Result<Inputs> {
    let mut inputs = site.clone();
    inputs.site.retain(|file| !file.path.starts_with("rules/"));
    let rules = files::read_folder(folder)?;
    ensure!(
        !rules.is_empty(),
        "`{}` has no rule file; hint: name a folder with *.toml files as in a site's rules/",
        folder.display()
    );
    let placed = |file: SourceFile| SourceFile { path: format!("rules/{}", file.path), ..file };
    inputs.site.extend(rules.into_iter().map(placed));
    Ok(inputs)
}

/// Readings, incidents and range; the sets are cut to the channels there are.
fn prepared(
    args: &BacktestArgs,
    sets: &[Settings],
    asked: Option<Asked>,
) -> anyhow::Result<Prepared> {
    let first = sets.first().context("no rule set")?;
    let mut recorded = None;
    let channels: Vec<ChannelId> = if let Some(path) = &args.readings {
        let file = readings_file::read(path)?;
        let channels = file.channels.clone();
        recorded = Some(file);
        channels
    } else if let Some((channels, _)) = args.workload {
        (0..channels).map(|n| ChannelId::new(&n.to_string())).collect::<Result<_, _>>()?
    } else {
        first.site.channels.iter().map(|channel| channel.id.clone()).collect()
    };
    let sets = sets.iter().map(|set| set.for_channels(&channels)).collect::<Result<Vec<_>, _>>()?;
    let first = sets.first().context("no rule set")?;
    let source = source(args, recorded, &sets)?;
    let run = run(args, &source)?;
    let all = match (&args.incidents, args.workload) {
        (Some(path), _) => incidents::read(path, &first.site)?,
        (None, Some((_, seconds))) => incidents::of_workload(args.seed, seconds, &first.site),
        (None, None) => Vec::new(),
    };
    let count = all.len();
    let touches = |incident: &Incident| incident.time.clipped(run).is_some();
    let incidents: Vec<_> = all.into_iter().filter(touches).collect();
    Ok(Prepared {
        incidents_outside: count - incidents.len(),
        stated: stated(&args.level, &first.site)?,
        has_b: args.rules_b.is_some(),
        margin_ms: args.quiet_margin,
        incidents,
        sets,
        asked,
        source,
        run,
        episodes_max: EPISODES_MAX,
    })
}

fn source(
    args: &BacktestArgs,
    recorded: Option<readings_file::Recorded>,
    sets: &[Settings],
) -> anyhow::Result<Source> {
    if let Some(file) = recorded {
        return Source::recorded(file);
    }
    if let Some((_, seconds)) = args.workload {
        return Ok(Source::Generated { seed: args.seed, seconds });
    }
    let (Some(folder), Some(from), Some(to)) = (&args.data, args.from, args.to) else {
        anyhow::bail!("--data needs --from and --to; hint: name a range, for example a month");
    };
    let first = sets.first().context("no rule set")?;
    Source::stored(folder, &first.site, from.plus_ms(-warm_ms(sets)), to)
}

/// How long before the range reading begins: windows and running delays must be as full at its
/// begin as they were in the station.
fn warm_ms(sets: &[Settings]) -> i64 {
    let reach =
        |rule: &siskin_engine::Rule| rule.kind.reach_ms() + rule.on_delay_ms.max(rule.off_delay_ms);
    sets.iter().flat_map(|set| &set.rules.rules).map(reach).max().unwrap_or(0)
}

/// What is measured: the range that was asked for, else all readings.
fn run(args: &BacktestArgs, source: &Source) -> anyhow::Result<Interval> {
    let (first, last) = source
        .extent()
        .context("there are no readings; hint: look whether the file has rows below its header")?;
    let run = Interval::of(args.from.unwrap_or(first), args.to.unwrap_or(last).min(last));
    ensure!(
        run.start_ms <= run.end_ms
            && args.from.is_none_or(|from| from >= first || args.data.is_some()),
        "the range {} to {} has no readings, there are some from {first} to {last}; \
         hint: look at --from and --to",
        Timestamp::from_millis(run.start_ms),
        Timestamp::from_millis(run.end_ms),
    );
    Ok(run)
}

/// The levels of `--level GAS=VALUE`.
fn stated(texts: &[String], site: &Site) -> anyhow::Result<BTreeMap<GasId, f64>> {
    let one = |text: &String| {
        let parts = text.split_once('=');
        let found = parts.and_then(|(gas, value)| {
            let gas = site.gases.iter().find(|known| known.id.as_str() == gas.trim())?;
            let value: f64 = value.trim().parse().ok().filter(|v: &f64| v.is_finite())?;
            Some((gas.id.clone(), value))
        });
        found.with_context(|| {
            let gases: Vec<_> = site.gases.iter().map(|gas| gas.id.as_str()).collect();
            format!(
                "--level `{text}` cannot be read; hint: write GAS=VALUE with one of {}",
                gases.join(", ")
            )
        })
    };
    texts.iter().map(one).collect()
}

impl Prepared {
    fn judged(
        &self,
        shards: &[Shard],
        jobs: usize,
        progress: &judge::Progressed<'_>,
    ) -> anyhow::Result<Judged> {
        let first = self.sets.first().context("no rule set")?;
        let levels = watch::levels(first, &self.stated);
        let watch = Watch::new(first, &levels, &self.incidents);
        let (sets, source, run) = (&self.sets, &self.source, self.run);
        let episodes_max = self.episodes_max;
        let trial = Trial { sets, source, shards, run, watch: &watch, episodes_max };
        judge::judge(&trial, jobs, progress)
    }

    fn report(&self, judged: &Judged) -> Report {
        let site = self.sets.first().map(|set| &set.site).expect("there is always a set A");
        let ground =
            Ground::new(site, &self.incidents, &judged.reached_ms, self.run, self.margin_ms);
        let full = 1 + usize::from(self.has_b);
        let each = self.sets.iter().zip(judged.episodes.iter().zip(&judged.counters));
        let made = each.zip(["A", "B"]).take(full).map(|((set, (episodes, counters)), label)| {
            report::set_report(label, set, episodes, *counters, &ground)
        });
        let (sets, detections): (Vec<_>, Vec<_>) = made.unzip();
        let gas_channels = site.channels.iter().filter(|c| c.quantity.gas().is_some());
        let all: Vec<u32> = (0u32..).take(site.channels.len()).collect();
        Report {
            schema: report::SCHEMA,
            site: site.id.clone(),
            site_name: site.name.clone(),
            utc_offset_s: site.utc_offset_s,
            from: Moment(Timestamp::from_millis(self.run.start_ms)),
            to: Moment(Timestamp::from_millis(self.run.end_ms)),
            days: self.run.length_ms() as f64 / DAY_MS,
            channels: site.channels.len(),
            gas_channels: gas_channels.count(),
            readings: judged.readings,
            incidents: self.incidents.len(),
            incidents_outside: self.incidents_outside,
            quiet_margin_s: self.margin_ms as f64 / 1000.0,
            quiet_days: ground.site_quiet(&all).length_ms() as f64 / DAY_MS,
            sets,
            diff: self.diff(judged, &detections),
            sweep: self.sweep(judged, full, &ground),
            load_targets: load::TARGETS.to_vec(),
            incident_times: report::incident_times(&ground),
        }
    }

    fn diff(&self, judged: &Judged, detections: &[Vec<measure::Detection>]) -> Option<diff::Diff> {
        let side = |place: usize| {
            Some(Side {
                settings: self.sets.get(place)?,
                episodes: judged.episodes.get(place)?,
                detections: detections.get(place)?,
            })
        };
        let incident_of = |place: usize| {
            let incident = self.incidents.get(place)?;
            Some((incident.id.clone(), incident.time.start_ms))
        };
        self.has_b.then(|| Some(diff::diff(side(0)?, side(1)?, self.run, incident_of)))?
    }

    fn sweep(&self, judged: &Judged, full: usize, ground: &Ground<'_>) -> Option<Sweep> {
        let asked = self.asked.as_ref()?;
        let sets = self.sets.iter().zip(&judged.episodes).skip(full);
        let point = |(value, (set, episodes)): (&f64, (&Settings, &Vec<_>))| Point {
            value: *value,
            park: report::park_measures(set, episodes, ground),
        };
        let points = asked.values.iter().zip(sets).map(point).collect();
        Some(Sweep { rule: asked.rule.clone(), key: asked.key.clone(), points })
    }

    /// Begins and ends of set A's alarms, as `siskin replay` writes them.
    fn transitions(&self, episodes: &[episodes::Episode]) -> String {
        let Some(set) = self.sets.first() else { return String::new() };
        let mut rows = Vec::new();
        for episode in episodes {
            let channel = set.site.channel(siskin_model::ChannelIndex(episode.channel));
            let rule = set.rules.rules.get(episode.rule as usize);
            let (Some(channel), Some(rule)) = (channel, rule) else { continue };
            let number = channel.id.as_str().parse::<u64>().unwrap_or(u64::MAX);
            let edges = [(Some(episode.start), "raise"), (episode.end, "clear")];
            for (place, (at, edge)) in edges.into_iter().enumerate() {
                let Some(at) = at else { continue };
                rows.push((at, number, channel.id.as_str(), rule.id.as_str(), place, edge));
            }
        }
        rows.sort_unstable();
        let line = |(at, _, channel, rule, _, edge): &(Timestamp, u64, &str, &str, usize, &str)| {
            format!("{},{channel},{rule},{edge}\n", at.as_millis())
        };
        "ts_ms,channel,rule,edge\n".to_owned() + &rows.iter().map(line).collect::<String>()
    }
}

/// How fast it went; of a workload also how long 30 days of 1,000 channels would take.
fn speed(judged: &Judged, took_s: f64, jobs: usize, args: &BacktestArgs) -> String {
    let rate = judged.readings as f64 / took_s.max(1e-9);
    let told = format!(
        "{} readings judged in {took_s:.2} s on {jobs} threads: {:.2} M readings/s",
        judged.readings,
        rate / 1e6
    );
    if let Some((channels, seconds)) = args.workload {
        let asked = f64::from(channels) * f64::from(seconds);
        let whole = 30.0 * 86_400.0 * 1000.0;
        let projected_min = whole / asked * took_s / 60.0;
        return format!(
            "{told}; 30 days x 1,000 channels at 1 Hz: {projected_min:.1} min (projected)"
        );
    }
    told
}
