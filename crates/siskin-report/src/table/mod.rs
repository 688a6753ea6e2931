//! A table for a spreadsheet: typed cells, as CSV or XLSX.
//!
//! The same table gives the same bytes. Texts come from people and devices: none may become a
//! formula, and none may break the file.

mod csv;
mod xlsx;

use siskin_model::Timestamp;

pub use csv::csv;
pub use xlsx::xlsx;

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing is known, or there is nothing.
    Empty,
    /// Words.
    Text(String),
    /// A number; one that is not finite is told as empty.
    Number(f64),
    /// A moment, shown in the table's local time.
    Moment(Timestamp),
}

impl Value {
    /// Words, or nothing.
    pub fn text(text: Option<String>) -> Self {
        text.map_or(Self::Empty, Self::Text)
    }

    /// A number, or nothing.
    pub fn number(number: Option<f64>) -> Self {
        number.filter(|number| number.is_finite()).map_or(Self::Empty, Self::Number)
    }

    /// A moment, or nothing.
    pub fn moment(at: Option<Timestamp>) -> Self {
        at.map_or(Self::Empty, Self::Moment)
    }
}

/// A column.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Its heading.
    pub name: String,
    /// How wide it is shown, in characters.
    pub width: u32,
}

/// A table.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// The name of the sheet, at most 31 characters.
    pub name: String,
    /// Its columns, in order.
    pub columns: Vec<Column>,
    /// Its rows, each with a value a column.
    pub rows: Vec<Vec<Value>>,
    /// Local time: seconds east of UTC.
    pub utc_offset_s: i32,
}

/// How the table's zone is named in a heading: `UTC+08:00`.
pub fn zone(utc_offset_s: i32) -> String {
    let sign = if utc_offset_s < 0 { '-' } else { '+' };
    let minutes = utc_offset_s.unsigned_abs() / 60;
    format!("UTC{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
pub(super) fn sample(texts: &[&str]) -> Table {
    let column = |name: &str| Column { name: name.to_owned(), width: 12 };
    let row = |text: &&str| {
        vec![
            Value::Text((*text).to_owned()),
            Value::Number(-1.5),
            Value::Moment(Timestamp::from_millis(1_767_225_600_123)),
            Value::Empty,
        ]
    };
    Table {
        name: "报警".to_owned(),
        columns: ["文字", "number", "时间 (UTC+08:00)", "空"].map(column).to_vec(),
        rows: texts.iter().map(row).collect(),
        utc_offset_s: 8 * 3600,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_named() {
        let check = |offset_s, expected: &str| assert_eq!(zone(offset_s), expected);
        check(8 * 3600, "UTC+08:00");
        check(0, "UTC+00:00");
        check(-(3 * 3600 + 1800), "UTC-03:30");
    }

    #[test]
    fn what_is_no_number_is_empty() {
        for number in [f64::NAN, f64::INFINITY] {
            assert_eq!(Value::number(Some(number)), Value::Empty);
        }
        assert_eq!(Value::number(Some(0.0)), Value::Number(0.0));
    }
}
