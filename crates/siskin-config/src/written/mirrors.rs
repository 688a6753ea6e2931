//! `[[mirror]]` as written: where readings and events are copied to, and the tokens for that.
//!
//! A token stands beside its mirror, or in the table `[mirror_tokens]`, which is how the
//! environment gives it (`SISKIN__MIRROR_TOKENS__HALL`). Must never show a token in a problem.

use super::connection::word;
use crate::fields::{Fields, FromNode, items};
use crate::node::{Node, Value};
use crate::problems::{Draft, Problems};
use crate::settings::MirrorStart;
use crate::sources::{At, Place};
use crate::values::PlainId;

/// Letters a token has at most: more do not fit in a header.
const TOKEN_LETTERS_MAX: usize = 512;
/// Letters of an organisation or a bucket.
const NAME_LETTERS_MAX: usize = 200;

/// Days for which a mirror holds deletion back where a site says nothing: a year and a month to
/// see that it is away.
const HOLDS_DAYS: u32 = 400;
/// The most: a century, as good as without a limit.
const HOLDS_DAYS_MAX: u32 = 36_500;

/// One `[[mirror]]`.
#[derive(Debug)]
pub(crate) struct WrittenMirror {
    pub(crate) name: At<PlainId>,
    pub(crate) url: At<String>,
    pub(crate) org: String,
    pub(crate) bucket: String,
    pub(crate) token: Option<String>,
    /// Where its token stands in a file.
    pub(crate) token_in_file: Option<Place>,
    pub(crate) ca_file: Option<String>,
    pub(crate) gzip: bool,
    pub(crate) start: MirrorStart,
    pub(crate) holds_days: u32,
}

/// The variable that gives the token of the mirror `name`.
pub(crate) fn variable(name: &str) -> String {
    format!("SISKIN__MIRROR_TOKENS__{}", name.replace('-', "_").to_uppercase())
}

/// Reads every mirror; those with a problem are left out.
pub(crate) fn read(fields: &mut Fields<'_>, problems: &mut Problems) -> Vec<WrittenMirror> {
    let found = items(fields, "mirror", problems);
    let mut mirrors: Vec<_> = found.iter().filter_map(|node| one(node, problems)).collect();
    let Some(node) = fields.node("mirror_tokens") else {
        return mirrors;
    };
    let Value::Table(entries) = &node.value else {
        let message = "`mirror_tokens` must be a table of tokens by mirror";
        let hint = "write [mirror_tokens] and below it `hall = …`";
        problems.add(Draft::new(message, hint).at(node.place, "not a table"));
        return mirrors;
    };
    for entry in entries {
        let name = key(&entry.key.value);
        let Some(mirror) = mirrors.iter_mut().find(|one| key(&one.name.value.0) == name) else {
            let message = format!("a token is given for `{}`, which is no mirror", entry.key.value);
            let hint = "add [[mirror]] with this name to site.toml, or take the token out";
            problems.add(Draft::new(message, hint).at(node.place, "of nobody"));
            continue;
        };
        mirror.token = token(&entry.node, node.place, problems);
        mirror.token_in_file = (!entry.node.from_environment).then_some(entry.node.place);
    }
    mirrors
}

/// Names of variables have neither `-` nor letters of two sizes.
fn key(name: &str) -> String {
    name.replace('-', "_").to_lowercase()
}

fn one(node: &Node, problems: &mut Problems) -> Option<WrittenMirror> {
    let mut fields = Fields::of(node, "[[mirror]]", problems)?;
    let name = fields.required("name", problems);
    let url = fields.required("url", problems).filter(|url| is_url(url, node.place, problems));
    let org = fields.required("org", problems).and_then(|org| named(org, "org", problems));
    let bucket = fields.required("bucket", problems);
    let bucket = bucket.and_then(|bucket| named(bucket, "bucket", problems));
    let written = fields.node("token");
    let token_in_file = written.map(|node| node.place);
    let token = written.and_then(|written| token(written, node.place, problems));
    let ca_file = fields.optional("ca_file", problems);
    let gzip = fields.or("gzip", true, problems);
    let start = fields.or("start", MirrorStart::Beginning, problems);
    let holds_days = fields.optional("holds_days", problems);
    let holds_days = holds_days.map_or(Some(HOLDS_DAYS), |days| held(&days, problems));
    fields.finish(problems);
    Some(WrittenMirror {
        name: name?,
        url: url?,
        org: org?,
        bucket: bucket?,
        token,
        token_in_file,
        ca_file,
        gzip: gzip?,
        start: start?,
        holds_days: holds_days?,
    })
}

