//! Which keys each kind of rule has, for whoever helps people to write rules.
//!
//! Made from the tables of the parser itself and by asking it what it misses, so it cannot say
//! otherwise than the checker. What a key means stands here in both languages; a key of the parser
//! that has no meaning here fails a test.

use siskin_model::{Text, Tier, Unit};

use crate::node;
use crate::problems::Problems;
use crate::sources::Sources;
use crate::written::rules::{self, About, SHAPES, Shape};

mod meanings;

pub use meanings::Form;
use meanings::meaning;

/// Keys that every rule has.
const OF_ALL: [&str; 4] = ["id", "name", "kind", "source"];
/// Keys that say which channels a rule judges; one of them is needed.
const SCOPE: [&str; 3] = ["gas", "areas", "channels"];
/// Keys that only rules about gas have.
const OF_GAS: [&str; 2] = ["tier", "suppressed_by"];

/// A kind of rule and its keys.
#[derive(Debug, Clone, PartialEq)]
pub struct KindKeys {
    /// Its name in files.
    pub kind: &'static str,
    /// Whether its alarms speak about a device.
    pub is_about_equipment: bool,
    /// Its keys, those of all rules first.
    pub keys: Vec<RuleKey>,
}

/// A key of a kind of rule.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleKey {
    /// Its name in files.
    pub name: &'static str,
    /// Whether the rule is refused without it.
    pub is_required: bool,
    /// What stands behind it.
    pub form: Form,
    /// What it means.
    pub meaning: Text,
}

/// Every kind of rule with its keys.
pub fn rule_keys() -> Vec<KindKeys> {
    SHAPES.iter().map(kind_keys).collect()
}

/// The words that a key may have where it has only some.
pub fn words_of(form: Form) -> Vec<&'static str> {
    match form {
        Form::Tier => Tier::ALL.iter().map(|tier| tier.as_str()).collect(),
        Form::Unit => Unit::OF_GAS.iter().map(|unit| unit.as_str()).collect(),
        Form::Method => vec!["least-squares", "theil-sen"],
        Form::Span => vec!["area", "site"],
        _ => Vec::new(),
    }
}

fn kind_keys(shape: &Shape) -> KindKeys {
    let missed = missed(shape.name);
    let key = |name: &'static str| {
        let (form, zh, en) = meaning(name)?;
        let is_required = missed.iter().any(|missing| missing == name);
        Some(RuleKey { name, is_required, form, meaning: Text::new(zh, en) })
    };
    KindKeys {
        kind: shape.name,
        is_about_equipment: shape.about == About::Equipment,
        keys: names(shape).into_iter().filter_map(key).collect(),
    }
}

/// The keys of a kind in the order in which people write them.
fn names(shape: &Shape) -> Vec<&'static str> {
    let gas: &[&'static str] = if shape.about == About::Gas { &OF_GAS } else { &[] };
    let lists: [&[&'static str]; 5] = [&OF_ALL, &SCOPE, gas, shape.own, shape.shared];
    let mut names: Vec<&'static str> = Vec::new();
    for name in lists.into_iter().flatten().copied() {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// What the parser misses in a rule of this kind that says nothing else.
fn missed(kind: &str) -> Vec<String> {
    let text = format!("[[rule]]\nkind = \"{kind}\"\n");
    let (mut sources, mut problems) = (Sources::default(), Problems::default());
    if let Some(root) = node::parse("rule", &text, &mut sources, &mut problems) {
        rules::read(&root, "rule", &mut problems);
    }
    let Err(report) = problems.finish(Some(()), &sources) else { return Vec::new() };
    let key = |message: &str| {
        let rest = message.strip_prefix("[[rule]] has no `")?;
        rest.strip_suffix('`').map(str::to_owned)
    };
    let mut keys: Vec<_> = report.problems.iter().filter_map(|one| key(&one.message)).collect();
    // A rule that says its kind cannot show that it must.
    keys.push("kind".to_owned());
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the parser says of a rule of `kind` with these keys, each with a nonsense value.
    fn told(kind: &str, keys: &[&str]) -> Vec<String> {
        let mut text = format!("[[rule]]\nkind = \"{kind}\"\n");
        for key in keys.iter().filter(|key| **key != "kind") {
            text += key;
            text += " = 1979-05-27\n";
        }
        let (mut sources, mut problems) = (Sources::default(), Problems::default());
        let root = node::parse("t", &text, &mut sources, &mut problems).unwrap();
        rules::read(&root, "t", &mut problems);
        let report = problems.finish(Some(()), &sources).unwrap_err();
        report.problems.into_iter().map(|problem| problem.message).collect()
    }

    #[test]
    fn the_parser_knows_every_key_of_a_kind_and_no_other() {
        let kinds = rule_keys();
        let all: Vec<&str> =
            kinds.iter().flat_map(|kind| kind.keys.iter().map(|key| key.name)).collect();
        for kind in &kinds {
            let own: Vec<&str> = kind.keys.iter().map(|key| key.name).collect();
            let is_refused = |message: &String| {
                message.starts_with("unknown key")
                    || message.contains("does not use")
                    || message.contains("has no tier")
            };
            let refused: Vec<_> = told(kind.kind, &own).into_iter().filter(is_refused).collect();
            assert_eq!(refused, [""; 0], "{}", kind.kind);
            for other in all.iter().filter(|name| !own.contains(name)) {
                let told = told(kind.kind, &[other]);
                assert!(told.iter().any(is_refused), "{} takes `{other}`: {told:?}", kind.kind);
            }
        }
    }

    #[test]
    fn every_key_of_the_parser_has_a_meaning_in_both_languages() {
        for (shape, kind) in SHAPES.iter().zip(rule_keys()) {
            let known: Vec<_> = kind.keys.iter().map(|key| key.name).collect();
            assert_eq!(known, names(shape), "{}", shape.name);
            for key in kind.keys {
                let Text { zh, en } = &key.meaning;
                assert!(!zh.is_empty() && !en.is_empty(), "{}", key.name);
                assert!(zh.chars().any(|c| c > '\u{2e80}'), "{}: {zh}", key.name);
            }
        }
    }

    #[test]
    fn what_is_required_is_what_the_parser_misses() {
        let check = |kind: &str, expected: &[&str]| {
            let kinds = rule_keys();
            let found = kinds.iter().find(|one| one.kind == kind).unwrap();
            let required: Vec<_> =
                found.keys.iter().filter(|key| key.is_required).map(|key| key.name).collect();
            assert_eq!(required, expected, "{kind}");
        };
        check("threshold", &["id", "name", "kind", "source", "raise_at", "unit"]);
        check("boolean", &["id", "name", "kind", "source", "when"]);
        check("no-data", &["id", "name", "kind", "source", "after_s"]);
        check(
            "trend",
            &[
                "id",
                "name",
                "kind",
                "source",
                "window_s",
                "samples_min",
                "target",
                "horizon_s",
                "significance",
                "unit",
            ],
        );
    }
}
