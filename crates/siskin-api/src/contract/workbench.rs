//! The workbench of the rules: texts, the checker's findings, rule tests, backtests, how rules
//! stand.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::rules::RuleDiffView;
use super::words::{TextView, TierView};

/// A text of a rule set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RuleTextView {
    /// Relative to the site's folder, for example `rules/chlorine.toml`.
    pub path: String,
    /// Its content.
    pub text: String,
    /// SHA-256 of the content, in hexadecimal.
    pub sha256: String,
    /// Whether it is a bundled set, which a proposal cannot change.
    pub is_bundled: bool,
}

/// The texts of a rule set.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RuleSetView {
    /// `running`, `shadow` or `version`.
    pub set: String,
    /// The version's number; of a shadow set its own number.
    pub number: u64,
    /// Its rule files.
    pub files: Vec<RuleTextView>,
    /// The rule tests of the site's folder.
    pub tests: Vec<RuleTextView>,
}

/// Rule files that shall be looked at.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleFilesRequest {
    /// Every rule file of the set, as in ShadowRequest.
    pub files: BTreeMap<String, String>,
}

/// A place in a file: lines and columns count from 1, columns in characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FindingPlaceView {
    /// The file.
    pub file: String,
    /// Line.
    pub line: u32,
    /// Column.
    pub column: u32,
    /// Line of its end.
    pub end_line: u32,
    /// Column behind its last character.
    pub end_column: u32,
    /// What is there, in English.
    pub label: String,
}

/// One thing that the checker found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FindingView {
    /// `error`: the set is refused; `note`: something to know.
    pub severity: String,
    /// What was found. Where the Chinese is missing, it is the English.
    pub text: TextView,
    /// What to do.
    pub hint: TextView,
    /// Where, the main place first.
    pub places: Vec<FindingPlaceView>,
}

/// What the checker says of a rule set.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RuleCheckView {
    /// Whether the set could run.
    pub is_sound: bool,
    /// How many rules it has; 0 where it is not sound.
    pub rules: u32,
    /// What was found, at most 500, errors first.
    pub findings: Vec<FindingView>,
    /// How many findings are not listed.
    pub not_listed: u32,
    /// What is different from the set that runs, rule by rule.
    pub changes: Vec<RuleDiffView>,
}

/// A request to run rule tests.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleTestsRequest {
    /// Every rule file of the set; without it the set that runs is tested.
    pub files: Option<BTreeMap<String, String>>,
}

/// Something that came out otherwise than written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TestDifferenceView {
    /// `alarms`, `record`, `warnings` or `corrections`.
    pub list: String,
    /// What was written; none where nothing was.
    pub expected: Option<String>,
    /// What came; none where nothing did.
    pub got: Option<String>,
}

/// How one rule test came out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RuleTestView {
    /// Its name.
    pub name: TextView,
    /// Its file.
    pub file: String,
    /// The line it begins at.
    pub line: u32,
    /// `passed`, `failed` or `not-run`: there was no time left for it.
    pub state: String,
    /// What came out otherwise.
    pub differences: Vec<TestDifferenceView>,
}

/// How rule tests came out.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RuleTestsView {
    /// How many passed.
    pub passed: u32,
    /// How many failed.
    pub failed: u32,
    /// How many were not run.
    pub not_run: u32,
    /// Each test in the order of the files.
    pub tests: Vec<RuleTestView>,
    /// What is wrong with the rules or the tests; then nothing was run.
    pub findings: Vec<FindingView>,
}

/// Query of how rules stand.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RuleStateQuery {
    /// Lists the channels of this rule one by one.
    pub rule: Option<String>,
}

/// How a rule stands on one channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ChannelStandingView {
    /// The channel.
    pub channel: String,
    /// `normal`, `pending` (the on-delay runs), `active` or `clearing` (the off-delay runs).
    pub state: String,
    /// When the running delay began.
    pub delay_since: Option<String>,
    /// What was judged last; none where the rule cannot judge yet or looks at other alarms.
    pub value: Option<f64>,
    /// Where it would raise, in the same unit.
    pub limit: Option<f64>,
    /// The unit of both.
    pub unit: String,
    /// How far the value is from the limit, as a share of the limit; 0 or less: reached.
    pub margin: Option<f64>,
}

/// How a rule stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RuleStandingView {
    /// The rule.
    pub rule: String,
    /// Its on-delay.
    pub on_delay_s: f64,
    /// Its off-delay.
    pub off_delay_s: f64,
    /// Channels without an alarm.
    pub normal: u32,
    /// Channels whose on-delay runs.
    pub pending: u32,
    /// Channels in alarm, those whose off-delay runs among them.
    pub active: u32,
    /// The channel nearest to its limit, or beyond it.
    pub nearest: Option<ChannelStandingView>,
}

