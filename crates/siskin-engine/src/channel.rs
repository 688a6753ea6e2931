//! One channel: its samples, its rules' states, and what one reading does to them.
//!
//! Knows whole numbers and milliseconds only; ids, tiers and texts are the engine's business.
//! A reading goes through here in order of its time; the engine sees to that.

mod standing;

use std::collections::BTreeMap;

use siskin_model::site::Range;
use siskin_model::{Edge, Forecast};

use crate::condition::Condition;
use crate::condition::theil_sen::TimeTo;
use crate::machine::{Delays, Machine, State};
use crate::quantum::Quantum;
use crate::rule::{Rule, RuleKind, Side, TrendMethod};
use crate::trend::{TrendLimits, TrendWindow};
use crate::window::{MeanWindow, Ring, Sample};

pub use standing::RawStanding;

/// How many standard errors of the slope a forecast allows for.
const FORECAST_ERRORS: f64 = 2.0;
/// No reading yet.
const NEVER: i64 = i64::MIN;
/// In the place of a rule: no begin or end but the end of a silence, which was as long as `judged`
/// says.
pub(crate) const SILENCE: u32 = u32::MAX;

/// An alarm's begin or end, in the channel's own terms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RawEdge {
    /// Event time.
    pub at_ms: i64,
    /// Place of the rule in the rule set.
    pub rule: u32,
    /// Begin or end.
    pub edge: Edge,
    /// What was judged, in quanta.
    pub judged: Option<f64>,
    /// The limit it was judged against, in quanta, where it is not fixed.
    pub limit: Option<f64>,
    /// Of a trend: when the target would be reached.
    pub forecast: Option<Forecast>,
}

#[derive(Debug, Clone)]
struct Watch<C> {
    rule: u32,
    delays: Delays,
    gap_ms: i64,
    machine: Machine,
    condition: C,
}

#[derive(Debug, Clone)]
struct Threshold {
    raise: i32,
    clear: i32,
}

#[derive(Debug, Clone)]
struct Mean {
    window: MeanWindow,
    samples_min: u64,
    raise: f64,
    clear: f64,
}

#[derive(Debug, Clone)]
struct Trend {
    window: TrendWindow,
    samples_min: u64,
    limits: TrendLimits,
}

/// Outside the channel's range.
#[derive(Debug, Clone)]
struct Outside {
    low: i32,
    high: i32,
}

#[derive(Debug, Clone)]
struct NoData {
    rule: u32,
    after_ms: i64,
    raised: bool,
}

/// A channel and the states of its rules.
#[derive(Debug, Clone)]
pub struct Channel {
    quantum: Quantum,
    range_low: i32,
    range_high: i32,
    tells_silence: bool,
    newest_ms: i64,
    judged_ms: i64,
    /// The value of the reading at `judged_ms`.
    judged_quanta: i32,
    heard_ms: i64,
    gap_min_ms: i64,
    ring: Ring,
    thresholds: Vec<Watch<Threshold>>,
    means: Vec<Watch<Mean>>,
    trends: Vec<Watch<Trend>>,
    outside: Vec<Watch<Outside>>,
    others: Vec<Watch<Condition>>,
    no_data: Vec<NoData>,
}

impl Channel {
    /// A channel without rules.
    pub fn new(resolution: f64, range: Range) -> Self {
        let quantum = Quantum::of_resolution(resolution);
        Self {
            quantum,
            range_low: quantum.limit(range.low),
            range_high: quantum.limit(range.high),
            tells_silence: false,
            newest_ms: NEVER,
            judged_ms: NEVER,
            judged_quanta: 0,
            heard_ms: NEVER,
            gap_min_ms: i64::MAX,
            ring: Ring::new(),
            thresholds: Vec::new(),
            means: Vec::new(),
            trends: Vec::new(),
            outside: Vec::new(),
            others: Vec::new(),
            no_data: Vec::new(),
        }
    }

