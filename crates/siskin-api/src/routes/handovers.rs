//! Hand-overs: begun by who goes, acknowledged by who comes.

use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::access::Asker;
use crate::app::App;
use crate::contract::{HandOverAcknowledgeRequest, HandOverRequest, HandOverView};
use crate::duty::DutyFault;
use crate::intake::{BodyOf, IdOf, note_of_person};
use crate::problem::Failure;

/// The most hand-overs of one answer.
const HANDOVERS_MAX: usize = 100;

/// The routes of hand-overs.
pub(super) fn all() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(handovers, begin)).routes(routes!(acknowledge_handover))
}

/// Hand-overs, newest first, at most 100.
#[utoipa::path(get, path = "/handovers", responses(
    (status = 200, description = "The hand-overs", body = Vec<HandOverView>)
))]
async fn handovers(State(app): State<App>) -> Result<Json<Vec<HandOverView>>, Failure> {
    app.call(|backend| backend.handovers(HANDOVERS_MAX)).await.map(Json)
}

/// Begins a hand-over in the name of the asker; the station adds how it is now. Answers once it is
/// on disk.
#[utoipa::path(post, path = "/handovers", request_body = HandOverRequest, responses(
    (status = 200, description = "The hand-over", body = HandOverView),
    (status = 422, description = "A field does not fit")
))]
async fn begin(
    State(app): State<App>,
    Asker(who): Asker,
    BodyOf(request): BodyOf<HandOverRequest>,
) -> Result<Json<HandOverView>, Failure> {
    let note = note_of_person(&request.note)?;
    let request = HandOverRequest { note, ..request };
    app.call(move |backend| backend.begin_handover(&who, &request)).await.map(Json)
}

/// Acknowledges a hand-over in the name of the asker, who must be another person than the one who
/// began it. Answers once it is on disk.
#[utoipa::path(post, path = "/handovers/{id}/acknowledge",
    params(("id" = String, Path, description = "Number of the hand-over")),
    request_body = HandOverAcknowledgeRequest,
    responses(
        (status = 200, description = "The hand-over after it", body = HandOverView),
        (status = 404, description = "No such hand-over"),
        (status = 409, description = "Already acknowledged, or by the same person")
    ))]
async fn acknowledge_handover(
    State(app): State<App>,
    Asker(who): Asker,
    IdOf(id): IdOf,
    BodyOf(request): BodyOf<HandOverAcknowledgeRequest>,
) -> Result<Json<HandOverView>, Failure> {
    let note = note_of_person(&request.note)?;
    let number = id.parse().map_err(|_| DutyFault::HandOverNotFound(id))?;
    app.call(move |backend| backend.acknowledge_handover(&who, number, &note)).await.map(Json)
}