/// How all rules stand.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RuleStatesView {
    /// When it was looked.
    pub at: String,
    /// The version that ran.
    pub version: u64,
    /// Each rule in the order of the set.
    pub rules: Vec<RuleStandingView>,
    /// The channels of the rule that was asked for, those nearest to the limit first.
    pub channels: Vec<ChannelStandingView>,
}

/// A backtest that shall be made: the running set and another one over the stored readings.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BacktestRequest {
    /// Every rule file of the other set; or `version`.
    pub files: Option<BTreeMap<String, String>>,
    /// A stored version as the other set.
    pub version: Option<u64>,
    /// Begin of the range, RFC 3339. Not needed with `incident`.
    pub from: Option<String>,
    /// End of the range, RFC 3339, at most 31 days later.
    pub to: Option<String>,
    /// An incident: its warnings are what there is to be found.
    pub incident: Option<String>,
    /// Only these channels, and those that are judged together with them; all where empty.
    #[serde(default)]
    pub channels: Vec<String>,
}

/// A rule's figures over the range.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RuleFiguresView {
    /// The rule.
    pub rule: String,
    /// Its name.
    pub name: TextView,
    /// Its kind.
    pub kind: String,
    /// Its tier.
    pub tier: Option<TierView>,
    /// Alarms that began.
    pub raises: u64,
    /// Time of all its alarms, summed.
    pub in_alarm_s: f64,
}

/// When a set first found what was labelled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FirstOutView {
    /// The label: an id of a warning of the incident.
    pub label: String,
    /// When the warning was raised then.
    pub raised_at: String,
    /// When this set first raised an alarm of that gas there; none: it did not find it.
    pub first_at: Option<String>,
    /// How much later than the warning that was; negative: earlier.
    pub later_s: Option<f64>,
}

/// What a set did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SetFiguresView {
    /// Gas alarms with a tier that began.
    pub raises: u64,
    /// Time with at least one of them.
    pub in_alarm_s: f64,
    /// Alarms that people would be shown, by tier; `equipment`: without one.
    pub by_tier: BTreeMap<String, u64>,
    /// The most of them within ten minutes.
    pub per_10min_peak: f64,
    /// Each rule.
    pub rules: Vec<RuleFiguresView>,
    /// Each label of the incident.
    pub first_outs: Vec<FirstOutView>,
}

/// An alarm that only one set has, or both at different moments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AlarmChangeView {
    /// `added` (only the other set), `lost` (only the running one), `earlier`, `later`, or `ends`
    /// (it begins at the same moment and ends at another).
    pub change: String,
    /// The rule.
    pub rule: String,
    /// The channel.
    pub channel: String,
    /// Begin by the running set.
    pub running_start: Option<String>,
    /// End by the running set; none: it lasts beyond the range, or does not exist.
    pub running_end: Option<String>,
    /// Begin by the other set.
    pub candidate_start: Option<String>,
    /// End by the other set.
    pub candidate_end: Option<String>,
    /// How much later the other set begins; negative: earlier.
    pub later_s: Option<f64>,
}

/// When a set had a gas in alarm, for a plot. No finer than the range divided by 2,000.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AlarmLaneView {
    /// The gas.
    pub gas: String,
    /// Its name.
    pub name: TextView,
    /// `running` or `candidate`.
    pub set: String,
    /// Begin and end of each stretch, in Unix milliseconds.
    pub spans_ms: Vec<(i64, i64)>,
}

/// What a backtest found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BacktestResultView {
    /// Readings that were judged.
    pub readings: u64,
    /// The set that ran when the backtest was asked for.
    pub running: SetFiguresView,
    /// The other set.
    pub candidate: SetFiguresView,
    /// Alarms that both sets have at the same moments.
    pub same: u64,
    /// Alarms that only the other set has.
    pub added: u64,
    /// Alarms that only the running set has.
    pub lost: u64,
    /// Alarms that both have, at different moments.
    pub moved: u64,
    /// The differences in order of time, at most 1,000.
    pub changes: Vec<AlarmChangeView>,
    /// How many more there are.
    pub not_listed: u64,
    /// For a plot.
    pub lanes: Vec<AlarmLaneView>,
}

/// A backtest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BacktestView {
    /// Its number, from 1 on; a restart of the station begins anew.
    pub id: u64,
    /// `queued`, `running`, `done`, `failed` or `cancelled`.
    pub state: String,
    /// How much is done, 0 to 1.
    pub progress: f64,
    /// Who asked.
    pub by: String,
    /// When.
    pub asked_at: String,
    /// Begin of the range.
    pub from: String,
    /// End of the range.
    pub to: String,
    /// The version that is compared with.
    pub running_version: u64,
    /// The version of the other set; none where it was given as files.
    pub candidate_version: Option<u64>,
    /// The incident.
    pub incident: Option<String>,
    /// The channels that were asked for; empty: all.
    pub channels: Vec<String>,
    /// Why it failed.
    pub failure: Option<TextView>,
    /// What it found; only in the answer about one backtest.
    pub result: Option<BacktestResultView>,
}
