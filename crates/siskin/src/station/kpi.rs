//! Figures of alarm management of the running station. They are made from the ledger at each
//! question, a page of events at a time: nothing is kept, and the pipeline waits for nothing.

use siskin_api::backend::BackendError;
use siskin_api::contract::KpisView;
use siskin_api::kpi::Kpi;
use siskin_model::Timestamp;

use super::backend::{StationBackend, unavailable};
use crate::kpi::{KpiError, kpis};

impl Kpi for StationBackend {
    fn kpis(
        &self,
        from: Timestamp,
        to: Timestamp,
        position: Option<&str>,
    ) -> Result<KpisView, BackendError> {
        let read = |span, take: &mut dyn FnMut(_), before: &mut dyn FnMut(_)| {
            self.ledger.life_between(span, take, before)
        };
        let found = kpis(&self.settings.site, &read, (from, to), position, self.clock.now());
        found.map_err(|error| match error {
            KpiError::Fault(fault) => fault.into(),
            KpiError::Store(error) => unavailable(&error),
            KpiError::Targets(error) => BackendError::Unavailable(error.to_string()),
        })
    }
}
