//! `maintenance.toml` as written: how often which work is done on devices.

use siskin_model::{GasId, MaintenanceKind};

use super::connection::word;
use crate::fields::{Fields, FromNode, tables};
use crate::node::Node;
use crate::problems::Problems;
use crate::sources::{At, Place};

/// One `[[interval]]`.
#[derive(Debug)]
pub(crate) struct WrittenInterval {
    pub(crate) place: Place,
    pub(crate) kind: MaintenanceKind,
    pub(crate) every_days: At<u32>,
    pub(crate) source: String,
    pub(crate) gas: Option<GasId>,
    pub(crate) profile: Option<String>,
}

/// Reads every interval; those with a problem are left out.
pub(crate) fn read(root: &Node, file: &str, problems: &mut Problems) -> Vec<WrittenInterval> {
    let found = tables(root, file, "interval", problems);
    found.into_iter().filter_map(|node| one(node, problems)).collect()
}

fn one(node: &Node, problems: &mut Problems) -> Option<WrittenInterval> {
    let mut fields = Fields::of(node, "[[interval]]", problems)?;
    let place = fields.place();
    let kind = fields.required("kind", problems);
    let every_days = fields.required("every_days", problems);
    let source = fields.required("source", problems);
    let (has_gas, has_profile) = (fields.has("gas"), fields.has("profile"));
    let gas: Option<GasId> = fields.optional("gas", problems);
    let profile: Option<String> = fields.optional("profile", problems);
    fields.finish(problems);
    // One that is misspelt would mean every channel.
    if (has_gas && gas.is_none()) || (has_profile && profile.is_none()) {
        return None;
    }
    Some(WrittenInterval {
        place,
        kind: kind?,
        every_days: every_days?,
        source: source?,
        gas,
        profile,
    })
}

impl FromNode for MaintenanceKind {
    fn from_node(node: &Node, key: &str, problems: &mut Problems) -> Option<Self> {
        word(node, key, &Self::ALL.map(|kind| (kind.as_str(), kind)), problems)
    }
}
