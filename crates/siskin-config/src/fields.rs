//! Reading a table key by key, so that everything wrong in it is found at once.
//!
//! Each key is asked for once; what is left over is unknown and refused with the nearest key that
//! was asked for. A missing or wrong value is a problem and gives `None`: no default stands in for
//! something written wrongly.

use crate::node::{Entry, Node, Value};
use crate::problems::{Draft, Problems};
use crate::sources::{At, Place};
use crate::suggest;

/// A type that can be read from a value.
pub(crate) trait FromNode: Sized {
    /// Reads `node`, the value of `key`; what is wrong goes to `problems`.
    fn from_node(node: &Node, key: &str, problems: &mut Problems) -> Option<Self>;
}

impl<T: FromNode> FromNode for At<T> {
    fn from_node(node: &Node, key: &str, problems: &mut Problems) -> Option<Self> {
        T::from_node(node, key, problems).map(|value| Self { value, place: node.place })
    }
}

impl<T: FromNode> FromNode for Vec<T> {
    fn from_node(node: &Node, key: &str, problems: &mut Problems) -> Option<Self> {
        if let (true, Value::Text(text)) = (node.from_environment, &node.value) {
            let parts = text
                .split(',')
                .map(|part| Node { value: Value::Text(part.trim().to_owned()), ..node.clone() });
            return parts.map(|n| T::from_node(&n, key, problems)).collect();
        }
        let Value::List(items) = &node.value else {
            wrong_type(node, key, "a list in [ ]", problems);
            return None;
        };
        // Every item is read, so that every wrong one is named.
        let read: Vec<Option<T>> =
            items.iter().map(|item| T::from_node(item, key, problems)).collect();
        read.into_iter().collect()
    }
}

/// The problem of a value of the wrong type.
pub(crate) fn wrong_type(node: &Node, key: &str, expected: &str, problems: &mut Problems) {
    let message = format!("`{key}` must be {expected}, found {}", node.found());
    let hint = format!("write {expected}");
    problems.add(Draft::new(message, hint).at(node.place, format!("expected {expected}")));
}

/// A table being read.
#[derive(Debug)]
pub(crate) struct Fields<'a> {
    what: &'a str,
    place: Place,
    entries: &'a [Entry],
    asked: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    /// Begins to read `node`, which people call `what`.
    pub(crate) fn of(node: &'a Node, what: &'a str, problems: &mut Problems) -> Option<Self> {
        let Value::Table(entries) = &node.value else {
            wrong_type(node, what, "a table", problems);
            return None;
        };
        Some(Self { what, place: node.place, entries, asked: Vec::new() })
    }

    /// Where the table begins.
    pub(crate) fn place(&self) -> Place {
        self.place
    }

    /// The value of `key` as it is.
    pub(crate) fn node(&mut self, key: &'static str) -> Option<&'a Node> {
        self.asked.push(key);
        let entry = self.entries.iter().find(|entry| entry.key.value == key);
        entry.map(|entry| &entry.node)
    }

    /// The value of `key`, or none where it is absent or wrong.
    pub(crate) fn optional<T: FromNode>(
        &mut self,
        key: &'static str,
        problems: &mut Problems,
    ) -> Option<T> {
        T::from_node(self.node(key)?, key, problems)
    }

    /// The value of `key`; its absence is a problem.
    pub(crate) fn required<T: FromNode>(
        &mut self,
        key: &'static str,
        problems: &mut Problems,
    ) -> Option<T> {
        let Some(node) = self.node(key) else {
            let message = format!("{} has no `{key}`", self.what);
            let hint = format!("add a line `{key} = …`");
            problems.add(Draft::new(message, hint).at(self.place, format!("`{key}` is missing")));
            return None;
        };
        T::from_node(node, key, problems)
    }

    /// The value of `key`, `default` where it is absent, none where it is wrong.
    pub(crate) fn or<T: FromNode>(
        &mut self,
        key: &'static str,
        default: T,
        problems: &mut Problems,
    ) -> Option<T> {
        match self.node(key) {
            Some(node) => T::from_node(node, key, problems),
            None => Some(default),
        }
    }

    /// Whether `key` is written, without asking for it.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|entry| entry.key.value == key)
    }

    /// Refuses what nobody asked for. `explain` may know a better message and hint for a key.
    pub(crate) fn finish_with(
        self,
        problems: &mut Problems,
        explain: impl Fn(&str) -> Option<(String, String)>,
    ) {
        for entry in self.entries {
            let key = entry.key.value.as_str();
            if self.asked.contains(&key) {
                continue;
            }
            let (message, hint) = explain(key).unwrap_or_else(|| {
                let known = self.asked.iter().copied();
                let message = format!("unknown key `{key}` in {}", self.what);
                (message, suggest::hint(key, "keys", known))
            });
            problems.add(Draft::new(message, hint).at(entry.key.place, "not known here"));
        }
    }

    /// Refuses what nobody asked for.
    pub(crate) fn finish(self, problems: &mut Problems) {
        self.finish_with(problems, |_| None);
    }
}

/// Reads the tables `[[name]]` of a list file; anything else in the file is refused.
pub(crate) fn tables<'a>(
    root: &'a Node,
    file: &'a str,
    name: &'static str,
    problems: &mut Problems,
) -> Vec<&'a Node> {
    let Some(mut fields) = Fields::of(root, file, problems) else {
        return Vec::new();
    };
    let found = items(&mut fields, name, problems);
    fields.finish_with(problems, |key| {
        (key != name).then(|| {
            let message = format!("unknown key `{key}` in {file}");
            (message, format!("this file holds only [[{name}]] tables"))
        })
    });
    found.iter().collect()
}

/// The tables `[[name]]` of a table; anything else under that name is refused.
pub(crate) fn items<'a>(
    fields: &mut Fields<'a>,
    name: &'static str,
    problems: &mut Problems,
) -> &'a [Node] {
    match fields.node(name).map(|node| (&node.value, node)) {
        Some((Value::List(items), _)) => items,
        Some((_, node)) => {
            let message = format!("`{name}` must be a list of tables, found {}", node.found());
            let hint = format!("write [[{name}]] with double brackets");
            problems.add(Draft::new(message, hint).at(node.place, "not a list of tables"));
            &[]
        }
        None => &[],
    }
}
