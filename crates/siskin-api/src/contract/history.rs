//! What is stored of channels: single readings, steps of time, what is missing.
//!
//! Here moments are milliseconds since 1970 (UTC), `_ms` at the end: programs read these answers.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::health::Problem;
use super::words::{OriginView, QualityView};

/// A stored reading.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RecordView {
    /// When it was measured; each stamp is there once for a channel.
    pub measured_at_ms: i64,
    /// When it was received.
    pub received_at_ms: i64,
    /// Its number; none where there is none, and then `quality` says why.
    pub value: Option<f64>,
    /// What is known about it.
    pub quality: QualityView,
    /// How it came into the history.
    pub origin: OriginView,
}

/// A span whose readings were deleted because their time was over. What there is in it came later;
/// steps of minutes or hours may still be asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TrimmedView {
    /// Begin of the span, included.
    pub from_ms: i64,
    /// End of the span, not included.
    pub to_ms: i64,
}

/// A page of the stored readings of a channel.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RecordsView {
    /// The channel.
    pub channel: String,
    /// Unit of the values.
    pub unit: String,
    /// In order of `measured_at_ms`.
    pub records: Vec<RecordView>,
    /// Ask again with this `after_ms` for what follows; none where nothing follows.
    pub next_after_ms: Option<i64>,
    /// The parts of the range asked for whose readings were deleted, in order; left out where there
    /// are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trimmed: Vec<TrimmedView>,
}

/// A line of the stream of stored readings.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RecordLineView {
    /// The channel.
    pub channel: String,
    /// Its reading.
    #[serde(flatten)]
    pub record: RecordView,
}

/// The last line of the stream of stored readings. A stream without it was cut.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RecordsEndView {
    /// Whether everything that was asked for went out.
    pub complete: bool,
    /// Readings that went out.
    pub readings: u64,
    /// The same by channel, with its unit, in the order asked for.
    pub channels: Vec<RecordsCountView>,
    /// Why it ends here; none where it is complete.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Problem>,
}

/// How many readings of a channel went out.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RecordsCountView {
    /// The channel.
    pub channel: String,
    /// Unit of its values.
    pub unit: String,
    /// Readings.
    pub readings: u64,
    /// The parts of what went out whose readings were deleted, in order; left out where there are
    /// none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trimmed: Vec<TrimmedView>,
}

/// What a channel said in one step of time.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BucketView {
    /// Begin of the step.
    pub at_ms: i64,
    /// Readings, whatever they say.
    pub count: u64,
    /// Of these, those of quality good.
    pub good: u64,
    /// The worst quality in it.
    pub worst: QualityView,
    /// Whether the true value was beyond the range at some time.
    pub over_range: bool,
    /// Readings that the following five are of: good, uncertain or over-range, with a number.
    pub judged: u64,
    /// The lowest; none where nothing was judged.
    pub min: Option<f64>,
    /// The highest: a peak never disappears by down-sampling.
    pub max: Option<f64>,
    /// The mean.
    pub mean: Option<f64>,
    /// That of the latest stamp.
    pub last: Option<f64>,
    /// The highest number that is not of the air: calibration, maintenance, warm-up, by hand.
    pub other_max: Option<f64>,
}

/// The steps of a channel.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ChannelBucketsView {
    /// The channel.
    pub channel: String,
    /// Unit of the values.
    pub unit: String,
    /// In order; steps without a reading are left out.
    pub buckets: Vec<BucketView>,
}

/// Several channels in steps of time.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BucketsView {
    /// Begin of the range, included.
    pub from_ms: i64,
    /// End of the range, not included.
    pub to_ms: i64,
    /// Length of a step; steps count from 1970.
    pub step_ms: i64,
    /// In the order asked for.
    pub channels: Vec<ChannelBucketsView>,
}

