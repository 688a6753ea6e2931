//! `rule-sets/<name>.toml` as written: bundled rules of a gas, with a head that says where they
//! come from. A set is written for any site, so its rules name gases and no areas or channels.

use siskin_model::Text;

use super::rules::{self, WrittenRule};
use crate::fields::{Fields, items};
use crate::node::Node;
use crate::problems::{Draft, Problems};
use crate::sources::At;

/// A bundled rule set.
#[derive(Debug)]
pub(crate) struct WrittenRuleSet {
    pub(crate) rules: Vec<WrittenRule>,
}

/// Reads the set of the file `path`, which is called `name`.
pub(crate) fn read(
    root: &Node,
    path: &str,
    name: &str,
    problems: &mut Problems,
) -> Option<WrittenRuleSet> {
    let mut fields = Fields::of(root, path, problems)?;
    head(&mut fields, name, problems);
    let found = items(&mut fields, "rule", problems);
    fields.finish(problems);
    let mut read: Vec<WrittenRule> =
        found.iter().filter_map(|node| rules::one(node, problems)).collect();
    for rule in &mut read {
        only_gas(rule, problems);
        rule.set = Some(name.to_owned());
    }
    Some(WrittenRuleSet { rules: read })
}

fn head(fields: &mut Fields<'_>, name: &str, problems: &mut Problems) -> Option<()> {
    if !fields.has("rule_set") {
        let message = "a rule set has no [rule_set]";
        let hint = "begin with [rule_set] and its `id`, `name`, `version` and `source_note`";
        problems.add(Draft::new(message, hint).at(fields.place(), "no head"));
    }
    let mut head = Fields::of(fields.node("rule_set")?, "[rule_set]", problems)?;
    let id: Option<At<String>> = head.required("id", problems);
    let _name: Option<Text> = head.required("name", problems);
    let _version: Option<u32> = head.required("version", problems);
    let _source_note: Option<String> = head.required("source_note", problems);
    head.finish(problems);
    let id = id?;
    if id.value != name {
        let message = format!("the file `{name}.toml` holds the rule set `{}`", id.value);
        let hint = format!("rename the file to `{}.toml`, or change the id", id.value);
        problems.add(Draft::new(message, hint).at(id.place, "not the file's name"));
    }
    Some(())
}

fn only_gas(rule: &WrittenRule, problems: &mut Problems) {
    let scope = &rule.scope;
    if scope.gas.is_none() || scope.areas.is_some() || scope.channels.is_some() {
        let message =
            format!("rule `{}` of a rule set must name a gas, and only that", rule.id.value);
        let hint = "a rule set is for any site: write `gas = …`, without areas and channels";
        problems.add(Draft::new(message, hint).at(rule.place, "which channels"));
    }
}
