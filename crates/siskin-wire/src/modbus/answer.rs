//! The answers of one poll as the raw bits of each point.
//!
//! Knows nothing of scales, words or units; those are in [`super::raw`] and [`super::decode`].

use std::collections::BTreeMap;
use std::sync::Arc;

use siskin_model::Text;

use super::layout::Batch;
use super::plan::{Plan, Request};
use super::raw;
use crate::profile::{Point, PointType};

/// The answer to one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Of functions 3 and 4.
    Registers(Vec<u16>),
    /// Of functions 1 and 2.
    Bits(Vec<bool>),
    /// None, and why: an exception, for example. Only the points of this request are without a
    /// value.
    Nothing(Text),
}

/// Why the answers of a poll cannot be read at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Not one answer for each request.
    #[error("{requests} requests have {answers} answers; hint: report this as a defect")]
    Count {
        /// Requests of the plan.
        requests: usize,
        /// Answers given.
        answers: usize,
    },
    /// Too few or too many registers, or bits for registers.
    #[error(
        "the answer to function {fc} at {addr} has {got} values instead of {want}; \
         hint: compare the device with its profile"
    )]
    Shape {
        /// Function code.
        fc: u8,
        /// First address.
        addr: u16,
        /// Values it has.
        got: usize,
        /// Values asked for.
        want: u16,
    },
}

impl DecodeError {
    /// The message in both languages.
    pub fn text(&self) -> Text {
        let zh = match self {
            Self::Count { requests, answers } => {
                format!("{requests} 个请求收到 {answers} 个应答；请作为程序缺陷上报")
            }
            Self::Shape { fc, addr, got, want } => format!(
                "功能码 {fc}、地址 {addr} 的应答有 {got} 个值，应为 {want} 个；请核对设备与设备配置文件"
            ),
        };
        Text::new(zh, self.to_string())
    }
}

/// What one point showed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Raw<'a> {
    /// Its registers in order of arrival; none of functions 1 and 2.
    pub(super) registers: &'a [u16],
    /// Its bits; none of a text.
    pub(super) bits: u32,
}

/// What all points showed, or why they showed nothing.
#[derive(Debug)]
pub(super) struct Seen<'a>(BTreeMap<&'a str, Result<Raw<'a>, Text>>);

impl<'a> Seen<'a> {
    pub(super) fn raw(&self, name: &str) -> Result<Raw<'a>, Text> {
        match self.0.get(name) {
            Some(Ok(raw)) => Ok(*raw),
            Some(Err(why)) => Err(why.clone()),
            None => Err(Text::new(
                format!("没有读到测点“{name}”；请作为程序缺陷上报"),
                format!("point `{name}` was not read; hint: report this as a defect"),
            )),
        }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub(super) fn bits(&self, name: &str) -> Result<u32, Text> {
        self.raw(name).map(|raw| raw.bits)
    }
}

impl Plan {
    /// The raw bits of every point.
    pub(super) fn seen<'a>(&'a self, answers: &'a [Answer]) -> Result<Seen<'a>, DecodeError> {
        if answers.len() != self.batches.len() {
            return Err(DecodeError::Count {
                requests: self.batches.len(),
                answers: answers.len(),
            });
        }
        let mut seen = BTreeMap::new();
        for (batch, answer) in self.batches.iter().zip(answers) {
            check_shape(batch.request, answer)?;
            for (name, point) in self.points_of(batch) {
                seen.insert(name, raw_of(name, point, batch.request, answer));
            }
        }
        for name in self.lost() {
            // The layout's names are those of `self.points`.
            if let Some((name, _)) = self.points.get_key_value(name) {
                seen.insert(name, Err(refused(name)));
            }
        }
        Ok(Seen(seen))
    }

    /// The raw bits of the points that `exchanges` asked for, whoever's plan that was.
    pub(super) fn seen_in<'a>(&'a self, exchanges: &'a [(Request, Answer)]) -> Seen<'a> {
        let of_point = |(name, point): (&'a String, &'a Arc<Point>)| {
            let wanted = Request::of(point);
            let holds = |(asked, _): &&(Request, Answer)| {
                asked.fc == wanted.fc && asked.addr <= wanted.addr && wanted.end() <= asked.end()
            };
            let (asked, answer) = exchanges.iter().find(holds)?;
            Some((name.as_str(), raw_of(name, point, *asked, answer)))
        };
        Seen(self.points.iter().filter_map(of_point).collect())
    }

    fn points_of<'a>(&'a self, batch: &'a Batch) -> impl Iterator<Item = (&'a str, &'a Point)> {
        let names = batch.blocks.iter().flat_map(|block| &block.points);
        names.filter_map(|name| Some((name.as_str(), &**self.points.get(name)?)))
    }
}

fn refused(name: &str) -> Text {
    Text::new(
        format!("设备没有测点“{name}”的地址（Modbus 异常码 2）；请核对设备型号与设备配置文件"),
        format!(
            "the device has no address for point `{name}` (Modbus exception 2); \
             hint: compare model and profile"
        ),
    )
}

fn check_shape(request: Request, answer: &Answer) -> Result<(), DecodeError> {
    let (got, bits) = match answer {
        Answer::Registers(words) => (words.len(), false),
        Answer::Bits(bits) => (bits.len(), true),
        Answer::Nothing(_) => return Ok(()),
    };
    if got == usize::from(request.len) && bits == request.fc.is_bits() {
        return Ok(());
    }
    Err(DecodeError::Shape { fc: request.fc.into(), addr: request.addr, got, want: request.len })
}

fn raw_of<'a>(
    name: &str,
    point: &Point,
    request: Request,
    answer: &'a Answer,
) -> Result<Raw<'a>, Text> {
    let missing = || {
        Text::new(
            format!("应答中没有测点“{name}”；请作为程序缺陷上报"),
            format!("the answer does not hold point `{name}`; hint: report this as a defect"),
        )
    };
    let from = usize::from(point.addr.checked_sub(request.addr).ok_or_else(missing)?);
    let to = from + usize::from(point.span());
    match answer {
        Answer::Nothing(why) => Err(why.clone()),
        Answer::Bits(bits) => {
            let bit = *bits.get(from).ok_or_else(missing)?;
            Ok(Raw { registers: &[], bits: bit.into() })
        }
        Answer::Registers(words) => {
            let registers = words.get(from..to).ok_or_else(missing)?;
            let bits = bits_of(point, registers).ok_or_else(missing)?;
            Ok(Raw { registers, bits })
        }
    }
}

fn bits_of(point: &Point, registers: &[u16]) -> Option<u32> {
    match (point.kind, registers) {
        (PointType::Text, _) => Some(0),
        (_, [word]) => Some(u32::from(*word)),
        (_, [first, second]) => Some(raw::assemble(*first, *second, point.order?)),
        _ => None,
    }
}
