//! The ways to people and things: mail, gateways of text messages and calls, sirens.
//!
//! Must never hold a secret itself, only the name of its file.

use std::collections::BTreeMap;

use super::recipient::{Secret, Tls};
use super::template::Template;

/// How a line to a mail server is kept from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailEncryption {
    /// TLS is asked for on a plain line; a server that has none gets nothing.
    StartTls,
    /// TLS from the first byte.
    Tls,
    /// None: a server on this machine only.
    None,
}

impl MailEncryption {
    /// The usual port.
    pub const fn port(self) -> u16 {
        match self {
            Self::StartTls => 587,
            Self::Tls => 465,
            Self::None => 25,
        }
    }
}

/// A mail by SMTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// The server's name: the one in its certificate.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// How the line is kept from others.
    pub encryption: MailEncryption,
    /// Who is trusted.
    pub tls: Tls,
    /// The account and the file of its password; none: the server asks for none.
    pub login: Option<(String, Secret)>,
    /// Who it is from.
    pub from: String,
    /// Who it is for; at least one.
    pub to: Vec<String>,
}

/// What a gateway makes of a message: a name for people, the request is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GatewayKind {
    /// A text message to telephones.
    Sms,
    /// A call that reads the text aloud.
    Voice,
}

/// How a request to a gateway is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// All is in the address.
    Get,
    /// With a body.
    Post,
    /// With a body.
    Put,
}

/// What the body of a request is; it says how values are escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyType {
    /// JSON: placeholders stand inside quotes.
    Json,
    /// `name=value&…`.
    Form,
}

/// What in the body of an answer says that a message was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// The status alone.
    Status,
    /// The whole body is this text, but for blanks at its ends.
    Body(String),
    /// The body is JSON whose value at this pointer (RFC 6901) is written like this.
    Json {
        /// Where.
        pointer: String,
        /// The text, number or truth there, as written.
        value: String,
    },
}

/// A gateway of text messages or calls: an HTTP request of the site's own form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gateway {
    /// What it makes.
    pub kind: GatewayKind,
    /// How the request is made.
    pub method: Method,
    /// Where to; values are escaped for an address.
    pub url: Template,
    /// Further headers.
    pub headers: BTreeMap<String, Template>,
    /// The body; none with [`Method::Get`].
    pub body: Option<(BodyType, Template)>,
    /// Telephones: `{to}`, with commas between.
    pub to: Vec<String>,
    /// Names of placeholders and the files of their values.
    pub secrets: BTreeMap<String, Secret>,
    /// Who is trusted.
    pub tls: Tls,
    /// Statuses that are a yes; empty: 200 to 299.
    pub statuses: Vec<u16>,
    /// What the body has to say.
    pub taken: Taken,
}

/// What says whether a siren really sounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feedback {
    /// A coil, other than the one that switches it.
    Coil(u16),
    /// A discrete input.
    Input(u16),
}

/// When a siren is switched off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SirenOff {
    /// When the warning is over: returned and acknowledged.
    AllClear,
    /// When its last alarm has returned.
    Returned,
    /// When a person has acknowledged it, whether it goes on or not.
    Acknowledged,
}

/// A siren or beacon: a coil by Modbus TCP, with feedback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Siren {
    /// Its controller.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// The unit behind it.
    pub unit: u8,
    /// The coil that switches it, counted from 0.
    pub coil: u16,
    /// What says that it sounds.
    pub feedback: Feedback,
    /// How long the feedback may take, in milliseconds.
    pub within_ms: u64,
    /// When it is switched off.
    pub off: SirenOff,
}

/// A message to a broker, for whoever listens there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mqtt {
    /// The broker.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Who is trusted; no authority: a plain line, to this machine only.
    pub tls: Tls,
    /// The account and the file of its password; none: the broker asks for none.
    pub login: Option<(String, Secret)>,
    /// Where it is published.
    pub topic: Template,
}
