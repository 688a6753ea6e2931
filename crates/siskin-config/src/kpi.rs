//! Figures of alarm management with their targets: what is compared with which number, and where
//! that number is from.
//!
//! The targets are data inside the program (`kpi_targets.toml`). A figure that cannot be told is
//! none, never zero. Must never change what anybody is warned of.

use serde::Deserialize;
use siskin_engine::kpi::Kpis;
use siskin_model::{Text, Tier};

const TARGETS: &str = include_str!("kpi_targets.toml");
/// Shares are told in percent, as the standards do.
const PERCENT: f64 = 100.0;

/// Something that is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// Calls in ten minutes on average.
    PerTenMinutes,
    /// Calls in an hour on average.
    PerHour,
    /// Calls in a day on average.
    PerDay,
    /// Hours with more than thirty calls.
    HoursOverThirty,
    /// Ten minutes with more than ten calls.
    PeriodsOverTen,
    /// The most calls in any ten minutes.
    MostInTenMinutes,
    /// Time in a flood.
    InFlood,
    /// Calls of the ten most frequent sources.
    TopTenShare,
    /// Sources that chatter.
    Chattering,
    /// Sources with calls that are gone within ten seconds.
    Fleeting,
    /// Sources that were active for more than a day.
    Stale,
    /// Calls of the red tier among those with a tier.
    RedShare,
    /// Calls of the orange tier among those with a tier.
    OrangeShare,
    /// Calls of the yellow tier among those with a tier.
    YellowShare,
}

/// How a figure is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Limit {
    /// The number itself is good.
    AtMost,
    /// The number itself is too much.
    Below,
}

/// A target and where it is from.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// What is compared.
    pub measure: Measure,
    /// How.
    pub limit: Limit,
    /// Very likely acceptable.
    pub acceptable: f64,
    /// The most that can be managed, where the standard has such a number.
    pub manageable: Option<f64>,
    /// Where the numbers are from.
    pub source: String,
    /// Whether somebody has read them there.
    pub verified: bool,
}

/// How a figure stands to its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is acceptable.
    Met,
    /// It is more than that and can be managed.
    Manageable,
    /// It is too much.
    Missed,
    /// There is nothing to compare.
    NoData,
}

impl Standing {
    /// The wire name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Manageable => "manageable",
            Self::Missed => "missed",
            Self::NoData => "no-data",
        }
    }
}

/// A figure with its target.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// The target.
    pub target: Target,
    /// The value in the measure's unit; none where there is nothing to tell it from.
    pub value: Option<f64>,
    /// How it stands.
    pub standing: Standing,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Targets {
    target: Vec<Target>,
}

/// The targets inside the program cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the targets of alarm management cannot be read: {0}; hint: install this Siskin anew")]
pub struct TargetsError(#[from] toml::de::Error);

/// The targets, in the order in which they are told.
pub fn targets() -> Result<Vec<Target>, TargetsError> {
    let read: Targets = toml::from_str(TARGETS)?;
    Ok(read.target)
}

/// The figures of a span with their targets.
pub fn figures(targets: &[Target], kpis: &Kpis) -> Vec<Figure> {
    let figure = |target: &Target| {
        let value = target.measure.of(kpis);
        let standing = value.map_or(Standing::NoData, |value| target.standing(value));
        Figure { target: target.clone(), value, standing }
    };
    targets.iter().map(figure).collect()
}

impl Target {
    fn standing(&self, value: f64) -> Standing {
        let is_within = |number: f64| match self.limit {
            Limit::AtMost => value <= number,
            Limit::Below => value < number,
        };
        if is_within(self.acceptable) {
            Standing::Met
        } else if self.manageable.is_some_and(is_within) {
            Standing::Manageable
        } else {
            Standing::Missed
        }
    }
}

impl Limit {
    /// The wire name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AtMost => "at-most",
            Self::Below => "below",
        }
    }
}

