//! RFC 4180, in UTF-8 with a byte order mark: without it a spreadsheet reads Chinese as noise.

use std::fmt::Write;

use siskin_model::Timestamp;

use super::{Table, Value};

/// The table as CSV.
pub fn csv(table: &Table) -> String {
    let mut out = String::from("\u{feff}");
    let heads = table.columns.iter().map(|column| text(&column.name));
    line(&mut out, heads);
    for row in &table.rows {
        line(&mut out, row.iter().map(|value| field(value, table.utc_offset_s)));
    }
    out
}

fn line(out: &mut String, fields: impl Iterator<Item = String>) {
    for (place, field) in fields.enumerate() {
        if place > 0 {
            out.push(',');
        }
        out.push_str(&field);
    }
    out.push_str("\r\n");
}

fn field(value: &Value, utc_offset_s: i32) -> String {
    match value {
        Value::Text(words) => text(words),
        Value::Number(number) if number.is_finite() => {
            let mut out = String::new();
            let _infallible = write!(out, "{number}");
            out
        }
        Value::Moment(at) => local(*at, utc_offset_s),
        Value::Empty | Value::Number(_) => String::new(),
    }
}

/// `2026-01-01 08:00:00.123`: what spreadsheets take for a moment; the zone is in the heading.
fn local(at: Timestamp, utc_offset_s: i32) -> String {
    let shown = at.rfc3339(utc_offset_s);
    shown.get(..23).map_or(shown.clone(), |local| local.replacen('T', " ", 1))
}

/// A text in quotes where it needs them. What a spreadsheet would take for a formula begins with an
/// apostrophe: it could send out what is in other cells, or run a program.
fn text(words: &str) -> String {
    let is_formula = words.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    let words = if is_formula { format!("'{words}") } else { words.to_owned() };
    if words.contains([',', '"', '\n', '\r', '\'']) || words.starts_with(' ') {
        return format!("\"{}\"", words.replace('"', "\"\""));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn a_table_is_lines_with_local_times() {
        let found = csv(&sample(&["高报警, \"A\"", "=1+1"]));
        let lines: Vec<&str> = found.split("\r\n").collect();
        assert_eq!(lines.len(), 4, "{found}");
        assert_eq!(lines[0], "\u{feff}文字,number,时间 (UTC+08:00),空");
        assert_eq!(lines[1], "\"高报警, \"\"A\"\"\",-1.5,2026-01-01 08:00:00.123,");
        assert_eq!(lines[2], "\"'=1+1\",-1.5,2026-01-01 08:00:00.123,");
        assert_eq!(lines[3], "");
    }

    #[test]
    fn no_text_becomes_a_formula() {
        for begin in ["=", "+", "-", "@", "\t", "\r", "\n"] {
            let found = text(&format!("{begin}cmd"));
            assert!(found.starts_with("\"'"), "{found:?}");
        }
        assert_eq!(text("at-101"), "at-101");
    }
}
