//! `uplinks.toml` as written: which bureaus are told by HJ 212, and what of.
//!
//! Passwords and keys are named by the path of their file: one that stands in the file itself is
//! refused, and its line is not shown. What is not known of HJ 212-2025 is refused by name.

use siskin_model::site::{Hj212Crc, Hj212Version};
use siskin_model::uplink::{UplinkKind, UplinkSm4};
use siskin_model::{ChannelId, Text, Unit};

use super::connection::word;
use super::hj212::{Crc, Fill, Form, Version};
use crate::fields::{Fields, FromNode, items, tables};
use crate::node::Node;
use crate::problems::{Draft, Problems};
use crate::sources::{At, Place};
use crate::values::{Millis, PlainId};

/// The unit of a factor where neither it nor its uplink says one.
const UNIT: WrittenUnit = WrittenUnit::Of(Unit::MilligramPerM3);
const DECIMALS: u8 = 3;

/// One `[[uplink]]`.
#[derive(Debug)]
pub(crate) struct WrittenUplink {
    pub(crate) place: Place,
    pub(crate) id: At<PlainId>,
    pub(crate) name: Text,
    pub(crate) host: At<String>,
    pub(crate) port: At<u16>,
    pub(crate) version: Hj212Version,
    pub(crate) crc: Hj212Crc,
    pub(crate) mn: At<String>,
    pub(crate) st: At<String>,
    pub(crate) password_file: String,
    pub(crate) real_time_s: Option<At<u32>>,
    pub(crate) minute_min: Option<At<u32>>,
    pub(crate) sends: Vec<UplinkKind>,
    pub(crate) over_time_s: Option<At<u32>>,
    pub(crate) re_count: Option<At<u32>>,
    pub(crate) backoff: (At<Millis>, At<Millis>),
    pub(crate) settle: Millis,
    pub(crate) unanswered_min: Option<At<u32>>,
    pub(crate) asks_time: bool,
    pub(crate) marks_resent: Option<At<bool>>,
    pub(crate) heartbeat_s: Option<At<u32>>,
    pub(crate) sm4: Option<At<UplinkSm4>>,
    pub(crate) factors: Vec<WrittenFactor>,
}

/// One `[[uplink.factor]]`.
#[derive(Debug)]
pub(crate) struct WrittenFactor {
    pub(crate) channel: At<ChannelId>,
    pub(crate) code: Option<At<String>>,
    pub(crate) unit: Option<At<WrittenUnit>>,
    /// The unit of gases where the factor says none.
    pub(crate) unit_of_gases: WrittenUnit,
    pub(crate) decimals: At<u8>,
    pub(crate) cou_per_h: Option<At<f64>>,
    pub(crate) serial: Option<String>,
}

/// A unit that a bureau may want.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WrittenUnit {
    /// One of Siskin's.
    Of(Unit),
    /// Ten hectopascals, which is what HJ 212 has for air pressure.
    Kilopascal,
}

impl WrittenUnit {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Of(unit) => unit.as_str(),
            Self::Kilopascal => "kPa",
        }
    }
}

impl FromNode for WrittenUnit {
    fn from_node(node: &Node, key: &str, problems: &mut Problems) -> Option<Self> {
        if matches!(&node.value, crate::node::Value::Text(text) if text == "kPa") {
            return Some(Self::Kilopascal);
        }
        Unit::from_node(node, key, problems).map(Self::Of)
    }
}

/// Reads every uplink; those with a problem are left out.
pub(crate) fn read(root: &Node, file: &str, problems: &mut Problems) -> Vec<WrittenUplink> {
    let found = tables(root, file, "uplink", problems);
    found.into_iter().filter_map(|node| one(node, problems)).collect()
}

