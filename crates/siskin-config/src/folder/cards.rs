//! The response cards of a site: `cards/*.toml`, in the order of the files' names.

use crate::problems::Problems;
use crate::sources::Sources;
use crate::written::cards::WrittenCard;
use crate::{Inputs, SourceFile, node, written};

/// The folder of the cards.
pub(super) const FOLDER: &str = "cards/";

/// Reads them all.
pub(super) fn read(
    inputs: &Inputs,
    sources: &mut Sources,
    problems: &mut Problems,
) -> Vec<WrittenCard> {
    let is_card = |file: &&SourceFile| file.path.starts_with(FOLDER);
    let mut files: Vec<_> = inputs.site.iter().filter(is_card).collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let mut found = Vec::new();
    for file in files {
        if let Some(root) = node::parse(&file.path, &file.text, sources, problems) {
            found.extend(written::cards::read(&root, &file.path, problems));
        }
    }
    found
}
