//! `siskin audit export`: the whole audit as a file. Reads from beside, and so leaves no entry.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::process::ExitCode;

use anyhow::{Context, ensure};
use siskin_store::ledger::AuditReader;

use super::args::ExportArgs;
use crate::cli::say;

pub(super) fn export(args: &ExportArgs) -> anyhow::Result<ExitCode> {
    let out = &args.out;
    let about = || format!("cannot write `{}`; hint: is the disk full?", out.display());
    ensure!(!out.exists(), "`{}` is there already; hint: name a new file", out.display());
    let reader = AuditReader::open(&args.data)?;
    let name = out.file_name().context("the export needs a name; hint: `--out audit.ndjson`")?;
    // It has its name once it is whole.
    let begun = out.with_file_name(format!("{}.partial", name.display()));
    let mut file = BufWriter::new(File::create(&begun).with_context(about)?);
    let span = reader.export(&mut |lines| file.write_all(lines.as_bytes()).with_context(about))?;
    let file =
        file.into_inner().map_err(std::io::IntoInnerError::into_error).with_context(about)?;
    file.sync_all().with_context(about)?;
    fs::rename(&begun, out).with_context(about)?;
    say(&format!(
        "已导出 / exported {} 条记录/entries, {} 个检查点/checkpoints to `{}`\n\
         此导出未记入审计；请求 /api/v1/audit/export 会记入 / this export is not an entry of the \
         audit; one by /api/v1/audit/export is",
        span.entries,
        span.checkpoints,
        out.display()
    ));
    Ok(ExitCode::SUCCESS)
}
