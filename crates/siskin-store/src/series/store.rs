//! What a series store is, whichever engine keeps it.
//!
//! [`SeriesRead`] is what can be asked of stored readings, by the owner of the file ([`Series`])
//! and beside it ([`SeriesReader`]); [`SeriesStore`] is what its owner can do. Both are
//! object-safe: whoever needs no more takes `&dyn SeriesRead` or `&dyn SeriesStore`.

use std::fmt;

use siskin_model::{ChannelIndex, Origin, Reading, Timestamp};

use super::{Bucket, BucketStep, RollReport, Series, SeriesReader, bucket};
use crate::StoreError;

/// Readings of a channel as far as they can be read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Readable {
    /// In order of measured-at, each stamp once.
    pub readings: Vec<Reading>,
    /// What is missing among them.
    pub damaged: Vec<DamagedHour>,
}

/// An hour of a channel of which some readings are stored and cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DamagedHour {
    /// Where it begins, UTC.
    pub begin: Timestamp,
    /// What is wrong with it.
    pub why: String,
}

/// Questions to stored readings.
pub trait SeriesRead: fmt::Debug + Send + Sync {
    /// Readings of a channel with measured-at in [from, to), in its order, each stamp once, and
    /// how each came into the history. An hour that cannot be read is an error that names it: a
    /// curve with a hole would pass for silence.
    fn records(
        &self,
        channel: ChannelIndex,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<(Reading, Origin)>, StoreError>;

    /// The same readings without hours that cannot be read, which are named: for those who must
    /// go on with what there is.
    fn readable(
        &self,
        channel: ChannelIndex,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Readable, StoreError>;

    /// The readings of [`SeriesRead::records`].
    fn range(
        &self,
        channel: ChannelIndex,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Reading>, StoreError> {
        let records = self.records(channel, from, to)?;
        Ok(records.into_iter().map(|(reading, _)| reading).collect())
    }

    /// What happened in each step of [from, to), see [`Bucket`].
    fn buckets(
        &self,
        channel: ChannelIndex,
        from: Timestamp,
        to: Timestamp,
        step: BucketStep,
    ) -> Result<Vec<Bucket>, StoreError>;

    /// Batches that could not be read; what they held is missing in every range.
    fn batches_damaged(&self) -> u64;
}

/// The owner of a store.
pub trait SeriesStore: SeriesRead {
    /// See [`Series::append_all`].
    fn append_all(&self, parts: &[(Origin, &[Reading])]) -> Result<u64, StoreError>;

    /// The newest reading by measured-at of every channel.
    fn last(&self) -> Vec<Option<Reading>>;

    /// The number of the newest batch; 0 before the first.
    fn newest_seq(&self) -> u64;

    /// See [`Series::batches_after`].
    fn batches_after(&self, seq: u64) -> Result<Vec<(u64, Vec<Reading>)>, StoreError>;

    /// See [`Series::roll`].
    fn roll(&self, now: Timestamp, keep_after_seq: u64) -> Result<RollReport, StoreError>;
}

impl SeriesRead for Series {
    fn records(
        &self,
        channel: ChannelIndex,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<(Reading, Origin)>, StoreError> {
        self.records(channel, from, to)
    }

    fn readable(
        &self,
        channel: ChannelIndex,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Readable, StoreError> {
        self.readable(channel, from, to)
    }

    fn buckets(
        &self,
        channel: ChannelIndex,
        from: Timestamp,
        to: Timestamp,
        step: BucketStep,
    ) -> Result<Vec<Bucket>, StoreError> {
        self.buckets(channel, from, to, step)
    }

    fn batches_damaged(&self) -> u64 {
        self.batches_damaged()
    }
}

impl SeriesStore for Series {
    fn append_all(&self, parts: &[(Origin, &[Reading])]) -> Result<u64, StoreError> {
        self.append_all(parts)
    }

    fn last(&self) -> Vec<Option<Reading>> {
        self.last()
    }

    fn newest_seq(&self) -> u64 {
        self.newest_seq()
    }

    fn batches_after(&self, seq: u64) -> Result<Vec<(u64, Vec<Reading>)>, StoreError> {
        self.batches_after(seq)
    }

    fn roll(&self, now: Timestamp, keep_after_seq: u64) -> Result<RollReport, StoreError> {
        self.roll(now, keep_after_seq)
    }
}

impl SeriesRead for SeriesReader {
    fn records(
        &self,
        channel: ChannelIndex,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<(Reading, Origin)>, StoreError> {
        let points = self.points(channel, from, to)?;
        Ok(points.iter().map(|point| (point.reading(channel), point.origin)).collect())
    }

    fn readable(
        &self,
        channel: ChannelIndex,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Readable, StoreError> {
        Ok(self.found(channel, from, to)?.1.readable(channel))
    }

    fn buckets(
        &self,
        channel: ChannelIndex,
        from: Timestamp,
        to: Timestamp,
        step: BucketStep,
    ) -> Result<Vec<Bucket>, StoreError> {
        Ok(bucket::of_points(&self.points(channel, from, to)?, step))
    }

    fn batches_damaged(&self) -> u64 {
        self.batches_damaged() as u64
    }
}