/// How much of an hour is there.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct HourCompletenessView {
    /// Begin of the hour (UTC).
    pub at_ms: i64,
    /// Readings there should be in the part of the hour that was asked for.
    pub expected: u64,
    /// Stamps at which the device was heard: faults and lost lines are none.
    pub received: u64,
    /// Readings of quality good.
    pub good: u64,
    /// `received` of `expected`, 0 to 100; more than expected is 100.
    pub percent: f64,
}

/// How complete the history of a channel is.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CompletenessView {
    /// The channel.
    pub channel: String,
    /// Begin of the range, included.
    pub from_ms: i64,
    /// End of the range, not included; the station's now where the question went beyond it.
    pub to_ms: i64,
    /// Time between two readings that was expected.
    pub period_ms: i64,
    /// Every hour in order, those without a reading too.
    pub hours: Vec<HourCompletenessView>,
}

/// A span in which the device was not heard.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct GapView {
    /// The last stamp heard before it, or the begin of the range.
    pub from_ms: i64,
    /// The first stamp heard after it, or the end of the range.
    pub to_ms: i64,
}

/// A page of the gaps in the history of a channel.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct GapsView {
    /// The channel.
    pub channel: String,
    /// Begin of the range, included.
    pub from_ms: i64,
    /// End of the range, not included; the station's now where the question went beyond it.
    pub to_ms: i64,
    /// Only longer ones are given.
    pub longer_than_ms: i64,
    /// In order.
    pub gaps: Vec<GapView>,
    /// Ask again with this `from_ms` for what follows; none where nothing follows.
    pub next_from_ms: Option<i64>,
}

/// Which channels are asked for.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ChannelsQuery {
    /// Ids with commas between them; all channels where not given.
    pub channels: Option<String>,
}

/// Which stored readings of a channel are asked for.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RecordsQuery {
    /// Begin, ms since 1970 (UTC), included.
    pub from_ms: i64,
    /// End, ms since 1970 (UTC), not included; at most 366 days after the begin.
    pub to_ms: i64,
    /// Only those measured after this moment: the `next_after_ms` of the page before.
    pub after_ms: Option<i64>,
    /// At most this many, 1 to 10,000; 1,000 where not given.
    pub limit: Option<u32>,
}

/// Which stored readings are streamed.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RecordsStreamQuery {
    /// Begin, ms since 1970 (UTC), included.
    pub from_ms: i64,
    /// End, ms since 1970 (UTC), not included; at most 366 days after the begin.
    pub to_ms: i64,
    /// Ids with commas between them; all channels where not given.
    pub channels: Option<String>,
}

/// Which steps of time are asked for.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BucketsQuery {
    /// Ids with commas between them, 100 at most.
    pub channels: String,
    /// Begin, ms since 1970 (UTC), included.
    pub from_ms: i64,
    /// End, ms since 1970 (UTC), not included; at most 366 days after the begin.
    pub to_ms: i64,
    /// Length of a step, 1,000 to 86,400,000; a day is a whole number of steps. Channels × steps
    /// are 50,000 at most.
    pub step_ms: i64,
}

/// Of which hours the completeness is asked for.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CompletenessQuery {
    /// Begin, ms since 1970 (UTC), included.
    pub from_ms: i64,
    /// End, ms since 1970 (UTC), not included; at most 366 days after the begin.
    pub to_ms: i64,
    /// Expected time between two readings, 1 to 3,600,000; that of the site where not given.
    pub period_ms: Option<i64>,
}

/// Which gaps are asked for.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct GapsQuery {
    /// Begin, ms since 1970 (UTC), included.
    pub from_ms: i64,
    /// End, ms since 1970 (UTC), not included; at most 366 days after the begin.
    pub to_ms: i64,
    /// Only longer ones, 0 to 86,400,000; where not given, three of the site's periods.
    pub longer_than_ms: Option<i64>,
    /// At most this many, 1 to 10,000; 1,000 where not given.
    pub limit: Option<u32>,
}
