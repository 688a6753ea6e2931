//! The MQTT devices: one message per device and second, QoS 1, one connection for all of them.
//!
//! While the broker is away the queue fills up to its limit; what does not fit is dropped and
//! counted in the log, as devices without a memory do.

use std::time::Duration;

use rumqttc::{AsyncClient, Event, EventLoop, MqttOptions, Outgoing, QoS};
use serde::Serialize;
use siskin_model::{Timestamp, Unit};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::park::{Latest, now};
use crate::scenario::DeviceState;
use crate::world::Snapshot;

/// Time between two messages of a device.
const PERIOD: Duration = Duration::from_secs(1);
/// Messages that wait for the broker.
const QUEUE_MAX: usize = 256;
/// Time between two attempts to reach the broker.
const RETRY: Duration = Duration::from_millis(500);
/// Longest silence on the connection.
const KEEP_ALIVE: Duration = Duration::from_secs(5);
/// Longest wait for the goodbye to the broker to be written.
const GOODBYE_MAX: Duration = Duration::from_millis(300);
/// Decimals beyond these are the rounding of binary numbers and are not sent.
const DECIMAL_STEPS: f64 = 1e9;

/// A device that publishes.
#[derive(Debug)]
pub(crate) struct Wireless {
    pub(crate) topic: String,
    /// Its place in the site.
    pub(crate) analyzer: usize,
    /// The place of its channel in the site.
    pub(crate) channel: usize,
    pub(crate) unit: Unit,
    /// The end of its range.
    pub(crate) high: f64,
}

/// The payload of the profile `siskin-json`.
#[derive(Debug, Serialize)]
struct Payload {
    ts: i64,
    value: Option<f64>,
    unit: &'static str,
    status: &'static str,
}

/// Publishes for `devices` until `stop`.
pub(crate) async fn run(
    (host, port): (String, u16),
    client_id: String,
    devices: Vec<Wireless>,
    latest: Latest,
    stop: CancellationToken,
) {
    let mut options = MqttOptions::new(client_id, host, port);
    options.set_keep_alive(KEEP_ALIVE);
    let (client, events) = AsyncClient::new(options, QUEUE_MAX);
    tokio::join!(drive(events, &stop), send(&client, &devices, &latest, &stop));
}

/// Keeps the connection alive, and says goodbye at the end.
async fn drive(mut events: EventLoop, stop: &CancellationToken) {
    let mut away = false;
    while let Some(event) = stop.run_until_cancelled(events.poll()).await {
        match event {
            Ok(_) => away = false,
            Err(error) => {
                if !away {
                    tracing::warn!(target: "siskin_sim", %error, "the broker is away");
                }
                away = true;
                // Whether it ended by the token is asked by the loop.
                let _ended = stop.run_until_cancelled(tokio::time::sleep(RETRY)).await;
            }
        }
    }
    let goodbye = async {
        while let Ok(event) = events.poll().await {
            if event == Event::Outgoing(Outgoing::Disconnect) {
                break;
            }
        }
    };
    if tokio::time::timeout(GOODBYE_MAX, goodbye).await.is_err() {
        tracing::debug!(target: "siskin_sim", "left the broker without a goodbye");
    }
}

async fn send(
    client: &AsyncClient,
    devices: &[Wireless],
    latest: &Latest,
    stop: &CancellationToken,
) {
    let mut ticks = tokio::time::interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut dropped = 0u64;
    while stop.run_until_cancelled(ticks.tick()).await.is_some() {
        if latest.has_changed().is_err() {
            tracing::error!(target: "siskin_sim", "the world has ended: devices go silent");
            break;
        }
        let before = dropped;
        let snapshot = latest.borrow().clone();
        let now = now();
        for device in devices {
            let Some(payload) = device.payload(&snapshot, now) else {
                continue;
            };
            let sent = client.try_publish(&device.topic, QoS::AtLeastOnce, false, payload);
            dropped += u64::from(sent.is_err());
        }
        if dropped > before {
            tracing::warn!(target: "siskin_sim", dropped, "the queue to the broker is full");
        }
    }
    if let Err(error) = client.try_disconnect() {
        tracing::debug!(target: "siskin_sim", %error, "no goodbye: the queue is full");
    }
}

impl Wireless {
    /// What the device sends at `now`; a dead one sends nothing.
    fn payload(&self, snapshot: &Snapshot, now: Timestamp) -> Option<Vec<u8>> {
        let value = *snapshot.shown.get(self.channel)?;
        let status = match snapshot.states.get(self.analyzer)? {
            DeviceState::Dead => return None,
            DeviceState::Normal if value >= self.high => "over",
            DeviceState::Normal => "ok",
            DeviceState::WarmUp => "warmup",
            DeviceState::Calibration => "cal",
            DeviceState::Inhibited => "maint",
            DeviceState::Fault => "fault",
        };
        let value = (value * DECIMAL_STEPS).round() / DECIMAL_STEPS;
        let payload = Payload {
            ts: now.as_millis(),
            value: Some(value).filter(|_| status != "fault"),
            unit: self.unit.as_str(),
            status,
        };
        serde_json::to_vec(&payload).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::plume::WindNow;

    fn check(state: DeviceState, value: f64, expected: Option<&str>) {
        let device = Wireless {
            topic: "park/at-401/reading".into(),
            analyzer: 0,
            channel: 0,
            unit: Unit::Ppm,
            high: 50.0,
        };
        let snapshot = Snapshot {
            t_s: 1.0,
            wind: WindNow { from_deg: 247.5, speed_m_s: 4.0 },
            shown: vec![value],
            truth: vec![value],
            states: vec![state],
        };
        let payload = device.payload(&snapshot, Timestamp::from_millis(1_767_225_600_000));
        let payload = payload.map(|bytes| String::from_utf8(bytes).unwrap());
        assert_eq!(payload.as_deref(), expected);
    }

    #[test]
    fn one_payload_per_state() {
        let text = |value: &str, status: &str| {
            format!(r#"{{"ts":1767225600000,"value":{value},"unit":"ppm","status":"{status}"}}"#)
        };
        check(DeviceState::Normal, 0.1 + 0.2, Some(&text("0.3", "ok")));
        check(DeviceState::Normal, 50.0, Some(&text("50.0", "over")));
        check(DeviceState::WarmUp, 0.52, Some(&text("0.52", "warmup")));
        check(DeviceState::Calibration, 25.0, Some(&text("25.0", "cal")));
        check(DeviceState::Inhibited, 0.0, Some(&text("0.0", "maint")));
        check(DeviceState::Fault, 0.0, Some(&text("null", "fault")));
        check(DeviceState::Dead, 0.52, None);
    }
}