fn held(days: &At<u32>, problems: &mut Problems) -> Option<u32> {
    if (1..=HOLDS_DAYS_MAX).contains(&days.value) {
        return Some(days.value);
    }
    let message = format!("`holds_days` must be from 1 to {HOLDS_DAYS_MAX}");
    let hint = "a mirror that is away for longer no longer keeps old readings from being deleted";
    problems.add(Draft::new(message, hint).at(days.place, "out of range"));
    None
}

impl FromNode for MirrorStart {
    fn from_node(node: &Node, key: &str, problems: &mut Problems) -> Option<Self> {
        word(node, key, &[("beginning", Self::Beginning), ("now", Self::Now)], problems)
    }
}

/// `http` or `https`, a host, a port; the path is always `/api/v2/write`.
fn is_url(url: &At<String>, table: Place, problems: &mut Problems) -> bool {
    let text = url.value.as_str();
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    let host = rest.map(|rest| rest.strip_suffix('/').unwrap_or(rest));
    let is_sound = host.is_some_and(|host| {
        let port = host.rsplit_once(':').map(|(_, port)| port).filter(|_| !host.ends_with(']'));
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b".-_:[]".contains(&b);
        !host.is_empty()
            && !host.starts_with(':')
            && host.bytes().all(allowed)
            && port.is_none_or(|port| port.parse::<u16>().is_ok())
    });
    if !is_sound {
        // An address may have a password in it, so neither it nor its line is shown.
        let message = "`url` must be the address of a server, without a path, user or query";
        let hint = "write for example \"http://127.0.0.1:8086\"; \
                    Siskin writes to /api/v2/write there";
        problems.add(Draft::new(message, hint).at(table, "whose url is not http(s)://host:port"));
    }
    is_sound
}

fn named(text: At<String>, key: &str, problems: &mut Problems) -> Option<String> {
    if (1..=NAME_LETTERS_MAX).contains(&text.value.chars().count()) {
        return Some(text.value);
    }
    let message = format!("`{key}` has 1 to {NAME_LETTERS_MAX} letters");
    let hint = "a server that knows no such thing ignores it: write any name";
    problems.add(Draft::new(message, hint).at(text.place, "too short or too long"));
    None
}

/// Problems stand at `table`: the line of a token must not be shown.
fn token(node: &Node, table: Place, problems: &mut Problems) -> Option<String> {
    let text = match &node.value {
        Value::Text(text) => Some(text),
        _ => None,
    };
    let fits = |text: &&String| {
        (1..=TOKEN_LETTERS_MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
    };
    let found = text.filter(fits).cloned();
    if found.is_none() {
        let message =
            format!("a token is 1 to {TOKEN_LETTERS_MAX} letters, digits and signs of ASCII");
        let hint = "make one in the target for writing this bucket only";
        problems.add(Draft::new(message, hint).at(table, "whose token is not one"));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        let check = |text: &str, expected: bool| {
            let mut problems = Problems::default();
            let place = Place { file: 0, start: 0, end: 0 };
            let url = At { value: text.to_owned(), place };
            assert_eq!(is_url(&url, place, &mut problems), expected, "{text}");
        };
        check("http://127.0.0.1:8086", true);
        check("https://influx.park.cn", true);
        check("https://influx.park.cn/", true);
        check("http://[::1]:8428", true);
        check("http://[::1]", true);
        check("http://greptime:4000/v1/influxdb", false);
        check("http://user:password@influx:8086", false);
        check("http://influx:99999", false);
        check("http://influx:8086?db=x", false);
        check("http://", false);
        check("influx:8086", false);
    }
}
