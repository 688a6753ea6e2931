//! Conditions that keep a bounded memory of their own: everything but the plain high threshold, the
//! window mean and the least-squares trend, which share the channel's ring.
//!
//! A condition is a function of the samples of a bounded window ([`RuleKind::window_ms`]) and of
//! when its alarm was raised, so that re-warming from the store gives the very same state. It never
//! sees ids, tiers, clocks or readings that must not be judged.
//!
//! # Numbers
//! Samples are whole quanta. Sums are whole numbers, or made afresh from the window at each step of
//! event time, always in the same order; steps count from the epoch. The same samples therefore
//! give bit for bit the same comparisons, live, replayed and restarted, and no transition can
//! waver inside rounding; against the real numbers the rounding is below 10⁻⁹ of a quantum for
//! levels and 10⁻³ of a noise a term for sums ([`cusum`]).

pub mod baseline;
pub mod cusum;
pub mod dose;
pub mod jump;
pub mod low;
mod order;
pub mod rate;
pub mod rise;
pub mod steps;
pub mod stuck;
pub mod theil_sen;

use self::baseline::Quiet;
use self::cusum::{Cusum, CusumLimits};
use self::dose::Dose;
use self::jump::Jump;
use self::low::Low;
use self::rate::Rate;
use self::rise::Rise;
use self::stuck::Stuck;
use self::theil_sen::TheilSen;
use crate::quantum::Quantum;
use crate::rule::{Baseline, DosePoint, RuleKind, Side, TrendMethod};
use crate::trend::TrendLimits;

/// The most steps of a baseline's window. Site files with more are refused; here the window would
/// be cut to the newest ones.
pub const STEPS_MAX: i64 = 4_096;
/// How many standard deviations of the rank statistic a forecast allows for.
const FORECAST_DEVIATIONS: f64 = 2.0;

/// What a condition says about the newest sample. `raise` and `clear` are never both true.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Verdict {
    /// The raise condition is met.
    pub raise: bool,
    /// The clear condition is met.
    pub clear: bool,
    /// The level that was judged, in quanta.
    pub judged: f64,
    /// The limit it was judged against, in quanta, where it is not fixed.
    pub limit: Option<f64>,
}

impl Verdict {
    /// What raises does not clear.
    fn new(raise: bool, clear: bool, judged: f64) -> Self {
        Self { raise, clear: clear && !raise, judged, limit: None }
    }

    fn against(self, limit: f64) -> Self {
        Self { limit: Some(limit), ..self }
    }
}

/// A condition with its memory.
#[derive(Debug, Clone)]
pub enum Condition {
    /// Too little.
    Low(Low),
    /// Rises too fast.
    Rate(Box<Rate>),
    /// On the way to a target, spikes aside.
    TheilSen(Box<TheilSen>),
    /// Above the channel's own level.
    Rise(Box<Rise>),
    /// A small lasting shift.
    Cusum(Box<Cusum>),
    /// A toxic load.
    Dose(Dose),
    /// Stands still.
    Stuck(Box<Stuck>),
    /// Leaps.
    Jump(Jump),
}

impl Condition {
    /// The condition of a rule on a channel; none for kinds that are judged elsewhere. `factor`
    /// turns the rule's unit into the channel's.
    pub fn of(kind: &RuleKind, quantum: Quantum, factor: f64, gap_ms: i64) -> Option<Self> {
        let scaled = |limit: f64| quantum.scaled(limit * factor);
        let quiet = |baseline: &Baseline| Quiet::new(baseline, quantum, factor);
        Some(match kind {
            &RuleKind::Threshold { side: Side::Low, raise_at, clear_at } => {
                Self::Low(Low::new(scaled(raise_at), scaled(clear_at)))
            }
            &RuleKind::RateOfRise { window_ms, samples_min, raise_per_min, clear_per_min } => {
                let (raise, clear) = (scaled(raise_per_min), scaled(clear_per_min));
                Self::Rate(Box::new(Rate::new(window_ms, samples_min, raise, clear)))
            }
            &RuleKind::Trend {
                method: TrendMethod::TheilSen,
                window_ms,
                samples_min,
                target,
                horizon_ms,
                significance,
            } => {
                let (target, horizon_ms) = (scaled(target), horizon_ms as f64);
                let limits = TrendLimits { target, horizon_ms, significance };
                Self::TheilSen(Box::new(TheilSen::new(window_ms, samples_min, limits)))
            }
            RuleKind::Baseline { baseline, raise_by, clear_by, noise_times } => {
                let (raise, clear) = (scaled(*raise_by), scaled(*clear_by));
                Self::Rise(Box::new(Rise::new(quiet(baseline), raise, clear, *noise_times)))
            }
            RuleKind::Cusum { baseline, .. } => {
                let limits = cusum_limits(kind)?;
                Self::Cusum(Box::new(Cusum::new(quiet(baseline), baseline, limits)))
            }
            RuleKind::Dose { points, exponent, raise_at, clear_below } => {
                let point = |p: &DosePoint| DosePoint { limit: scaled(p.limit), ..*p };
                let points: Vec<_> = points.iter().map(point).collect();
                Self::Dose(Dose::new(&points, *exponent, gap_ms, (*raise_at, *clear_below)))
            }
            &RuleKind::Stuck { after_ms, tolerance, ignore_to } => {
                let ignore_to = ignore_to.map(scaled);
                let stuck = Stuck::new(after_ms, gap_ms, scaled(tolerance), ignore_to);
                Self::Stuck(Box::new(stuck))
            }
            &RuleKind::Jump { by, within_ms } => Self::Jump(Jump::new(scaled(by), within_ms)),
            _ => return None,
        })
    }

