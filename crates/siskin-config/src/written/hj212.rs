//! HJ 212 as written: `hj212 = { … }` of an analyzer, and the keys of loggers that encrypt.
//!
//! Keys stand in the table `[hj212_keys]` by analyzer, which is how the environment gives them
//! (`SISKIN__HJ212_KEYS__FENCE_1`). Must never show a key in a problem, and never choose a text
//! form or a fill of encrypted content: what the standard says of them is not known here.

use siskin_model::site::{
    Connection, Hj212Crc, Hj212Logger, Hj212Sm4, Hj212Version, Sm4Fill, Sm4Key, Sm4Text,
};

use super::connection::word;
use crate::fields::{Fields, FromNode};
use crate::node::{Node, Value};
use crate::problems::{Draft, Problems};
use crate::sources::{At, Place};

/// `hj212 = { … }`.
pub(super) struct Logger(pub(super) Connection);

impl FromNode for Logger {
    fn from_node(node: &Node, _: &str, problems: &mut Problems) -> Option<Self> {
        let mut fields = Fields::of(node, "`hj212`", problems)?;
        let mn: Option<At<String>> = fields.required("mn", problems);
        let password: Option<At<String>> = fields.optional("password", problems);
        let version: Option<Version> = fields.or("version", Version(Hj212Version::V2017), problems);
        let crc: Option<Crc> = fields.or("crc", Crc(Hj212Crc::Standard), problems);
        let sets_clock = fields.or("sets_clock", false, problems);
        let has_sm4 = fields.has("sm4");
        let sm4: Option<At<Sm4>> = fields.optional("sm4", problems);
        fields.finish(problems);
        let mn = mn?;
        let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if mn.value.is_empty() || !mn.value.chars().all(is_plain) {
            let message = format!("the MN `{}` is not one", mn.value);
            let hint = "write the logger's MN (设备唯一标识): letters, digits, `_` and `-`";
            problems.add(Draft::new(message, hint).at(mn.place, "not an MN"));
            return None;
        }
        let version = version?.0;
        if let Some(sm4) = sm4.as_ref().filter(|_| version != Hj212Version::V2025) {
            let hint = "add `version = \"2025\"`, or take `sm4` out";
            let draft = Draft::new("`sm4` is of HJ 212-2025 only", hint);
            problems.add(draft.at(sm4.place, "of another edition"));
        }
        if has_sm4 && sm4.is_none() {
            return None;
        }
        Some(Self(Connection::Hj212(Hj212Logger {
            mn: mn.value,
            password: password.map(|password| password.value),
            version,
            crc: crc?.0,
            sets_clock: sets_clock?,
            sm4: sm4.map(|sm4| sm4.value.0),
        })))
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Version(pub(super) Hj212Version);

impl FromNode for Version {
    fn from_node(node: &Node, key: &str, problems: &mut Problems) -> Option<Self> {
        use Hj212Version::{V2005, V2017, V2025};
        word(node, key, &[("2005", V2005), ("2017", V2017), ("2025", V2025)], problems).map(Self)
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Crc(pub(super) Hj212Crc);

impl FromNode for Crc {
    fn from_node(node: &Node, key: &str, problems: &mut Problems) -> Option<Self> {
        let words = [("standard", Hj212Crc::Standard), ("modbus", Hj212Crc::Modbus)];
        word(node, key, &words, problems).map(Self)
    }
}

/// `sm4 = { text = …, fill = … }`: both must be written.
struct Sm4(Hj212Sm4);

impl FromNode for Sm4 {
    fn from_node(node: &Node, _: &str, problems: &mut Problems) -> Option<Self> {
        let mut fields = Fields::of(node, "`sm4`", problems)?;
        let text: Option<Form> = fields.required("text", problems);
        let fill: Option<Fill> = fields.required("fill", problems);
        if fields.has("key") && fields.node("key").is_some() {
            // At the begin of the file: the line of the key must not be shown.
            let place = Place { start: 0, end: 0, ..node.place };
            let hint = "give it by the environment: SISKIN__HJ212_KEYS__ and the analyzer's id";
            problems.add(Draft::new("an `sm4` has a `key`", hint).at(place, "in this file"));
        }
        fields.finish(problems);
        Some(Self(Hj212Sm4 { text: text?.0, fill: fill?.0, key: None }))
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Form(pub(super) Sm4Text);

impl FromNode for Form {
    fn from_node(node: &Node, key: &str, problems: &mut Problems) -> Option<Self> {
        word(node, key, &[("hex", Sm4Text::Hex), ("base64", Sm4Text::Base64)], problems).map(Self)
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Fill(pub(super) Sm4Fill);

impl FromNode for Fill {
    fn from_node(node: &Node, key: &str, problems: &mut Problems) -> Option<Self> {
        use Sm4Fill::{None, Pkcs7, Space, Zero};
        let words = [("none", None), ("zero", Zero), ("space", Space), ("pkcs7", Pkcs7)];
        word(node, key, &words, problems).map(Self)
    }
}

/// The key of one logger.
#[derive(Debug)]
pub(crate) struct WrittenKey {
    /// Its analyzer, as written: a variable has `_` for `-` and small letters only.
    pub(crate) analyzer: String,
    pub(crate) key: Option<Sm4Key>,
    /// Where problems of it stand: its own line must not be shown.
    pub(crate) table: Place,
    /// Where it stands in a file.
    pub(crate) in_file: Option<Place>,
}

/// Names of variables have neither `-` nor letters of two sizes.
pub(crate) fn key_name(analyzer: &str) -> String {
    analyzer.replace('-', "_").to_lowercase()
}

/// The variable that gives the key of the logger `analyzer`.
pub(crate) fn key_variable(analyzer: &str) -> String {
    format!("SISKIN__HJ212_KEYS__{}", key_name(analyzer).to_uppercase())
}

/// Reads `[hj212_keys]`.
pub(super) fn keys(fields: &mut Fields<'_>, problems: &mut Problems) -> Vec<WrittenKey> {
    let Some(node) = fields.node("hj212_keys") else {
        return Vec::new();
    };
    let Value::Table(entries) = &node.value else {
        let message = "`hj212_keys` must be a table of keys by analyzer";
        let hint = "write [hj212_keys] and below it `fence-1 = …`";
        problems.add(Draft::new(message, hint).at(node.place, "not a table"));
        return Vec::new();
    };
    let mut found = Vec::new();
    for entry in entries {
        let key = match &entry.node.value {
            Value::Text(text) => Sm4Key::parse(text),
            _ => None,
        };
        if key.is_none() {
            let message = format!("the key for `{}` is not 32 hex digits", entry.key.value);
            let hint = "SM4 has keys of 128 bits: write them as 32 digits 0-9 and a-f, in quotes";
            problems.add(Draft::new(message, hint).at(node.place, "whose key is not one"));
        }
        let in_file = (!entry.node.from_environment).then_some(entry.node.place);
        let analyzer = entry.key.value.clone();
        found.push(WrittenKey { analyzer, key, table: node.place, in_file });
    }
    found
}
