//! Reading folders for tests: the crate itself never touches a disk.

use std::fs;
use std::path::Path;

use siskin_config::SourceFile;

/// The crate's folder.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every TOML file below `folder`, sorted, with its path relative to it.
pub(crate) fn folder(folder: &Path) -> Vec<SourceFile> {
    let mut found = Vec::new();
    into(folder, folder, &mut found);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(!found.is_empty(), "{} holds no TOML", folder.display());
    found
}

fn into(root: &Path, folder: &Path, found: &mut Vec<SourceFile>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            into(root, &path, found);
        } else if path.extension().is_some_and(|end| end == "toml") {
            let relative = path.strip_prefix(root).unwrap();
            found.push(SourceFile {
                path: relative.to_str().unwrap().to_owned(),
                text: fs::read_to_string(&path).unwrap(),
            });
        }
    }
}
