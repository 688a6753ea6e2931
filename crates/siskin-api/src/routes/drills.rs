//! Drills: which one runs, beginning and ending one, the report.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::drill_text;
use crate::access::Asker;
use crate::access::sight::{self, Sight};
use crate::app::App;
use crate::contract::{
    DrillReportView, DrillRequest, DrillView, DrillsView, EndDrillRequest, Problem,
};
use crate::drills::DrillFault;
use crate::intake::{BodyOf, IdOf, IntakeFault, note_of_person};
use crate::problem::Failure;

/// The most channels of one request: what a body can hold.
const CHANNELS_MAX: usize = 200;

/// The routes of drills.
pub(super) fn all() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(drills, begin_drill))
        .routes(routes!(drill))
        .routes(routes!(end_drill))
        .routes(routes!(drill_report))
}

/// The drill that runs, and all of them, newest first.
#[utoipa::path(get, path = "/drills", responses(
    (status = 200, description = "The drills", body = DrillsView)
))]
async fn drills(State(app): State<App>, Asker(who): Asker) -> Result<Json<DrillsView>, Failure> {
    app.call(move |backend| Ok(sight::within(backend, &who, backend.drills()?, Sight::drills)))
        .await
        .map(Json)
}

/// Begins a drill. Answers once it is on disk. Real gas ends it at once.
#[utoipa::path(post, path = "/drills",
    request_body = DrillRequest,
    responses(
        (status = 200, description = "The drill", body = DrillView),
        (status = 409, description = "A real warning is open, or a drill runs", body = Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "The scenario does not fit the site", body = Problem,
            content_type = "application/problem+json")
    ))]
async fn begin_drill(
    State(app): State<App>,
    Asker(who): Asker,
    BodyOf(request): BodyOf<DrillRequest>,
) -> Result<Json<DrillView>, Failure> {
    let note = note_of_person(&request.note)?;
    if request.channels.len() > CHANNELS_MAX {
        let reason = format!("more than {CHANNELS_MAX}");
        return Err(IntakeFault::Body { field: "channels".to_owned(), reason }.into());
    }
    let request = DrillRequest { note, ..request };
    app.call(move |backend| backend.begin_drill(&who, &request)).await.map(Json)
}

/// One drill.
#[utoipa::path(get, path = "/drills/{id}",
    params(("id" = String, Path, description = "Number of the drill")),
    responses(
        (status = 200, description = "The drill", body = DrillView),
        (status = 404, description = "No such drill", body = Problem,
            content_type = "application/problem+json")
    ))]
async fn drill(State(app): State<App>, IdOf(id): IdOf) -> Result<Json<DrillView>, Failure> {
    let number = number(&id)?;
    app.call(move |backend| backend.drill(number)).await.map(Json)
}

/// Ends a drill and its warnings. Answers once it is on disk.
#[utoipa::path(post, path = "/drills/{id}/end",
    params(("id" = String, Path, description = "Number of the drill")),
    request_body = EndDrillRequest,
    responses(
        (status = 200, description = "The drill after it", body = DrillView),
        (status = 404, description = "No such drill", body = Problem,
            content_type = "application/problem+json"),
        (status = 409, description = "It is over", body = Problem,
            content_type = "application/problem+json")
    ))]
async fn end_drill(
    State(app): State<App>,
    Asker(who): Asker,
    IdOf(id): IdOf,
    BodyOf(request): BodyOf<EndDrillRequest>,
) -> Result<Json<DrillView>, Failure> {
    let (number, note) = (number(&id)?, note_of_person(&request.note)?);
    app.call(move |backend| backend.end_drill(&who, number, &note)).await.map(Json)
}

/// What people did in a drill and how long it took them; with `Accept: text/markdown` as a text in
/// Chinese and English.
#[utoipa::path(get, path = "/drills/{id}/report",
    params(("id" = String, Path, description = "Number of the drill")),
    responses(
        (status = 200, description = "The report", content(
            (DrillReportView = "application/json"),
            (String = "text/markdown")
        )),
        (status = 404, description = "No such drill", body = Problem,
            content_type = "application/problem+json")
    ))]
async fn drill_report(
    State(app): State<App>,
    IdOf(id): IdOf,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let number = number(&id)?;
    let ask = move |backend: &dyn crate::Backend| {
        Ok((backend.drill_report(number)?, backend.utc_offset_s()))
    };
    let (report, offset_s) = app.query(ask).await?;
    let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accept.contains("text/markdown") {
        let text = drill_text::markdown(&report, offset_s);
        return Ok(([(CONTENT_TYPE, "text/markdown; charset=utf-8")], text).into_response());
    }
    Ok(Json(report).into_response())
}

fn number(id: &str) -> Result<u64, DrillFault> {
    id.parse().map_err(|_| DrillFault::NotFound(id.to_owned()))
}
