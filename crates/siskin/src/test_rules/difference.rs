//! What came out otherwise than a test says, as texts.

use siskin_config::rule_tests::Step;

use super::Verdict;
use super::compare::Row;

/// One step that came out otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Difference {
    /// `alarms`, `record`, `warnings` or `corrections`.
    pub(crate) list: &'static str,
    /// As written; none where nothing was.
    pub(crate) expected: Option<String>,
    /// As it came; none where nothing did.
    pub(crate) got: Option<String>,
}

impl Verdict<'_> {
    /// Everything that came out otherwise, list after list.
    pub(crate) fn differences(&self) -> Vec<Difference> {
        let mut differences = Vec::new();
        add(&mut differences, "alarms", &self.alarms);
        add(&mut differences, "record", &self.record);
        add(&mut differences, "warnings", &self.warnings);
        add(&mut differences, "corrections", &self.corrections);
        differences
    }
}

fn add<S: Step>(differences: &mut Vec<Difference>, list: &'static str, rows: &[Row<S>]) {
    let wrong = rows.iter().filter(|row| !row.is_same());
    differences.extend(wrong.map(|row| {
        let (expected, got) = match row {
            Row::Same(step) | Row::Missing(step) => (Some(step), None),
            Row::Moved { expected, got } => (Some(expected), Some(got)),
            Row::Extra(step) => (None, Some(step)),
        };
        let text = |step: Option<&S>| step.map(ToString::to_string);
        Difference { list, expected: text(expected), got: text(got) }
    }));
}
