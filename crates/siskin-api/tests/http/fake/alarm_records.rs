//! The record of alarms of the fake: one alarm, and what was asked.

use siskin_api::{
    AlarmCursor, AlarmExportForm, AlarmRecordView, AlarmRecords, AlarmRecordsFault,
    AlarmRecordsView, AlarmsAsked, BackendError, ExportLang, TierView, WarningStateView,
};
use siskin_model::Who;

use super::people::AREA;
use super::{AT, CHANNEL, Fake, NOW_MS, WARNING};

fn record(state: WarningStateView) -> AlarmRecordView {
    AlarmRecordView {
        rule: "high".to_owned(),
        rule_name: None,
        channel: CHANNEL.to_owned(),
        gas: Some("chlorine".to_owned()),
        area: Some(AREA.to_owned()),
        kind: "gas".to_owned(),
        tier: Some(TierView::Red),
        value: Some(1.5),
        limit: Some(1.0),
        unit: "ppm".to_owned(),
        raised_at: AT.to_owned(),
        raised_at_ms: NOW_MS,
        cleared_at: None,
        cleared_at_ms: None,
        state,
        warning: Some(WARNING.to_owned()),
        acknowledged_by: None,
        acknowledged_at: None,
    }
}

/// Whether the area of its alarm is asked for.
fn is_asked(asked: &AlarmsAsked) -> bool {
    let areas = asked.areas.as_ref();
    areas.is_none_or(|areas| areas.iter().any(|area| area.as_str() == AREA))
}

impl AlarmRecords for Fake {
    /// As many as asked for; a text is told as too many.
    fn alarm_records(
        &self,
        asked: &AlarmsAsked,
        after: Option<&AlarmCursor>,
        limit: usize,
    ) -> Result<AlarmRecordsView, BackendError> {
        if asked.text.is_some() {
            return Err(AlarmRecordsFault::TooMany.into());
        }
        let count = if is_asked(asked) { limit } else { 0 };
        let records = vec![record(WarningStateView::Normal); count];
        let next = after.map(ToString::to_string);
        Ok(AlarmRecordsView { records, next, now_ms: NOW_MS })
    }

    fn alarms_ranked(&self, asked: &AlarmsAsked) -> Result<AlarmRecordsView, BackendError> {
        let one = record(WarningStateView::ActiveUnacknowledged);
        let records = is_asked(asked).then_some(one).into_iter().collect();
        Ok(AlarmRecordsView { records, next: None, now_ms: NOW_MS })
    }

    fn alarm_file(
        &self,
        who: &Who,
        asked: &AlarmsAsked,
        records: &[AlarmRecordView],
        form: AlarmExportForm,
        lang: ExportLang,
    ) -> Result<Vec<u8>, BackendError> {
        let areas = asked.areas.as_ref().map_or(0, Vec::len);
        let count = records.len();
        Ok(format!("{} {form:?} {lang:?} {areas} {count}", who.name).into_bytes())
    }
}
