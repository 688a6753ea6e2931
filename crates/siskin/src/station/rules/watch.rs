//! What makes the rules be read again without a person's act: SIGHUP and changed files.
//!
//! Must never read files on an async thread, and never run two reloads at once. A folder that
//! cannot be watched is told; SIGHUP and the API still work.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use siskin_store::ledger::RuleSource;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

use super::{Actor, RulesDesk};
use crate::station::hangups::hangups;

/// Editors write a file in several steps: wait until none came for this long.
const QUIET: Duration = Duration::from_millis(300);
/// Files that never rest are read all the same.
const QUIET_WAIT_MAX: Duration = Duration::from_secs(5);

/// Reloads the rules on SIGHUP and on changed files until `stop`.
pub(crate) async fn watch(desk: Arc<RulesDesk>, stop: CancellationToken) {
    resume_shadow(&desk).await;
    let (sender, mut touches) = mpsc::channel(1);
    let mut folder = desk.texts.folder.clone().and_then(|folder| Folder::new(folder, sender));
    let mut hangup = hangups();
    loop {
        let source = tokio::select! {
            () = stop.cancelled() => return,
            () = hangup.next() => RuleSource::Signal,
            Some(()) = touches.recv() => {
                settle(&mut touches).await;
                if let Some(folder) = &mut folder {
                    folder.follow();
                }
                RuleSource::FileChange
            }
        };
        let desk = Arc::clone(&desk);
        let reload = move || desk.reload(&Actor::unknown(source));
        match tokio::task::spawn_blocking(reload).await {
            Ok(Ok(version)) => {
                tracing::info!(source = source.as_str(), version = version.number, "rules read");
            }
            // Refused rules were told by the desk.
            Ok(Err(error)) => tracing::debug!(%error, "the rules stay as they were"),
            Err(error) => tracing::error!(%error, "the task that reads the rules failed"),
        }
    }
}

async fn resume_shadow(desk: &Arc<RulesDesk>) {
    let desk = Arc::clone(desk);
    let resumed = tokio::task::spawn_blocking(move || desk.resume_shadow()).await;
    match resumed {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::error!(%error, "the shadow set was not started again"),
        Err(error) => tracing::error!(%error, "the task that starts the shadow set failed"),
    }
}

/// Waits until no more touches come for a while.
async fn settle(touches: &mut mpsc::Receiver<()>) {
    let last = Instant::now() + QUIET_WAIT_MAX;
    while let Ok(Some(())) = timeout_at(last.min(Instant::now() + QUIET), touches.recv()).await {
        if Instant::now() >= last {
            break;
        }
    }
}

/// A watched site folder.
struct Folder {
    path: PathBuf,
    watcher: RecommendedWatcher,
}

impl Folder {
    /// Watches the folder and its `rules/`; none where that is impossible.
    fn new(path: PathBuf, touched: mpsc::Sender<()>) -> Option<Self> {
        let look = move |event: notify::Result<notify::Event>| {
            let is_ours = match event {
                Ok(event) => !is_reading(event.kind) && event.paths.iter().any(|p| is_rules(p)),
                Err(error) => {
                    tracing::error!(%error, "watching the rule files failed");
                    true
                }
            };
            if is_ours {
                // Full: a touch waits already, and the files are read after it.
                let _waits = touched.try_send(());
            }
        };
        match notify::recommended_watcher(look) {
            Ok(watcher) => {
                let mut folder = Self { path, watcher };
                folder.follow();
                Some(folder)
            }
            Err(error) => {
                tracing::error!(
                    %error,
                    "the rule files are not watched; \
                     hint: after a change send SIGHUP or use /api/v1/rules/reload"
                );
                None
            }
        }
    }

    /// Watches again: a folder that was replaced is a new one to the system.
    fn follow(&mut self) {
        let rules = self.path.join("rules");
        for (path, mode) in
            [(&self.path, RecursiveMode::NonRecursive), (&rules, RecursiveMode::Recursive)]
        {
            if let Err(error) = self.watcher.watch(path, mode) {
                tracing::error!(
                    %error, path = %path.display(),
                    "this folder is not watched; \
                     hint: after a change send SIGHUP or use /api/v1/rules/reload"
                );
            }
        }
    }
}

/// Reading a file is no change; our own reading must not lead to another one.
fn is_reading(kind: EventKind) -> bool {
    matches!(kind, EventKind::Access(_))
}

/// Whether a touched path may change the rules: a rule file, `site.toml`, or the folder of rules.
fn is_rules(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "toml") || path.ends_with("rules")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_change_rules_is_a_touch() {
        for path in ["/s/rules/a.toml", "/s/site.toml", "/s/rules"] {
            assert!(is_rules(Path::new(path)), "{path}");
        }
        for path in ["/s/rules/a.toml~", "/s/rules/.a.toml.swp", "/s/data/ledger.db-wal", "/s/4913"]
        {
            assert!(!is_rules(Path::new(path)), "{path}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn files_that_never_rest_are_read_all_the_same() {
        let (sender, mut touches) = mpsc::channel(1);
        let writer = tokio::spawn(async move {
            let mut often = tokio::time::interval(QUIET / 3);
            while sender.send(()).await.is_ok() {
                often.tick().await;
            }
        });
        let begun = Instant::now();
        settle(&mut touches).await;
        assert!(begun.elapsed() + QUIET >= QUIET_WAIT_MAX, "{:?}", begun.elapsed());
        assert!(begun.elapsed() <= QUIET_WAIT_MAX + QUIET, "{:?}", begun.elapsed());
        drop(touches);
        writer.await.unwrap();
    }
}
