//! The rules that run, their versions, the shadow set beside them, and the acts that change them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::health::ShadowHealthView;
use super::warnings::{AlarmEventView, AlarmView};
use super::words::{TextView, TierView};

/// A rule file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RuleFileView {
    /// Relative to the site's folder, for example `rules/chlorine.toml`.
    pub path: String,
    /// Its content.
    pub text: String,
}

/// A rule that runs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RunningRuleView {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: TextView,
    /// `threshold`, `window-mean` and so on.
    pub kind: String,
    /// The tier of its alarms; none for alarms about equipment.
    pub tier: Option<TierView>,
    /// Where its set point comes from.
    pub source: String,
    /// How many channels it judges.
    pub channels: u32,
    /// The rule in words of a rule file, limits worked out.
    pub text: String,
}

/// The rules that run now.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RulesView {
    /// Their version.
    pub version: RuleVersionView,
    /// The rules in the order of their files.
    pub rules: Vec<RunningRuleView>,
}

/// A version of the rules; `rules` on the live stream when another one begins to run.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RuleVersionView {
    /// Its number, from 1 on.
    pub number: u64,
    /// When it began to run.
    pub at: String,
    /// What led to it: `start`, `file-change`, `signal`, `api`, `promotion` or `rollback`.
    pub source: String,
    /// Name of the person; empty where nobody is known.
    pub by: String,
    /// Why; may be empty.
    pub note: String,
    /// For a promotion: who had proposed the set.
    pub proposed_by: Option<String>,
    /// Whether the set differs from what the site's folder held then.
    pub differs_from_site: bool,
}

/// The live stream's word that other rules run.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RulesEventView {
    /// Place in the ledger.
    pub seq: u64,
    /// The version that runs now.
    pub version: u64,
    /// When it began to run.
    pub at: String,
    /// What led to it, as in RuleVersionView.
    pub source: String,
    /// Name of the person; empty where nobody is known.
    pub by: String,
}

/// What became of one rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RuleDiffView {
    /// Its id.
    pub rule: String,
    /// `added`, `removed` or `changed`.
    pub change: String,
    /// Its text before; none where it was added.
    pub old: Option<String>,
    /// Its text after; none where it was removed.
    pub new: Option<String>,
}

/// A version with its full text and what it changed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RuleVersionDiffView {
    /// The version.
    pub version: RuleVersionView,
    /// What is different from the version before, rule by rule.
    pub diff: Vec<RuleDiffView>,
    /// The full text of the set.
    pub files: Vec<RuleFileView>,
}

/// Why somebody changes the rules. Who does is known from how they signed in.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RulesActRequest {
    /// Why, at most 1,000 characters.
    #[serde(default)]
    pub note: String,
}

/// A rule set that shall run beside the live one without warning anyone.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShadowRequest {
    /// Why, at most 1,000 characters.
    #[serde(default)]
    pub note: String,
    /// Every rule file of the set: its name, for example `chlorine.toml`, and its text. Rule sets
    /// that the site names in `rule_sets` stay as they are.
    pub files: BTreeMap<String, String>,
}

/// An edge at another moment than in the live set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MovedEdgeView {
    /// The rule.
    pub rule: String,
    /// The channel.
    pub channel: String,
    /// `raise` or `clear`.
    pub edge: String,
    /// When the live set said it.
    pub live_at: String,
    /// When the shadow set said it.
    pub shadow_at: String,
    /// How much later the shadow set was; negative where it was earlier.
    pub later_ms: i64,
}

/// What a shadow set did otherwise than the live one since it began.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct ShadowDifferencesView {
    /// Begins and ends that only the live set had; `seq` is 0.
    pub only_live: Vec<AlarmEventView>,
    /// Begins and ends that only the shadow set had; `seq` is 0.
    pub only_shadow: Vec<AlarmEventView>,
    /// Those that both had, at different moments.
    pub moved: Vec<MovedEdgeView>,
    /// How many both had at the same moment.
    pub equal: u32,
    /// Whether there are more begins and ends than are compared; the newest are.
    pub is_cut: bool,
}

/// The shadow set that runs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ShadowView {
    /// Its number, from 1 on.
    pub number: u64,
    /// When it began.
    pub begun_at: String,
    /// Who proposed it.
    pub by: String,
    /// Why; may be empty.
    pub note: String,
    /// How it goes.
    pub health: ShadowHealthView,
    /// What is different from the live set, rule by rule.
    pub diff: Vec<RuleDiffView>,
    /// Its active alarms. They warn nobody.
    pub alarms: Vec<AlarmView>,
    /// What it did otherwise than the live set.
    pub differences: ShadowDifferencesView,
    /// The full text of the set.
    pub files: Vec<RuleFileView>,
}

/// A shadow set, where one runs.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct ShadowAnswer {
    /// The shadow set; none where none runs.
    pub shadow: Option<ShadowView>,
}

/// A begin or end of an alarm that late readings added to the record or took out of it;
/// `correction` on the live stream.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CorrectionView {
    /// Place in the ledger.
    pub seq: u64,
    /// `added` or `removed`.
    pub change: String,
    /// When it was found.
    pub found_at: String,
    /// `raise` or `clear`.
    pub edge: String,
    /// When it was, in event time.
    pub at: String,
    /// The alarm.
    pub alarm: AlarmView,
}

/// Query of the list of corrections.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CorrectionsQuery {
    /// Only those after this place in the ledger; 0 (default) for all.
    #[serde(default)]
    pub after: u64,
    /// At most this many, 1 to 1,000 (default).
    pub limit: Option<u32>,
}
