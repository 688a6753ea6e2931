//! When each data logger measured what is stored last, so that it is asked for what came since.
//!
//! A loss of the line is stored, too, at the moment at which it was seen, and is no measurement:
//! taken for one it would hide the time between. Reads only.

use std::collections::BTreeMap;

use anyhow::Context;
use siskin_collect::Past;
use siskin_model::site::{Connection, Site};
use siskin_model::{ChannelIndex, Quality, Timestamp};
use siskin_store::Series;

/// How far behind a loss of the line a measurement is looked for, step by step; before the last
/// nothing is asked for (the default of a profile's `backlog_max_s`).
const LOOK_BACK_MS: [i64; 3] = [3_600_000, 86_400_000, 30 * 86_400_000];

/// What is stored of the loggers that this station reads itself.
pub(super) fn past(site: &Site, series: &Series) -> anyhow::Result<Past> {
    let mut past = BTreeMap::new();
    let newest = series.last();
    for (channel, of_site) in site.indexed() {
        let Some(reading) = newest.get(channel.get()).copied().flatten() else {
            continue;
        };
        if !is_own_logger(site, of_site.analyzer) {
            continue;
        }
        let at = match reading.quality {
            Quality::CommLost => measured_before(series, channel, reading.measured_at)?,
            _ => Some(reading.measured_at),
        };
        if let Some(at) = at {
            let newest = past.entry(of_site.analyzer).or_insert(at);
            *newest = at.max(*newest);
        }
    }
    Ok(Past(past))
}

fn is_own_logger(site: &Site, analyzer: usize) -> bool {
    let found = site.analyzers.get(analyzer).filter(|analyzer| analyzer.edge.is_none());
    found.is_some_and(|analyzer| matches!(analyzer.connection, Connection::Hj212(_)))
}

fn measured_before(
    series: &Series,
    channel: ChannelIndex,
    end: Timestamp,
) -> anyhow::Result<Option<Timestamp>> {
    for look_back_ms in LOOK_BACK_MS {
        let readings = series.range(channel, end.plus_ms(-look_back_ms), end);
        let readings = readings.context("cannot read when a logger measured last")?;
        let last = readings.iter().rfind(|reading| reading.quality != Quality::CommLost);
        if let Some(reading) = last {
            return Ok(Some(reading.measured_at));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests;
