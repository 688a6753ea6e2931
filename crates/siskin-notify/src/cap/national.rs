//! The profile of the Chinese national release system, as a template.
//!
//! [unverified]: GB/T 35965.1-2018 and GB/T 34283-2017 were not read. The elements are those seen
//! in published code and feeds; their order and the rule of the identifier's serial are not
//! confirmed by the standard, and the code of the event type is the site's to set. A receiving
//! system must be asked before this is relied on. Differences from OASIS: colour words, metres, a
//! blank in times, scope Public.

use std::io;

use siskin_model::notify::{Language, MessageKind, Show};
use siskin_model::{Text, Tier, Timestamp};

use super::oasis::{msg_type, polygon};
use super::xml::Xml;
use super::{CapError, CapInput};
use crate::texts;

const NAMESPACE: &str = "http://com.icss.amp";

pub(super) fn write(input: &CapInput<'_>) -> Result<Vec<u8>, CapError> {
    let national = input.national.ok_or(CapError::NoUnit)?;
    let unit = national.unit.as_str();
    let message = input.message;
    let mut xml = Xml::begin("alert", NAMESPACE)?;
    xml.text("identifier", &identifier(unit, message.made_at, message.utc_offset_s, input))?;
    xml.text("sender", &message.site_name.zh)?;
    xml.text("senderCode", unit)?;
    xml.text("sendTime", &moment(message.made_at, message.utc_offset_s))?;
    // Exercise exists in the profile; in use were seen Actual and Test only.
    xml.text("status", super::oasis::status(&message.show))?;
    xml.text("msgType", msg_type(input.kind, input.references))?;
    xml.text("scope", "Public")?;
    xml.within("code", |xml| {
        xml.within("method", |xml| {
            xml.text("methodName", "SMS")?;
            xml.text("message", &texts::headline(message, input.kind, Language::Zh))?;
            xml.text("audienceGrp", "")?;
            xml.text("audiencePrt", "")
        })
    })?;
    xml.text("secClassification", "None")?;
    xml.some("note", &note(input))?;
    if let Some(first) = input.references.first() {
        // The first message of the event, not the last one.
        xml.text("references", &first.identifier)?;
    }
    xml.within("info", |xml| info(xml, input, &national.event_type))?;
    Ok(xml.end("alert")?)
}

/// Unit, time, serial. The serial keeps two warnings of one second apart: a receiver that takes one
/// for the other would lose a warning without a word.
fn identifier(unit: &str, at: Timestamp, utc_offset_s: i32, input: &CapInput<'_>) -> String {
    let (moment, _) = texts::parts(at, utc_offset_s);
    let digits: String = moment.chars().filter(char::is_ascii_digit).collect();
    let mut sum: u32 = 0;
    for byte in input.identifier.bytes() {
        sum = sum.wrapping_mul(31).wrapping_add(u32::from(byte));
    }
    format!("{unit}_{digits}_{sum:08x}")
}

fn moment(at: Timestamp, utc_offset_s: i32) -> String {
    let (moment, offset) = texts::parts(at, utc_offset_s);
    format!("{}{offset}", moment.replace('T', " "))
}

fn note(input: &CapInput<'_>) -> String {
    match (&input.message.show, input.kind) {
        (Show::Exercise(id), _) => format!("演练 {id}"),
        (_, MessageKind::Cancel) => "误报撤销".to_owned(),
        (_, MessageKind::Correction) => "数据后补".to_owned(),
        _ => String::new(),
    }
}

fn info(xml: &mut Xml, input: &CapInput<'_>, event_type: &str) -> io::Result<()> {
    let (message, kind) = (input.message, input.kind);
    let offset_s = message.utc_offset_s;
    xml.text("language", "zh-CN")?;
    xml.text("eventType", event_type)?;
    xml.text("urgency", "Unknown")?;
    xml.text("severity", colour(message.tier))?;
    xml.text("certainty", "Unknown")?;
    xml.text("effective", &moment(message.made_at, offset_s))?;
    xml.text("onset", &moment(message.raised_at, offset_s))?;
    xml.text("senderName", &signed_by(&message.site_name))?;
    xml.text("headline", &texts::headline(message, kind, Language::Zh))?;
    xml.text("description", texts::description(message, kind, Language::Zh).trim_end())?;
    xml.some("instruction", &texts::instruction(message, Language::Zh))?;
    xml.within("area", |xml| {
        xml.text("areaDesc", &format!("{} {}", message.site_name.zh, message.area_name.zh))?;
        if let Some(geo) = &message.geo {
            xml.some("polygon", &polygon(&geo.corners))?;
            let (latitude, longitude, radius_m) = geo.circle;
            xml.text("circle", &format!("{latitude:.6},{longitude:.6} {radius_m:.0}"))?;
        }
        xml.text("geocode", &input.geocodes.join(","))
    })
}

/// The profile wants the person who signed; a message that goes out by itself has none.
fn signed_by(site: &Text) -> String {
    format!("{}（自动发布）", site.zh)
}

fn colour(tier: Tier) -> &'static str {
    match tier {
        Tier::Red => "Red",
        Tier::Orange => "Orange",
        Tier::Yellow => "Yellow",
        Tier::Blue => "Blue",
    }
}
