//! Rules as used: checked conditions bound to channels. The text form lives in `siskin-config`.
//!
//! Every length of time is in milliseconds of event time; every limit is in the rule's unit and is
//! turned into the channel's unit by the binding's factor.

use siskin_model::{AlarmKind, ChannelIndex, RuleId, Text, Tier, Unit};

/// The default of [`Rule::gap_ms`]: a longer silence than this completes no delay.
pub const GAP_MS_DEFAULT: i64 = 30_000;

/// What a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum RuleKind {
    /// The value itself: raise at `raise_at` or above, clear below `clear_below`.
    Threshold {
        /// Raise at or above.
        raise_at: f64,
        /// Clear below.
        clear_below: f64,
    },
    /// The mean of the samples in (t − window, t], valid with at least `samples_min` of them.
    WindowMean {
        /// Length of the window.
        window_ms: i64,
        /// Fewest samples that make a mean.
        samples_min: u32,
        /// Raise at or above.
        raise_at: f64,
        /// Clear below.
        clear_below: f64,
    },
    /// A least-squares line over the samples in (t − window, t]: raise while the slope b is
    /// positive, b ≥ `significance` standard errors, the fitted value f at t is below `target`
    /// and (target − f) / b is at most `horizon_ms`; clear while that is false.
    Trend {
        /// Length of the window.
        window_ms: i64,
        /// Fewest samples that make a line.
        samples_min: u32,
        /// The value that is being approached.
        target: f64,
        /// How soon it would be reached.
        horizon_ms: i64,
        /// How many standard errors the slope must have.
        significance: f64,
    },
    /// Nothing usable for `after_ms`. Raised once event time is strictly past that moment and
    /// stamped with it; cleared by the next usable reading. Never a gas tier.
    NoData {
        /// How long silence is tolerated.
        after_ms: i64,
    },
}

impl RuleKind {
    /// What its alarms speak about.
    pub const fn alarm_kind(self) -> AlarmKind {
        match self {
            Self::NoData { .. } => AlarmKind::NoData,
            _ => AlarmKind::Gas,
        }
    }

    /// How much history it looks at.
    pub const fn window_ms(self) -> i64 {
        match self {
            Self::WindowMean { window_ms, .. } | Self::Trend { window_ms, .. } => window_ms,
            Self::Threshold { .. } | Self::NoData { .. } => 0,
        }
    }
}

/// A rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Its id.
    pub id: RuleId,
    /// Its name for people.
    pub name: Text,
    /// What it looks at.
    pub kind: RuleKind,
    /// The tier of its alarms; always none for alarms about equipment.
    pub tier: Option<Tier>,
    /// Unit of its limits.
    pub unit: Unit,
    /// On-delay: how long the condition must hold before the alarm is raised.
    pub on_delay_ms: i64,
    /// Off-delay: how long the clear condition must hold before the alarm is cleared.
    pub off_delay_ms: i64,
    /// A silence longer than this puts a running on-delay or off-delay back to its start.
    pub gap_ms: i64,
    /// Where its set point comes from: standard and clause, or the order that set it.
    pub source: String,
}

/// One rule on one channel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Binding {
    /// Place of the rule in [`RuleSet::rules`].
    pub rule: usize,
    /// The channel.
    pub channel: ChannelIndex,
    /// What one of the rule's unit is in the channel's unit.
    pub factor: f64,
}

/// The rules of a site and the channels they judge.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RuleSet {
    /// The rules in the order of their files.
    pub rules: Vec<Rule>,
    /// Which rule judges which channel.
    pub bindings: Vec<Binding>,
}
