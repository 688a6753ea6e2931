//! `[[edge]]` as written: the site's edge gateways and their tokens.
//!
//! A token stands beside its gateway, or in the table `[edge_tokens]`, which is how the environment
//! gives it (`SISKIN__EDGE_TOKENS__GW_1`). Must never show a token in a problem.

use crate::fields::{Fields, items};
use crate::node::{Node, Value};
use crate::problems::{Draft, Problems};
use crate::sources::{At, Place};
use crate::values::PlainId;

/// Letters a token has. Shorter ones can be guessed; longer ones do not fit in a header.
const TOKEN_LETTERS: std::ops::RangeInclusive<usize> = 16..=256;

/// One `[[edge]]`.
#[derive(Debug)]
pub(crate) struct WrittenEdge {
    pub(crate) id: At<PlainId>,
    pub(crate) token: Option<String>,
    /// Where its token stands in a file.
    pub(crate) token_in_file: Option<Place>,
}

/// The variable that gives the token of the gateway `id`.
pub(crate) fn variable(id: &str) -> String {
    format!("SISKIN__EDGE_TOKENS__{}", id.replace('-', "_").to_uppercase())
}

/// Reads every gateway; those with a problem are left out.
pub(crate) fn read(fields: &mut Fields<'_>, problems: &mut Problems) -> Vec<WrittenEdge> {
    let found = items(fields, "edge", problems);
    let mut edges: Vec<_> = found.iter().filter_map(|node| one(node, problems)).collect();
    let Some(node) = fields.node("edge_tokens") else {
        return edges;
    };
    let Value::Table(entries) = &node.value else {
        let message = "`edge_tokens` must be a table of tokens by gateway";
        let hint = "write [edge_tokens] and below it `gw-1 = …`";
        problems.add(Draft::new(message, hint).at(node.place, "not a table"));
        return edges;
    };
    for entry in entries {
        let name = key(&entry.key.value);
        let Some(edge) = edges.iter_mut().find(|edge| key(&edge.id.value.0) == name) else {
            let message =
                format!("a token is given for `{}`, which is no gateway", entry.key.value);
            let hint = "add [[edge]] with this id to site.toml, or take the token out";
            problems.add(Draft::new(message, hint).at(node.place, "of nobody"));
            continue;
        };
        edge.token = token(&entry.node, node.place, problems);
        edge.token_in_file = (!entry.node.from_environment).then_some(entry.node.place);
    }
    edges
}

/// Names of variables have neither `-` nor letters of two sizes.
fn key(id: &str) -> String {
    id.replace('-', "_").to_lowercase()
}

fn one(node: &Node, problems: &mut Problems) -> Option<WrittenEdge> {
    let mut fields = Fields::of(node, "[[edge]]", problems)?;
    let id = fields.required("id", problems);
    let written = fields.node("token");
    let token_in_file = written.map(|node| node.place);
    let token = written.and_then(|written| token(written, node.place, problems));
    fields.finish(problems);
    Some(WrittenEdge { id: id?, token, token_in_file })
}

/// Problems stand at `table`: the line of a token must not be shown.
fn token(node: &Node, table: Place, problems: &mut Problems) -> Option<String> {
    let text = match &node.value {
        Value::Text(text) => Some(text),
        _ => None,
    };
    let fits = |text: &&String| {
        TOKEN_LETTERS.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
    };
    let found = text.filter(fits).cloned();
    if found.is_none() {
        let (low, high) = (TOKEN_LETTERS.start(), TOKEN_LETTERS.end());
        let message = format!("a token is {low} to {high} letters, digits and signs of ASCII");
        let hint = "make one with `openssl rand -hex 24`";
        problems.add(Draft::new(message, hint).at(table, "whose token is not one"));
    }
    found
}
