//! Areas, analyzers, channels and receivers: where they are and what they refer to.

use std::collections::BTreeMap;

use siskin_model::site::{Analyzer, Area, Channel, Connection, Receiver};
use siskin_model::{ChannelId, Tier};
use siskin_wire::profile::Transport;

use super::catalogue::Catalogue;
use super::{PlacedChannel, Places, Written, channels, keys, names, points};
use crate::problems::{Draft, Problems};
use crate::sources::{At, Place};
use crate::suggest;
use crate::written::analyzers::WrittenAnalyzer;
use crate::written::channel::WrittenNamedChannel;
use crate::written::site::WrittenTemplate;

/// Corners that make an outline.
const CORNERS_MIN: usize = 3;
/// Time between two readings that a site may ask for.
const POLL_MS: std::ops::RangeInclusive<u32> = 50..=3_600_000;
/// Wait for an answer that a site may ask for.
const TIMEOUT_MS: std::ops::RangeInclusive<u32> = 10..=60_000;
/// Longest wait for readings that are out of order: an alarm comes that much later.
const REORDER_MS_MAX: i64 = 600_000;
/// The wait where none is written and the device stamps its own readings.
const REORDER_MS_DEFAULT: i64 = 10_000;
/// Highest inlet above ground, m.
const HEIGHT_M_MAX: f64 = 500.0;
/// The id of a template's channel while it is checked; people see the template's place.
const TEMPLATE_ID: &str = "channel-template";

/// Checks them all and makes those of the model that are sound.
pub(super) fn check(
    written: &Written,
    catalogue: &Catalogue,
    tiers: &[Tier],
    problems: &mut Problems,
) -> Places {
    ids(written, problems);
    addresses(&written.analyzers, problems);
    let mut places = Places {
        areas: areas(written, problems),
        receivers: receivers(written, tiers, problems),
        ..Places::default()
    };
    for analyzer in &written.analyzers {
        analyzer_refers(analyzer, written, catalogue, problems);
        let index = places.analyzers.len();
        places.analyzers.push(model(analyzer, catalogue));
        for channel in &analyzer.channels {
            let sound = channels::check(&channel.channel, catalogue, problems);
            places.channels.push(of_analyzer(channel, analyzer, index, sound));
        }
    }
    keys::give(&mut places.analyzers, written, problems);
    let template = written.site.as_ref().and_then(|site| site.template.as_ref());
    if let Some(template) = template {
        written.names.areas.known(&template.area, "area", problems);
        within("poll_ms", template.poll_ms, &POLL_MS, problems);
        let sound = channels::check(&template.channel, catalogue, problems);
        places.template = template_channel(template, sound);
    }
    nothing_to_watch(written, problems);
    places
}

/// A site without a channel would look well for ever.
fn nothing_to_watch(written: &Written, problems: &mut Problems) {
    let Some(site) = &written.site else {
        return;
    };
    if written.analyzers.is_empty() && !written.devices_broken && !site.has_template {
        let hint = "add an [[analyzer]] to analyzers.toml";
        let draft = Draft::new("the site has no analyzer", hint);
        problems.add(draft.at(site.place, "nothing to watch"));
    }
}

fn ids(written: &Written, problems: &mut Problems) {
    let areas = written.areas.iter();
    let areas = areas.map(|area| (area.id.value.as_str(), area.id.place));
    names::unique("area", areas, problems);
    let analyzers = written.analyzers.iter();
    let analyzers = analyzers.map(|a| (a.id.value.as_str(), a.id.place));
    names::unique("analyzer", analyzers, problems);
    let channels = written.analyzers.iter().flat_map(|a| &a.channels);
    let channels = channels.map(|c| (c.id.value.as_str(), c.id.place));
    names::unique("channel", channels, problems);
    let receivers = written.receivers.iter();
    let receivers = receivers.map(|r| (r.id.value.0.as_str(), r.id.place));
    names::unique("receiver", receivers, problems);
    let edges = written.site.iter().flat_map(|site| &site.edges);
    let edges = edges.map(|e| (e.id.value.0.as_str(), e.id.place));
    names::unique("edge gateway", edges, problems);
}

/// Two analyzers at one address would be one device under two names.
fn addresses(analyzers: &[WrittenAnalyzer], problems: &mut Problems) {
    let mut seen: BTreeMap<String, Place> = BTreeMap::new();
    for analyzer in analyzers {
        let address = match &analyzer.connection.value {
            Connection::ModbusTcp { host, port, unit }
            | Connection::ModbusRtuOverTcp { host, port, unit } => {
                format!("{}:{port}, unit {unit}", host.to_lowercase())
            }
            Connection::ModbusRtu { line, unit } => format!("{}, unit {unit}", line.path),
            Connection::Mqtt { topic } => format!("topic {topic}"),
            Connection::Sparkplug { group, node, device } => {
                let device = device.as_deref().unwrap_or_default();
                format!("Sparkplug {group}/{node}/{device}")
            }
            Connection::Hj212(logger) => format!("MN {}", logger.mn),
        };
        // Each gateway has networks and serial lines of its own.
        let reader = analyzer.edge.as_ref().map(|edge| format!(", read by {}", edge.value.0));
        let address = address + reader.as_deref().unwrap_or_default();
        let place = analyzer.connection.place;
        if let Some(first) = seen.get(&address) {
            let message = format!("two analyzers are at the same address: {address}");
            let hint = "one device is one analyzer: put its channels together, or correct one";
            let draft = Draft::new(message, hint);
            problems.add(draft.at(place, "again here").at(*first, "first here"));
        } else {
            seen.insert(address, place);
        }
    }
}

