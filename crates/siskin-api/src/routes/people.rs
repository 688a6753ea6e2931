//! Looking after people: who may sign in, as what, and for which areas.

use axum::Json;
use axum::extract::State;
use siskin_model::{AreaId, AreaScope};

use super::session::account;
use crate::access::{AccessFault, Asker};
use crate::app::App;
use crate::contract::{PersonChangeRequest, PersonRequest, PersonView, ResetRequest};
use crate::intake::{BodyOf, IdOf, named};
use crate::people::{NewPerson, People, PeopleError, PersonChange, Secret};
use crate::problem::Failure;

/// The most areas of one scope.
const AREAS_MAX: usize = 1_000;

/// The scope of a list of areas; none is the whole site. Whether the site has them, the station
/// knows.
pub(super) fn scope(areas: Option<Vec<String>>) -> Result<AreaScope, AccessFault> {
    let Some(areas) = areas else {
        return Ok(AreaScope::All);
    };
    if areas.len() > AREAS_MAX {
        return Err(PeopleError::TooMany(AREAS_MAX).into());
    }
    let known = |id: String| AreaId::new(&id).map_err(|_| PeopleError::AreaNotFound(id));
    Ok(AreaScope::Some(areas.into_iter().map(known).collect::<Result<_, _>>()?))
}

/// Everybody who can sign in, or could once, by name.
#[utoipa::path(
    get,
    path = "/people",
    responses(
        (status = 200, description = "The people", body = Vec<PersonView>)
    )
)]
pub(super) async fn people(State(app): State<App>) -> Result<Json<Vec<PersonView>>, Failure> {
    app.call(People::persons).await.map(Json)
}

/// Makes a person.
#[utoipa::path(
    post,
    path = "/people",
    request_body = PersonRequest,
    responses(
        (status = 200, description = "The person", body = PersonView),
        (status = 409, description = "The name is or was somebody's"),
        (status = 422, description = "A field does not fit")
    )
)]
pub(super) async fn add_person(
    State(app): State<App>,
    Asker(who): Asker,
    BodyOf(request): BodyOf<PersonRequest>,
) -> Result<Json<PersonView>, Failure> {
    let person = NewPerson {
        name: account(&request.name)?,
        display: named("display", &request.display)?,
        role: request.role.into(),
        areas: scope(request.areas)?,
        password: Secret(request.password.0),
    };
    app.hash(move |backend| backend.add_person(&who, &person)).await.map(Json)
}

/// Changes what a person is, for which areas, or whether they may come in.
#[utoipa::path(
    patch,
    path = "/people/{name}",
    params(("name" = String, Path, description = "Name of the account")),
    request_body = PersonChangeRequest,
    responses(
        (status = 200, description = "The person after it", body = PersonView),
        (status = 404, description = "No such person"),
        (status = 409, description = "It is the last admin"),
        (status = 422, description = "A field does not fit")
    )
)]
pub(super) async fn change_person(
    State(app): State<App>,
    Asker(who): Asker,
    IdOf(name): IdOf,
    BodyOf(request): BodyOf<PersonChangeRequest>,
) -> Result<Json<PersonView>, Failure> {
    let areas = match (request.areas, request.whole_site) {
        (Some(_), true) => {
            return Err(AccessFault::AreasTwice.into());
        }
        (None, false) => None,
        (areas, _) => Some(scope(areas)?),
    };
    let change = PersonChange {
        display: request.display.map(|text| named("display", &text)).transpose()?,
        role: request.role.map(Into::into),
        areas,
        disabled: request.disabled,
    };
    app.call(move |backend| backend.change_person(&who, &name, &change)).await.map(Json)
}

/// Disables a person: sessions and tokens end at once. The name stays in the record and is never
/// given to anybody else.
#[utoipa::path(
    delete,
    path = "/people/{name}",
    params(("name" = String, Path, description = "Name of the account")),
    responses(
        (status = 200, description = "The person after it", body = PersonView),
        (status = 404, description = "No such person"),
        (status = 409, description = "It is the last admin")
    )
)]
pub(super) async fn disable_person(
    State(app): State<App>,
    Asker(who): Asker,
    IdOf(name): IdOf,
) -> Result<Json<PersonView>, Failure> {
    let change = PersonChange { disabled: Some(true), ..PersonChange::default() };
    app.call(move |backend| backend.change_person(&who, &name, &change)).await.map(Json)
}

/// Sets the password of a person, whose sessions end.
#[utoipa::path(
    post,
    path = "/people/{name}/password",
    params(("name" = String, Path, description = "Name of the account")),
    request_body = ResetRequest,
    responses(
        (status = 200, description = "The person", body = PersonView),
        (status = 404, description = "No such person"),
        (status = 422, description = "The password does not fit")
    )
)]
pub(super) async fn reset_password(
    State(app): State<App>,
    Asker(who): Asker,
    IdOf(name): IdOf,
    BodyOf(request): BodyOf<ResetRequest>,
) -> Result<Json<PersonView>, Failure> {
    let password = Secret(request.password.0);
    app.hash(move |backend| backend.reset_password(&who, &name, &password)).await.map(Json)
}
