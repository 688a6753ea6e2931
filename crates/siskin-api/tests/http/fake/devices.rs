//! The fake's devices: one analyzer with one register, one calibration.

use siskin_api::{
    BackendError, DeviceErrorsView, DeviceFault, DeviceFrameView, DeviceState, DeviceView, Devices,
    DueStateView, MaintenanceDueView, MaintenanceKindView, MaintenanceRequest, MaintenanceView,
    RawRequestView, TextView,
};
use siskin_model::{ChannelId, MaintenanceFault, Who};

use super::{AT, CHANNEL, Fake};

const DEVICE: &str = "at-101";

fn entry(by: &str, request: &MaintenanceRequest) -> MaintenanceView {
    MaintenanceView {
        number: 1,
        channel: CHANNEL.to_owned(),
        kind: request.kind,
        at: AT.to_owned(),
        by: by.to_owned(),
        made_at: AT.to_owned(),
        standard: request.standard,
        before: request.before,
        after: request.after,
        next_due: None,
        is_overdue: true,
        note: request.note.clone(),
    }
}

fn calibration() -> MaintenanceView {
    let request = MaintenanceRequest {
        kind: MaintenanceKindView::Calibration,
        at_ms: 0,
        standard: Some(5.0),
        before: None,
        after: Some(5.0),
        next_due_ms: None,
        note: String::new(),
    };
    entry("wang", &request)
}

impl Devices for Fake {
    fn devices(&self) -> Vec<DeviceView> {
        vec![DeviceView {
            id: DEVICE.to_owned(),
            name: TextView { zh: "一号".to_owned(), en: "one".to_owned() },
            area: "tank-farm".to_owned(),
            protocol: "modbus-tcp".to_owned(),
            address: "10.0.0.1:502 · 1".to_owned(),
            profile: "acme".to_owned(),
            vendor: "Acme".to_owned(),
            model: "One".to_owned(),
            edge: None,
            state: DeviceState::Answering,
            since: Some(AT.to_owned()),
            last_ok_at: Some(AT.to_owned()),
            last_error: None,
            exchanges_ok: 1,
            errors: DeviceErrorsView {
                exchanges: 0,
                unanswered: Some(0),
                unusable: Some(0),
                refused: 0,
                polls_late: 0,
            },
            poll_ms: 1000,
            interval_ms: Some(1000),
            jitter_ms: Some(0),
            clock: None,
        }]
    }

    fn device_frame(&self, id: &str) -> Result<DeviceFrameView, BackendError> {
        if id != DEVICE {
            return Err(DeviceFault::NotFound(id.to_owned()).into());
        }
        let request = RawRequestView {
            function: 3,
            address: 0,
            count: 1,
            values: vec!["002A".to_owned()],
            failure: None,
        };
        Ok(DeviceFrameView {
            device: id.to_owned(),
            none: None,
            heard_at: Some(AT.to_owned()),
            bytes: 2,
            is_cut: false,
            topic: None,
            text: None,
            hex: None,
            requests: vec![request],
            fields: Vec::new(),
        })
    }

    fn maintenance(
        &self,
        channel: &ChannelId,
        _: usize,
    ) -> Result<Vec<MaintenanceView>, BackendError> {
        if channel.as_str() != CHANNEL {
            return Err(BackendError::ChannelNotFound(channel.to_string()));
        }
        Ok(vec![calibration()])
    }

    fn maintenance_newest(&self) -> Result<Vec<MaintenanceView>, BackendError> {
        Ok(vec![calibration()])
    }

    fn maintenance_due(&self) -> Result<Vec<MaintenanceDueView>, BackendError> {
        Ok(vec![MaintenanceDueView {
            channel: CHANNEL.to_owned(),
            kind: MaintenanceKindView::BumpTest,
            state: DueStateView::NoRecord,
            due_at: None,
            done_at: None,
            every_days: Some(30),
            source: Some("made for tests".to_owned()),
        }])
    }

    fn maintain(
        &self,
        _: &ChannelId,
        who: &Who,
        request: &MaintenanceRequest,
    ) -> Result<MaintenanceView, BackendError> {
        if request.kind == MaintenanceKindView::Calibration && request.standard.is_none() {
            let fault = MaintenanceFault::Missing("standard");
            return Err(DeviceFault::Maintenance(fault).into());
        }
        Ok(entry(&who.name, request))
    }
}
