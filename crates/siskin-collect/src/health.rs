//! The health of one analyzer, shared by the task that reads it and the one that restarts that
//! task. Told on a change of link or error, and now and then for the counters.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use siskin_model::{AnalyzerHealth, AnalyzerId, LinkState, Text, Timestamp};
use siskin_wire::Refusal;

use crate::trace::{DeviceClock, Heard, Trace};

/// Counters alone are told at most this often.
const COUNTERS_GAP_MS: i64 = 5_000;
/// A changed error text alone is told at most this often: texts may hold changing numbers.
const TEXT_GAP_MS: i64 = 1_000;

#[derive(Debug, Clone)]
pub(crate) struct HealthCell(Arc<Mutex<Report>>);

#[derive(Debug)]
struct Report {
    analyzer: AnalyzerId,
    health: AnalyzerHealth,
    told: Option<(AnalyzerHealth, Timestamp)>,
    trace: Trace,
}

impl HealthCell {
    pub(crate) fn new(index: usize, analyzer: AnalyzerId, now: Timestamp) -> Self {
        let (health, trace) = (AnalyzerHealth::unknown(index, now), Trace::default());
        Self(Arc::new(Mutex::new(Report { analyzer, health, told: None, trace })))
    }

    /// A connection was opened.
    pub(crate) fn connected(&self, now: Timestamp) -> Option<AnalyzerHealth> {
        self.change(now, |health| health.connects += 1)
    }

    /// The broker is there again; nothing was heard of the analyzer yet.
    pub(crate) fn reachable(&self, now: Timestamp) -> Option<AnalyzerHealth> {
        self.change(now, |health| {
            health.connects += 1;
            link(health, LinkState::Unknown, now);
        })
    }

    /// An exchange gave readings; `usable` when at least one of them has a number or the device
    /// said why not.
    pub(crate) fn heard(
        &self,
        now: Timestamp,
        refused: &[Refusal],
        usable: bool,
    ) -> Option<AnalyzerHealth> {
        let mut report = self.report();
        if usable {
            report.trace.answered(now);
        } else {
            report.trace.failed(false);
        }
        report.change(now, |health| {
            health.refused += refused.len() as u64;
            if usable {
                health.exchanges_ok += 1;
                health.last_ok_at = Some(now);
            } else {
                health.exchanges_failed += 1;
            }
            match refused.first() {
                None => link(health, LinkState::Online, now),
                Some(first) => {
                    link(health, LinkState::Degraded, now);
                    let Refusal { point, reason } = first;
                    let (zh, en) = (&reason.zh, &reason.en);
                    error(health, &Text::new(format!("{point}：{zh}"), format!("{point}: {en}")));
                }
            }
        })
    }

    /// An exchange failed.
    pub(crate) fn failed(
        &self,
        now: Timestamp,
        state: LinkState,
        why: &Text,
    ) -> Option<AnalyzerHealth> {
        let mut report = self.report();
        report.trace.failed(state == LinkState::Offline);
        report.change(now, |health| {
            health.exchanges_failed += 1;
            link(health, state, now);
            error(health, why);
        })
    }

    /// Something was left aside that says nothing about the analyzer's state.
    pub(crate) fn set_aside(&self, now: Timestamp, why: &Text) -> Option<AnalyzerHealth> {
        self.change(now, |health| {
            health.refused += 1;
            error(health, why);
        })
    }

    /// Something worth knowing while nothing was heard; it counts for nothing.
    pub(crate) fn noted(&self, now: Timestamp, why: &Text) -> Option<AnalyzerHealth> {
        self.change(now, |health| error(health, why))
    }

    /// Polls were left out because the one before them took too long; told with the next change.
    pub(crate) fn polls_late(&self, missed: u32) {
        let mut report = self.report();
        report.health.polls_late += u64::from(missed);
    }

    /// What was changed and held back, once it is due.
    pub(crate) fn held_back(&self, now: Timestamp) -> Option<AnalyzerHealth> {
        let mut report = self.report();
        report.told.is_some().then(|| report.due(now)).flatten()
    }

    /// Keeps what was heard, in the place of what was before.
    pub(crate) fn keep(&self, heard: Arc<Heard>) {
        let before = self.report().trace.last.replace(heard);
        // Given back outside of the lock.
        drop(before);
    }

    /// The device said its own time.
    pub(crate) fn clock(&self, at: Timestamp, device: Timestamp) {
        let skew_ms = device.since_ms(at);
        self.report().trace.clock = Some(DeviceClock { at, skew_ms });
    }

    pub(crate) fn trace(&self) -> Trace {
        self.report().trace.clone()
    }

    fn report(&self) -> MutexGuard<'_, Report> {
        // A panic while it was held cannot leave a number half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(
        &self,
        now: Timestamp,
        change: impl FnOnce(&mut AnalyzerHealth),
    ) -> Option<AnalyzerHealth> {
        self.report().change(now, change)
    }
}

