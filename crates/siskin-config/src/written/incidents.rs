//! `[incidents]` of `site.toml`: what opens one by itself, and the site's own reporting duties.

use serde::Deserialize;

use crate::fields::{Fields, FromNode};
use crate::node::Node;
use crate::problems::Problems;
use crate::sources::At;

/// `[incidents]`.
#[derive(Debug)]
pub(crate) struct WrittenIncidents {
    pub(crate) open_on: OpenOn,
    /// A file in the folder of the site.
    pub(crate) reporting: Option<At<String>>,
}

/// What opens an incident without anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum OpenOn {
    /// A warning of the top tier.
    Red,
    /// Nothing.
    None,
}

impl FromNode for WrittenIncidents {
    fn from_node(node: &Node, _: &str, problems: &mut Problems) -> Option<Self> {
        let mut fields = Fields::of(node, "[incidents]", problems)?;
        let open_on = fields.required("open_on", problems);
        let reporting = fields.optional("reporting", problems);
        fields.finish(problems);
        Some(Self { open_on: open_on?, reporting })
    }
}
