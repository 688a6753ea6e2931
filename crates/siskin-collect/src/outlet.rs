//! The way out of a source: a bounded queue whose back pressure reaches the device.

use siskin_model::{AnalyzerHealth, Origin, Reading};
use tokio::sync::{mpsc, oneshot};

use crate::Intake;

/// The station no longer listens: the source ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Closed;

/// Where a source puts what it read.
#[derive(Debug, Clone)]
pub(crate) struct Outlet(mpsc::Sender<Intake>);

impl Outlet {
    pub(crate) fn new(out: mpsc::Sender<Intake>) -> Self {
        Self(out)
    }

    /// Live ones, see [`Outlet::readings_of`].
    pub(crate) async fn readings(
        &self,
        readings: Vec<Reading>,
        committed: Option<oneshot::Sender<()>>,
    ) -> Result<(), Closed> {
        self.readings_of(Origin::Live, readings, committed).await
    }

    /// Waits while the queue is full: a source that is not listened to must not run ahead.
    pub(crate) async fn readings_of(
        &self,
        origin: Origin,
        readings: Vec<Reading>,
        committed: Option<oneshot::Sender<()>>,
    ) -> Result<(), Closed> {
        if readings.is_empty() {
            return Ok(());
        }
        let intake = Intake::Readings { readings, origin, committed };
        self.0.send(intake).await.map_err(|_| Closed)
    }

    pub(crate) async fn health(
        &self,
        health: impl IntoIterator<Item = AnalyzerHealth>,
    ) -> Result<(), Closed> {
        for health in health {
            let intake = Intake::Health(health);
            self.0.send(intake).await.map_err(|_| Closed)?;
        }
        Ok(())
    }
}
