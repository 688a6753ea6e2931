//! `[map]` of `site.toml`: a file with the ground of the world below the park.

use siskin_model::Text;

use crate::fields::{Fields, FromNode};
use crate::node::Node;
use crate::problems::{Draft, Problems};
use crate::sources::At;

/// Characters of whose data it is, in each language: they stand on the map all the time.
const ATTRIBUTION_CHARS_MAX: usize = 120;

/// `[map]`. A key that was wrong makes the whole of it none.
#[derive(Debug)]
pub(crate) struct WrittenMap {
    pub(crate) pmtiles: At<String>,
    pub(crate) attribution: Text,
    /// Whether the site says anything about where it is, even wrongly.
    pub(crate) has_origin: bool,
}

impl FromNode for WrittenMap {
    fn from_node(node: &Node, _: &str, problems: &mut Problems) -> Option<Self> {
        let mut fields = Fields::of(node, "[map]", problems)?;
        let pmtiles = fields.required("pmtiles", problems);
        let attribution: Option<At<Text>> = fields.required("attribution", problems);
        fields.finish(problems);
        let attribution = short(attribution?, problems)?;
        Some(Self { pmtiles: pmtiles?, attribution, has_origin: false })
    }
}

fn short(attribution: At<Text>, problems: &mut Problems) -> Option<Text> {
    let At { value, place } = attribution;
    let chars = value.zh.chars().count().max(value.en.chars().count());
    if chars <= ATTRIBUTION_CHARS_MAX {
        return Some(value);
    }
    let message =
        format!("`attribution` has {chars} characters, more than {ATTRIBUTION_CHARS_MAX}");
    let hint = "say whose data it is and under which licence; it stands on the map";
    problems.add(Draft::new(message, hint).at(place, "too long"));
    None
}
