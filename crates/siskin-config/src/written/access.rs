//! `[access]` of `site.toml`: who may look without signing in, and how long a session lasts.

use crate::fields::{Fields, FromNode, wrong_type};
use crate::node::{Node, Value};
use crate::problems::{Draft, Problems};
use crate::{Access, Anonymous};

/// The longest session, one week.
const SESSION_HOURS_MAX: u32 = 168;
const MS_PER_HOUR: i64 = 3_600_000;

impl FromNode for Access {
    fn from_node(node: &Node, _: &str, problems: &mut Problems) -> Option<Self> {
        let mut fields = Fields::of(node, "[access]", problems)?;
        let anonymous = fields.required("anonymous", problems);
        let session: Option<SessionHours> = fields.required("session_hours", problems);
        fields.finish(problems);
        Some(Self { anonymous: anonymous?, session_ms: session?.0 * MS_PER_HOUR })
    }
}

impl FromNode for Anonymous {
    fn from_node(node: &Node, key: &str, problems: &mut Problems) -> Option<Self> {
        let Value::Text(word) = &node.value else {
            wrong_type(node, key, "a text in quotes", problems);
            return None;
        };
        match word.as_str() {
            "none" => Some(Self::Nothing),
            "viewer" => Some(Self::Looks),
            other => {
                let message = format!("`{key}` must be \"none\" or \"viewer\", found `{other}`");
                let hint = "write \"none\": everybody signs in; or \"viewer\": whoever reaches the \
                     port may look and do nothing";
                problems.add(Draft::new(message, hint).at(node.place, "neither of them"));
                None
            }
        }
    }
}

/// A whole number of hours.
struct SessionHours(i64);

impl FromNode for SessionHours {
    fn from_node(node: &Node, key: &str, problems: &mut Problems) -> Option<Self> {
        let hours = u32::from_node(node, key, problems)?;
        if (1..=SESSION_HOURS_MAX).contains(&hours) {
            return Some(Self(hours.into()));
        }
        let message = format!("`{key}` is `{hours}`, outside 1 to {SESSION_HOURS_MAX}");
        let hint = format!("write a whole number of hours from 1 to {SESSION_HOURS_MAX}");
        problems.add(Draft::new(message, hint).at(node.place, "out of range"));
        None
    }
}
