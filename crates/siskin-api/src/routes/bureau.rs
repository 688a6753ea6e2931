//! The bureau's door: warnings to pull, and the receipt that a message was read.

use axum::Json;
use axum::extract::State;
use siskin_model::{AreaScope, WarningId};

use crate::access::Asker;
use crate::app::App;
use crate::backend::BackendError;
use crate::bureau::BureauCursor;
use crate::contract::{
    BureauWarningsQuery, BureauWarningsView, DeliveryView, MessageDetailView, MessagesQuery,
};
use crate::intake::{IdOf, IntakeFault, QueryOf};
use crate::problem::Failure;
use crate::routes::range;

/// The most steps of one answer.
const STEPS_MAX: u32 = 1_000;
/// Steps of an answer when the client does not say.
const STEPS_DEFAULT: u32 = 100;
/// The most deliveries of a warning in one answer, the newest ones; `/messages` has the rest.
const DELIVERIES_MAX: usize = 1_000;

/// Steps of warnings since a cursor, in the order of the ledger: none twice, none left out.
///
/// In the areas of whoever asks. `next` goes on also where nothing was theirs.
#[utoipa::path(
    get,
    path = "/bureau/warnings",
    params(BureauWarningsQuery),
    responses(
        (status = 200, description = "The steps", body = BureauWarningsView),
        (status = 400, description = "The query cannot be used"),
        (status = 409, description = "The ledger has no such place: it came from a backup")
    )
)]
pub(super) async fn bureau_warnings(
    State(app): State<App>,
    Asker(who): Asker,
    QueryOf(query): QueryOf<BureauWarningsQuery>,
) -> Result<Json<BureauWarningsView>, Failure> {
    let limit = range::limit(query.limit, STEPS_DEFAULT, STEPS_MAX)?.get();
    let after = query.after.as_deref().map(str::parse::<BureauCursor>).transpose();
    let after = after.map_err(|_| {
        IntakeFault::query("after: is no cursor; give back the `next` of an answer as it is")
    })?;
    app.query(move |backend| backend.bureau_warnings(&who, after, limit)).await.map(Json)
}

/// Somebody of the recipient says that they read a message. Answers once it is on disk; a message
/// that was read already stays as it is.
#[utoipa::path(
    post,
    path = "/messages/{number}/read",
    params(("number" = String, Path, description = "Number of the delivery")),
    responses(
        (status = 200, description = "The delivery after it", body = MessageDetailView),
        (status = 403, description = "No account of the recipient, or another area"),
        (status = 404, description = "No such delivery"),
        (status = 409, description = "It was not accepted"),
        (status = 503, description = "Not possible now")
    )
)]
pub(super) async fn read_message(
    State(app): State<App>,
    Asker(who): Asker,
    IdOf(number): IdOf,
) -> Result<Json<MessageDetailView>, Failure> {
    let number = range::number(&number, BackendError::MessageNotFound)?;
    app.call(move |backend| backend.read_message(&who, number)).await.map(Json)
}

/// What was told of a warning to whom, and where that stands, newest first.
#[utoipa::path(
    get,
    path = "/warnings/{id}/messages",
    params(("id" = String, Path, description = "Id of the warning")),
    responses(
        (status = 200, description = "The deliveries", body = Vec<DeliveryView>),
        (status = 403, description = "A bureau, and another area"),
        (status = 404, description = "No such warning")
    )
)]
pub(super) async fn warning_messages(
    State(app): State<App>,
    IdOf(id): IdOf,
) -> Result<Json<Vec<DeliveryView>>, Failure> {
    let found = app.query(move |backend| {
        let warning = WarningId::from_text(&id);
        // It must be there, whoever asks.
        backend.area_of_warning(&warning)?;
        let of_it = MessagesQuery { warning: Some(id), ..MessagesQuery::default() };
        backend.messages(&of_it, &AreaScope::All, DELIVERIES_MAX)
    });
    Ok(Json(found.await?.deliveries))
}
