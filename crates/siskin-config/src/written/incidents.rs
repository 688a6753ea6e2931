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
    /// Who reports, for the reports as documents.
    pub(crate) report_unit: Option<String>,
    pub(crate) report_contact: Option<String>,
    pub(crate) report_phone: Option<String>,
    /// A font of the machine with Chinese characters.
    pub(crate) report_font: Option<String>,
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
        let report_unit = fields.optional("report_unit", problems);
        let report_contact = fields.optional("report_contact", problems);
        let report_phone = fields.optional("report_phone", problems);
        let report_font = fields.optional("report_font", problems);
        fields.finish(problems);
        let open_on = open_on?;
        Some(Self { open_on, reporting, report_unit, report_contact, report_phone, report_font })
    }
}
