//! The station of `resume.rs` has no drills: a stream of events never asks about them.

use siskin_api::{BackendError, DrillReportView, DrillRequest, DrillView, Drills, DrillsView};
use siskin_model::Who;

use crate::resume::Scripted;

impl Drills for Scripted {
    fn drills(&self) -> Result<DrillsView, BackendError> {
        unreachable!("a stream of events does not ask about drills")
    }

    fn drill(&self, _: u64) -> Result<DrillView, BackendError> {
        unreachable!("a stream of events does not ask about drills")
    }

    fn begin_drill(&self, _: &Who, _: &DrillRequest) -> Result<DrillView, BackendError> {
        unreachable!("a stream of events does not ask about drills")
    }

    fn end_drill(&self, _: &Who, _: u64, _: &str) -> Result<DrillView, BackendError> {
        unreachable!("a stream of events does not ask about drills")
    }

    fn drill_report(&self, _: u64) -> Result<DrillReportView, BackendError> {
        unreachable!("a stream of events does not ask about drills")
    }
}
