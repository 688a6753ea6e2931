//! Who the asker is to the station.

use axum::Json;

use crate::access::Asker;
use crate::contract::WhoView;

/// Who asks, and what they are.
#[utoipa::path(
    get,
    path = "/me",
    responses((status = 200, description = "The asker", body = WhoView))
)]
pub(super) async fn me(Asker(who): Asker) -> Json<WhoView> {
    Json(WhoView::from(&who))
}
