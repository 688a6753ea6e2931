//! One device on a line: what is asked of it, when, and what its answers become.

use std::sync::Arc;
use std::time::Duration;

use siskin_model::site::Analyzer;
use siskin_model::{AnalyzerHealth, ChannelIndex, LinkState, Quality, Reading, Text, Timestamp};
use siskin_wire::modbus::{Answer, Decoded, HeartbeatWatch, Plan, Refused, Request, UnitWatch};
use siskin_wire::{DeviceProfile, Slot, SlotError};
use tokio::time::Instant;

use super::exchange::Failure;
use super::schedule::{Job, Rank};
use super::wire::Manner;
use crate::backoff::Backoff;
use crate::feed::Feed;
use crate::health::HealthCell;
use crate::trace::Heard;

/// The shortest time between two polls, whatever the site says.
const PERIOD_MIN: Duration = Duration::from_millis(20);
/// Failures in a row after which a device is probed instead of polled.
const SILENT_AFTER: u32 = 3;
/// A device that no spare time is long enough for is heard out this often, so that one that
/// answers slowly is found in the end.
const FULL_PROBE_EVERY: Duration = Duration::from_mins(1);
/// After so long a device is asked once more for the registers it said it does not have: one that
/// was starting may have said so, and is not to stay blind for it.
const LOST_RETRY_FIRST: Duration = Duration::from_secs(1);
/// Each time that it says so again, the next time is twice as far off, up to this.
const LOST_RETRY_MAX: Duration = Duration::from_secs(30);
/// The least time a late answer on an RTU line is waited for before the same device is asked
/// again. It is longer where answers were seen to take longer.
const DRAIN_MIN: Duration = Duration::from_millis(50);
/// What is left of the cost of a slow poll with each quicker one, in eighths: one quick answer does
/// not make a device quick.
const COST_KEPT_EIGHTHS: u32 = 7;

/// Readings and health to hand out.
pub(crate) type Told = (Vec<Reading>, Option<AnalyzerHealth>);

/// What a device is; its state is in [`Device`].
#[derive(Debug, Clone)]
pub(crate) struct DeviceSpec {
    pub(crate) health: HealthCell,
    pub(super) manner: Manner,
    pub(super) connect_delay: Duration,
    pub(super) period: Duration,
    /// Its place in the site.
    pub(super) analyzer: usize,
    sensor: String,
    plan: Plan,
    feed: Feed,
    watch: Option<HeartbeatWatch>,
    units: UnitWatch,
}

impl DeviceSpec {
    /// The device that is the analyzer at `place` of its site.
    pub(crate) fn new(
        (place, analyzer): (usize, &Analyzer),
        unit: u8,
        profile: &DeviceProfile,
        channels: Vec<ChannelIndex>,
        slots: Vec<Slot>,
        health: HealthCell,
    ) -> Result<Self, SlotError> {
        let millis = |ms: u32| Duration::from_millis(ms.into());
        let plan = Plan::new(profile, slots)?;
        Ok(Self {
            health,
            manner: Manner {
                unit,
                timeout: millis(analyzer.timeout_ms),
                gap: millis(profile.limits.min_gap_ms),
            },
            connect_delay: millis(profile.limits.connect_delay_ms),
            period: millis(analyzer.poll_ms).max(PERIOD_MIN),
            analyzer: place,
            sensor: analyzer.id.to_string(),
            units: UnitWatch::new(&plan),
            plan,
            feed: Feed::new(channels),
            watch: profile.heartbeat.as_ref().map(HeartbeatWatch::new),
        })
    }
}