    /// Binds rule number `place`; `factor` turns its unit into the channel's.
    pub fn bind(&mut self, place: u32, rule: &Rule, factor: f64) {
        let scaled = |limit: f64| self.quantum.scaled(limit * factor);
        let whole = |limit: f64| self.quantum.limit(limit * factor);
        match &rule.kind {
            &RuleKind::Threshold { side: Side::High, raise_at, clear_at } => {
                let condition = Threshold { raise: whole(raise_at), clear: whole(clear_at) };
                self.thresholds.push(Watch::new(place, rule, condition));
            }
            &RuleKind::WindowMean { window_ms, samples_min, raise_at, clear_below } => {
                let condition = Mean {
                    window: MeanWindow::new(window_ms),
                    samples_min: samples_min.into(),
                    raise: scaled(raise_at),
                    clear: scaled(clear_below),
                };
                self.means.push(Watch::new(place, rule, condition));
            }
            &RuleKind::Trend {
                method: TrendMethod::LeastSquares,
                window_ms,
                samples_min,
                target,
                horizon_ms,
                significance,
            } => {
                let limits = TrendLimits {
                    target: scaled(target),
                    horizon_ms: horizon_ms as f64,
                    significance,
                };
                let condition = Trend {
                    window: TrendWindow::new(window_ms),
                    samples_min: u64::from(samples_min).max(3),
                    limits,
                };
                self.trends.push(Watch::new(place, rule, condition));
            }
            &RuleKind::NoData { after_ms } => {
                self.no_data.push(NoData { rule: place, after_ms, raised: false });
                return;
            }
            RuleKind::OutOfRange => {
                let condition = Outside { low: self.range_low, high: self.range_high };
                self.outside.push(Watch::new(place, rule, condition));
            }
            // Judged over several alarms or channels; this channel's silences break its delays.
            RuleKind::Vote { .. } | RuleKind::Boolean { .. } => self.tells_silence = true,
            // Judged over a group of channels by itself.
            RuleKind::Contrast { .. } => return,
            _ => {
                let quantum = self.quantum;
                if let Some(other) = Condition::of(&rule.kind, quantum, factor, rule.gap_ms) {
                    self.others.push(Watch::new(place, rule, other));
                }
            }
        }
        self.gap_min_ms = self.gap_min_ms.min(rule.gap_ms);
    }

    /// How values become whole numbers here.
    pub fn quantum(&self) -> Quantum {
        self.quantum
    }

    /// A value in quanta; an over-range one counts as the end of the range or more (invariant 9).
    #[inline]
    pub fn quanta(&self, value: Option<f64>, is_over_range: bool) -> Option<i32> {
        let quanta = value.map(|v| self.quantum.quanta(v));
        if is_over_range {
            return Some(quanta.map_or(self.range_high, |q| q.max(self.range_high)));
        }
        quanta
    }

    /// The newest stamp of any reading, or up to when it was told that there was none.
    #[inline]
    pub fn newest_ms(&self) -> Option<i64> {
        (self.newest_ms != NEVER).then_some(self.newest_ms)
    }

    /// Its readings up to `t_ms` are known, although they lie too far back to be taken in again.
    pub fn is_seen_to(&mut self, t_ms: i64) {
        self.newest_ms = self.newest_ms.max(t_ms);
    }

    /// When the device was last heard.
    pub fn heard_ms(&self) -> Option<i64> {
        (self.heard_ms != NEVER).then_some(self.heard_ms)
    }

    /// A reading at `t_ms`, newer than all before it, that says the device lives; `quanta` is set
    /// when the gas rules may judge it.
    #[inline]
    pub fn heard(&mut self, t_ms: i64, quanta: Option<i32>, out: &mut Vec<RawEdge>) {
        self.newest_ms = t_ms;
        self.hear(t_ms, out);
        if let Some(quanta) = quanta {
            self.judge(t_ms, quanta, out);
        }
    }

    /// A reading at `t_ms` that says nothing about the air and nothing good about the device.
    #[inline]
    pub fn unheard(&mut self, t_ms: i64) {
        self.newest_ms = t_ms;
    }

    #[inline]
    fn hear(&mut self, t_ms: i64, out: &mut Vec<RawEdge>) {
        for watch in &mut self.no_data {
            if self.heard_ms != NEVER && t_ms - self.heard_ms > watch.after_ms && !watch.raised {
                watch.raised = true;
                out.push(watch.edge(self.heard_ms + watch.after_ms, Edge::Raise));
            }
            if watch.raised {
                watch.raised = false;
                out.push(watch.edge(t_ms, Edge::Clear));
            }
        }
        self.heard_ms = t_ms;
    }

