//! The station of `resume.rs` has no devices: a stream of events never asks about them.

use siskin_api::{
    BackendError, DeviceFrameView, DeviceView, Devices, MaintenanceDueView, MaintenanceRequest,
    MaintenanceView,
};
use siskin_model::{ChannelId, Who};

use crate::resume::Scripted;

impl Devices for Scripted {
    fn devices(&self) -> Vec<DeviceView> {
        unreachable!("a stream of events does not ask about devices")
    }

    fn device_frame(&self, _: &str) -> Result<DeviceFrameView, BackendError> {
        unreachable!("a stream of events does not ask about devices")
    }

    fn maintenance(&self, _: &ChannelId, _: usize) -> Result<Vec<MaintenanceView>, BackendError> {
        unreachable!("a stream of events does not ask about devices")
    }

    fn maintenance_newest(&self) -> Result<Vec<MaintenanceView>, BackendError> {
        unreachable!("a stream of events does not ask about devices")
    }

    fn maintenance_due(&self) -> Result<Vec<MaintenanceDueView>, BackendError> {
        unreachable!("a stream of events does not ask about devices")
    }

    fn maintain(
        &self,
        _: &ChannelId,
        _: &Who,
        _: &MaintenanceRequest,
    ) -> Result<MaintenanceView, BackendError> {
        unreachable!("a stream of events does not ask about devices")
    }
}
