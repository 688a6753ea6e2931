//! Rules as used: checked conditions bound to channels. The text form lives in `siskin-config`.
//!
//! Every length of time is in milliseconds of event time; every limit is in the rule's unit and is
//! turned into the channel's unit by the binding's factor.

use siskin_model::{AlarmKind, ChannelIndex, RuleId, Text, Tier, Unit};

/// The default of [`Rule::gap_ms`]: a longer silence than this completes no delay.
pub const GAP_MS_DEFAULT: i64 = 30_000;

/// Which side of a limit is the bad one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Too much: raise at the limit or above.
    High,
    /// Too little, for example oxygen: raise at the limit or below.
    Low,
}

/// How a line is laid through samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrendMethod {
    /// Ordinary least squares; its confidence is the slope's standard error.
    LeastSquares,
    /// Theil–Sen: the median of the slopes between pairs of step medians; its confidence is the
    /// rank interval after Kendall. One spike cannot bend it.
    TheilSen,
}

/// The channel's own quiet level: a low quantile and the noise of its step means over the past.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Baseline {
    /// How much past it is taken from.
    pub window_ms: i64,
    /// Length of one step; the means of whole steps are what the quantile is taken of.
    pub step_ms: i64,
    /// Which quantile, 0 to 0.5.
    pub quantile: f64,
    /// Fewest steps with a mean that make a baseline.
    pub steps_min: u32,
    /// While the rule's alarm is raised the baseline stands still, at most this long.
    pub freeze_max_ms: i64,
    /// The noise is never taken to be smaller than this, in the rule's unit.
    pub noise_min: f64,
}

/// A point of an AEGL-shaped limit: this level for this long.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DosePoint {
    /// How long.
    pub duration_ms: i64,
    /// Which level.
    pub limit: f64,
}

/// Who may corroborate whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// Channels of the same gas in the same area.
    Area,
    /// Channels of the same gas anywhere in the site.
    Site,
}

/// Only channels that lie along the wind may corroborate each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WindGate {
    /// Below this speed the wind says nothing and every channel may corroborate.
    pub speed_min_m_s: f64,
    /// The line between two channels may differ from the wind's by this much.
    pub half_angle_deg: f64,
}

/// A level of the recent past: a quantile of the steps before the present one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Recent {
    /// How far back.
    pub window_ms: i64,
    /// Which quantile, 0 to 1.
    pub quantile: f64,
    /// How many times this level must be reached.
    pub times: f64,
}

/// How a channel is compared with the others of its gas.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Contrast {
    /// Length of one step; its mean stands for a channel.
    pub step_ms: i64,
    /// The channel's own level is the median of its steps over this time.
    pub baseline_ms: i64,
    /// Fewest steps that make a level, and fewest that make a quantile of the recent past.
    pub steps_min: u32,
    /// Over how many steps the contrast is averaged.
    pub mean_steps: u32,
    /// Against the channel's own recent contrast.
    pub own: Recent,
    /// Against the highest recent contrast of the group.
    pub group: Recent,
}

/// A condition on the alarms of other rules on the same channel.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// The alarm of this rule is raised.
    Rule(RuleId),
    /// All of them.
    And(Vec<Expr>),
    /// Any of them.
    Or(Vec<Expr>),
    /// Not that.
    Not(Box<Expr>),
}

