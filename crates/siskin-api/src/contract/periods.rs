//! Reports of a shift, a day or a month.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::kpi::KpisView;
use super::reports::ReportFormat;
use super::warnings::WarningStateView;
use super::words::{TextView, TierView};

/// Which time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum PeriodKindView {
    /// A shift of the duty roster.
    Shift,
    /// A local day.
    Day,
    /// A local month.
    Month,
}

/// Query of such a report.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PeriodQuery {
    /// `shift`, `day` or `month`.
    #[param(inline)]
    pub kind: PeriodKindView,
    /// A local date or a moment in RFC 3339 that lies in it; now where not given.
    pub at: Option<String>,
    /// As a document: `docx` or `pdf`; the figures as JSON where not given.
    #[param(inline)]
    pub format: Option<ReportFormat>,
}

/// So many of so many.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PeriodRateView {
    /// `alarm-hours`, `false-alarm`, `closure`, `completeness` or `messages-in-time`.
    pub id: String,
    /// Its name.
    pub name: TextView,
    /// How many.
    pub part: u64,
    /// Of how many.
    pub whole: u64,
    /// The part in percent; none where there is nothing to divide.
    pub percent: Option<f64>,
    /// What is divided by what.
    pub meaning: TextView,
}

/// A number with its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PeriodCountView {
    /// For example `warnings`, `warnings.red`, `area.tank-farm`, `incidents.opened`.
    pub id: String,
    /// Its name.
    pub name: TextView,
    /// The number.
    pub number: u64,
}

/// A warning that began in the time, as it stands now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PeriodWarningView {
    /// Its id.
    pub warning: String,
    /// When it began.
    pub raised_at: String,
    /// Which gas.
    pub gas: String,
    /// Where.
    pub area: String,
    /// The highest tier it ever had.
    pub tier_peak: TierView,
    /// Where it is in its life.
    pub state: WarningStateView,
    /// Whether the reason of its acknowledgement begins with `误报` or `false alarm`.
    pub is_false_alarm: bool,
}

/// How complete the readings of an analyzer are, all of its channels together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PeriodAnalyzerView {
    /// Its id.
    pub analyzer: String,
    /// Its name.
    pub name: TextView,
    /// Its area.
    pub area: String,
    /// Readings that came.
    pub received: u64,
    /// Readings that its period asks for.
    pub expected: u64,
    /// The part in percent; none where nothing was asked for.
    pub percent: Option<f64>,
    /// Channels of it that could not be read: they are in neither number.
    pub channels_unread: u64,
}

/// Figures of a time.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PeriodReportView {
    /// Which.
    pub kind: PeriodKindView,
    /// Its begin.
    pub from: String,
    /// Its end.
    pub to: String,
    /// Its begin in milliseconds since 1970.
    pub from_ms: i64,
    /// Its end in milliseconds since 1970.
    pub to_ms: i64,
    /// When the figures were collected: what is not over is counted up to then.
    pub made_at: String,
    /// Whether it was over by then.
    pub is_over: bool,
    /// Rates.
    pub rates: Vec<PeriodRateView>,
    /// Numbers.
    pub counts: Vec<PeriodCountView>,
    /// Warnings that began in it, in order, the first 500.
    pub warnings: Vec<PeriodWarningView>,
    /// How many more there are.
    pub warnings_left_out: u64,
    /// How complete the readings of each analyzer are, the least complete first, the first 500.
    pub analyzers: Vec<PeriodAnalyzerView>,
    /// How many more there are.
    pub analyzers_left_out: u64,
    /// Figures of alarm management of the same time.
    pub kpis: KpisView,
}
