//! Latest readings and the history of a channel.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::history::TrimmedView;
use super::words::{QualityView, TierView};

/// The latest reading of a channel.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ChannelValue {
    /// The channel.
    pub channel: String,
    /// When the latest reading was measured; none while there has been none.
    pub measured_at: Option<String>,
    /// When it was received.
    pub received_at: Option<String>,
    /// Its number; none where there is none, and then `quality` says why.
    pub value: Option<f64>,
    /// What is known about it; none while there has been no reading.
    pub quality: Option<QualityView>,
    /// The highest tier of the gas alarms that are active on the channel.
    pub tier: Option<TierView>,
    /// Whether its no-data alarm is active.
    pub no_data: bool,
}

/// One point of a trend: a single reading, or several that share a time slice.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PointView {
    /// Moment of the reading, or begin of the slice, in milliseconds since 1970 (UTC).
    pub at_ms: i64,
    /// Lowest value; none where no reading of the slice has a number.
    pub min: Option<f64>,
    /// Highest value: a peak never disappears by thinning.
    pub max: Option<f64>,
    /// Mean value.
    pub mean: Option<f64>,
    /// How many readings.
    pub count: u32,
    /// The worst quality among them.
    pub quality: QualityView,
}

/// The readings of a channel over a range.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SeriesView {
    /// The channel.
    pub channel: String,
    /// Unit of the values.
    pub unit: String,
    /// Begin of the range, ms since 1970, included.
    pub from_ms: i64,
    /// End of the range, ms since 1970, not included.
    pub to_ms: i64,
    /// Width of a slice in ms; none where the points are single readings.
    pub slice_ms: Option<i64>,
    /// The points in order of time; what exercises made is in none.
    pub points: Vec<PointView>,
    /// The parts of the range whose readings were deleted, in order; left out where there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trimmed: Vec<TrimmedView>,
}

/// Which part of a channel's history is asked for.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SeriesQuery {
    /// Begin, ms since 1970 (UTC), included.
    pub from_ms: i64,
    /// End, ms since 1970 (UTC), not included.
    pub to_ms: i64,
    /// At most this many points (1 to 5,000; 1,000 where not given); more are put into slices.
    pub points_max: Option<u32>,
}
