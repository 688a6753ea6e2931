//! The history of a channel.

use axum::Json;
use axum::extract::State;
use siskin_model::{ChannelId, Timestamp};

use crate::app::App;
use crate::contract::{Problem, SeriesQuery, SeriesView};
use crate::intake::{IdOf, IntakeFault, QueryOf};
use crate::problem::Failure;

/// The most points of one answer.
const POINTS_MAX: u32 = 5_000;
/// Points of an answer when the client does not say.
const POINTS_DEFAULT: u32 = 1_000;
/// The longest range of one answer: a leap year, so that one request cannot read without an end.
const SPAN_MAX_MS: i64 = 366 * 24 * 3_600_000;

/// Readings of a channel over a range, thinned so that no peak disappears.
#[utoipa::path(
    get,
    path = "/channels/{id}/readings",
    params(("id" = String, Path, description = "Id of the channel"), SeriesQuery),
    responses(
        (status = 200, description = "The readings", body = SeriesView),
        (status = 400, description = "The query cannot be used", body = Problem,
            content_type = "application/problem+json"),
        (status = 404, description = "No such channel", body = Problem,
            content_type = "application/problem+json"),
        (status = "default", description = "A problem", body = Problem,
            content_type = "application/problem+json")
    )
)]
pub(super) async fn readings(
    State(app): State<App>,
    IdOf(id): IdOf,
    QueryOf(query): QueryOf<SeriesQuery>,
) -> Result<Json<SeriesView>, Failure> {
    let points_max = check(&query)?;
    // What is not an id cannot be the id of a channel.
    let Ok(channel) = ChannelId::new(&id) else {
        return Err(Failure::ChannelNotFound { id });
    };
    let from = Timestamp::from_millis(query.from_ms);
    let to = Timestamp::from_millis(query.to_ms);
    app.call(move |backend| backend.series(&channel, from, to, points_max)).await.map(Json)
}

fn check(query: &SeriesQuery) -> Result<u32, IntakeFault> {
    let span_ms = query.to_ms.saturating_sub(query.from_ms);
    if span_ms <= 0 {
        return Err(IntakeFault::query("to_ms: must be later than from_ms"));
    }
    if span_ms > SPAN_MAX_MS {
        let days = SPAN_MAX_MS / (24 * 3_600_000);
        return Err(IntakeFault::query(format!(
            "to_ms: more than {days} days after from_ms; ask in parts"
        )));
    }
    match query.points_max {
        None => Ok(POINTS_DEFAULT),
        Some(points) if (1..=POINTS_MAX).contains(&points) => Ok(points),
        Some(points) => {
            Err(IntakeFault::query(format!("points_max: {points} is not within 1 to {POINTS_MAX}")))
        }
    }
}
