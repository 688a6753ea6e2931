//! `siskin replay`: the station's engine over recorded readings, as fast as it goes.
//!
//! Writes the begins and ends of alarms as `ts_ms,channel,rule,edge`, sorted by time, channel and
//! rule. Numbers of channels sort as numbers.

use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context;
use siskin_engine::{Effects, Engine};
use siskin_model::{AlarmEvent, Edge};

use crate::cli::{EXIT_BAD_SITE, ReplayArgs, say};
use crate::{files, readings_file};

/// Readings are judged in steps of this many: enough that the engine goes channel after channel.
const STEP_READINGS: usize = 1 << 16;

/// Replays and writes the transitions.
pub(crate) fn replay(args: &ReplayArgs) -> anyhow::Result<ExitCode> {
    let inputs = files::site(&args.site, args.firmware_configs.as_deref())?;
    let settings = match siskin_config::load(&inputs) {
        Ok(settings) => settings,
        Err(report) => {
            say(&report.render());
            return Ok(ExitCode::from(EXIT_BAD_SITE));
        }
    };
    let recorded = readings_file::read(&args.readings)?;
    let settings = settings.for_channels(&recorded.channels)?;
    let mut engine = Engine::new(&settings.site, &settings.rules)?;
    let began = Instant::now();
    let mut effects = Effects::default();
    for step in recorded.readings.chunks(STEP_READINGS) {
        engine.readings(step, &mut effects);
    }
    engine.finish(&mut effects);
    let took_s = began.elapsed().as_secs_f64();
    write_transitions(&args.out, &mut effects.alarms)?;
    let counters = engine.counters();
    say(&format!(
        "{} readings of {} channels judged in {took_s:.2} s, {} transitions, {} warnings begun; \
         not judged: {} late, {} repeated, {} without a usable value",
        recorded.readings.len(),
        recorded.channels.len(),
        effects.alarms.len(),
        effects
            .warnings
            .iter()
            .filter(|event| event.change == siskin_model::WarningChange::Raised)
            .count(),
        counters.late,
        counters.duplicates,
        counters.not_judged,
    ));
    Ok(ExitCode::SUCCESS)
}

fn write_transitions(path: &Path, alarms: &mut [AlarmEvent]) -> anyhow::Result<()> {
    alarms.sort_by_cached_key(|event| {
        let (channel, rule) = (&event.alarm.channel, &event.alarm.rule);
        let number = channel.as_str().parse::<u64>().unwrap_or(u64::MAX);
        (event.at, number, channel.clone(), rule.clone(), event.edge)
    });
    let about = || format!("cannot write `{}`", path.display());
    let mut out = BufWriter::new(std::fs::File::create(path).with_context(about)?);
    writeln!(out, "ts_ms,channel,rule,edge").with_context(about)?;
    for event in alarms {
        let (at_ms, alarm) = (event.at.as_millis(), &event.alarm);
        let edge = match event.edge {
            Edge::Raise => "raise",
            Edge::Clear => "clear",
        };
        writeln!(out, "{at_ms},{},{},{edge}", alarm.channel, alarm.rule).with_context(about)?;
    }
    out.flush().with_context(about)
}
