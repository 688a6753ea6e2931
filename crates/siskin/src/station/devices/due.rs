//! Which work on devices is due, as the API tells it; how many channels, for health.
//!
//! The log is read anew once a minute and after each entry, however many people look: health is
//! asked often, and a date moves by days.

use std::sync::{Mutex, PoisonError};

use siskin_api::backend::BackendError;
use siskin_api::contract::{DueStateView, MaintenanceDueView, MaintenanceHealthView};
use siskin_model::Timestamp;
use siskin_model::due::{Due, DueState, NEWEST_MAX, channels_due, due};

use super::super::backend::unavailable;
use super::log::{Log, kind_view};

const MINUTE_MS: i64 = 60_000;

/// What health was told last, and in which minute.
#[derive(Debug, Default)]
pub(crate) struct LastDue(Mutex<Option<(i64, MaintenanceHealthView)>>);

impl LastDue {
    /// An entry was written: what was told is old.
    pub(super) fn forget(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// How many channels have work that is due.
    pub(super) fn health(&self, log: &Log<'_>) -> MaintenanceHealthView {
        let minute = log.now.as_millis().div_euclid(MINUTE_MS);
        // Held while the log is read: whoever comes now waits for the same answer.
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((when, told)) = last.as_ref()
            && *when == minute
        {
            return told.clone();
        }
        let told = match log.due() {
            Ok(due) => MaintenanceHealthView {
                overdue: channels_due(&due, DueState::Overdue),
                no_record: channels_due(&due, DueState::NoRecord),
                soon: channels_due(&due, DueState::Soon),
                failure: None,
            },
            Err(error) => MaintenanceHealthView {
                failure: Some(error.to_string()),
                ..MaintenanceHealthView::default()
            },
        };
        *last = Some((minute, told.clone()));
        told
    }
}

impl Log<'_> {
    /// What is due, by channel in order of the site.
    fn due(&self) -> Result<Vec<Due>, BackendError> {
        let newest = self.ledger.maintenance_newest(NEWEST_MAX).map_err(|e| unavailable(&e))?;
        let newest: Vec<_> = newest.into_iter().map(|(_, made)| made).collect();
        Ok(due(&self.settings.site, &self.settings.intervals, &newest, self.now))
    }

    pub(super) fn due_views(&self) -> Result<Vec<MaintenanceDueView>, BackendError> {
        let offset_s = self.settings.site.utc_offset_s;
        let moment = |at: Timestamp| at.rfc3339(offset_s);
        let view = |one: &Due| MaintenanceDueView {
            channel: one.channel.to_string(),
            kind: kind_view(one.kind),
            state: state_view(one.state),
            due_at: one.at.map(moment),
            done_at: one.done_at.map(moment),
            every_days: one.interval.as_ref().map(|interval| interval.every_days),
            source: one.interval.as_ref().map(|interval| interval.source.clone()),
        };
        Ok(self.due()?.iter().map(view).collect())
    }
}

fn state_view(state: DueState) -> DueStateView {
    match state {
        DueState::Overdue => DueStateView::Overdue,
        DueState::NoRecord => DueStateView::NoRecord,
        DueState::Soon => DueStateView::Soon,
    }
}
