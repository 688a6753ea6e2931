//! `manifest.json` of a backup: what is in it, so that a changed byte is found before it is used.

use std::fmt::Write;
use std::fs::File;
use std::io::Read;
use std::path::{Component, Path};

use anyhow::{Context, ensure};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The manifest's name in the backup's folder.
pub(crate) const FILE_NAME: &str = "manifest.json";
/// The form of manifests that is written. Form 1 had no sum of itself, form 2 no files beside the
/// stores.
const FORM: u32 = 3;
/// The oldest form that is read.
const FORM_MIN: u32 = 2;
/// A larger file is no manifest.
const BYTES_MAX: u64 = 64 << 20;
/// Bytes that are read at once.
const PIECE_BYTES: usize = 1 << 20;

/// What a backup is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    /// The form of this file.
    pub(crate) form: u32,
    /// The Siskin that made it.
    pub(crate) siskin: String,
    /// When it was begun, RFC 3339 in UTC.
    pub(crate) made_at: String,
    /// Its files.
    pub(crate) files: Vec<SavedFile>,
    /// Of all that stands above.
    #[serde(default)]
    sha256: String,
}

/// A file of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SavedFile {
    pub(crate) name: String,
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
    /// The format of a store; 0 of other databases.
    #[serde(default)]
    pub(crate) format: i64,
    /// Readings in it; 0 where it has none.
    #[serde(default)]
    pub(crate) readings: u64,
    /// Rows by table, where they were counted.
    #[serde(default)]
    pub(crate) rows: std::collections::BTreeMap<String, u64>,
}

impl Manifest {
    pub(crate) fn new(made_at: String, files: Vec<SavedFile>) -> anyhow::Result<Self> {
        let (siskin, sha256) = (env!("CARGO_PKG_VERSION").to_owned(), String::new());
        let mut manifest = Self { form: FORM, siskin, made_at, files, sha256 };
        manifest.sha256 = manifest.sum()?;
        Ok(manifest)
    }

    /// The sum of what it says, whatever its own `sha256` is.
    fn sum(&self) -> anyhow::Result<String> {
        let Self { form, siskin, made_at, files, .. } = self;
        let said = serde_json::to_vec(&(form, siskin, made_at, files));
        let mut hash = Sha256::new();
        hash.update(said.context("cannot write JSON")?);
        Ok(hex(hash))
    }

    /// Reads the manifest of a backup.
    pub(crate) fn read(folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join(FILE_NAME);
        let about = || {
            format!(
                "cannot read `{}`; hint: name the folder that `siskin backup` made",
                path.display()
            )
        };
        let mut bytes = Vec::new();
        let file = File::open(&path).with_context(about)?;
        file.take(BYTES_MAX).read_to_end(&mut bytes).with_context(about)?;
        let manifest: Self = serde_json::from_slice(&bytes).with_context(|| {
            format!(
                "`{}` is no manifest, or is damaged; \
                 hint: take another backup, or `siskin verify --data` this folder",
                path.display()
            )
        })?;
        ensure!(
            (FORM_MIN..=FORM).contains(&manifest.form),
            "`{}` has form {}, known are {FORM_MIN} to {FORM}; \
             hint: use the Siskin that made the backup",
            path.display(),
            manifest.form
        );
        ensure!(
            manifest.sum()? == manifest.sha256,
            "`{}` is damaged (备份清单已损坏); hint: take another backup",
            path.display()
        );
        for file in &manifest.files {
            let is_plain = is_inside(&file.name);
            ensure!(
                is_plain,
                "`{}` names a file outside: `{}`; hint: take another backup",
                path.display(),
                file.name
            );
        }
        Ok(manifest)
    }

    /// Compares every file with what the manifest says.
    pub(crate) fn check(&self, folder: &Path) -> anyhow::Result<()> {
        for file in &self.files {
            let path = folder.join(&file.name);
            let (bytes, sum) = sum(&path)?;
            ensure!(
                bytes == file.bytes && sum == file.sha256,
                "`{}` is not the file that was backed up (备份文件已损坏): {bytes} bytes with sum \
                 {sum}, expected {} bytes with sum {}; \
                 hint: take another backup; `siskin verify --data {}` says what can be read of it",
                path.display(),
                file.bytes,
                file.sha256,
                folder.display()
            );
        }
        Ok(())
    }
}

impl SavedFile {
    /// A file that is no store.
    pub(crate) fn plain(name: String, bytes: u64, sha256: String) -> Self {
        let (format, readings, rows) = (0, 0, std::collections::BTreeMap::new());
        Self { name, bytes, sha256, format, readings, rows }
    }
}

/// The name of a file in a manifest: its path with slashes.
pub(crate) fn name(path: &Path) -> anyhow::Result<String> {
    let text = path.to_str().filter(|text| is_inside(text));
    text.map(str::to_owned).with_context(|| {
        format!("`{}` is no name that can be restored; hint: rename the file", path.display())
    })
}

/// Whether a name leads to a file in the folder, and not out of it.
fn is_inside(name: &str) -> bool {
    let path = Path::new(name);
    let is_plain = path.components().all(|part| matches!(part, Component::Normal(_)));
    is_plain && !name.is_empty() && !name.ends_with('/') && !name.contains('\\')
}

/// Size and SHA-256 of a file, in hexadecimal.
pub(crate) fn sum(path: &Path) -> anyhow::Result<(u64, String)> {
    let about = || format!("cannot read `{}`; hint: is the backup complete?", path.display());
    let mut file = File::open(path).with_context(about)?;
    let mut hash = Sha256::new();
    let mut piece = vec![0; PIECE_BYTES];
    let mut bytes = 0;
    loop {
        let count = file.read(&mut piece).with_context(about)?;
        let Some(read) = piece.get(..count).filter(|read| !read.is_empty()) else { break };
        hash.update(read);
        bytes += count as u64;
    }
    Ok((bytes, hex(hash)))
}

fn hex(hash: Sha256) -> String {
    hash.finalize().iter().fold(String::new(), |mut hex, byte| {
        let _infallible = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_name_never_leads_out_of_the_folder() {
        let check = |name: &str, expected| assert_eq!(is_inside(name), expected, "{name}");
        check("ledger.db", true);
        check("incidents/park-1/0a1b", true);
        for name in ["", "/etc/passwd", "../x", "a/../../x", "a/..", "./x", "a\\b", "a/"] {
            check(name, false);
        }
    }

    #[test]
    fn any_byte_that_says_something_else_is_seen() {
        let dir = tempfile::tempdir().unwrap();
        let file = SavedFile {
            name: "series.db".to_owned(),
            bytes: 4096,
            sha256: "0a".repeat(32),
            format: 3,
            readings: 10,
            rows: [("trimmed".to_owned(), 0)].into(),
        };
        let made = Manifest::new("2026-11-29T12:00:00Z".to_owned(), vec![file]).unwrap();
        let text = serde_json::to_string_pretty(&made).unwrap();
        let read = |bytes: &[u8]| {
            fs::write(dir.path().join(FILE_NAME), bytes).unwrap();
            Manifest::read(dir.path())
        };
        assert_eq!(read(text.as_bytes()).unwrap(), made);
        for place in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[place] ^= 0x01;
            assert!(read(&bytes).is_err(), "byte {place} of {text}");
        }
    }
}