/// What a rule looks at.
#[derive(Debug, Clone, PartialEq)]
pub enum RuleKind {
    /// The value itself: raise at `raise_at` or beyond, clear on the good side of `clear_at`.
    Threshold {
        /// Which side is the bad one.
        side: Side,
        /// High: raise at or above; low: at or below.
        raise_at: f64,
        /// High: clear below; low: clear above.
        clear_at: f64,
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
    /// The slope of the least-squares line over (t − window, t].
    RateOfRise {
        /// Length of the window.
        window_ms: i64,
        /// Fewest samples that make a line.
        samples_min: u32,
        /// Raise at or above, in units a minute.
        raise_per_min: f64,
        /// Clear below, in units a minute.
        clear_per_min: f64,
    },
    /// A line over the samples in (t − window, t]: raise while the slope b is positive with
    /// confidence, the fitted value f at t is below `target` and (target − f) / b is at most
    /// `horizon_ms`; clear while that is false.
    Trend {
        /// How the line is laid.
        method: TrendMethod,
        /// Length of the window.
        window_ms: i64,
        /// Fewest samples (Theil–Sen: steps) that make a line.
        samples_min: u32,
        /// The value that is being approached.
        target: f64,
        /// How soon it would be reached.
        horizon_ms: i64,
        /// Least squares: how many standard errors the slope must have. Theil–Sen: how many
        /// standard deviations Kendall's S must have.
        significance: f64,
    },
    /// The value above the channel's own baseline b with noise s: raise while x − b ≥ `raise_by`
    /// and x − b ≥ `noise_times`·s; clear while x − b < `clear_by`.
    Baseline {
        /// The baseline.
        baseline: Baseline,
        /// Raise at this much above the baseline or more.
        raise_by: f64,
        /// Clear at less than this above the baseline.
        clear_by: f64,
        /// How many times the noise the rise must be at least; 0 where the noise does not count.
        noise_times: f64,
    },
    /// Small lasting shifts: r = (x − b) / s, whitened e = r − φ·r of the sample before, summed
    /// over `allowance`: S = the largest sum of (e − allowance) over the last samples within
    /// `memory_ms`.
    Cusum {
        /// The baseline.
        baseline: Baseline,
        /// How long a sum may reach back.
        memory_ms: i64,
        /// φ; none: estimated from the baseline's steps.
        whiten: Option<f64>,
        /// What is taken off every term, in noises.
        allowance: f64,
        /// No single term counts more than this, in noises.
        clip: f64,
        /// Raise at S of this or more.
        raise_at: f64,
        /// Clear at S below this.
        clear_below: f64,
    },
    /// Toxic load after ten Berge: for each point the equivalent steady level
    /// (∫ Cⁿ dt / T)^(1/n) over (t − T, t] against the point's limit; the largest fraction counts.
    Dose {
        /// The limits, in order of duration.
        points: Vec<DosePoint>,
        /// n; none: each point's own from its neighbours, n = ln(T₂/T₁) / ln(L₁/L₂).
        exponent: Option<f64>,
        /// Raise at this fraction or more.
        raise_at: f64,
        /// Clear below this fraction.
        clear_below: f64,
    },
    /// k of n: on a channel with an alarm of one of the rules `of`, while at least `needs`
    /// channels (itself among them) have one.
    Vote {
        /// The rules whose alarms count.
        of: Vec<RuleId>,
        /// How many channels.
        needs: u32,
        /// Who may corroborate.
        span: Span,
        /// Only channels at most this far away; none: any distance.
        within_m: Option<f64>,
        /// An alarm counts for this long after its end too.
        memory_ms: i64,
        /// Along the wind only.
        wind: Option<WindGate>,
    },
    /// A boolean condition on other rules' alarms on the same channel.
    Boolean {
        /// The condition.
        when: Expr,
    },
    /// A channel stands out from the others of its gas, and from what was so recently. With D the
    /// channel's step mean less its own median, and E = D less the median of D over the group
    /// (nothing where fewer than three are there), S is the mean of E over the last steps: raise
    /// while for any channel S reaches `raise_at`, `own.times` of its own recent S and
    /// `group.times` of the group's recent highest S; clear while no S reaches `clear_below`.
    Contrast {
        /// The comparison.
        contrast: Contrast,
        /// Who is compared with whom.
        span: Span,
        /// Raise at this much or more.
        raise_at: f64,
        /// Clear below this.
        clear_below: f64,
    },
    /// Nothing usable for `after_ms`. Raised once event time is strictly past that moment and
    /// stamped with it; cleared by the next usable reading. Never a gas tier.
    NoData {
        /// How long silence is tolerated.
        after_ms: i64,
    },
    /// All samples of the last `after_ms` lie within `tolerance`. Never a gas tier.
    Stuck {
        /// How long.
        after_ms: i64,
        /// Largest minus smallest value at most this, in the rule's unit.
        tolerance: f64,
        /// Values at or below this may stand still: clean air does.
        ignore_to: Option<f64>,
    },
    /// Two samples at most `within_ms` apart differ by `by` or more. Never a gas tier.
    Jump {
        /// By how much, in the rule's unit.
        by: f64,
        /// How far apart at most.
        within_ms: i64,
    },
    /// The reading is over-range, or its value outside the channel's range. Never a gas tier;
    /// gas rules count over-range as high beside it.
    OutOfRange,
}

impl RuleKind {
    /// What its alarms speak about.
    pub const fn alarm_kind(&self) -> AlarmKind {
        match self {
            Self::NoData { .. } => AlarmKind::NoData,
            Self::Stuck { .. } => AlarmKind::Stuck,
            Self::Jump { .. } => AlarmKind::Jump,
            Self::OutOfRange => AlarmKind::OutOfRange,
            _ => AlarmKind::Gas,
        }
    }

