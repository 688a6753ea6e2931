//! HJ 212 uplinks to bureaus.

use axum::Json;
use axum::extract::State;

use crate::app::App;
use crate::backend::Backend;
use crate::contract::{UplinkMessageView, UplinkMessagesQuery, UplinkView};
use crate::intake::{IdOf, QueryOf};
use crate::problem::Failure;

/// Messages of a page where nobody says how many, and the most.
const LIMIT: u32 = 100;
const LIMIT_MAX: u32 = 1000;

/// Uplinks to bureaus: whether they are connected, what waits for an answer, what to know.
#[utoipa::path(
    get,
    path = "/uplinks",
    responses(
        (status = 200, description = "One item a bureau", body = Vec<UplinkView>)
    )
)]
pub(super) async fn uplinks(State(app): State<App>) -> Result<Json<Vec<UplinkView>>, Failure> {
    app.call(Backend::uplinks).await.map(Json)
}

/// Messages to a bureau and what became of them, newest first.
#[utoipa::path(
    get,
    path = "/uplinks/{id}/messages",
    params(("id" = String, Path, description = "The uplink"), UplinkMessagesQuery),
    responses(
        (status = 200, description = "The messages", body = Vec<UplinkMessageView>),
        (status = 404, description = "No such uplink")
    )
)]
pub(super) async fn uplink_messages(
    State(app): State<App>,
    IdOf(id): IdOf,
    QueryOf(query): QueryOf<UplinkMessagesQuery>,
) -> Result<Json<Vec<UplinkMessageView>>, Failure> {
    let limit = query.limit.unwrap_or(LIMIT).clamp(1, LIMIT_MAX);
    let (state, before) = (query.state, query.before);
    app.call(move |backend| backend.uplink_messages(&id, state, before, limit)).await.map(Json)
}
