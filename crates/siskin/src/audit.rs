//! `siskin audit`: who did what, verified without the station.
//!
//! Reads only, also beside a running station. Must never call sound what it could not compare.

pub(crate) mod args;
mod export;
mod show;
pub(crate) mod verify;
pub(crate) mod words;

use std::process::ExitCode;

use args::{AuditArgs, AuditCommand};

pub(crate) fn audit(args: &AuditArgs) -> anyhow::Result<ExitCode> {
    match &args.command {
        AuditCommand::Verify(args) => verify::verify(args),
        AuditCommand::Show(args) => show::show(args),
        AuditCommand::Export(args) => export::export(args),
    }
}
