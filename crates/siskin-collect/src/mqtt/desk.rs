//! What each message means for its analyzer; no sockets here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use siskin_model::{AnalyzerHealth, LinkState, Quality, Reading, Text, Timestamp};

use super::TopicSpec;
use crate::trace::Heard;

/// A topic on which nothing came for so long after the subscription is spoken of. Many brokers
/// grant every subscription and only leave out what their access list forbids.
pub(super) const QUIET: Duration = Duration::from_secs(30);

/// Readings and health to hand out.
#[derive(Debug, Default)]
pub(super) struct Taken {
    pub(super) readings: Vec<Reading>,
    pub(super) health: Vec<AnalyzerHealth>,
}

/// The analyzers of a broker by topic.
#[derive(Debug)]
pub(super) struct Desk {
    /// Several analyzers may read one topic.
    topics: BTreeMap<String, Vec<TopicSpec>>,
    /// Where the broker says that devices are gone.
    alive: BTreeSet<String>,
}

impl Desk {
    pub(super) fn new(specs: &[TopicSpec]) -> Self {
        let mut topics: BTreeMap<String, Vec<TopicSpec>> = BTreeMap::new();
        for spec in specs {
            topics.entry(spec.topic.clone()).or_default().push(spec.clone());
        }
        let alive = specs.iter().filter_map(|spec| Some(spec.alive.as_ref()?.topic.clone()));
        Self { topics, alive: alive.collect() }
    }

    /// Everything to subscribe to.
    pub(super) fn topics(&self) -> impl Iterator<Item = &str> {
        let alive = self.alive.iter().filter(|topic| !self.topics.contains_key(*topic));
        self.topics.keys().chain(alive).map(String::as_str)
    }

    fn all(&mut self) -> impl Iterator<Item = &mut TopicSpec> {
        self.topics.values_mut().flatten()
    }

    /// A message. `backlog_ms`: see [`siskin_wire::json::Mapping::decode`].
    pub(super) fn take(
        &mut self,
        topic: &str,
        payload: &[u8],
        retained: bool,
        now: Timestamp,
        backlog_ms: u32,
    ) -> Taken {
        let mut taken = self.life(topic, payload, now);
        let retained = retained.then(stale);
        let Some(specs) = self.topics.get_mut(topic) else {
            // The session outlives the site's files: an old subscription may still be there.
            if !self.alive.contains(topic) {
                tracing::debug!(target: "siskin::collect", topic, "message on an unread topic");
            }
            return taken;
        };
        let heard = Arc::new(Heard::message(now, topic, payload));
        for spec in specs {
            if let Some(why) = &retained {
                taken.health.extend(spec.health.set_aside(now, why));
                continue;
            }
            spec.heard = true;
            spec.health.keep(Arc::clone(&heard));
            let health = match spec.mapping.decode(payload, now, backlog_ms) {
                Ok(records) => {
                    let refused: Vec<_> =
                        records.iter().flat_map(|r| &r.refused).cloned().collect();
                    let mut values = Vec::new();
                    for record in &records {
                        if backlog_ms == 0 && record.is_device_time {
                            spec.health.clock(now, record.measured_at);
                        }
                        let mut read = spec.feed.readings(&record.values, record.measured_at, now);
                        if backlog_ms > 0 && !record.is_device_time {
                            read.iter_mut().for_each(doubt);
                        }
                        values.extend(read);
                    }
                    let usable = values.iter().any(|r| r.value.is_some()) || refused.is_empty();
                    taken.readings.extend(values);
                    spec.health.heard(now, &refused, usable)
                }
                Err(refusal) => spec.health.heard(now, &[refusal], false),
            };
            taken.health.extend(health);
        }
        taken
    }

    /// A message on a topic on which the broker says that devices are gone. A retained one counts:
    /// it is what the broker knows now. That a device is there says nothing about its values.
    fn life(&mut self, topic: &str, payload: &[u8], now: Timestamp) -> Taken {
        let mut taken = Taken::default();
        if !self.alive.contains(topic) {
            return taken;
        }
        let text = String::from_utf8_lossy(payload);
        let is_gone = |spec: &&mut TopicSpec| {
            let alive = spec.alive.as_ref().filter(|alive| alive.topic == topic);
            alive.is_some_and(|alive| alive.gone.iter().any(|word| word == text.trim()))
        };
        for spec in self.all().filter(is_gone) {
            spec.heard = true;
            taken.readings.extend(spec.feed.silence(Quality::CommLost, now));
            taken.health.extend(spec.health.failed(now, LinkState::Offline, &gone(topic)));
        }
        taken
    }

    /// Some time has passed since the connection.
    pub(super) fn quiet(&mut self, now: Timestamp) -> Taken {
        let silent = self.all().filter(|spec| !spec.heard);
        let health = silent.filter_map(|spec| spec.health.noted(now, &nothing(&spec.topic)));
        Taken { readings: Vec::new(), health: health.collect() }
    }

    /// The broker accepted the session.
    pub(super) fn connected(&mut self, now: Timestamp) -> Taken {
        let health = self.all().filter_map(|spec| {
            spec.heard = false;
            spec.health.reachable(now)
        });
        Taken { readings: Vec::new(), health: health.collect() }
    }

    /// The broker cannot be reached.
    pub(super) fn lost(&mut self, why: &Text, now: Timestamp) -> Taken {
        let mut taken = Taken::default();
        for spec in self.all() {
            taken.readings.extend(spec.feed.silence(Quality::CommLost, now));
            taken.health.extend(spec.health.failed(now, LinkState::Offline, why));
        }
        taken
    }

    /// The broker refused the subscription to `topic`.
    pub(super) fn denied(&mut self, topic: &str, now: Timestamp) -> Taken {
        let mut taken = Taken::default();
        let why = refused();
        for spec in self.topics.get_mut(topic).into_iter().flatten() {
            taken.readings.extend(spec.feed.silence(Quality::CommLost, now));
            taken.health.extend(spec.health.failed(now, LinkState::Degraded, &why));
        }
        taken
    }
}

fn stale() -> Text {
    Text::new(
        "收到保留消息，时间新旧不明，未采用；请让设备发布时不带保留标志",
        "a retained message was left aside: it may be of any age; \
         hint: let the device publish without retain",
    )
}

/// What the broker kept for us without a time of the device may be of any age.
fn doubt(reading: &mut Reading) {
    if reading.quality == Quality::Good {
        reading.quality = Quality::Uncertain;
    }
}

fn gone(topic: &str) -> Text {
    Text::new(
        format!("服务器在 {topic} 上通知设备已离线；请检查设备的电源和网络"),
        format!(
            "the broker says on {topic} that the device is gone; \
             hint: check the device's power and network"
        ),
    )
}

fn nothing(topic: &str) -> Text {
    let quiet_s = QUIET.as_secs();
    Text::new(
        format!(
            "已订阅 {topic}，{quiet_s} s 内没有收到消息；\
             请核对设备的发布主题，以及服务器的访问权限（ACL）是否允许本机读取"
        ),
        format!(
            "nothing came on {topic} for {quiet_s} s after the subscription; \
             hint: compare the device's topic, and see that the broker's access list (ACL) \
             lets Siskin read it"
        ),
    )
}

fn refused() -> Text {
    Text::new(
        "MQTT 服务器拒绝订阅；请检查其访问权限设置",
        "the broker refuses the subscription; hint: check its access list",
    )
}

#[cfg(test)]
mod tests;
