//! `siskin replay`: the station's engine over recorded readings, as fast as it goes.
//!
//! Rows stand in order of arrival; the clock of a replay is the newest stamp that has come. Late
//! readings are judged again as the station does it. Writes the begins and ends of alarms as
//! `ts_ms,channel,rule,edge`, sorted by time, channel and rule; numbers of channels sort as
//! numbers. With `--data` the readings go through the station's own stores (`station/recorded.rs`).

use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context;
use siskin_config::Settings;
use siskin_engine::{Outcome, Rehearsal};
use siskin_model::{AlarmEvent, CorrectionChange, Edge, Reading, Timestamp, WarningChange};

use crate::cli::{EXIT_BAD_SITE, ReplayArgs, say};
use crate::station::Recorded;
use crate::{files, readings_file};

/// Readings are judged in steps of this many: enough that the engine goes channel after channel.
const STEP_READINGS: usize = 1 << 16;
/// A step ends when the clock has moved this far, so that it is known when what was told.
const STEP_MS: i64 = 10_000;
/// Readings of one batch of the stores. The same in every run: a replay that goes on counts the
/// batches that are stored.
const BATCH_READINGS: usize = 4096;

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
    let mut recorded = readings_file::read(&args.readings)?;
    let mut settings = settings.for_channels(&recorded.channels)?;
    if let Some(window_ms) = args.reorder_window {
        for analyzer in &mut settings.site.analyzers {
            analyzer.reorder_window_ms = window_ms;
        }
    }
    stamp_arrivals(&mut recorded.readings);
    let count = (recorded.readings.len(), recorded.channels.len());
    match &args.data {
        Some(data) => through_stores(args, data, settings, &recorded.readings)?,
        None => in_memory(args, &settings, &recorded.readings, count)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The newest stamp so far is the moment of arrival: a recording has no other clock.
fn stamp_arrivals(readings: &mut [Reading]) {
    let mut now = Timestamp::from_millis(i64::MIN);
    for reading in readings {
        now = now.max(reading.measured_at);
        reading.received_at = now;
    }
}

fn in_memory(
    args: &ReplayArgs,
    settings: &Settings,
    readings: &[Reading],
    (rows, channels): (usize, usize),
) -> anyhow::Result<()> {
    let mut rehearsal = Rehearsal::new(&settings.site, &settings.rules)?;
    let began = Instant::now();
    let mut told_at = Vec::new();
    let mut now = Timestamp::default();
    for step in steps(readings) {
        rehearsal.arrive(step);
        now = step.last().map_or(now, |reading| reading.received_at);
        told_at.resize(rehearsal.announced().len(), now);
    }
    let outcome = rehearsal.finish();
    told_at.resize(outcome.announced.len(), now);
    let took_s = began.elapsed().as_secs_f64();
    write_transitions(&args.out, &outcome.alarms)?;
    if let Some(path) = &args.announced {
        write_announced(path, &outcome.announced, &told_at)?;
    }
    if let Some(path) = &args.corrections {
        write_corrections(path, &outcome)?;
    }
    let counters = outcome.counters;
    let is_begin = |change: &WarningChange| *change == WarningChange::Raised;
    say(&format!(
        "{rows} readings of {channels} channels judged in {took_s:.2} s, {} transitions, {} \
         warnings begun, {} corrections; {} late (judged again), not judged: {} repeated, {} \
         without a usable value",
        outcome.alarms.len(),
        outcome.warnings.iter().filter(|event| is_begin(&event.change)).count(),
        outcome.corrections.len(),
        counters.late,
        counters.duplicates,
        counters.not_judged,
    ));
    Ok(())
}

/// Steps of limited length, and of limited time on the clock.
fn steps(readings: &[Reading]) -> impl Iterator<Item = &[Reading]> {
    let mut rest = readings;
    std::iter::from_fn(move || {
        let end = rest.first()?.received_at.plus_ms(STEP_MS);
        let within = rest.partition_point(|reading| reading.received_at < end);
        let (step, after) = rest.split_at_checked(within.clamp(1, STEP_READINGS))?;
        rest = after;
        Some(step)
    })
}

/// As a station would: readings to the series store, judged, effects to the ledger.
fn through_stores(
    args: &ReplayArgs,
    data: &Path,
    settings: Settings,
    readings: &[Reading],
) -> anyhow::Result<()> {
    let batches: Vec<_> = readings.chunks(BATCH_READINGS).collect();
    let mut recorded = Recorded::open(Arc::new(settings), data)?;
    let stored = usize::try_from(recorded.batches_stored()).unwrap_or(usize::MAX);
    anyhow::ensure!(
        stored <= batches.len(),
        "`{}` holds {stored} batches, `{}` has {}; hint: give a folder of its own to each replay",
        data.display(),
        args.readings.display(),
        batches.len()
    );
    for (number, batch) in (stored + 1..).zip(batches.iter().skip(stored)) {
        recorded.take(batch)?;
        say(&format!("batch {number} of {}", batches.len()));
    }
    let transitions = recorded.finish()?;
    write_transitions(&args.out, &transitions)?;
    say(&format!("{} readings in the stores, {} transitions", readings.len(), transitions.len()));
    Ok(())
}

fn write_transitions(path: &Path, alarms: &[AlarmEvent]) -> anyhow::Result<()> {
    let mut sorted: Vec<_> = alarms.iter().collect();
    sorted.sort_by_cached_key(|event| {
        let (channel, rule) = (&event.alarm.channel, &event.alarm.rule);
        let number = channel.as_str().parse::<u64>().unwrap_or(u64::MAX);
        (event.at, number, channel.clone(), rule.clone(), event.edge)
    });
    write_rows(path, "ts_ms,channel,rule,edge", sorted.into_iter().map(row))
}

fn write_announced(
    path: &Path,
    announced: &[AlarmEvent],
    told_at: &[Timestamp],
) -> anyhow::Result<()> {
    let told = announced.iter().zip(told_at);
    let rows = told.map(|(event, at)| format!("{},{}", at.as_millis(), row(event)));
    write_rows(path, "told_ms,ts_ms,channel,rule,edge", rows)
}

fn write_corrections(path: &Path, outcome: &Outcome) -> anyhow::Result<()> {
    let rows = outcome.corrections.iter().map(|correction| {
        let change = match correction.change {
            CorrectionChange::Added => "added",
            CorrectionChange::Removed => "removed",
        };
        format!("{},{change},{}", correction.found_at.as_millis(), row(&correction.event))
    });
    write_rows(path, "found_ms,change,ts_ms,channel,rule,edge", rows)
}

fn row(event: &AlarmEvent) -> String {
    let edge = match event.edge {
        Edge::Raise => "raise",
        Edge::Clear => "clear",
    };
    format!("{},{},{},{edge}", event.at.as_millis(), event.alarm.channel, event.alarm.rule)
}

fn write_rows(path: &Path, header: &str, rows: impl Iterator<Item = String>) -> anyhow::Result<()> {
    let about = || format!("cannot write `{}`", path.display());
    let mut out = BufWriter::new(std::fs::File::create(path).with_context(about)?);
    writeln!(out, "{header}").with_context(about)?;
    for row in rows {
        writeln!(out, "{row}").with_context(about)?;
    }
    out.flush().with_context(about)
}

#[cfg(test)]
mod tests {
    use siskin_model::{ChannelIndex, Quality};

    use super::*;

    #[test]
    fn steps_end_with_their_time_and_their_length() {
        let reading = |at_ms: i64| {
            let at = Timestamp::from_millis(at_ms);
            Reading::new(ChannelIndex(0), at, at, Some(1.0), Quality::Good)
        };
        let slow: Vec<_> = [0, 9_999, 10_000, 40_000, 40_001].map(reading).into();
        assert_eq!(steps(&slow).map(<[_]>::len).collect::<Vec<_>>(), [2, 1, 2]);
        let fast = vec![reading(5); STEP_READINGS + 1];
        assert_eq!(steps(&fast).map(<[_]>::len).collect::<Vec<_>>(), [STEP_READINGS, 1]);
        assert_eq!(steps(&[]).count(), 0);
    }

    #[test]
    fn a_late_row_arrives_when_the_newest_stamp_was_seen() {
        let reading = |at_ms: i64| {
            let at = Timestamp::from_millis(at_ms);
            Reading::new(ChannelIndex(0), at, at, Some(1.0), Quality::Good)
        };
        let mut readings: Vec<_> = [5, 9, 2, 9, 10].map(reading).into();
        stamp_arrivals(&mut readings);
        let arrivals: Vec<_> = readings.iter().map(|r| r.received_at.as_millis()).collect();
        assert_eq!(arrivals, [5, 9, 9, 9, 10]);
    }
}
