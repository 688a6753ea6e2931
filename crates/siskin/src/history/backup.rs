//! `siskin backup`: a copy of a data folder, while a station writes to it: its stores, and what
//! lies beside them and belongs to them.

pub(super) mod beside;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, ensure};
use serde_json::json;
use siskin_model::Timestamp;
use siskin_store::verify::Checked;

use super::args::BackupArgs;
use super::manifest::{self, Manifest, SavedFile};
use super::progress::Progress;
use super::{noted, words};
use crate::cli::{EXIT_FAILED, say};

/// Makes the backup, looks through it, and gives it its name when it is whole.
pub(crate) fn backup(args: &BackupArgs) -> anyhow::Result<ExitCode> {
    ensure!(
        !args.to.exists(),
        "`{}` is there already, and a backup is never written over; \
         hint: name a new folder, for example with the date",
        args.to.display()
    );
    let begun = partial(&args.to)?;
    fs::create_dir(&begun).with_context(|| {
        format!(
            "cannot make `{}`; hint: the folder above it must exist and be writable; \
             what a broken backup left under this name may be removed",
            begun.display()
        )
    })?;
    let now = now()?;
    let made_at = now.rfc3339(0);
    // Before anything is taken out, so that the copy has the entry too.
    let to = json!({ "to": args.to.display().to_string() });
    noted::note(&args.data, &noted::entry(now, "data.backup", "", to));
    let mut others = Vec::new();
    for path in beside::before_the_ledger() {
        if beside::copy(&args.data, &begun, &path)? {
            others.push(path);
        }
    }
    for from in siskin_store::backup::files(&args.data)? {
        let name = from.file_name().context("a file without a name")?;
        let mut progress = Progress::new(&format!("backup {}", name.display()));
        siskin_store::backup::copy(&from, &begun.join(name), &mut |done, total| {
            progress.at(done, total);
        })?;
    }
    let left = copy_beside(&args.data, &begun, &mut others)?;
    let checked = siskin_store::verify::verify(&begun)?;
    let manifest = Manifest::new(made_at, saved(&begun, &checked, &others)?)?;
    write_manifest(&begun, &manifest)?;
    put_in_place(&begun, &args.to)?;
    say(&words::backed_up(&args.to, &manifest));
    say(&words::left_out(&left));
    if checked.is_clean() {
        return Ok(ExitCode::SUCCESS);
    }
    say(&words::found(&checked, 0));
    say("备份已完成，但数据本身有损坏 / the backup is complete, and the store itself is damaged");
    Ok(ExitCode::from(EXIT_FAILED))
}

/// Copies what lies beside the stores; gives what is unknown and left out.
fn copy_beside(
    data: &Path,
    begun: &Path,
    others: &mut Vec<PathBuf>,
) -> anyhow::Result<Vec<String>> {
    let found = beside::after_the_ledger(data)?;
    for path in found.taken {
        // What has gone meanwhile is nothing that the ledger names.
        if beside::copy(data, begun, &path)? {
            others.push(path);
        }
    }
    Ok(found.unknown)
}

/// The name of a backup that is not whole yet.
fn partial(to: &Path) -> anyhow::Result<PathBuf> {
    let name =
        to.file_name().context("the backup needs a name; hint: `--to backups/2026-11-29`")?;
    Ok(to.with_file_name(format!("{}.partial", name.display())))
}

pub(super) fn now() -> anyhow::Result<Timestamp> {
    let since = std::time::SystemTime::UNIX_EPOCH.elapsed();
    let ms = since.context("the clock is before 1970; hint: set it")?.as_millis();
    Ok(Timestamp::from_millis(i64::try_from(ms)?))
}

fn saved(folder: &Path, checked: &Checked, others: &[PathBuf]) -> anyhow::Result<Vec<SavedFile>> {
    let mut files = Vec::new();
    for path in siskin_store::backup::files(folder)? {
        let (bytes, sha256) = manifest::sum(&path)?;
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        let known = checked.files.iter().find(|file| file.name == name);
        files.push(SavedFile {
            name,
            bytes,
            sha256,
            format: known.map_or(0, |file| file.format),
            readings: known.map_or(0, |file| file.readings),
            rows: known.map_or_else(BTreeMap::new, |file| file.rows.iter().cloned().collect()),
        });
    }
    for path in others {
        let (bytes, sha256) = manifest::sum(&folder.join(path))?;
        files.push(SavedFile::plain(manifest::name(path)?, bytes, sha256));
    }
    Ok(files)
}

fn write_manifest(folder: &Path, manifest: &Manifest) -> anyhow::Result<()> {
    let path = folder.join(manifest::FILE_NAME);
    let text = serde_json::to_string_pretty(manifest).context("cannot write JSON")? + "\n";
    let write = || {
        let mut file = File::create_new(&path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    write().with_context(|| format!("cannot write `{}`; hint: is the disk full?", path.display()))
}

/// Names the folder, and brings all names to disk. What SQLite left beside its files goes.
pub(super) fn put_in_place(begun: &Path, to: &Path) -> anyhow::Result<()> {
    let about = || format!("cannot put `{}` in place; hint: check its rights", to.display());
    for path in siskin_store::backup::files(begun)? {
        for end in ["db-wal", "db-shm"] {
            let beside = path.with_extension(end);
            if beside.exists() {
                fs::remove_file(&beside).with_context(about)?;
            }
        }
    }
    File::open(begun).and_then(|dir| dir.sync_all()).with_context(about)?;
    fs::rename(begun, to).with_context(about)?;
    let above = to.parent().filter(|above| !above.as_os_str().is_empty());
    let above = above.unwrap_or(Path::new("."));
    File::open(above).and_then(|dir| dir.sync_all()).with_context(about)
}
