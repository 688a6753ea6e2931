//! `site.toml` as written, after its layers were merged.

use std::net::SocketAddr;

use siskin_model::{AreaId, Conditions, Text, Tier};

use super::broker::WrittenBroker;
use super::channel::{WrittenChannel, measure};
use super::edges::{self, WrittenEdge};
use super::history::WrittenHistory;
use super::hj212::{self, WrittenKey};
use super::incidents::WrittenIncidents;
use super::map::WrittenMap;
use super::mirrors::{self, WrittenMirror};
use super::station::WrittenStation;
use super::warnings::{self, WrittenDesk, WrittenLadder, WrittenWarnings};
use crate::Access;
use crate::fields::{Fields, FromNode};
use crate::node::Node;
use crate::problems::{Draft, Problems};
use crate::sources::{At, Place};
use crate::values::PlainId;

/// Widest offset from UTC in use, hours.
const UTC_OFFSET_H_MAX: i32 = 14;
/// Time between two readings of a template's channels.
const TEMPLATE_POLL_MS_DEFAULT: u32 = 1_000;

/// `site.toml`. A key that was wrong is `None`, and then there is a problem.
#[derive(Debug)]
pub(crate) struct WrittenSite {
    pub(crate) place: Place,
    pub(crate) id: Option<PlainId>,
    pub(crate) name: Option<Text>,
    pub(crate) utc_offset_s: Option<UtcOffset>,
    pub(crate) origin: Option<Origin>,
    /// The ground of the world below the park.
    pub(crate) map: Option<WrittenMap>,
    pub(crate) conditions: Option<At<Conditions>>,
    pub(crate) tiers: Option<At<Vec<Tier>>>,
    /// The bundled rule sets it uses.
    pub(crate) rule_sets: Vec<At<String>>,
    pub(crate) station: Option<WrittenStation>,
    /// Who may look without signing in.
    pub(crate) access: Option<Access>,
    pub(crate) mqtt: Option<At<WrittenBroker>>,
    pub(crate) template: Option<WrittenTemplate>,
    /// Whether the file says anything about a template, even wrongly.
    pub(crate) has_template: bool,
    /// Whether the file says anything about a broker, even wrongly.
    pub(crate) has_mqtt: bool,
    /// Where data loggers dial in.
    pub(crate) hj212: Option<At<SocketAddr>>,
    /// Whether the file says anything about it, even wrongly.
    pub(crate) has_hj212: bool,
    /// The keys of loggers that encrypt.
    pub(crate) hj212_keys: Vec<WrittenKey>,
    /// How long history is kept.
    pub(crate) history: Option<WrittenHistory>,
    /// What opens an incident, and who must report it.
    pub(crate) incidents: Option<WrittenIncidents>,
    /// Its edge gateways.
    pub(crate) edges: Vec<WrittenEdge>,
    /// Where readings and events are copied to.
    pub(crate) mirrors: Vec<WrittenMirror>,
    /// The lives of its warnings.
    pub(crate) warnings: Option<WrittenWarnings>,
    /// Who is called when nobody acknowledges.
    pub(crate) ladders: Vec<WrittenLadder>,
    /// Its operators' desks.
    pub(crate) desks: Vec<WrittenDesk>,
}

/// `[channel_template]`: one channel for each id that a recording names.
#[derive(Debug)]
pub(crate) struct WrittenTemplate {
    pub(crate) area: At<AreaId>,
    pub(crate) poll_ms: At<u32>,
    pub(crate) channel: WrittenChannel,
}

/// `"+08:00"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct UtcOffset(pub(crate) i32);

/// Latitude and longitude in degrees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Origin(pub(crate) f64, pub(crate) f64);

/// Reads the merged tree.
pub(crate) fn read(root: &Node, problems: &mut Problems) -> Option<WrittenSite> {
    let mut fields = Fields::of(root, "site.toml", problems)?;
    let station = fields.optional("station", problems);
    let has_hj212 = fields.has("hj212");
    let listen_hj212 = fields.node("hj212").and_then(|node| read_hj212(node, problems));
    let hj212_keys = hj212::keys(&mut fields, problems);
    let template = fields.node("channel_template");
    let edges = edges::read(&mut fields, problems);
    let mirrors = mirrors::read(&mut fields, problems);
    let ladders = warnings::ladders(&mut fields, problems);
    let desks = warnings::desks(&mut fields, problems);
    let has_origin = fields.has("origin");
    let map = fields.optional("map", problems);
    let map = map.map(|map| WrittenMap { has_origin, ..map });
    let site = WrittenSite {
        place: fields.place(),
        id: fields.required("id", problems),
        name: fields.required("name", problems),
        utc_offset_s: fields.required("utc_offset", problems),
        origin: fields.optional("origin", problems),
        map,
        conditions: fields.required("conditions", problems),
        tiers: fields.required("tiers", problems),
        rule_sets: fields.optional("rule_sets", problems).unwrap_or_default(),
        station,
        access: fields.required("access", problems),
        hj212: listen_hj212,
        has_hj212,
        hj212_keys,
        history: fields.required("history", problems),
        incidents: fields.required("incidents", problems),
        edges,
        mirrors,
        warnings: fields.required("warnings", problems),
        ladders,
        desks,
        has_mqtt: fields.has("mqtt"),
        mqtt: fields.optional("mqtt", problems),
        has_template: template.is_some(),
        template: template.and_then(|node| read_template(node, problems)),
    };
    fields.finish(problems);
    Some(site)
}