    /// Its name in files and on the wire.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Threshold { .. } => "threshold",
            Self::WindowMean { .. } => "window-mean",
            Self::RateOfRise { .. } => "rate-of-rise",
            Self::Trend { .. } => "trend",
            Self::Baseline { .. } => "baseline",
            Self::Cusum { .. } => "cusum",
            Self::Dose { .. } => "dose",
            Self::Vote { .. } => "vote",
            Self::Boolean { .. } => "boolean",
            Self::Contrast { .. } => "contrast",
            Self::NoData { .. } => "no-data",
            Self::Stuck { .. } => "stuck",
            Self::Jump { .. } => "jump",
            Self::OutOfRange => "out-of-range",
        }
    }

    /// How much history it looks at.
    pub fn window_ms(&self) -> i64 {
        match self {
            Self::WindowMean { window_ms, .. }
            | Self::RateOfRise { window_ms, .. }
            | Self::Trend { window_ms, .. } => *window_ms,
            Self::Baseline { baseline, .. } => baseline.reach_ms(),
            Self::Cusum { baseline, memory_ms, .. } => baseline.reach_ms() + memory_ms,
            Self::Dose { points, .. } => {
                // Steps are whole, so up to one more than the longest point.
                let longest_ms = points.iter().map(|p| p.duration_ms).max().unwrap_or(0);
                longest_ms + crate::condition::dose::step_ms(longest_ms)
            }
            Self::Vote { memory_ms, .. } => *memory_ms,
            Self::Contrast { contrast, .. } => contrast.reach_ms(),
            Self::Stuck { after_ms, .. } => *after_ms,
            Self::Jump { within_ms, .. } => *within_ms,
            Self::Threshold { .. }
            | Self::Boolean { .. }
            | Self::NoData { .. }
            | Self::OutOfRange => 0,
        }
    }
}

impl RuleKind {
    /// How much past its whole state can depend on: the window, and what an alarm froze.
    pub fn reach_ms(&self) -> i64 {
        let frozen_ms = match self {
            Self::Baseline { baseline, .. } | Self::Cusum { baseline, .. } => {
                baseline.freeze_max_ms
            }
            Self::NoData { after_ms } => *after_ms,
            _ => 0,
        };
        self.window_ms() + frozen_ms
    }
}

impl Contrast {
    /// How much history it looks at: the recent contrasts, each with its own level behind it.
    pub fn reach_ms(&self) -> i64 {
        let recent_ms = self.own.window_ms.max(self.group.window_ms);
        let steps = i64::from(self.mean_steps) + 2;
        self.baseline_ms + recent_ms + steps * self.step_ms
    }
}

impl Baseline {
    /// How much history it looks at: steps are whole, so up to two more than the window.
    pub const fn reach_ms(&self) -> i64 {
        self.window_ms + 2 * self.step_ms
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
    /// While the alarm of this rule is active in the same area, its own alarms call nobody.
    pub suppressed_by: Option<RuleId>,
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