impl Measure {
    /// The wire name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PerTenMinutes => "per-ten-minutes",
            Self::PerHour => "per-hour",
            Self::PerDay => "per-day",
            Self::HoursOverThirty => "hours-over-thirty",
            Self::PeriodsOverTen => "periods-over-ten",
            Self::MostInTenMinutes => "most-in-ten-minutes",
            Self::InFlood => "in-flood",
            Self::TopTenShare => "top-ten-share",
            Self::Chattering => "chattering",
            Self::Fleeting => "fleeting",
            Self::Stale => "stale",
            Self::RedShare => "red-share",
            Self::OrangeShare => "orange-share",
            Self::YellowShare => "yellow-share",
        }
    }

    /// What people call it.
    pub fn name(self) -> Text {
        let (zh, en) = match self {
            Self::PerTenMinutes => ("每 10 分钟平均报警数", "calls per 10 minutes, average"),
            Self::PerHour => ("每小时平均报警数", "calls per hour, average"),
            Self::PerDay => ("每日平均报警数", "calls per day, average"),
            Self::HoursOverThirty => ("超过 30 个报警的小时占比", "hours with over 30 calls"),
            Self::PeriodsOverTen => {
                ("超过 10 个报警的 10 分钟占比", "10 minutes with over 10 calls")
            }
            Self::MostInTenMinutes => ("任意 10 分钟最大报警数", "most calls in any 10 minutes"),
            Self::InFlood => ("报警泛滥时间占比", "time in an alarm flood"),
            Self::TopTenShare => ("前十报警源占比", "share of the ten most frequent sources"),
            Self::Chattering => ("抖动报警源数", "chattering sources"),
            Self::Fleeting => ("瞬时报警源数", "fleeting sources"),
            Self::Stale => ("陈旧报警源数（超过 24 小时）", "stale sources (over 24 h)"),
            Self::RedShare => ("红色占比", "share of red"),
            Self::OrangeShare => ("橙色占比", "share of orange"),
            Self::YellowShare => ("黄色占比", "share of yellow"),
        };
        Text::new(zh, en)
    }

    /// Its unit: `count` or `percent`.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::PerTenMinutes
            | Self::PerHour
            | Self::PerDay
            | Self::MostInTenMinutes
            | Self::Chattering
            | Self::Fleeting
            | Self::Stale => "count",
            Self::HoursOverThirty
            | Self::PeriodsOverTen
            | Self::InFlood
            | Self::TopTenShare
            | Self::RedShare
            | Self::OrangeShare
            | Self::YellowShare => "percent",
        }
    }

    fn of(self, kpis: &Kpis) -> Option<f64> {
        let (load, nuisance) = (&kpis.load, &kpis.nuisance);
        let number = |count: usize| Some(count as f64);
        match self {
            Self::PerTenMinutes => Some(load.per_period),
            Self::PerHour => Some(load.per_hour),
            Self::PerDay => Some(load.per_day),
            Self::HoursOverThirty => Some(load.hours_over * PERCENT),
            Self::PeriodsOverTen => Some(load.periods_over * PERCENT),
            Self::MostInTenMinutes => Some(load.per_period_max as f64),
            Self::InFlood => Some(load.in_flood * PERCENT),
            Self::TopTenShare => top_ten(kpis),
            Self::Chattering => number(nuisance.chattering.len()),
            Self::Fleeting => number(nuisance.fleeting.len()),
            Self::Stale => number(nuisance.stale.len()),
            Self::RedShare => share_of(kpis, Tier::Red),
            Self::OrangeShare => share_of(kpis, Tier::Orange),
            Self::YellowShare => share_of(kpis, Tier::Yellow),
        }
    }
}

/// The share of the ten most frequent sources. Of ten sources or fewer it would be everything and
/// say nothing.
fn top_ten(kpis: &Kpis) -> Option<f64> {
    let others = kpis.load.top.iter().find(|one| one.source.is_empty())?;
    Some((1.0 - others.share) * PERCENT)
}

fn share_of(kpis: &Kpis, tier: Tier) -> Option<f64> {
    let with_tier = kpis.load.tiers.iter().filter(|(of, _)| of.is_some());
    let all: u64 = with_tier.clone().map(|(_, count)| count).sum();
    let own: u64 = with_tier.filter(|(of, _)| *of == Some(tier)).map(|(_, count)| count).sum();
    (all > 0).then(|| own as f64 * PERCENT / all as f64)
}

