//! The ways to people as written: mail, gateways of text messages and calls, brokers.

use std::collections::BTreeMap;

use siskin_model::notify::{
    BodyType, Gateway, GatewayKind, Mail, MailEncryption, Method, Mqtt, Secret, Taken, Template,
    Way,
};

use super::connection::word;
use crate::fields::{Fields, FromNode, wrong_type};
use crate::node::{Node, Value};
use crate::problems::{Draft, Problems};

impl FromNode for MailEncryption {
    fn from_node(node: &Node, key: &str, problems: &mut Problems) -> Option<Self> {
        let words = [("starttls", Self::StartTls), ("tls", Self::Tls), ("none", Self::None)];
        word(node, key, &words, problems)
    }
}

impl FromNode for Method {
    fn from_node(node: &Node, key: &str, problems: &mut Problems) -> Option<Self> {
        let words = [("GET", Self::Get), ("POST", Self::Post), ("PUT", Self::Put)];
        word(node, key, &words, problems)
    }
}

impl FromNode for BodyType {
    fn from_node(node: &Node, key: &str, problems: &mut Problems) -> Option<Self> {
        word(node, key, &[("json", Self::Json), ("form", Self::Form)], problems)
    }
}

/// A table of texts.
struct Texts(BTreeMap<String, String>);

impl FromNode for Texts {
    fn from_node(node: &Node, key: &str, problems: &mut Problems) -> Option<Self> {
        let Value::Table(entries) = &node.value else {
            wrong_type(node, key, "a table of texts", problems);
            return None;
        };
        let one = |entry: &crate::node::Entry| {
            let name = entry.key.value.clone();
            String::from_node(&entry.node, &name, problems).map(|text| (name, text))
        };
        let read: Vec<_> = entries.iter().map(one).collect();
        read.into_iter().collect::<Option<_>>().map(Self)
    }
}

pub(super) fn mail(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Way> {
    let host = fields.required("host", problems);
    let encryption = fields.or("encryption", MailEncryption::StartTls, problems);
    let port = fields.or("port", encryption?.port(), problems);
    let tls = super::recipients::tls(fields, problems);
    let from = fields.required("from", problems);
    let to = fields.required("to", problems);
    let login = login(fields, problems)?;
    Some(Way::Mail(Mail {
        host: host?,
        port: port?,
        encryption: encryption?,
        tls: tls?,
        login,
        from: from?,
        to: to?,
    }))
}

/// None where only one half of an account is named.
#[allow(clippy::option_option, reason = "none: what is written is wrong; some none: no account")]
fn login(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Option<(String, Secret)>> {
    let user: Option<String> = fields.optional("user", problems);
    let password: Option<String> = fields.optional("password_file", problems);
    match (user, password) {
        (Some(user), Some(file)) => Some(Some((user, Secret { file }))),
        (None, None) => Some(None),
        _ => {
            let message = "`user` and `password_file` belong together";
            let draft = Draft::new(message, "name both, or none where the server asks for none");
            problems.add(draft.at(fields.place(), "only one of them"));
            None
        }
    }
}

pub(super) fn mqtt(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Way> {
    let host = fields.required("host", problems);
    let tls = super::recipients::tls(fields, problems);
    let is_tls = tls.as_ref().is_some_and(|tls| tls.ca_file.is_some());
    let port = fields.or("port", if is_tls { 8883 } else { 1883 }, problems);
    let login = login(fields, problems);
    let topic: Option<String> = fields.required("topic", problems);
    Some(Way::Mqtt(Mqtt {
        host: host?,
        port: port?,
        tls: tls?,
        login: login?,
        topic: Template::of(&topic?),
    }))
}

pub(super) fn gateway(
    kind: GatewayKind,
    fields: &mut Fields<'_>,
    problems: &mut Problems,
) -> Option<Way> {
    let method = fields.or("method", Method::Post, problems);
    let url: Option<String> = fields.required("url", problems);
    let headers = fields.or("headers", Texts(BTreeMap::new()), problems);
    let body_type = fields.or("body_type", BodyType::Json, problems);
    let has_body = fields.has("body");
    let body: Option<String> = fields.optional("body", problems);
    let to = fields.required("to", problems);
    let secrets = fields.or("secrets", Texts(BTreeMap::new()), problems);
    let tls = super::recipients::tls(fields, problems);
    let statuses = fields.or("accept_statuses", Vec::new(), problems);
    let taken = taken(fields, problems);
    if has_body && body.is_none() {
        return None;
    }
    let template = |(name, text): (String, String)| (name, Template::of(&text));
    let secret = |(name, file): (String, String)| (name, Secret { file });
    let body_type = body_type?;
    Some(Way::Gateway(Gateway {
        kind,
        method: method?,
        url: Template::of(&url?),
        headers: headers?.0.into_iter().map(template).collect(),
        body: body.map(|text| (body_type, Template::of(&text))),
        to: to?,
        secrets: secrets?.0.into_iter().map(secret).collect(),
        tls: tls?,
        statuses: statuses?,
        taken: taken?,
    }))
}

/// None where what is written is not one thing.
fn taken(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Taken> {
    let body: Option<String> = fields.optional("accept_body", problems);
    let pointer: Option<String> = fields.optional("accept_pointer", problems);
    let value: Option<String> = fields.optional("accept_value", problems);
    // One of them that is written wrongly is a problem already and must not count as left out.
    let written = ["accept_body", "accept_pointer", "accept_value"];
    let count = written.iter().filter(|key| fields.has(key)).count();
    match (body, pointer, value, count) {
        (None, None, None, 0) => Some(Taken::Status),
        (Some(text), None, None, 1) => Some(Taken::Body(text)),
        (None, Some(pointer), Some(value), 2) => Some(Taken::Json { pointer, value }),
        _ => {
            let message = "what says yes is not clear";
            let hint = "write `accept_body`, or `accept_pointer` and `accept_value` as texts";
            problems.add(Draft::new(message, hint).at(fields.place(), "this way"));
            None
        }
    }
}
