//! `siskin evidence`: the pack from a data folder, beside a running station or from a backup.
//!
//! Never writes into the data folder: the ledger is copied to a scratch folder first. So this act
//! does not stand in the audit; the one through the API does.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, ensure};
use siskin_model::Timestamp;
use siskin_model::incident::IncidentId;
use siskin_store::{Ledger, Series, backup};

use super::{Packed, Source};
use crate::cli::{EXIT_BAD_SITE, EXIT_FAILED, EvidenceArgs, say};
use crate::files;
use crate::history::export::keys;
use crate::station::INCIDENTS_FOLDER;

/// The name of the ledger in a data folder.
const LEDGER: &str = "ledger.db";

/// Writes the archive; it has its name only when it is whole.
pub(crate) fn command(args: &EvidenceArgs) -> anyhow::Result<ExitCode> {
    let inputs = files::site(&args.site, args.firmware_configs.as_deref())?;
    let settings = match siskin_config::load(&inputs) {
        Ok(settings) => settings,
        Err(refused) => {
            say(&refused.render());
            return Ok(ExitCode::from(EXIT_BAD_SITE));
        }
    };
    let out = &args.out;
    ensure!(!out.exists(), "`{}` is there already; hint: name a new file", out.display());
    let name = out.file_name().context("the file needs a name; hint: --out incident.zip")?;
    let scratch = tempfile::tempdir().context("cannot make a scratch folder")?;
    backup::copy(&args.data.join(LEDGER), &scratch.path().join(LEDGER), &mut |_, _| {})?;
    let ledger = Ledger::open(scratch.path())?;
    let incident = ledger.incident(&IncidentId::from_text(&args.incident))?.with_context(|| {
        format!(
            "there is no incident `{}`; hint: /api/v1/incidents?closed=true lists all",
            args.incident
        )
    })?;
    let series = Series::open_read_only(&args.data, &keys(&settings.site))?;
    let since = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock is before 1970")?;
    let source = Source {
        settings: &settings,
        site_files: &inputs.site,
        series: &series,
        ledger: &ledger,
        folder: &args.data.join(INCIDENTS_FOLDER),
        made_at: Timestamp::from_millis(i64::try_from(since.as_millis())?),
        made_by: "siskin evidence",
    };
    let begun = out.with_file_name(format!("{}.partial", name.display()));
    let about = || format!("cannot write `{}`; hint: check the folder's rights", begun.display());
    let mut file = BufWriter::new(File::create(&begun).with_context(about)?);
    let packed = super::write(&source, &incident, &mut file)?;
    file.flush().with_context(about)?;
    file.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
    std::fs::rename(&begun, out).with_context(about)?;
    let damaged = series.batches_damaged();
    Ok(told(args, packed, damaged))
}

fn told(args: &EvidenceArgs, packed: Packed, damaged: usize) -> ExitCode {
    say(&format!(
        "已生成证据包 / packed `{}`: {} 个文件/files, {} 条读数/readings",
        args.out.display(),
        packed.files,
        packed.readings
    ));
    if packed.missing == 0 && damaged == 0 {
        return ExitCode::SUCCESS;
    }
    say(&format!(
        "{} 处内容、{damaged} 批读数未能读取 / could not be read, see missing.ndjson; \
         hint: `siskin verify --data {}`",
        packed.missing,
        args.data.display()
    ));
    ExitCode::from(EXIT_FAILED)
}