#[cfg(test)]
mod tests {
    use siskin_engine::kpi::{Annunciation, Span};
    use siskin_model::Timestamp;

    use super::*;

    const DAY_MS: i64 = 24 * 3_600_000;

    /// Calls at minutes, of a source and a tier each, in a day.
    fn kpis(calls: &[(i64, &str, Option<Tier>)]) -> Kpis {
        let (from, to) = (Timestamp::from_millis(0), Timestamp::from_millis(DAY_MS));
        let call = |(minute, source, tier): &(i64, &str, Option<Tier>)| {
            let at = Timestamp::from_millis(minute * 60_000);
            let (source, tier) = ((*source).to_owned(), *tier);
            let (acknowledged_at, returned_at, ended_at) = (None, Some(at.plus_ms(60_000)), None);
            Annunciation { at, told_at: at, source, tier, acknowledged_at, returned_at, ended_at }
        };
        let calls: Vec<_> = calls.iter().map(call).collect();
        Kpis::of(Span { from, to }, &calls, &[])
    }

    fn check(kpis: &Kpis, measure: Measure, value: Option<f64>, standing: Standing) {
        let figures = figures(&targets().unwrap(), kpis);
        let found = figures.iter().find(|one| one.target.measure == measure).unwrap();
        assert_eq!((found.value, found.standing), (value, standing), "{measure:?}");
    }

    #[test]
    fn every_target_names_its_source_and_none_claims_to_be_verified() {
        let targets = targets().unwrap();
        assert_eq!(targets.len(), 14);
        for (place, target) in targets.iter().enumerate() {
            assert!(target.source.contains("ISA-18.2"), "{target:?}");
            assert!(!target.verified, "{target:?}");
            assert!(target.manageable.is_none_or(|most| most > target.acceptable), "{target:?}");
            let same = targets.iter().position(|one| one.measure == target.measure);
            assert_eq!(same, Some(place), "{target:?} stands twice");
        }
    }

    #[test]
    fn a_quiet_day_meets_all_and_shares_of_nothing_are_no_data() {
        let quiet = kpis(&[]);
        check(&quiet, Measure::PerHour, Some(0.0), Standing::Met);
        check(&quiet, Measure::RedShare, None, Standing::NoData);
        check(&quiet, Measure::TopTenShare, None, Standing::NoData);
        check(&quiet, Measure::Stale, Some(0.0), Standing::Met);
    }

    #[test]
    fn figures_stand_between_acceptable_and_too_much() {
        let many: Vec<_> = (0..216).map(|n| (n * 6, "a", Some(Tier::Yellow))).collect();
        let busy = kpis(&many);
        // 216 a day are 9 an hour and 1.5 in ten minutes.
        check(&busy, Measure::PerTenMinutes, Some(1.5), Standing::Manageable);
        check(&busy, Measure::PerHour, Some(9.0), Standing::Manageable);
        check(&busy, Measure::YellowShare, Some(100.0), Standing::Missed);
        check(&busy, Measure::RedShare, Some(0.0), Standing::Met);
        let burst: Vec<_> = (0..11).map(|_| (5, "a", None)).collect();
        let burst = kpis(&burst);
        check(&burst, Measure::MostInTenMinutes, Some(11.0), Standing::Missed);
        check(&burst, Measure::Chattering, Some(1.0), Standing::Missed);
        let target = targets().unwrap().remove(3);
        // "Less than" does not take the number itself.
        assert_eq!((target.limit, target.standing(1.0)), (Limit::Below, Standing::Missed));
    }

    #[test]
    fn the_ten_most_frequent_are_compared_where_there_are_more() {
        let names: Vec<String> = (0..20).map(|n| format!("s{n:02}")).collect();
        let calls: Vec<_> = names.iter().map(|name| (1, name.as_str(), None)).collect();
        check(&kpis(&calls), Measure::TopTenShare, Some(50.0), Standing::Missed);
    }
}
