//! What the effects of the host mean for each analyzer; no sockets here.

use std::sync::Arc;

use siskin_model::{AnalyzerHealth, LinkState, Quality, Reading, Text, Timestamp};
use siskin_wire::Refusal;
use siskin_wire::sparkplug::{Effect, Host, Stamped};

use super::DeviceSpec;
use crate::trace::Heard;

/// Readings, health and requests to hand out.
#[derive(Debug, Default)]
pub(super) struct Taken {
    pub(super) readings: Vec<Reading>,
    pub(super) health: Vec<AnalyzerHealth>,
    /// Nodes to be asked for their births: group and name.
    pub(super) rebirths: Vec<(String, String)>,
}

/// The analyzers behind the nodes of a broker.
#[derive(Debug)]
pub(super) struct Desk {
    devices: Vec<DeviceSpec>,
    host: Host,
}

impl Desk {
    pub(super) fn new(devices: &[DeviceSpec]) -> Self {
        let members = devices.iter().map(|device| device.member.clone()).collect();
        Self { devices: devices.to_vec(), host: Host::new(members) }
    }

    pub(super) fn filters(&self) -> Vec<String> {
        self.host.filters()
    }

    /// The broker accepted the session.
    pub(super) fn connected(&mut self, now: Timestamp) -> Taken {
        let mut taken = Taken::default();
        taken.health.extend(self.devices.iter().filter_map(|d| d.health.reachable(now)));
        let effects = self.host.connected(now);
        self.sort(effects, now, &mut taken);
        taken
    }

    /// A message.
    pub(super) fn take(
        &mut self,
        topic: &str,
        payload: &[u8],
        retained: bool,
        now: Timestamp,
    ) -> Taken {
        let mut taken = Taken::default();
        let effects = self.host.take(topic, payload, retained, now);
        self.keep(&effects, topic, payload, now);
        self.sort(effects, now, &mut taken);
        taken
    }

    /// What time brings.
    pub(super) fn tick(&mut self, now: Timestamp) -> Taken {
        let mut taken = Taken::default();
        let effects = self.host.tick(now);
        self.sort(effects, now, &mut taken);
        taken
    }

    /// The broker cannot be reached.
    pub(super) fn lost(&mut self, why: &Text, now: Timestamp) -> Taken {
        self.silence(|_| true, (LinkState::Offline, why), now)
    }

    /// The broker refused the subscription to `filter`.
    pub(super) fn denied(&mut self, filter: &str, now: Timestamp) -> Taken {
        let of_it = |device: &DeviceSpec| device.filters.iter().any(|known| known == filter);
        self.silence(of_it, (LinkState::Degraded, &refused()), now)
    }

    fn silence(
        &mut self,
        which: impl Fn(&DeviceSpec) -> bool,
        (link, why): (LinkState, &Text),
        now: Timestamp,
    ) -> Taken {
        let mut taken = Taken::default();
        for device in self.devices.iter_mut().filter(|device| which(device)) {
            taken.readings.extend(device.feed.silence(Quality::CommLost, now));
            taken.health.extend(device.health.failed(now, link, why));
        }
        taken
    }

    /// Keeps a message for people who look at one of those whom it speaks of.
    fn keep(&self, effects: &[Effect], topic: &str, payload: &[u8], now: Timestamp) {
        let heard = Arc::new(Heard::message(now, topic, payload));
        for effect in effects {
            if let Effect::Heard { member, .. } = effect
                && let Some(device) = self.devices.get(*member)
            {
                device.health.keep(Arc::clone(&heard));
            }
        }
    }

    fn sort(&mut self, effects: Vec<Effect>, now: Timestamp, taken: &mut Taken) {
        for effect in effects {
            match effect {
                Effect::Rebirth { group, node } => taken.rebirths.push((group, node)),
                Effect::Heard { member, readings, refused } => {
                    if let Some(device) = self.devices.get_mut(member) {
                        device.heard(&readings, &refused, now, taken);
                    }
                }
                Effect::Lost { member, why } => {
                    if let Some(device) = self.devices.get_mut(member) {
                        taken.readings.extend(device.feed.silence(Quality::CommLost, now));
                        let failed = device.health.failed(now, LinkState::Offline, &why);
                        taken.health.extend(failed);
                    }
                }
                Effect::Aside { member, why } => {
                    let device = self.devices.get(member);
                    taken.health.extend(device.and_then(|d| d.health.set_aside(now, &why)));
                }
            }
        }
    }
}

impl DeviceSpec {
    fn heard(
        &mut self,
        readings: &[Stamped],
        refused: &[Refusal],
        now: Timestamp,
        taken: &mut Taken,
    ) {
        for Stamped { measured_at, point } in readings {
            taken.readings.extend(self.feed.readings(&[*point], *measured_at, now));
        }
        let usable = refused.is_empty() || readings.iter().any(|r| r.point.value.is_some());
        taken.health.extend(self.health.heard(now, refused, usable));
    }
}

fn refused() -> Text {
    Text::new(
        "MQTT 服务器拒绝订阅 Sparkplug 主题；请检查其访问权限设置（spBv1.0/#）",
        "the broker refuses the Sparkplug subscription; \
         hint: check its access list for spBv1.0/#",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::check_text;

    #[test]
    fn the_refusal_of_a_subscription_is_said_in_both_languages() {
        check_text(&refused());
    }
}