    /// Takes a judged sample in. Times rise strictly. `is_raised`: the alarm is raised before it.
    pub fn take(&mut self, t_ms: i64, quanta: i32, is_raised: bool) {
        match self {
            Self::Low(_) => {}
            Self::Rate(rate) => rate.take(t_ms, quanta),
            Self::TheilSen(line) => line.take(t_ms, quanta),
            Self::Rise(rise) => rise.take(t_ms, quanta, is_raised),
            Self::Cusum(cusum) => cusum.take(t_ms, quanta, is_raised),
            Self::Dose(dose) => dose.take(t_ms, quanta),
            Self::Stuck(stuck) => stuck.take(t_ms, quanta),
            Self::Jump(jump) => jump.take(t_ms, quanta),
        }
    }

    /// Its alarm was raised at `at_ms`, before the first sample that is taken in: for re-warming.
    pub fn raised_since(&mut self, at_ms: i64) {
        match self {
            Self::Rise(rise) => rise.raised_since(at_ms),
            Self::Cusum(cusum) => cusum.raised_since(at_ms),
            _ => {}
        }
    }

    /// Looks at the sample that was just taken in; none where the signal is not valid.
    pub fn verdict(&self, t_ms: i64, quanta: i32) -> Option<Verdict> {
        match self {
            Self::Low(low) => Some(low.verdict(quanta)),
            Self::Rate(rate) => rate.verdict(),
            Self::TheilSen(line) => line.verdict(t_ms, quanta),
            Self::Rise(rise) => rise.verdict(quanta),
            Self::Cusum(cusum) => cusum.verdict(),
            Self::Dose(dose) => dose.verdict(t_ms),
            Self::Stuck(stuck) => stuck.verdict(t_ms, quanta),
            Self::Jump(jump) => jump.verdict(),
        }
    }

    /// Of a trend: when its target would be reached, from now.
    pub fn time_to(&self, t_ms: i64) -> Option<theil_sen::TimeTo> {
        match self {
            Self::TheilSen(line) => line.time_to(t_ms, FORECAST_DEVIATIONS),
            _ => None,
        }
    }

    /// Bytes held beside the value itself.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Low(_) | Self::Jump(_) => 0,
            Self::Rate(rate) => size_of::<Rate>() + rate.bytes(),
            Self::TheilSen(line) => size_of::<TheilSen>() + line.bytes(),
            Self::Rise(rise) => size_of::<Rise>() + rise.bytes(),
            Self::Cusum(cusum) => size_of::<Cusum>() + cusum.bytes(),
            Self::Dose(dose) => dose.bytes(),
            Self::Stuck(stuck) => size_of::<Stuck>() + stuck.bytes(),
        }
    }
}

