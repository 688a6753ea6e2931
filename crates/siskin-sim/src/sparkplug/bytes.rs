//! The protobuf of Sparkplug B, written by hand: `Payload` has timestamp 1, metrics 2, seq 3;
//! `Metric` has name 1, alias 2, timestamp 3, datatype 4, is_historical 5, is_null 7, properties 9,
//! long 11, double 13, boolean 14, string 15.

use siskin_model::Timestamp;

const UINT64: u64 = 8;
const DOUBLE: u64 = 10;
const BOOLEAN: u64 = 11;
const STRING: u64 = 12;

/// Wire types of protobuf.
const VARINT: u64 = 0;
const FIXED64: u64 = 1;
const BYTES: u64 = 2;

/// Whether names and types are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Birth,
    Data,
}

/// A metric to send.
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    name: String,
    alias: Option<u64>,
    value: Value,
    unit: Option<String>,
    measured_at: Option<Timestamp>,
    historical: bool,
}

#[derive(Debug, Clone, PartialEq)]
enum Value {
    Null,
    Number(f64),
    Count(u64),
    Flag(bool),
    Text(String),
}

impl Metric {
    fn new(name: &str, alias: Option<u64>, value: Value) -> Self {
        Self { name: name.into(), alias, value, unit: None, measured_at: None, historical: false }
    }

    /// A number in `unit`; none: the metric is null.
    pub fn number(name: &str, alias: u64, value: Option<f64>, unit: &str) -> Self {
        let value = value.map_or(Value::Null, Value::Number);
        Self { unit: Some(unit.into()), ..Self::new(name, Some(alias), value) }
    }

    /// A text.
    pub fn text(name: &str, alias: u64, value: &str) -> Self {
        Self::new(name, Some(alias), Value::Text(value.into()))
    }

    /// As it was at `measured_at`, kept since then.
    #[must_use]
    pub fn kept_since(self, measured_at: Timestamp) -> Self {
        Self { measured_at: Some(measured_at), historical: true, ..self }
    }

    pub(super) fn bd_seq(number: u64) -> Self {
        Self::new("bdSeq", None, Value::Count(number))
    }

    pub(super) fn rebirth() -> Self {
        Self::new("Node Control/Rebirth", None, Value::Flag(false))
    }

    fn bytes(&self, kind: Kind, sent_at: Option<Timestamp>) -> Vec<u8> {
        let mut out = Vec::new();
        if kind == Kind::Birth || self.alias.is_none() {
            length(&mut out, 1, self.name.as_bytes());
        }
        if let Some(alias) = self.alias {
            number(&mut out, 2, alias);
        }
        if let Some(at) = self.measured_at.or(sent_at) {
            number(&mut out, 3, at.as_millis().unsigned_abs());
        }
        if kind == Kind::Birth {
            let datatype = match self.value {
                Value::Null | Value::Number(_) => DOUBLE,
                Value::Count(_) => UINT64,
                Value::Flag(_) => BOOLEAN,
                Value::Text(_) => STRING,
            };
            number(&mut out, 4, datatype);
        }
        if self.historical {
            number(&mut out, 5, 1);
        }
        if let (Some(unit), Kind::Birth) = (&self.unit, kind) {
            length(&mut out, 9, &unit_property(unit));
        }
        match &self.value {
            Value::Null => number(&mut out, 7, 1),
            Value::Number(value) => {
                key(&mut out, 13, FIXED64);
                out.extend(value.to_le_bytes());
            }
            Value::Count(value) => number(&mut out, 11, *value),
            Value::Flag(value) => number(&mut out, 14, u64::from(*value)),
            Value::Text(value) => length(&mut out, 15, value.as_bytes()),
        }
        out
    }
}

/// One property: key 1, value 2 with type 1 and string 8.
fn unit_property(unit: &str) -> Vec<u8> {
    let (mut value, mut out) = (Vec::new(), Vec::new());
    number(&mut value, 1, STRING);
    length(&mut value, 8, unit.as_bytes());
    length(&mut out, 1, b"engUnit");
    length(&mut out, 2, &value);
    out
}

pub(super) fn payload(
    sent_at: Option<Timestamp>,
    seq: Option<u8>,
    metrics: &[Metric],
    kind: Kind,
) -> Vec<u8> {
    let mut out = Vec::new();
    if let Some(at) = sent_at {
        number(&mut out, 1, at.as_millis().unsigned_abs());
    }
    for metric in metrics {
        length(&mut out, 2, &metric.bytes(kind, sent_at));
    }
    if let Some(seq) = seq {
        number(&mut out, 3, seq.into());
    }
    out
}

fn key(out: &mut Vec<u8>, tag: u64, wire: u64) {
    varint(out, tag << 3 | wire);
}

fn number(out: &mut Vec<u8>, tag: u64, value: u64) {
    key(out, tag, VARINT);
    varint(out, value);
}

fn length(out: &mut Vec<u8>, tag: u64, body: &[u8]) {
    key(out, tag, BYTES);
    varint(out, body.len() as u64);
    out.extend_from_slice(body);
}

/// Seven bits a byte, the lowest first; the top bit says that more follow.
fn varint(out: &mut Vec<u8>, mut value: u64) {
    loop {
        let low = value.to_le_bytes()[0] & 0x7F;
        value >>= 7;
        if value == 0 {
            return out.push(low);
        }
        out.push(low | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use siskin_wire::sparkplug::payload::decode;

    use super::*;

    #[test]
    fn the_stations_decoder_reads_what_is_written_here() {
        let at = |ms| Timestamp::from_millis(ms);
        let metrics = [
            Metric::number("Gas/Value", 300, Some(0.52), "ppm"),
            Metric::text("Gas/Status", 2, "ok").kept_since(at(900)),
            Metric::number("Gas/Value", 300, None, "ppm"),
            Metric::bd_seq(7),
        ];
        let birth = decode(&payload(Some(at(1_000)), Some(255), &metrics, Kind::Birth)).unwrap();
        assert_eq!((birth.timestamp, birth.seq), (Some(1_000), Some(255)));
        let [value, status, null, bd_seq] = birth.metrics.as_slice() else { panic!("{birth:?}") };
        assert_eq!((value.name.as_deref(), value.alias), (Some("Gas/Value"), Some(300)));
        assert_eq!((value.number(10), value.timestamp), (Some(0.52), Some(1_000)));
        assert_eq!(value.property("engUnit").unwrap().text.as_deref(), Some("ppm"));
        assert_eq!((status.word(12).as_deref(), status.timestamp), (Some("ok"), Some(900)));
        assert!(status.is_past() && !value.is_past());
        assert_eq!((null.is_null, null.number(10)), (Some(true), None));
        assert_eq!(bd_seq.number(8), Some(7.0));
        let data = decode(&payload(Some(at(1_000)), Some(1), &metrics, Kind::Data)).unwrap();
        assert_eq!((&data.metrics[0].name, data.metrics[0].datatype), (&None, None));
    }
}
