//! Incidents and what people do to them. Who acts comes from the request, never from its body.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use siskin_model::Who;

use crate::access::Asker;
use crate::access::sight::{self, Sight};
use crate::app::App;
use crate::contract::{
    ChangeIncidentRequest, CloseIncidentRequest, IncidentNoteRequest, IncidentQuery,
    IncidentTaskRequest, IncidentView, IncidentsQuery, IncidentsView, MetRequest,
    OpenIncidentRequest, ReopenIncidentRequest, TaskDoneRequest,
};
use crate::incidents::IncidentAct;
use crate::intake::{BodyOf, IdOf, IntakeFault, QueryOf, line_of_person, text_of_person};
use crate::problem::Failure;

/// The longest title, file name or reference.
pub(super) const TITLE_LEN_MAX: usize = 200;
/// The longest text.
const TEXT_LEN_MAX: usize = 2000;
/// The longest name of an owner.
const OWNER_LEN_MAX: usize = 64;
/// The most areas, gases, warnings, criteria or explanations of one request.
const ITEMS_MAX: usize = 100;

/// Incidents, newest first, and the clocks that somebody must look at.
#[utoipa::path(
    get,
    path = "/incidents",
    params(IncidentsQuery),
    responses(
        (status = 200, description = "The incidents", body = IncidentsView)
    )
)]
pub(super) async fn incidents(
    State(app): State<App>,
    Asker(who): Asker,
    QueryOf(query): QueryOf<IncidentsQuery>,
) -> Result<Json<IncidentsView>, Failure> {
    app.call(move |backend| {
        let all = backend.incidents(query.closed)?;
        Ok(sight::within(backend, &who, all, Sight::incidents))
    })
    .await
    .map(Json)
}

/// Opens an incident. Answers once it is on disk.
#[utoipa::path(
    post,
    path = "/incidents",
    request_body = OpenIncidentRequest,
    responses(
        (status = 200, description = "The incident", body = IncidentView)
    )
)]
pub(super) async fn open(
    State(app): State<App>,
    Asker(who): Asker,
    BodyOf(request): BodyOf<OpenIncidentRequest>,
) -> Result<Json<IncidentView>, Failure> {
    let title = line_of_person("title", &request.title, 1..=TITLE_LEN_MAX)?;
    few("areas", request.areas.len())?;
    few("gases", request.gases.len())?;
    few("warnings", request.warnings.len())?;
    let request = OpenIncidentRequest { title, ..request };
    app.call(move |backend| backend.open_incident(&who, &request)).await.map(Json)
}

/// One incident with its clocks, entries and warnings.
#[utoipa::path(
    get,
    path = "/incidents/{id}",
    params(("id" = String, Path, description = "Id of the incident"), IncidentQuery),
    responses(
        (status = 200, description = "The incident", body = IncidentView),
        (status = 404, description = "No such incident")
    )
)]
pub(super) async fn incident(
    State(app): State<App>,
    IdOf(id): IdOf,
    QueryOf(query): QueryOf<IncidentQuery>,
) -> Result<Json<IncidentView>, Failure> {
    app.call(move |backend| backend.incident(&id, query.after)).await.map(Json)
}

/// Changes title, discovery, figures or grade, all or nothing. Answers once it is on disk.
#[utoipa::path(
    patch,
    path = "/incidents/{id}",
    params(("id" = String, Path, description = "Id of the incident")),
    request_body = ChangeIncidentRequest,
    responses(
        (status = 200, description = "The incident after it", body = IncidentView)
    )
)]
pub(super) async fn change(
    State(app): State<App>,
    Asker(who): Asker,
    IdOf(id): IdOf,
    BodyOf(mut request): BodyOf<ChangeIncidentRequest>,
) -> Result<Json<IncidentView>, Failure> {
    let title = request.title.as_deref();
    let title = title.map(|text| line_of_person("title", text, 1..=TITLE_LEN_MAX)).transpose()?;
    if let Some(grade) = &mut request.grade {
        grade.reason = text_of_person("reason", &grade.reason, 0..=TEXT_LEN_MAX)?;
    }
    few("figures.other", request.figures.as_ref().map_or(0, |figures| figures.other.len()))?;
    if request.figures.is_none()
        && request.grade.is_none()
        && title.is_none()
        && request.discovered_at_ms.is_none()
    {
        let reason = "nothing is to change".to_owned();
        return Err(IntakeFault::Body { field: "body".to_owned(), reason }.into());
    }
    act(app, who, id, IncidentAct::Change(ChangeIncidentRequest { title, ..request })).await
}