fn link(health: &mut AnalyzerHealth, state: LinkState, now: Timestamp) {
    if health.link != state {
        health.link = state;
        health.since = now;
    }
}

fn error(health: &mut AnalyzerHealth, why: &Text) {
    health.last_error = Some(why.en.clone());
    health.last_error_zh = Some(why.zh.clone());
}

impl Report {
    fn change(
        &mut self,
        now: Timestamp,
        change: impl FnOnce(&mut AnalyzerHealth),
    ) -> Option<AnalyzerHealth> {
        let before = self.health.link;
        change(&mut self.health);
        if self.health.link != before {
            self.log();
        }
        self.due(now)
    }

    fn due(&mut self, now: Timestamp) -> Option<AnalyzerHealth> {
        let due = match &self.told {
            None => true,
            Some((told, at)) => {
                let age_ms = now.since_ms(*at).saturating_abs();
                let text = told.last_error != self.health.last_error;
                told.link != self.health.link
                    || (text && age_ms >= TEXT_GAP_MS)
                    || (*told != self.health && age_ms >= COUNTERS_GAP_MS)
            }
        };
        due.then(|| {
            self.told = Some((self.health.clone(), now));
            self.health.clone()
        })
    }

    fn log(&self) {
        let (sensor, why) = (&self.analyzer, self.health.last_error.as_deref());
        match self.health.link {
            LinkState::Online => {
                tracing::info!(target: "siskin::collect", %sensor, "analyzer answers");
            }
            LinkState::Unknown => {
                tracing::info!(target: "siskin::collect", %sensor, "analyzer can be reached");
            }
            LinkState::Degraded => {
                tracing::warn!(target: "siskin::collect", %sensor, why, "analyzer in trouble");
            }
            LinkState::Offline => {
                tracing::warn!(target: "siskin::collect", %sensor, why, "analyzer lost");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millis(ms)
    }

    fn cell() -> HealthCell {
        HealthCell::new(4, AnalyzerId::new("at-101").unwrap(), at(0))
    }

    #[test]
    fn a_change_of_link_is_told_at_once_and_counters_now_and_then() {
        let cell = cell();
        let told: Vec<_> = [0, 1_000, 4_999, 5_000, 6_000]
            .into_iter()
            .filter(|ms| cell.heard(at(*ms), &[], true).is_some())
            .collect();
        assert_eq!(told, [0, 5_000]);
        let lost = cell.failed(at(6_001), LinkState::Offline, &Text::new("断了", "gone")).unwrap();
        assert_eq!((lost.link, lost.since), (LinkState::Offline, at(6_001)));
        assert_eq!((lost.exchanges_ok, lost.exchanges_failed), (5, 1));
        assert_eq!(lost.last_ok_at, Some(at(6_000)));
        let back = cell.heard(at(6_002), &[], true).unwrap();
        assert_eq!(back.link, LinkState::Online);
        assert_eq!(back.last_error.as_deref(), Some("gone"));
    }

    #[test]
    fn changing_error_texts_are_told_once_a_second() {
        let cell = cell();
        let why = |ms| Text::new(format!("{ms} 毫秒"), format!("{ms} ms"));
        let degraded = |ms| cell.failed(at(ms), LinkState::Degraded, &why(ms));
        let told: Vec<_> = (0..30).map(|i| i * 100).filter(|ms| degraded(*ms).is_some()).collect();
        assert_eq!(told, [0, 1_000, 2_000]);
    }

    #[test]
    fn what_was_held_back_is_told_without_another_event() {
        let cell = cell();
        assert_eq!(cell.held_back(at(0)), None);
        cell.reachable(at(0));
        let why = Text::new("保留消息", "retained");
        assert_eq!(cell.set_aside(at(10), &why), None);
        assert_eq!(cell.held_back(at(999)), None);
        let told = cell.held_back(at(1_000)).unwrap();
        assert_eq!((told.refused, told.last_error.as_deref()), (1, Some("retained")));
        assert_eq!(cell.held_back(at(60_000)), None);
    }

    #[test]
    fn refused_parts_degrade_the_link_and_are_each_counted() {
        let cell = cell();
        let reason = Text::new("没有数值；请查看", "no number; hint: look");
        let refused =
            ["a", "b"].map(|point| Refusal { point: point.into(), reason: reason.clone() });
        let health = cell.heard(at(0), &refused, true).unwrap();
        assert_eq!((health.link, health.refused), (LinkState::Degraded, 2));
        assert_eq!(health.last_error.as_deref(), Some("a: no number; hint: look"));
        assert_eq!(health.last_error_zh.as_deref(), Some("a：没有数值；请查看"));
        let aside = cell.set_aside(at(5_000), &Text::new("保留消息", "retained")).unwrap();
        assert_eq!((aside.link, aside.refused), (LinkState::Degraded, 3));
    }
}
