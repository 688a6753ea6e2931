//! One channel and day of the history, in the coarsest form that answers a question exactly.
//!
//! Must never take a roll-up for true while something of its day is not in it, and never more than
//! one day of one channel into memory at once.

use siskin_model::Timestamp;

use super::bucket::{self, Bucket, BucketStep};
use super::point::{self, Point};
use super::rollup_tables::{self, Known, StoredRollup};
use super::span::Bodies;
use super::{Series, summary};
use crate::StoreError;

const DAY_MS: i64 = BucketStep::DAY.as_millis();
/// Days before this one (about 770 years before our era) are never summed up: only a clock that is
/// broken stamps them, and times that far away do not bear arithmetic.
pub(super) const FIRST_DAY: i64 = -1_000_000;

/// The coarsest form that a question can do with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Grain {
    Points,
    Minutes,
    Hours,
}

/// What there is of a day.
#[derive(Debug)]
pub(super) enum Day {
    Points(Vec<Point>),
    Minutes(Vec<Bucket>),
    Hours(Vec<Bucket>),
}

impl Day {
    fn of(step: BucketStep, buckets: Vec<Bucket>) -> Self {
        if step == BucketStep::HOUR { Self::Hours(buckets) } else { Self::Minutes(buckets) }
    }
}

/// A span inside one day.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slice {
    pub(super) day: i64,
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
}

impl Slice {
    /// The part of [from, to) in `day`; the ends of time belong to the first and the last day.
    fn of(day: i64, from: Timestamp, to: Timestamp) -> Self {
        let begin = Timestamp::from_millis(day.saturating_mul(DAY_MS));
        Self { day, from: from.max(begin), to: to.min(begin.plus_ms(DAY_MS)) }
    }

    /// Whether it begins and ends with steps of this length.
    pub(super) fn is_whole(&self, step: BucketStep) -> bool {
        step.begin_of(self.from) == self.from && step.begin_of(self.to) == self.to
    }

    fn has(&self, at: Timestamp) -> bool {
        (self.from..self.to).contains(&at)
    }
}

