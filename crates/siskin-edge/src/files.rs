//! Files to texts: a site's folder, the gas catalogue, the device profiles and the rule sets. The
//! pure configuration crate never touches a disk; what is shipped is inside the program.

use std::path::Path;

use anyhow::{Context, ensure};
use include_dir::{Dir, include_dir};
use siskin_config::{ENVIRONMENT_PREFIX, Inputs, SourceFile};

static GASES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../firmware-configs/gases");
static DEVICES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../firmware-configs/devices");
static RULE_SETS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../firmware-configs/rule-sets");

/// The largest configuration file that is read.
const FILE_BYTES_MAX: u64 = 4 << 20;
/// The deepest folder inside a site that is looked at.
const DEPTH_MAX: u8 = 3;

/// The texts of the site in `folder`; `firmware_configs` replaces what is inside the program.
pub(crate) fn site(folder: &Path, firmware_configs: Option<&Path>) -> anyhow::Result<Inputs> {
    ensure!(
        folder.is_dir(),
        "`{}` is not a folder; hint: copy the station's site folder to this gateway",
        folder.display()
    );
    let (gases, devices, rule_sets) = match firmware_configs {
        Some(root) => {
            let read = |folder: &str| read_folder(&root.join(folder));
            (read("gases")?, read("devices")?, read("rule-sets")?)
        }
        None => (embedded(&GASES), embedded(&DEVICES), embedded(&RULE_SETS)),
    };
    let ours = |(name, _): &(String, String)| name.starts_with(ENVIRONMENT_PREFIX);
    let environment = std::env::vars().filter(ours).collect();
    Ok(Inputs { site: read_folder(folder)?, gases, devices, rule_sets, environment })
}

fn embedded(dir: &Dir<'_>) -> Vec<SourceFile> {
    let mut found = Vec::new();
    let mut open = vec![dir];
    while let Some(inner) = open.pop() {
        open.extend(inner.dirs());
        for file in inner.files().filter(|file| is_toml(file.path())) {
            let path = file.path().display().to_string();
            found.extend(file.contents_utf8().map(|text| SourceFile { path, text: text.into() }));
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn read_folder(root: &Path) -> anyhow::Result<Vec<SourceFile>> {
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
    let about = || format!("cannot read folder `{}`", folder.display());
    for entry in std::fs::read_dir(folder).with_context(about)? {
        let path = entry.with_context(about)?.path();
        if path.is_dir() && depth > 0 {
            read_into(root, &path, depth - 1, found)?;
        } else if is_toml(&path) {
            found.push(read_file(root, &path)?);
        }
    }
    Ok(())
}

fn read_file(root: &Path, path: &Path) -> anyhow::Result<SourceFile> {
    let about = || format!("cannot read `{}`; hint: is it a UTF-8 text?", path.display());
    let size = std::fs::metadata(path).with_context(about)?.len();
    ensure!(
        size <= FILE_BYTES_MAX,
        "`{}` has {size} bytes, more than {FILE_BYTES_MAX}; hint: is it a configuration file?",
        path.display()
    );
    let text = std::fs::read_to_string(path).with_context(about)?;
    let relative = path.strip_prefix(root).unwrap_or(path);
    Ok(SourceFile { path: relative.display().to_string(), text })
}

fn is_toml(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "toml")
}
