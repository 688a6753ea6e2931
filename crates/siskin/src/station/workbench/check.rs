//! What the checker says of a rule set, as findings with places.

use std::collections::BTreeMap;

use siskin_api::contract::{FindingPlaceView, FindingView, RuleCheckView, TextView};
use siskin_config::{Note, Problem, Report, Spot, chinese};

use super::super::rules::{sets, views};
use super::WorkbenchDesk;

/// Findings that one answer lists.
const FINDINGS_MAX: usize = 500;

impl WorkbenchDesk {
    /// Checks a set as a change of the rules would, and changes nothing.
    pub(super) fn check(&self, files: &BTreeMap<String, String>) -> RuleCheckView {
        let set = match self.given(files) {
            Ok(set) => set,
            Err(error) => return unsound(vec![without_place(&format!("{error:#}"))]),
        };
        match sets::load(&self.rules.texts.inputs, &set) {
            Ok(settings) => {
                let of_rules = settings.notes.iter().filter(|note| is_of_rules(&note.file));
                let findings: Vec<_> = of_rules.map(noted).collect();
                let changes = sets::diff(&self.rules.now.rules(), &settings.rules);
                listed(RuleCheckView {
                    is_sound: true,
                    rules: u32::try_from(settings.rules.rules.len()).unwrap_or(u32::MAX),
                    findings,
                    not_listed: 0,
                    changes: changes.iter().map(views::diff).collect(),
                })
            }
            Err(report) => unsound(findings(&report)),
        }
    }
}

/// What is wrong, as findings.
pub(super) fn findings(report: &Report) -> Vec<FindingView> {
    report.problems.iter().map(|problem| wrong(problem, report)).collect()
}

/// What is wrong with the names of the files themselves.
pub(super) fn without_place(error: &str) -> FindingView {
    let (message, hint) = error.split_once("; hint: ").unwrap_or((error, ""));
    let (zh, hint_zh) = names_zh(message);
    FindingView {
        severity: "error".to_owned(),
        text: TextView { zh, en: message.to_owned() },
        hint: TextView { zh: hint_zh.to_owned(), en: hint.to_owned() },
        places: Vec::new(),
    }
}

/// Text and hint in Chinese.
fn names_zh(message: &str) -> (String, &'static str) {
    let name = message.split('`').nth(1).unwrap_or_default();
    if message.contains("no rule file was given") {
        return ("没有规则文件".to_owned(), "请给出整套规则的每个文件");
    }
    if message.contains("was given twice") {
        return (format!("“{name}”重复"), "每个文件只给一次");
    }
    let hint = "文件名用字母、数字、“-”和“_”，以 .toml 结尾，例如 chlorine.toml";
    (format!("“{name}”不是规则文件的名称"), hint)
}

fn unsound(findings: Vec<FindingView>) -> RuleCheckView {
    let (rules, changes) = (0, Vec::new());
    listed(RuleCheckView { is_sound: false, rules, findings, not_listed: 0, changes })
}

fn listed(mut view: RuleCheckView) -> RuleCheckView {
    let more = view.findings.len().saturating_sub(FINDINGS_MAX);
    view.not_listed = u32::try_from(more).unwrap_or(u32::MAX);
    view.findings.truncate(FINDINGS_MAX);
    view
}

fn is_of_rules(file: &str) -> bool {
    file.starts_with("rules/") || file.starts_with("rule-sets/")
}

fn wrong(problem: &Problem, report: &Report) -> FindingView {
    let place = |spot: &Spot| {
        let (end_line, end_column) = report.end_of(spot);
        FindingPlaceView {
            file: spot.file.clone(),
            line: number(spot.line),
            column: number(spot.column),
            end_line: number(end_line),
            end_column: number(end_column),
            label: spot.label.clone(),
        }
    };
    FindingView {
        severity: "error".to_owned(),
        text: both(&problem.message, chinese::message),
        hint: both(&problem.hint, chinese::hint),
        places: problem.spots.iter().map(place).collect(),
    }
}

fn noted(note: &Note) -> FindingView {
    let (line, column) = (number(note.line), number(note.column));
    let place = FindingPlaceView {
        file: note.file.clone(),
        line,
        column,
        end_line: line,
        end_column: column,
        label: String::new(),
    };
    FindingView {
        severity: "note".to_owned(),
        text: both(&note.message, chinese::message),
        hint: both(&note.hint, chinese::hint),
        places: vec![place],
    }
}

/// A sentence of the checker in both languages; what has no Chinese form stays as it is.
fn both(en: &str, zh: fn(&str) -> Option<String>) -> TextView {
    TextView { zh: zh(en).unwrap_or_else(|| en.to_owned()), en: en.to_owned() }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_name_is_told_in_both_languages() {
        let check = |files: &[&str], zh: &str, hint_zh: &str| {
            let files = files.iter().map(|name| ((*name).to_owned(), String::new())).collect();
            let error = sets::proposed(&files, &[]).unwrap_err();
            let finding = without_place(&format!("{error:#}"));
            assert_eq!(finding.text.zh, zh);
            assert!(finding.hint.zh.contains(hint_zh), "{}", finding.hint.zh);
            assert!(!finding.text.en.contains("hint") && !finding.hint.en.is_empty());
        };
        check(&[], "没有规则文件", "每个文件");
        check(&["../a.toml"], "“../a.toml”不是规则文件的名称", "chlorine.toml");
        check(&["a.toml", "rules/a.toml"], "“rules/a.toml”重复", "只给一次");
    }

    #[test]
    fn a_finding_says_where_and_in_both_languages() {
        let mut inputs = crate::files::demo_park();
        let file = inputs.site.iter_mut().find(|file| file.path.starts_with("rules/")).unwrap();
        file.text = file.text.replacen("raise_at", "raise_ad", 1);
        let (path, text) = (file.path.clone(), file.text.clone());
        let report = siskin_config::load(&inputs).unwrap_err();
        let found = findings(&report);
        let key = found.iter().find(|one| one.text.en.contains("raise_ad")).unwrap();
        assert_eq!(key.severity, "error");
        assert_eq!(key.text.zh, "规则中有未知的键 `raise_ad`");
        let place = &key.places[0];
        assert_eq!(place.file, path);
        let line = text.lines().nth(place.line as usize - 1).unwrap();
        let marked: String = line
            .chars()
            .skip(place.column as usize - 1)
            .take((place.end_column - place.column) as usize)
            .collect();
        assert_eq!((marked.as_str(), place.end_line), ("raise_ad", place.line));
    }
}
