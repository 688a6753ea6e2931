//! Brings an engine to where it was before the process ended: same ids, same starts, running
//! delays where the stored readings give them.
//!
//! The series store has every acknowledged reading; the ledger has every transition and the mark up
//! to which the series was judged. The engine makes its channels anew from both; what was stored
//! and not yet judged, or still waited for its reorder window, is judged for real, and what the
//! ledger has already is not told again.

mod floods;

use std::collections::BTreeMap;
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
    let mark = ledger.mark();
    let unjudged = series.batches_after(mark).context("cannot read the series store")?;
    let judged_seq = unjudged.last().map_or(mark, |(seq, _)| *seq);
    let stored = stored(settings, series, (mark, &unjudged))?;
    let mut past = StoredPast { site: &settings.site, series, ledger };
    let bounds = engine.restore(&stored, &mut past)?;
    engine.seed_warnings(ledger.warnings_open()?);
    engine.seed_life(ledger.holds_open()?, ledger.equipment_open()?);
    engine.seed_floods(floods::floods(&settings.site.life, ledger)?);
    seed_begins(&mut engine, series, ledger)?;
    let mut effects = Effects::default();
    let waiting = waiting(series, &bounds, mark)?;
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

/// What is stored of each channel. What came behind what was judged is late and takes nothing back:
/// the channel goes on from where it was, and the span is judged again.
fn stored(
    settings: &Settings,
    series: &Series,
    (mark, unjudged): (u64, &Unjudged),
) -> anyhow::Result<Vec<Stored>> {
    let mut stamps: BTreeMap<ChannelIndex, Vec<Timestamp>> = BTreeMap::new();
    for reading in unjudged.iter().flat_map(|(_, batch)| batch) {
        stamps.entry(reading.channel).or_default().push(reading.measured_at);
    }
    let last = series.last();
    let mut all = Vec::with_capacity(settings.site.channels.len());
    for (index, channel) in settings.site.indexed() {
        let stamps = stamps.remove(&index).unwrap_or_default();
        let analyzer = settings.site.analyzers.get(channel.analyzer);
        let unjudged = match stamps.iter().min() {
            None => None,
            Some(oldest) => {
                let end = Timestamp::from_millis(i64::MAX);
                let judged = series.readable_as_of(index, (*oldest, end), mark)?.readings;
                let newest = judged.last().map(|reading| reading.measured_at);
                let window_ms = analyzer.map_or(0, |one| i64::from(one.reorder_window_ms));
                let from = newest.map(|at| at.plus_ms(-window_ms));
                stamps.into_iter().filter(|at| from.is_none_or(|from| *at >= from)).min()
            }
        };
        let newest = last.get(index.get()).copied().flatten().map(|reading| reading.measured_at);
        all.push(Stored { newest, unjudged });
    }
    Ok(all)
}

/// What was stored from each channel's bound on when `mark` was set, as it was then. What came
/// later is judged after it in its own turn, and may be the same readings once more: without them
/// here, what they raised would seem to begin at another time and be told a second time.
fn waiting(series: &Series, bounds: &[Timestamp], mark: u64) -> anyhow::Result<Vec<Reading>> {
    let end = Timestamp::from_millis(i64::MAX);
    let mut waiting = Vec::new();
    for (index, bound) in (0u32..).map(ChannelIndex).zip(bounds) {
        // What is damaged is told by the store; a station starts all the same.
        waiting.extend(series.readable_as_of(index, (*bound, end), mark)?.readings);
    }
    Ok(waiting)
}

#[cfg(test)]
mod tests;
