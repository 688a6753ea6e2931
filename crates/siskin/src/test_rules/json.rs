//! How tests came out, for programs.

use anyhow::Context;
use serde_json::{Value, json};
use siskin_config::rule_tests::Step;

use super::Verdict;
use super::compare::Row;

/// All tests as one JSON text.
pub(super) fn told(verdicts: &[Verdict<'_>]) -> anyhow::Result<String> {
    let failed = verdicts.iter().filter(|verdict| !verdict.passed()).count();
    let whole = json!({
        "passed": verdicts.len() - failed,
        "failed": failed,
        "tests": verdicts.iter().map(one).collect::<Vec<Value>>(),
    });
    serde_json::to_string_pretty(&whole).context("cannot write the verdicts as JSON")
}

fn one(verdict: &Verdict<'_>) -> Value {
    let test = verdict.test;
    let mut differences = Vec::new();
    add(&mut differences, "alarms", &verdict.alarms);
    add(&mut differences, "record", &verdict.record);
    add(&mut differences, "warnings", &verdict.warnings);
    add(&mut differences, "corrections", &verdict.corrections);
    json!({
        "name": { "zh": test.name.zh, "en": test.name.en },
        "file": test.file,
        "line": test.line,
        "passed": verdict.passed(),
        "differences": differences,
    })
}

fn add<S: Step>(differences: &mut Vec<Value>, list: &str, rows: &[Row<S>]) {
    let text = |step: &S| Value::String(step.to_string());
    let wrong = rows.iter().filter(|row| !row.is_same());
    differences.extend(wrong.map(|row| match row {
        Row::Same(step) | Row::Missing(step) => {
            json!({ "list": list, "expected": text(step), "got": null })
        }
        Row::Moved { expected, got } => {
            json!({ "list": list, "expected": text(expected), "got": text(got) })
        }
        Row::Extra(step) => json!({ "list": list, "expected": null, "got": text(step) }),
    }));
}
