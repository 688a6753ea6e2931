//! What the API needs from the stored readings. Part of [`crate::Backend`], apart from it because
//! programs ask it, not the page.
//!
//! Methods read from a disk, for seconds at worst: the routes call them off the async threads, few
//! at a time.

use std::num::NonZeroUsize;

use siskin_model::{ChannelId, Timestamp};

use crate::backend::BackendError;
use crate::contract::{ChannelBucketsView, CompletenessView, GapsView, RecordsView};

/// The stored readings of a station.
pub trait History: Send + Sync + 'static {
    /// Ids and units of all channels, in order of the site.
    fn channel_units(&self) -> Vec<(ChannelId, String)>;
    /// The first stored readings of a channel in [from, to), at most `limit`.
    fn records(
        &self,
        channel: &ChannelId,
        from: Timestamp,
        to: Timestamp,
        limit: NonZeroUsize,
    ) -> Result<RecordsView, BackendError>;
    /// What a channel said in each step of [from, to). A day is a whole number of steps.
    fn buckets(
        &self,
        channel: &ChannelId,
        from: Timestamp,
        to: Timestamp,
        step_ms: i64,
    ) -> Result<ChannelBucketsView, BackendError>;
    /// How complete each hour of [from, to) is; what lies ahead of now is left out.
    fn completeness(
        &self,
        channel: &ChannelId,
        from: Timestamp,
        to: Timestamp,
        period_ms: Option<i64>,
    ) -> Result<CompletenessView, BackendError>;
    /// The first spans in [from, to) in which the device was not heard, at most `limit`; what lies
    /// ahead of now is left out.
    fn gaps(
        &self,
        channel: &ChannelId,
        from: Timestamp,
        to: Timestamp,
        longer_than_ms: Option<i64>,
        limit: NonZeroUsize,
    ) -> Result<GapsView, BackendError>;
}
