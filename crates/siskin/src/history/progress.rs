//! How far a tool is: a bar on a terminal, a line every quarter of the way elsewhere.

use std::io::{IsTerminal, Write};

use indicatif::{ProgressBar, ProgressStyle};

/// What the bar shows.
const BAR: &str = "{elapsed_precise} [{bar:40}] {percent} % ETA {eta} {msg}";

/// Progress of one piece of work.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    what: String,
    quarter: u64,
}

impl Progress {
    pub(crate) fn new(what: &str) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template(BAR);
            let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
            ProgressBar::new(0).with_style(style).with_message(what.to_owned())
        });
        Self { bar, what: what.to_owned(), quarter: 0 }
    }

    /// So much of all is done.
    pub(crate) fn at(&mut self, done: u64, total: u64) {
        if let Some(bar) = &self.bar {
            bar.set_length(total);
            bar.set_position(done);
            return;
        }
        let quarter = done.saturating_mul(4).checked_div(total).unwrap_or(4);
        if quarter > self.quarter {
            self.quarter = quarter;
            let _closed = writeln!(std::io::stderr(), "{}: {} %", self.what, quarter * 25);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
