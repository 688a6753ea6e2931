//! The feed to pull: Atom 1.0 (RFC 4287), newest first, each entry with the address of its message.

use std::io;

use siskin_model::Timestamp;
use siskin_model::notify::{Language, Message};

use super::xml::Xml;
use crate::texts;

const NAMESPACE: &str = "http://www.w3.org/2005/Atom";
/// The media type of a CAP message.
pub const CAP_TYPE: &str = "application/cap+xml";

/// The feed of `messages`, newest first. Addresses are relative to the feed's own.
pub fn feed(
    (site, name): (&str, &str),
    messages: &[Message],
    now: Timestamp,
) -> io::Result<Vec<u8>> {
    let newest = messages.first().map_or(now, |message| message.made_at);
    let mut xml = Xml::begin("feed", NAMESPACE)?;
    xml.text("id", &format!("urn:siskin:{site}:cap"))?;
    xml.text("title", &format!("{name} CAP"))?;
    xml.text("updated", &newest.rfc3339(0))?;
    xml.within("author", |xml| xml.text("name", name))?;
    xml.empty("link", &[("rel", "self"), ("href", "feed")])?;
    for message in messages {
        let key = message.public_key();
        xml.within("entry", |xml| {
            xml.text("id", &format!("urn:siskin:{site}:cap:{key}"))?;
            xml.text("title", &texts::headline(message, message.kind, Language::Zh))?;
            xml.text("updated", &message.made_at.rfc3339(message.utc_offset_s))?;
            xml.text("summary", &texts::headline(message, message.kind, Language::En))?;
            xml.empty("link", &[("rel", "alternate"), ("type", CAP_TYPE), ("href", &key)])
        })?;
    }
    xml.end("feed")
}
