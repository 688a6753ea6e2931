//! A follower of the series ends with what the series holds, whatever is appended, rolled, packed,
//! lost and repeated meanwhile.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::collections::BTreeMap;
use std::path::Path;

use proptest::prelude::*;
use siskin_model::{ChannelId, ChannelIndex, Origin, Quality, Reading, Timestamp, Unit};
use siskin_store::series::{FollowCursor, FollowLag, FollowPage};
use siskin_store::{ChannelKey, Series};
use support::{START_MS, at, channels, reading};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
const CHANNELS: u32 = 3;

/// What is kept of a reading: received-at, bits of the value, quality, origin.
type Kept = (Timestamp, Option<u64>, Quality, Origin);

/// A target that overwrites, as InfluxDB does.
#[derive(Default)]
struct Target {
    held: BTreeMap<(u32, Timestamp), Kept>,
    /// What would still be known after a crash of the follower.
    cursor: FollowCursor,
}

impl Target {
    fn take(&mut self, page: &FollowPage) {
        for one in &page.readings {
            let value = one.value.map(f64::to_bits);
            let kept = (one.received_at, value, one.quality, one.origin);
            self.held.insert((one.row, one.measured_at), kept);
        }
    }

    /// One page; `is_kept` says whether the follower lived to write its cursor down.
    fn step(&mut self, series: &Series, limit: usize, is_kept: bool) -> bool {
        let page = series.follow(self.cursor, limit).unwrap();
        self.take(&page);
        let is_end = page.next == self.cursor;
        if is_kept {
            self.cursor = page.next;
        }
        is_end
    }

    fn drain(&mut self, series: &Series) {
        while !self.step(series, 7, true) {}
    }
}

fn stored(series: &Series) -> BTreeMap<(u32, Timestamp), Kept> {
    let long = at(START_MS);
    let mut all = BTreeMap::new();
    for place in 0..CHANNELS {
        // Rows are given in the order of the places, from 1.
        let row = place + 1;
        for (reading, origin) in series.records(ChannelIndex(place), at(-START_MS), long).unwrap() {
            let value = reading.value.map(f64::to_bits);
            let kept = (reading.received_at, value, reading.quality, origin);
            all.insert((row, reading.measured_at), kept);
        }
    }
    all
}

#[derive(Debug, Clone)]
enum Act {
    /// Readings: channel, stamp, value in hundredths; and their origin.
    Append(Vec<(u32, i64, i32)>, Origin),
    /// A roll at a moment, keeping this many of the newest batches.
    Roll(i64, u64),
    /// Days that are over at a moment are packed.
    Pack(i64),
    /// A page of at most so many, whose cursor is kept or lost.
    Follow(usize, bool),
    Reopen,
}

fn act() -> impl Strategy<Value = Act> {
    // Few stamps, so that corrections are common; three hours and one that is far ahead.
    let hour = prop_oneof![9 => 0..3i64, 1 => Just(900)];
    let stamp = (hour, 0..20i64).prop_map(|(hour, tick)| hour * HOUR_MS + tick * 180_000);
    let reading = (0..CHANNELS, stamp, -500..5_000i32);
    let origin = prop::sample::select(Origin::ALL.to_vec());
    prop_oneof![
        6 => (prop::collection::vec(reading, 1..8), origin).prop_map(|(r, o)| Act::Append(r, o)),
        4 => (0..5 * HOUR_MS, 0..3u64).prop_map(|(now, keep)| Act::Roll(now, keep)),
        3 => (20..30i64).prop_map(|hour| Act::Pack(hour * HOUR_MS)),
        6 => (1..20usize, prop::bool::weighted(0.8)).prop_map(|(n, kept)| Act::Follow(n, kept)),
        1 => Just(Act::Reopen),
    ]
}

