//! What lies in a data folder beside its stores: which of it a backup takes, and what it leaves.
//!
//! Taken: files of incidents, the rules that were promoted at the station, the public half of the
//! audit's key, the signed checkpoints. Left out on purpose: the key that signs (whoever has a
//! backup must not be able to sign as the station; a restored one makes a key of its own, and the
//! audit says so), locks and journals, and what a repair or a crash put aside. Whatever else lies
//! there is left out too, and named.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use siskin_store::ledger::{CHECKPOINTS_FILE, PUBLIC_KEY_FILE};

use crate::station::INCIDENTS_FOLDER;

/// Where the rules are that were promoted at the station.
const RULES_FOLDER: &str = "rules";
/// The deepest a file lies: `incidents/<id>/<sum>` and `rules/active/rules/<name>`.
const DEPTH_MAX: usize = 4;
/// More files are none of a station's; a backup that leaves some out would be no backup.
const FILES_MAX: usize = 100_000;
/// The end of a name that a crash left.
const BEGUN: &str = "partial";

/// What lies beside the stores.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Beside {
    /// Files that are taken, by their paths in the folder.
    pub(super) taken: Vec<PathBuf>,
    /// What is left out and is nothing that a station is known to make.
    pub(super) unknown: Vec<String>,
}

/// The files that change under no lock: copied before the ledger, which has all that they say.
pub(super) fn before_the_ledger() -> [PathBuf; 2] {
    [PathBuf::from(CHECKPOINTS_FILE), PathBuf::from(PUBLIC_KEY_FILE)]
}

/// Looks for files of incidents and rules: after the ledger was copied, so that every file it names
/// is among them.
pub(super) fn after_the_ledger(data: &Path) -> anyhow::Result<Beside> {
    let mut found = Beside::default();
    let about = || format!("cannot list `{}`; hint: check its rights", data.display());
    for entry in fs::read_dir(data).with_context(about)? {
        let name = entry.with_context(about)?.file_name();
        let text = name.to_string_lossy().into_owned();
        if text == INCIDENTS_FOLDER || text == RULES_FOLDER {
            walk(data, Path::new(&name), 1, &mut found.taken)?;
        } else if !is_known(&text) {
            found.unknown.push(text);
        }
    }
    found.taken.sort();
    found.unknown.sort();
    Ok(found)
}

/// What is taken otherwise, or left out on purpose.
fn is_known(name: &str) -> bool {
    let ends = [".db", ".db-wal", ".db-shm", ".db.lock", ".db.new", ".pk8"];
    let is_aside = name.contains(".damaged") || name.contains(".kept") || name.ends_with(BEGUN);
    ends.iter().any(|end| name.ends_with(end))
        || before_the_ledger().iter().any(|own| own == Path::new(name))
        || is_aside
}

fn walk(data: &Path, at: &Path, depth: usize, found: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let folder = data.join(at);
    let about = || format!("cannot list `{}`; hint: check its rights", folder.display());
    for entry in fs::read_dir(&folder).with_context(about)? {
        let entry = entry.with_context(about)?;
        let path = at.join(entry.file_name());
        let kind = entry.file_type().with_context(about)?;
        if kind.is_dir() {
            ensure!(depth < DEPTH_MAX, "`{}` is too deep; hint: move it away", path.display());
            walk(data, &path, depth + 1, found)?;
        } else if kind.is_file() && path.extension().is_none_or(|end| end != BEGUN) {
            ensure!(
                found.len() < FILES_MAX,
                "`{}` has over {FILES_MAX} files; hint: is it a station's data folder?",
                data.display()
            );
            found.push(path);
        }
    }
    Ok(())
}

/// Copies one file to where nothing is, its folders too; on disk when it returns. False where there
/// is none.
pub(crate) fn copy(from: &Path, to: &Path, path: &Path) -> anyhow::Result<bool> {
    let (source, target) = (from.join(path), to.join(path));
    let about = || format!("cannot copy `{}`; hint: is the disk full?", target.display());
    if !source.exists() {
        return Ok(false);
    }
    let above = target.parent().with_context(about)?;
    fs::create_dir_all(above).with_context(about)?;
    ensure!(!target.exists(), "`{}` is there already", target.display());
    fs::copy(&source, &target).with_context(about)?;
    File::open(&target).and_then(|file| file.sync_all()).with_context(about)?;
    // The names of the file and of each folder down to it.
    let folders = above.ancestors().take_while(|folder| folder.starts_with(to));
    for folder in folders {
        File::open(folder).and_then(|folder| folder.sync_all()).with_context(about)?;
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_incidents_and_rules_are_taken_the_key_is_not_and_the_rest_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let files = [
            "incidents/park-1/0a1b",
            "incidents/park-1/0a1c.partial",
            "rules/active/rules/a.toml",
            "rules/active/site.toml",
            "audit-key.pk8",
            "audit-key.pub",
            "audit-checkpoints.ndjson",
            "ledger.db",
            "ledger.db-wal",
            "ledger.db.lock",
            "series.db.damaged-1",
            "photos.zip",
        ];
        for file in files {
            let path = dir.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, file).unwrap();
        }
        let found = after_the_ledger(dir.path()).unwrap();
        let taken =
            ["incidents/park-1/0a1b", "rules/active/rules/a.toml", "rules/active/site.toml"];
        assert_eq!(found.taken, taken.map(PathBuf::from));
        assert_eq!(found.unknown, ["photos.zip"]);
        let to = tempfile::tempdir().unwrap();
        for path in &found.taken {
            assert!(copy(dir.path(), to.path(), path).unwrap());
            assert_eq!(fs::read(to.path().join(path)).unwrap(), path.to_string_lossy().as_bytes());
            assert!(copy(dir.path(), to.path(), path).is_err(), "nothing is written over");
        }
        assert!(!copy(dir.path(), to.path(), Path::new("incidents/none")).unwrap());
    }
}
