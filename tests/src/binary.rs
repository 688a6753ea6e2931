//! Where the programs under test are: the station's binary, the tests' Python, the sources.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context, Result, ensure};

use crate::process::say;

type Built = OnceLock<Result<PathBuf, String>>;

static STATION: Built = OnceLock::new();
static EDGE: Built = OnceLock::new();

/// The root of the repository.
pub fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap_or(tests).to_owned()
}

/// The `siskin` binary: that of `SISKIN_BIN`, else a debug build of the sources as they are.
pub fn siskin() -> Result<PathBuf> {
    found(&STATION, "SISKIN_BIN", "siskin")
}

/// The `siskin-edge` binary: that of `SISKIN_EDGE_BIN`, else a debug build of the sources.
pub fn siskin_edge() -> Result<PathBuf> {
    found(&EDGE, "SISKIN_EDGE_BIN", "siskin-edge")
}

fn found(built: &Built, variable: &str, name: &str) -> Result<PathBuf> {
    let found = built.get_or_init(|| {
        let path = match std::env::var_os(variable) {
            Some(path) => Ok(PathBuf::from(path)),
            None => build(name, &[]),
        };
        if let Ok(path) = &path {
            say(&format!("under test: {}", path.display()));
        }
        path.map_err(|error| format!("{error:#}"))
    });
    found.clone().map_err(anyhow::Error::msg)
}

/// The release build of `siskin`, for measurements.
pub fn siskin_release() -> Result<PathBuf> {
    match std::env::var_os("SISKIN_BIN") {
        Some(path) => Ok(PathBuf::from(path)),
        None => build("siskin", &["--release"]),
    }
}

fn build(name: &str, more: &[&str]) -> Result<PathBuf> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    // With the features of the whole workspace, as `cargo build --workspace` has built it before.
    let mut arguments = vec!["build", "--quiet", "--workspace", "--bin", name];
    if !more.is_empty() {
        arguments = vec!["build", "--quiet", "--package", name];
    }
    arguments.extend(more);
    let mut command = Command::new(cargo);
    // What the outer cargo told this test is no setting of a build: crates that look at it would be
    // built anew, and again by the next outer run.
    for (variable, _) in std::env::vars_os() {
        let name = variable.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(variable);
        }
    }
    let status = command
        .current_dir(root())
        .args(arguments)
        .args(["--message-format", "short"])
        .status()
        .context("cannot start cargo")?;
    ensure!(status.success(), "`{name}` cannot be built");
    let folder = if more.is_empty() { "debug" } else { "release" };
    Ok(target().join(folder).join(name))
}

/// The folder of builds.
fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// The Python that has what `tests/requirements.txt` lists.
pub fn python() -> Result<PathBuf> {
    let path = std::env::var_os("PYTHON")
        .map_or_else(|| root().join("target/venv/bin/python"), PathBuf::from);
    ensure!(path.exists(), "there is no `{}`; hint: run `make target/venv/ready`", path.display());
    Ok(path)
}
