//! Brings an engine to where it was before the process ended: same ids, same starts, running
//! delays where the stored readings give them.
//!
//! The series store has every acknowledged reading; the ledger has every transition and the mark up
//! to which the series was judged. The engine makes its channels anew from both; what was stored
//! and not yet judged, or still waited for its reorder window, is judged for real, and what the
//! ledger has already is not told again.

mod floods;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use anyhow::Context;
use siskin_config::Settings;
use siskin_engine::engine::restore::Stored;
use siskin_engine::{Effects, Engine};
use siskin_model::life::CHATTER_MS;
use siskin_model::{ChannelIndex, Edge, Reading, Timestamp};
use siskin_store::ledger::ROWS_MAX;
use siskin_store::{Ledger, Series};

use super::past::StoredPast;

/// Batches that are stored and not judged, in order of arrival.
type Unjudged = Vec<(u64, Vec<Reading>)>;

/// An engine as it was, and what followed from what it had not judged yet.
pub(crate) struct Restored {
    pub(crate) engine: Engine,
    pub(crate) effects: Effects,
    /// The series up to here is judged.
    pub(crate) judged_seq: u64,
}

/// Restores from the two stores.
pub(crate) fn restore(
    settings: &Settings,
    series: &Series,
    ledger: &Ledger,
) -> anyhow::Result<Restored> {
    let began = Instant::now();
    let mut engine = Engine::new(&settings.site, &settings.rules)?;
    let unjudged = series.batches_after(ledger.mark()).context("cannot read the series store")?;
    let judged_seq = unjudged.last().map_or(ledger.mark(), |(seq, _)| *seq);
    let stored = stored(settings, series, &unjudged);
    let mut past = StoredPast { site: &settings.site, series, ledger };
    let bounds = engine.restore(&stored, &mut past)?;
    engine.seed_warnings(ledger.warnings_open()?);
    engine.seed_life(ledger.holds_open()?, ledger.equipment_open()?);
    engine.seed_floods(floods::floods(&settings.site.life, ledger)?);
    seed_begins(&mut engine, series, ledger)?;
    let mut effects = Effects::default();
    let waiting = waiting(series, &bounds, &unjudged)?;
    let mut count = waiting.len();
    engine.take_stored(waiting, &mut effects);
    for (_, batch) in &unjudged {
        count += batch.len();
        engine.readings(batch, &mut effects);
        // The record had not judged them; the store has them all the same.
        engine.sort_late(|_| false);
    }
    engine.restored(&mut effects);
    if let Some(at) = engine.event_time() {
        engine.reconcile(at, &mut effects);
    }
    tracing::info!(
        judged_anew = count,
        alarms = engine.alarms().count(),
        warnings = engine.warnings().count(),
        took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        "engine restored from the stores"
    );
    Ok(Restored { engine, effects, judged_seq })
}

/// What chattered before the end goes on to: the begins of the last minutes.
fn seed_begins(engine: &mut Engine, series: &Series, ledger: &Ledger) -> anyhow::Result<()> {
    let newest = series.last().into_iter().flatten().map(|reading| reading.measured_at).max();
    let Some(newest) = newest else { return Ok(()) };
    let mut edges = ledger.alarms_since(newest.plus_ms(-2 * CHATTER_MS), ROWS_MAX)?;
    edges.reverse();
    let begins = edges.iter().filter(|event| event.edge == Edge::Raise);
    engine.seed_begins(begins.map(|event| (&event.alarm, event.at)));
    Ok(())
}

/// What is stored of each channel.
fn stored(settings: &Settings, series: &Series, unjudged: &Unjudged) -> Vec<Stored> {
    let mut oldest: BTreeMap<ChannelIndex, Timestamp> = BTreeMap::new();
    for reading in unjudged.iter().flat_map(|(_, batch)| batch) {
        let first = oldest.entry(reading.channel).or_insert(reading.measured_at);
        *first = (*first).min(reading.measured_at);
    }
    let last = series.last();
    let newest = |index: ChannelIndex| last.get(index.get()).copied().flatten();
    let indexed = settings.site.indexed();
    let one = |index: ChannelIndex| Stored {
        newest: newest(index).map(|reading| reading.measured_at),
        unjudged: oldest.get(&index).copied(),
    };
    indexed.map(|(index, _)| one(index)).collect()
}

/// Stored readings from each channel's bound on that are in no unjudged batch.
fn waiting(
    series: &Series,
    bounds: &[Timestamp],
    unjudged: &Unjudged,
) -> anyhow::Result<Vec<Reading>> {
    let pending: BTreeSet<(ChannelIndex, Timestamp)> =
        unjudged.iter().flat_map(|(_, batch)| batch).map(|r| (r.channel, r.measured_at)).collect();
    let end = Timestamp::from_millis(i64::MAX);
    let mut waiting = Vec::new();
    for (index, bound) in (0u32..).map(ChannelIndex).zip(bounds) {
        // What is damaged is told by the store; a station starts all the same.
        waiting.extend(series.readable(index, *bound, end)?.readings);
    }
    waiting.retain(|reading| !pending.contains(&(reading.channel, reading.measured_at)));
    Ok(waiting)
}
