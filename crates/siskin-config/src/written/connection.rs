//! How an analyzer is reached, as written: one of `modbus`, `mqtt`, `sparkplug` and `hj212`.

use siskin_model::site::{Connection, Parity, SerialLine};

use super::hj212::Logger;
use crate::fields::{Fields, FromNode};
use crate::node::Node;
use crate::problems::{Draft, Problems};
use crate::sources::At;

/// TCP port of Modbus (IANA).
const MODBUS_PORT_DEFAULT: u16 = 502;
/// Modbus over serial line 1.02, 3.3: even parity and 9,600 or 19,200 bits a second; most gas
/// devices leave the factory with 9,600.
const BAUD_DEFAULT: u32 = 9_600;
/// Slave addresses of a line (Modbus over serial line 1.02, 2.2).
const SLAVES: std::ops::RangeInclusive<u8> = 1..=247;

/// The keys, exactly one of which an analyzer has.
const KEYS: [&str; 4] = ["modbus", "mqtt", "sparkplug", "hj212"];

/// Reads the one key that says how an analyzer is reached.
pub(super) fn read(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<At<Connection>> {
    let written: Vec<&str> = KEYS.into_iter().filter(|key| fields.has(key)).collect();
    let modbus =
        fields.optional("modbus", problems).map(|At { value: Modbus(c), place }| (c, place));
    let mqtt = fields.optional("mqtt", problems).map(|At { value: Topic(c), place }| (c, place));
    let sparkplug =
        fields.optional("sparkplug", problems).map(|At { value: Sparkplug(c), place }| (c, place));
    let hj212 = fields.optional("hj212", problems).map(|At { value: Logger(c), place }| (c, place));
    if written.len() != 1 {
        let message = match written.as_slice() {
            [] => "an analyzer has none of `modbus`, `mqtt`, `sparkplug` and `hj212`".to_owned(),
            keys => format!("an analyzer has `{}`", keys.join("` and `")),
        };
        let hint = "write `modbus = { host = …, port = …, unit = … }`, \
                    `modbus = { serial = …, unit = … }`, `mqtt = { topic = … }`, \
                    `sparkplug = { group = …, node = … }` or `hj212 = { mn = … }`, one of them";
        problems.add(Draft::new(message, hint).at(fields.place(), "how is it reached"));
        return None;
    }
    let (value, place) = modbus.or(mqtt).or(sparkplug).or(hj212)?;
    Some(At { value, place })
}

struct Modbus(Connection);

impl FromNode for Modbus {
    fn from_node(node: &Node, _: &str, problems: &mut Problems) -> Option<Self> {
        let mut fields = Fields::of(node, "`modbus`", problems)?;
        let (serial, host) = (fields.has("serial"), fields.has("host"));
        if serial && host {
            let message = "`modbus` has both `host` and `serial`";
            let hint = "write `host` for a network line, `serial` for a serial one";
            problems.add(Draft::new(message, hint).at(node.place, "which line"));
            return None;
        }
        let unit: Option<At<u8>> = fields.or("unit", At { value: 1, place: node.place }, problems);
        let connection = if serial {
            let line = serial_line(&mut fields, problems);
            fields.finish(problems);
            Connection::ModbusRtu { line: line?, unit: unit?.value }
        } else {
            let host = fields.required("host", problems);
            let port = fields.or("port", MODBUS_PORT_DEFAULT, problems);
            let framing: Option<Framing> = fields.or("framing", Framing::Tcp, problems);
            fields.finish(problems);
            let (host, port, unit) = (host?, port?, unit?.value);
            match framing? {
                Framing::Tcp => Connection::ModbusTcp { host, port, unit },
                Framing::Rtu => Connection::ModbusRtuOverTcp { host, port, unit },
            }
        };
        let is_line = !matches!(connection, Connection::ModbusTcp { .. });
        if let Some(unit) = unit.filter(|unit| is_line && !SLAVES.contains(&unit.value)) {
            let message = format!("`unit` is `{}`", unit.value);
            let hint = "a slave on a line has an address from 1 to 247";
            problems.add(Draft::new(message, hint).at(unit.place, "out of range"));
        }
        Some(Self(connection))
    }
}

fn serial_line(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<SerialLine> {
    let path = fields.required("serial", problems);
    let baud = fields.or("baud", BAUD_DEFAULT, problems);
    let parity: Option<WrittenParity> = fields.or("parity", WrittenParity(Parity::Even), problems);
    let default = if matches!(parity, Some(WrittenParity(Parity::None))) { 2 } else { 1 };
    let stop_bits: Option<u8> = fields.or("stop_bits", default, problems);
    let line = SerialLine { path: path?, baud: baud?, parity: parity?.0, stop_bits: stop_bits? };
    if !(1..=2).contains(&line.stop_bits) || !(1_200..=921_600).contains(&line.baud) {
        let message = format!("{} bits a second with {} stop bits", line.baud, line.stop_bits);
        let hint = "use `baud` from 1200 to 921600 and `stop_bits` 1 or 2";
        problems.add(Draft::new(message, hint).at(fields.place(), "no such line"));
        return None;
    }
    Some(line)
}

/// One word of a few.
pub(super) fn word<T: Copy>(
    node: &Node,
    key: &str,
    words: &[(&str, T)],
    problems: &mut Problems,
) -> Option<T> {
    let text = String::from_node(node, key, problems)?;
    let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
    if found.is_none() {
        let known: Vec<_> = words.iter().map(|(word, _)| *word).collect();
        let message = format!("`{key}` is `{text}`");
        let hint = format!("write one of \"{}\"", known.join("\", \""));
        problems.add(Draft::new(message, hint).at(node.place, "unknown word"));
    }
    found
}

#[derive(Debug, Clone, Copy)]
enum Framing {
    Tcp,
    Rtu,
}

impl FromNode for Framing {
    fn from_node(node: &Node, key: &str, problems: &mut Problems) -> Option<Self> {
        word(node, key, &[("tcp", Self::Tcp), ("rtu", Self::Rtu)], problems)
    }
}

struct WrittenParity(Parity);

impl FromNode for WrittenParity {
    fn from_node(node: &Node, key: &str, problems: &mut Problems) -> Option<Self> {
        let words = [("none", Parity::None), ("even", Parity::Even), ("odd", Parity::Odd)];
        word(node, key, &words, problems).map(Self)
    }
}

struct Topic(Connection);

impl FromNode for Topic {
    fn from_node(node: &Node, _: &str, problems: &mut Problems) -> Option<Self> {
        let mut fields = Fields::of(node, "`mqtt`", problems)?;
        let topic: Option<At<String>> = fields.required("topic", problems);
        fields.finish(problems);
        let topic = topic?;
        if topic.value.contains(['+', '#', '\0']) {
            let message = format!("the topic `{}` has a wildcard", topic.value);
            let hint = "each analyzer has one topic of its own, without `+` and `#`";
            problems.add(Draft::new(message, hint).at(topic.place, "a wildcard"));
            return None;
        }
        Some(Self(Connection::Mqtt { topic: topic.value }))
    }
}

struct Sparkplug(Connection);

impl FromNode for Sparkplug {
    fn from_node(node: &Node, _: &str, problems: &mut Problems) -> Option<Self> {
        let mut fields = Fields::of(node, "`sparkplug`", problems)?;
        let group: Option<At<String>> = fields.required("group", problems);
        let edge: Option<At<String>> = fields.required("node", problems);
        let device: Option<At<String>> = fields.optional("device", problems);
        fields.finish(problems);
        let (group, edge) = (group?, edge?);
        for id in [Some(&group), Some(&edge), device.as_ref()].into_iter().flatten() {
            if id.value.is_empty() || id.value.contains(['+', '#', '/', '\0']) {
                let message = format!("`{}` is no Sparkplug id", id.value);
                let hint = "write the id without `+`, `#` and `/` (Sparkplug 3.0, 4.1)";
                problems.add(Draft::new(message, hint).at(id.place, "not an id"));
                return None;
            }
        }
        let device = device.map(|device| device.value);
        Some(Self(Connection::Sparkplug { group: group.value, node: edge.value, device }))
    }
}
