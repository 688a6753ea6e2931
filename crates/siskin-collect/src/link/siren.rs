//! How the gateway's own siren is, for the station to know: a siren that cannot be reached is a
//! silent failure unless somebody is told.

use std::sync::{Arc, Mutex, PoisonError};

use siskin_wire::link::SirenReport;

/// The newest state, shared between what switches the siren and the link; none without a siren.
#[derive(Debug, Clone, Default)]
pub struct SharedSiren(Arc<Mutex<Option<SirenReport>>>);

impl SharedSiren {
    /// As it is now.
    pub fn get(&self) -> Option<SirenReport> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The siren is there, or has changed.
    pub fn set(&self, report: SirenReport) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(report);
    }
}
