//! `siskin restore`: a backup becomes a data folder, whole or not at all.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, ensure};
use serde_json::json;

use super::args::RestoreArgs;
use super::backup::beside;
use super::manifest::Manifest;
use super::{backup, noted, words};
use crate::cli::{EXIT_FAILED, say};

/// Checks the backup, copies it beside the data folder, looks through the copy, and renames it.
pub(crate) fn restore(args: &RestoreArgs) -> anyhow::Result<ExitCode> {
    let manifest = Manifest::read(&args.from)?;
    manifest.check(&args.from)?;
    is_free(&args.data)?;
    let name = args.data.file_name().context("the data folder needs a name")?;
    let begun = args.data.with_file_name(format!("{}.restoring", name.display()));
    fs::create_dir(&begun).with_context(|| {
        format!(
            "cannot make `{}`; hint: the folder above it must exist and be writable; \
             what a broken restore left under this name may be removed",
            begun.display()
        )
    })?;
    for file in &manifest.files {
        let copied = beside::copy(&args.from, &begun, Path::new(&file.name))?;
        ensure!(copied, "`{}` is not there; hint: take another backup", file.name);
    }
    manifest.check(&begun)?;
    let checked = siskin_store::verify::verify(&begun)?;
    backup::put_in_place(&begun, &args.data)?;
    let body = json!({ "from": args.from.display().to_string(), "made_at": manifest.made_at });
    noted::note(&args.data, &noted::entry(backup::now()?, "data.restore", "", body));
    say(&words::restored(&args.data, &manifest));
    say(&words::found(&checked, 0));
    Ok(if checked.is_clean() { ExitCode::SUCCESS } else { ExitCode::from(EXIT_FAILED) })
}

/// A folder with anything in it is someone's data, and may be a running station's.
fn is_free(data: &Path) -> anyhow::Result<()> {
    let entries = match fs::read_dir(data) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        entries => entries.with_context(|| format!("cannot list `{}`", data.display()))?,
    };
    ensure!(
        entries.count() == 0,
        "`{}` is not empty (数据目录非空), and nothing is written over; \
         hint: stop the station, move the folder away, and restore again",
        data.display()
    );
    Ok(())
}
