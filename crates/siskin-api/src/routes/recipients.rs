//! Who is told.

use axum::Json;
use axum::extract::State;

use crate::access::Asker;
use crate::access::sight::{self, Sight};
use crate::app::App;
use crate::backend::Backend;
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
    Asker(who): Asker,
) -> Result<Json<Vec<RecipientView>>, Failure> {
    let all = move |backend: &dyn Backend| {
        Ok(sight::within(backend, &who, backend.recipients()?, Sight::recipients))
    };
    app.query(all).await.map(Json)
}