/// A device being polled.
#[derive(Debug)]
pub(super) struct Device {
    pub(super) spec: DeviceSpec,
    /// Whether one of its channels is in alarm.
    pub(super) is_urgent: bool,
    /// The next moment of its grid, which nothing shifts.
    grid: Instant,
    /// Not asked before, whatever the grid says.
    not_before: Instant,
    /// Polls in a row without an answer.
    failures: u32,
    /// What a poll takes.
    cost: Duration,
    /// The slowest answer so far.
    slowest: Duration,
    /// When it was last heard out in full.
    heard_out: Instant,
    probe: Backoff,
    /// When it was last found to lack a register.
    refused_at: Instant,
    /// How long after that it is asked once more.
    lost_retry: Duration,
    /// The epoch of the steady clock its heartbeat is timed by.
    start: Instant,
}

impl Device {
    pub(super) fn new(spec: DeviceSpec) -> Self {
        let now = Instant::now();
        Self {
            spec,
            is_urgent: false,
            grid: now,
            not_before: now,
            failures: 0,
            cost: Duration::ZERO,
            slowest: Duration::ZERO,
            heard_out: now,
            probe: Backoff::new(),
            refused_at: now,
            lost_retry: LOST_RETRY_FIRST,
            start: now,
        }
    }

    /// What it is to be asked now.
    pub(super) fn requests(&mut self) -> Vec<Request> {
        let plan = &mut self.spec.plan;
        let since = self.refused_at.elapsed();
        if plan.lost().is_empty() {
            // It has been there through a whole turn.
            if since >= LOST_RETRY_MAX {
                self.lost_retry = LOST_RETRY_FIRST;
            }
        } else if since >= self.lost_retry {
            plan.retry_lost();
            self.lost_retry = (self.lost_retry * 2).min(LOST_RETRY_MAX);
        }
        plan.requests().to_vec()
    }

    /// Takes note of the requests it has no registers for; whether it is to be asked otherwise now.
    pub(super) fn refused(&mut self, refused: &[Request]) -> bool {
        let plan = &mut self.spec.plan;
        let changes = refused.iter().filter(|request| plan.refused(**request) != Refused::Unknown);
        let is_changed = changes.count() > 0;
        if is_changed {
            self.refused_at = Instant::now();
        }
        is_changed
    }

    /// How the schedule sees it; a poll longer than `slow` delays its neighbours.
    pub(super) fn job(&self, slow: Duration) -> Job {
        let due = self.grid.max(self.not_before);
        let timeout = self.spec.manner.timeout;
        let (rank, cost, forced) = if self.failures >= SILENT_AFTER {
            (Rank::Silent, timeout, self.heard_out + FULL_PROBE_EVERY)
        } else if self.is_urgent {
            (Rank::Urgent, self.cost, due)
        } else if self.cost > slow {
            (Rank::Slow, self.cost, due + self.spec.period)
        } else {
            (Rank::Quick, self.cost, due)
        };
        Job { rank, due, cost, forced }
    }

    /// After a poll that began at `began` and was answered.
    pub(super) fn succeeded(&mut self, began: Instant) {
        let took = began.elapsed();
        let kept = if self.failures == 0 { self.cost / 8 * COST_KEPT_EIGHTHS } else { took };
        self.cost = took.max(kept);
        self.slowest = self.slowest.max(took);
        self.failures = 0;
        self.heard_out = Instant::now();
        self.probe.reset();
        self.next_poll();
    }

    /// After a poll that began at `began`, was given `patience` and got no answer.
    pub(super) fn was_silent(&mut self, began: Instant, patience: Duration) {
        let now = Instant::now();
        self.failures = self.failures.saturating_add(1);
        self.cost = began.elapsed();
        if patience >= self.spec.manner.timeout {
            self.heard_out = now;
        }
        self.not_before = now + self.slowest.max(DRAIN_MIN);
        if self.failures < SILENT_AFTER {
            self.next_poll();
            return;
        }
        if self.is_urgent {
            self.probe.reset();
        }
        let pause = self.probe.pause().max(self.slowest);
        self.hold(now + pause);
    }

