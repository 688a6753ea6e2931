//! Who is told.

use axum::Json;
use axum::extract::State;

use crate::app::App;
use crate::contract::RecipientView;
use crate::problem::Failure;

/// Who is told of warnings, in the order of the site's file, and how each is.
///
/// Kinds of ways only: no address, number or secret is in it.
#[utoipa::path(
    get,
    path = "/recipients",
    responses((status = 200, description = "The recipients", body = Vec<RecipientView>))
)]
pub(super) async fn recipients(
    State(app): State<App>,
) -> Result<Json<Vec<RecipientView>>, Failure> {
    app.query(crate::Messages::recipients).await.map(Json)
}
