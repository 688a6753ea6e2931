//! The reports of times of the scripted ledger: nothing is asked.

use siskin_api::{BackendError, PeriodKindView, PeriodReportView, Periods, ReportFormat};

use super::Scripted;

impl Periods for Scripted {
    fn period_report(
        &self,
        _: PeriodKindView,
        _: Option<&str>,
    ) -> Result<PeriodReportView, BackendError> {
        unreachable!("a stream does not ask for a report")
    }

    fn period_document(
        &self,
        _: PeriodKindView,
        _: Option<&str>,
        _: ReportFormat,
    ) -> Result<Vec<u8>, BackendError> {
        unreachable!("a stream does not ask for a document")
    }
}
