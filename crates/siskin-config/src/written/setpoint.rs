//! A set point as written: a number, or a limit of the catalogue times a factor.

use crate::fields::{Fields, FromNode};
use crate::node::{Node, Value};
use crate::problems::{Draft, Problems};
use crate::sources::At;

/// A set point.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum SetPoint {
    /// `10.0`, in the rule's unit.
    Number(f64),
    /// `{ limit = "oel.mac", times = 0.9 }`: of the rule's gas, in the limit's own unit.
    Limit { name: At<String>, times: f64 },
}

impl FromNode for SetPoint {
    fn from_node(node: &Node, key: &str, problems: &mut Problems) -> Option<Self> {
        let Value::Table(_) = &node.value else {
            return f64::from_node(node, key, problems).map(Self::Number);
        };
        let mut fields = Fields::of(node, key, problems)?;
        let name = fields.required("limit", problems);
        let times: Option<At<f64>> = fields.optional("times", problems);
        fields.finish(problems);
        if let Some(times) = times.filter(|times| times.value <= 0.0) {
            let message = format!("`times` is `{}`", times.value);
            let draft = Draft::new(message, "write a number above 0");
            problems.add(draft.at(times.place, "not above 0"));
            return None;
        }
        Some(Self::Limit { name: name?, times: times.map_or(1.0, |times| times.value) })
    }
}
