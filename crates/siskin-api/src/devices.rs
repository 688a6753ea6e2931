//! What the API needs from the station about devices: how they answer, what they said last, what
//! was done to them. Part of [`crate::Backend`].
//!
//! Never asks a device anything: it is shown what came.

use axum::http::StatusCode;
use siskin_model::{ChannelId, MaintenanceFault, Who};

use crate::backend::BackendError;
use crate::contract::{
    DeviceFrameView, DeviceView, MaintenanceDueView, MaintenanceRequest, MaintenanceView,
};
use crate::problem::Kind;

/// The devices of a station.
pub trait Devices: Send + Sync + 'static {
    /// All of them, in order of the site.
    fn devices(&self) -> Vec<DeviceView>;
    /// What a device said last.
    fn device_frame(&self, id: &str) -> Result<DeviceFrameView, BackendError>;
    /// What was done to the device of a channel, the newest work first, at most `limit`.
    fn maintenance(
        &self,
        channel: &ChannelId,
        limit: usize,
    ) -> Result<Vec<MaintenanceView>, BackendError>;
    /// The newest work of each kind on each channel.
    fn maintenance_newest(&self) -> Result<Vec<MaintenanceView>, BackendError>;
    /// What is due, or soon, by channel.
    fn maintenance_due(&self) -> Result<Vec<MaintenanceDueView>, BackendError>;
    /// Writes what somebody did; returns once it is on disk. The note has been checked for its
    /// form.
    fn maintain(
        &self,
        channel: &ChannelId,
        who: &Who,
        request: &MaintenanceRequest,
    ) -> Result<MaintenanceView, BackendError>;
}

/// Why something about a device is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeviceFault {
    /// No device by this id.
    #[error("There is no device `{0}`. See /api/v1/devices for those of this site.")]
    NotFound(String),
    /// The entry cannot be kept.
    #[error(transparent)]
    Maintenance(#[from] MaintenanceFault),
}

impl DeviceFault {
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::NotFound(_) => Kind(StatusCode::NOT_FOUND, "device-not-found", "No such device"),
            // By this name the page puts it beside the field that the text names.
            Self::Maintenance(_) => {
                Kind(StatusCode::UNPROCESSABLE_ENTITY, "bad-field", "Field does not fit")
            }
        }
    }

    pub(crate) fn detail_zh(&self) -> String {
        match self {
            Self::NotFound(id) => {
                format!("没有编号为“{id}”的设备。本站点的设备见 /api/v1/devices。")
            }
            Self::Maintenance(fault) => fault.zh(),
        }
    }
}
