//! One analyzer behind a node or device: from metrics to readings.

use siskin_model::{Quality, Text, Timestamp, Unit};

use super::births::{Births, Named};
use super::payload::{Metric, Payload};
use super::stamp::{Lane, Moment, moment};
use crate::profile::{
    DeviceProfile, SparkplugMapping, SparkplugStatus, SparkplugValue, Transport, unit_of,
};
use crate::slot::{Measured, PointReading, Refusal, Slot, SlotError};

/// The property in which a metric judges itself (6.4.16 of the standard).
const QUALITY_KEY: &str = "Quality";
/// Its three codes; others come from OPC and are doubted [unverified].
const QUALITY_BAD: u64 = 0;
const QUALITY_GOOD: u64 = 192;
const QUALITY_STALE: u64 = 500;
/// How much of a word from outside is repeated in a message.
const QUOTE_CHARS_MAX: usize = 40;

/// A reading and its time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stamped {
    /// When it was measured.
    pub measured_at: Timestamp,
    /// What was read.
    pub point: PointReading,
}

/// What a payload said of one analyzer.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Heard {
    pub(super) readings: Vec<Stamped>,
    pub(super) refused: Vec<Refusal>,
    /// Something does not fit the birth certificate.
    pub(super) misfit: bool,
}

/// One analyzer and what it is in Sparkplug.
#[derive(Debug, Clone)]
pub struct Member {
    pub(super) group: String,
    pub(super) node: String,
    pub(super) device: Option<String>,
    mapping: SparkplugMapping,
    slots: Vec<(Slot, SparkplugValue)>,
    /// The device's last word about itself.
    state: Quality,
    /// The last live number of each slot, with the quality its metric had by itself.
    last: Vec<Option<(Result<Measured, Text>, Quality)>>,
}

/// The device changed its word about itself, at this time of its own.
struct Change {
    stamp: Option<u64>,
}

/// The state before a device has said one.
fn unsaid(status: Option<&SparkplugStatus>) -> Quality {
    if status.is_some() { Quality::Uncertain } else { Quality::Good }
}

impl Member {
    /// The analyzer that serves `slots`, a device of `profile`, which must have passed
    /// [`DeviceProfile::check`].
    pub fn new(
        (group, node, device): (&str, &str, Option<&str>),
        profile: &DeviceProfile,
        slots: Vec<Slot>,
    ) -> Result<Self, SlotError> {
        let (Transport::SparkplugB, Some(mapping)) = (profile.transport, &profile.sparkplug) else {
            return Err(SlotError::Transport(profile.id.clone()));
        };
        let with_value = |slot: Slot| match mapping.values.get(&slot.point) {
            Some(value) => Ok((slot, value.clone())),
            None => Err(SlotError::NoPoint {
                profile: profile.id.clone(),
                point: slot.point,
                known: profile.value_points().join(", "),
            }),
        };
        let slots: Vec<_> = slots.into_iter().map(with_value).collect::<Result<_, _>>()?;
        Ok(Self {
            group: group.into(),
            node: node.into(),
            device: device.map(str::to_owned),
            mapping: mapping.clone(),
            state: unsaid(mapping.status.as_ref()),
            last: vec![None; slots.len()],
            slots,
        })
    }

    /// A birth certificate: what was known is forgotten, and its values are the newest there are.
    pub(super) fn born(&mut self, payload: &Payload, births: &Births, now: Timestamp) -> Heard {
        self.state = unsaid(self.mapping.status.as_ref());
        self.last.fill(None);
        let mut heard = self.read(payload, births, Lane::Birth, now);
        for (slot, value) in &self.slots {
            let is_it = |metric: &Metric| metric.name.as_deref() == Some(value.metric.as_str());
            if !payload.metrics.iter().any(is_it) {
                let reason = not_born(&value.metric);
                heard.refused.push(Refusal { point: slot.point.clone(), reason });
            }
        }
        heard
    }

    /// Data of the node or device.
    pub(super) fn data(&mut self, payload: &Payload, births: &Births, now: Timestamp) -> Heard {
        self.read(payload, births, Lane::Live, now)
    }

