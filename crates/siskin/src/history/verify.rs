//! `siskin verify`: what is damaged in the stores, and sound files of the rest.

use std::process::ExitCode;

use serde_json::{Value, json};
use siskin_store::verify::{self as store, Checked, Damage, Place};

use super::args::VerifyArgs;
use super::manifest::{self, Manifest};
use super::{backup, noted, words};
use crate::cli::{complain, say};

/// Something is damaged.
const EXIT_DAMAGED: u8 = 1;
/// It could not be looked at.
const EXIT_NOT_LOOKED: u8 = 2;

/// Ends with 0 where all is sound, 1 where something is damaged, 2 where it could not look.
#[allow(clippy::unnecessary_wraps, reason = "as all commands; its failures have their own code")]
pub(crate) fn verify(args: &VerifyArgs) -> anyhow::Result<ExitCode> {
    match looked(args) {
        Ok(true) => Ok(ExitCode::SUCCESS),
        Ok(false) => Ok(ExitCode::from(EXIT_DAMAGED)),
        Err(error) => {
            complain(&error);
            Ok(ExitCode::from(EXIT_NOT_LOOKED))
        }
    }
}

fn looked(args: &VerifyArgs) -> anyhow::Result<bool> {
    let is_whole = backup_is_whole(args);
    let checked = store::verify(&args.data)?;
    if !args.repair || checked.is_clean() {
        tell(args, &checked);
        return Ok(is_whole && checked.is_clean());
    }
    let repaired = store::repair(&args.data, &checked.files)?;
    let told = repaired.iter().map(|one| {
        json!({ "file": one.name, "rows": one.rows, "rows_left": one.rows_left,
            "kept": one.kept.file_name().map(|name| name.display().to_string()) })
    });
    let body = json!({ "files": told.collect::<Vec<_>>() });
    noted::note(&args.data, &noted::entry(backup::now()?, "data.repair", "", body));
    let after = store::verify(&args.data)?;
    if args.json {
        say(&json!({ "found": as_json(args, &checked), "after": as_json(args, &after) })
            .to_string());
    } else {
        say(&words::found(&checked, args.utc_offset));
        say(&words::repaired(&repaired));
        say(&words::found(&after, args.utc_offset));
    }
    Ok(after.is_clean())
}

/// Of a backup, its sums are compared too; a folder without a manifest is none.
fn backup_is_whole(args: &VerifyArgs) -> bool {
    if !args.data.join(manifest::FILE_NAME).exists() {
        return true;
    }
    let checked = Manifest::read(&args.data).and_then(|manifest| manifest.check(&args.data));
    checked.map_err(|error| complain(&error)).is_ok()
}

fn tell(args: &VerifyArgs, checked: &Checked) {
    if args.json {
        say(&as_json(args, checked).to_string());
    } else {
        say(&words::found(checked, args.utc_offset));
    }
}

fn as_json(args: &VerifyArgs, checked: &Checked) -> Value {
    let files = checked.files.iter().map(|file| {
        let rows: serde_json::Map<_, _> =
            file.rows.iter().map(|(table, count)| (table.clone(), json!(count))).collect();
        let damage: Vec<_> = file.damage.iter().map(|one| damage(args, one)).collect();
        json!({
            "name": file.name, "format": file.format, "rows": rows, "readings": file.readings,
            "damage_count": file.damage_count, "damage": damage,
        })
    });
    json!({
        "clean": checked.is_clean(),
        "files": files.collect::<Vec<_>>(),
        "audit": checked.audit.as_ref().map(crate::audit::verify::value),
    })
}

fn damage(args: &VerifyArgs, damage: &Damage) -> Value {
    let mut value = match &damage.place {
        Place::Database => json!({ "place": "database" }),
        Place::Journal(commits) => json!({ "place": "journal", "commits": commits }),
        Place::Batch(seq) => json!({ "place": "batch", "number": seq }),
        Place::Hour { channel, begin, part } => json!({
            "place": "hour", "channel": channel, "begin": begin.rfc3339(args.utc_offset),
            "part": part,
        }),
        Place::Day { channel, begin } => json!({
            "place": "day", "channel": channel, "begin": begin.rfc3339(args.utc_offset),
        }),
        Place::Row { table, number } => {
            json!({ "place": "row", "table": table, "number": number })
        }
        Place::Mark => json!({ "place": "mark" }),
    };
    if let Some(fields) = value.as_object_mut() {
        fields.insert("why".to_owned(), json!(damage.why));
        fields.insert("readings".to_owned(), json!(damage.readings));
    }
    value
}