fn read_hj212(node: &Node, problems: &mut Problems) -> Option<At<SocketAddr>> {
    let mut fields = Fields::of(node, "[hj212]", problems)?;
    let listen = fields.required("listen", problems);
    fields.finish(problems);
    listen
}

fn read_template(node: &Node, problems: &mut Problems) -> Option<WrittenTemplate> {
    let mut fields = Fields::of(node, "[channel_template]", problems)?;
    let area = fields.required("area", problems);
    let default = At { value: TEMPLATE_POLL_MS_DEFAULT, place: fields.place() };
    let poll_ms = fields.or("poll_ms", default, problems);
    let channel = measure(&mut fields, problems);
    fields.finish(problems);
    Some(WrittenTemplate { area: area?, poll_ms: poll_ms?, channel: channel? })
}

impl FromNode for SocketAddr {
    fn from_node(node: &Node, key: &str, problems: &mut Problems) -> Option<Self> {
        let text = String::from_node(node, key, problems)?;
        let parsed = text.parse();
        if parsed.is_err() {
            let message = format!("`{key}` must be an address with a port, found `{text}`");
            let hint = "write for example \"127.0.0.1:8080\", or \"0.0.0.0:8080\" for all networks";
            problems.add(Draft::new(message, hint).at(node.place, "not address:port"));
        }
        parsed.ok()
    }
}

impl FromNode for UtcOffset {
    fn from_node(node: &Node, key: &str, problems: &mut Problems) -> Option<Self> {
        let text = String::from_node(node, key, problems)?;
        let offset = offset_s(&text);
        if offset.is_none() {
            let message = format!("`{key}` must be an offset from UTC, found `{text}`");
            let draft = Draft::new(message, "write for example \"+08:00\"");
            problems.add(draft.at(node.place, "not ±hh:mm"));
        }
        offset.map(Self)
    }
}

fn offset_s(text: &str) -> Option<i32> {
    let sign = match text.get(..1)? {
        "+" => 1,
        "-" => -1,
        _ => return None,
    };
    let (hours, minutes) = text.get(1..)?.split_once(':')?;
    let two = |part: &str| {
        let digits = part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| part.parse::<i32>().ok()).flatten()
    };
    let (hours, minutes) = (two(hours)?, two(minutes)?);
    let seconds = hours * 3600 + minutes * 60;
    (minutes < 60 && seconds <= UTC_OFFSET_H_MAX * 3600).then_some(sign * seconds)
}

/// A number that must lie in a range.
fn within(
    fields: &mut Fields<'_>,
    key: &'static str,
    low: f64,
    high: f64,
    problems: &mut Problems,
) -> Option<f64> {
    let number: At<f64> = fields.required(key, problems)?;
    if (low..=high).contains(&number.value) {
        return Some(number.value);
    }
    let message = format!("`{key}` is `{}`, outside {low} to {high}", number.value);
    let hint = format!("write a number from {low} to {high}");
    problems.add(Draft::new(message, hint).at(number.place, "out of range"));
    None
}

impl FromNode for Origin {
    fn from_node(node: &Node, _: &str, problems: &mut Problems) -> Option<Self> {
        let mut fields = Fields::of(node, "[origin]", problems)?;
        let latitude = within(&mut fields, "latitude_deg", -90.0, 90.0, problems);
        let longitude = within(&mut fields, "longitude_deg", -180.0, 180.0, problems);
        fields.finish(problems);
        Some(Self(latitude?, longitude?))
    }
}

impl FromNode for Conditions {
    fn from_node(node: &Node, _: &str, problems: &mut Problems) -> Option<Self> {
        let mut fields = Fields::of(node, "[conditions]", problems)?;
        let temperature_c = within(&mut fields, "temperature_c", -60.0, 60.0, problems);
        let pressure_hpa = within(&mut fields, "pressure_hpa", 400.0, 1100.0, problems);
        fields.finish(problems);
        Some(Self { temperature_c: temperature_c?, pressure_hpa: pressure_hpa? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_from_utc() {
        let check = |text, expected| assert_eq!(offset_s(text), expected, "{text}");
        check("+08:00", Some(28_800));
        check("-03:30", Some(-12_600));
        check("+00:00", Some(0));
        check("+14:00", Some(50_400));
        check("+14:01", None);
        check("+08:60", None);
        check("08:00", None);
        check("+8:00", None);
        check("时区", None);
    }
}
