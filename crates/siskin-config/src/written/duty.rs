//! `duty.toml` as written: which desks must never be empty.

use siskin_model::{DutyRoleId, PositionId, Text};

use crate::fields::{Fields, items};
use crate::node::Node;
use crate::problems::Problems;
use crate::sources::{At, Place};

/// `duty.toml`.
#[derive(Debug)]
pub(crate) struct WrittenDuty {
    pub(crate) ahead_h: Option<At<u32>>,
    pub(crate) desks: Vec<WrittenDesk>,
}

/// One `[[desk]]`.
#[derive(Debug)]
pub(crate) struct WrittenDesk {
    pub(crate) place: Place,
    pub(crate) role: DutyRoleId,
    pub(crate) position: Option<PositionId>,
    pub(crate) name: Text,
}

/// Reads the file; desks with a problem are left out.
pub(crate) fn read(root: &Node, file: &str, problems: &mut Problems) -> Option<WrittenDuty> {
    let mut fields = Fields::of(root, file, problems)?;
    let ahead_h = fields.optional("ahead_h", problems);
    let desks = items(&mut fields, "desk", problems);
    fields.finish(problems);
    let desks = desks.iter().filter_map(|node| desk(node, problems)).collect();
    Some(WrittenDuty { ahead_h, desks })
}

fn desk(node: &Node, problems: &mut Problems) -> Option<WrittenDesk> {
    let mut fields = Fields::of(node, "[[desk]]", problems)?;
    let place = fields.place();
    let role = fields.required("role", problems);
    let has_position = fields.has("position");
    let position: Option<PositionId> = fields.optional("position", problems);
    let name = fields.required("name", problems);
    fields.finish(problems);
    if has_position && position.is_none() {
        return None;
    }
    Some(WrittenDesk { place, role: role?, position, name: name? })
}
