//! `analyzers.toml` as written: `[[analyzer]]` with `[[analyzer.channel]]`.

use siskin_model::site::{Connection, Position};
use siskin_model::{AnalyzerId, AreaId, Text};

use super::channel::{self, WrittenNamedChannel};
use crate::fields::{Fields, FromNode, tables, wrong_type};
use crate::node::{Node, Value};
use crate::problems::{Draft, Problems};
use crate::sources::At;
use crate::values::Millis;

/// Height of the breathing zone: the inlet's height where none is written.
const HEIGHT_M_DEFAULT: f64 = 1.5;
/// Time between two readings where none is written.
const POLL_MS_DEFAULT: u32 = 1_000;
/// Longest wait for one answer where none is written.
const TIMEOUT_MS_DEFAULT: u32 = 500;
/// TCP port of Modbus (IANA).
const MODBUS_PORT_DEFAULT: u16 = 502;

/// One `[[analyzer]]`.
#[derive(Debug)]
pub(crate) struct WrittenAnalyzer {
    pub(crate) id: At<AnalyzerId>,
    pub(crate) name: Text,
    pub(crate) area: At<AreaId>,
    pub(crate) position: At<Position>,
    pub(crate) height_m: At<f64>,
    pub(crate) profile: At<String>,
    pub(crate) connection: At<Connection>,
    pub(crate) poll_ms: At<u32>,
    pub(crate) timeout_ms: At<u32>,
    /// None: as the device's clock asks for.
    pub(crate) reorder_window: Option<At<Millis>>,
    pub(crate) channels: Vec<WrittenNamedChannel>,
}

/// Reads every analyzer; those with a problem are left out.
pub(crate) fn read(root: &Node, file: &str, problems: &mut Problems) -> Vec<WrittenAnalyzer> {
    let found = tables(root, file, "analyzer", problems);
    found.into_iter().filter_map(|n| one(n, problems)).collect()
}

fn one(node: &Node, problems: &mut Problems) -> Option<WrittenAnalyzer> {
    let mut fields = Fields::of(node, "[[analyzer]]", problems)?;
    let here = fields.place();
    let at = |value| At { value, place: here };
    let id = fields.required("id", problems);
    let name = fields.required("name", problems);
    let area = fields.required("area", problems);
    let position = fields.required("position", problems);
    let height_m = fields.or("height_m", at(HEIGHT_M_DEFAULT), problems);
    let profile = fields.required("profile", problems);
    let connection = connection(&mut fields, problems);
    let at = |value| At { value, place: here };
    let poll_ms = fields.or("poll_ms", at(POLL_MS_DEFAULT), problems);
    let timeout_ms = fields.or("timeout_ms", at(TIMEOUT_MS_DEFAULT), problems);
    let reorder_window = fields.optional("reorder_window_s", problems);
    let channels = channels(&mut fields, problems);
    fields.finish(problems);
    Some(WrittenAnalyzer {
        id: id?,
        name: name?,
        area: area?,
        position: position?,
        height_m: height_m?,
        profile: profile?,
        connection: connection?,
        poll_ms: poll_ms?,
        timeout_ms: timeout_ms?,
        reorder_window,
        channels,
    })
}

fn channels(fields: &mut Fields<'_>, problems: &mut Problems) -> Vec<WrittenNamedChannel> {
    let place = fields.place();
    let items = match fields.node("channel").map(|node| (&node.value, node)) {
        Some((Value::List(items), _)) => items.as_slice(),
        Some((_, node)) => {
            wrong_type(node, "channel", "a list of [[analyzer.channel]]", problems);
            return Vec::new();
        }
        None => &[],
    };
    if items.is_empty() {
        let hint = "add an [[analyzer.channel]] below it, or take the analyzer out";
        let draft = Draft::new("an analyzer has no channel", hint);
        problems.add(draft.at(place, "it measures nothing"));
    }
    let read = |node| channel::read(node, problems);
    items.iter().filter_map(read).collect()
}

fn connection(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<At<Connection>> {
    let (has_modbus, has_mqtt) = (fields.has("modbus"), fields.has("mqtt"));
    let modbus: Option<At<ModbusTcp>> = fields.optional("modbus", problems);
    let mqtt: Option<At<Topic>> = fields.optional("mqtt", problems);
    if has_modbus == has_mqtt {
        let message = if has_modbus {
            "an analyzer has both `modbus` and `mqtt`"
        } else {
            "an analyzer has neither `modbus` nor `mqtt`"
        };
        let hint = "write `modbus = { host = …, port = …, unit = … }` or `mqtt = { topic = … }`, \
                    one of the two";
        problems.add(Draft::new(message, hint).at(fields.place(), "how is it reached"));
        return None;
    }
    let modbus = modbus.map(|At { value, place }| At { value: value.0, place });
    modbus.or(mqtt.map(|At { value, place }| At { value: value.0, place }))
}

#[derive(Debug)]
struct ModbusTcp(Connection);

impl FromNode for ModbusTcp {
    fn from_node(node: &Node, _: &str, problems: &mut Problems) -> Option<Self> {
        let mut fields = Fields::of(node, "`modbus`", problems)?;
        let host = fields.required("host", problems);
        let port = fields.or("port", MODBUS_PORT_DEFAULT, problems);
        let unit = fields.or("unit", 1, problems);
        fields.finish(problems);
        Some(Self(Connection::ModbusTcp { host: host?, port: port?, unit: unit? }))
    }
}

#[derive(Debug)]
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