/// Writes a note. Answers once it is on disk.
#[utoipa::path(
    post,
    path = "/incidents/{id}/notes",
    params(("id" = String, Path, description = "Id of the incident")),
    request_body = IncidentNoteRequest,
    responses(
        (status = 200, description = "The incident after it", body = IncidentView)
    )
)]
pub(super) async fn note(
    State(app): State<App>,
    Asker(who): Asker,
    IdOf(id): IdOf,
    BodyOf(request): BodyOf<IncidentNoteRequest>,
) -> Result<Json<IncidentView>, Failure> {
    let text = text_of_person("text", &request.text, 1..=TEXT_LEN_MAX)?;
    act(app, who, id, IncidentAct::Note(IncidentNoteRequest { text })).await
}

/// Gives a task. Answers once it is on disk.
#[utoipa::path(
    post,
    path = "/incidents/{id}/tasks",
    params(("id" = String, Path, description = "Id of the incident")),
    request_body = IncidentTaskRequest,
    responses(
        (status = 200, description = "The incident after it", body = IncidentView)
    )
)]
pub(super) async fn task(
    State(app): State<App>,
    Asker(who): Asker,
    IdOf(id): IdOf,
    BodyOf(request): BodyOf<IncidentTaskRequest>,
) -> Result<Json<IncidentView>, Failure> {
    let text = text_of_person("text", &request.text, 1..=TEXT_LEN_MAX)?;
    let owner = line_of_person("owner", &request.owner, 1..=OWNER_LEN_MAX)?;
    act(app, who, id, IncidentAct::Task(IncidentTaskRequest { text, owner, ..request })).await
}

/// A task is done. Answers once it is on disk.
#[utoipa::path(
    post,
    path = "/incidents/{id}/tasks/{number}/done",
    params(
        ("id" = String, Path, description = "Id of the incident"),
        ("number" = u64, Path, description = "Number of the task")
    ),
    request_body = TaskDoneRequest,
    responses(
        (status = 200, description = "The incident after it", body = IncidentView)
    )
)]
pub(super) async fn task_done(
    State(app): State<App>,
    Asker(who): Asker,
    path: Result<Path<(String, u64)>, axum::extract::rejection::PathRejection>,
    BodyOf(request): BodyOf<TaskDoneRequest>,
) -> Result<Json<IncidentView>, Failure> {
    let Path((id, number)) =
        path.map_err(|rejection| IntakeFault::Path { reason: rejection.body_text() })?;
    let note = text_of_person("note", &request.note, 0..=TEXT_LEN_MAX)?;
    act(app, who, id, IncidentAct::TaskDone(number, TaskDoneRequest { note })).await
}

/// A duty to report was met. Answers once it is on disk.
#[utoipa::path(
    post,
    path = "/incidents/{id}/clocks/{duty}/met",
    params(
        ("id" = String, Path, description = "Id of the incident"),
        ("duty" = String, Path, description = "Id of the duty")
    ),
    request_body = MetRequest,
    responses(
        (status = 200, description = "The incident after it", body = IncidentView)
    )
)]
pub(super) async fn met(
    State(app): State<App>,
    Asker(who): Asker,
    path: Result<Path<(String, String)>, axum::extract::rejection::PathRejection>,
    BodyOf(request): BodyOf<MetRequest>,
) -> Result<Json<IncidentView>, Failure> {
    let Path((id, duty)) =
        path.map_err(|rejection| IntakeFault::Path { reason: rejection.body_text() })?;
    let reference = line_of_person("reference", &request.reference, 0..=TITLE_LEN_MAX)?;
    act(app, who, id, IncidentAct::Met(duty, MetRequest { reference, ..request })).await
}

