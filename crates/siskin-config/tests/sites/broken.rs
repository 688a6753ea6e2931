//! Every folder of `tests/broken` with the full text of what is wrong with it.
//!
//! The catalogue is that of `tests/known`, so that the texts do not change with real limits. Files
//! of a case below `gases/`, `devices/` and `rule-sets/` join it. Read a new text before accepting
//! it.

use siskin_config::{Inputs, SourceFile, chinese, load};

use crate::reading;

/// Fewest broken folders.
const CASES_MIN: usize = 18;

fn known(kind: &str) -> Vec<SourceFile> {
    reading::folder(&reading::root().join("tests/known").join(kind))
}

/// The inputs of a case with the small catalogue.
pub(crate) fn inputs(case: &str) -> Inputs {
    inputs_of("broken", case)
}

/// The inputs of a folder `tests/<kind>/<case>` with the small catalogue.
pub(crate) fn inputs_of(kind: &str, case: &str) -> Inputs {
    let mut inputs =
        Inputs { gases: known("gases"), devices: known("devices"), ..Inputs::default() };
    for file in reading::folder(&reading::root().join("tests").join(kind).join(case)) {
        let (list, path) = match file.path.split_once('/') {
            Some(("gases", path)) => (&mut inputs.gases, path),
            Some(("devices", path)) => (&mut inputs.devices, path),
            Some(("rule-sets", path)) => (&mut inputs.rule_sets, path),
            _ => (&mut inputs.site, file.path.as_str()),
        };
        list.push(SourceFile { path: path.to_owned(), text: file.text.clone() });
    }
    inputs
}

fn cases() -> Vec<String> {
    let folder = reading::root().join("tests/broken");
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn every_broken_site_says_all_that_is_wrong() {
    let cases = cases();
    assert!(cases.len() >= CASES_MIN, "only {} broken sites", cases.len());
    for case in cases {
        let Err(report) = load(&inputs(&case)) else {
            panic!("`{case}` loads");
        };
        insta::with_settings!({ omit_expression => true, snapshot_path => "../snapshots" }, {
            insta::assert_snapshot!(case.as_str(), report.render());
        });
    }
}

#[test]
fn every_problem_has_a_place_and_a_hint() {
    for case in cases() {
        for problem in load(&inputs(&case)).unwrap_err().problems {
            let first = problem.spots.first();
            let first = first.unwrap_or_else(|| panic!("{case}: {} has no place", problem.message));
            assert!(!first.file.is_empty() && first.line > 0 && first.column > 0, "{case}");
            assert!(!problem.hint.is_empty(), "{case}: {} has no hint", problem.message);
        }
    }
}

#[test]
fn what_is_wrong_with_rules_is_told_in_chinese_too() {
    let mut english = Vec::new();
    for case in cases() {
        for problem in load(&inputs(&case)).unwrap_err().problems {
            let is_of_rules =
                |file: &str| file.starts_with("rules/") || file.starts_with("rule-sets/");
            if !problem.spots.first().is_some_and(|spot| is_of_rules(&spot.file)) {
                continue;
            }
            let texts = [
                (chinese::message(&problem.message), problem.message),
                (chinese::hint(&problem.hint), problem.hint),
            ];
            english.extend(texts.into_iter().filter(|(zh, _)| zh.is_none()).map(|(_, en)| en));
        }
    }
    english.sort();
    english.dedup();
    assert_eq!(english, [""; 0], "these have no Chinese form");
}
