//! How far the work is: a bar on a terminal, a line every tenth of the way elsewhere.

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicU64, Ordering};

use indicatif::{ProgressBar, ProgressStyle};

/// What the bar shows.
const BAR: &str = "{elapsed_precise} [{bar:40}] {percent} % ETA {eta}";

/// Told by several threads.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    total: u64,
    done: AtomicU64,
}

impl Progress {
    pub(crate) fn new(total: u64) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template(BAR);
            ProgressBar::new(total)
                .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        Self { bar, total, done: AtomicU64::new(0) }
    }

    /// So much more is done.
    pub(crate) fn add(&self, more: u64) {
        if let Some(bar) = &self.bar {
            bar.inc(more);
            return;
        }
        let before = self.done.fetch_add(more, Ordering::Relaxed);
        let tenth = |done: u64| done.saturating_mul(10).checked_div(self.total).unwrap_or(10);
        let (before, now) = (tenth(before), tenth(before + more));
        if now > before {
            let _closed = writeln!(std::io::stderr(), "backtest: {} % done", now * 10);
        }
    }

    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
