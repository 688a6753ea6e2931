//! The fake's reports of times: they say what was asked.

use siskin_api::kpi::Kpi;
use siskin_api::{
    BackendError, PeriodFault, PeriodKindView, PeriodReportView, Periods, ReportFormat,
};
use siskin_model::Timestamp;

use super::{AT, Fake};

impl Periods for Fake {
    fn period_report(
        &self,
        kind: PeriodKindView,
        at: Option<&str>,
    ) -> Result<PeriodReportView, BackendError> {
        if kind == PeriodKindView::Shift {
            return Err(PeriodFault::NoShift.into());
        }
        match at {
            None | Some("2026-11-28") => {}
            Some("2099-01-01") => return Err(PeriodFault::Ahead.into()),
            Some(other) => return Err(PeriodFault::BadAt(other.to_owned()).into()),
        }
        Ok(PeriodReportView {
            kind,
            from: AT.to_owned(),
            to: AT.to_owned(),
            from_ms: 0,
            to_ms: 1,
            made_at: AT.to_owned(),
            is_over: true,
            rates: Vec::new(),
            counts: Vec::new(),
            warnings: Vec::new(),
            warnings_left_out: 0,
            analyzers: Vec::new(),
            analyzers_left_out: 0,
            kpis: self.kpis(Timestamp::from_millis(0), Timestamp::from_millis(1), None)?,
        })
    }

    fn period_document(
        &self,
        kind: PeriodKindView,
        at: Option<&str>,
        format: ReportFormat,
    ) -> Result<Vec<u8>, BackendError> {
        self.period_report(kind, at)?;
        Ok(format!("{format:?}").into_bytes())
    }
}
