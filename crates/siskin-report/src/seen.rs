//! What somebody answers for who signs a report: its fields as they stood before their eyes.
//!
//! Readings go on while a person reads, so what only follows them (the table, the charts, means,
//! the wind) is not in it: the signed version has those of the moment of the signature. All else
//! is: a word of another person, an act, a warning that came or rose makes it another draft.

use serde::Serialize;
use siskin_model::incident::ReportKind;

use crate::report::{Field, FieldValue, Report, Source};

/// Fields whose words follow the readings, where the data fill them.
const RUNNING: [&str; 2] = ["monitoring", "trend"];

/// A draft as it is looked at. The same draft gives the same bytes when it is serialized.
#[derive(Debug, PartialEq, Serialize)]
pub struct Seen<'a> {
    incident: &'a str,
    title: &'a str,
    kind: ReportKind,
    version: u32,
    fields: Vec<SeenField<'a>>,
}

#[derive(Debug, PartialEq, Serialize)]
struct SeenField<'a> {
    id: &'a str,
    /// None: there are words, and they follow the readings.
    value: Option<&'a FieldValue>,
    /// Who said it; those that the data fill have nobody.
    said: Vec<&'a Source>,
}

impl Report {
    /// What of it somebody answers for who signs it.
    pub fn seen(&self) -> Seen<'_> {
        Seen {
            incident: &self.incident,
            title: &self.title,
            kind: self.kind,
            version: self.version,
            fields: self.fields.iter().map(seen).collect(),
        }
    }
}

fn seen(field: &Field) -> SeenField<'_> {
    let is_person = |source: &&Source| matches!(source, Source::Person { .. });
    let said: Vec<_> = field.sources.iter().filter(is_person).collect();
    let has_words = matches!(field.value, FieldValue::Value { .. });
    let is_running = RUNNING.contains(&field.id.as_str()) && said.is_empty() && has_words;
    SeenField { id: &field.id, value: (!is_running).then_some(&field.value), said }
}
