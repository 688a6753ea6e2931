//! Accounts of stations under test: made by the command line before a station first starts, and
//! kept beside its data folder, so that a restarted station is spoken to by the same people.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

/// Who acts where a test does not say otherwise.
pub const FIRST: &str = "wang";
/// Somebody else: what needs two persons.
pub const SECOND: &str = "li";
/// The password of both.
pub const PASSWORD: &str = "correct horse battery";
/// How long the tokens hold.
const DAYS: &str = "400";

/// Tokens of both, who may do everything.
#[derive(Debug, Clone, Default)]
pub struct Accounts {
    tokens: Vec<(String, String)>,
}

/// Where the tokens of a data folder are kept.
fn kept_at(data: &Path) -> PathBuf {
    data.with_extension("tokens")
}

impl Accounts {
    /// The accounts of a data folder, made where nobody made them yet. A folder made of a backup
    /// has the people already, and gets other tokens for them.
    pub fn of(program: &Path, data: &Path) -> Result<Self> {
        let path = kept_at(data);
        if let Ok(text) = fs::read_to_string(&path) {
            let pairs = text.lines().filter_map(|line| line.split_once('='));
            let tokens = pairs.map(|(name, token)| (name.to_owned(), token.to_owned())).collect();
            return Ok(Self { tokens });
        }
        let mut tokens = Vec::new();
        let known = people(program, data, &["list"], "")?;
        for name in [FIRST, SECOND] {
            if !known.lines().any(|line| line.split('\t').next() == Some(name)) {
                let add = ["add", name, "--role", "admin", "--password-stdin"];
                people(program, data, &add, PASSWORD)?;
            }
            let purpose = path.display().to_string();
            let purpose = purpose.chars().rev().take(60).collect::<String>();
            let token = ["token", name, "--for", &purpose, "--days", DAYS];
            tokens.push((name.to_owned(), people(program, data, &token, "")?.trim().to_owned()));
        }
        let lines = tokens.iter().map(|(name, token)| format!("{name}={token}"));
        fs::write(&path, lines.collect::<Vec<_>>().join("\n"))?;
        Ok(Self { tokens })
    }

    /// What `name` shows.
    pub fn bearer(&self, name: &str) -> Result<String> {
        let found = self.tokens.iter().find(|(known, _)| known == name);
        let (_, token) = found.with_context(|| format!("nobody is called `{name}`"))?;
        Ok(format!("Bearer {token}"))
    }
}

/// What `siskin people` says, given `input`.
pub fn people(program: &Path, data: &Path, arguments: &[&str], input: &str) -> Result<String> {
    let mut command = Command::new(program);
    command.arg("people").args(arguments).arg("--data").arg(data);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().context("cannot start siskin people")?;
    child.stdin.take().context("no input")?.write_all(input.as_bytes())?;
    let done = child.wait_with_output()?;
    let said = String::from_utf8_lossy(&done.stderr);
    ensure!(done.status.success(), "siskin people {arguments:?}: {said}");
    Ok(String::from_utf8(done.stdout)?)
}
