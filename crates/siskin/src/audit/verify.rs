//! `siskin audit verify`: the first thing that is not as it was written, and how much more.

use std::process::ExitCode;

use serde_json::json;
use siskin_store::ledger::{AuditChecked, AuditReader, AuditWitness, PublicKey, check_export};

use super::args::VerifyArgs;
use super::words;
use crate::cli::{complain, say};

/// Something is not as it was written.
const EXIT_NOT_CLEAN: u8 = 1;
/// It could not be looked at.
const EXIT_NOT_LOOKED: u8 = 2;

/// Ends with 0 where all is as it was written, 1 where not, 2 where it could not look.
#[allow(clippy::unnecessary_wraps, reason = "as all commands; its failures have their own code")]
pub(super) fn verify(args: &VerifyArgs) -> anyhow::Result<ExitCode> {
    match looked(args) {
        Ok(checked) => {
            say(&if args.json { value(&checked).to_string() } else { words::checked(&checked) });
            let code = if checked.is_clean() { 0 } else { EXIT_NOT_CLEAN };
            Ok(ExitCode::from(code))
        }
        Err(error) => {
            complain(&error);
            Ok(ExitCode::from(EXIT_NOT_LOOKED))
        }
    }
}

fn looked(args: &VerifyArgs) -> anyhow::Result<AuditChecked> {
    let mut public_keys = Vec::new();
    for file in &args.public_key {
        public_keys.extend(PublicKey::read(file)?);
    }
    let witness = AuditWitness { checkpoints: args.checkpoints.clone(), public_keys };
    Ok(match &args.file {
        Some(file) => check_export(file, &witness)?,
        None => AuditReader::open(&args.data)?.check(&witness)?,
    })
}

/// Faults and notes as texts, numbers as numbers.
pub(crate) fn value(checked: &AuditChecked) -> serde_json::Value {
    let texts = |texts: Vec<(String, String)>| -> Vec<_> {
        texts.into_iter().map(|(zh, en)| json!({ "zh": zh, "en": en })).collect()
    };
    json!({
        "clean": checked.is_clean(),
        "entries": checked.entries,
        "checkpoints": checked.checkpoints,
        "events": checked.events,
        "entries_unsigned": checked.entries_unsigned,
        "events_unsigned": checked.events_unsigned,
        "fault_count": checked.fault_count,
        "faults": texts(checked.faults.iter().map(words::fault).collect()),
        "notes": texts(checked.notes.iter().map(words::note).collect()),
    })
}
