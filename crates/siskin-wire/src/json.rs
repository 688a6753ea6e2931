//! JSON payloads of one device or gateway, read by the pointers of its profile.
//!
//! A payload that cannot be read gives a refusal with a reason, never a number. The device's time
//! is believed only near the arrival, so one bad clock does not move a channel (invariant 6).

mod node;
mod path;
mod shape;
mod status;
mod texts;
mod time;
mod value;

use siskin_model::{Quality, Text, Timestamp};

use self::node::Node;
use self::shape::Shape;
use self::status::{Status, stronger};
use self::time::Time;
use self::value::{Found, Wanted};
use crate::profile::{DeviceProfile, Transport};
use crate::slot::{PointReading, Refusal, Slot, SlotError};

/// How much of a word from outside is repeated in a message.
const QUOTE_CHARS_MAX: usize = 40;

/// What one record of a payload said.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    /// When it was measured: the device's time where it is believed, else the arrival.
    pub measured_at: Timestamp,
    /// Whether that is the device's time.
    pub is_device_time: bool,
    /// Readings of the slots the payload speaks of.
    pub values: Vec<PointReading>,
    /// What was not taken, and why.
    pub refused: Vec<Refusal>,
}

/// Reads the payloads of one device.
#[derive(Debug, Clone)]
pub struct Mapping {
    wanted: Vec<Wanted>,
    shape: Shape,
    time: Option<Time>,
    status: Option<Status>,
    payload_max_bytes: usize,
}

impl Mapping {
    /// The mapping that serves `slots` from a device of `profile`. The profile must have passed
    /// [`DeviceProfile::check`].
    pub fn new(profile: &DeviceProfile, slots: Vec<Slot>) -> Result<Self, SlotError> {
        let (Transport::MqttJson, Some(json)) = (profile.transport, &profile.json) else {
            return Err(SlotError::Transport(profile.id.clone()));
        };
        let with_value = |slot: Slot| match json.values.get(&slot.point) {
            Some(value) => Ok(Wanted::new(slot, value)),
            None => Err(SlotError::NoPoint {
                profile: profile.id.clone(),
                point: slot.point,
                known: profile.value_points().join(", "),
            }),
        };
        Ok(Self {
            wanted: slots.into_iter().map(with_value).collect::<Result<_, _>>()?,
            shape: Shape::new(json),
            time: json.time.as_ref().map(Time::new),
            status: json.status.as_ref().map(Status::new),
            payload_max_bytes: profile.limits.payload_max_bytes,
        })
    }

    /// Reads `payload` that arrived at `received_at`: one entry for each of its records.
    /// `backlog_ms` is how old a trusted device time may be beyond the profile's skew because the
    /// message was kept for us: 0 in normal operation. A payload that cannot be read gives the
    /// refusal only.
    pub fn decode(
        &self,
        payload: &[u8],
        received_at: Timestamp,
        backlog_ms: u32,
    ) -> Result<Vec<Decoded>, Refusal> {
        let (records, cut) = self.shape.records(self.parse(payload)?)?;
        let is_batch = records.len() > 1;
        let record = |record| self.record(record, received_at, backlog_ms, is_batch);
        let mut out: Vec<_> = records.into_iter().map(record).collect();
        if let Some(first) = out.first_mut() {
            first.refused.extend(cut);
        }
        Ok(out)
    }

    fn record(
        &self,
        mut record: Node<'_>,
        received_at: Timestamp,
        backlog_ms: u32,
        is_batch: bool,
    ) -> Decoded {
        self.shape.by_name(&mut record);
        let time = self.time.as_ref();
        let device = time.map(|time| time.measured_at(&record, received_at, backlog_ms));
        let mut out = Decoded {
            measured_at: received_at,
            is_device_time: false,
            values: Vec::new(),
            refused: Vec::new(),
        };
        match device.unwrap_or(Ok(None)) {
            Ok(None) => {}
            Ok(Some(device)) => (out.measured_at, out.is_device_time) = (device, true),
            Err(refusal) => out.refused.push(refusal),
        }
        // One of several records lay in a buffer: the arrival says nothing about it.
        if is_batch && !out.is_device_time {
            if out.refused.is_empty() {
                out.refused.push(Refusal { point: "payload".into(), reason: texts::untimed() });
            }
            return out;
        }
        self.values(&record, &mut out);
        out
    }

    fn values(&self, record: &Node<'_>, out: &mut Decoded) {
        let state = self.status.as_ref().map(|status| status.said(status.find(record)));
        let (state, why) = state.unwrap_or((Quality::Good, None));
        if let Some(reason) = why.filter(|_| state == Quality::Fault) {
            out.refused.push(Refusal { point: "payload".into(), reason });
        }
        let found: Vec<Found<'_, '_>> = self.wanted.iter().map(|w| w.find(record)).collect();
        // Devices that send only what changed leave other values out; a payload without any
        // value says nothing about the air.
        let partial = found.iter().any(|found| found.is_told());
        out.values.reserve_exact(found.len());
        for (index, (wanted, found)) in self.wanted.iter().zip(found).enumerate() {
            if partial && !found.is_told() {
                continue;
            }
            let own = wanted.status.as_ref().map(|status| status.said(found.word));
            let (own, why) = own.unwrap_or((Quality::Good, None));
            // A value beside the word that it is wrong is no measurement.
            let number = match own {
                Quality::Fault => {
                    Err(why.clone().unwrap_or_else(|| texts::wrong(&wanted.value.pointer)))
                }
                _ => wanted.measured(found, record),
            };
            let (reading, refusal) = wanted.slot.place(index, number, stronger(own, state));
            out.values.push(reading);
            let why = why.map(|reason| Refusal { point: wanted.slot.point.clone(), reason });
            out.refused.extend(refusal.or(why));
        }
    }

    fn parse<'a>(&self, payload: &'a [u8]) -> Result<Node<'a>, Refusal> {
        let refuse = |reason: Text| Refusal { point: "payload".into(), reason };
        if payload.len() > self.payload_max_bytes {
            return Err(refuse(texts::too_long(payload.len(), self.payload_max_bytes)));
        }
        serde_json::from_slice(payload)
            .map_err(|error| refuse(texts::why_not_json(payload, &error)))
    }
}

/// Text from outside, short enough to be shown.
fn quote(text: &str) -> String {
    if text.chars().count() <= QUOTE_CHARS_MAX {
        return text.to_owned();
    }
    let start: String = text.chars().take(QUOTE_CHARS_MAX).collect();
    format!("{start}…")
}

#[cfg(test)]
mod tests;
