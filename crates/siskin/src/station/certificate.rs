//! The certificate of the station's own port: read from its files, looked at again while the
//! station runs, told in health.
//!
//! Must never give up a certificate that works for one that does not, and never lets one run out
//! in silence: from then on every edge gateway and every browser is refused.

mod files;
mod standing;
mod watch;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use siskin_api::contract::{CertificateHealthView, CertificateRefusedView, TextView};
use siskin_api::{Certificate, ShownCertificate, Transport, Validity};
use siskin_config::{Settings, StationTls};
use siskin_model::{Text, Timestamp};

use files::{Files, Pems};
use standing::Standing;
pub(crate) use watch::watch;

use super::clock::StationClock;

/// The certificate that the site names, from its `folder` on; none where it names none.
pub(crate) fn of(
    settings: &Settings,
    folder: Option<&Path>,
) -> anyhow::Result<Option<StationCertificate>> {
    let Some(tls) = &settings.station.tls else { return Ok(None) };
    let opened = StationCertificate::open(tls, folder.unwrap_or(Path::new(".")));
    opened.map(Some).map_err(|why| anyhow::anyhow!("{} · {}", why.en, why.zh))
}

/// The certificate that is shown, and what is known of its files.
pub(crate) struct StationCertificate {
    files: Files,
    shown: Arc<ShownCertificate>,
    state: Mutex<State>,
}

struct State {
    validity: Validity,
    /// What is shown.
    taken: Pems,
    /// Something else that was seen once: it may still be half written.
    seen: Option<Result<Pems, Text>>,
    refused: Option<(Timestamp, Text)>,
    /// What was last told in the log.
    told: Option<Standing>,
}

/// Whether files that were never seen before are taken at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Haste {
    /// Somebody said that they are whole.
    Now,
    /// They must be the same at two looks.
    WhenSettled,
}

impl StationCertificate {
    /// Reads the files that `tls` names, from `folder` on. One that is not valid at this moment is
    /// shown all the same: a station that does not start watches nobody.
    pub(crate) fn open(tls: &StationTls, folder: &Path) -> Result<Self, Text> {
        let files = Files::new(tls, folder);
        let taken = files.read()?;
        let certificate = files.certificate(&taken)?;
        let validity = certificate.validity;
        let shown = Arc::new(ShownCertificate::new(certificate));
        let state = State { validity, taken, seen: None, refused: None, told: None };
        Ok(Self { files, shown, state: Mutex::new(state) })
    }

    /// What the server speaks.
    pub(crate) fn transport(&self) -> Transport {
        Transport::Tls(Arc::clone(&self.shown))
    }

    /// Looks at the files, and at the clock.
    fn look(&self, haste: Haste, now: Timestamp) {
        let found = self.files.read();
        let mut state = self.state();
        if found.as_ref() == Ok(&state.taken) {
            state.seen = None;
            if state.refused.take().is_some() {
                tracing::info!("the files of the certificate are again those that are shown");
            }
        } else if haste == Haste::Now || state.seen.as_ref() == Some(&found) {
            self.consider(found, &mut state, now);
        } else {
            state.seen = Some(found);
        }
        let standing = Standing::of(state.validity, now);
        if state.told.replace(standing) != Some(standing) {
            standing::log(standing, state.validity);
        }
    }

    /// Takes what was found, or refuses it and says so once.
    fn consider(&self, found: Result<Pems, Text>, state: &mut State, now: Timestamp) {
        let usable = found.clone().and_then(|pems| {
            let certificate = self.files.certificate(&pems)?;
            valid(&self.files, &certificate, now)?;
            Ok((pems, certificate))
        });
        state.seen = Some(found);
        match usable {
            Ok((pems, certificate)) => {
                state.validity = certificate.validity;
                state.taken = pems;
                state.refused = None;
                self.shown.replace(certificate);
                let until = state.validity.not_after;
                tracing::info!(%until, "new clients are shown the renewed certificate");
            }
            Err(why) => {
                if state.refused.as_ref().is_none_or(|(_, told)| *told != why) {
                    tracing::error!(why = why.en, "the renewed certificate is refused");
                    state.refused = Some((now, why));
                }
            }
        }
    }

    /// How it is, for health.
    pub(crate) fn view(&self, now: Timestamp, offset_s: i32) -> CertificateHealthView {
        let state = self.state();
        let standing = Standing::of(state.validity, now);
        let text = |text: &Text| TextView { zh: text.zh.clone(), en: text.en.clone() };
        CertificateHealthView {
            expires_at: state.validity.not_after.rfc3339(offset_s),
            standing: standing.as_str().to_owned(),
            note: standing.note(state.validity, now, offset_s).as_ref().map(text),
            refused: state.refused.as_ref().map(|(at, why)| CertificateRefusedView {
                at: at.rfc3339(offset_s),
                text: text(why),
            }),
        }
    }

    /// What the person who checks the site is told now; none while it is good.
    pub(crate) fn note(&self, offset_s: i32) -> Option<String> {
        let note = self.view(StationClock::new().now(), offset_s).note?;
        Some(format!("{} · {}", note.en, note.zh))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether something in it needs a person.
pub(crate) fn is_well(view: &CertificateHealthView) -> bool {
    view.note.is_none() && view.refused.is_none()
}

/// A renewed certificate must be better than the one it replaces: valid now.
fn valid(files: &Files, certificate: &Certificate, now: Timestamp) -> Result<(), Text> {
    match Standing::of(certificate.validity, now) {
        Standing::Good | Standing::ExpiresSoon => Ok(()),
        Standing::Expired | Standing::NotYetValid => Err(files.not_valid(certificate.validity)),
    }
}

#[cfg(test)]
mod tests;
