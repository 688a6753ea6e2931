//! What is kept of a stretch that must get smaller: never the readings that matter.

use std::collections::{BTreeMap, BTreeSet};

use siskin_model::Quality;
use siskin_wire::link::Row;

const MINUTE_MS: i64 = 60_000;

/// Of each channel: the highest value of every minute, everything over range or at or above its
/// entry of `highs`, the first reading and every change of quality. Batches keep their places.
pub(super) fn thin(batches: &[Vec<Row>], highs: &BTreeMap<u32, f64>) -> Vec<Vec<Row>> {
    let mut highest: BTreeMap<(u32, i64), (f64, (usize, usize))> = BTreeMap::new();
    let mut quality: BTreeMap<u32, Quality> = BTreeMap::new();
    let mut kept: BTreeSet<(usize, usize)> = BTreeSet::new();
    for (b, batch) in batches.iter().enumerate() {
        for (r, row) in batch.iter().enumerate() {
            if quality.insert(row.channel, row.quality) != Some(row.quality) || exceeds(row, highs)
            {
                kept.insert((b, r));
            }
            let Some(value) = row.value else { continue };
            let minute = row.measured_at.as_millis().div_euclid(MINUTE_MS);
            let best = highest.entry((row.channel, minute)).or_insert((value, (b, r)));
            if value > best.0 {
                *best = (value, (b, r));
            }
        }
    }
    kept.extend(highest.into_values().map(|(_, place)| place));
    let of_batch = |(b, batch): (usize, &Vec<Row>)| {
        let rows = batch.iter().enumerate().filter(|(r, _)| kept.contains(&(b, *r)));
        rows.map(|(_, row)| *row).collect()
    };
    batches.iter().enumerate().map(of_batch).collect()
}

fn exceeds(row: &Row, highs: &BTreeMap<u32, f64>) -> bool {
    let over = |value: f64| highs.get(&row.channel).is_some_and(|high| value >= *high);
    row.quality == Quality::OverRange || row.value.is_some_and(over)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use siskin_model::Timestamp;

    use super::*;

    fn row(channel: u32, at_ms: i64, value: Option<f64>, quality: Quality) -> Row {
        let at = Timestamp::from_millis(at_ms);
        Row { channel, measured_at: at, received_at: at, value, quality }
    }

    #[test]
    fn of_ten_quiet_minutes_ten_readings_and_the_first_stay() {
        let value = |s: i64| Some(((s * 7) % 60) as f64 / 10.0);
        let rows: Vec<_> = (0..600).map(|s| row(1, s * 1000, value(s), Quality::Good)).collect();
        let batches: Vec<_> = rows.chunks(50).map(<[Row]>::to_vec).collect();
        let kept = thin(&batches, &BTreeMap::new());
        assert_eq!(kept.len(), batches.len());
        let kept: Vec<_> = kept.concat();
        let highest = kept.iter().filter(|r| r.value == Some(5.9)).count();
        assert_eq!((kept.len(), highest), (11, 10));
    }

    proptest! {
        #[test]
        fn what_matters_stays(
            rows in prop::collection::vec((0u32..3, 0i64..400, 0i32..50, 0usize..3), 1..120),
            size in 1usize..20,
        ) {
            let qualities = [Quality::Good, Quality::OverRange, Quality::Fault];
            let make = |(channel, s, value, q): (u32, i64, i32, usize)| {
                let quality = qualities[q];
                let value = (quality != Quality::Fault).then_some(f64::from(value));
                row(channel, s * 1000, value, quality)
            };
            let rows: Vec<_> = rows.into_iter().map(make).collect();
            let batches: Vec<_> = rows.chunks(size).map(<[Row]>::to_vec).collect();
            let highs = BTreeMap::from([(1, 45.0)]);
            let kept = thin(&batches, &highs).concat();
            prop_assert!(kept.iter().all(|r| rows.contains(r)));
            for r in &rows {
                if exceeds(r, &highs) {
                    prop_assert!(kept.contains(r), "{:?}", r);
                }
                let minute = |r: &Row| (r.channel, r.measured_at.as_millis().div_euclid(60_000));
                let best = |all: &[Row]| {
                    let of = all.iter().filter(|o| minute(o) == minute(r));
                    of.filter_map(|other| other.value).reduce(f64::max)
                };
                prop_assert_eq!(best(&kept), best(&rows));
            }
            let steps = |all: &[Row], channel: u32| {
                let mut of: Vec<_> =
                    all.iter().filter(|r| r.channel == channel).map(|r| r.quality).collect();
                of.dedup();
                of
            };
            for channel in 0..3 {
                prop_assert_eq!(steps(&kept, channel), steps(&rows, channel));
            }
        }
    }
}
