//! The loggers of a site by MN: who speaks for each, and what its packets give.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use siskin_model::site::Hj212Logger;
use siskin_model::{AnalyzerHealth, LinkState, Origin, Quality, Reading, Text, Timestamp};
use siskin_wire::Refusal;
use siskin_wire::hj212::{Content, Decoded, Kind, Packet, Parts};
use tokio_util::sync::CancellationToken;

use super::LoggerSpec;
use super::calls::Calls;
use super::gaps::{Gaps, Span};
use super::words;
use crate::trace::Heard;

/// A logger that is silent for this many of its periods is gone …
const SILENT_PERIODS: u32 = 4;
/// … but not before this has passed: heartbeats and answers may be all there is to hear.
const SILENCE_MIN: Duration = Duration::from_mins(5);

/// What a packet gave.
#[derive(Debug, Default)]
pub(super) struct Taken {
    pub(super) readings: Vec<Reading>,
    /// Backlog where the logger fills in what was missing, by request or of itself.
    pub(super) origin: Origin,
    pub(super) health: Vec<AnalyzerHealth>,
    /// A gap that is to be filled, and by which command.
    pub(super) missing: Option<(u16, Span)>,
    /// Nothing was taken and the logger shall keep it.
    pub(super) is_kept_by_logger: bool,
}

/// What a connection must know of a logger.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) agreed: Hj212Logger,
    pub(super) silence_max: Duration,
    pub(super) utc_offset_s: i32,
}

/// A connection: its number, and how it is told that a newer one took its place.
#[derive(Debug, Clone)]
pub(super) struct Owner {
    pub(super) id: u64,
    pub(super) replaced: CancellationToken,
}

#[derive(Debug)]
struct Logger {
    spec: LoggerSpec,
    owner: Option<Owner>,
    parts: Parts,
    gaps: Gaps,
    calls: Calls,
}

/// All loggers; shared by the connections, which hold the lock for one packet at a time.
#[derive(Debug)]
pub(super) struct Register(Mutex<BTreeMap<String, Logger>>);

impl Register {
    pub(super) fn new(specs: &[LoggerSpec]) -> Self {
        let logger = |spec: &LoggerSpec| {
            let (parts, gaps) = (Parts::default(), Gaps::new(spec.live_until.clone()));
            let (spec, calls) = (spec.clone(), Calls::default());
            let logger = Logger { spec, owner: None, parts, gaps, calls };
            (logger.spec.agreed.mn.clone(), logger)
        };
        Self(Mutex::new(specs.iter().map(logger).collect()))
    }

    fn loggers(&self) -> MutexGuard<'_, BTreeMap<String, Logger>> {
        // Each packet leaves every logger whole, whatever happens while it is read.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The logger called `mn`.
    pub(super) fn known(&self, mn: &str) -> Option<Known> {
        let loggers = self.loggers();
        let spec = &loggers.get(mn)?.spec;
        let periods = Duration::from_millis(u64::from(spec.poll_ms)) * SILENT_PERIODS;
        Some(Known {
            agreed: spec.agreed.clone(),
            silence_max: periods.max(SILENCE_MIN),
            utc_offset_s: spec.mapping.utc_offset_s(),
        })
    }

    /// Makes the connection `by` speak for the logger `mn`: the newest counts, for the one before
    /// it may be half open. Whether it is new in that.
    pub(super) fn claim(
        &self,
        mn: &str,
        by: &Owner,
        now: Timestamp,
    ) -> Option<Vec<AnalyzerHealth>> {
        let mut loggers = self.loggers();
        let logger = loggers.get_mut(mn)?;
        if logger.owner.as_ref().is_some_and(|owner| owner.id == by.id) {
            return None;
        }
        if let Some(old) = logger.owner.replace(by.clone()) {
            tracing::info!(target: "siskin::collect", mn, "a logger called again");
            old.replaced.cancel();
        }
        logger.calls.again();
        Some(logger.spec.health.connected(now).into_iter().collect())
    }

    /// What is asked of the logger `mn`, while the connection `id` speaks for it.
    pub(super) fn calls<T>(
        &self,
        mn: &str,
        id: u64,
        look: impl FnOnce(&mut Calls) -> T,
    ) -> Option<T> {
        let mut loggers = self.loggers();
        let logger = loggers.get_mut(mn)?;
        let is_owner = logger.owner.as_ref().is_some_and(|owner| owner.id == id);
        is_owner.then(|| look(&mut logger.calls))
    }

    /// A packet of a logger that has shown its password.
    pub(super) fn take(&self, packet: &Packet, now: Timestamp) -> Taken {
        let mut loggers = self.loggers();
        match loggers.get_mut(&packet.mn) {
            Some(logger) => logger.take(packet, now),
            None => Taken::default(),
        }
    }

    /// Keeps the data segment of a packet of the logger `mn` for people who look at it.
    pub(super) fn keep(&self, mn: &str, data: &[u8], now: Timestamp) {
        let heard = Arc::new(Heard::packet(now, data));
        if let Some(logger) = self.loggers().get(mn) {
            logger.spec.health.keep(heard);
        }
    }

