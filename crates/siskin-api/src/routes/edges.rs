//! Edge gateways.

use axum::Json;
use axum::extract::State;

use crate::access::Asker;
use crate::access::sight::{self, Sight};
use crate::app::App;
use crate::contract::EdgeView;
use crate::problem::Failure;

/// Edge gateways: whether they are connected, how far behind, what they lost.
#[utoipa::path(
    get,
    path = "/edges",
    responses(
        (status = 200, description = "One item a gateway", body = Vec<EdgeView>)
    )
)]
pub(super) async fn edges(
    State(app): State<App>,
    Asker(who): Asker,
) -> Result<Json<Vec<EdgeView>>, Failure> {
    app.call(move |backend| Ok(sight::within(backend, &who, backend.edges()?, Sight::edges)))
        .await
        .map(Json)
}
