//! `[mqtt]` as written: the site's broker.

use siskin_model::site::{BrokerTls, MqttVersion};

use super::connection::word;
use crate::fields::{Fields, FromNode};
use crate::node::Node;
use crate::problems::{Draft, Problems};
use crate::sources::{At, Place};

/// TCP port of MQTT without TLS (IANA).
const PORT_DEFAULT: u16 = 1883;
/// TCP port of MQTT with TLS (IANA).
const PORT_TLS_DEFAULT: u16 = 8883;

/// `[mqtt]`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct WrittenBroker {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) client_id: Option<String>,
    pub(crate) login: Option<(String, String)>,
    /// Where a password stands in a file.
    pub(crate) password_in_file: Option<Place>,
    pub(crate) version: MqttVersion,
    pub(crate) tls: Option<BrokerTls>,
    pub(crate) sparkplug_host: Option<String>,
}

impl FromNode for WrittenBroker {
    fn from_node(node: &Node, _: &str, problems: &mut Problems) -> Option<Self> {
        let mut fields = Fields::of(node, "[mqtt]", problems)?;
        let host = fields.required("host", problems);
        let tls: Option<At<Tls>> = fields.optional("tls", problems);
        let port_default = if tls.is_some() { PORT_TLS_DEFAULT } else { PORT_DEFAULT };
        let port = fields.or("port", port_default, problems);
        let version: Option<Version> = fields.or("version", Version(MqttVersion::V311), problems);
        let client_id = fields.optional("client_id", problems);
        let sparkplug_host = fields.optional("sparkplug_host", problems);
        let user: Option<At<String>> = fields.optional("user", problems);
        let password_in_file =
            fields.node("password").filter(|node| !node.from_environment).map(|node| node.place);
        let password: Option<At<String>> = fields.optional("password", problems);
        fields.finish(problems);
        if let (None, Some(_)) = (&user, &password) {
            let draft = Draft::new("a `password` without a `user`", "add `user = …` to [mqtt]");
            // At the table: the line of the password must not be shown.
            problems.add(draft.at(node.place, "whose password"));
        }
        let login = user.map(|user| (user.value, password.map_or_else(String::new, |p| p.value)));
        Some(Self {
            host: host?,
            port: port?,
            client_id,
            login,
            password_in_file,
            version: version?.0,
            tls: tls.map(|tls| tls.value.0),
            sparkplug_host,
        })
    }
}

struct Version(MqttVersion);

impl FromNode for Version {
    fn from_node(node: &Node, key: &str, problems: &mut Problems) -> Option<Self> {
        let words = [("3.1.1", MqttVersion::V311), ("5.0", MqttVersion::V5)];
        word(node, key, &words, problems).map(Self)
    }
}

struct Tls(BrokerTls);

impl FromNode for Tls {
    fn from_node(node: &Node, _: &str, problems: &mut Problems) -> Option<Self> {
        let mut fields = Fields::of(node, "`tls`", problems)?;
        let ca_file = fields.required("ca_file", problems);
        let cert: Option<String> = fields.optional("cert_file", problems);
        let key: Option<String> = fields.optional("key_file", problems);
        fields.finish(problems);
        if cert.is_some() != key.is_some() {
            let message = "`tls` has one of `cert_file` and `key_file`";
            let hint = "write both for a client certificate, or neither";
            problems.add(Draft::new(message, hint).at(node.place, "one is missing"));
            return None;
        }
        Some(Self(BrokerTls { ca_file: ca_file?, identity: cert.zip(key) }))
    }
}
