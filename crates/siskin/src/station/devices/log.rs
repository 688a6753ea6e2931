//! The log of what was done to devices: whether an entry can be kept, and whose area it is in.

use siskin_api::backend::BackendError;
use siskin_api::contract::{MaintenanceKindView, MaintenanceRequest, MaintenanceView};
use siskin_api::devices::DeviceFault;
use siskin_config::Settings;
use siskin_model::site::Channel;
use siskin_model::{ChannelId, Maintenance, MaintenanceKind, Timestamp, Who};
use siskin_store::Ledger;
use siskin_store::ledger::{NewAudit, ROWS_MAX};

use super::super::backend::unavailable;

/// What the log is answered from.
pub(super) struct Log<'a> {
    pub(super) settings: &'a Settings,
    pub(super) ledger: &'a Ledger,
    pub(super) now: Timestamp,
}

impl Log<'_> {
    pub(super) fn of(
        &self,
        channel: &ChannelId,
        limit: usize,
    ) -> Result<Vec<MaintenanceView>, BackendError> {
        self.channel(channel)?;
        let found = self.ledger.maintenance(channel, limit).map_err(|e| unavailable(&e))?;
        Ok(found.iter().map(|(number, made)| self.view(*number, made)).collect())
    }

    pub(super) fn newest(&self) -> Result<Vec<MaintenanceView>, BackendError> {
        let found = self.ledger.maintenance_newest(ROWS_MAX).map_err(|e| unavailable(&e))?;
        // What has left the site is not due any more.
        let here = found.iter().filter(|(_, made)| self.channel(&made.channel).is_ok());
        Ok(here.map(|(number, made)| self.view(*number, made)).collect())
    }

    pub(super) fn put(
        &self,
        channel: &ChannelId,
        who: &Who,
        request: &MaintenanceRequest,
    ) -> Result<MaintenanceView, BackendError> {
        let area = &self.channel(channel)?.area;
        if !who.areas.has(area) {
            return Err(BackendError::OtherArea(area.to_string()));
        }
        let made = Maintenance {
            channel: channel.clone(),
            kind: kind(request.kind),
            at: Timestamp::from_millis(request.at_ms),
            by: who.name.clone(),
            made_at: self.now,
            standard: request.standard,
            before: request.before,
            after: request.after,
            next_due: request.next_due_ms.map(Timestamp::from_millis),
            note: request.note.clone(),
        };
        made.check().map_err(DeviceFault::Maintenance)?;
        let entry = NewAudit {
            at: self.now,
            by: who.name.clone(),
            act: "maintenance.put".to_owned(),
            about: channel.to_string(),
            body: serde_json::to_value(&made).unwrap_or_default(),
        };
        let number = self.ledger.put_maintenance(&made, &entry).map_err(|e| unavailable(&e))?;
        Ok(self.view(number, &made))
    }

    fn channel(&self, id: &ChannelId) -> Result<&Channel, BackendError> {
        let site = &self.settings.site;
        let found = site.index_of(id).and_then(|index| site.channel(index));
        found.ok_or_else(|| BackendError::ChannelNotFound(id.to_string()))
    }

    fn view(&self, number: u64, made: &Maintenance) -> MaintenanceView {
        let moment = |at: Timestamp| at.rfc3339(self.settings.site.utc_offset_s);
        MaintenanceView {
            number,
            channel: made.channel.to_string(),
            kind: kind_view(made.kind),
            at: moment(made.at),
            by: made.by.clone(),
            made_at: moment(made.made_at),
            standard: made.standard,
            before: made.before,
            after: made.after,
            next_due: made.next_due.map(moment),
            is_overdue: made.is_overdue(self.now),
            note: made.note.clone(),
        }
    }
}

fn kind(kind: MaintenanceKindView) -> MaintenanceKind {
    match kind {
        MaintenanceKindView::Calibration => MaintenanceKind::Calibration,
        MaintenanceKindView::BumpTest => MaintenanceKind::BumpTest,
        MaintenanceKindView::Repair => MaintenanceKind::Repair,
        MaintenanceKindView::Replacement => MaintenanceKind::Replacement,
        MaintenanceKindView::Inspection => MaintenanceKind::Inspection,
    }
}

pub(super) fn kind_view(kind: MaintenanceKind) -> MaintenanceKindView {
    match kind {
        MaintenanceKind::Calibration => MaintenanceKindView::Calibration,
        MaintenanceKind::BumpTest => MaintenanceKindView::BumpTest,
        MaintenanceKind::Repair => MaintenanceKindView::Repair,
        MaintenanceKind::Replacement => MaintenanceKindView::Replacement,
        MaintenanceKind::Inspection => MaintenanceKindView::Inspection,
    }
}
