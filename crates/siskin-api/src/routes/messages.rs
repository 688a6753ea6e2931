//! What was told to whom, and the CAP feed to pull.

use axum::Json;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

use crate::access::{Asker, sight};
use crate::app::App;
use crate::backend::BackendError;
use crate::contract::{MessageDetailView, MessagesQuery, MessagesView};
use crate::intake::{IdOf, QueryOf};
use crate::problem::Failure;
use crate::routes::range;

/// The most deliveries of one answer.
const DELIVERIES_MAX: u32 = 1_000;
/// Deliveries of an answer when the client does not say.
const DELIVERIES_DEFAULT: u32 = 100;

/// Messages to recipients with where they stand, newest first.
#[utoipa::path(
    get,
    path = "/messages",
    params(MessagesQuery),
    responses(
        (status = 200, description = "A page of deliveries", body = MessagesView),
        (status = 400, description = "The query cannot be used")
    )
)]
pub(super) async fn messages(
    State(app): State<App>,
    Asker(who): Asker,
    QueryOf(query): QueryOf<MessagesQuery>,
) -> Result<Json<MessagesView>, Failure> {
    let limit = range::limit(query.limit, DELIVERIES_DEFAULT, DELIVERIES_MAX)?.get();
    app.query(move |backend| backend.messages(&query, &sight::areas(&who), limit)).await.map(Json)
}

/// One message to one recipient: its texts and everything that happened to it.
#[utoipa::path(
    get,
    path = "/messages/{number}",
    params(("number" = String, Path, description = "Number of the delivery")),
    responses(
        (status = 200, description = "The delivery", body = MessageDetailView),
        (status = 403, description = "A bureau, and another area"),
        (status = 404, description = "No such delivery")
    )
)]
pub(super) async fn message(
    State(app): State<App>,
    IdOf(number): IdOf,
) -> Result<Json<MessageDetailView>, Failure> {
    let number = range::number(&number, BackendError::MessageNotFound)?;
    app.query(move |backend| backend.message(number)).await.map(Json)
}

/// The newest messages as an Atom feed; each entry names the address of its CAP message.
#[utoipa::path(
    get,
    path = "/cap/feed",
    responses(
        (status = 200, description = "The feed", content((String = "application/atom+xml")))
    )
)]
pub(super) async fn cap_feed(
    State(app): State<App>,
    Asker(who): Asker,
) -> Result<Response, Failure> {
    let feed = app.query(move |backend| backend.cap_feed(&sight::areas(&who))).await?;
    Ok(([(CONTENT_TYPE, "application/atom+xml")], feed).into_response())
}

/// One message as CAP 1.2.
#[utoipa::path(
    get,
    path = "/cap/{identifier}",
    params(("identifier" = String, Path, description = "As the feed names it")),
    responses(
        (status = 200, description = "The message", content((String = "application/cap+xml"))),
        (status = 404, description = "No such message")
    )
)]
pub(super) async fn cap_message(
    State(app): State<App>,
    Asker(who): Asker,
    IdOf(identifier): IdOf,
) -> Result<Response, Failure> {
    let body =
        app.query(move |backend| backend.cap_message(&identifier, &sight::areas(&who))).await?;
    Ok(([(CONTENT_TYPE, "application/cap+xml")], body).into_response())
}
