//! Down-sampled ranges: out of roll-ups where those hold whole days, else out of readings.
//!
//! Must never answer a question differently because a roll-up exists.

use siskin_model::{ChannelIndex, Timestamp};

use super::bucket::{self, Bucket, BucketStep};
use super::days::{Day, Grain, Slice, Walk};
use super::{BUCKETS_MAX, Series};
use crate::StoreError;

impl Series {
    /// What happened in each step of [from, to), see [`Bucket`]: steps without a reading are left
    /// out, a step that `from` or `to` cuts counts only what is inside. More than [`BUCKETS_MAX`]
    /// are an error.
    ///
    /// Of a day whose readings were trimmed, steps of whole minutes can be asked for (of whole
    /// hours where the minutes were trimmed too), and a minute or hour that `from` or `to` cuts
    /// counts whole. A finer step is an error, not an empty answer.
    pub fn buckets(
        &self,
        channel: ChannelIndex,
        from: Timestamp,
        to: Timestamp,
        step: BucketStep,
    ) -> Result<Vec<Bucket>, StoreError> {
        let mut walk = Walk::new(self, self.channels.row(channel)?, from, to);
        let mut all = Vec::new();
        while let Some(slice) = walk.next()? {
            let day = walk.read(&slice, grain(&slice, step))?;
            all.extend(of_day(&slice, day, step)?);
            if all.len() > BUCKETS_MAX {
                return Err(StoreError::TooManyBuckets { max: BUCKETS_MAX });
            }
        }
        Ok(all)
    }
}

fn grain(slice: &Slice, step: BucketStep) -> Grain {
    let fits = |grain| step.is_whole(grain) && slice.is_whole(grain);
    if fits(BucketStep::HOUR) {
        Grain::Hours
    } else if fits(BucketStep::MINUTE) {
        Grain::Minutes
    } else {
        Grain::Points
    }
}

fn of_day(slice: &Slice, day: Day, step: BucketStep) -> Result<Vec<Bucket>, StoreError> {
    let too_fine = |left| StoreError::TooFine { from: slice.from, left };
    match day {
        Day::Points(points) if step.is_whole(BucketStep::MINUTE) => {
            Ok(bucket::of_minutes(bucket::of_points(&points, BucketStep::MINUTE), step))
        }
        Day::Points(points) => Ok(bucket::of_points(&points, step)),
        Day::Minutes(minutes) if step.is_whole(BucketStep::MINUTE) => {
            Ok(bucket::of_minutes(minutes, step))
        }
        Day::Minutes(_) => Err(too_fine("minutes")),
        Day::Hours(hours) if step.is_whole(BucketStep::HOUR) => Ok(bucket::of_hours(hours, step)),
        Day::Hours(_) => Err(too_fine("hours")),
    }
}
