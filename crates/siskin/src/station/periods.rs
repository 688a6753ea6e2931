//! Reports of a shift, a day or a month of the running station. They are made from the stores at
//! each question; the pipeline waits for nothing.

use siskin_api::backend::BackendError;
use siskin_api::contract::{PeriodKindView, PeriodReportView, ReportFormat};
use siskin_api::periods::Periods;
use siskin_api::reports::ReportFault;

use super::backend::{StationBackend, unavailable};
use crate::kpi::KpiError;
use crate::periods::{Figures, Period, PeriodError, Stores, collect, document, view};
use crate::report::{Format, load_font};

impl StationBackend {
    fn figures(&self, kind: PeriodKindView, at: Option<&str>) -> Result<Figures, BackendError> {
        let now = self.clock.now();
        let stores = Stores {
            settings: &self.settings,
            series: self.series.as_ref(),
            ledger: &self.ledger,
            now,
        };
        let period = Period::of(kind, at, (&self.settings.site, &self.ledger, now));
        period.and_then(|period| collect(&stores, period)).map_err(|error| match error {
            PeriodError::Fault(fault) => fault.into(),
            PeriodError::TooMuch(fault) | PeriodError::Kpi(KpiError::Fault(fault)) => fault.into(),
            PeriodError::Store(error) => unavailable(&error),
            PeriodError::Kpi(error) => BackendError::Unavailable(error.to_string()),
        })
    }
}

impl Periods for StationBackend {
    fn period_report(
        &self,
        kind: PeriodKindView,
        at: Option<&str>,
    ) -> Result<PeriodReportView, BackendError> {
        Ok(view(&self.settings.site, &self.figures(kind, at)?))
    }

    fn period_document(
        &self,
        kind: PeriodKindView,
        at: Option<&str>,
        format: ReportFormat,
    ) -> Result<Vec<u8>, BackendError> {
        let font = load_font(&self.settings.incidents.office);
        let font = font.map_err(|error| ReportFault::NoFont { reason: error.to_string() })?;
        let format = match format {
            ReportFormat::Docx => Format::Docx,
            ReportFormat::Pdf => Format::Pdf,
        };
        let made = document(&self.settings.site, &self.figures(kind, at)?, format, &font);
        made.map_err(|error| BackendError::Unavailable(format!("{error:#}")))
    }
}
