//! CAP 1.2 as OASIS wrote it: elements in the order of the schema.

use std::io;

use siskin_model::notify::{Language, Message, MessageKind, Show};
use siskin_model::{Tier, Timestamp};

use super::xml::Xml;
use super::{CapError, CapInput, Reference};
use crate::texts;

const NAMESPACE: &str = "urn:oasis:names:tc:emergency:cap:1.2";
/// Names of parameters: begin, end and highest tier as they stood before late data came.
const BEFORE: [&str; 3] = ["siskin:begin-before", "siskin:end-before", "siskin:peak-before"];
/// The same as it is known now.
const AFTER: [&str; 3] = ["siskin:begin", "siskin:end", "siskin:peak"];
/// How long an all-clear is shown by those who go by its expiry.
const ALL_CLEAR_MS: i64 = 3_600_000;

pub(super) fn write(input: &CapInput<'_>) -> Result<Vec<u8>, CapError> {
    let message = input.message;
    let mut xml = Xml::begin("alert", NAMESPACE)?;
    xml.text("identifier", input.identifier)?;
    xml.text("sender", input.sender)?;
    xml.text("sent", &moment(message.made_at, message.utc_offset_s))?;
    xml.text("status", status(&message.show))?;
    xml.text("msgType", msg_type(input.kind, input.references))?;
    xml.text("source", "Siskin")?;
    // Whom it goes to is the site's decision; it is not for the public to read before the bureau.
    xml.text("scope", "Restricted")?;
    xml.text("restriction", "仅供接收单位应急处置使用 / for the receiving authority only")?;
    xml.some("note", &note(message, input.kind))?;
    let references = references(input.references, input.sender, message.utc_offset_s);
    xml.some("references", &references)?;
    xml.text("incidents", message.warning.as_str())?;
    for &language in input.languages {
        xml.within("info", |xml| info(xml, input, language))?;
    }
    Ok(xml.end("alert")?)
}

/// With the offset, never `Z`; a zero offset is written `-00:00`.
pub(super) fn moment(at: Timestamp, utc_offset_s: i32) -> String {
    let (moment, offset) = texts::parts(at, utc_offset_s);
    let offset = if offset == "+00:00" { "-00:00" } else { &offset };
    format!("{moment}{offset}")
}

pub(super) fn status(show: &Show) -> &'static str {
    match show {
        Show::Real => "Actual",
        Show::Exercise(_) => "Exercise",
        Show::Test => "Test",
    }
}

/// The end of an event is an update; a cancellation says that it was told in error.
pub(super) fn msg_type(kind: MessageKind, references: &[Reference]) -> &'static str {
    match kind {
        MessageKind::Alert => "Alert",
        // An update names what it updates: who heard nothing before gets an alert.
        MessageKind::Correction if references.is_empty() => "Alert",
        MessageKind::Update
        | MessageKind::AllClear
        | MessageKind::Acknowledged
        | MessageKind::Correction => "Update",
        MessageKind::Cancel => "Cancel",
    }
}

fn note(message: &Message, kind: MessageKind) -> String {
    match (&message.show, kind) {
        (Show::Exercise(id), _) => format!("演练 / exercise {id}"),
        (Show::Test, _) => "测试 / test".to_owned(),
        (Show::Real, MessageKind::Cancel) => {
            let reason = message.reason.as_ref().map(|reason| format!(": {reason}"));
            format!("误报撤销 / told in error{}", reason.unwrap_or_default())
        }
        (Show::Real, MessageKind::Correction) => "数据后补 / late data".to_owned(),
        (Show::Real, _) => String::new(),
    }
}

fn references(all: &[Reference], sender: &str, utc_offset_s: i32) -> String {
    let one = |reference: &Reference| {
        let sent = moment(reference.sent_at, utc_offset_s);
        format!("{sender},{},{sent}", reference.identifier)
    };
    all.iter().map(one).collect::<Vec<_>>().join(" ")
}

