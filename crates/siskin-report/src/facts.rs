//! What a report is made from: plain data that the caller has read, and the sums of readings.
//!
//! A tally keeps the highest value of each step and never the readings, so that it is as large for
//! a day as for an hour. NaN, gaps and faults never become a number.

use serde::{Deserialize, Serialize};
use siskin_model::incident::{Entry, Incident};
use siskin_model::{ChannelIndex, Quality, Reading, Site, Timestamp, Unit, Warning};

use crate::report::ChartPoint;

/// The most steps of a tally.
const STEPS_MAX: i64 = 400;
/// The shortest step.
const STEP_MS_MIN: i64 = 10_000;

/// Who reports, as the site's files say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Office {
    /// The reporting unit (报告单位).
    pub unit: Option<String>,
    /// Who can be asked (联系人).
    pub contact: Option<String>,
    /// Under which number (联系方式).
    pub phone: Option<String>,
}

/// The wind, as last measured.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Wind {
    /// Where it comes from, clockwise from north.
    pub from_deg: f64,
    /// Its speed.
    pub speed_m_s: f64,
    /// When both were measured.
    pub at: Timestamp,
}

/// A limit with its name, in the unit of the channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LimitLine {
    /// What it is called.
    pub name: String,
    /// Its value.
    pub value: f64,
    /// In which unit.
    pub unit: Unit,
}

/// Everything a report is made from.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    /// The site.
    pub site: &'a Site,
    /// The incident.
    pub incident: &'a Incident,
    /// Its entries, in order.
    pub entries: &'a [Entry],
    /// Its warnings as they stand.
    pub warnings: &'a [Warning],
    /// What its channels measured.
    pub tallies: &'a [ChannelTally],
    /// The wind; none where it was not measured lately.
    pub wind: Option<Wind>,
    /// Who reports.
    pub office: &'a Office,
    /// Channels of the incident that were not read because there are too many.
    pub channels_unread: u64,
    /// Hours of channels whose readings are stored and could not be read.
    pub hours_unread: u64,
    /// Up to when the data were read.
    pub made_at: Timestamp,
}

/// What several readings say together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sum {
    /// The highest valid value.
    pub highest: f64,
    /// The valid values together.
    pub sum: f64,
    /// How many there are.
    pub valid: u64,
    /// The last of them.
    pub last: f64,
}

/// The time of a tally and the length of its steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TallySpan {
    from: Timestamp,
    step_ms: i64,
    steps: usize,
}

impl TallySpan {
    /// From `from` until before `to`, in at most 400 steps of whole 10 s.
    pub fn new(from: Timestamp, to: Timestamp) -> Self {
        let whole_ms = to.since_ms(from).max(STEP_MS_MIN);
        let step_ms = begun(begun(whole_ms, STEPS_MAX), STEP_MS_MIN) * STEP_MS_MIN;
        let steps = usize::try_from(begun(whole_ms, step_ms)).unwrap_or(0);
        Self { from, step_ms, steps }
    }

    /// Length of a step.
    pub const fn step_ms(self) -> i64 {
        self.step_ms
    }
}

