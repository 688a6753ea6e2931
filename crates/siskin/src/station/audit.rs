//! The audit of a running station: starts and stops, what configuration it runs with, and the
//! signatures.
//!
//! Entries of acts are written where the acts are, in the same transaction. Must never stand in
//! the way of judging: where nothing can be signed, that is shown and tried again, and the station
//! goes on.

mod answers;
mod configuration;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::json;
use siskin_api::AuditHealthView;
use siskin_collect::Clock;
use siskin_store::ledger::{AuditFilter, AuditSigner, NewAudit};
use siskin_store::{Ledger, StoreError};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use super::rules::SiteTexts;

/// Between two looks at whether something has to be signed.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Who an entry is by that no person asked for.
const STATION: &str = "station";

/// Where the audit is signed.
pub(crate) struct AuditDesk {
    dir: PathBuf,
    ledger: Arc<Ledger>,
    clock: Clock,
    signing: Mutex<Signing>,
}

/// The key, and what went wrong with it last.
struct Signing {
    signer: Option<AuditSigner>,
    failure: Option<String>,
}

impl AuditDesk {
    /// Opens the key in `dir`. Where that fails the station starts all the same: it is shown, and
    /// tried again.
    pub(crate) fn open(dir: &Path, ledger: &Arc<Ledger>, clock: &Clock) -> Self {
        let desk = Self {
            dir: dir.to_owned(),
            ledger: Arc::clone(ledger),
            clock: Arc::clone(clock),
            signing: Mutex::new(Signing { signer: None, failure: None }),
        };
        desk.sign_if(|_, _| Ok(false));
        desk
    }

    /// Writes that the station starts, how it ended before, and its configuration where that is
    /// another one.
    pub(crate) fn started(&self, texts: &SiteTexts, simulated: bool) -> Result<(), StoreError> {
        let of_station = AuditFilter { act: Some("station.".to_owned()), ..AuditFilter::default() };
        let before = self.ledger.audit_entries(&of_station, 1)?.pop();
        let ended = before.map(|entry| match entry.act.as_str() {
            "station.stop" => "orderly",
            _ => "not-orderly",
        });
        let version = env!("CARGO_PKG_VERSION");
        let body = json!({ "version": version, "simulated": simulated, "ended": ended });
        self.put("station.start", version, body)?;
        configuration::record(self, texts)
    }

    /// Writes that the station stops in order, and signs everything.
    pub(crate) fn stopped(&self) {
        if let Err(error) = self.put("station.stop", "", serde_json::Value::Null) {
            tracing::error!(%error, "the stop of the station is not in the audit");
        }
        self.sign_if(|_, _| Ok(true));
    }

    fn put(&self, act: &str, about: &str, body: serde_json::Value) -> Result<(), StoreError> {
        self.ledger.put_audit(&NewAudit {
            at: (self.clock)(),
            by: STATION.to_owned(),
            act: act.to_owned(),
            about: about.to_owned(),
            body,
        })
    }

    /// Signs where it is due.
    fn look(&self) {
        let clock = Arc::clone(&self.clock);
        self.sign_if(|signer, ledger| signer.is_due(ledger, clock()));
    }

    /// Signs if `wanted` says so; gives why it could not.
    fn sign_if(
        &self,
        wanted: impl FnOnce(&AuditSigner, &Ledger) -> Result<bool, StoreError>,
    ) -> Option<String> {
        let mut signing = self.signing();
        let done = self.sign(&mut signing, wanted);
        let failure = done.err().map(|error| format!("{:#}", anyhow::Error::from(error)));
        // Once for each reason: it is tried every few seconds.
        if let Some(failure) = failure.as_ref().filter(|now| signing.failure.as_ref() != Some(now))
        {
            tracing::error!(failure, "the audit cannot be signed; its entries are written");
        }
        signing.failure.clone_from(&failure);
        failure
    }

    fn sign(
        &self,
        signing: &mut Signing,
        wanted: impl FnOnce(&AuditSigner, &Ledger) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError> {
        let now = (self.clock)();
        if signing.signer.is_none() {
            signing.signer = Some(AuditSigner::open(&self.dir, &self.ledger, now)?);
        }
        if let Some(signer) = &signing.signer
            && wanted(signer, &self.ledger)?
        {
            signer.sign(&self.ledger, now)?;
        }
        Ok(())
    }

    /// How the audit is.
    pub(crate) fn health(&self) -> AuditHealthView {
        let counts = self.ledger.audit_counts();
        let signing = self.signing();
        let public_key = signing.signer.as_ref().map(|signer| signer.public_key().hex());
        let failure = signing.failure.clone();
        let unread = counts.as_ref().err().map(ToString::to_string);
        let (entries, checkpoints) = counts.unwrap_or_default();
        AuditHealthView { entries, checkpoints, public_key, failure: failure.or(unread) }
    }

    fn signing(&self) -> MutexGuard<'_, Signing> {
        self.signing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Signs what is due, until `stop`.
pub(crate) async fn run(desk: Arc<AuditDesk>, stop: CancellationToken) {
    let mut looks = tokio::time::interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = looks.tick() => {}
        }
        let desk = Arc::clone(&desk);
        if let Err(error) = tokio::task::spawn_blocking(move || desk.look()).await {
            tracing::error!(%error, "the task that signs the audit failed");
        }
    }
}

#[cfg(test)]
mod tests;
