//! Who may use whom: the table of the architecture, held against every `Cargo.toml`, and the pure
//! ring held free of files, network, clock, threads, tokio and randomness, both in its own source
//! and in everything it is built from. Nothing is allow-listed.

mod graph;
mod scan;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use graph::Graph;

/// Every crate and what of ours it may use.
const MAY_USE: [(&str, &[&str]); 13] = [
    ("siskin-model", &[]),
    ("siskin-wire", &["siskin-model"]),
    ("siskin-engine", &["siskin-model"]),
    ("siskin-plume", &["siskin-model"]),
    ("siskin-report", &["siskin-model"]),
    ("siskin-config", &["siskin-model", "siskin-wire", "siskin-engine"]),
    ("siskin-store", &["siskin-model"]),
    ("siskin-collect", &["siskin-model", "siskin-wire"]),
    ("siskin-notify", &["siskin-model", "siskin-wire"]),
    ("siskin-api", &["siskin-model"]),
    ("siskin-sim", &["siskin-model", "siskin-wire"]),
    (
        "siskin-edge",
        &["siskin-model", "siskin-wire", "siskin-engine", "siskin-config", "siskin-collect"],
    ),
    ("siskin", &LIBRARIES),
];
/// What the station may use: everything but the other binary.
const LIBRARIES: [&str; 11] = [
    "siskin-model",
    "siskin-wire",
    "siskin-engine",
    "siskin-plume",
    "siskin-report",
    "siskin-config",
    "siskin-store",
    "siskin-collect",
    "siskin-notify",
    "siskin-api",
    "siskin-sim",
];
/// The crates without files, network, clock, threads and randomness.
const PURE: [&str; 6] = [
    "siskin-model",
    "siskin-wire",
    "siskin-engine",
    "siskin-plume",
    "siskin-report",
    "siskin-config",
];
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The folder of every crate.
fn crates() -> Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for entry in fs::read_dir(root().join("crates"))? {
        let path = entry?.path();
        if path.join("Cargo.toml").is_file() {
            folders.push(path);
        }
    }
    Ok(folders)
}

/// Every table of dependencies that ends up in what is shipped: those of tests are left out.
fn shipped_dependencies(manifest: &toml::Table) -> Vec<String> {
    let targets = manifest.get("target").and_then(toml::Value::as_table);
    let targets = targets.into_iter().flat_map(toml::Table::values);
    let homes = targets.filter_map(toml::Value::as_table).chain([manifest]);
    let tables = homes.flat_map(|home| [home.get("dependencies"), home.get("build-dependencies")]);
    let named = tables.flatten().filter_map(toml::Value::as_table).flatten();
    let real_name = |(key, value): (&String, &toml::Value)| {
        let renamed = value.get("package").and_then(toml::Value::as_str);
        renamed.unwrap_or(key).to_owned()
    };
    named.map(real_name).collect()
}

/// What in this manifest the table does not allow.
fn strangers(manifest: &toml::Table) -> Result<Vec<String>> {
    let package = manifest.get("package").and_then(|p| p.get("name"));
    let name = package.and_then(toml::Value::as_str).context("a manifest without a name")?;
    let row = MAY_USE.iter().find(|(of, _)| *of == name);
    let (_, allowed) = row.with_context(|| {
        format!("`{name}` is not in the table; hint: give it a ring in the architecture first")
    })?;
    let ours = |d: &String| d.starts_with("siskin") && !allowed.contains(&d.as_str());
    Ok(shipped_dependencies(manifest).into_iter().filter(ours).collect())
}

#[test]
fn every_crate_uses_only_what_the_table_allows() -> Result<()> {
    let folders = crates()?;
    ensure!(folders.len() > 5, "only {} crates were found", folders.len());
    for folder in folders {
        let manifest: toml::Table = fs::read_to_string(folder.join("Cargo.toml"))?.parse()?;
        let found = strangers(&manifest).with_context(|| folder.display().to_string())?;
        ensure!(found.is_empty(), "{} may not use {found:?}", folder.display());
        let name = manifest["package"]["name"].as_str();
        let shown = folder.file_name().and_then(|n| n.to_str());
        ensure!(name == shown, "{shown:?} holds {name:?}");
    }
    Ok(())
}

#[test]
fn the_table_refuses_strangers() -> Result<()> {
    let check = |text: &str, expected: &[&str]| -> Result<()> {
        assert_eq!(strangers(&text.parse()?)?, expected, "{text}");
        Ok(())
    };
    let engine = "package.name = \"siskin-engine\"\n";
    check(&format!("{engine}[dependencies]\nsiskin-model = \"1\"\nserde = \"1\""), &[])?;
    check(&format!("{engine}[dependencies]\nsiskin-wire = \"1\""), &["siskin-wire"])?;
    check(&format!("{engine}[dependencies.w]\npackage = \"siskin-wire\""), &["siskin-wire"])?;
    check(&format!("{engine}[build-dependencies]\nsiskin = \"1\""), &["siskin"])?;
    check(&format!("{engine}[target.x.dependencies]\nsiskin-sim = \"1\""), &["siskin-sim"])?;
    check(&format!("{engine}[dev-dependencies]\nsiskin-sim = \"1\""), &[])?;
    let stranger = "package.name = \"siskin-common\"".parse()?;
    assert!(strangers(&stranger).is_err());
    Ok(())
}

#[test]
fn pure_crates_are_built_from_pure_packages() -> Result<()> {
    let graph = Graph::load()?;
    let mut seen = 0;
    for name in PURE {
        let found = graph.refused(name);
        ensure!(found.is_empty(), "`{name}` is built from {found:?}");
        seen += usize::from(!graph.below(name).is_empty());
    }
    ensure!(seen >= 4, "only {seen} of the pure crates were found");
    // The walk does find such packages where they are allowed.
    let found = graph.refused("siskin");
    ensure!(found.contains(&"tokio") && found.contains(&"rusqlite"), "station: {found:?}");
    Ok(())
}

/// Every Rust file below `folder`.
fn rust_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(rust_files(&path)?);
        } else if path.extension() == Some("rs".as_ref()) {
            files.push(path);
        }
    }
    Ok(files)
}

/// The files and folders that are modules of `file` for its tests only.
fn test_homes(file: &Path, text: &str) -> Vec<PathBuf> {
    let is_root = ["lib.rs", "main.rs", "mod.rs"].iter().any(|name| file.ends_with(name));
    let home = if is_root { file.with_file_name("") } else { file.with_extension("") };
    let homes = |module: String| [home.join(format!("{module}.rs")), home.join(module)];
    scan::test_modules(text).into_iter().flat_map(homes).collect()
}

#[test]
fn pure_crates_touch_nothing_outside() -> Result<()> {
    let mut files = Vec::new();
    for name in PURE {
        let folder = root().join("crates").join(name).join("src");
        if folder.is_dir() {
            files.extend(rust_files(&folder)?);
        }
    }
    ensure!(files.len() > 10, "only {} files were found", files.len());
    let (mut found, mut tests) = (Vec::new(), Vec::new());
    for file in files {
        let text = fs::read_to_string(&file)?;
        tests.extend(test_homes(&file, &text));
        found.extend(scan::impurities(&text).into_iter().map(|what| (file.clone(), what)));
    }
    found.retain(|(file, _)| !tests.iter().any(|home| file.starts_with(home)));
    let found: Vec<String> =
        found.iter().map(|(file, what)| format!("{}: {what}", file.display())).collect();
    ensure!(found.is_empty(), "the pure ring uses\n{}", found.join("\n"));
    Ok(())
}
