//! Edge gateways.

use axum::Json;
use axum::extract::State;

use crate::app::App;
use crate::backend::Backend;
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
pub(super) async fn edges(State(app): State<App>) -> Result<Json<Vec<EdgeView>>, Failure> {
    app.call(Backend::edges).await.map(Json)
}