/// How many times `part` is begun in `whole`.
const fn begun(whole: i64, part: i64) -> i64 {
    whole.saturating_add(part - 1).div_euclid(part)
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Step {
    highest: Option<f64>,
    sum: f64,
    count: u32,
    is_over_range: bool,
}

/// What one channel measured.
#[derive(Debug, Clone, PartialEq)]
pub struct ChannelTally {
    /// The channel.
    pub channel: ChannelIndex,
    /// The limits it is compared with.
    pub limits: Vec<LimitLine>,
    span: TallySpan,
    steps: Vec<Step>,
    pub(crate) highest: Option<(f64, Timestamp)>,
    pub(crate) last: Option<(f64, Timestamp)>,
    pub(crate) over_range: u64,
    pub(crate) valid: u64,
    pub(crate) unusable: u64,
}

impl ChannelTally {
    /// An empty one.
    pub fn new(channel: ChannelIndex, limits: Vec<LimitLine>, span: TallySpan) -> Self {
        let steps = vec![Step::default(); span.steps];
        Self {
            channel,
            limits,
            span,
            steps,
            highest: None,
            last: None,
            over_range: 0,
            valid: 0,
            unusable: 0,
        }
    }

    /// Counts a reading; one outside of its time is left out.
    pub fn take(&mut self, reading: &Reading) {
        let at = reading.measured_at;
        let place = at.since_ms(self.span.from).div_euclid(self.span.step_ms);
        let step = usize::try_from(place).ok().and_then(|place| self.steps.get_mut(place));
        let Some(step) = step else { return };
        if reading.quality == Quality::OverRange {
            step.is_over_range = true;
            self.over_range += 1;
        }
        let is_valid = matches!(
            reading.quality,
            Quality::Good | Quality::Uncertain | Quality::OverRange | Quality::Manual
        );
        let Some(value) = reading.value.filter(|value| is_valid && value.is_finite()) else {
            self.unusable += u64::from(reading.quality != Quality::OverRange);
            return;
        };
        step.highest = Some(step.highest.map_or(value, |highest| highest.max(value)));
        step.sum += value;
        step.count = step.count.saturating_add(1);
        self.valid += 1;
        if self.highest.is_none_or(|(highest, _)| value > highest) {
            self.highest = Some((value, at));
        }
        if self.last.is_none_or(|(_, last)| at >= last) {
            self.last = Some((value, at));
        }
    }

    /// Counts what a short time from `at` on said: `sum` of the valid readings, whether one was at
    /// or beyond the range, and how many had no usable value.
    pub fn take_sum(
        &mut self,
        at: Timestamp,
        sum: Option<Sum>,
        is_over_range: bool,
        unusable: u64,
    ) {
        let place = at.since_ms(self.span.from).div_euclid(self.span.step_ms);
        let step = usize::try_from(place).ok().and_then(|place| self.steps.get_mut(place));
        let Some(step) = step else { return };
        step.is_over_range |= is_over_range;
        self.over_range += u64::from(is_over_range);
        self.unusable += unusable;
        let Some(sum) = sum.filter(|sum| sum.highest.is_finite() && sum.sum.is_finite()) else {
            return;
        };
        step.highest = Some(step.highest.map_or(sum.highest, |highest| highest.max(sum.highest)));
        step.sum += sum.sum;
        step.count = step.count.saturating_add(u32::try_from(sum.valid).unwrap_or(u32::MAX));
        self.valid += sum.valid;
        if self.highest.is_none_or(|(highest, _)| sum.highest > highest) {
            self.highest = Some((sum.highest, at));
        }
        if self.last.is_none_or(|(_, last)| at >= last) {
            self.last = Some((sum.last, at));
        }
    }

    /// The mean of the steps that begin in a span; none where they hold no valid reading.
    pub(crate) fn mean(&self, from: Timestamp, to: Timestamp) -> Option<f64> {
        let (mut sum, mut count) = (0.0, 0_u32);
        for (at, step) in self.timed() {
            if at >= from && at < to {
                sum += step.sum;
                count = count.saturating_add(step.count);
            }
        }
        (count > 0).then(|| sum / f64::from(count))
    }

    fn timed(&self) -> impl Iterator<Item = (Timestamp, &Step)> {
        let begins = (0_i64..).map(|place| self.span.from.plus_ms(place * self.span.step_ms));
        begins.zip(&self.steps)
    }

    /// Its steps as points of a chart.
    pub(crate) fn points(&self) -> Vec<ChartPoint> {
        let point = |(at, step): (Timestamp, &Step)| ChartPoint {
            at,
            highest: step.highest,
            is_over_range: step.is_over_range,
        };
        self.timed().map(point).collect()
    }

    pub(crate) const fn step_ms(&self) -> i64 {
        self.span.step_ms
    }

    /// Its highest value as a part of its lowest limit; over-range is beyond all.
    pub(crate) fn severity(&self) -> f64 {
        if self.over_range > 0 {
            return f64::INFINITY;
        }
        let limit = self.limits.iter().map(|limit| limit.value).fold(f64::INFINITY, f64::min);
        self.highest.map_or(-1.0, |(highest, _)| if limit > 0.0 { highest / limit } else { 0.0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millis(ms)
    }

    fn tally(readings: &[(i64, Option<f64>, Quality)]) -> ChannelTally {
        let span = TallySpan::new(at(0), at(60_000));
        let mut tally = ChannelTally::new(ChannelIndex(0), Vec::new(), span);
        for (ms, value, quality) in readings {
            tally.take(&Reading::new(ChannelIndex(0), at(*ms), at(*ms), *value, *quality));
        }
        tally
    }

    #[test]
    fn what_is_no_number_is_never_one() {
        let tally = tally(&[
            (0, Some(1.0), Quality::Good),
            (1, Some(9.0), Quality::Calibration),
            (2, Some(f64::NAN), Quality::Good),
            (3, None, Quality::CommLost),
            (10_000, Some(5.0), Quality::OverRange),
            (20_000, None, Quality::OverRange),
            (70_000, Some(99.0), Quality::Good),
        ]);
        assert_eq!((tally.valid, tally.unusable, tally.over_range), (2, 3, 2));
        assert_eq!(tally.highest, Some((5.0, at(10_000))));
        assert_eq!(tally.last, Some((5.0, at(10_000))));
        let points = tally.points();
        let highest: Vec<_> = points.iter().map(|point| point.highest).collect();
        assert_eq!(highest, [Some(1.0), Some(5.0), None, None, None, None]);
        assert!(points[2].is_over_range && !points[0].is_over_range);
        assert_eq!(tally.mean(at(0), at(20_000)), Some(3.0));
        assert_eq!(tally.mean(at(20_000), at(60_000)), None);
    }

    #[test]
    fn sums_count_like_their_readings() {
        let span = TallySpan::new(at(0), at(60_000));
        let mut tally = ChannelTally::new(ChannelIndex(0), Vec::new(), span);
        tally.take_sum(at(0), Some(Sum { highest: 5.0, sum: 6.0, valid: 2, last: 1.0 }), true, 1);
        tally.take_sum(at(20_000), None, false, 4);
        assert_eq!((tally.valid, tally.unusable, tally.over_range), (2, 5, 1));
        assert_eq!((tally.highest, tally.last), (Some((5.0, at(0))), Some((1.0, at(0)))));
        assert_eq!(tally.mean(at(0), at(60_000)), Some(3.0));
        assert_eq!(tally.points()[2].highest, None);
    }

    #[test]
    fn a_tally_has_few_steps_however_long_it_is() {
        let check = |ms, step_ms, steps| {
            let span = TallySpan::new(at(0), at(ms));
            assert_eq!((span.step_ms, span.steps), (step_ms, steps), "{ms}");
        };
        check(0, 10_000, 1);
        check(3_600_000, 10_000, 360);
        check(2 * 3_600_000, 20_000, 360);
        check(24 * 3_600_000, 220_000, 393);
    }
}
