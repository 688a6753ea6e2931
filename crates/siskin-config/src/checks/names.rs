//! Ids: each stands once, and what refers to one must exist.

use std::collections::BTreeMap;

use crate::node::{Node, Value};
use crate::problems::{Draft, Problems};
use crate::sources::{At, Place};
use crate::suggest;
use crate::written::rules::WrittenRule;

/// The ids of one kind that the files declare.
#[derive(Debug, Default)]
pub(crate) struct Names {
    found: BTreeMap<String, Place>,
    /// Whether the file that declares them could not be read.
    may_hold_more: bool,
}

impl Names {
    /// Adds the `id` of each table of a list file, also where the table is broken otherwise.
    pub(crate) fn declare<'a>(&mut self, tables: impl IntoIterator<Item = &'a Node>) {
        for id in tables.into_iter().filter_map(|table| table.get("id")) {
            if let Value::Text(text) = &id.value {
                self.found.entry(text.clone()).or_insert(id.place);
            }
        }
    }

    /// Adds one id.
    pub(crate) fn add(&mut self, id: &str, place: Place) {
        self.found.entry(id.to_owned()).or_insert(place);
    }

    /// Nothing can be said about what is not declared.
    pub(crate) fn may_hold_more(&mut self) {
        self.may_hold_more = true;
    }

    /// Whether `name` is declared; otherwise a problem says so.
    pub(crate) fn known<T: std::fmt::Display>(
        &self,
        name: &At<T>,
        what: &str,
        problems: &mut Problems,
    ) -> bool {
        let text = name.value.to_string();
        if self.may_hold_more || self.found.contains_key(&text) {
            return true;
        }
        unknown(&text, name.place, what, self.found.keys().map(String::as_str), problems);
        false
    }
}

/// The problem of a name that nothing has.
pub(crate) fn unknown<'a>(
    text: &str,
    place: Place,
    what: &str,
    known: impl IntoIterator<Item = &'a str> + Clone,
    problems: &mut Problems,
) {
    let message = format!("there is no {what} `{text}`");
    let hint = suggest::hint(text, &format!("{what} names"), known);
    problems.add(Draft::new(message, hint).at(place, format!("unknown {what}")));
}

/// Refuses a rule whose id stands twice, among the site's rules and those of bundled sets.
pub(crate) fn unique_rules(rules: &[WrittenRule], problems: &mut Problems) {
    let mut seen: BTreeMap<&str, &WrittenRule> = BTreeMap::new();
    for rule in rules {
        let id = rule.id.value.as_str();
        let Some(first) = seen.get(id) else {
            seen.insert(id, rule);
            continue;
        };
        let (message, hint) = match &rule.set {
            None => (format!("two rules are called `{id}`"), "give each its own id".to_owned()),
            Some(set) => (
                format!("the rule set `{set}` has a rule `{id}` too"),
                format!("rename the other rule, or leave `{set}` out of `rule_sets`"),
            ),
        };
        let draft = Draft::new(message, hint).at(rule.id.place, "again here");
        problems.add(draft.at(first.id.place, "first here"));
    }
}

/// Refuses an id that stands twice, with both places.
pub(crate) fn unique<'a>(
    what: &str,
    ids: impl IntoIterator<Item = (&'a str, Place)>,
    problems: &mut Problems,
) {
    let mut seen: BTreeMap<&str, Place> = BTreeMap::new();
    for (id, place) in ids {
        match seen.get(id) {
            Some(first) => {
                let message = format!("two {what}s are called `{id}`");
                let draft = Draft::new(message, "give each its own id");
                problems.add(draft.at(place, "again here").at(*first, "first here"));
            }
            None => {
                seen.insert(id, place);
            }
        }
    }
}
