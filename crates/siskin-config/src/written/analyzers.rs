//! `analyzers.toml` as written: `[[analyzer]]` with `[[analyzer.channel]]`.

use siskin_model::site::{Connection, Position};
use siskin_model::{AnalyzerId, AreaId, Text};

use super::channel::{self, WrittenNamedChannel};
use super::connection;
use crate::fields::{Fields, tables, wrong_type};
use crate::node::{Node, Value};
use crate::problems::{Draft, Problems};
use crate::sources::At;
use crate::values::{Millis, PlainId};

/// Height of the breathing zone: the inlet's height where none is written.
const HEIGHT_M_DEFAULT: f64 = 1.5;
/// Time between two readings where none is written.
const POLL_MS_DEFAULT: u32 = 1_000;
/// Longest wait for one answer where none is written.
const TIMEOUT_MS_DEFAULT: u32 = 500;

/// One `[[analyzer]]`.
#[derive(Debug)]
pub(crate) struct WrittenAnalyzer {
    pub(crate) id: At<AnalyzerId>,
    pub(crate) name: Text,
    pub(crate) area: At<AreaId>,
    pub(crate) position: At<Position>,
    pub(crate) height_m: At<f64>,
    pub(crate) profile: At<String>,
    pub(crate) connection: At<Connection>,
    pub(crate) poll_ms: At<u32>,
    pub(crate) timeout_ms: At<u32>,
    /// None: as the device's clock asks for.
    pub(crate) reorder_window: Option<At<Millis>>,
    /// The edge gateway that reads it.
    pub(crate) edge: Option<At<PlainId>>,
    pub(crate) channels: Vec<WrittenNamedChannel>,
}

/// Reads every analyzer; those with a problem are left out.
pub(crate) fn read(root: &Node, file: &str, problems: &mut Problems) -> Vec<WrittenAnalyzer> {
    let found = tables(root, file, "analyzer", problems);
    found.into_iter().filter_map(|n| one(n, problems)).collect()
}

fn one(node: &Node, problems: &mut Problems) -> Option<WrittenAnalyzer> {
    let mut fields = Fields::of(node, "[[analyzer]]", problems)?;
    let here = fields.place();
    let at = |value| At { value, place: here };
    let id = fields.required("id", problems);
    let name = fields.required("name", problems);
    let area = fields.required("area", problems);
    let position = fields.required("position", problems);
    let height_m = fields.or("height_m", at(HEIGHT_M_DEFAULT), problems);
    let profile = fields.required("profile", problems);
    let connection = connection::read(&mut fields, problems);
    let at = |value| At { value, place: here };
    let poll_ms = fields.or("poll_ms", at(POLL_MS_DEFAULT), problems);
    let timeout_ms = fields.or("timeout_ms", at(TIMEOUT_MS_DEFAULT), problems);
    let reorder_window = fields.optional("reorder_window_s", problems);
    let edge = fields.optional("edge", problems);
    let channels = channels(&mut fields, problems);
    fields.finish(problems);
    Some(WrittenAnalyzer {
        id: id?,
        name: name?,
        area: area?,
        position: position?,
        height_m: height_m?,
        profile: profile?,
        connection: connection?,
        poll_ms: poll_ms?,
        timeout_ms: timeout_ms?,
        reorder_window,
        edge,
        channels,
    })
}

fn channels(fields: &mut Fields<'_>, problems: &mut Problems) -> Vec<WrittenNamedChannel> {
    let place = fields.place();
    let items = match fields.node("channel").map(|node| (&node.value, node)) {
        Some((Value::List(items), _)) => items.as_slice(),
        Some((_, node)) => {
            wrong_type(node, "channel", "a list of [[analyzer.channel]]", problems);
            return Vec::new();
        }
        None => &[],
    };
    if items.is_empty() {
        let hint = "add an [[analyzer.channel]] below it, or take the analyzer out";
        let draft = Draft::new("an analyzer has no channel", hint);
        problems.add(draft.at(place, "it measures nothing"));
    }
    let read = |node| channel::read(node, problems);
    items.iter().filter_map(read).collect()
}
