//! Figures of alarm management (ISA-18.2 / IEC 62682 / EEMUA 191) of a span, by operator position.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::words::{TextView, TierView};

/// Query of the figures.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct KpisQuery {
    /// From here on, ms since 1970 (UTC); a day before `to_ms` where not given.
    pub from_ms: Option<i64>,
    /// Before, ms since 1970 (UTC); now where not given, and at most.
    pub to_ms: Option<i64>,
    /// Only this operator position; all of them and the whole site where not given.
    pub position: Option<String>,
}

/// Figures of a span.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct KpisView {
    /// Its begin.
    pub from: String,
    /// Its end.
    pub to: String,
    /// Its begin in milliseconds since 1970.
    pub from_ms: i64,
    /// Its end in milliseconds since 1970.
    pub to_ms: i64,
    /// Whether it is shorter than the 30 days that a judgement of a system should have.
    pub is_short: bool,
    /// Events of drills that were left out.
    pub drill_events: u64,
    /// The operator positions, in the order of the site.
    pub positions: Vec<KpiPositionView>,
    /// Everything together; none where one position was asked for.
    pub site: Option<KpiPositionView>,
}

/// Figures of one operator position, or of the whole site.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct KpiPositionView {
    /// The position's id; none: the whole site.
    pub position: Option<String>,
    /// Its name.
    pub name: Option<TextView>,
    /// The figures with their targets. Targets are of one position: where a site has several, those
    /// of the whole site are compared with nothing.
    pub figures: Vec<KpiFigureView>,
    /// Calls in all: warnings that began, rose or came back, and alarms about equipment.
    pub calls: u64,
    /// How many of each tier, the highest first.
    pub tiers: Vec<KpiTierView>,
    /// How many periods of ten minutes had so many calls, rising.
    pub periods: Vec<KpiPeriodsView>,
    /// The sources with the most calls, at most ten; where there are more, the last is all others.
    pub frequent: Vec<KpiShareView>,
    /// Sources with three or more calls in a minute, and how many calls lie in such minutes.
    pub chattering: Vec<KpiSourceView>,
    /// Sources with calls that were gone within ten seconds, and how many.
    pub fleeting: Vec<KpiSourceView>,
    /// Sources that were active for more than a day inside the span, and how many times.
    pub stale: Vec<KpiSourceView>,
    /// Alarm floods that lay in the span.
    pub floods: Vec<KpiFloodView>,
    /// How people answered.
    pub response: KpiResponseView,
}

/// A figure and its target.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct KpiFigureView {
    /// What is measured, for example `per-ten-minutes`.
    pub measure: String,
    /// What people call it.
    pub name: TextView,
    /// The figure; none where there is nothing to tell it from.
    pub value: Option<f64>,
    /// `count` or `percent`.
    pub unit: String,
    /// `met`, `manageable`, `missed`, `no-data`, or `no-target`.
    pub standing: String,
    /// Whether the figure is very likely acceptable; none where that cannot be said.
    pub is_met: Option<bool>,
    /// The target; none where this is compared with nothing.
    pub target: Option<KpiTargetView>,
}

/// A target and where it is from.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct KpiTargetView {
    /// `at-most`, or `below`: the number itself is too much.
    pub limit: String,
    /// Very likely acceptable.
    pub acceptable: f64,
    /// The most that can be managed, where there is such a number.
    pub manageable: Option<f64>,
    /// Where the numbers are from.
    pub source: String,
    /// Whether somebody has read them there.
    pub verified: bool,
}

/// Calls of one tier.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct KpiTierView {
    /// The tier; none: alarms about equipment.
    pub tier: Option<TierView>,
    /// How many.
    pub calls: u64,
}

/// Periods of ten minutes.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct KpiPeriodsView {
    /// With so many calls.
    pub calls: u64,
    /// So many periods.
    pub periods: u64,
}

/// A source and its part of all calls.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct KpiShareView {
    /// `<area>.<gas>` or `<rule>@<channel>`; none: all others.
    pub source: Option<String>,
    /// How often.
    pub calls: u64,
    /// Percent of all.
    pub percent: f64,
}

/// A source and how often.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct KpiSourceView {
    /// `<area>.<gas>` or `<rule>@<channel>`.
    pub source: String,
    /// How often.
    pub calls: u64,
}

/// An alarm flood, cut to the span.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct KpiFloodView {
    /// Of which position.
    pub position: String,
    /// Its begin.
    pub from: String,
    /// Its end.
    pub to: String,
    /// Its length in milliseconds.
    pub length_ms: i64,
}

/// How people answered.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct KpiResponseView {
    /// Calls that were acknowledged.
    pub acknowledged: u64,
    /// Calls that were not.
    pub open: u64,
    /// How long it took, by upper bounds.
    pub within: Vec<KpiWithinView>,
    /// What half of them took at most.
    pub half_ms: Option<i64>,
    /// What nine of ten took at most.
    pub nine_tenths_ms: Option<i64>,
    /// The longest.
    pub longest_ms: Option<i64>,
}

/// Calls that were acknowledged in a time, and not in the one before.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct KpiWithinView {
    /// The time's upper bound; none: longer than all bounds.
    pub up_to_ms: Option<i64>,
    /// How many.
    pub calls: u64,
}
