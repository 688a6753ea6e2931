//! The dependency graph as cargo resolved it, and what in it no pure crate may be built from.
//! Asks cargo without the network; changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// What may stand nowhere below a pure crate: runtimes, sockets, stores, clocks, randomness.
/// `rand_core` holds only traits, and pco's generator below them has a fixed seed; what would give
/// either of them real randomness is `getrandom`, which is refused.
const PACKAGES_REFUSED: [&str; 21] = [
    "async-io",
    "async-std",
    "chrono",
    "fastrand",
    "getrandom",
    "hyper",
    "libsqlite3-sys",
    "mio",
    "notify",
    "rand",
    "rayon",
    "reqwest",
    "rumqttc",
    "rusqlite",
    "smol",
    "socket2",
    "tempfile",
    "time",
    "tokio",
    "tokio-modbus",
    "ureq",
];

/// The packages of the workspace and below, for this machine.
pub(crate) struct Graph {
    /// Name of every package by its id.
    names: BTreeMap<String, String>,
    /// What it is built from: not its tests, not its build script.
    normal: BTreeMap<String, Vec<String>>,
}

impl Graph {
    pub(crate) fn load() -> Result<Self> {
        let version = run(&["-vV"])?;
        let host = version.lines().find_map(|line| line.strip_prefix("host: "));
        let host = host.context("cargo names no host")?;
        // One platform only: a fresh machine holds no packages of the others.
        let options = ["--format-version", "1", "--offline", "--filter-platform", host];
        let text = run(&[&["metadata"], options.as_slice()].concat())?;
        Self::parse(&serde_json::from_str(&text)?)
    }

    fn parse(metadata: &Value) -> Result<Self> {
        let (mut names, mut normal) = (BTreeMap::new(), BTreeMap::new());
        for package in list(metadata, "/packages")? {
            names.insert(text(package, "/id")?, text(package, "/name")?);
        }
        for node in list(metadata, "/resolve/nodes")? {
            let mut below = Vec::new();
            for dependency in list(node, "/deps")? {
                let kinds = list(dependency, "/dep_kinds")?;
                if kinds.iter().any(|kind| kind.pointer("/kind").is_some_and(Value::is_null)) {
                    below.push(text(dependency, "/pkg")?);
                }
            }
            normal.insert(text(node, "/id")?, below);
        }
        Ok(Self { names, normal })
    }

    /// The names of everything `root` is built from, itself too.
    pub(crate) fn below(&self, root: &str) -> BTreeSet<&str> {
        let of_root = self.names.iter().filter(|(_, name)| *name == root);
        let mut open: Vec<&String> = of_root.map(|(id, _)| id).collect();
        let mut seen = BTreeSet::new();
        while let Some(id) = open.pop() {
            if seen.insert(id) {
                open.extend(self.normal.get(id).into_iter().flatten());
            }
        }
        let names = seen.into_iter().filter_map(|id| self.names.get(id));
        names.map(String::as_str).collect()
    }

    /// What is below `root` and may not be.
    pub(crate) fn refused(&self, root: &str) -> Vec<&str> {
        let below = self.below(root);
        below.into_iter().filter(|name| PACKAGES_REFUSED.contains(name)).collect()
    }
}

fn run(arguments: &[&str]) -> Result<String> {
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(crate::root()).output()?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "cargo {arguments:?}: {errors}");
    Ok(String::from_utf8(output.stdout)?)
}

fn list<'a>(of: &'a Value, pointer: &str) -> Result<&'a Vec<Value>> {
    let found = of.pointer(pointer).and_then(Value::as_array);
    found.with_context(|| format!("cargo's metadata have no list `{pointer}`"))
}

fn text(of: &Value, pointer: &str) -> Result<String> {
    let found = of.pointer(pointer).and_then(Value::as_str);
    let text = found.with_context(|| format!("cargo's metadata have no text `{pointer}`"))?;
    Ok(text.to_owned())
}
