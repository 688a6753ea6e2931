//! `areas.toml` as written: `[[area]]`.

use siskin_model::site::{AreaKind, Position};
use siskin_model::{AreaId, Text};

use crate::fields::{Fields, tables};
use crate::node::Node;
use crate::problems::Problems;
use crate::sources::At;

/// One `[[area]]`.
#[derive(Debug)]
pub(crate) struct WrittenArea {
    pub(crate) id: At<AreaId>,
    pub(crate) name: Text,
    pub(crate) kind: AreaKind,
    pub(crate) outline: At<Vec<Position>>,
}

/// Reads every area; those with a problem are left out.
pub(crate) fn read(root: &Node, file: &str, problems: &mut Problems) -> Vec<WrittenArea> {
    let found = tables(root, file, "area", problems);
    found.into_iter().filter_map(|n| one(n, problems)).collect()
}

fn one(node: &Node, problems: &mut Problems) -> Option<WrittenArea> {
    let mut fields = Fields::of(node, "[[area]]", problems)?;
    let id = fields.required("id", problems);
    let name = fields.required("name", problems);
    let kind = fields.required("kind", problems);
    let outline = fields.required("outline", problems);
    fields.finish(problems);
    Some(WrittenArea { id: id?, name: name?, kind: kind?, outline: outline? })
}
