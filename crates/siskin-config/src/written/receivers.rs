//! `receivers.toml` as written: `[[receiver]]`.

use siskin_model::{AreaId, Text, Tier};

use crate::fields::{Fields, tables};
use crate::node::Node;
use crate::problems::Problems;
use crate::sources::At;
use crate::values::PlainId;

/// One `[[receiver]]`.
#[derive(Debug)]
pub(crate) struct WrittenReceiver {
    pub(crate) id: At<PlainId>,
    pub(crate) name: Text,
    pub(crate) tier_min: At<Tier>,
    pub(crate) areas: Vec<At<AreaId>>,
    pub(crate) phone: Option<String>,
}

/// Reads every receiver; those with a problem are left out.
pub(crate) fn read(root: &Node, file: &str, problems: &mut Problems) -> Vec<WrittenReceiver> {
    let found = tables(root, file, "receiver", problems);
    found.into_iter().filter_map(|n| one(n, problems)).collect()
}

fn one(node: &Node, problems: &mut Problems) -> Option<WrittenReceiver> {
    let mut fields = Fields::of(node, "[[receiver]]", problems)?;
    let id = fields.required("id", problems);
    let name = fields.required("name", problems);
    let tier_min = fields.required("tier_min", problems);
    let areas = fields.or("areas", Vec::new(), problems);
    let phone = fields.optional("phone", problems);
    fields.finish(problems);
    Some(WrittenReceiver { id: id?, name: name?, tier_min: tier_min?, areas: areas?, phone })
}
