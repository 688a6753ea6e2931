//! What each message means for its analyzer; no sockets here.

use std::collections::BTreeMap;

use siskin_model::{AnalyzerHealth, LinkState, Quality, Reading, Text, Timestamp};

use super::TopicSpec;

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
}

impl Desk {
    pub(super) fn new(specs: &[TopicSpec]) -> Self {
        let mut topics: BTreeMap<String, Vec<TopicSpec>> = BTreeMap::new();
        for spec in specs {
            topics.entry(spec.topic.clone()).or_default().push(spec.clone());
        }
        Self { topics }
    }

    pub(super) fn topics(&self) -> impl Iterator<Item = &str> {
        self.topics.keys().map(String::as_str)
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
        let mut taken = Taken::default();
        let retained = retained.then(stale);
        let Some(specs) = self.topics.get_mut(topic) else {
            // The session outlives the site's files: an old subscription may still be there.
            tracing::debug!(target: "siskin::collect", topic, "message on a topic nobody reads");
            return taken;
        };
        for spec in specs {
            if let Some(why) = &retained {
                taken.health.extend(spec.health.set_aside(now, why));
                continue;
            }
            let health = match spec.mapping.decode(payload, now, backlog_ms) {
                Ok(decoded) => {
                    let values = spec.feed.readings(&decoded.values, decoded.measured_at, now);
                    let usable =
                        values.iter().any(|r| r.value.is_some()) || decoded.refused.is_empty();
                    taken.readings.extend(values);
                    spec.health.heard(now, &decoded.refused, usable)
                }
                Err(refusal) => spec.health.heard(now, &[refusal], false),
            };
            taken.health.extend(health);
        }
        taken
    }

    /// The broker accepted the session.
    pub(super) fn connected(&mut self, now: Timestamp) -> Taken {
        let health = self.all().filter_map(|spec| spec.health.reachable(now));
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

fn refused() -> Text {
    Text::new(
        "MQTT 服务器拒绝订阅；请检查其访问权限设置",
        "the broker refuses the subscription; hint: check its access list",
    )
}

#[cfg(test)]
mod tests;
