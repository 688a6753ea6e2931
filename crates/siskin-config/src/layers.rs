//! The layers of `site.toml`: embedded defaults, the file, then the `SISKIN__` environment.
//!
//! The `config` crate merges; this module finds out again where each merged value was written, so
//! that a problem names the file's line or the variable. Reads no environment itself.

use std::collections::BTreeMap;

use config::{Config, Environment, File, FileFormat, Map, ValueKind};

use crate::SourceFile;
use crate::node::{Entry, Node, Value, parse};
use crate::problems::{Draft, Problems};
use crate::sources::{At, Place, Sources};

/// The lowest layer.
const DEFAULTS: &str = include_str!("defaults.toml");
/// What people see as the file of a default.
const DEFAULTS_PATH: &str = "(defaults)";
/// What the names of overriding variables begin with.
pub const ENVIRONMENT_PREFIX: &str = "SISKIN__";
/// Stands between the parts of a variable's name, as `.` does in a key.
const SEPARATOR: &str = "__";
/// Variables whose name has one of these hold secrets: their text is never shown.
const SECRET_WORDS: [&str; 4] = ["PASS", "SECRET", "TOKEN", "KEY"];

/// Merges the layers into one tree; `None` where `site.toml` is not TOML.
pub(crate) fn merged(
    site: &SourceFile,
    environment: &[(String, String)],
    sources: &mut Sources,
    problems: &mut Problems,
) -> Option<Node> {
    let file = parse(&site.path, &site.text, sources, problems)?;
    let defaults = parse(DEFAULTS_PATH, DEFAULTS, sources, problems)?;
    let variables = variables(environment, sources, problems);
    let overrides: Map<String, String> =
        variables.values().map(|(name, text, _)| (name.clone(), text.clone())).collect();
    let layers = Config::builder()
        .add_source(File::from_str(DEFAULTS, FileFormat::Toml))
        .add_source(File::from_str(&site.text, FileFormat::Toml))
        .add_source(
            Environment::with_prefix("SISKIN")
                .prefix_separator(SEPARATOR)
                .separator(SEPARATOR)
                .source(Some(overrides)),
        )
        .build();
    match layers {
        Ok(merged) => {
            let places = Places { file, defaults, variables };
            Some(places.tree(&merged.cache.kind, ""))
        }
        Err(error) => {
            let hint = "check that no variable sets a key inside a value that is not a table";
            let message = format!("the layers of {} do not fit: {error}", site.path);
            problems.add(Draft::new(message, hint).at(file.place, "this file"));
            None
        }
    }
}

/// Dotted key → (name, text, place) of the variables that override something.
type Variables = BTreeMap<String, (String, String, Place)>;

fn variables(
    environment: &[(String, String)],
    sources: &mut Sources,
    problems: &mut Problems,
) -> Variables {
    let mut sorted: Vec<_> = environment.iter().collect();
    sorted.sort();
    let mut found = Variables::new();
    for (name, text) in sorted {
        let Some(rest) = name.strip_prefix(ENVIRONMENT_PREFIX) else {
            continue;
        };
        let secret = SECRET_WORDS.iter().any(|word| name.contains(word));
        let shown = if secret { "***" } else { text.as_str() };
        let place = Place { file: sources.add(name, shown), start: 0, end: shown.len() };
        let path = rest.to_lowercase().replace(SEPARATOR, ".");
        if path.split('.').any(str::is_empty) {
            let message = format!("the variable `{name}` names no key");
            let hint = "write for example SISKIN__STATION__LISTEN";
            problems.add(Draft::new(message, hint).at(place, "of this variable"));
            continue;
        }
        let variable = (name.clone(), text.clone(), place);
        if let Some((other, ..)) = found.insert(path, variable) {
            let message = format!("`{name}` and `{other}` set the same key");
            let draft = Draft::new(message, "unset one of them");
            problems.add(draft.at(place, "set again here"));
        }
    }
    found
}

/// Where the parts of the merged tree were written.
struct Places {
    file: Node,
    defaults: Node,
    variables: Variables,
}

impl Places {
    /// The merged value at `path` with its places, keys in order.
    fn tree(&self, kind: &ValueKind, path: &str) -> Node {
        let variable = self.variables.get(path);
        let written = find(&self.file, path).or_else(|| find(&self.defaults, path));
        if let (None, Some(written), false) =
            (variable, written, matches!(kind, ValueKind::Table(_)))
        {
            return written.clone();
        }
        let place = match (variable, written) {
            (Some((_, _, place)), _) => *place,
            (None, Some(written)) => written.place,
            (None, None) => self.below(path),
        };
        let value = match kind {
            ValueKind::Table(table) => Value::Table(self.entries(table, path)),
            other => Value::Text(other.to_string()),
        };
        Node { value, place, from_environment: variable.is_some() }
    }

    fn entries(&self, table: &Map<String, config::Value>, path: &str) -> Vec<Entry> {
        let sorted: BTreeMap<_, _> = table.iter().collect();
        let entry = |(name, value): (&String, &config::Value)| {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            let node = self.tree(&value.kind, &path);
            let written = self.variables.get(&path).map(|variable| variable.2);
            let key_place = written
                .or_else(|| key_place(&self.file, &path))
                .or_else(|| key_place(&self.defaults, &path))
                .unwrap_or(node.place);
            Entry { key: At { value: name.clone(), place: key_place }, node }
        };
        sorted.into_iter().map(entry).collect()
    }

    /// The place of a table that only variables made: the first of them.
    fn below(&self, path: &str) -> Place {
        let prefix = format!("{path}.");
        let mut below = self.variables.iter();
        below
            .find(|(key, _)| key.starts_with(&prefix))
            .map_or(self.file.place, |(_, variable)| variable.2)
    }
}

fn find<'a>(root: &'a Node, path: &str) -> Option<&'a Node> {
    if path.is_empty() {
        return Some(root);
    }
    path.split('.').try_fold(root, Node::get)
}

fn key_place(root: &Node, path: &str) -> Option<Place> {
    let (parent, name) = path.rsplit_once('.').unwrap_or(("", path));
    let Value::Table(entries) = &find(root, parent)?.value else {
        return None;
    };
    let entry = entries.iter().find(|entry| entry.key.value == name)?;
    Some(entry.key.place)
}