    /// The logger `mn` said when it sent what has just come.
    pub(super) fn clock(&self, mn: &str, sent_at: Timestamp, now: Timestamp) {
        if let Some(logger) = self.loggers().get(mn) {
            logger.spec.health.clock(now, sent_at);
        }
    }

    /// Something of the logger `mn` was left aside.
    pub(super) fn set_aside(&self, mn: &str, why: &Text, now: Timestamp) -> Vec<AnalyzerHealth> {
        let loggers = self.loggers();
        let told = loggers.get(mn).and_then(|logger| logger.spec.health.set_aside(now, why));
        told.into_iter().collect()
    }

    /// Somebody nobody knows called: said at the loggers that nobody speaks for, since one of them
    /// may be meant.
    pub(super) fn stranger(&self, why: &Text, now: Timestamp) -> Vec<AnalyzerHealth> {
        let loggers = self.loggers();
        let absent = loggers.values().filter(|logger| logger.owner.is_none());
        absent.filter_map(|logger| logger.spec.health.set_aside(now, why)).collect()
    }

    /// The connection `id` has ended: its loggers are silent, unless a newer one speaks for them.
    pub(super) fn ended(&self, id: u64, why: &Text, now: Timestamp) -> Taken {
        let is_lost = |logger: &Logger| logger.owner.as_ref().is_some_and(|owner| owner.id == id);
        self.lost(is_lost, why, now)
    }

    /// Nobody can call.
    pub(super) fn closed(&self, why: &Text, now: Timestamp) -> Taken {
        self.lost(|_| true, why, now)
    }

    fn lost(&self, is_lost: impl Fn(&Logger) -> bool, why: &Text, now: Timestamp) -> Taken {
        let mut taken = Taken::default();
        for logger in self.loggers().values_mut().filter(|logger| is_lost(logger)) {
            logger.owner = None;
            taken.readings.extend(logger.spec.feed.silence(Quality::CommLost, now));
            taken.health.extend(logger.spec.health.failed(now, LinkState::Offline, why));
        }
        taken
    }
}

impl Logger {
    fn take(&mut self, packet: &Packet, now: Timestamp) -> Taken {
        let Some(kind) = self.spec.mapping.kind(packet.cn) else {
            let refused: Vec<_> = words::not_spoken(packet.cn).map(of_packet).into_iter().collect();
            let health = self.spec.health.heard(now, &refused, true);
            return Taken { health: health.into_iter().collect(), ..Taken::default() };
        };
        let decoded = self.spec.opener.open(packet).map_err(|error| {
            // A key may come some day, and the logger sends it again.
            (of_packet(error.text()), true)
        });
        let decoded = decoded.and_then(|packet| {
            let own = Content::of(&packet.cp).data_time();
            let data_time = self.parts.data_time(&packet, own, now);
            let decoded = self.spec.mapping.decode(&packet, kind, data_time.as_deref(), now);
            // What has no time never will be of use.
            decoded.map_err(|refusal| (refusal, false))
        });
        match decoded {
            Ok(mut decoded) => {
                if self.spec.opener.is_unsealed(packet) {
                    decoded.refused.push(of_packet(words::not_encrypted()));
                }
                self.decoded(&decoded, kind, now)
            }
            Err((refusal, is_kept_by_logger)) => {
                let health = self.spec.health.heard(now, &[refusal], false);
                let health = health.into_iter().collect();
                Taken { health, is_kept_by_logger, ..Taken::default() }
            }
        }
    }

    fn decoded(&mut self, decoded: &Decoded, kind: Kind, now: Timestamp) -> Taken {
        let Self { spec, gaps, .. } = self;
        let mut taken = Taken::default();
        let at = decoded.measured_at;
        // Asked before the packet closes its gap.
        let fills = gaps.holds(at);
        let is_wanted = match kind {
            Kind::RealTime if decoded.is_time_believed => {
                let gap = gaps.live(at, spec.poll_ms);
                taken.missing = gap.and_then(|gap| Some((spec.mapping.fill()?.cn(), gap)));
                if let Some((_, gap)) = &mut taken.missing {
                    // What is older would be refused when it comes.
                    gap.from = gap.from.max(now.plus_ms(-spec.mapping.backlog_max_ms()));
                }
                true
            }
            Kind::RealTime => true,
            Kind::Fill => fills,
        };
        if is_wanted {
            taken.origin = if fills { Origin::Backlog } else { Origin::Live };
            taken.readings = spec.feed.readings(&decoded.values, at, now);
        }
        let has_number = decoded.values.iter().any(|value| value.value.is_some());
        let usable = has_number || decoded.refused.is_empty();
        taken.health.extend(spec.health.heard(now, &decoded.refused, usable));
        taken
    }
}

/// A refusal that is of a whole packet.
fn of_packet(reason: Text) -> Refusal {
    Refusal { point: "CP".to_owned(), reason }
}
