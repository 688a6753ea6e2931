//! Siskin's series store, rolled as the station does it; the roll is waited for, and in the time of
//! the append that asked for it.

use std::collections::BTreeMap;
use std::path::Path;

use siskin_model::{ChannelIndex, Reading, Timestamp};
use siskin_store::{BucketStep, Series};

use super::{Minutes, Peer, Row, hundredths};
use crate::feed::{ROLL_S, open};

pub(crate) struct Own {
    series: Series,
    appended: usize,
}

impl Own {
    pub(crate) fn open(folder: &Path, channels: u32) -> Self {
        Self { series: open(folder, channels), appended: 0 }
    }
}

impl Peer for Own {
    fn name(&self) -> &'static str {
        "siskin"
    }

    fn append(&mut self, readings: &[Reading]) {
        let seq = self.series.append(readings).unwrap();
        self.appended += 1;
        if self.appended.is_multiple_of(ROLL_S)
            && let Some(reading) = readings.first()
        {
            self.series.roll(reading.measured_at, seq).unwrap();
        }
    }

    fn settle(&mut self, end_ms: i64) {
        let now = Timestamp::from_millis(end_ms + 120_000);
        self.series.roll(now, self.series.newest_seq()).unwrap();
        // As on the next day.
        self.series.compact(now.plus_ms(BucketStep::DAY.as_millis()), usize::MAX).unwrap();
    }

    fn range(&mut self, channel: u32, from_ms: i64, to_ms: i64) -> Vec<Row> {
        let (from, to) = (Timestamp::from_millis(from_ms), Timestamp::from_millis(to_ms));
        let row = |reading: &Reading| {
            let delay_ms = reading.received_at.since_ms(reading.measured_at);
            let value = hundredths(reading.value.unwrap());
            (reading.measured_at.as_millis(), delay_ms, value, reading.quality.code())
        };
        self.series.range(ChannelIndex(channel), from, to).unwrap().iter().map(row).collect()
    }

    fn minutes(&mut self, channels: &[u32], from_ms: i64, to_ms: i64) -> Minutes {
        let (from, to) = (Timestamp::from_millis(from_ms), Timestamp::from_millis(to_ms));
        let of = |&channel: &u32| {
            let index = ChannelIndex(channel);
            let buckets = self.series.buckets(index, from, to, BucketStep::MINUTE).unwrap();
            buckets.into_iter().filter_map(move |bucket| {
                Some(((channel, bucket.from.as_millis()), hundredths(bucket.air?.max)))
            })
        };
        channels.iter().flat_map(of).collect()
    }

    fn last(&mut self, _end_ms: i64) -> BTreeMap<u32, i64> {
        let value =
            |(channel, last): (u32, Option<Reading>)| Some((channel, hundredths(last?.value?)));
        (0..).zip(self.series.last()).filter_map(value).collect()
    }

    fn file_name(&self) -> Option<&'static str> {
        Some("series.db")
    }

    fn end(self: Box<Self>) {}
}