fn info(xml: &mut Xml, input: &CapInput<'_>, language: Language) -> io::Result<()> {
    let (message, kind) = (input.message, input.kind);
    let zh = language == Language::Zh;
    xml.text("language", if zh { "zh-CN" } else { "en" })?;
    xml.text("category", "CBRNE")?;
    xml.text("category", "Env")?;
    let gas = texts::in_language(&message.gas_name, language);
    let event = if zh { format!("{gas}泄漏预警") } else { format!("{gas} release warning") };
    xml.text("event", &event)?;
    xml.text("responseType", response(message, kind))?;
    let is_over = kind.is_end() || kind == MessageKind::Correction;
    xml.text("urgency", if is_over { "Past" } else { "Immediate" })?;
    xml.text("severity", severity(message.tier))?;
    xml.text("certainty", "Observed")?;
    xml.text("effective", &moment(message.made_at, message.utc_offset_s))?;
    xml.text("onset", &moment(message.raised_at, message.utc_offset_s))?;
    if is_over {
        let expires = message.made_at.plus_ms(ALL_CLEAR_MS);
        xml.text("expires", &moment(expires, message.utc_offset_s))?;
    }
    xml.text("senderName", texts::in_language(&message.site_name, language))?;
    xml.text("headline", &texts::headline(message, kind, language))?;
    xml.text("description", texts::description(message, kind, language).trim_end())?;
    if !is_over {
        xml.some("instruction", &texts::instruction(message, language))?;
    }
    xml.some("contact", &texts::contact(message, language))?;
    for (name, value) in parameters(message) {
        xml.within("parameter", |xml| {
            xml.text("valueName", name)?;
            xml.text("value", &value)
        })?;
    }
    xml.within("area", |xml| area(xml, input, language))
}

fn response(message: &Message, kind: MessageKind) -> &'static str {
    match kind {
        MessageKind::AllClear => "AllClear",
        MessageKind::Cancel | MessageKind::Correction => "None",
        // "A pre-planned activity identified in <instruction>", where there is one.
        _ if message.actions.is_empty() => "Monitor",
        _ => "Execute",
    }
}

pub(super) fn severity(tier: Tier) -> &'static str {
    match tier {
        Tier::Red => "Extreme",
        Tier::Orange => "Severe",
        Tier::Yellow => "Moderate",
        Tier::Blue => "Minor",
    }
}

/// What machines read; only what is known.
fn parameters(message: &Message) -> Vec<(&'static str, String)> {
    let mut found = vec![("siskin:gas", message.gas.to_string())];
    found.extend(message.cas.iter().map(|cas| ("siskin:cas", cas.clone())));
    if let Some(said) = &message.said {
        found.extend(said.value.map(|value| ("siskin:value", texts::number(value))));
        found.extend(said.limit.map(|limit| ("siskin:limit", texts::number(limit))));
        found.push(("siskin:unit", said.unit.as_str().to_owned()));
        found.push(("siskin:rule", said.rule.to_string()));
        found.push(("siskin:channel", said.channel.clone()));
    }
    found.push(("siskin:tier", message.tier.as_str().to_owned()));
    found.push(("siskin:tier-peak", message.tier_peak.as_str().to_owned()));
    found
        .extend(message.rules_version.map(|version| ("siskin:rules-version", version.to_string())));
    if let Some(corrected) = &message.corrected {
        found.push(("siskin:late-data", "true".to_owned()));
        for (course, names) in [(corrected.before, BEFORE), (corrected.after, AFTER)] {
            let Some(course) = course else { continue };
            let moment = |at| moment(at, message.utc_offset_s);
            found.push((names[0], moment(course.begin)));
            found.extend(course.end.map(|end| (names[1], moment(end))));
            found.push((names[2], course.peak.as_str().to_owned()));
        }
    }
    found.push(("siskin:warning", message.warning.to_string()));
    found.push(("siskin:transition", message.transition.to_string()));
    found
}

fn area(xml: &mut Xml, input: &CapInput<'_>, language: Language) -> io::Result<()> {
    let message = input.message;
    let site = texts::in_language(&message.site_name, language);
    let area = texts::in_language(&message.area_name, language);
    xml.text("areaDesc", &format!("{site} {area}"))?;
    if let Some(geo) = &message.geo {
        xml.some("polygon", &polygon(&geo.corners))?;
        let (latitude, longitude, radius_m) = geo.circle;
        let kilometres = radius_m / 1000.0;
        xml.text("circle", &format!("{latitude:.6},{longitude:.6} {kilometres:.3}"))?;
    }
    for code in input.geocodes {
        xml.within("geocode", |xml| {
            xml.text("valueName", "GB/T 2260")?;
            xml.text("value", code)
        })?;
    }
    Ok(())
}

/// Pairs of latitude and longitude, the first one again at the end; at least four of them.
pub(super) fn polygon(corners: &[(f64, f64)]) -> String {
    if corners.len() < 3 {
        return String::new();
    }
    let closed = corners.iter().chain(corners.first());
    let pair = |(latitude, longitude): &(f64, f64)| format!("{latitude:.6},{longitude:.6}");
    closed.map(pair).collect::<Vec<_>>().join(" ")
}