    #[inline]
    fn judge(&mut self, t_ms: i64, quanta: i32, out: &mut Vec<RawEdge>) {
        if t_ms.saturating_sub(self.judged_ms) > self.gap_min_ms {
            self.silence(t_ms, out);
        }
        self.sample(t_ms, quanta);
        for watch in &mut self.thresholds {
            let Threshold { raise, clear } = watch.condition;
            let edge = watch.machine.step(t_ms, quanta >= raise, quanta < clear, watch.delays);
            watch.report(edge, t_ms, || f64::from(quanta), out);
        }
        for watch in &mut self.means {
            let mean = &watch.condition;
            let count = mean.window.count(&self.ring);
            if count < mean.samples_min {
                continue;
            }
            let (sum, n) = (mean.window.sum() as f64, count as f64);
            let (raise, clear) = (sum >= mean.raise * n, sum < mean.clear * n);
            let edge = watch.machine.step(t_ms, raise, clear, watch.delays);
            watch.report(edge, t_ms, || sum / n, out);
        }
        for watch in &mut self.trends {
            let trend = &watch.condition;
            if trend.window.count(&self.ring) < trend.samples_min {
                continue;
            }
            let fitted = trend.window.rises(&self.ring, t_ms, &trend.limits);
            let edge = watch.machine.step(t_ms, fitted.is_some(), fitted.is_none(), watch.delays);
            watch.report(edge, t_ms, || fitted.unwrap_or(f64::from(quanta)), out);
            if edge == Some(Edge::Raise)
                && let Some(raised) = out.last_mut()
            {
                let time_to =
                    trend.window.time_to(&self.ring, t_ms, trend.limits.target, FORECAST_ERRORS);
                raised.forecast = time_to.map(forecast_of);
            }
        }
        if !(self.outside.is_empty() && self.others.is_empty()) {
            self.judge_others(t_ms, quanta, out);
        }
    }

    fn judge_others(&mut self, t_ms: i64, quanta: i32, out: &mut Vec<RawEdge>) {
        for watch in &mut self.outside {
            let Outside { low, high } = watch.condition;
            let is_outside = quanta >= high || quanta < low;
            let edge = watch.machine.step(t_ms, is_outside, !is_outside, watch.delays);
            watch.report(edge, t_ms, || f64::from(quanta), out);
        }
        for watch in &mut self.others {
            watch.condition.take(t_ms, quanta, watch.machine.is_raised());
            let Some(verdict) = watch.condition.verdict(t_ms, quanta) else {
                continue;
            };
            let (raise, clear) = (verdict.raise, verdict.clear);
            let Some(edge) = watch.machine.step(t_ms, raise, clear, watch.delays) else {
                continue;
            };
            let (judged, limit) = (Some(verdict.judged), verdict.limit);
            let time_to = watch.condition.time_to(t_ms).filter(|_| edge == Edge::Raise);
            let forecast = time_to.map(forecast_of);
            out.push(RawEdge { at_ms: t_ms, rule: watch.rule, edge, judged, limit, forecast });
        }
    }

    /// Puts a sample into the windows without judging it: for re-warming from the store.
    pub fn fill(&mut self, t_ms: i64, quanta: Option<i32>, is_heard: bool) {
        self.newest_ms = t_ms;
        if is_heard {
            self.heard_ms = t_ms;
        }
        if let Some(quanta) = quanta {
            self.sample(t_ms, quanta);
            for watch in &mut self.others {
                watch.condition.take(t_ms, quanta, watch.machine.is_raised());
            }
        }
    }

    #[inline]
    fn sample(&mut self, t_ms: i64, quanta: i32) {
        let last_ms = std::mem::replace(&mut self.judged_ms, t_ms);
        self.judged_quanta = quanta;
        if self.means.is_empty() && self.trends.is_empty() {
            return;
        }
        let last_ms = if last_ms == NEVER { t_ms - i64::from(i32::MAX) } else { last_ms };
        for watch in &mut self.trends {
            watch.condition.window.prepare(&self.ring, t_ms, last_ms);
        }
        let oldest = self.oldest();
        if self.ring.is_full(oldest) {
            self.drop_oldest(oldest);
        }
        let ms = self.ring.push(t_ms, quanta, self.oldest());
        let newest = Sample { ms, quanta };
        for watch in &mut self.means {
            watch.condition.window.advance(&self.ring, newest);
        }
        for watch in &mut self.trends {
            watch.condition.window.advance(&self.ring, newest);
        }
    }

    /// The first sample number a window still needs.
    #[inline]
    fn oldest(&self) -> u64 {
        let means = self.means.iter().map(|w| w.condition.window.tail());
        let trends = self.trends.iter().map(|w| w.condition.window.tail());
        means.chain(trends).min().unwrap_or(self.ring.head())
    }