fn apply(series: &mut Option<Series>, dir: &Path, target: &mut Target, act: &Act) {
    let open = series.as_ref().unwrap();
    match act {
        Act::Append(readings, origin) => {
            let reading =
                |&(c, ms, v): &(u32, i64, i32)| reading(c, ms, Some(f64::from(v) / 100.0));
            let readings: Vec<Reading> = readings.iter().map(reading).collect();
            open.append_all(&[(*origin, &readings)]).unwrap();
        }
        Act::Roll(now_ms, keep) => {
            let mark = open.newest_seq().saturating_sub(*keep);
            open.roll(at(*now_ms), mark).unwrap();
        }
        Act::Pack(now_ms) => {
            open.compact(at(*now_ms), 2).unwrap();
        }
        Act::Follow(limit, is_kept) => {
            target.step(open, *limit, *is_kept);
        }
        Act::Reopen => {
            drop(series.take());
            *series = Some(Series::open(dir, &channels(3)).unwrap());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn a_follower_ends_with_what_is_stored(acts in prop::collection::vec(act(), 1..60)) {
        let dir = tempfile::tempdir().unwrap();
        let mut series = Some(Series::open(dir.path(), &channels(3)).unwrap());
        let mut target = Target::default();
        for act in &acts {
            apply(&mut series, dir.path(), &mut target, act);
        }
        let series = series.unwrap();
        target.drain(&series);
        prop_assert_eq!(&target.held, &stored(&series));
        prop_assert!(!series.follow(target.cursor, 1).unwrap().is_more);
        prop_assert_eq!(series.follow_lag(target.cursor).unwrap(), FollowLag::default());
    }
}

#[test]
fn a_channel_that_left_the_site_is_followed_with_its_meaning() {
    let dir = tempfile::tempdir().unwrap();
    let both = Series::open(dir.path(), &channels(2)).unwrap();
    both.append(&[reading(0, 0, Some(1.0)), reading(1, 0, Some(2.0))]).unwrap();
    drop(both);
    let one = Series::open(dir.path(), &channels(1)).unwrap();
    let page = one.follow(FollowCursor::default(), 10).unwrap();
    let values: Vec<_> = page.readings.iter().map(|r| (r.row, r.value)).collect();
    assert_eq!(values, [(1, Some(1.0)), (2, Some(2.0))]);
    let known = one.followed_channels().unwrap();
    let left = known.get(&2).unwrap();
    assert_eq!((left.id.as_str(), left.quantity.as_str()), ("at-1-cl2", "chlorine"));
    assert_eq!(left.unit, "ppm");
}

#[test]
fn from_now_on_only_what_comes_is_followed() {
    let dir = tempfile::tempdir().unwrap();
    let key =
        ChannelKey { id: ChannelId::new("a").unwrap(), quantity: "x".into(), unit: Unit::Ppm };
    let series = Series::open(dir.path(), &[key]).unwrap();
    series.append(&[reading(0, 0, Some(1.0))]).unwrap();
    series.roll(at(3 * HOUR_MS), 1).unwrap();
    series.append(&[reading(0, 3 * HOUR_MS, Some(2.0))]).unwrap();
    let now = series.follow_newest().unwrap();
    assert!(series.follow(now, 10).unwrap().readings.is_empty());
    series.append(&[reading(0, 3 * HOUR_MS + 1, Some(3.0))]).unwrap();
    let page = series.follow(now, 10).unwrap();
    assert_eq!(page.readings.iter().map(|r| r.value).collect::<Vec<_>>(), [Some(3.0)]);
    assert_eq!(page.next.seq, 3);
}

#[test]
fn a_lag_is_counted_over_a_roll_and_another_opening() {
    let dir = tempfile::tempdir().unwrap();
    let series = Series::open(dir.path(), &channels(2)).unwrap();
    let lag = |series: &Series, from| {
        let lag = series.follow_lag(from).unwrap();
        (lag.batches, lag.chunks, lag.oldest_received_at)
    };
    let received = |one: &Reading| Some(one.received_at);
    let (first, second) = (reading(0, 0, Some(1.0)), reading(1, 1_000, Some(2.0)));
    assert_eq!(lag(&series, FollowCursor::default()), (0, 0, None));
    series.append(&[first]).unwrap();
    let has_first = series.follow(FollowCursor::default(), 10).unwrap().next;
    series.append(&[second]).unwrap();
    assert_eq!(lag(&series, FollowCursor::default()), (2, 0, received(&first)));
    assert_eq!(lag(&series, has_first), (1, 0, received(&second)));
    drop(series);
    // Numbers of chunks are passed over here: they are no chunks that wait.
    let series = Series::open(dir.path(), &channels(2)).unwrap();
    series.roll(at(START_MS + 3 * HOUR_MS), 2).unwrap();
    assert_eq!(lag(&series, FollowCursor::default()), (2, 2, received(&first)));
    let end = series.follow(has_first, 10).unwrap();
    assert!(!end.is_more);
    assert_eq!(lag(&series, end.next), (0, 0, None));
    // Both hours become packed days: each is one chunk, and no news to who has what is in it.
    let packed = series.compact(at(START_MS + 2 * DAY_MS), 9).unwrap().packed;
    assert_eq!(packed, 2);
    assert_eq!(lag(&series, FollowCursor::default()), (2, 2, received(&first)));
    assert_eq!(lag(&series, has_first), (1, 2, received(&second)));
    assert_eq!(lag(&series, end.next), (0, 2, None));
    let end = series.follow(end.next, 10).unwrap();
    assert_eq!((end.readings.len(), lag(&series, end.next)), (0, (0, 0, None)));
}

#[test]
fn a_follower_is_not_given_a_drill_in_place_of_what_was_measured() {
    let dir = tempfile::tempdir().unwrap();
    let series = Series::open(dir.path(), &channels(1)).unwrap();
    let given = |from| {
        let page = series.follow(from, 10).unwrap();
        let given: Vec<_> = page.readings.iter().map(|r| (r.value, r.origin)).collect();
        (page.next, given)
    };
    let measured = reading(0, 0, Some(1.0));
    let drill = [reading(0, 0, Some(9.0)), reading(0, 1_000, Some(9.0))];
    let alone = (Some(9.0), Origin::Exercise);
    series.append(&[measured]).unwrap();
    let (next, _) = given(FollowCursor::default());
    series.append_all(&[(Origin::Exercise, &drill)]).unwrap();
    assert_eq!(given(next).1, [alone], "in batches");
    series.roll(at(START_MS + 3 * HOUR_MS), 1).unwrap();
    series.compact(at(START_MS + 2 * DAY_MS), 9).unwrap();
    series.append_all(&[(Origin::Exercise, &drill)]).unwrap();
    let (next, _) = given(next);
    series.append_all(&[(Origin::Exercise, &drill)]).unwrap();
    assert_eq!(given(next).1, [alone], "beside what is stored");
}
