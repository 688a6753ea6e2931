//! The routes under `/api/v1`. Each asks the backend one thing and passes the answer on.

mod history;
mod now;
mod warnings;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::stream;

/// Every route with its part of the document.
pub(crate) fn all() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(now::site))
        .routes(routes!(now::channels))
        .routes(routes!(history::readings))
        .routes(routes!(warnings::warnings))
        .routes(routes!(warnings::warning_events))
        .routes(routes!(warnings::acknowledge))
        .routes(routes!(now::alarms))
        .routes(routes!(now::health))
        .routes(routes!(stream::events))
        .routes(routes!(openapi))
}

/// This document.
#[utoipa::path(
    get,
    path = "/openapi.json",
    responses((status = 200, description = "An OpenAPI 3.1 document", body = Object))
)]
async fn openapi(State(app): State<App>) -> Response {
    let text = app.document.to_string();
    ([(CONTENT_TYPE, "application/json")], text).into_response()
}
