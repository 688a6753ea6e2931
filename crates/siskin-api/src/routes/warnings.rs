//! Warnings and the act of acknowledging one.

use axum::Json;
use axum::extract::State;
use siskin_model::WarningId;

use crate::access::sight::Sight;
use crate::access::{self, Asker, discreet};
use crate::app::App;
use crate::contract::{AcknowledgeRequest, WarningEventView, WarningView, WarningsQuery};
use crate::intake::{BodyOf, IdOf, NOTE_LEN_MAX, QueryOf, line_of_person, note_of_person};
use crate::problem::Failure;
use crate::written::WrittenList;

/// Warnings, highest tier first and then oldest first.
#[utoipa::path(
    get,
    path = "/warnings",
    params(WarningsQuery),
    responses(
        (status = 200, description = "The warnings", body = Vec<WarningView>)
    )
)]
pub(super) async fn warnings(
    State(app): State<App>,
    Asker(who): Asker,
    QueryOf(query): QueryOf<WarningsQuery>,
) -> Result<WrittenList, Failure> {
    let with_people = discreet::may_see_people(&who);
    app.call(move |backend| {
        let Some(sight) = Sight::of(backend, &who) else {
            return backend.warnings_written(query.scope, with_people);
        };
        let mut seen = backend.warnings(query.scope)?;
        seen.retain(|warning| sight.area(&warning.area));
        if !with_people {
            seen.iter_mut().for_each(discreet::warning);
        }
        WrittenList::of(&seen)
    })
    .await
}

/// The life of one warning in order.
#[utoipa::path(
    get,
    path = "/warnings/{id}/events",
    params(("id" = String, Path, description = "Id of the warning")),
    responses(
        (status = 200, description = "Every step", body = Vec<WarningEventView>),
        (status = 403, description = "A bureau, and another area"),
        (status = 404, description = "No such warning")
    )
)]
pub(super) async fn warning_events(
    State(app): State<App>,
    Asker(who): Asker,
    IdOf(id): IdOf,
) -> Result<Json<Vec<WarningEventView>>, Failure> {
    let id = WarningId::from_text(&id);
    let with_people = discreet::may_see_people(&who);
    let mut found = app.call(move |backend| backend.warning_events(&id)).await?;
    if !with_people {
        found.iter_mut().for_each(discreet::event);
    }
    Ok(Json(found))
}

/// Acknowledges the present tier of a warning in the name of a person. Answers once it is on disk.
#[utoipa::path(
    post,
    path = "/warnings/{id}/acknowledge",
    params(("id" = String, Path, description = "Id of the warning")),
    request_body = AcknowledgeRequest,
    responses(
        (status = 200, description = "The warning after it", body = WarningView),
        (status = 403, description = "Not allowed, another area, or another origin"),
        (status = 404, description = "No such warning"),
        (status = 409, description = "Already acknowledged, or risen above the tier seen"),
        (status = 422, description = "A field does not fit"),
        (status = 503, description = "Not possible now")
    )
)]
pub(super) async fn acknowledge(
    State(app): State<App>,
    Asker(who): Asker,
    IdOf(id): IdOf,
    BodyOf(request): BodyOf<AcknowledgeRequest>,
) -> Result<Json<WarningView>, Failure> {
    let note = note_of_person(&request.note)?;
    let reason = line_of_person("reason", &request.reason, 0..=NOTE_LEN_MAX)?;
    let act = AcknowledgeRequest { note, reason, tier: request.tier };
    let id = WarningId::from_text(&id);
    app.call(move |backend| {
        access::may_act_on(backend, &who, &id)?;
        backend.acknowledge(&id, &who, &act)
    })
    .await
    .map(Json)
}
