//! SIGHUP as something to wait for: files that changed are to be read again.
//!
//! Never ends a wait where the system has no such signal or refuses to listen for it.

/// SIGHUP, where the system has it.
#[cfg(unix)]
pub(crate) struct Hangups(Option<tokio::signal::unix::Signal>);

#[cfg(unix)]
pub(crate) fn hangups() -> Hangups {
    use tokio::signal::unix::{SignalKind, signal};
    let signal = signal(SignalKind::hangup());
    if let Err(error) = &signal {
        tracing::error!(%error, "cannot listen for SIGHUP");
    }
    Hangups(signal.ok())
}

#[cfg(unix)]
impl Hangups {
    pub(crate) async fn next(&mut self) {
        let got = match &mut self.0 {
            Some(signal) => signal.recv().await,
            None => None,
        };
        if got.is_none() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(not(unix))]
pub(crate) struct Hangups;

#[cfg(not(unix))]
pub(crate) fn hangups() -> Hangups {
    Hangups
}

#[cfg(not(unix))]
impl Hangups {
    pub(crate) async fn next(&mut self) {
        std::future::pending::<()>().await;
    }
}