    fn read(&mut self, payload: &Payload, births: &Births, lane: Lane, now: Timestamp) -> Heard {
        let mut heard = Heard::default();
        let named = payload.metrics.iter();
        let named: Vec<_> = named.filter_map(|m| Some((m, births.name(m)?))).collect();
        let changed = self.hear_state(&named);
        // What was kept has its own state: the one that was kept before it.
        let mut past_state = unsaid(self.mapping.status.as_ref());
        let mut fresh = vec![false; self.slots.len()];
        for (metric, named) in &named {
            let (lane, state) = if metric.is_past() {
                past_state = self.word(metric, named).unwrap_or(past_state);
                (Lane::Past, past_state)
            } else {
                (lane, self.state)
            };
            for index in 0..self.slots.len() {
                if self.is_of(index, named.name) {
                    let stamp = metric.timestamp.or(payload.timestamp);
                    let when = moment(&self.mapping.time, stamp, lane, now);
                    if lane != Lane::Past
                        && let Some(fresh) = fresh.get_mut(index)
                    {
                        *fresh = true;
                    }
                    self.place(index, metric, named, (lane, state, when), now, &mut heard);
                }
            }
        }
        if let Some(Change { stamp }) = changed.filter(|_| lane == Lane::Live) {
            self.say_again(stamp.or(payload.timestamp), &fresh, now, &mut heard);
        }
        heard
    }

    fn is_of(&self, index: usize, name: &str) -> bool {
        self.slots.get(index).is_some_and(|(_, value)| value.metric == name)
    }

    /// The device's own word, where `metric` is it.
    fn word(&self, metric: &Metric, named: &Named<'_>) -> Option<Quality> {
        let status = self.mapping.status.as_ref()?;
        if named.name != status.metric {
            return None;
        }
        let word = metric.word(named.known.datatype);
        let known = word.and_then(|word| status.words.get(&word).copied());
        Some(known.unwrap_or(Quality::Uncertain))
    }

