//! A report as data: what it says, where that comes from, and what is missing.
//!
//! It is kept whole when it is signed; the documents are made from it and can be made again.

use serde::{Deserialize, Serialize};
use siskin_model::incident::ReportKind;
use siskin_model::{Text, Timestamp};

use crate::facts::LimitLine;

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "from", rename_all = "kebab-case")]
pub enum Source {
    /// The station's own data.
    Data {
        /// Which.
        what: String,
        /// Up to when they were read.
        at: Timestamp,
    },
    /// A person said so.
    Person {
        /// Who.
        name: String,
        /// When.
        at: Timestamp,
    },
}

/// What a field says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum FieldValue {
    /// Its value, one paragraph each.
    Value {
        /// The paragraphs.
        lines: Vec<String>,
    },
    /// Nobody has said it yet.
    Missing,
    /// A person said that it does not apply.
    NotApplicable {
        /// Why.
        reason: String,
    },
}

/// One field of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Its id.
    pub id: String,
    /// What asks for it.
    pub clause: String,
    /// Its name.
    pub name: Text,
    /// What a person is asked when it is missing.
    pub question: Text,
    /// What it says.
    pub value: FieldValue,
    /// Where that comes from; empty where it is missing.
    pub sources: Vec<Source>,
}

/// What a channel measured in the time of the report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MonitoringRow {
    /// The channel.
    pub channel: String,
    /// Where it stands.
    pub place: String,
    /// What it measures.
    pub gas: String,
    /// In which unit.
    pub unit: String,
    /// The highest valid value and its moment.
    pub highest: Option<(f64, Timestamp)>,
    /// The last valid value and its moment.
    pub last: Option<(f64, Timestamp)>,
    /// Readings at or beyond the range: the true value is at least that high.
    pub over_range: u64,
    /// Valid readings.
    pub valid: u64,
    /// Readings without a usable value.
    pub unusable: u64,
    /// The limits it was compared with.
    pub limits: Vec<LimitLine>,
}

/// A point of a chart: the highest value of a step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ChartPoint {
    /// The begin of the step.
    pub at: Timestamp,
    /// The highest valid value; none where there was no valid reading.
    pub highest: Option<f64>,
    /// Whether a reading of the step was at or beyond the range.
    pub is_over_range: bool,
}

/// Readings of a channel over time, with limits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Chart {
    /// What it shows.
    pub title: String,
    /// In which unit.
    pub unit: String,
    /// Length of a step.
    pub step_ms: i64,
    /// The steps in order.
    pub points: Vec<ChartPoint>,
    /// Lines across it.
    pub limits: Vec<LimitLine>,
}

/// An area of a sketch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MapArea {
    /// Its name.
    pub name: String,
    /// Metres east and north of the origin.
    pub outline: Vec<(f64, f64)>,
    /// Whether it is to be protected (敏感点).
    pub is_sensitive: bool,
    /// Whether the incident is in it.
    pub is_affected: bool,
}

/// An analyzer of a sketch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MapSpot {
    /// Its id.
    pub name: String,
    /// Metres east and north of the origin.
    pub at_m: (f64, f64),
    /// Whether it has fed a warning of the incident.
    pub is_alarming: bool,
}

/// A sketch of the site with its sensitive points.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MapSketch {
    /// Its areas.
    pub areas: Vec<MapArea>,
    /// Its analyzers.
    pub spots: Vec<MapSpot>,
    /// Where the wind came from, in degrees, and its speed in m/s.
    pub wind: Option<(f64, f64)>,
}

/// Who signed a version, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    /// The account's name.
    pub by: String,
    /// When, by the station's clock.
    pub at: Timestamp,
}

/// A report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Of which kind.
    pub kind: ReportKind,
    /// Its number among those of its kind, from 1.
    pub version: u32,
    /// The site's name.
    pub site: String,
    /// Local time: seconds east of UTC.
    pub utc_offset_s: i32,
    /// The incident's id.
    pub incident: String,
    /// What people call it.
    pub title: String,
    /// Up to when the data were read.
    pub made_at: Timestamp,
    /// Its fields, in order.
    pub fields: Vec<Field>,
    /// What was measured, the highest against its limit first.
    pub monitoring: Vec<MonitoringRow>,
    /// How many more channels there are.
    pub channels_left_out: u64,
    /// Charts of the first of them.
    pub charts: Vec<Chart>,
    /// The sketch.
    pub map: Option<MapSketch>,
    /// Who signed it; none: a draft.
    pub signed: Option<Signed>,
}

impl Report {
    /// The fields that nobody has said yet.
    pub fn missing(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| field.value == FieldValue::Missing)
    }

    /// The same report, signed: the signer is who signed it.
    #[must_use]
    pub fn signed(mut self, by: &str, at: Timestamp) -> Self {
        for field in self.fields.iter_mut().filter(|field| field.id == "signer") {
            field.value = FieldValue::Value { lines: vec![by.to_owned()] };
            field.sources = vec![Source::Person { name: by.to_owned(), at }];
        }
        self.signed = Some(Signed { by: by.to_owned(), at });
        self
    }
}
