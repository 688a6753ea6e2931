//! Reports, of which a stream of events asks nothing.

use siskin_api::{
    BackendError, FillReportRequest, ReportDraftView, ReportFormat, ReportKindView, Reports,
    ReportsView, SignReportRequest, SignedReportView,
};
use siskin_model::Who;

use super::Scripted;

impl Reports for Scripted {
    fn reports(&self, _: &str) -> Result<ReportsView, BackendError> {
        unreachable!("a stream of events does not ask for reports")
    }

    fn report_draft(&self, _: &str, _: ReportKindView) -> Result<ReportDraftView, BackendError> {
        unreachable!("a stream of events does not ask for a draft")
    }

    fn fill_report(
        &self,
        _: &Who,
        _: &str,
        _: ReportKindView,
        _: &FillReportRequest,
    ) -> Result<ReportDraftView, BackendError> {
        unreachable!("a stream of events fills in nothing")
    }

    fn sign_report(
        &self,
        _: &Who,
        _: &str,
        _: ReportKindView,
        _: &SignReportRequest,
    ) -> Result<SignedReportView, BackendError> {
        unreachable!("a stream of events signs nothing")
    }

    fn report_document(
        &self,
        _: &str,
        _: ReportKindView,
        _: u32,
        _: ReportFormat,
    ) -> Result<Vec<u8>, BackendError> {
        unreachable!("a stream of events asks for no document")
    }
}
