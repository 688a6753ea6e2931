//! Tokens with which programs act for the person who made them.

use axum::Json;
use axum::extract::State;

use super::people::scope;
use crate::access::{Asker, token_days};
use crate::app::App;
use crate::contract::{DoneView, TokenMadeView, TokenRequest, TokenView};
use crate::intake::{BodyOf, IdOf, named};
use crate::people::NewToken;
use crate::problem::Failure;

/// The asker's own tokens, by name.
#[utoipa::path(
    get,
    path = "/tokens",
    responses(
        (status = 200, description = "The tokens", body = Vec<TokenView>)
    )
)]
pub(super) async fn tokens(
    State(app): State<App>,
    Asker(who): Asker,
) -> Result<Json<Vec<TokenView>>, Failure> {
    app.call(move |backend| backend.tokens(&who)).await.map(Json)
}

/// Makes a token for the asker. Its text is given once.
#[utoipa::path(
    post,
    path = "/tokens",
    request_body = TokenRequest,
    responses(
        (status = 200, description = "The token and its text", body = TokenMadeView),
        (status = 409, description = "There is one of this name, or there are too many"),
        (status = 422, description = "A field does not fit, or it would do more than its owner")
    )
)]
pub(super) async fn add_token(
    State(app): State<App>,
    Asker(who): Asker,
    BodyOf(request): BodyOf<TokenRequest>,
) -> Result<Json<TokenMadeView>, Failure> {
    let areas = match request.areas {
        None => who.areas.clone(),
        some => scope(some)?,
    };
    let token = NewToken {
        name: named("name", &request.name)?,
        role: request.role.map_or(who.role, Into::into),
        areas,
        days: token_days(request.days)?,
    };
    let (token, text) = app.call(move |backend| backend.add_token(&who, &token)).await?;
    Ok(Json(TokenMadeView { token, text: text.0 }))
}

/// Takes one of the asker's own tokens back.
#[utoipa::path(
    delete,
    path = "/tokens/{id}",
    params(("id" = String, Path, description = "Id of the token")),
    responses(
        (status = 200, description = "It holds no longer", body = DoneView),
        (status = 404, description = "The asker has no such token")
    )
)]
pub(super) async fn remove_token(
    State(app): State<App>,
    Asker(who): Asker,
    IdOf(id): IdOf,
) -> Result<Json<DoneView>, Failure> {
    app.call(move |backend| backend.remove_token(&who, &id)).await?;
    Ok(Json(DoneView { done: true }))
}
