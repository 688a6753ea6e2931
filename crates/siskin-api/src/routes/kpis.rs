//! Figures of alarm management, as JSON or as a table.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::contract::{KpisQuery, KpisView, Problem};
use crate::intake::QueryOf;
use crate::kpi::{self, kpis_csv};
use crate::problem::Failure;
use crate::records::wants_csv;

/// Figures of ISA-18.2 / EEMUA 191 of a span, by operator position and for the whole site.
///
/// The last 24 hours where no span is named, at most 31 days. Drills are left out. With
/// `Accept: text/csv` the same as one table.
#[utoipa::path(
    get,
    path = "/kpis",
    params(KpisQuery),
    responses(
        (status = 200, description = "The figures",
            content((KpisView = "application/json"), (String = "text/csv"))),
        (status = 400, description = "The query cannot be used", body = Problem,
            content_type = "application/problem+json"),
        (status = 404, description = "No such position", body = Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "Too much in the span", body = Problem,
            content_type = "application/problem+json")
    )
)]
pub(super) async fn kpis(
    State(app): State<App>,
    headers: HeaderMap,
    QueryOf(query): QueryOf<KpisQuery>,
) -> Result<Response, Failure> {
    let found = app
        .query(move |backend| {
            let (from, to) = kpi::span(query.from_ms, query.to_ms, backend.now())?;
            backend.kpis(from, to, query.position.as_deref())
        })
        .await?;
    if !wants_csv(&headers) {
        return Ok(Json(found).into_response());
    }
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"kpis.csv\""),
    ];
    Ok((headers, kpis_csv(&found)).into_response())
}