    #[cold]
    fn drop_oldest(&mut self, oldest: u64) {
        for watch in &mut self.means {
            if watch.condition.window.tail() == oldest {
                watch.condition.window.drop_oldest(&self.ring);
            }
        }
        for watch in &mut self.trends {
            if watch.condition.window.tail() == oldest {
                watch.condition.window.drop_oldest(&self.ring);
            }
        }
    }

    /// Whether the next sample pushes another one out of its window early.
    pub fn is_full(&self) -> bool {
        self.ring.is_full(self.oldest())
    }

    #[cold]
    fn silence(&mut self, t_ms: i64, out: &mut Vec<RawEdge>) {
        let gap_ms = t_ms.saturating_sub(self.judged_ms);
        for (limit_ms, machine) in self.machines() {
            if gap_ms > limit_ms {
                machine.silence();
            }
        }
        if self.tells_silence {
            let (rule, edge, judged) = (SILENCE, Edge::Clear, Some(gap_ms as f64));
            out.push(RawEdge { at_ms: t_ms, rule, edge, judged, limit: None, forecast: None });
        }
    }

    /// Every machine with its rule's gap.
    fn machines(&mut self) -> impl Iterator<Item = (i64, &mut Machine)> {
        let thresholds = self.thresholds.iter_mut().map(|w| (w.gap_ms, &mut w.machine));
        let means = self.means.iter_mut().map(|w| (w.gap_ms, &mut w.machine));
        let trends = self.trends.iter_mut().map(|w| (w.gap_ms, &mut w.machine));
        let outside = self.outside.iter_mut().map(|w| (w.gap_ms, &mut w.machine));
        let others = self.others.iter_mut().map(|w| (w.gap_ms, &mut w.machine));
        thresholds.chain(means).chain(trends).chain(outside).chain(others)
    }

    /// Every machine with its rule's place.
    fn machines_by_rule(&mut self) -> impl Iterator<Item = (u32, &mut Machine)> {
        let thresholds = self.thresholds.iter_mut().map(|w| (w.rule, &mut w.machine));
        let means = self.means.iter_mut().map(|w| (w.rule, &mut w.machine));
        let trends = self.trends.iter_mut().map(|w| (w.rule, &mut w.machine));
        let outside = self.outside.iter_mut().map(|w| (w.rule, &mut w.machine));
        let others = self.others.iter_mut().map(|w| (w.rule, &mut w.machine));
        thresholds.chain(means).chain(trends).chain(outside).chain(others)
    }

    /// Event time has come to `now_ms`: raises the no-data alarms that are due.
    #[inline]
    pub fn tick(&mut self, now_ms: i64, out: &mut Vec<RawEdge>) {
        if self.heard_ms == NEVER {
            return;
        }
        for watch in &mut self.no_data {
            if !watch.raised && now_ms > self.heard_ms.saturating_add(watch.after_ms) {
                watch.raised = true;
                let at_ms = self.heard_ms + watch.after_ms;
                out.push(watch.edge(at_ms, Edge::Raise));
                // It was told that nothing came up to here: what still comes is late.
                self.newest_ms = self.newest_ms.max(at_ms);
            }
        }
    }

    /// From `t_ms` on the channel is expected to speak, if it never has.
    pub fn expect_since(&mut self, t_ms: i64) {
        if self.heard_ms == NEVER {
            self.heard_ms = t_ms;
        }
    }

    /// Makes the alarms agree with what the ledger says is raised.
    pub fn agree(&mut self, is_raised: impl Fn(u32) -> bool) {
        for (rule, machine) in self.machines_by_rule() {
            machine.agree(is_raised(rule));
        }
        for watch in &mut self.no_data {
            watch.raised = is_raised(watch.rule);
        }
    }

    /// Makes one alarm agree with the record: for re-warming, where the record is ahead.
    pub fn agree_one(&mut self, rule: u32, raised: bool) {
        for (_, machine) in self.machines_by_rule().filter(|(place, _)| *place == rule) {
            machine.agree(raised);
        }
        for watch in self.no_data.iter_mut().filter(|watch| watch.rule == rule) {
            watch.raised = raised;
        }
    }

    /// An alarm was raised before the first reading that is given in: for re-warming.
    pub fn raised_since(&mut self, rule: u32, at_ms: i64) {
        for watch in self.others.iter_mut().filter(|watch| watch.rule == rule) {
            watch.condition.raised_since(at_ms);
        }
    }