    /// Takes the newest live word; the stamp of it where it changed the state.
    fn hear_state(&mut self, named: &[(&Metric, Named<'_>)]) -> Option<Change> {
        let live = named.iter().filter(|(metric, _)| !metric.is_past());
        let mut words = live.filter_map(|(m, named)| Some((self.word(m, named)?, m.timestamp)));
        let (state, stamp) = words.next_back()?;
        let changed = self.state != state;
        self.state = state;
        changed.then_some(Change { stamp })
    }

    fn place(
        &mut self,
        index: usize,
        metric: &Metric,
        named: &Named<'_>,
        (lane, state, when): (Lane, Quality, Moment),
        now: Timestamp,
        heard: &mut Heard,
    ) {
        let Some((slot, value)) = self.slots.get(index) else { return };
        let measured_at = match when {
            Moment::At(at) => at,
            Moment::Arrival(refusal) => {
                heard.refused.push(refusal);
                now
            }
            Moment::None(refusal) => {
                heard.refused.extend(refusal);
                return;
            }
        };
        let said = metric.datatype.filter(|said| *said != 0);
        let changed = said.filter(|said| *said != named.known.datatype);
        heard.misfit |= changed.is_some();
        let own = own_quality(metric, named.doubted);
        let number = match changed {
            Some(said) => Err(other_type(named.name, named.known.datatype, said)),
            None => measured(metric, named, value, own),
        };
        let worth = worse(state, own);
        let (point, refusal) = slot.place(index, number.clone(), worth);
        heard.readings.push(Stamped { measured_at, point });
        heard.refused.extend(refusal);
        if lane != Lane::Past
            && let Some(last) = self.last.get_mut(index)
        {
            *last = Some((number, own));
        }
    }

    /// In Sparkplug a value stands until another comes. When the device changes its word about
    /// itself, what stands is worth something else from then on.
    fn say_again(&mut self, stamp: Option<u64>, fresh: &[bool], now: Timestamp, heard: &mut Heard) {
        let measured_at = match moment(&self.mapping.time, stamp, Lane::Live, now) {
            Moment::At(at) => at,
            Moment::Arrival(_) | Moment::None(_) => now,
        };
        let standing = self.slots.iter().zip(&self.last).zip(fresh).enumerate();
        for (index, (((slot, _), last), fresh)) in standing {
            if let (Some((number, own)), false) = (last, fresh) {
                let worth = worse(self.state, *own);
                let (point, _) = slot.place(index, number.clone(), worth);
                heard.readings.push(Stamped { measured_at, point });
            }
        }
    }
}

/// What the metric says of itself, and whether an alias is all that names it.
fn own_quality(metric: &Metric, doubted: bool) -> Quality {
    let property = metric.property(QUALITY_KEY);
    let code = property.and_then(|p| p.int.map(u64::from).or(p.long));
    match code {
        Some(QUALITY_BAD) => Quality::Fault,
        Some(QUALITY_STALE) => Quality::CommLost,
        None | Some(QUALITY_GOOD) if !doubted => Quality::Good,
        _ => Quality::Uncertain,
    }
}

/// The device's `state` where it announces something, else what the metric says.
fn worse(state: Quality, own: Quality) -> Quality {
    match (state, own) {
        (Quality::Good, own) => own,
        (Quality::Uncertain, own) if own != Quality::Good => own,
        (state, _) => state,
    }
}

fn measured(
    metric: &Metric,
    named: &Named<'_>,
    value: &SparkplugValue,
    own: Quality,
) -> Result<Measured, Text> {
    let name = named.name;
    if matches!(own, Quality::Fault | Quality::CommLost) {
        return Err(Text::new(format!("“{name}”的质量码为坏"), format!("`{name}` says it is bad")));
    }
    if metric.is_null.unwrap_or(false) || metric.value.is_none() {
        return Err(Text::new(
            format!("“{name}”为空（is_null）；设备没有数值时，请在状态中说明原因"),
            format!("`{name}` is null; hint: a device without a value says why in its status"),
        ));
    }
    let number = metric.number(named.known.datatype).ok_or_else(|| {
        let datatype = named.known.datatype;
        Text::new(
            format!("“{name}”（数据类型 {datatype}）不是有限数值；请让节点发送整数或浮点数"),
            format!(
                "`{name}` (data type {datatype}) is no finite number; \
                 hint: let the node send a whole number or a float"
            ),
        )
    })?;
    Ok(Measured { number, unit: unit(name, value, named.known.unit.as_deref()) })
}

/// The unit by the profile and by the birth; where both say one, they must agree.
fn unit(name: &str, value: &SparkplugValue, said: Option<&str>) -> Result<Unit, Text> {
    let Some(word) = said else {
        return value.unit.ok_or_else(|| {
            Text::new(
                format!("“{name}”没有单位；请在设备配置文件中写 unit，或让节点发送 engUnit"),
                format!(
                    "`{name}` has no unit; hint: write `unit` in the profile, or let the node \
                     send `engUnit`"
                ),
            )
        });
    };
    let shown = quote(word);
    let ours = value.unit_words.get(word).copied().or_else(|| unit_of(word));
    let unit = ours.ok_or_else(|| {
        Text::new(
            format!("“{name}”的单位“{shown}”无法识别；请在设备配置文件的 unit_words 中列出"),
            format!(
                "`{name}` says the unit `{shown}`, which is none of ours; \
                 hint: list it in `unit_words` of the profile"
            ),
        )
    })?;
    match value.unit {
        Some(wanted) if wanted != unit => {
            let wanted = wanted.as_str();
            Err(Text::new(
                format!("“{name}”的单位是“{shown}”，设备配置文件写的是 {wanted}；请更正其中之一"),
                format!(
                    "`{name}` says the unit `{shown}`, the profile says {wanted}; \
                     hint: correct one of the two"
                ),
            ))
        }
        _ => Ok(unit),
    }
}

fn not_born(name: &str) -> Text {
    Text::new(
        format!("出生报文中没有测点“{name}”；请核对设备配置文件中的 metric"),
        format!("the birth has no metric `{name}`; hint: compare `metric` in the profile"),
    )
}

fn other_type(name: &str, born: u32, said: u32) -> Text {
    Text::new(
        format!("“{name}”的数据类型从 {born} 变为 {said}，未采用；已请求节点重新发送出生报文"),
        format!(
            "the data type of `{name}` changed from {born} to {said}, it is not taken; \
             hint: the node is asked for its births, see its settings if this stays"
        ),
    )
}

/// Text from outside, short enough to be shown.
fn quote(text: &str) -> String {
    text.chars().take(QUOTE_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests;
