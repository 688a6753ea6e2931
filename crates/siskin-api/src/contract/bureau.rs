//! What a bureau pulls: steps of warnings from where it stopped.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::warnings::{WarningChangeView, WarningStateView};
use super::words::{TextView, TierView};

/// From where on, and how many.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BureauWarningsQuery {
    /// The `next` of the answer before; from the first step on where not given.
    pub after: Option<String>,
    /// At most this many steps, 1 to 1,000; 100 where not given.
    pub limit: Option<u32>,
}

/// One step in the life of a warning, with everything to understand it alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BureauStepView {
    /// Place in the ledger: rises with each step, and never changes.
    pub seq: u64,
    /// The warning.
    pub warning: String,
    /// What happened.
    pub change: WarningChangeView,
    /// Where the warning is after it.
    pub state: WarningStateView,
    /// The tier after it.
    pub tier: TierView,
    /// The highest tier it ever had.
    pub tier_peak: TierView,
    /// Which gas.
    pub gas: String,
    /// Its name.
    pub gas_name: TextView,
    /// Its CAS number, where it has one.
    pub cas: Option<String>,
    /// Where.
    pub area: String,
    /// Its name.
    pub area_name: TextView,
    /// What the rule of the highest alarm judged when it raised; none where no alarm is active or
    /// it judges no value.
    pub value: Option<f64>,
    /// Against which limit.
    pub limit: Option<f64>,
    /// Unit of both.
    pub unit: Option<String>,
    /// The rule.
    pub rule: Option<String>,
    /// On which channel.
    pub channel: Option<String>,
    /// When the first alarm of the warning was raised.
    pub raised_at: String,
    /// When this happened.
    pub at: String,
    /// When it was written, by the station's clock.
    pub recorded_at: String,
    /// When the last alarm ended, while none is active.
    pub returned_at: Option<String>,
    /// When the present tier was acknowledged, or the last acknowledgement given.
    pub acknowledged_at: Option<String>,
    /// Whether it is not real: of a drill, or of a simulated park.
    pub is_exercise: bool,
    /// The number of the drill that it is of.
    pub drill: Option<u64>,
    /// The incident that the warning belongs to now.
    pub incident: Option<String>,
    /// The CAP message that tells of this step: `/api/v1/cap/{identifier}`; none where nobody
    /// outside is told of such a step.
    pub cap: Option<String>,
}

/// A time without any entry of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BureauSilenceView {
    /// When the entry before it was written.
    pub from: String,
    /// When the entry after it was written, or the station's clock now.
    pub to: String,
    /// How long.
    pub length_ms: i64,
}

/// Steps of warnings in the order of the ledger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BureauWarningsView {
    /// The steps.
    pub steps: Vec<BureauStepView>,
    /// Give it back as `after` for what comes next; none while the ledger is empty.
    pub next: Option<String>,
    /// Whether there is more already: ask again at once.
    pub has_more: bool,
    /// Entries between `after` and `next` that are not in `steps`: of other kinds, or of areas that
    /// are not yours.
    pub passed_over: u64,
    /// Times of more than an hour without any entry. Nothing happened, or nobody could write.
    pub silences: Vec<BureauSilenceView>,
    /// The station's clock.
    pub now: String,
}
