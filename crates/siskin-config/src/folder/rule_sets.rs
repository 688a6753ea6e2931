//! The bundled rule sets that a site uses: those that `rule_sets` in its `site.toml` names.
//!
//! A set may be for several gases; its rules about gases that the site does not measure are left
//! out. A set of which nothing is left is refused: somebody believes that it watches.

use std::collections::BTreeSet;

use siskin_model::GasId;

use super::rules::ReadRules;
use super::tables;
use crate::problems::{Draft, Problems};
use crate::sources::{At, Sources};
use crate::written::rules::WrittenRule;
use crate::{Inputs, SourceFile, node, suggest, written};

/// What the files are called for people.
const FOLDER: &str = "rule-sets/";

/// Adds the rules of the sets that are `used`; `measured` are the gases of the site's channels,
/// none where they are not known.
pub(super) fn read(
    inputs: &Inputs,
    used: &[At<String>],
    measured: Option<&BTreeSet<GasId>>,
    rules: &mut ReadRules,
    sources: &mut Sources,
    problems: &mut Problems,
) {
    let mut seen: Vec<&At<String>> = Vec::new();
    for set in used {
        if let Some(first) = seen.iter().find(|other| other.value == set.value) {
            let message = format!("the rule set `{}` is named twice", set.value);
            let draft = Draft::new(message, "name it once").at(set.place, "again here");
            problems.add(draft.at(first.place, "first here"));
            continue;
        }
        seen.push(set);
        let found = inputs.rule_sets.iter().find(|file| stem(file) == set.value);
        let Some(file) = found else {
            let known = inputs.rule_sets.iter().map(stem);
            let message = format!("there is no rule set `{}`", set.value);
            let hint = suggest::hint(&set.value, "rule sets", known);
            problems.add(Draft::new(message, hint).at(set.place, "unknown rule set"));
            rules.broken = true;
            continue;
        };
        one(file, set, measured, rules, sources, problems);
    }
}

fn one(
    file: &SourceFile,
    set: &At<String>,
    measured: Option<&BTreeSet<GasId>>,
    rules: &mut ReadRules,
    sources: &mut Sources,
    problems: &mut Problems,
) {
    let before = problems.count();
    let path = format!("{FOLDER}{}.toml", set.value);
    let Some(root) = node::parse(&path, &file.text, sources, problems) else {
        rules.names.may_hold_more();
        rules.broken = true;
        return;
    };
    let read = written::rule_set::read(&root, &path, &set.value, problems);
    if problems.count() > before {
        rules.names.declare(tables(&root, "rule"));
        rules.broken = true;
    }
    let read = read.map(|set| set.rules).unwrap_or_default();
    let gases: BTreeSet<GasId> = read.iter().filter_map(gas).collect();
    let wanted = |rule: &WrittenRule| {
        let gas = gas(rule);
        measured.is_none_or(|measured| gas.is_some_and(|gas| measured.contains(&gas)))
    };
    let kept: Vec<WrittenRule> = read.into_iter().filter(wanted).collect();
    if kept.is_empty() && problems.count() == before {
        let message = format!("no channel measures a gas of the rule set `{}`", set.value);
        let gases: Vec<String> = gases.iter().map(|gas| format!("`{gas}`")).collect();
        let hint = format!(
            "it is for {}: take it out of `rule_sets`, or correct the channels",
            gases.join(", ")
        );
        problems.add(Draft::new(message, hint).at(set.place, "watches nothing"));
    }
    for rule in &kept {
        rules.names.add(rule.id.value.as_str(), rule.id.place);
    }
    rules.rules.extend(kept);
}

fn gas(rule: &WrittenRule) -> Option<GasId> {
    rule.scope.gas.as_ref().map(|gas| gas.value.clone())
}

/// The file's name without folders and `.toml`.
fn stem(file: &SourceFile) -> &str {
    let name = file.path.rsplit('/').next().unwrap_or(&file.path);
    name.strip_suffix(".toml").unwrap_or(name)
}