fn one(node: &Node, problems: &mut Problems) -> Option<WrittenUplink> {
    let mut fields = Fields::of(node, "[[uplink]]", problems)?;
    let place = fields.place();
    let before = problems.count();
    secrets(&mut fields, "password", "password_file", problems);
    assignment(&mut fields, problems);
    let (id, name) = (fields.required("id", problems), fields.required("name", problems));
    let (host, port) = (fields.required("host", problems), fields.required("port", problems));
    let version = fields.or("version", Version(Hj212Version::V2017), problems);
    let crc = fields.or("crc", Crc(Hj212Crc::Standard), problems);
    let (mn, st) = (fields.required("mn", problems), fields.required("st", problems));
    let password_file = fields.required("password_file", problems);
    let sends: Option<Vec<Kind>> = fields.optional("sends", problems);
    let unit_of_gases = fields.or("unit", UNIT, problems).unwrap_or(UNIT);
    let decimals = fields.or("decimals", DECIMALS, problems).unwrap_or(DECIMALS);
    let at = |ms| At { value: Millis(ms), place };
    let backoff_min = fields.or("backoff_min_s", at(1000), problems);
    let backoff_max = fields.or("backoff_max_s", at(60_000), problems);
    let factors = items(&mut fields, "factor", problems).iter();
    let factors = factors.filter_map(|node| factor(node, unit_of_gases, decimals, problems));
    let factors = factors.collect();
    let rest = (
        fields.optional("real_time_s", problems),
        fields.optional("minute_min", problems),
        fields.optional("over_time_s", problems),
        fields.optional("re_count", problems),
        fields.optional("unanswered_min", problems),
        fields.optional("marks_resent", problems),
        fields.optional("heartbeat_s", problems),
    );
    let settle = fields.or("settle_s", Millis(15_000), problems);
    let asks_time = fields.or("asks_time", false, problems);
    let sm4: Option<At<Sm4>> = fields.optional("sm4", problems);
    fields.finish(problems);
    if problems.count() > before {
        return None;
    }
    let sends = sends.map_or_else(
        || UplinkKind::ALL.to_vec(),
        |all| all.into_iter().map(|kind| kind.0).collect(),
    );
    Some(WrittenUplink {
        place,
        id: id?,
        name: name?,
        host: host?,
        port: port?,
        version: version?.0,
        crc: crc?.0,
        mn: mn?,
        st: st?,
        password_file: password_file?,
        real_time_s: rest.0,
        minute_min: rest.1,
        sends,
        over_time_s: rest.2,
        re_count: rest.3,
        backoff: (backoff_min?, backoff_max?),
        settle: settle?,
        unanswered_min: rest.4,
        asks_time: asks_time?,
        marks_resent: rest.5,
        heartbeat_s: rest.6,
        sm4: sm4.map(|sm4| At { value: sm4.value.0, place: sm4.place }),
        factors,
    })
}

fn factor(
    node: &Node,
    unit_of_gases: WrittenUnit,
    decimals: u8,
    problems: &mut Problems,
) -> Option<WrittenFactor> {
    let mut fields = Fields::of(node, "[[uplink.factor]]", problems)?;
    let place = fields.place();
    let channel = fields.required("channel", problems);
    let code = fields.optional("code", problems);
    let unit = fields.optional("unit", problems);
    let decimals = fields.or("decimals", At { value: decimals, place }, problems);
    let cou_per_h = fields.optional("cou_per_h", problems);
    let serial = fields.optional("serial", problems);
    fields.finish(problems);
    Some(WrittenFactor {
        channel: channel?,
        code,
        unit,
        unit_of_gases,
        decimals: decimals?,
        cou_per_h,
        serial,
    })
}

/// A secret that stands in the file; its line must not be shown.
fn secrets(fields: &mut Fields<'_>, key: &'static str, file: &str, problems: &mut Problems) {
    if fields.has(key) && fields.node(key).is_some() {
        let place = Place { start: 0, end: 0, ..fields.place() };
        let hint = format!("write it alone into a file of its own and name that: `{file} = …`");
        let message = format!("a `{key}` stands in uplinks.toml");
        problems.add(Draft::new(message, hint).at(place, "in this file"));
    }
}

/// What is not known is refused rather than guessed.
fn assignment(fields: &mut Fields<'_>, problems: &mut Problems) {
    if let Some(node) = fields.has("mn_assignment").then(|| fields.node("mn_assignment")).flatten()
    {
        let message = "network entry of HJ 212-2025 (1001, 1002) cannot be done: its fields are \
                       not known here";
        let hint = "ask the bureau for the MN, write it as `mn`, and take `mn_assignment` out";
        problems.add(Draft::new(message, hint).at(node.place, "not known"));
    }
}

#[derive(Debug, Clone, Copy)]
struct Kind(UplinkKind);

impl FromNode for Kind {
    fn from_node(node: &Node, key: &str, problems: &mut Problems) -> Option<Self> {
        word(node, key, &UplinkKind::ALL.map(|kind| (kind.as_str(), Self(kind))), problems)
    }
}

/// `sm4 = { text = …, fill = …, key_file = … }`: all must be written.
#[derive(Debug)]
struct Sm4(UplinkSm4);

impl FromNode for Sm4 {
    fn from_node(node: &Node, _: &str, problems: &mut Problems) -> Option<Self> {
        let mut fields = Fields::of(node, "`sm4`", problems)?;
        secrets(&mut fields, "key", "key_file", problems);
        let text: Option<Form> = fields.required("text", problems);
        let fill: Option<Fill> = fields.required("fill", problems);
        let key_file = fields.required("key_file", problems);
        fields.finish(problems);
        Some(Self(UplinkSm4 { text: text?.0, fill: fill?.0, key_file: key_file? }))
    }
}
