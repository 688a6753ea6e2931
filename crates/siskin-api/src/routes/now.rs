//! The station as it is: site, latest readings, active alarms, health.

use axum::Json;
use axum::extract::State;

use crate::app::App;
use crate::contract::{AlarmView, ChannelValue, HealthView, Problem, SiteView};
use crate::problem::Failure;

/// The site as configured.
#[utoipa::path(
    get,
    path = "/site",
    responses(
        (status = 200, description = "The site", body = SiteView),
        (status = "default", description = "A problem", body = Problem,
            content_type = "application/problem+json")
    )
)]
pub(super) async fn site(State(app): State<App>) -> Result<Json<SiteView>, Failure> {
    app.call(|backend| Ok(backend.site())).await.map(Json)
}

/// The latest reading of every channel.
#[utoipa::path(
    get,
    path = "/channels",
    responses(
        (status = 200, description = "One item a channel", body = Vec<ChannelValue>),
        (status = "default", description = "A problem", body = Problem,
            content_type = "application/problem+json")
    )
)]
pub(super) async fn channels(State(app): State<App>) -> Result<Json<Vec<ChannelValue>>, Failure> {
    app.call(|backend| Ok(backend.channels())).await.map(Json)
}

/// Active alarms, gas first, highest tier first.
#[utoipa::path(
    get,
    path = "/alarms",
    responses(
        (status = 200, description = "Active alarms", body = Vec<AlarmView>),
        (status = "default", description = "A problem", body = Problem,
            content_type = "application/problem+json")
    )
)]
pub(super) async fn alarms(State(app): State<App>) -> Result<Json<Vec<AlarmView>>, Failure> {
    app.call(|backend| Ok(backend.alarms())).await.map(Json)
}

/// How the station is.
#[utoipa::path(
    get,
    path = "/health",
    responses(
        (status = 200, description = "Health, also when it is degraded", body = HealthView),
        (status = "default", description = "A problem", body = Problem,
            content_type = "application/problem+json")
    )
)]
pub(super) async fn health(State(app): State<App>) -> Result<Json<HealthView>, Failure> {
    app.call(|backend| Ok(backend.health())).await.map(Json)
}
