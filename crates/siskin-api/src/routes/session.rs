//! Signing in and out, the first set-up, one's own account.

use std::time::Instant;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use siskin_model::{AccountName, AreaScope, Role};

use crate::access::{self, AccessFault, Line, Pass, permissions};
use crate::app::App;
use crate::contract::{
    AliveView, DoneView, PasswordRequest, SetupRequest, SignInRequest, WhoView, areas_view,
};
use crate::intake::{BodyOf, named};
use crate::people::{Begun, Known, NewPerson, Secret, SignIn};
use crate::problem::Failure;

fn view(known: &Known, signed_in: bool, setup_needed: bool) -> WhoView {
    WhoView {
        name: known.who.name.clone(),
        role: known.who.role.into(),
        areas: areas_view(&known.who.areas),
        signed_in,
        may: permissions::words(&known.who),
        csrf: known.csrf.as_ref().map(|text| text.0.clone()),
        setup_needed,
    }
}

/// Counts a try to sign in from the address of `line`.
fn count_try(app: &App, line: Line) -> Result<(), AccessFault> {
    app.rate.take(line.remote, Instant::now()).map_err(|wait| {
        tracing::warn!(remote = %line.remote, "too many tries to sign in");
        AccessFault::TooFast { wait_s: wait.as_secs().max(1) }
    })
}

fn welcome(begun: &Begun, line: Line) -> Response {
    let mut response = Json(view(&begun.known, true, false)).into_response();
    access::set(response.headers_mut(), line, &begun.cookie);
    response
}

/// That the station answers. Nobody has to sign in for it; `/health` says how it is.
#[utoipa::path(
    get,
    path = "/alive",
    responses((status = 200, description = "It answers", body = AliveView))
)]
pub(super) async fn alive(State(app): State<App>) -> Result<Json<AliveView>, Failure> {
    app.call(|backend| {
        let now = backend.now().rfc3339(backend.utc_offset_s());
        Ok(Json(AliveView { alive: true, now }))
    })
    .await
}

/// Who asks, what they may do, and the text that goes with the cookie of their session.
#[utoipa::path(
    get,
    path = "/me",
    responses(
        (status = 200, description = "The asker", body = WhoView),
        (status = 401, description = "Nobody has signed in, and looking needs it")
    )
)]
pub(super) async fn me(State(app): State<App>, pass: Pass) -> Json<WhoView> {
    Json(view(&pass.known, pass.credential.is_some(), app.backend.setup_needed()))
}

/// Signs in. The answer sets the cookie of the session.
#[utoipa::path(
    post,
    path = "/session",
    request_body = SignInRequest,
    responses(
        (status = 200, description = "Signed in", body = WhoView),
        (status = 401, description = "Name or password is wrong"),
        (status = 429, description = "Locked, or too many tries")
    )
)]
pub(super) async fn sign_in(
    State(app): State<App>,
    line: Line,
    BodyOf(request): BodyOf<SignInRequest>,
) -> Result<Response, Failure> {
    count_try(&app, line)?;
    let (name, password) = (Secret(request.name.0), Secret(request.password.0));
    let ask = SignIn { name, password, remote: line.remote };
    let begun = app.hash(move |backend| backend.sign_in(&ask)).await?;
    Ok(welcome(&begun, line))
}

/// Signs out: the session is over at once.
#[utoipa::path(
    delete,
    path = "/session",
    responses(
        (status = 200, description = "Signed out", body = DoneView),
        (status = 401, description = "Nobody had signed in")
    )
)]
pub(super) async fn sign_out(
    State(app): State<App>,
    line: Line,
    pass: Pass,
) -> Result<Response, Failure> {
    let credential = pass.credential.ok_or(AccessFault::NotSignedIn)?;
    app.call(move |backend| backend.sign_out(&credential)).await?;
    let mut response = Json(DoneView { done: true }).into_response();
    access::ended(response.headers_mut(), line);
    Ok(response)
}

/// Makes the first admin, while there is nobody, and signs them in.
#[utoipa::path(
    post,
    path = "/setup",
    request_body = SetupRequest,
    responses(
        (status = 200, description = "Set up and signed in", body = WhoView),
        (status = 403, description = "The code is wrong, or somebody was set up already"),
        (status = 422, description = "A field does not fit"),
        (status = 429, description = "Too many tries")
    )
)]
pub(super) async fn set_up(
    State(app): State<App>,
    line: Line,
    BodyOf(request): BodyOf<SetupRequest>,
) -> Result<Response, Failure> {
    count_try(&app, line)?;
    let person = NewPerson {
        name: account(&request.name)?,
        display: named("display", &request.display)?,
        role: Role::Admin,
        areas: AreaScope::All,
        password: Secret(request.password.0),
    };
    let code = Secret(request.code.0);
    let begun = app.hash(move |backend| backend.set_up(&code, &person, line.remote)).await?;
    Ok(welcome(&begun, line))
}

/// Changes one's own password. Other sessions of the account end.
#[utoipa::path(
    post,
    path = "/me/password",
    request_body = PasswordRequest,
    responses(
        (status = 200, description = "The new one holds", body = DoneView),
        (status = 401, description = "The old one is wrong"),
        (status = 422, description = "The new one does not fit"),
        (status = 429, description = "Locked, or too many tries")
    )
)]
pub(super) async fn change_password(
    State(app): State<App>,
    line: Line,
    pass: Pass,
    BodyOf(request): BodyOf<PasswordRequest>,
) -> Result<Json<DoneView>, Failure> {
    count_try(&app, line)?;
    let session = pass.credential.ok_or(AccessFault::NotSignedIn)?;
    let who = pass.known.who;
    let (old, new) = (Secret(request.old.0), Secret(request.new.0));
    let ask = SignIn { name: Secret(who.name), password: old, remote: line.remote };
    app.hash(move |backend| backend.change_password(&session, &ask, &new)).await?;
    Ok(Json(DoneView { done: true }))
}

/// The name of an account, as a field gives it.
pub(super) fn account(text: &str) -> Result<AccountName, AccessFault> {
    let name = text.trim();
    AccountName::new(name).map_err(|_| AccessFault::AccountName { name: name.to_owned() })
}
