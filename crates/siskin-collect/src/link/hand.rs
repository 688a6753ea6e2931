//! The one thread that touches the spool's disk for a connection, so that the thread that others
//! wait for does not. A pool would do it too, but each of its threads keeps memory of its own, and
//! gateways have little. Ends with its connection; never holds more than one job back.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use tokio::sync::oneshot;

use super::LinkError;

/// Jobs that may wait: the connection waits for each of them.
const JOBS_MAX: usize = 1;

type Job = Box<dyn FnOnce() + Send>;

/// Does one job after the other.
#[derive(Debug)]
pub(super) struct Hand {
    jobs: SyncSender<Job>,
}

impl Hand {
    /// Starts the thread.
    pub(super) fn new() -> Result<Self, LinkError> {
        let (jobs, inbox): (_, Receiver<Job>) = sync_channel(JOBS_MAX);
        let work = move || inbox.into_iter().for_each(|job| job());
        let named = thread::Builder::new().name("siskin-link".into());
        named.spawn(work).map_err(LinkError::Thread)?;
        Ok(Self { jobs })
    }

    /// What `job` gives. A job that is not waited for any more is done all the same.
    pub(super) async fn does<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, LinkError> {
        let (done, doing) = oneshot::channel();
        let job = move || {
            // The connection may have ended.
            let _gone = done.send(job());
        };
        // Its thread ends only by a panic in a job; then the next connection has another one.
        let panicked = || LinkError::Unexpected("a panic");
        self.jobs.try_send(Box::new(job)).map_err(|_| panicked())?;
        doing.await.map_err(|_| panicked())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_job_that_panics_fails_and_so_does_the_next() {
        let hand = Hand::new().unwrap();
        assert_eq!(hand.does(|| 7).await.unwrap(), 7);
        for job in [|| panic!("once"), || 8] {
            let failed = hand.does(job).await.unwrap_err();
            assert!(matches!(failed, LinkError::Unexpected("a panic")), "{failed}");
        }
    }
}
