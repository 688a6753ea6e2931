//! Reports of a shift, a day or a month, by the running station or from a data folder.
//!
//! Every number is counted from the ledger and the series when it is asked for; nothing is kept.
//! Must never count a drill, nor give what could not be read for nothing.

mod collect;
mod command;
mod document;
mod span;
mod views;

use siskin_api::KpiFault;
use siskin_api::contract::PeriodKindView;
use siskin_api::periods::PeriodFault;
use siskin_config::Settings;
use siskin_model::{Timestamp, Warning};
use siskin_store::{Ledger, SeriesRead, StoreError};

use crate::kpi::KpiError;

pub(crate) use collect::collect;
pub(crate) use command::{PeriodArgs, command};
pub(crate) use document::document;
pub(crate) use span::Period;
pub(crate) use views::view;

/// Where figures are read.
pub(crate) struct Stores<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) series: &'a dyn SeriesRead,
    pub(crate) ledger: &'a Ledger,
    pub(crate) now: Timestamp,
}

/// Why there are no figures.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PeriodError {
    /// There is no such time.
    #[error(transparent)]
    Fault(#[from] PeriodFault),
    /// The figures of alarm management cannot be told.
    #[error(transparent)]
    Kpi(#[from] KpiError),
    /// Too much lies in it.
    #[error(transparent)]
    TooMuch(#[from] KpiFault),
    /// A store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// So many of so many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rate {
    pub(crate) id: &'static str,
    pub(crate) part: u64,
    pub(crate) whole: u64,
}

/// How complete the readings of an analyzer are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AnalyzerShare {
    /// Its place in the site.
    pub(crate) analyzer: usize,
    pub(crate) received: u64,
    pub(crate) expected: u64,
    /// Its channels that could not be read: nothing is said of them.
    pub(crate) unread: u64,
}

impl AnalyzerShare {
    /// Its part, for the order; one of which nothing can be said stands first.
    fn part(&self) -> f64 {
        if self.expected == 0 { -1.0 } else { self.received as f64 / self.expected as f64 }
    }
}

/// What was counted.
#[derive(Debug, Clone)]
pub(crate) struct Figures {
    pub(crate) period: Period,
    pub(crate) made_at: Timestamp,
    pub(crate) rates: Vec<Rate>,
    /// By the ids of [`siskin_api::PeriodCountView`].
    pub(crate) counts: Vec<(String, u64)>,
    /// The least complete first.
    pub(crate) analyzers: Vec<AnalyzerShare>,
    /// The warnings that began in it, as they stand now, in order.
    pub(crate) warnings: Vec<Warning>,
    pub(crate) kpis: siskin_api::contract::KpisView,
}

/// Whether somebody said that a warning was none: it was cancelled, or the reason of its
/// acknowledgement begins so. What begins otherwise, for example "not a false alarm", is taken for
/// real.
pub(crate) fn is_false_alarm(warning: &Warning) -> bool {
    if warning.cancelled.is_some() {
        return true;
    }
    let Some(act) = &warning.acknowledged else { return false };
    let reason = act.reason.trim_start().to_lowercase();
    reason.starts_with("误报") || reason.starts_with("false alarm")
}

/// The name of a kind, for people.
pub(crate) fn kind_zh(kind: PeriodKindView) -> &'static str {
    match kind {
        PeriodKindView::Shift => "当班报告",
        PeriodKindView::Day => "日报",
        PeriodKindView::Month => "月报",
    }
}

#[cfg(test)]
mod month;
#[cfg(test)]
mod tests;
