//! The gas catalogue and the device profiles: one file each, the file's name is the id.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::DeserializeOwned;
use siskin_model::Gas;
use siskin_wire::DeviceProfile;

use crate::node::{Node, parse};
use crate::problems::{Draft, Problems};
use crate::sources::{Place, Sources};
use crate::{Inputs, SourceFile, suggest};

/// What there is to refer to.
#[derive(Debug, Default)]
pub(crate) struct Catalogue {
    pub(crate) gases: BTreeMap<String, Gas>,
    pub(crate) profiles: BTreeMap<String, DeviceProfile>,
    /// Names of files that could not be read: to refer to them is no second problem.
    pub(crate) broken: BTreeSet<String>,
}

impl Catalogue {
    /// Whether a file says that it is this gas, even if it could not be read.
    pub(crate) fn has_gas(&self, gas: &str) -> bool {
        self.gases.contains_key(gas) || self.broken.contains(gas)
    }
}

/// Reads all files.
pub(crate) fn read(inputs: &Inputs, sources: &mut Sources, problems: &mut Problems) -> Catalogue {
    let mut found = Catalogue::default();
    for file in &inputs.gases {
        match one::<Gas>(file, "gases", sources, problems) {
            Some((gas, root)) => {
                let id = gas.id.to_string();
                same_name(file, &id, &root, problems);
                found.gases.insert(id, gas);
            }
            None => {
                found.broken.insert(stem(file).to_owned());
            }
        }
    }
    for file in &inputs.devices {
        let before = problems.count();
        let read = one::<DeviceProfile>(file, "devices", sources, problems);
        if let Some((profile, root)) = &read {
            same_name(file, &profile.id, root, problems);
            check_profile(profile, root, problems);
        }
        match read.filter(|_| problems.count() == before) {
            Some((profile, _)) => {
                found.profiles.insert(profile.id.clone(), profile);
            }
            None => {
                found.broken.insert(stem(file).to_owned());
            }
        }
    }
    found
}

/// The file's name without folders and `.toml`.
fn stem(file: &SourceFile) -> &str {
    let name = file.path.rsplit('/').next().unwrap_or(&file.path);
    name.strip_suffix(".toml").unwrap_or(name)
}

fn one<T: DeserializeOwned>(
    file: &SourceFile,
    folder: &str,
    sources: &mut Sources,
    problems: &mut Problems,
) -> Option<(T, Node)> {
    let shown = if file.path.starts_with(folder) {
        file.path.clone()
    } else {
        format!("{folder}/{}", file.path)
    };
    let root = parse(&shown, &file.text, sources, problems)?;
    match toml::from_str::<T>(&file.text) {
        Ok(read) => Some((read, root)),
        Err(error) => {
            let span = error.span().unwrap_or(0..0);
            let place = Place { file: root.place.file, start: span.start, end: span.end };
            let (message, hint) = explained(error.message());
            problems.add(Draft::new(message, hint).at(place, "here"));
            None
        }
    }
}

/// Serde's words for an unknown key or word, with the nearest known one.
fn explained(message: &str) -> (String, String) {
    let message = message.trim();
    if let Some((message, hint)) = message.split_once("; hint: ") {
        return (message.to_owned(), hint.to_owned());
    }
    let mut quoted = message.split('`').skip(1).step_by(2);
    let word = quoted.next().unwrap_or_default();
    let known: Vec<&str> = quoted.collect();
    let hint = if message.starts_with("unknown") {
        suggest::hint(word, "words", known)
    } else {
        "firmware-configs/README.md describes the keys of these files".to_owned()
    };
    let first = message.split(", expected").next().unwrap_or(message);
    let kept = if message.starts_with("unknown") { first } else { message };
    (kept.to_owned(), hint)
}

fn same_name(file: &SourceFile, id: &str, root: &Node, problems: &mut Problems) {
    if stem(file) == id {
        return;
    }
    let place = root.get("id").map_or(root.place, |node| node.place);
    let message = format!("the file `{}` holds the id `{id}`", file.path);
    let draft = Draft::new(message, format!("rename the file to `{id}.toml`, or change the id"));
    problems.add(draft.at(place, "not the file's name"));
}

fn check_profile(profile: &DeviceProfile, root: &Node, problems: &mut Problems) {
    for problem in profile.check() {
        let place = nearest(root, &problem.path);
        problems.add(Draft::new(problem.message, problem.hint).at(place, problem.path));
    }
}

/// The place of the deepest part of `path` that is written.
fn nearest(root: &Node, path: &str) -> Place {
    let mut node = root;
    for key in path.split('.') {
        match node.get(key) {
            Some(inner) => node = inner,
            None => break,
        }
    }
    node.place
}
