//! Channels and readings for the tests of the series store.

use siskin_model::{ChannelId, ChannelIndex, Quality, Reading, Timestamp, Unit};
use siskin_store::ChannelKey;

/// 2026-01-01T00:00:00Z, the start of an hour.
pub(crate) const START_MS: i64 = 1_767_225_600_000;

pub(crate) fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(START_MS + ms)
}

pub(crate) fn channels(count: usize) -> Vec<ChannelKey> {
    let key = |i: usize| ChannelKey {
        id: ChannelId::new(&format!("at-{i}-cl2")).unwrap(),
        quantity: "chlorine".to_owned(),
        unit: Unit::Ppm,
    };
    (0..count).map(key).collect()
}

pub(crate) fn reading(channel: u32, ms: i64, value: Option<f64>) -> Reading {
    let quality = if value.is_some() { Quality::Good } else { Quality::CommLost };
    Reading::new(ChannelIndex(channel), at(ms), at(ms + 25), value, quality)
}