    /// Its rules stand at other places now.
    pub fn renumber(&mut self, places: &BTreeMap<u32, u32>) {
        let new = |rule: &mut u32| *rule = places.get(rule).copied().unwrap_or(*rule);
        self.thresholds.iter_mut().for_each(|w| new(&mut w.rule));
        self.means.iter_mut().for_each(|w| new(&mut w.rule));
        self.trends.iter_mut().for_each(|w| new(&mut w.rule));
        self.outside.iter_mut().for_each(|w| new(&mut w.rule));
        self.others.iter_mut().for_each(|w| new(&mut w.rule));
        self.no_data.iter_mut().for_each(|w| new(&mut w.rule));
    }

    /// Whether the alarm of a rule is raised.
    pub fn is_raised(&self, rule: u32) -> bool {
        let raised = |place: u32, machine: Machine| place == rule && machine.is_raised();
        self.thresholds.iter().any(|w| raised(w.rule, w.machine))
            || self.means.iter().any(|w| raised(w.rule, w.machine))
            || self.trends.iter().any(|w| raised(w.rule, w.machine))
            || self.outside.iter().any(|w| raised(w.rule, w.machine))
            || self.others.iter().any(|w| raised(w.rule, w.machine))
            || self.no_data.iter().any(|w| w.rule == rule && w.raised)
    }

    /// When the newest judged reading was measured.
    #[inline]
    pub fn judged_ms(&self) -> Option<i64> {
        (self.judged_ms != NEVER).then_some(self.judged_ms)
    }

    /// Whether the on-delay of one of these rules runs.
    pub fn is_pending(&self, is_meant: impl Fn(u32) -> bool) -> bool {
        let runs =
            |place: u32, machine: Machine| machine.state() == State::Pending && is_meant(place);
        self.thresholds.iter().any(|w| runs(w.rule, w.machine))
            || self.means.iter().any(|w| runs(w.rule, w.machine))
            || self.trends.iter().any(|w| runs(w.rule, w.machine))
            || self.outside.iter().any(|w| runs(w.rule, w.machine))
            || self.others.iter().any(|w| runs(w.rule, w.machine))
    }

    /// Bytes this channel holds.
    pub fn bytes(&self) -> usize {
        size_of::<Self>()
            + self.ring.bytes()
            + self.thresholds.capacity() * size_of::<Watch<Threshold>>()
            + self.means.capacity() * size_of::<Watch<Mean>>()
            + self.trends.capacity() * size_of::<Watch<Trend>>()
            + self.outside.capacity() * size_of::<Watch<Outside>>()
            + self.others.capacity() * size_of::<Watch<Condition>>()
            + self.others.iter().map(|w| w.condition.bytes()).sum::<usize>()
            + self.no_data.capacity() * size_of::<NoData>()
    }
}

impl<C> Watch<C> {
    fn new(place: u32, rule: &Rule, condition: C) -> Self {
        Self {
            rule: place,
            delays: Delays { on_ms: rule.on_delay_ms, off_ms: rule.off_delay_ms },
            gap_ms: rule.gap_ms,
            machine: Machine::default(),
            condition,
        }
    }

    #[inline]
    fn report(
        &self,
        edge: Option<Edge>,
        at_ms: i64,
        judged: impl FnOnce() -> f64,
        out: &mut Vec<RawEdge>,
    ) {
        if let Some(edge) = edge {
            let judged = Some(judged());
            let (rule, limit, forecast) = (self.rule, None, None);
            out.push(RawEdge { at_ms, rule, edge, judged, limit, forecast });
        }
    }
}

impl NoData {
    fn edge(&self, at_ms: i64, edge: Edge) -> RawEdge {
        RawEdge { at_ms, rule: self.rule, edge, judged: None, limit: None, forecast: None }
    }
}

/// A forecast in whole milliseconds; what lies beyond ten days is as good as never.
fn forecast_of(time_to: TimeTo) -> Forecast {
    const NEVER_MS: f64 = 864e6;
    #[expect(clippy::cast_possible_truncation, reason = "at most ten days")]
    let whole = |ms: f64| ms.clamp(0.0, NEVER_MS) as i64;
    Forecast {
        likely_ms: whole(time_to.expected_ms),
        earliest_ms: time_to.earliest_ms.map(whole),
        latest_ms: time_to.latest_ms.filter(|ms| *ms < NEVER_MS).map(whole),
    }
}
