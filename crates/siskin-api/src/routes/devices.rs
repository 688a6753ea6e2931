//! Devices: how they answer, what they said last, what was done to them.

use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::access::Asker;
use crate::access::sight::{self, Sight};
use crate::app::App;
use crate::contract::{
    DeviceFrameView, DeviceView, MaintenanceDueView, MaintenanceRequest, MaintenanceView,
};
use crate::intake::{BodyOf, IdOf, note_of_person};
use crate::problem::Failure;
use crate::routes::range;

/// The most entries of the log of one channel in an answer.
const ENTRIES_MAX: usize = 500;

/// The routes of devices.
pub(super) fn all() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(devices))
        .routes(routes!(device_registers))
        .routes(routes!(channel_maintenance, add_maintenance))
        .routes(routes!(maintenance))
        .routes(routes!(maintenance_due))
}

/// Every device: where it is reached, how it answers, how steadily, what went wrong, its clock.
#[utoipa::path(get, path = "/devices", responses(
    (status = 200, description = "In order of the site", body = Vec<DeviceView>)
))]
async fn devices(
    State(app): State<App>,
    Asker(who): Asker,
) -> Result<Json<Vec<DeviceView>>, Failure> {
    app.call(move |backend| Ok(sight::within(backend, &who, backend.devices(), Sight::devices)))
        .await
        .map(Json)
}

/// What a device said last, as it came: registers with what the profile makes of them, a message,
/// a packet. One frame a device is kept, at most 4 KiB of it. The device is not asked.
#[utoipa::path(get, path = "/devices/{id}/registers",
    params(("id" = String, Path, description = "Id of the analyzer")),
    responses(
        (status = 200, description = "The last frame", body = DeviceFrameView),
        (status = 404, description = "No such device")
    ))]
async fn device_registers(
    State(app): State<App>,
    IdOf(id): IdOf,
) -> Result<Json<DeviceFrameView>, Failure> {
    app.call(move |backend| backend.device_frame(&id)).await.map(Json)
}

/// What was done to the device of a channel, the newest work first, at most 500 entries.
#[utoipa::path(get, path = "/channels/{id}/maintenance",
    params(("id" = String, Path, description = "Id of the channel")),
    responses(
        (status = 200, description = "The log", body = Vec<MaintenanceView>),
        (status = 404, description = "No such channel")
    ))]
async fn channel_maintenance(
    State(app): State<App>,
    IdOf(id): IdOf,
) -> Result<Json<Vec<MaintenanceView>>, Failure> {
    let channel = range::channel(&id)?;
    app.call(move |backend| backend.maintenance(&channel, ENTRIES_MAX)).await.map(Json)
}

/// Writes what was done to the device of a channel, in the name of the asker. Entries are never
/// changed: a later one corrects. Answers once it is on disk.
#[utoipa::path(post, path = "/channels/{id}/maintenance",
    params(("id" = String, Path, description = "Id of the channel")),
    request_body = MaintenanceRequest,
    responses(
        (status = 200, description = "The entry", body = MaintenanceView),
        (status = 404, description = "No such channel"),
        (status = 422, description = "A field does not fit")
    ))]
async fn add_maintenance(
    State(app): State<App>,
    Asker(who): Asker,
    IdOf(id): IdOf,
    BodyOf(request): BodyOf<MaintenanceRequest>,
) -> Result<Json<MaintenanceView>, Failure> {
    let channel = range::channel(&id)?;
    let note = note_of_person(&request.note)?;
    let request = MaintenanceRequest { note, ..request };
    app.call(move |backend| backend.maintain(&channel, &who, &request)).await.map(Json)
}

/// The newest work of each kind on each channel: what is due next, and what is overdue.
#[utoipa::path(get, path = "/maintenance", responses(
    (status = 200, description = "By channel and kind", body = Vec<MaintenanceView>)
))]
async fn maintenance(
    State(app): State<App>,
    Asker(who): Asker,
) -> Result<Json<Vec<MaintenanceView>>, Failure> {
    app.call(move |backend| {
        Ok(sight::within(backend, &who, backend.maintenance_newest()?, Sight::maintenance))
    })
    .await
    .map(Json)
}

/// Work that is due on the devices of channels, or within 14 days: by the dates of the log and by
/// the intervals of the site.
#[utoipa::path(get, path = "/maintenance/due", responses(
    (status = 200, description = "By channel, in order of the site", body = Vec<MaintenanceDueView>)
))]
async fn maintenance_due(
    State(app): State<App>,
    Asker(who): Asker,
) -> Result<Json<Vec<MaintenanceDueView>>, Failure> {
    app.call(move |backend| {
        Ok(sight::within(backend, &who, backend.maintenance_due()?, Sight::maintenance_due))
    })
    .await
    .map(Json)
}
