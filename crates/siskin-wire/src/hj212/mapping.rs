//! From a packet to the readings of one analyzer.
//!
//! The time is the logger's `DataTime`; only real-time data whose time cannot be meant count at
//! their arrival, with a refusal that says so. A number beside a flag that says that nothing was
//! measured is dropped.

use siskin_model::{Quality, Text, Timestamp, Unit};

use super::content::{Content, Factor, number};
use super::{Packet, SealError, ask, flag, moment};
use crate::profile::{DeviceProfile, Fill, Hj212Mapping, Hj212Value, Transport};
use crate::slot::{Measured, PointReading, Refusal, Slot, SlotError};

/// How far ahead of the arrival a stamp may be; more is set aside by the station (see
/// ARCHITECTURE.md, Time).
const AHEAD_MAX_MS: i64 = 5_000;
/// How many factors of a packet are named when none of them is ours.
const NAMED_MAX: usize = 6;
/// How much of a text from outside is repeated in a message.
const QUOTE_CHARS_MAX: usize = 40;

/// What a packet is to an analyzer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Instant values (CN 2011), new or sent again.
    RealTime,
    /// Averages that the profile takes to fill gaps; `measured_at` is the begin of their period.
    Fill,
}

/// What one packet said.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    /// When it was measured.
    pub measured_at: Timestamp,
    /// Whether that is the logger's word and not the arrival.
    pub is_time_believed: bool,
    /// Readings of the slots the packet speaks of.
    pub values: Vec<PointReading>,
    /// What was not taken, and why.
    pub refused: Vec<Refusal>,
}

/// Reads the packets of one logger.
#[derive(Debug, Clone)]
pub struct Mapping {
    slots: Vec<(Slot, Hj212Value)>,
    profile: Hj212Mapping,
    utc_offset_s: i32,
}

