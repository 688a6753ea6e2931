//! `[history]` of `site.toml`: how long readings, minutes and hours are kept.

use std::num::NonZeroU32;

use siskin_model::Keep;

use crate::fields::{Fields, FromNode};
use crate::node::{Node, Value};
use crate::problems::{Draft, Problems};
use crate::sources::At;

/// What is written where nothing is ever deleted.
const FOR_EVER: &str = "for-ever";

/// `[history]`. A key that was wrong makes the whole of it none.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WrittenHistory {
    pub(crate) raw: At<Keep>,
    pub(crate) minute: At<Keep>,
    pub(crate) hour: At<Keep>,
}

impl FromNode for WrittenHistory {
    fn from_node(node: &Node, _: &str, problems: &mut Problems) -> Option<Self> {
        let mut fields = Fields::of(node, "[history]", problems)?;
        let raw = fields.required("raw_days", problems);
        let minute = fields.required("minute_days", problems);
        let hour = fields.required("hour_days", problems);
        fields.finish(problems);
        Some(Self { raw: raw?, minute: minute?, hour: hour? })
    }
}

impl FromNode for Keep {
    fn from_node(node: &Node, key: &str, problems: &mut Problems) -> Option<Self> {
        let days = match &node.value {
            Value::Text(text) if text == FOR_EVER => return Some(Self::ForEver),
            Value::Integer(days) => u32::try_from(*days).ok(),
            Value::Text(text) if node.from_environment => text.trim().parse().ok(),
            _ => None,
        };
        let keep = days.and_then(NonZeroU32::new).map(Self::Days);
        if keep.is_none() {
            let found = node.found();
            let message =
                format!("`{key}` must be a number of days or \"{FOR_EVER}\", found {found}");
            let hint = format!("write 1 or more whole days, or \"{FOR_EVER}\" to delete nothing");
            problems.add(Draft::new(message, hint).at(node.place, "not a time to keep"));
        }
        keep
    }
}
