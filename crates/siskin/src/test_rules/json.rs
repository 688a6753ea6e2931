//! How tests came out, for programs.

use anyhow::Context;
use serde_json::{Value, json};

use super::{Difference, Verdict};

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
    json!({
        "name": { "zh": test.name.zh, "en": test.name.en },
        "file": test.file,
        "line": test.line,
        "passed": verdict.passed(),
        "differences": verdict.differences().iter().map(difference).collect::<Vec<Value>>(),
    })
}

fn difference(one: &Difference) -> Value {
    json!({ "list": one.list, "expected": one.expected, "got": one.got })
}