/// A question about a span, answered day by day. What is not rolled is looked at once, before the
/// disk: what a roll moves in between is seen twice rather than not at all.
pub(super) struct Walk<'a> {
    series: &'a Series,
    row: u32,
    from: Timestamp,
    to: Timestamp,
    open: Vec<Point>,
    next_day: Option<i64>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(series: &'a Series, row: u32, from: Timestamp, to: Timestamp) -> Self {
        let mut open = series.columns_read().range(row, from, to);
        open.sort_by_key(|point| point.measured_at);
        let next_day = (from < to).then(|| day_of(from));
        Self { series, row, from, to, open, next_day }
    }

    /// The next day that has something.
    pub(super) fn next(&mut self) -> Result<Option<Slice>, StoreError> {
        let Some(from) = self.next_day else { return Ok(None) };
        let end = day_of(self.to.plus_ms(-1)) + 1;
        let mut open = self.open.iter().map(|point| day_of(point.measured_at));
        let open = open.find(|&day| day >= from);
        let found = {
            let db = self.series.file.reader();
            let read = || {
                let view = db.unchecked_transaction()?;
                let next = |step| rollup_tables::next_rollup_day(&view, self.row, step, from, end);
                let rollups = [next(BucketStep::MINUTE)?, next(BucketStep::HOUR)?];
                let chunk = rollup_tables::next_chunk_day(&view, self.row, from, end)?;
                Ok(rollups.into_iter().chain([chunk, open]).flatten().min())
            };
            read()
        };
        let found = found.map_err(self.series.file.failed("find the days of a channel"))?;
        self.next_day = found.map(|day| day + 1).filter(|&day| day < end);
        Ok(found.map(|day| Slice::of(day, self.from, self.to)))
    }

    /// What the day has inside the slice, in a form no coarser than `grain`, unless nothing finer
    /// is left of it.
    pub(super) fn read(&self, slice: &Slice, grain: Grain) -> Result<Day, StoreError> {
        let open: Vec<_> =
            self.open.iter().filter(|point| slice.has(point.measured_at)).copied().collect();
        let (known, chunks) = self.stored(slice, grain, open.is_empty())?;
        if known.raw_gone() {
            return self.without_raw(slice, grain, known, chunks, open);
        }
        if let Some(chunks) = chunks {
            return Ok(Day::Points(self.points(slice, chunks, open)?));
        }
        let (step, rollup) = match (grain, known.hour, known.minute) {
            (Grain::Hours, Some(hour), _) => (BucketStep::HOUR, hour),
            (_, _, Some(minute)) => (BucketStep::MINUTE, minute),
            _ => return self.raw(slice, open),
        };
        match self.series.summed(self.row, slice.day, step, &rollup) {
            Ok(buckets) => Ok(Day::of(step, inside(slice, step, buckets))),
            // The readings say the same; `trim` makes the roll-up due again before they may go.
            Err(error @ StoreError::Damaged { .. }) => {
                tracing::error!(%error, "a roll-up is damaged, its readings are asked instead");
                self.raw(slice, open)
            }
            Err(error) => Err(error),
        }
    }

    fn raw(&self, slice: &Slice, open: Vec<Point>) -> Result<Day, StoreError> {
        let db = self.series.file.reader();
        let read = || {
            let view = db.unchecked_transaction()?;
            rollup_tables::chunks(&view, self.row, slice.day)
        };
        let chunks = read().map_err(self.series.file.failed("read chunks"))?;
        drop(db);
        Ok(Day::Points(self.points(slice, chunks, open)?))
    }

    /// In one view of the file: roll-ups, and the chunks where those are needed beside them.
    fn stored(
        &self,
        slice: &Slice,
        grain: Grain,
        nothing_open: bool,
    ) -> Result<(Known, Option<Bodies>), StoreError> {
        let db = self.series.file.reader();
        let read = || {
            let view = db.unchecked_transaction()?;
            let known = rollup_tables::known(&view, self.row, slice.day)?;
            let settled = nothing_open && !known.is_due && grain != Grain::Points;
            let chunks = (known.raw_gone() || !settled)
                .then(|| rollup_tables::chunks(&view, self.row, slice.day))
                .transpose()?;
            Ok((known, chunks))
        };
        read().map_err(self.series.file.failed("read a day"))
    }

    fn points(
        &self,
        slice: &Slice,
        chunks: Bodies,
        open: Vec<Point>,
    ) -> Result<Vec<Point>, StoreError> {
        let mut points = self.series.decoded(self.row, chunks)?;
        points.extend(open);
        points.retain(|point| slice.has(point.measured_at));
        Ok(point::merged(points))
    }

    /// The roll-up with what came after it. Steps that the slice cuts are given whole: nobody can
    /// cut them any more.
    fn without_raw(
        &self,
        slice: &Slice,
        grain: Grain,
        known: Known,
        chunks: Option<Bodies>,
        open: Vec<Point>,
    ) -> Result<Day, StoreError> {
        let late = self.points(slice, chunks.unwrap_or_default(), open)?;
        let late = bucket::of_points(&late, BucketStep::MINUTE);
        let (step, base) = match (grain, known.hour, known.minute) {
            (Grain::Hours, Some(hour), _) | (_, Some(hour), None) => (BucketStep::HOUR, hour),
            (_, _, Some(minute)) => (BucketStep::MINUTE, minute),
            (_, None, None) => return Ok(Day::Minutes(late)),
        };
        let base = self.series.summed(self.row, slice.day, step, &base)?;
        let all = bucket::overlaid(base, &bucket::of_minutes(late, step));
        Ok(Day::of(step, inside(slice, step, all)))
    }
}

/// Keeps the buckets that have something of the slice.
fn inside(slice: &Slice, step: BucketStep, mut buckets: Vec<Bucket>) -> Vec<Bucket> {
    let ends_after = |bucket: &Bucket| bucket.from.plus_ms(step.as_millis()) > slice.from;
    buckets.retain(|bucket| bucket.from < slice.to && ends_after(bucket));
    buckets
}

impl Series {
    /// The points of chunks, in their order.
    pub(super) fn decoded(&self, row: u32, chunks: Bodies) -> Result<Vec<Point>, StoreError> {
        let mut points = Vec::new();
        for (span, body) in chunks {
            let part = span.open(&body).map_err(|why| {
                self.file.damaged(format!("the chunk of channel row {row}, {span}"), &why)
            })?;
            points.extend(part);
        }
        Ok(points)
    }

    /// The buckets of a roll-up.
    pub(super) fn summed(
        &self,
        row: u32,
        day: i64,
        step: BucketStep,
        stored: &StoredRollup,
    ) -> Result<Vec<Bucket>, StoreError> {
        let decoded = summary::decode(&stored.body, day.saturating_mul(DAY_MS), step);
        decoded.map_err(|why| {
            let step_s = step.as_millis() / 1000;
            let what = format!("the roll-up of channel row {row}, day {day}, step {step_s} s");
            self.file.damaged(what, &why)
        })
    }
}

/// Whole days since 1970.
pub(super) fn day_of(at: Timestamp) -> i64 {
    at.as_millis().div_euclid(DAY_MS)
}
