//! Mail, gateways and brokers: whom they reach, who is trusted, and that a drill can be told from
//! the real thing.

use std::collections::BTreeSet;

use siskin_model::notify::template::{MARKED, NAMES};
use siskin_model::notify::{Gateway, Mail, MailEncryption, Method, Mqtt, Taken, Template};

use super::names;
use super::recipients::{address, needs_ca};
use crate::problems::{Draft, Problems};
use crate::written::recipients::WrittenWay;

/// The most addresses or telephones of one way.
const TO_MAX: usize = 20;
/// The name that telephones are filled in for.
const TO: &str = "to";
/// What a topic may name: all of them are plain words.
const TOPIC_NAMES: [&str; 6] = ["site", "area", "gas", "tier", "kind", "status"];

pub(super) fn mail(mail: &Mail, way: &WrittenWay, problems: &mut Problems) {
    let is_here = ["127.0.0.1", "localhost", "::1"].contains(&mail.host.as_str());
    if mail.encryption == MailEncryption::None && !is_here {
        let message = "a mail to another machine must be encrypted";
        let draft = Draft::new(message, "write `encryption = \"starttls\"` or \"tls\"");
        problems.add(draft.at(way.place, "`encryption` is \"none\""));
    }
    if mail.encryption != MailEncryption::None && mail.tls.ca_file.is_none() {
        needs_ca(way, problems);
    }
    if !mail.host.bytes().all(|byte| byte.is_ascii_graphic() && !b"/@[]".contains(&byte)) {
        let draft = Draft::new("`host` is no name of a server", "write mail.park.example.cn");
        problems.add(draft.at(way.place, "this way"));
    }
    count(&mail.to, way, problems);
    for one in mail.to.iter().chain([&mail.from]) {
        // `Li Lei <li@park.example>` or the address alone; the sender's own check is stricter.
        let alone = one.rsplit_once('<').map_or(one.as_str(), |(_, end)| end.trim_end_matches('>'));
        let parts = alone.split_once('@');
        let is_part = |text: &str| {
            !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic() && !b"<>@,".contains(&b))
        };
        let is_sound = parts.is_some_and(|(name, domain)| is_part(name) && is_part(domain));
        if !is_sound || one.contains(char::is_control) {
            let message = format!("`{one}` is no mail address");
            let draft = Draft::new(message, "write name@domain or \"Somebody <name@domain>\"");
            problems.add(draft.at(way.place, "this way"));
        }
    }
}

pub(super) fn mqtt(mqtt: &Mqtt, way: &WrittenWay, problems: &mut Problems) {
    let is_here = ["127.0.0.1", "localhost", "::1"].contains(&mqtt.host.as_str());
    if mqtt.tls.ca_file.is_none() && !is_here {
        needs_ca(way, problems);
    }
    for name in mqtt.topic.names().filter(|name| !TOPIC_NAMES.contains(name)) {
        names::unknown(name, way.place, "placeholder of a topic", TOPIC_NAMES, problems);
    }
    let topic = mqtt.topic.fill(|_| Some("a".to_owned())).unwrap_or_default();
    if topic.starts_with('$') || topic.contains(['+', '#']) || topic.contains(char::is_control) {
        let draft = Draft::new("nothing can be published to this `topic`", "leave +, # and $ out");
        problems.add(draft.at(way.place, "this way"));
    }
}

fn count(to: &[String], way: &WrittenWay, problems: &mut Problems) {
    if !(1..=TO_MAX).contains(&to.len()) {
        let message = format!("`to` has {} addresses, not 1 to {TO_MAX}", to.len());
        let draft = Draft::new(message, "name who is to get it; make more recipients for more");
        problems.add(draft.at(way.place, "this way"));
    }
}

pub(super) fn gateway(gateway: &Gateway, way: &WrittenWay, problems: &mut Problems) {
    // What is filled in must not say which machine is asked: `@` is refused in a host.
    let url = gateway.url.fill(|_| Some("@".to_owned())).unwrap_or_default();
    address(&url, gateway.tls.ca_file.is_some(), way, problems);
    count(&gateway.to, way, problems);
    let is_phone = |text: &String| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || b"+-".contains(&byte))
    };
    for phone in gateway.to.iter().filter(|text| !is_phone(text)) {
        let draft = Draft::new(format!("`{phone}` is no telephone"), "digits, `+` and `-` only");
        problems.add(draft.at(way.place, "this way"));
    }
    filled_in(gateway, way, problems);
    secrets(gateway, way, problems);
    let mut wrong = |message: &str, hint: &str| {
        problems.add(Draft::new(message, hint).at(way.place, "this way"));
    };
    if (gateway.method == Method::Get) == gateway.body.is_some() {
        wrong("GET has no `body`, POST and PUT have one", "give the `body`, or change `method`");
    }
    if gateway.statuses.iter().any(|status| !(200..300).contains(status)) {
        wrong("`accept_statuses` has one that is no success", "write some of 200 to 299");
    }
    if matches!(&gateway.taken, Taken::Json { pointer, .. } if !pointer.starts_with('/')) {
        wrong("`accept_pointer` is no JSON pointer", "write for example \"/code\"");
    }
}

/// Every name is known, telephones are told, and a drill looks like one.
fn filled_in(gateway: &Gateway, way: &WrittenWay, problems: &mut Problems) {
    let said = [&gateway.url].into_iter().chain(gateway.body.as_ref().map(|(_, body)| body));
    let said: BTreeSet<&str> = said.flat_map(Template::names).collect();
    let headers = gateway.headers.values().flat_map(Template::names);
    let own = gateway.secrets.keys().map(String::as_str);
    let known = || NAMES.into_iter().chain([TO]).chain(own.clone());
    for name in said.iter().copied().chain(headers) {
        if known().all(|one| one != name) {
            names::unknown(name, way.place, "placeholder", known(), problems);
        }
    }
    if !said.contains(TO) {
        let draft = Draft::new("neither `url` nor `body` says to whom", "write {to} where it goes");
        problems.add(draft.at(way.place, "no {to}"));
    }
    if MARKED.iter().all(|name| !said.contains(name)) {
        let message = "a drill would look like the real thing here";
        let hint = "say {mark_zh}, {headline_zh}, {text_zh}, the same in _en, or {status}";
        problems.add(Draft::new(message, hint).at(way.place, "nothing marks a drill"));
    }
}

fn secrets(gateway: &Gateway, way: &WrittenWay, problems: &mut Problems) {
    for name in gateway.secrets.keys() {
        let is_taken = name == TO || NAMES.contains(&name.as_str());
        let is_name = Template::of(&format!("{{{name}}}")).names().next() == Some(name);
        if is_taken || !is_name {
            let message = format!("`{name}` cannot be the name of a secret");
            let hint = "small letters, digits and _, and no placeholder of a message";
            problems.add(Draft::new(message, hint).at(way.place, "this way"));
        }
    }
    let is_secret =
        |template: &Template| template.names().any(|name| gateway.secrets.contains_key(name));
    for (name, template) in &gateway.headers {
        let word = name.to_ascii_lowercase();
        let holds = ["authorization", "token", "secret", "key", "password", "cookie"];
        if holds.iter().any(|one| word.contains(one)) && !is_secret(template) {
            let message = format!("the header `{name}` would be a secret in a settings file");
            let hint = "name a file of mode 600 under `secrets` and write its {name} here";
            problems.add(Draft::new(message, hint).at(way.place, "this way"));
        }
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        if !name.bytes().all(is_plain) {
            let draft = Draft::new(format!("`{name}` is no header"), "letters, digits and -");
            problems.add(draft.at(way.place, "this way"));
        }
    }
}
