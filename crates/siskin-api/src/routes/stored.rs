//! What is stored of channels: readings page by page, steps of time, completeness, gaps.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use siskin_model::Timestamp;

use crate::access::Asker;
use crate::access::sight::Sight;
use crate::app::App;
use crate::contract::{
    BucketsQuery, BucketsView, CompletenessQuery, CompletenessView, GapsQuery, GapsView,
    RecordsQuery, RecordsView,
};
use crate::intake::{IdOf, IntakeFault, QueryOf};
use crate::problem::Failure;
use crate::routes::range;

/// The most readings, or gaps, of one answer.
const ITEMS_MAX: u32 = 10_000;
/// Readings, or gaps, of an answer when the client does not say.
const ITEMS_DEFAULT: u32 = 1_000;
/// Channels of one answer in steps.
const CHANNELS_MAX: usize = 100;
/// Channels × steps of one answer: some 10 MB of text.
const BUCKETS_MAX: i64 = 50_000;
/// How long all channels of one answer in steps may take together.
const BUCKETS_WAIT_MAX: Duration = Duration::from_secs(20);
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// Stored readings of a channel as they are, page by page.
///
/// With when they were received and how they came: those that came late are among them. A page
/// ends with `next_after_ms`; give it back as `after_ms` for the next one.
#[utoipa::path(
    get,
    path = "/channels/{id}/records",
    params(("id" = String, Path, description = "Id of the channel"), RecordsQuery),
    responses(
        (status = 200, description = "A page of readings", body = RecordsView),
        (status = 400, description = "The query cannot be used"),
        (status = 404, description = "No such channel")
    )
)]
pub(super) async fn records(
    State(app): State<App>,
    IdOf(id): IdOf,
    QueryOf(query): QueryOf<RecordsQuery>,
) -> Result<Json<RecordsView>, Failure> {
    let (from, to) = range::of(query.from_ms, query.to_ms)?;
    let limit = range::limit(query.limit, ITEMS_DEFAULT, ITEMS_MAX)?;
    let channel = range::channel(&id)?;
    let next = |after_ms| Timestamp::from_millis(after_ms).plus_ms(1);
    let from = query.after_ms.map_or(from, |after_ms| from.max(next(after_ms)));
    app.query(move |backend| backend.records(&channel, from, to, limit)).await.map(Json)
}

/// Several channels in steps of time: minimum, maximum, mean, last, counts, worst quality.
///
/// A peak never disappears, and what is no measurement of the air (calibration, maintenance …) has
/// a number of its own, `other_max`.
#[utoipa::path(
    get,
    path = "/buckets",
    params(BucketsQuery),
    responses(
        (status = 200, description = "The steps", body = BucketsView),
        (status = 400, description = "The query cannot be used"),
        (status = 404, description = "No such channel")
    )
)]
pub(super) async fn buckets(
    State(app): State<App>,
    Asker(who): Asker,
    QueryOf(query): QueryOf<BucketsQuery>,
) -> Result<Json<BucketsView>, Failure> {
    let (from, to) = range::of(query.from_ms, query.to_ms)?;
    let ids = range::channels(&query.channels)?;
    let step_ms = query.step_ms;
    check_steps(&query, ids.len())?;
    let all = async {
        let sight = app.call(move |backend| Ok(Sight::of(backend, &who))).await?;
        let mut channels = Vec::with_capacity(ids.len());
        for id in ids {
            if sight.as_ref().is_some_and(|sight| !sight.channel(id.as_str())) {
                return Err(Failure::ChannelNotFound { id: id.to_string() });
            }
            // A call for each, so that nothing more is read once the client has gone.
            channels.push(app.query(move |b| b.buckets(&id, from, to, step_ms)).await?);
        }
        Ok::<_, Failure>(channels)
    };
    let Ok(channels) = tokio::time::timeout(BUCKETS_WAIT_MAX, all).await else {
        return Err(Failure::NoAnswer { seconds: BUCKETS_WAIT_MAX.as_secs() });
    };
    let (from_ms, to_ms) = (query.from_ms, query.to_ms);
    Ok(Json(BucketsView { from_ms, to_ms, step_ms, channels: channels? }))
}

/// How complete the history of a channel is, hour by hour.
#[utoipa::path(
    get,
    path = "/channels/{id}/completeness",
    params(("id" = String, Path, description = "Id of the channel"), CompletenessQuery),
    responses(
        (status = 200, description = "Every hour", body = CompletenessView),
        (status = 400, description = "The query cannot be used"),
        (status = 404, description = "No such channel")
    )
)]
pub(super) async fn completeness(
    State(app): State<App>,
    IdOf(id): IdOf,
    QueryOf(query): QueryOf<CompletenessQuery>,
) -> Result<Json<CompletenessView>, Failure> {
    let (from, to) = range::of(query.from_ms, query.to_ms)?;
    let period_ms = range::within("period_ms", query.period_ms, 1..=HOUR_MS)?;
    let channel = range::channel(&id)?;
    app.query(move |backend| backend.completeness(&channel, from, to, period_ms)).await.map(Json)
}

/// Spans in which the device of a channel was not heard: no reading, a fault, a lost line.
#[utoipa::path(
    get,
    path = "/channels/{id}/gaps",
    params(("id" = String, Path, description = "Id of the channel"), GapsQuery),
    responses(
        (status = 200, description = "A page of gaps", body = GapsView),
        (status = 400, description = "The query cannot be used"),
        (status = 404, description = "No such channel")
    )
)]
pub(super) async fn gaps(
    State(app): State<App>,
    IdOf(id): IdOf,
    QueryOf(query): QueryOf<GapsQuery>,
) -> Result<Json<GapsView>, Failure> {
    let (from, to) = range::of(query.from_ms, query.to_ms)?;
    let longer_than_ms = range::within("longer_than_ms", query.longer_than_ms, 0..=DAY_MS)?;
    let limit = range::limit(query.limit, ITEMS_DEFAULT, ITEMS_MAX)?;
    let channel = range::channel(&id)?;
    app.query(move |backend| backend.gaps(&channel, from, to, longer_than_ms, limit))
        .await
        .map(Json)
}

fn check_steps(query: &BucketsQuery, channels: usize) -> Result<(), IntakeFault> {
    let step_ms = query.step_ms;
    if !(1_000..=DAY_MS).contains(&step_ms) || DAY_MS % step_ms != 0 {
        return Err(IntakeFault::query(format!(
            "step_ms: a day is not a whole number of steps of {step_ms} within 1000 to {DAY_MS}"
        )));
    }
    if channels > CHANNELS_MAX {
        return Err(IntakeFault::query(format!(
            "channels: {channels} are more than {CHANNELS_MAX}"
        )));
    }
    let (first, last) = (query.from_ms.div_euclid(step_ms), (query.to_ms - 1).div_euclid(step_ms));
    let steps = last.saturating_sub(first).saturating_add(1);
    let all = i64::try_from(channels).unwrap_or(i64::MAX).saturating_mul(steps);
    if all > BUCKETS_MAX {
        return Err(IntakeFault::query(format!(
            "step_ms: {channels} channels of {steps} steps are more than {BUCKETS_MAX} together"
        )));
    }
    Ok(())
}