impl Mapping {
    /// The mapping that serves `slots` from a logger of `profile`, whose times are local at
    /// `utc_offset_s` seconds east of UTC.
    pub fn new(
        profile: &DeviceProfile,
        slots: Vec<Slot>,
        utc_offset_s: i32,
    ) -> Result<Self, SlotError> {
        let (Transport::Hj212, Some(mapping)) = (profile.transport, &profile.hj212) else {
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
        let slots = slots.into_iter().map(with_value).collect::<Result<_, _>>()?;
        Ok(Self { slots, profile: mapping.clone(), utc_offset_s })
    }

    /// Which averages fill gaps.
    pub fn fill(&self) -> Option<Fill> {
        self.profile.fill
    }

    /// How old a `DataTime` may be to be believed.
    pub fn backlog_max_ms(&self) -> i64 {
        i64::from(self.profile.backlog_max_s) * 1000
    }

    /// Seconds east of UTC of the times of this logger.
    pub fn utc_offset_s(&self) -> i32 {
        self.utc_offset_s
    }

    /// What a packet with the command `cn` is; none: nothing is taken of it.
    pub fn kind(&self, cn: u16) -> Option<Kind> {
        let fill = self.profile.fill.map(Fill::cn);
        match cn {
            ask::REAL_TIME => Some(Kind::RealTime),
            cn if Some(cn) == fill => Some(Kind::Fill),
            _ => None,
        }
    }

    /// Reads `packet` that arrived at `received_at`. `data_time` is its `DataTime`, see
    /// [`super::Parts`]. A packet of which nothing can be taken gives the refusal only.
    pub fn decode(
        &self,
        packet: &Packet,
        kind: Kind,
        data_time: Option<&str>,
        received_at: Timestamp,
    ) -> Result<Decoded, Refusal> {
        if packet.is_encrypted() {
            // It should have been opened; whatever it is, it is no number.
            return Err(refusal("CP", SealError::NotAgreed { mn: packet.mn.clone() }.text()));
        }
        let content = Content::of(&packet.cp);
        let (measured_at, late) = match self.believed(data_time, received_at) {
            Ok(at) => (at, None),
            // Never as one of now: what is sent again, and averages.
            Err(why) if packet.is_resent || kind == Kind::Fill => {
                return Err(refusal("DataTime", why));
            }
            Err(why) => (received_at, Some(refusal("DataTime", arrival_counts(&why)))),
        };
        let mut out = Decoded {
            measured_at,
            is_time_believed: late.is_none(),
            values: Vec::new(),
            refused: late.into_iter().collect(),
        };
        for (index, (slot, value)) in self.slots.iter().enumerate() {
            let Some(factor) = content.factors.get(value.factor.as_str()) else {
                continue;
            };
            let (number, state) = self.said(factor, value.unit, kind);
            let (reading, refusal) = slot.place(index, number, state);
            out.values.push(reading);
            out.refused.extend(refusal);
        }
        if out.values.is_empty() && packet.part.is_none() {
            out.refused.push(refusal("CP", self.none_of_ours(&content)));
        }
        Ok(out)
    }

    /// The number and the state of one factor.
    fn said(
        &self,
        factor: &Factor<'_>,
        unit: Unit,
        kind: Kind,
    ) -> (Result<Measured, Text>, Quality) {
        let field = if kind == Kind::Fill { "Avg" } else { "Rtd" };
        let missing = self.profile.flag_missing.quality();
        let state = match (kind, factor.field("Flag").map_or(missing, flag::quality)) {
            // A mean hides its peaks: it is judged, and shown as what it is.
            (Kind::Fill, Quality::Good) => Quality::Uncertain,
            (_, state) => state,
        };
        let silent = matches!(state, Quality::Fault | Quality::CommLost);
        let text = factor.field(field).filter(|_| !silent && !factor.contradicts_itself());
        let measured = match text.and_then(number) {
            Some(number) => Ok(Measured { number, unit: Ok(unit) }),
            None => Err(no_number(factor, field)),
        };
        (measured, state)
    }

    fn believed(&self, data_time: Option<&str>, received_at: Timestamp) -> Result<Timestamp, Text> {
        let text = data_time.ok_or_else(|| {
            Text::new(
                "报文中没有 DataTime；请检查数采仪程序",
                "a packet has no `DataTime`; hint: check the logger's program",
            )
        })?;
        let at = moment::parse(text, self.utc_offset_s).ok_or_else(|| {
            let said = quote(text);
            Text::new(
                format!("DataTime“{said}”无法识别；请检查数采仪程序"),
                format!("the `DataTime` `{said}` cannot be read; hint: check the logger's program"),
            )
        })?;
        let age_ms = received_at.since_ms(at);
        if (-AHEAD_MAX_MS..=self.backlog_max_ms()).contains(&age_ms) {
            return Ok(at);
        }
        let off_s = age_ms.unsigned_abs() / 1000;
        let (side_zh, side) = if age_ms < 0 { ("快", "fast") } else { ("慢", "slow") };
        Err(Text::new(
            format!("数采仪时钟{side_zh} {off_s} s；请校时，或设置 sets_clock = true"),
            format!(
                "the logger's clock is {off_s} s {side}; \
                 hint: set it, or write `sets_clock = true`"
            ),
        ))
    }

    fn none_of_ours(&self, content: &Content<'_>) -> Text {
        let wanted: Vec<_> = self.slots.iter().map(|(_, value)| value.factor.as_str()).collect();
        let found: Vec<_> = content.factors.keys().copied().take(NAMED_MAX).collect();
        let (wanted, found) = (wanted.join(", "), quote(&found.join(", ")));
        Text::new(
            format!(
                "报文中没有所需因子（{wanted}），只有：{found}；请核对设备配置文件中的因子编码"
            ),
            format!(
                "a packet has none of the factors {wanted}, it has: {found}; \
                 hint: compare the factors of the profile"
            ),
        )
    }
}

fn refusal(point: &str, reason: Text) -> Refusal {
    Refusal { point: point.to_owned(), reason }
}

fn no_number(factor: &Factor<'_>, field: &str) -> Text {
    if factor.contradicts_itself() {
        return Text::new(
            "同一字段出现两个不同的值；请检查数采仪程序",
            "one field has two values; hint: check the logger's program",
        );
    }
    let found = quote(factor.field(field).unwrap_or_default());
    Text::new(
        format!("{field} 的值“{found}”不是数值；数采仪没有数值时，请用 Flag 说明原因"),
        format!(
            "`{field}` is `{found}`, not a number; \
             hint: a logger without a value says why in `Flag`"
        ),
    )
}

fn arrival_counts(why: &Text) -> Text {
    Text::new(format!("以到达时间为准：{}", why.zh), format!("the arrival counts: {}", why.en))
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
