//! Certificates of a private authority, made by the shipped script with openssl.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::binary;

/// Runs the script on `folder`: `names` of a server, or `--client` and a user.
pub fn make(folder: &Path, names: &[&str]) -> Result<()> {
    let script = binary::root().join("deploy/mosquitto/make-certs.sh");
    let mut command = Command::new("sh");
    let output = command.arg(script).arg(folder).args(names).output();
    let output = output.with_context(|| format!("cannot start {command:?}"))?;
    let told = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?} ended with {}: {told}", output.status);
    Ok(())
}
