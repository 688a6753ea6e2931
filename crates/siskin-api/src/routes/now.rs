//! The station as it is: site, latest readings, active alarms, health.

use std::collections::HashMap;

use axum::Json;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use siskin_model::ChannelId;

use crate::access::Asker;
use crate::access::sight::{self, Sight};
use crate::app::App;
use crate::backend::Backend;
use crate::contract::{AlarmView, ChannelValue, ChannelsQuery, HealthView, SiteView, WarningScope};
use crate::intake::QueryOf;
use crate::metrics;
use crate::problem::Failure;
use crate::routes::range;
use crate::written::WrittenList;

/// The site as configured.
#[utoipa::path(
    get,
    path = "/site",
    responses(
        (status = 200, description = "The site", body = SiteView)
    )
)]
pub(super) async fn site(
    State(app): State<App>,
    Asker(who): Asker,
) -> Result<Json<SiteView>, Failure> {
    app.call(move |backend| Ok(sight::within(backend, &who, backend.site(), Sight::site)))
        .await
        .map(Json)
}

/// The latest reading of every channel, or of those that are asked for, in their order.
#[utoipa::path(
    get,
    path = "/channels",
    params(ChannelsQuery),
    responses(
        (status = 200, description = "One item a channel", body = Vec<ChannelValue>),
        (status = 400, description = "The query cannot be used"),
        (status = 404, description = "No such channel")
    )
)]
pub(super) async fn channels(
    State(app): State<App>,
    Asker(who): Asker,
    QueryOf(query): QueryOf<ChannelsQuery>,
) -> Result<Json<Vec<ChannelValue>>, Failure> {
    let asked = query.channels.as_deref().map(range::channels).transpose()?;
    let all = move |backend: &dyn Backend| {
        Ok(sight::within(backend, &who, backend.channels(), Sight::values))
    };
    let all = app.call(all).await?;
    let Some(asked) = asked else {
        return Ok(Json(all));
    };
    let mut by_id: HashMap<String, ChannelValue> =
        all.into_iter().map(|value| (value.channel.clone(), value)).collect();
    let mut take = |id: ChannelId| {
        by_id.remove(id.as_str()).ok_or_else(|| Failure::ChannelNotFound { id: id.to_string() })
    };
    asked.into_iter().map(&mut take).collect::<Result<_, _>>().map(Json)
}

/// Active alarms, gas first, highest tier first.
#[utoipa::path(
    get,
    path = "/alarms",
    responses(
        (status = 200, description = "Active alarms", body = Vec<AlarmView>)
    )
)]
pub(super) async fn alarms(
    State(app): State<App>,
    Asker(who): Asker,
) -> Result<WrittenList, Failure> {
    app.call(move |backend| {
        let Some(sight) = Sight::of(backend, &who) else {
            return backend.alarms_written();
        };
        let mut seen = backend.alarms();
        seen.retain(|alarm| sight.channel(&alarm.channel));
        WrittenList::of(&seen)
    })
    .await
}

/// How the station is.
#[utoipa::path(
    get,
    path = "/health",
    responses(
        (status = 200, description = "Health, also when it is degraded", body = HealthView)
    )
)]
pub(super) async fn health(
    State(app): State<App>,
    Asker(who): Asker,
) -> Result<Json<HealthView>, Failure> {
    app.call(move |backend| Ok(sight::within(backend, &who, backend.health(), Sight::health)))
        .await
        .map(Json)
}

/// The station's numbers for Prometheus: readings, warnings by tier, analyzers by link, mirrors.
#[utoipa::path(
    get,
    path = "/metrics",
    responses(
        (status = 200, description = "Text format of Prometheus, version 0.0.4", body = String,
            content_type = "text/plain")
    )
)]
pub(super) async fn metrics(State(app): State<App>) -> Result<Response, Failure> {
    let made = app.call(|backend| {
        let open = backend.warnings(WarningScope::Open)?;
        Ok(metrics::text(&backend.health(), &open))
    });
    Ok(([(CONTENT_TYPE, metrics::MEDIA_TYPE)], made.await?).into_response())
}