/// A warning belongs to the incident. Answers once it is on disk.
#[utoipa::path(
    post,
    path = "/incidents/{id}/warnings/{warning}",
    params(
        ("id" = String, Path, description = "Id of the incident"),
        ("warning" = String, Path, description = "Id of the warning")
    ),
    responses(
        (status = 200, description = "The incident after it", body = IncidentView)
    )
)]
pub(super) async fn join(
    State(app): State<App>,
    Asker(who): Asker,
    path: Result<Path<(String, String)>, axum::extract::rejection::PathRejection>,
) -> Result<Json<IncidentView>, Failure> {
    let Path((id, warning)) =
        path.map_err(|rejection| IntakeFault::Path { reason: rejection.body_text() })?;
    act(app, who, id, IncidentAct::Join(warning)).await
}

/// Closes the incident: with cause and lessons, every duty met or explained, and no warning of it
/// open. Answers once it is on disk.
#[utoipa::path(
    post,
    path = "/incidents/{id}/close",
    params(("id" = String, Path, description = "Id of the incident")),
    request_body = CloseIncidentRequest,
    responses(
        (status = 200, description = "The incident after it", body = IncidentView),
        (status = 409, description = "Something is missing")
    )
)]
pub(super) async fn close(
    State(app): State<App>,
    Asker(who): Asker,
    IdOf(id): IdOf,
    BodyOf(request): BodyOf<CloseIncidentRequest>,
) -> Result<Json<IncidentView>, Failure> {
    few("unmet", request.unmet.len())?;
    let cause = text_of_person("cause", &request.cause, 0..=TEXT_LEN_MAX)?;
    let lessons = text_of_person("lessons", &request.lessons, 0..=TEXT_LEN_MAX)?;
    let explain = |(duty, why): (String, String)| {
        Ok::<_, IntakeFault>((duty, text_of_person("unmet", &why, 0..=TEXT_LEN_MAX)?))
    };
    let unmet = request.unmet.into_iter().map(explain).collect::<Result<_, _>>()?;
    act(app, who, id, IncidentAct::Close(CloseIncidentRequest { cause, lessons, unmet })).await
}

/// Opens a closed incident again. Answers once it is on disk.
#[utoipa::path(
    post,
    path = "/incidents/{id}/reopen",
    params(("id" = String, Path, description = "Id of the incident")),
    request_body = ReopenIncidentRequest,
    responses(
        (status = 200, description = "The incident after it", body = IncidentView)
    )
)]
pub(super) async fn reopen(
    State(app): State<App>,
    Asker(who): Asker,
    IdOf(id): IdOf,
    BodyOf(request): BodyOf<ReopenIncidentRequest>,
) -> Result<Json<IncidentView>, Failure> {
    let reason = text_of_person("reason", &request.reason, 1..=TEXT_LEN_MAX)?;
    act(app, who, id, IncidentAct::Reopen(ReopenIncidentRequest { reason })).await
}

/// A file of the incident, by its SHA-256.
#[utoipa::path(
    get,
    path = "/incidents/{id}/files/{sha256}",
    params(
        ("id" = String, Path, description = "Id of the incident"),
        ("sha256" = String, Path, description = "The file's sum")
    ),
    responses(
        (status = 200, description = "The file", content_type = "application/octet-stream")
    )
)]
pub(super) async fn file(
    State(app): State<App>,
    path: Result<Path<(String, String)>, axum::extract::rejection::PathRejection>,
) -> Result<Response, Failure> {
    let Path((id, sha256)) =
        path.map_err(|rejection| IntakeFault::Path { reason: rejection.body_text() })?;
    let bytes = app.query(move |backend| backend.incident_file(&id, &sha256)).await?;
    Ok(([(CONTENT_TYPE, "application/octet-stream")], bytes).into_response())
}

async fn act(
    app: App,
    who: Who,
    id: String,
    act: IncidentAct,
) -> Result<Json<IncidentView>, Failure> {
    app.call(move |backend| backend.act_on_incident(&who, &id, &act)).await.map(Json)
}

fn few(field: &str, count: usize) -> Result<(), IntakeFault> {
    if count <= ITEMS_MAX {
        return Ok(());
    }
    let reason = format!("has {count} items, more than {ITEMS_MAX}");
    Err(IntakeFault::Body { field: field.to_owned(), reason })
}
