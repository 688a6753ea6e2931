//! The device's own word about its values, as a quality.

use std::borrow::Cow;

use siskin_model::{Quality, Text};

use super::node::Node;
use super::path::Path;
use super::texts;
use crate::profile::JsonStatus;

/// Where a word is and what it means.
#[derive(Debug, Clone)]
pub(super) struct Status {
    path: Path,
    json: JsonStatus,
}

impl Status {
    pub(super) fn new(json: &JsonStatus) -> Self {
        Self { path: Path::new(&json.pointer), json: json.clone() }
    }

    pub(super) fn find<'n, 'a>(&self, record: &'n Node<'a>) -> Option<&'n Node<'a>> {
        record.find(&self.path)
    }

    /// The quality that the word says, and the sentence for one that is not known.
    pub(super) fn said(&self, found: Option<&Node<'_>>) -> (Quality, Option<Text>) {
        let word = match found {
            Some(Node::Text(word)) => Cow::Borrowed(word.as_ref()),
            Some(other) => Cow::Owned(other.written()),
            None => return (self.json.absent, None),
        };
        match self.json.words.get(word.as_ref()) {
            Some(quality) => (*quality, None),
            None => (self.json.other, Some(texts::unlisted(self.path.text(), &word))),
        }
    }
}

/// Of two words about one value the one that says less for it. Nothing hides over-range but a word
/// that the value is not of the air.
pub(super) fn stronger(own: Quality, whole: Quality) -> Quality {
    let rank = |quality: Quality| match quality {
        Quality::Good => 0,
        Quality::Uncertain => 1,
        Quality::OverRange => 2,
        _ => 3,
    };
    if rank(whole) > rank(own) { whole } else { own }
}
