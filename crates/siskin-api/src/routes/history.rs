//! The history of a channel.

use axum::Json;
use axum::extract::State;

use crate::app::App;
use crate::contract::{SeriesQuery, SeriesView};
use crate::intake::{IdOf, QueryOf};
use crate::problem::Failure;
use crate::routes::range;

/// The most points of one answer.
const POINTS_MAX: u32 = 5_000;
/// Points of an answer when the client does not say.
const POINTS_DEFAULT: u32 = 1_000;

/// Readings of a channel over a range, thinned so that no peak disappears.
#[utoipa::path(
    get,
    path = "/channels/{id}/readings",
    params(("id" = String, Path, description = "Id of the channel"), SeriesQuery),
    responses(
        (status = 200, description = "The readings", body = SeriesView),
        (status = 400, description = "The query cannot be used"),
        (status = 404, description = "No such channel")
    )
)]
pub(super) async fn readings(
    State(app): State<App>,
    IdOf(id): IdOf,
    QueryOf(query): QueryOf<SeriesQuery>,
) -> Result<Json<SeriesView>, Failure> {
    let (from, to) = range::of(query.from_ms, query.to_ms)?;
    let points_max = range::within("points_max", query.points_max, 1..=POINTS_MAX)?;
    let points_max = points_max.unwrap_or(POINTS_DEFAULT);
    let channel = range::channel(&id)?;
    app.query(move |backend| backend.series(&channel, from, to, points_max)).await.map(Json)
}