fn areas(written: &Written, problems: &mut Problems) -> Vec<Area> {
    for area in &written.areas {
        let corners = area.outline.value.len();
        if corners < CORNERS_MIN {
            let message = format!("the outline of `{}` has {corners} corners", area.id.value);
            let hint = "write at least three corners, as { x_m = …, y_m = … } in metres";
            problems.add(Draft::new(message, hint).at(area.outline.place, "too few corners"));
        }
    }
    let model = |area: &crate::written::areas::WrittenArea| Area {
        id: area.id.value.clone(),
        name: area.name.clone(),
        kind: area.kind,
        outline: area.outline.value.clone(),
    };
    written.areas.iter().map(model).collect()
}

fn receivers(written: &Written, tiers: &[Tier], problems: &mut Problems) -> Vec<Receiver> {
    for receiver in &written.receivers {
        for area in &receiver.areas {
            written.names.areas.known(area, "area", problems);
        }
        super::site::known_tier(receiver.tier_min, tiers, written.site.as_ref(), problems);
    }
    let model = |receiver: &crate::written::receivers::WrittenReceiver| Receiver {
        id: receiver.id.value.0.clone(),
        name: receiver.name.clone(),
        tier_min: receiver.tier_min.value,
        areas: receiver.areas.iter().map(|a| a.value.clone()).collect(),
        phone: receiver.phone.clone(),
    };
    written.receivers.iter().map(model).collect()
}

fn analyzer_refers(
    analyzer: &WrittenAnalyzer,
    written: &Written,
    catalogue: &Catalogue,
    problems: &mut Problems,
) {
    written.names.areas.known(&analyzer.area, "area", problems);
    within("poll_ms", analyzer.poll_ms, &POLL_MS, problems);
    within("timeout_ms", analyzer.timeout_ms, &TIMEOUT_MS, problems);
    let height_m = analyzer.height_m;
    if !(0.0..=HEIGHT_M_MAX).contains(&height_m.value) {
        let message = format!("`height_m` is `{}`", height_m.value);
        let hint = format!("write metres above ground, 0 to {HEIGHT_M_MAX}");
        problems.add(Draft::new(message, hint).at(height_m.place, "out of range"));
    }
    if let Some(window) = analyzer.reorder_window.filter(|w| w.value.0 > REORDER_MS_MAX) {
        let most = REORDER_MS_MAX / 1000;
        let message = format!("`reorder_window_s` is `{}`", window.value.0 / 1000);
        let hint = format!("write at most {most} seconds: every alarm comes that much later");
        problems.add(Draft::new(message, hint).at(window.place, "too long"));
    }
    needs(analyzer, written, problems);
    edge(analyzer, written, problems);
    profile(analyzer, catalogue, problems);
}

/// The gateway that reads the analyzer must be one of the site's.
fn edge(analyzer: &WrittenAnalyzer, written: &Written, problems: &mut Problems) {
    let (Some(edge), Some(site)) = (&analyzer.edge, &written.site) else {
        return;
    };
    let known = site.edges.iter().map(|edge| edge.id.value.0.as_str());
    if !known.clone().any(|id| id == edge.value.0) {
        names::unknown(&edge.value.0, edge.place, "edge gateway", known, problems);
    }
}

/// What the site must have for the analyzer's connection.
fn needs(analyzer: &WrittenAnalyzer, written: &Written, problems: &mut Problems) {
    let site = written.site.as_ref();
    let (what, table, hint) = match &analyzer.connection.value {
        Connection::Mqtt { .. } | Connection::Sparkplug { .. }
            if site.is_some_and(|site| !site.has_mqtt) =>
        {
            ("speaks MQTT and the site has no broker", "mqtt", "add [mqtt] with a `host`")
        }
        Connection::Hj212(_) if site.is_some_and(|site| !site.has_hj212) => {
            ("speaks HJ 212 and nobody listens", "hj212", "add [hj212] with `listen`")
        }
        _ => return,
    };
    let message = format!("`{}` {what}", analyzer.id.value);
    let mut draft = Draft::new(message, format!("{hint} to site.toml"))
        .at(analyzer.connection.place, "needs it");
    if let Some(site) = site {
        draft = draft.at(site.place, format!("no [{table}] in this file"));
    }
    problems.add(draft);
}

fn within(
    key: &str,
    number: At<u32>,
    range: &std::ops::RangeInclusive<u32>,
    problems: &mut Problems,
) {
    if !range.contains(&number.value) {
        let (low, high) = (range.start(), range.end());
        let message = format!("`{key}` is `{}`", number.value);
        let draft = Draft::new(message, format!("write milliseconds from {low} to {high}"));
        problems.add(draft.at(number.place, "out of range"));
    }
}

