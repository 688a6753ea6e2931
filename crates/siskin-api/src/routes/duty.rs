//! Who is on duty, the contact book, rosters, response cards.

use axum::Json;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use siskin_model::{ContactId, WarningId};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::range;
use crate::access::Asker;
use crate::access::sight::{self, Sight};
use crate::app::App;
use crate::contract::{
    CardAnswer, CardView, ContactRequest, ContactView, DutyView, RosterDifferenceView,
    RosterExportQuery, RosterForm, RosterImportRequest, ShiftView, ShiftsQuery,
    SubstitutionRequest,
};
use crate::duty::{Duty, DutyFault};
use crate::intake::{
    BodyOf, IdOf, NOTE_LEN_MAX, QueryOf, RULES_BYTES_MAX, line_of_person, note_of_person,
};
use crate::problem::Failure;

/// The routes of duty.
pub(super) fn all() -> OpenApiRouter<App> {
    let import =
        OpenApiRouter::new().routes(routes!(import)).layer(DefaultBodyLimit::max(RULES_BYTES_MAX));
    OpenApiRouter::new()
        .routes(routes!(duty))
        .routes(routes!(contacts))
        .routes(routes!(put_contact, end_contact))
        .routes(routes!(shifts))
        .routes(routes!(export_roster))
        .routes(routes!(substitute))
        .routes(routes!(cards))
        .routes(routes!(card))
        .merge(import)
}

/// Who is on duty now, what changes next, gaps of the roster ahead and hand-overs that are open.
#[utoipa::path(get, path = "/duty", responses(
    (status = 200, description = "Duty now", body = DutyView)
))]
async fn duty(State(app): State<App>) -> Result<Json<DutyView>, Failure> {
    app.call(Duty::duty).await.map(Json)
}

/// The contact book, by id.
#[utoipa::path(get, path = "/duty/contacts", responses(
    (status = 200, description = "The contacts", body = Vec<ContactView>)
))]
async fn contacts(State(app): State<App>) -> Result<Json<Vec<ContactView>>, Failure> {
    app.call(Duty::contacts).await.map(Json)
}

/// Writes a contact in the place of the one with this id. Answers once it is on disk.
#[utoipa::path(put, path = "/duty/contacts/{id}",
    params(("id" = String, Path, description = "Id of the contact")),
    request_body = ContactRequest,
    responses(
        (status = 200, description = "The contact", body = ContactView),
        (status = 422, description = "A field does not fit")
    ))]
async fn put_contact(
    State(app): State<App>,
    Asker(who): Asker,
    IdOf(id): IdOf,
    BodyOf(request): BodyOf<ContactRequest>,
) -> Result<Json<ContactView>, Failure> {
    let id = ContactId::new(&id).map_err(|error| DutyFault::ContactRefused {
        en: error.to_string(),
        zh: format!("“{id}”不能作为编号；提示：用字母、数字、- 和 _"),
    })?;
    app.call(move |backend| backend.put_contact(&who, &id, &request)).await.map(Json)
}

/// Takes a contact out of the book. What it was is kept. Answers with the book after it.
#[utoipa::path(delete, path = "/duty/contacts/{id}",
    params(("id" = String, Path, description = "Id of the contact")),
    responses(
        (status = 200, description = "The contacts", body = Vec<ContactView>),
        (status = 404, description = "No such contact"),
        (status = 409, description = "A shift that is not over needs it")
    ))]
async fn end_contact(
    State(app): State<App>,
    Asker(who): Asker,
    IdOf(id): IdOf,
) -> Result<Json<Vec<ContactView>>, Failure> {
    // What is not an id cannot be the id of a contact.
    let id = ContactId::new(&id).map_err(|_| DutyFault::ContactNotFound(id))?;
    app.call(move |backend| backend.end_contact(&who, &id)).await.map(Json)
}

