//! Drills (演练): a release that is not there, laid over real readings for an engine of its own.
//!
//! What a drill adds is a function of its [`Scenario`] and of the moment, so that it can be made
//! again from the record. Must never be mixed with what was measured: a warning of a drill carries
//! its number for ever.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{AreaId, ChannelId, GasId, Timestamp, Unit};

/// The longest drill, from its begin to its end.
pub const DRILL_MS_MAX: i64 = 4 * 3_600_000;

/// The number of a drill, from 1 on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DrillId(pub u64);

impl DrillId {
    /// What the ids of its warnings and holds begin with.
    pub fn prefix(self) -> String {
        format!("drill-{}.", self.0)
    }
}

impl fmt::Display for DrillId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// How much of the release comes to a channel, and when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DrilledChannel {
    /// Which.
    pub channel: ChannelId,
    /// The part of the scenario's concentration that comes to it.
    pub factor: f64,
    /// How long the gas takes to it.
    pub delay_ms: i64,
}

/// A release as a drill plays it: it rises in a straight line, holds and falls in a straight line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scenario {
    /// Where.
    pub area: AreaId,
    /// Which gas.
    pub gas: GasId,
    /// The highest concentration.
    pub peak: f64,
    /// Its unit.
    pub unit: Unit,
    /// How long it rises.
    pub rise_ms: i64,
    /// How long it holds.
    pub hold_ms: i64,
    /// How long it falls.
    pub decay_ms: i64,
    /// When it begins, in event time.
    pub release_at: Timestamp,
    /// The channels it comes to.
    pub channels: Vec<DrilledChannel>,
}

impl Scenario {
    /// How long there is gas at one place.
    pub fn gas_ms(&self) -> i64 {
        self.rise_ms.saturating_add(self.hold_ms).saturating_add(self.decay_ms)
    }

    /// The concentration in the scenario's unit at its source, where no delay and no factor is.
    pub fn concentration(&self, at: Timestamp) -> f64 {
        let since_ms = at.as_millis().saturating_sub(self.release_at.as_millis());
        let left_ms = self.gas_ms().saturating_sub(since_ms);
        if since_ms < 0 || left_ms <= 0 {
            return 0.0;
        }
        let rising = part(since_ms, self.rise_ms);
        let falling = part(left_ms, self.decay_ms);
        self.peak * rising.min(falling)
    }

    /// When the last of it has gone everywhere.
    pub fn over_at(&self) -> Timestamp {
        let last_ms = self.channels.iter().map(|one| one.delay_ms).max().unwrap_or(0);
        self.release_at.plus_ms(self.gas_ms().saturating_add(last_ms))
    }
}

/// The part of a slope that is behind; a slope of no length is a step.
fn part(done_ms: i64, of_ms: i64) -> f64 {
    if done_ms >= of_ms { 1.0 } else { done_ms as f64 / of_ms as f64 }
}

/// Why a drill ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DrillEndReason {
    /// A person ended it.
    ByHand,
    /// Its time was over.
    TimeOver,
    /// Real gas: the real warning comes first.
    Preempted,
    /// The station was started again.
    Restart,
    /// It could not keep up or broke down.
    Failed,
}

impl DrillEndReason {
    /// The wire name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ByHand => "by-hand",
            Self::TimeOver => "time-over",
            Self::Preempted => "preempted",
            Self::Restart => "restart",
            Self::Failed => "failed",
        }
    }
}

/// The end of a drill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrillEnd {
    /// When, by the station's clock.
    pub at: Timestamp,
    /// Why.
    pub reason: DrillEndReason,
    /// Who ended it; none: the station did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// In which words; of a failure what failed, of a pre-emption the real warning.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// A drill that is to begin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewDrill {
    /// When it begins, by the station's clock.
    pub begun_at: Timestamp,
    /// Who begins it.
    pub begun_by: String,
    /// What it is for; may be empty.
    pub note: String,
    /// When it ends by itself.
    pub ends_at: Timestamp,
    /// What it plays.
    pub scenario: Scenario,
}

/// A drill.
#[derive(Debug, Clone, PartialEq)]
pub struct Drill {
    /// Its number.
    pub id: DrillId,
    /// What it is.
    pub plan: NewDrill,
    /// Its end; none: it runs.
    pub ended: Option<DrillEnd>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scenario(rise_ms: i64, hold_ms: i64, decay_ms: i64) -> Scenario {
        Scenario {
            area: AreaId::new("yard").unwrap(),
            gas: GasId::new("chlorine").unwrap(),
            peak: 8.0,
            unit: Unit::Ppm,
            rise_ms,
            hold_ms,
            decay_ms,
            release_at: Timestamp::from_millis(1_000),
            channels: vec![DrilledChannel {
                channel: ChannelId::new("a").unwrap(),
                factor: 1.0,
                delay_ms: 500,
            }],
        }
    }

    fn check(scenario: &Scenario, at_ms: i64, expected: f64) {
        let found = scenario.concentration(Timestamp::from_millis(at_ms));
        assert!((found - expected).abs() < 1e-9, "{found} at {at_ms}, not {expected}");
    }

    #[test]
    fn it_rises_holds_and_falls_in_straight_lines() {
        let one = scenario(400, 100, 200);
        for (at_ms, expected) in [
            (0, 0.0),
            (999, 0.0),
            (1_000, 0.0),
            (1_100, 2.0),
            (1_400, 8.0),
            (1_450, 8.0),
            (1_500, 8.0),
            (1_600, 4.0),
            (1_700, 0.0),
            (9_000, 0.0),
        ] {
            check(&one, at_ms, expected);
        }
        assert_eq!(one.over_at(), Timestamp::from_millis(2_200));
    }

    #[test]
    fn a_slope_of_no_length_is_a_step() {
        let step = scenario(0, 100, 0);
        for (at_ms, expected) in [(999, 0.0), (1_000, 8.0), (1_099, 8.0), (1_100, 0.0)] {
            check(&step, at_ms, expected);
        }
        check(&step, i64::MAX, 0.0);
        check(&step, i64::MIN, 0.0);
    }
}
