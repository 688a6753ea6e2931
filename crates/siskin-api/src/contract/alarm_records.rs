//! The record of alarms as one table: active ones, those that are over, and what became of each.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::warnings::WarningStateView;
use super::words::{TextView, TierView};

/// In which order records are given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum AlarmOrder {
    /// Newest begin first, page by page.
    #[default]
    Newest,
    /// Those that wait for somebody first, then the highest tier, then the oldest; only of alarms
    /// that are not history, all in one answer.
    Ranked,
}

/// How records are exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum AlarmExportForm {
    /// RFC 4180 with a byte order mark.
    Csv,
    /// Office Open XML.
    Xlsx,
}

/// The language of an export.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names are those of the languages")]
pub enum ExportLang {
    #[default]
    Zh,
    En,
}

/// Query of the record of alarms. Lists are words with commas between them; what is not given does
/// not filter.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AlarmRecordsQuery {
    /// States, `normal` for what is over.
    pub state: Option<String>,
    /// Tiers, `equipment` for alarms about equipment.
    pub tier: Option<String>,
    /// Gases.
    pub gas: Option<String>,
    /// Areas.
    pub area: Option<String>,
    /// Channels.
    pub channel: Option<String>,
    /// Rules.
    pub rule: Option<String>,
    /// Active at this moment or later, ms since 1970 (UTC).
    pub from_ms: Option<i64>,
    /// Begun before, ms since 1970 (UTC).
    pub to_ms: Option<i64>,
    /// A part of an id or a name of channel, analyzer, rule, gas or area, or of who acknowledged;
    /// at most 100 characters.
    pub text: Option<String>,
    /// `newest` (default) or `ranked`.
    #[serde(default)]
    pub order: AlarmOrder,
    /// Records of a page, at most 2,000; 200 where not given.
    pub limit: Option<u32>,
    /// The `next` of the page before.
    pub after: Option<String>,
}

/// Query of an export: the filter of the table, all pages of it.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AlarmExportQuery {
    /// `csv` or `xlsx`.
    pub format: AlarmExportForm,
    /// `zh` (default) or `en`.
    #[serde(default)]
    pub lang: ExportLang,
    /// As in the table.
    pub state: Option<String>,
    /// As in the table.
    pub tier: Option<String>,
    /// As in the table.
    pub gas: Option<String>,
    /// As in the table.
    pub area: Option<String>,
    /// As in the table.
    pub channel: Option<String>,
    /// As in the table.
    pub rule: Option<String>,
    /// As in the table.
    pub from_ms: Option<i64>,
    /// As in the table.
    pub to_ms: Option<i64>,
    /// As in the table.
    pub text: Option<String>,
}

/// A page of the record of alarms.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AlarmRecordsView {
    /// The records. A page may be empty and more may follow.
    pub records: Vec<AlarmRecordView>,
    /// For `after`; none where nothing follows.
    pub next: Option<String>,
    /// The station's clock in milliseconds since 1970.
    pub now_ms: i64,
}

/// An alarm of the record, after corrections; none of a drill.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AlarmRecordView {
    /// Whose episode it is.
    pub rule: String,
    /// The rule's name; none where no rule of this id runs.
    pub rule_name: Option<TextView>,
    /// On which channel.
    pub channel: String,
    /// The channel's gas; none of other quantities and where the site has no such channel any more.
    pub gas: Option<String>,
    /// The channel's area; none where the site has no such channel any more.
    pub area: Option<String>,
    /// `gas`, `no-data`, `stuck`, `jump` or `out-of-range`.
    pub kind: String,
    /// The tier it gives; none for alarms about equipment.
    pub tier: Option<TierView>,
    /// What the rule judged when it raised.
    pub value: Option<f64>,
    /// The limit it was judged against.
    pub limit: Option<f64>,
    /// Unit of value and limit.
    pub unit: String,
    /// When it began.
    pub raised_at: String,
    /// The same in milliseconds since 1970.
    pub raised_at_ms: i64,
    /// When it ended; none while it is active.
    pub cleared_at: Option<String>,
    /// The same in milliseconds since 1970.
    pub cleared_at_ms: Option<i64>,
    /// That of its warning, or of the alarm about equipment; `returned-…` where this alarm ended
    /// and the acknowledgement is owed still, `normal` where nothing is.
    pub state: WarningStateView,
    /// The warning that it fed; none of alarms about equipment.
    pub warning: Option<String>,
    /// Who acknowledged after it had begun.
    pub acknowledged_by: Option<String>,
    /// When.
    pub acknowledged_at: Option<String>,
}
