//! The rules of a site: `rules/*.toml`, in the order of the files' names.

use super::{missing, tables};
use crate::checks::names::Names;
use crate::problems::Problems;
use crate::sources::Sources;
use crate::written::rules::WrittenRule;
use crate::{Inputs, SourceFile, node, written};

/// The folder of the rules.
pub(super) const FOLDER: &str = "rules/";

/// Rules as read, from the site's files and from bundled sets.
#[derive(Debug, Default)]
pub(super) struct ReadRules {
    pub(super) rules: Vec<WrittenRule>,
    /// Whether some rule could not be read.
    pub(super) broken: bool,
    /// Their ids, also of those that are broken otherwise.
    pub(super) names: Names,
}

/// Reads the site's own rules; a site with `has_sets` needs none.
pub(super) fn read(
    inputs: &Inputs,
    has_sets: bool,
    sources: &mut Sources,
    problems: &mut Problems,
) -> ReadRules {
    let before = problems.count();
    let is_rules = |file: &&SourceFile| file.path.starts_with(FOLDER);
    let mut files: Vec<_> = inputs.site.iter().filter(is_rules).collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    if files.is_empty() && !has_sets {
        missing("rules/*.toml", sources, problems);
    }
    let mut read = ReadRules::default();
    for file in files {
        match node::parse(&file.path, &file.text, sources, problems) {
            Some(root) => {
                read.names.declare(tables(&root, "rule"));
                read.rules.extend(written::rules::read(&root, &file.path, problems));
            }
            None => read.names.may_hold_more(),
        }
    }
    read.broken = problems.count() > before;
    read
}
