//! Brings an engine to where it was before the process ended: same ids, same starts, running
//! delays where the stored readings give them.
//!
//! The series store has every acknowledged reading; the ledger has every transition and the mark up
//! to which the series was judged. Windows are filled from the store, the last stretch before the
//! mark is judged again for its running delays only, alarms are made to agree with the ledger, and
//! what was stored but not yet judged is left for the pipeline to judge for real.

use std::collections::BTreeSet;

use anyhow::Context;
use siskin_config::Settings;
use siskin_engine::Engine;
use siskin_model::{Alarm, ChannelIndex, Reading, Timestamp};
use siskin_store::{Ledger, Series};

/// The stretch that is judged again is this many times the longest delay, so that every delay
/// that runs at its end began inside it.
const REWARM_DELAYS: i64 = 4;

/// An engine as it was, and what it still has to do.
pub(crate) struct Restored {
    pub(crate) engine: Engine,
    /// Batches that are stored and not judged, in order of arrival.
    pub(crate) unjudged: Vec<(u64, Vec<Reading>)>,
    /// Alarms whose rule or channel is no longer in the site.
    pub(crate) gone: Vec<Alarm>,
}

/// Restores from the two stores.
pub(crate) fn restore(
    settings: &Settings,
    series: &Series,
    ledger: &Ledger,
) -> anyhow::Result<Restored> {
    let mut engine = Engine::new(&settings.site, &settings.rules)?;
    let unjudged = series.batches_after(ledger.mark()).context("cannot read the series store")?;
    let pending: BTreeSet<(ChannelIndex, Timestamp)> =
        unjudged.iter().flat_map(|(_, batch)| batch).map(|r| (r.channel, r.measured_at)).collect();
    let judged = judged_readings(settings, series, &engine, &pending)?;
    if let Some(newest) = judged.iter().map(|r| r.measured_at).max() {
        let rewarm_from = newest.plus_ms(-REWARM_DELAYS * engine.delay_max_ms());
        let begin = judged.partition_point(|reading| reading.measured_at < rewarm_from);
        let (fill, rewarm) = judged.split_at(begin);
        for reading in fill {
            engine.fill(reading);
        }
        engine.agree(ledger.alarms_active_at(rewarm_from)?);
        engine.rewarm(rewarm);
    }
    let gone = engine.agree(ledger.alarms_active()?);
    engine.seed_warnings(ledger.warnings_open()?);
    tracing::info!(
        readings = judged.len(),
        unjudged = pending.len(),
        alarms = engine.alarms().count(),
        warnings = engine.warnings().count(),
        "engine restored from the stores"
    );
    Ok(Restored { engine, unjudged, gone })
}

/// Judged readings that the rules still look at, in order of time.
fn judged_readings(
    settings: &Settings,
    series: &Series,
    engine: &Engine,
    pending: &BTreeSet<(ChannelIndex, Timestamp)>,
) -> anyhow::Result<Vec<Reading>> {
    let last = series.last();
    let Some(newest) = last.iter().flatten().map(|r| r.measured_at).max() else {
        return Ok(Vec::new());
    };
    let history_ms = engine.window_max_ms() + REWARM_DELAYS * engine.delay_max_ms();
    let from = newest.plus_ms(-history_ms);
    let mut judged = Vec::new();
    for (index, _) in settings.site.indexed() {
        // A channel that has been silent for long still has a last word; silence counts from it.
        let silent = last.get(index.get()).copied().flatten().filter(|r| r.measured_at < from);
        judged.extend(silent);
        judged.extend(series.range(index, from, newest.plus_ms(1))?);
    }
    judged.retain(|reading| !pending.contains(&(reading.channel, reading.measured_at)));
    judged.sort_by_key(|reading| (reading.measured_at, reading.channel));
    Ok(judged)
}
