//! The site as configured: areas, analyzers, channels, rules, gases, receivers.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::words::{PositionView, TextView, TierView};

/// What a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the names are the rule kinds of the rule reference")]
pub enum RuleKindView {
    Threshold,
    WindowMean,
    Trend,
    NoData,
    /// The slope of the value.
    RateOfRise,
    /// The value above the channel's own baseline.
    Baseline,
    /// A small lasting shift.
    Cusum,
    /// The toxic load.
    Dose,
    /// Several channels together.
    Vote,
    /// Several rules together.
    Boolean,
    /// One channel against the others of its group.
    Contrast,
    /// The value stands still.
    Stuck,
    /// The value leaps.
    Jump,
    /// The value is beyond the range.
    OutOfRange,
}

/// A rule as it judges one channel.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RuleView {
    /// The rule's id.
    pub rule: String,
    /// Its name.
    pub name: TextView,
    /// What it looks at.
    pub kind: RuleKindView,
    /// The tier it gives; none for alarms about equipment.
    pub tier: Option<TierView>,
    /// The limit it raises at (the target of a trend rule), in the channel's unit.
    pub raise_at: Option<f64>,
    /// The limit it clears below, in the channel's unit.
    pub clear_below: Option<f64>,
    /// Where the set point comes from.
    pub source: String,
}

/// An area of the plan.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AreaView {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: TextView,
    /// `unit`, `tank-farm`, `fence-line`, `receptor` or `other`.
    pub kind: String,
    /// Its outline.
    pub outline: Vec<PositionView>,
}

/// A device.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AnalyzerView {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: TextView,
    /// Its area.
    pub area: String,
    /// Where it stands.
    pub position: PositionView,
    /// Height of the inlet above ground.
    pub height_m: f64,
    /// Its device profile.
    pub profile: String,
    /// `modbus-tcp`, `modbus-rtu-over-tcp`, `modbus-rtu`, `mqtt`, `sparkplug-b` or `hj212`.
    pub protocol: String,
    /// Time between two readings as configured.
    pub poll_ms: u32,
}

/// A channel as configured.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ChannelView {
    /// Its id.
    pub id: String,
    /// The device.
    pub analyzer: String,
    /// Its area.
    pub area: String,
    /// The id of a gas, or `wind-speed`, `wind-direction`, `temperature`, `pressure`, `humidity`.
    pub quantity: String,
    /// Whether the quantity is a gas.
    pub is_gas: bool,
    /// `ppm`, `ppb`, `mg/m3`, `%LEL`, `m/s`, `deg`, `degC`, `hPa`, `%RH` …
    pub unit: String,
    /// Lowest value of the measuring range.
    pub range_low: f64,
    /// Highest value of the measuring range.
    pub range_high: f64,
    /// The smallest step the device shows: gives the digits to show.
    pub resolution: f64,
    /// The rules that judge it.
    pub rules: Vec<RuleView>,
}

/// A gas that the site measures.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct GasView {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: TextView,
    /// Chemical formula.
    pub formula: String,
    /// CAS registry number.
    pub cas: Option<String>,
    /// HJ 212 factor code.
    pub hj_code: Option<String>,
}

/// Somebody who is told of warnings.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReceiverView {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: TextView,
    /// The lowest tier that is told.
    pub tier_min: TierView,
    /// The areas it is told about; empty means all.
    pub areas: Vec<String>,
    /// Telephone.
    pub phone: Option<String>,
}

/// How long a warning of a tier may be shelved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ShelfLimitView {
    /// The tier.
    pub tier: TierView,
    /// At most so many minutes; 0: not at all.
    pub minutes_max: i64,
    /// Whether a second person must confirm it.
    pub two_persons: bool,
}

/// Where the park is: zero of its metres, in WGS-84.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SiteOriginView {
    /// Degrees north.
    pub latitude_deg: f64,
    /// Degrees east.
    pub longitude_deg: f64,
}

/// A file with the ground of the world below the park, given by `/map/tiles`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SiteMapView {
    /// Whose data it is: must stand wherever it is shown.
    pub attribution: TextView,
}

/// A site as configured.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SiteView {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: TextView,
    /// Local time: seconds east of UTC.
    pub utc_offset_s: i32,
    /// Where it is; none where its files do not say.
    pub origin: Option<SiteOriginView>,
    /// The ground of the world below it; none where its files name none.
    pub map: Option<SiteMapView>,
    /// The tiers it uses, rising.
    pub tiers: Vec<TierView>,
    /// Its areas.
    pub areas: Vec<AreaView>,
    /// Its analyzers.
    pub analyzers: Vec<AnalyzerView>,
    /// Its channels.
    pub channels: Vec<ChannelView>,
    /// Its gases.
    pub gases: Vec<GasView>,
    /// Who is told.
    pub receivers: Vec<ReceiverView>,
    /// How long a warning may be shelved, by tier, rising.
    pub shelves: Vec<ShelfLimitView>,
    /// Whether this is the simulated park of `siskin demo`: the page must say so at all times.
    pub simulated: bool,
}
