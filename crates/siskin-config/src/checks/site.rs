//! The site itself: tiers, broker, and the model that the rest of Siskin uses.

use siskin_model::site::{Broker, EdgeGateway, Hj212Intake};
use siskin_model::{Gas, LifePolicy, Site, Tier};

use super::Places;
use super::catalogue::Catalogue;
use crate::problems::{Draft, Problems};
use crate::sources::At;
use crate::written::broker::WrittenBroker;
use crate::written::edges::{self, WrittenEdge};
use crate::written::site::WrittenSite;
use crate::written::station::WrittenStation;
use siskin_model::Retention;

use crate::{Anonymous, Mirror, Station};

/// Fewest tiers of a site; there are four at most.
const TIERS_MIN: usize = 2;

/// The tiers of the site; all four where they cannot be read.
pub(super) fn tiers(site: Option<&WrittenSite>, problems: &mut Problems) -> Vec<Tier> {
    let Some(tiers) = site.and_then(|site| site.tiers.as_ref()) else {
        return Tier::ALL.to_vec();
    };
    let mut rising = tiers.value.iter().zip(tiers.value.iter().skip(1));
    if tiers.value.len() < TIERS_MIN || !rising.all(|(low, high)| low < high) {
        let message = "the tiers of a site are two to four, rising, each once";
        let hint = "choose from [\"blue\", \"yellow\", \"orange\", \"red\"] in this order";
        problems.add(Draft::new(message, hint).at(tiers.place, "these tiers"));
        return Tier::ALL.to_vec();
    }
    tiers.value.clone()
}

/// Refuses a tier that the site does not use.
pub(super) fn known_tier(
    tier: At<Tier>,
    tiers: &[Tier],
    site: Option<&WrittenSite>,
    problems: &mut Problems,
) {
    if tiers.contains(&tier.value) {
        return;
    }
    let names: Vec<&str> = tiers.iter().map(|tier| tier.as_str()).collect();
    let message = format!("this site has no tier `{}`", tier.value.as_str());
    let hint = format!("use one of: {}; or add it to `tiers`", names.join(", "));
    let mut draft = Draft::new(message, hint).at(tier.place, "unknown tier");
    if let Some(tiers) = site.and_then(|site| site.tiers.as_ref()) {
        draft = draft.at(tiers.place, "the site's tiers");
    }
    problems.add(draft);
}

/// The site of the model, where everything of `site.toml` was sound.
pub(super) fn assemble(
    written: &WrittenSite,
    places: &Places,
    tiers: &[Tier],
    (catalogue, life): (&Catalogue, LifePolicy),
    problems: &mut Problems,
) -> Option<Site> {
    notes(written, places, problems);
    let id = written.id.as_ref()?.0.clone();
    Some(Site {
        name: written.name.clone()?,
        utc_offset_s: written.utc_offset_s?.0,
        origin: written.origin.map(|origin| (origin.0, origin.1)),
        conditions: written.conditions?.value,
        tiers: tiers.to_vec(),
        areas: places.areas.clone(),
        analyzers: places.analyzers.clone(),
        channels: places.channels.iter().map(|c| c.channel.clone()).collect(),
        gases: gases(places, catalogue),
        receivers: places.receivers.clone(),
        broker: written.mqtt.as_ref().map(|mqtt| broker(&mqtt.value, &id)),
        hj212: written.hj212.map(|listen| Hj212Intake { listen: listen.value }),
        edges: written.edges.iter().map(gateway).collect(),
        life,
        id,
    })
}

/// The gases that are measured, in the order of their first channel.
fn gases(places: &Places, catalogue: &Catalogue) -> Vec<Gas> {
    let mut found: Vec<Gas> = Vec::new();
    let channels = places.channels.iter().chain(&places.template);
    for id in channels.filter_map(|c| c.channel.quantity.gas()) {
        let gas = catalogue.gases.get(id.as_str());
        if let Some(gas) = gas.filter(|gas| !found.iter().any(|f| f.id == gas.id)) {
            found.push(gas.clone());
        }
    }
    found
}

fn gateway(written: &WrittenEdge) -> EdgeGateway {
    EdgeGateway { id: written.id.value.0.clone(), token: written.token.clone() }
}

fn broker(written: &WrittenBroker, site: &str) -> Broker {
    let client_id = written.client_id.clone();
    Broker {
        host: written.host.clone(),
        port: written.port,
        client_id: client_id.unwrap_or_else(|| format!("siskin-{site}")),
        login: written.login.clone(),
        version: written.version,
        tls: written.tls.clone(),
        sparkplug_host: written.sparkplug_host.clone().unwrap_or_else(|| format!("siskin-{site}")),
    }
}

/// What concerns the station's process.
pub(super) fn station(
    written: &WrittenSite,
    mirrors: Vec<Mirror>,
    history: Retention,
) -> Option<Station> {
    let station = written.station.as_ref()?;
    Some(Station {
        listen: station.listen.value,
        mirrors,
        history,
        tls: station.tls.clone(),
        access: written.access?,
    })
}

/// Who can reach the page, and who can read on the way.
fn reach_note(station: &WrittenStation, problems: &mut Problems) {
    let listen = station.listen;
    if listen.value.ip().is_loopback() {
        return;
    }
    let message = format!("the page can be reached from other machines at {}", listen.value);
    let hint = "let a firewall decide who reaches it; who comes in is decided by sign-in";
    let (message, hint) = if station.tls.is_some() {
        (message, hint.to_owned())
    } else {
        let message =
            format!("{message} without TLS: passwords and readings can be read on the way");
        (message, format!("add [station.tls] with `certificate` and `key`; {hint}"))
    };
    problems.note(Draft::new(message, hint).at(listen.place, ""));
}

fn notes(written: &WrittenSite, places: &Places, problems: &mut Problems) {
    if let Some(station) = &written.station {
        reach_note(station, problems);
    }
    if written.access.is_some_and(|access| access.anonymous == Anonymous::Looks) {
        let message = "whoever reaches the port may look without signing in";
        let hint =
            "this is for big screens; take `anonymous = \"viewer\"` out of [access] otherwise";
        problems.note(Draft::new(message, hint).at(written.place, ""));
    }
    let password = written.mqtt.as_ref().and_then(|m| m.value.password_in_file);
    if let Some(place) = password {
        let hint = "set SISKIN__MQTT__PASSWORD instead and take it out of the file";
        problems.note(Draft::new("the broker's password stands in a file", hint).at(place, ""));
    }
    edge_notes(written, problems);
    if places.channels.is_empty() && places.template.is_some() {
        let message = "this site has no channel of its own, only a template for recordings";
        let hint = "`siskin replay` makes the channels; `siskin run` would watch nothing";
        problems.note(Draft::new(message, hint).at(written.place, ""));
    }
}

fn edge_notes(written: &WrittenSite, problems: &mut Problems) {
    for edge in &written.edges {
        let id = &edge.id.value.0;
        if edge.token.is_none() {
            let message = format!("the edge gateway `{id}` has no token here and is not let in");
            let name = edges::variable(id);
            let draft = Draft::new(message, format!("set {name}"));
            problems.note(draft.at(edge.id.place, ""));
        }
        if let Some(place) = edge.token_in_file {
            let hint = format!("set {} instead and take it out of the file", edges::variable(id));
            let message = format!("the token of the edge gateway `{id}` stands in a file");
            problems.note(Draft::new(message, hint).at(place, ""));
        }
    }
}