/// Shifts that run in a stretch of time, by begin, the first 10,000.
#[utoipa::path(get, path = "/duty/shifts", params(ShiftsQuery), responses(
    (status = 200, description = "The shifts", body = Vec<ShiftView>)
))]
async fn shifts(
    State(app): State<App>,
    QueryOf(query): QueryOf<ShiftsQuery>,
) -> Result<Json<Vec<ShiftView>>, Failure> {
    let (from, to) = range::of(query.from_ms, query.to_ms)?;
    app.call(move |backend| backend.shifts(from, to)).await.map(Json)
}

/// The shifts of a stretch of time as a file that can be imported again.
#[utoipa::path(get, path = "/duty/export", params(RosterExportQuery), responses(
    (status = 200, description = "CSV or iCalendar", content(
        (String = "text/csv"),
        (String = "text/calendar")
    ))
))]
async fn export_roster(
    State(app): State<App>,
    QueryOf(query): QueryOf<RosterExportQuery>,
) -> Result<Response, Failure> {
    let (from, to) = range::of(query.from_ms, query.to_ms)?;
    let text = app.call(move |backend| backend.export_roster(from, to, query.form)).await?;
    let media_type = match query.form {
        RosterForm::Csv => "text/csv; charset=utf-8",
        RosterForm::Calendar => "text/calendar; charset=utf-8",
    };
    Ok(([(CONTENT_TYPE, media_type)], text).into_response())
}

/// Compares a roster with the one that is known and, unless it is a dry run, takes it: all of it or
/// nothing. Answers once it is on disk.
#[utoipa::path(post, path = "/duty/import", request_body = RosterImportRequest, responses(
    (status = 200, description = "What changes", body = RosterDifferenceView),
    (status = 409, description = "It would change the past and gives no reason, or somebody \
        changed the roster meanwhile"),
    (status = 422, description = "The roster has problems: `report` lists them")
))]
async fn import(
    State(app): State<App>,
    Asker(who): Asker,
    BodyOf(request): BodyOf<RosterImportRequest, RULES_BYTES_MAX>,
) -> Result<Json<RosterDifferenceView>, Failure> {
    let reason = line_of_person("reason", &request.reason, 0..=NOTE_LEN_MAX)?;
    let request = RosterImportRequest { reason, ..request };
    app.call(move |backend| backend.import_roster(&who, &request)).await.map(Json)
}

/// Somebody comes instead, from now on or later. Answers once it is on disk.
#[utoipa::path(post, path = "/duty/substitutions", request_body = SubstitutionRequest, responses(
    (status = 200, description = "The shift after it", body = ShiftView),
    (status = 404, description = "No such shift or contact"),
    (status = 422, description = "A field does not fit")
))]
async fn substitute(
    State(app): State<App>,
    Asker(who): Asker,
    BodyOf(request): BodyOf<SubstitutionRequest>,
) -> Result<Json<ShiftView>, Failure> {
    let note = note_of_person(&request.note)?;
    let request = SubstitutionRequest { note, ..request };
    app.call(move |backend| backend.substitute(&who, &request)).await.map(Json)
}

/// The response cards of the site.
#[utoipa::path(get, path = "/cards", responses(
    (status = 200, description = "The cards", body = Vec<CardView>)
))]
async fn cards(State(app): State<App>, Asker(who): Asker) -> Result<Json<Vec<CardView>>, Failure> {
    app.call(move |backend| Ok(sight::within(backend, &who, backend.cards()?, Sight::cards)))
        .await
        .map(Json)
}

/// The response card that fits a warning best: of its area before one for anywhere, and then the
/// one from the highest tier on.
#[utoipa::path(get, path = "/warnings/{id}/card",
    params(("id" = String, Path, description = "Id of the warning")),
    responses(
        (status = 200, description = "The card, if one fits", body = CardAnswer),
        (status = 404, description = "No such warning")
    ))]
async fn card(State(app): State<App>, IdOf(id): IdOf) -> Result<Json<CardAnswer>, Failure> {
    let card = app.call(move |backend| backend.card_of(&WarningId::from_text(&id))).await?;
    Ok(Json(CardAnswer { card }))
}
