//! Files to settings: reads a site's folder, the gas catalogue, the device profiles and the
//! bundled rule sets.
//!
//! The pure configuration crate never touches a disk; it is given texts. The catalogue, the
//! profiles and the sets are inside the program, so that one file is a complete station.

use std::path::Path;

use anyhow::Context;
use include_dir::{Dir, include_dir};
use siskin_config::{Inputs, SourceFile};

static GASES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../firmware-configs/gases");
static DEVICES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../firmware-configs/devices");
static RULE_SETS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../firmware-configs/rule-sets");
static DEMO_PARK: Dir<'_> =
    include_dir!("$CARGO_MANIFEST_DIR/../../firmware-configs/sites/demo-park");

/// The largest configuration file that is read.
const FILE_BYTES_MAX: u64 = 4 << 20;
/// The deepest folder inside a site that is looked at.
const DEPTH_MAX: u8 = 3;

/// The texts of the site in `folder`; `firmware_configs` replaces what is inside the program.
pub(crate) fn site(folder: &Path, firmware_configs: Option<&Path>) -> anyhow::Result<Inputs> {
    anyhow::ensure!(
        folder.is_dir(),
        "`{}` is not a folder; hint: name a site's folder, for example \
         `firmware-configs/sites/demo-park`",
        folder.display()
    );
    let (gases, devices, rule_sets) = match firmware_configs {
        Some(root) => {
            let read = |folder: &str| read_folder(&root.join(folder));
            (read("gases")?, read("devices")?, read("rule-sets")?)
        }
        None => (embedded(&GASES), embedded(&DEVICES), embedded(&RULE_SETS)),
    };
    let site = read_folder(folder)?;
    Ok(Inputs { site, gases, devices, rule_sets, environment: environment() })
}

/// The device profiles in `firmware_configs`, or those inside the program.
pub(crate) fn devices(firmware_configs: Option<&Path>) -> anyhow::Result<Vec<SourceFile>> {
    firmware_configs
        .map_or_else(|| Ok(embedded(&DEVICES)), |root| read_folder(&root.join("devices")))
}

/// The texts of the park of `siskin demo`.
pub(crate) fn demo_park() -> Inputs {
    Inputs {
        site: embedded(&DEMO_PARK),
        gases: embedded(&GASES),
        devices: embedded(&DEVICES),
        rule_sets: embedded(&RULE_SETS),
        environment: Vec::new(),
    }
}

fn environment() -> Vec<(String, String)> {
    std::env::vars().filter(|(name, _)| name.starts_with("SISKIN__")).collect()
}

fn embedded(dir: &Dir<'_>) -> Vec<SourceFile> {
    let mut found = Vec::new();
    collect_embedded(dir, dir.path(), &mut found);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn collect_embedded(dir: &Dir<'_>, root: &Path, found: &mut Vec<SourceFile>) {
    for file in dir.files() {
        let path = file.path().strip_prefix(root).unwrap_or(file.path());
        if let (true, Some(text)) = (is_toml(path), file.contents_utf8()) {
            found.push(SourceFile { path: path.display().to_string(), text: text.to_owned() });
        }
    }
    for inner in dir.dirs() {
        collect_embedded(inner, root, found);
    }
}

/// The TOML files in `root` and below, by path relative to it.
pub(crate) fn read_folder(root: &Path) -> anyhow::Result<Vec<SourceFile>> {
    let mut found = Vec::new();
    read_into(root, root, DEPTH_MAX, &mut found)?;
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

fn read_into(
    root: &Path,
    folder: &Path,
    depth: u8,
    found: &mut Vec<SourceFile>,
) -> anyhow::Result<()> {
    let entries = std::fs::read_dir(folder)
        .with_context(|| format!("cannot read folder `{}`", folder.display()))?;
    for entry in entries {
        let path = entry.with_context(|| format!("cannot list `{}`", folder.display()))?.path();
        if path.is_dir() && depth > 0 {
            read_into(root, &path, depth - 1, found)?;
        } else if is_toml(&path) {
            found.push(read_file(root, &path)?);
        }
    }
    Ok(())
}

fn read_file(root: &Path, path: &Path) -> anyhow::Result<SourceFile> {
    let about = || format!("cannot read `{}`", path.display());
    let size = std::fs::metadata(path).with_context(about)?.len();
    anyhow::ensure!(
        size <= FILE_BYTES_MAX,
        "`{}` has {size} bytes, more than {FILE_BYTES_MAX}; hint: is it a configuration file?",
        path.display()
    );
    let bytes = std::fs::read(path).with_context(about)?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let line = error.as_bytes().iter().take(error.utf8_error().valid_up_to());
        let line = line.filter(|byte| **byte == b'\n').count() + 1;
        anyhow::anyhow!(
            "`{}` is not UTF-8 text at line {line}; hint: save the file as UTF-8",
            path.display()
        )
    })?;
    let relative = path.strip_prefix(root).unwrap_or(path);
    Ok(SourceFile { path: relative.display().to_string(), text })
}

fn is_toml(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "toml")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_program_carries_makes_a_site() {
        let settings = siskin_config::load(&demo_park());
        let settings = settings.unwrap_or_else(|report| panic!("{}", report.render()));
        let gas_channels = settings.site.channels.iter().filter(|c| c.quantity.gas().is_some());
        assert_eq!(gas_channels.count(), 24);
    }

    #[test]
    fn a_file_that_is_no_text_is_named_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("site.toml"), b"id = 1\nname = \"\xff\"\n").unwrap();
        let error = read_folder(folder.path()).unwrap_err().to_string();
        assert!(error.contains("site.toml` is not UTF-8 text at line 2; hint:"), "{error}");
    }
}