fn profile(analyzer: &WrittenAnalyzer, catalogue: &Catalogue, problems: &mut Problems) {
    let name = &analyzer.profile;
    let Some(profile) = catalogue.profiles.get(&name.value) else {
        if !catalogue.broken.contains(&name.value) {
            let known = catalogue.profiles.keys().map(String::as_str);
            names::unknown(&name.value, name.place, "device profile", known, problems);
        }
        return;
    };
    let fits = match &analyzer.connection.value {
        Connection::ModbusTcp { .. }
        | Connection::ModbusRtuOverTcp { .. }
        | Connection::ModbusRtu { .. } => Transport::Modbus,
        Connection::Mqtt { .. } => Transport::MqttJson,
        Connection::Sparkplug { .. } => Transport::SparkplugB,
        Connection::Hj212(_) => Transport::Hj212,
    };
    if fits != profile.transport {
        let speaks = profile.transport.as_str();
        let message = format!("a device of profile `{}` speaks `{speaks}`", name.value);
        let draft = Draft::new(message, "correct the profile or the connection")
            .at(analyzer.connection.place, "another protocol")
            .at(name.place, "this profile");
        problems.add(draft);
    }
    let known = profile.value_points();
    let mut used: BTreeMap<&str, Place> = BTreeMap::new();
    for channel in &analyzer.channels {
        let (point, place) = (channel.point.value.as_str(), channel.point.place);
        if !known.contains(&point) {
            let message = format!("profile `{}` has no value point `{point}`", name.value);
            let hint = suggest::hint(point, "value points", known.iter().copied());
            let draft = Draft::new(message, hint).at(place, "unknown point");
            problems.add(draft.at(name.place, "of this profile"));
        }
        points::check_unit(channel, profile, catalogue, problems);
        if let Some(first) = used.insert(point, place) {
            let message = format!("two channels take their value from `{point}`");
            let draft = Draft::new(message, "each channel has a point of its own");
            problems.add(draft.at(place, "again here").at(first, "first here"));
        }
    }
}

fn model(analyzer: &WrittenAnalyzer, catalogue: &Catalogue) -> Analyzer {
    let written = analyzer.reorder_window.map(|window| window.value.0);
    let reorder_window_ms = written.unwrap_or_else(|| default_reorder_ms(analyzer, catalogue));
    Analyzer {
        id: analyzer.id.value.clone(),
        name: analyzer.name.clone(),
        area: analyzer.area.value.clone(),
        position: analyzer.position.value,
        height_m: analyzer.height_m.value,
        profile: analyzer.profile.value.clone(),
        connection: analyzer.connection.value.clone(),
        poll_ms: analyzer.poll_ms.value,
        timeout_ms: analyzer.timeout_ms.value,
        // Longer ones are a problem of their own.
        reorder_window_ms: u32::try_from(reorder_window_ms).unwrap_or(u32::MAX),
        edge: analyzer.edge.as_ref().map(|edge| edge.value.0.clone()),
    }
}

/// A device that stamps its own readings may deliver them out of order; Siskin never does.
fn default_reorder_ms(analyzer: &WrittenAnalyzer, catalogue: &Catalogue) -> i64 {
    let profile = catalogue.profiles.get(&analyzer.profile.value);
    let time = profile.and_then(|profile| profile.json.as_ref()?.time.as_ref());
    if time.is_some_and(|time| time.trusted) { REORDER_MS_DEFAULT } else { 0 }
}

fn of_analyzer(
    written: &WrittenNamedChannel,
    analyzer: &WrittenAnalyzer,
    index: usize,
    sound: bool,
) -> PlacedChannel {
    let measured = &written.channel;
    PlacedChannel {
        channel: Channel {
            id: written.id.value.clone(),
            analyzer: index,
            area: analyzer.area.value.clone(),
            quantity: measured.quantity.value.clone(),
            unit: measured.unit.value,
            point: written.point.value.clone(),
            range: measured.range.value,
            resolution: measured.resolution.value,
        },
        place: written.id.place,
        range: measured.range.place,
        unit: measured.unit.place,
        poll_ms: analyzer.poll_ms.value,
        position: Some(analyzer.position.value),
        unwatched: written.unwatched.clone(),
        sound,
    }
}

fn template_channel(template: &WrittenTemplate, sound: bool) -> Option<PlacedChannel> {
    let measured = &template.channel;
    Some(PlacedChannel {
        channel: Channel {
            id: ChannelId::new(TEMPLATE_ID).ok()?,
            analyzer: 0,
            area: template.area.value.clone(),
            quantity: measured.quantity.value.clone(),
            unit: measured.unit.value,
            point: TEMPLATE_ID.to_owned(),
            range: measured.range.value,
            resolution: measured.resolution.value,
        },
        place: measured.place,
        range: measured.range.place,
        unit: measured.unit.place,
        poll_ms: template.poll_ms.value,
        position: None,
        unwatched: None,
        sound,
    })
}
