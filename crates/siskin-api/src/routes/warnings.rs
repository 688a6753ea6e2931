//! Warnings and the act of acknowledging one.

use axum::Json;
use axum::extract::State;
use siskin_model::WarningId;

use crate::access::{self, Asker};
use crate::app::App;
use crate::contract::{AcknowledgeRequest, Problem, WarningEventView, WarningView, WarningsQuery};
use crate::intake::{BodyOf, IdOf, QueryOf, note_of_person};
use crate::problem::Failure;
use crate::written::WrittenList;

/// Warnings, highest tier first and then oldest first.
#[utoipa::path(
    get,
    path = "/warnings",
    params(WarningsQuery),
    responses(
        (status = 200, description = "The warnings", body = Vec<WarningView>),
        (status = "default", description = "A problem", body = Problem,
            content_type = "application/problem+json")
    )
)]
pub(super) async fn warnings(
    State(app): State<App>,
    QueryOf(query): QueryOf<WarningsQuery>,
) -> Result<WrittenList, Failure> {
    app.call(move |backend| backend.warnings_written(query.scope)).await
}

/// The life of one warning in order.
#[utoipa::path(
    get,
    path = "/warnings/{id}/events",
    params(("id" = String, Path, description = "Id of the warning")),
    responses(
        (status = 200, description = "Every step", body = Vec<WarningEventView>),
        (status = 404, description = "No such warning", body = Problem,
            content_type = "application/problem+json"),
        (status = "default", description = "A problem", body = Problem,
            content_type = "application/problem+json")
    )
)]
pub(super) async fn warning_events(
    State(app): State<App>,
    IdOf(id): IdOf,
) -> Result<Json<Vec<WarningEventView>>, Failure> {
    app.call(move |backend| backend.warning_events(&WarningId::from_text(&id))).await.map(Json)
}

/// Acknowledges the present tier of a warning in the name of a person. Answers once it is on disk.
#[utoipa::path(
    post,
    path = "/warnings/{id}/acknowledge",
    params(("id" = String, Path, description = "Id of the warning")),
    request_body = AcknowledgeRequest,
    responses(
        (status = 200, description = "The warning after it", body = WarningView),
        (status = 403, description = "Not allowed, another area, or another origin",
            body = Problem,
            content_type = "application/problem+json"),
        (status = 404, description = "No such warning", body = Problem,
            content_type = "application/problem+json"),
        (status = 409, description = "Already acknowledged, or risen above the tier seen",
            body = Problem,
            content_type = "application/problem+json"),
        (status = 422, description = "A field does not fit", body = Problem,
            content_type = "application/problem+json"),
        (status = 503, description = "Not possible now", body = Problem,
            content_type = "application/problem+json"),
        (status = "default", description = "Another problem", body = Problem,
            content_type = "application/problem+json")
    )
)]
pub(super) async fn acknowledge(
    State(app): State<App>,
    Asker(who): Asker,
    IdOf(id): IdOf,
    BodyOf(request): BodyOf<AcknowledgeRequest>,
) -> Result<Json<WarningView>, Failure> {
    let note = note_of_person(&request.note)?;
    let reason = note_of_person(&request.reason)?;
    let act = AcknowledgeRequest { note, reason, tier: request.tier };
    let id = WarningId::from_text(&id);
    app.call(move |backend| {
        access::may_act_on(backend, &who, &id)?;
        backend.acknowledge(&id, &who, &act)
    })
    .await
    .map(Json)
}