/// The limits of a sum, in noises.
fn cusum_limits(kind: &RuleKind) -> Option<CusumLimits> {
    let &RuleKind::Cusum { memory_ms, whiten, allowance, clip, raise_at, clear_below, .. } = kind
    else {
        return None;
    };
    Some(CusumLimits { memory_ms, whiten, allowance, clip, raise_at, clear_below })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GAP_MS: i64 = 10_000;
    const BASELINE: Baseline = Baseline {
        window_ms: 120_000,
        step_ms: 10_000,
        quantile: 0.3,
        steps_min: 3,
        freeze_max_ms: 90_000,
        noise_min: 1.0,
    };

    /// One of each kind, with limits that a random walk crosses often.
    fn kinds() -> Vec<RuleKind> {
        let point = |duration_ms, limit| DosePoint { duration_ms, limit };
        vec![
            RuleKind::Threshold { side: Side::Low, raise_at: -5.0, clear_at: 0.0 },
            RuleKind::RateOfRise {
                window_ms: 60_000,
                samples_min: 4,
                raise_per_min: 10.0,
                clear_per_min: 0.0,
            },
            RuleKind::Trend {
                method: TrendMethod::TheilSen,
                window_ms: 100_000,
                samples_min: 4,
                target: 20.0,
                horizon_ms: 120_000,
                significance: 1.0,
            },
            RuleKind::Baseline {
                baseline: BASELINE,
                raise_by: 8.0,
                clear_by: 4.0,
                noise_times: 1.0,
            },
            RuleKind::Cusum {
                baseline: BASELINE,
                memory_ms: 60_000,
                whiten: None,
                allowance: 0.5,
                clip: 4.0,
                raise_at: 4.0,
                clear_below: 1.0,
            },
            RuleKind::Dose {
                points: vec![point(60_000, 8.0), point(180_000, 5.0)],
                exponent: None,
                raise_at: 1.0,
                clear_below: 0.8,
            },
            RuleKind::Stuck { after_ms: 30_000, tolerance: 2.0, ignore_to: None },
            RuleKind::Jump { by: 6.0, within_ms: 5_000 },
        ]
    }

    fn condition(kind: &RuleKind) -> Condition {
        Condition::of(kind, Quantum::of_resolution(10.0), 1.0, GAP_MS).unwrap()
    }

    /// How much past a kind is given when it is made anew.
    fn past_ms(kind: &RuleKind) -> i64 {
        let more_ms = match kind {
            RuleKind::Dose { points, .. } => {
                points.iter().map(|p| dose::step_ms(p.duration_ms)).max().unwrap()
            }
            // The station goes back four gaps more for running delays.
            RuleKind::Stuck { .. } => 2 * GAP_MS,
            _ => 0,
        };
        kind.reach_ms() + more_ms
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]
        /// Made anew from its bounded past and the record of its alarm, a condition says bit for
        /// bit what the one says that has seen everything.
        #[test]
        fn made_anew_it_says_the_same(
            steps in prop::collection::vec(
                (1i64..8_000, -3i32..4, prop::bool::weighted(0.02)), 50..400,
            ),
            share_percent in 30i64..100,
        ) {
            let mut samples = Vec::new();
            let (mut t_ms, mut quanta) = (1_767_225_600_000, 0);
            for (gap_ms, step, is_long) in steps {
                t_ms += gap_ms + if is_long { 40_000 } else { 0 };
                quanta = (quanta + step).clamp(-15, 25);
                samples.push((t_ms, quanta));
            }
            for kind in kinds() {
                let (mut whole, mut raised, mut run) = (condition(&kind), None, Vec::new());
                for (t_ms, quanta) in &samples {
                    whole.take(*t_ms, *quanta, raised.is_some());
                    let verdict = whole.verdict(*t_ms, *quanta);
                    run.push((*t_ms, *quanta, raised, verdict));
                    let Some(verdict) = verdict else { continue };
                    prop_assert!(!(verdict.raise && verdict.clear), "{kind:?}");
                    let since = raised.or(verdict.raise.then_some(*t_ms));
                    raised = since.filter(|_| !verdict.clear);
                }
                let from_ms = samples[0].0 + (t_ms - samples[0].0) * share_percent / 100;
                let mut anew = condition(&kind);
                let begin = run.partition_point(|one| one.0 < from_ms - past_ms(&kind));
                if let Some(since_ms) = run.get(begin).and_then(|one| one.2) {
                    anew.raised_since(since_ms);
                }
                for (t_ms, quanta, raised, verdict) in run.iter().skip(begin) {
                    anew.take(*t_ms, *quanta, raised.is_some());
                    if *t_ms >= from_ms {
                        prop_assert_eq!(anew.verdict(*t_ms, *quanta), *verdict, "{:?}", kind);
                    }
                }
            }
        }
    }

    #[test]
    fn memory_is_bounded() {
        for kind in kinds() {
            let mut condition = condition(&kind);
            let mut bytes = Vec::new();
            for s in 0..20_000i32 {
                condition.take(i64::from(s) * 1_000, s % 977 + s / 100, s % 5_000 > 4_000);
                bytes.push(condition.bytes());
            }
            assert_eq!(bytes[10_000], bytes[19_999], "{kind:?}");
            assert!(bytes[19_999] < 8_192, "{kind:?}: {}", bytes[19_999]);
        }
    }
}