    /// Sets the next poll on the first moment of the grid that is still to come, so that slow
    /// answers do not make the schedule drift. Those that have passed are left out and counted.
    fn next_poll(&mut self) {
        let missed = self.skip_to(Instant::now());
        if missed > 0 {
            let sensor = &self.spec.sensor;
            self.spec.health.polls_late(missed);
            tracing::debug!(target: "siskin::collect", sensor, missed, "polls were left out");
        }
    }

    /// Moves the grid behind `moment`, at least by one; gives how many moments were left out.
    fn skip_to(&mut self, moment: Instant) -> u32 {
        self.grid += self.spec.period;
        if self.grid > moment {
            return 0;
        }
        let behind = moment.duration_since(self.grid).as_nanos();
        let missed = behind / self.spec.period.as_nanos() + 1;
        let missed = u32::try_from(missed).unwrap_or(u32::MAX);
        self.grid += self.spec.period.saturating_mul(missed);
        missed
    }

    /// Leaves it alone until `moment`. Polls until then are not late: they were given up.
    pub(super) fn hold(&mut self, moment: Instant) {
        self.not_before = self.not_before.max(moment);
        if self.grid + self.spec.period <= moment {
            self.skip_to(moment);
            // The moment itself is on the grid's period: asked at once, then on the grid again.
            self.grid -= self.spec.period;
        }
    }

    /// What the answers of a poll say; `now` is their arrival.
    pub(super) fn answered(&mut self, answers: &[Answer], now: Timestamp) -> Told {
        let mut decoded = match self.spec.plan.decode(answers) {
            Ok(decoded) => decoded,
            Err(error) => return self.degraded(Quality::Fault, &error.text(), now),
        };
        self.spec.units.observe(&mut decoded);
        if self.is_frozen(&decoded) {
            return self.degraded(Quality::Fault, &frozen(), now);
        }
        let readings = self.spec.feed.readings(&decoded.values, now, now);
        let usable = decoded.refused.len() < decoded.values.len() || decoded.values.is_empty();
        let health = self.spec.health.heard(now, &decoded.refused, usable);
        (readings, health)
    }

    /// Keeps the answers of a poll for people who look at the device. Before [`Device::refused`],
    /// which changes what is asked.
    pub(super) fn keep(&self, answers: Vec<Answer>, now: Timestamp) {
        let heard = Heard::poll(now, self.spec.plan.requests(), answers);
        self.spec.health.keep(Arc::new(heard));
    }

    fn is_frozen(&mut self, decoded: &Decoded) -> bool {
        let (Some(watch), Some(beat)) = (&mut self.spec.watch, decoded.heartbeat) else {
            return false;
        };
        let elapsed_ms = self.start.elapsed().as_millis();
        let now_ms = u64::try_from(elapsed_ms).unwrap_or(u64::MAX);
        watch.observe(beat, now_ms).is_some()
    }

    /// What a failed poll says.
    pub(super) fn failed(&mut self, failure: &Failure, now: Timestamp) -> Told {
        let why = failure.text();
        if failure.is_line() {
            return self.lost(&why, now);
        }
        let quality = if failure.is_transient() { Quality::CommLost } else { Quality::Fault };
        self.degraded(quality, &why, now)
    }

    fn degraded(&mut self, quality: Quality, why: &Text, now: Timestamp) -> Told {
        let readings = self.spec.feed.silence(quality, now);
        let health = self.spec.health.failed(now, LinkState::Degraded, why);
        (readings, health)
    }

    /// The device cannot be reached.
    pub(super) fn lost(&mut self, why: &Text, now: Timestamp) -> Told {
        if let Some(watch) = &mut self.spec.watch {
            watch.reset();
        }
        let readings = self.spec.feed.silence(Quality::CommLost, now);
        let health = self.spec.health.failed(now, LinkState::Offline, why);
        (readings, health)
    }
}

fn frozen() -> Text {
    Text::new(
        "设备心跳停止变化；请重启设备",
        "the heartbeat of the device stands still; hint: restart the device",
    )
}
