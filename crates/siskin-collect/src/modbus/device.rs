//! One device on a line: what is asked of it, when, and what its answers become.

use std::time::Duration;

use siskin_model::site::Analyzer;
use siskin_model::{AnalyzerHealth, ChannelIndex, LinkState, Quality, Reading, Text, Timestamp};
use siskin_wire::modbus::{Answer, Decoded, HeartbeatWatch, Plan};
use siskin_wire::{DeviceProfile, Slot, SlotError};
use tokio::time::Instant;

use super::exchange::{Failure, Manner};
use crate::backoff::Backoff;
use crate::feed::Feed;
use crate::health::HealthCell;

/// The shortest time between two polls, whatever the site says.
const PERIOD_MIN: Duration = Duration::from_millis(20);

/// Readings and health to hand out.
pub(crate) type Told = (Vec<Reading>, Option<AnalyzerHealth>);

/// What a device is; its state is in [`Device`].
#[derive(Debug, Clone)]
pub(crate) struct DeviceSpec {
    pub(crate) health: HealthCell,
    pub(super) manner: Manner,
    pub(super) connect_delay: Duration,
    sensor: String,
    period: Duration,
    plan: Plan,
    feed: Feed,
    watch: Option<HeartbeatWatch>,
}

impl DeviceSpec {
    pub(crate) fn new(
        analyzer: &Analyzer,
        unit: u8,
        profile: &DeviceProfile,
        channels: Vec<ChannelIndex>,
        slots: Vec<Slot>,
        health: HealthCell,
    ) -> Result<Self, SlotError> {
        let millis = |ms: u32| Duration::from_millis(ms.into());
        Ok(Self {
            health,
            manner: Manner {
                unit,
                timeout: millis(analyzer.timeout_ms),
                gap: millis(profile.limits.min_gap_ms),
            },
            connect_delay: millis(profile.limits.connect_delay_ms),
            sensor: analyzer.id.to_string(),
            period: millis(analyzer.poll_ms).max(PERIOD_MIN),
            plan: Plan::new(profile, slots)?,
            feed: Feed::new(channels),
            watch: profile.heartbeat.as_ref().map(HeartbeatWatch::new),
        })
    }
}

/// A device being polled.
#[derive(Debug)]
pub(super) struct Device {
    pub(super) spec: DeviceSpec,
    /// When it is asked next.
    pub(super) due: Instant,
    probe: Backoff,
    /// The epoch of the steady clock its heartbeat is timed by.
    start: Instant,
}

impl Device {
    pub(super) fn new(spec: DeviceSpec) -> Self {
        let now = Instant::now();
        Self { spec, due: now, probe: Backoff::new(), start: now }
    }

    pub(super) fn plan(&self) -> &Plan {
        &self.spec.plan
    }

    /// Sets the next poll one period after this one was due, so that slow answers do not make the
    /// schedule drift. Periods that have passed already are left out.
    pub(super) fn schedule(&mut self) {
        self.probe.reset();
        self.due += self.spec.period;
        let now = Instant::now();
        if self.due > now {
            return;
        }
        let behind = now.duration_since(self.due).as_nanos();
        let missed = behind / self.spec.period.as_nanos() + 1;
        let missed = u32::try_from(missed).unwrap_or(u32::MAX);
        self.due += self.spec.period.saturating_mul(missed);
        let sensor = &self.spec.sensor;
        self.spec.health.polls_late(missed);
        tracing::debug!(target: "siskin::collect", sensor, missed, "polls were late and left out");
    }

    /// A device that did not answer is asked less and less often, so that it does not take its
    /// neighbours' time.
    pub(super) fn put_off(&mut self) {
        self.due = Instant::now() + self.probe.pause();
    }

    /// What the answers of a poll say; `now` is their arrival.
    pub(super) fn answered(&mut self, answers: &[Answer], now: Timestamp) -> Told {
        let decoded = match self.spec.plan.decode(answers) {
            Ok(decoded) => decoded,
            Err(error) => return self.degraded(Quality::Fault, &error.text(), now),
        };
        if self.is_frozen(&decoded) {
            return self.degraded(Quality::Fault, &frozen(), now);
        }
        let readings = self.spec.feed.readings(&decoded.values, now, now);
        let usable = decoded.refused.len() < decoded.values.len() || decoded.values.is_empty();
        let health = self.spec.health.heard(now, &decoded.refused, usable);
        (readings, health)
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
