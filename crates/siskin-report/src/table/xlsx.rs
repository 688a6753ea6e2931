//! The few parts of Office Open XML (ECMA-376) that one sheet needs, written as text.
//!
//! Texts are inline strings, which no reader takes for a formula. Moments are serial days with a
//! format, so that they sort and filter as times.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use siskin_model::Timestamp;
use zip::write::{SimpleFileOptions, ZipWriter};
use zip::{CompressionMethod, DateTime};

use super::{Table, Value};
use crate::RenderError;
use crate::docx::escaped;

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const SHEET: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
/// Days from 1899-12-30, where serial days count from, to 1970-01-01.
const EPOCH_DAY: f64 = 25_569.0;
const DAY_MS: f64 = 86_400_000.0;
/// The longest text of a cell; a reader refuses a file with a longer one.
const TEXT_MAX: usize = 32_767;
/// The longest name of a sheet, and what it may not have.
const NAME_MAX: usize = 31;
const NAME_BARRED: [char; 7] = ['[', ']', ':', '*', '?', '/', '\\'];

/// The table as an XLSX of one sheet with a fixed first row and a filter.
pub fn xlsx(table: &Table) -> Result<Vec<u8>, RenderError> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let parts = [
        ("[Content_Types].xml", content_types()),
        ("_rels/.rels", relations(&[("officeDocument", "xl/workbook.xml")])),
        ("xl/workbook.xml", workbook(&table.name)),
        (
            "xl/_rels/workbook.xml.rels",
            relations(&[("worksheet", "worksheets/sheet1.xml"), ("styles", "styles.xml")]),
        ),
        ("xl/styles.xml", styles()),
        ("xl/worksheets/sheet1.xml", sheet(table)),
    ];
    for (name, text) in parts {
        put(&mut archive, name, text.as_bytes())?;
    }
    let done = archive.finish().map_err(|error| RenderError::Pack(error.to_string()))?;
    Ok(done.into_inner())
}

fn put(
    archive: &mut ZipWriter<Cursor<Vec<u8>>>,
    name: &str,
    bytes: &[u8],
) -> Result<(), RenderError> {
    // A table is mostly repetition: the fastest level makes it small already.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(1))
        .last_modified_time(DateTime::default());
    archive.start_file(name, options).map_err(|error| RenderError::Pack(error.to_string()))?;
    archive.write_all(bytes).map_err(|error| RenderError::Pack(error.to_string()))
}

fn content_types() -> String {
    let main = "application/vnd.openxmlformats-officedocument.spreadsheetml";
    format!(
        "{HEAD}<Types xmlns=\"{PACKAGE}/content-types\">\
         <Default Extension=\"rels\" \
         ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
         <Default Extension=\"xml\" ContentType=\"application/xml\"/>\
         <Override PartName=\"/xl/workbook.xml\" ContentType=\"{main}.sheet.main+xml\"/>\
         <Override PartName=\"/xl/styles.xml\" ContentType=\"{main}.styles+xml\"/>\
         <Override PartName=\"/xl/worksheets/sheet1.xml\" \
         ContentType=\"{main}.worksheet+xml\"/></Types>"
    )
}

fn relations(of: &[(&str, &str)]) -> String {
    let mut out = format!("{HEAD}<Relationships xmlns=\"{PACKAGE}/relationships\">");
    for (number, (kind, target)) in (1..).zip(of) {
        let _infallible = write!(
            out,
            "<Relationship Id=\"rId{number}\" Type=\"{OFFICE}/{kind}\" Target=\"{target}\"/>"
        );
    }
    out + "</Relationships>"
}

fn workbook(name: &str) -> String {
    let name: String = name.chars().filter(|c| !NAME_BARRED.contains(c)).take(NAME_MAX).collect();
    let name = if name.is_empty() { "1".to_owned() } else { name };
    format!(
        "{HEAD}<workbook xmlns=\"{SHEET}\" xmlns:r=\"{OFFICE}\"><sheets>\
         <sheet name=\"{}\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>",
        escaped(&name)
    )
}

/// Style 0 is plain, 1 a heading, 2 a moment.
fn styles() -> String {
    format!(
        "{HEAD}<styleSheet xmlns=\"{SHEET}\"><numFmts count=\"1\">\
         <numFmt numFmtId=\"164\" formatCode=\"yyyy\\-mm\\-dd\\ hh:mm:ss.000\"/></numFmts>\
         <fonts count=\"2\"><font><sz val=\"11\"/><name val=\"等线\"/></font>\
         <font><b/><sz val=\"11\"/><name val=\"等线\"/></font></fonts>\
         <fills count=\"2\"><fill><patternFill patternType=\"none\"/></fill>\
         <fill><patternFill patternType=\"gray125\"/></fill></fills>\
         <borders count=\"1\"><border><left/><right/><top/><bottom/><diagonal/></border></borders>\
         <cellStyleXfs count=\"1\"><xf/></cellStyleXfs><cellXfs count=\"3\">\
         <xf numFmtId=\"0\" fontId=\"0\"/><xf numFmtId=\"0\" fontId=\"1\" applyFont=\"1\"/>\
         <xf numFmtId=\"164\" fontId=\"0\" applyNumberFormat=\"1\"/></cellXfs>\
         <cellStyles count=\"1\"><cellStyle name=\"Normal\" xfId=\"0\" builtinId=\"0\"/>\
         </cellStyles></styleSheet>"
    )
}

fn sheet(table: &Table) -> String {
    let mut out = format!(
        "{HEAD}<worksheet xmlns=\"{SHEET}\"><sheetViews><sheetView workbookViewId=\"0\">\
         <pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/>\
         </sheetView></sheetViews><cols>"
    );
    for (number, column) in (1..).zip(&table.columns) {
        let width = column.width;
        let _infallible = write!(
            out,
            "<col min=\"{number}\" max=\"{number}\" width=\"{width}\" customWidth=\"1\"/>"
        );
    }
    out.push_str("</cols><sheetData><row>");
    for column in &table.columns {
        text(&mut out, &column.name, 1);
    }
    out.push_str("</row>");
    for row in &table.rows {
        out.push_str("<row>");
        for value in row {
            cell(&mut out, value, table.utc_offset_s);
        }
        out.push_str("</row>");
    }
    out.push_str("</sheetData>");
    if let (Some(last), 1..) = (letters(table.columns.len()), table.columns.len()) {
        let _infallible = write!(out, "<autoFilter ref=\"A1:{last}{}\"/>", table.rows.len() + 1);
    }
    out + "</worksheet>"
}

fn cell(out: &mut String, value: &Value, utc_offset_s: i32) {
    match value {
        Value::Text(words) => text(out, words, 0),
        Value::Number(number) if number.is_finite() => {
            let _infallible = write!(out, "<c><v>{number}</v></c>");
        }
        Value::Moment(at) => {
            let _infallible = write!(out, "<c s=\"2\"><v>{}</v></c>", serial(*at, utc_offset_s));
        }
        Value::Empty | Value::Number(_) => out.push_str("<c/>"),
    }
}

fn text(out: &mut String, words: &str, style: u32) {
    let words: String = words.chars().take(TEXT_MAX).collect();
    let _infallible = write!(
        out,
        "<c s=\"{style}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">{}</t></is></c>",
        escaped(&words)
    );
}

/// Days and their parts since 1899-12-30, in local time.
fn serial(at: Timestamp, utc_offset_s: i32) -> f64 {
    let local_ms = at.as_millis() as f64 + f64::from(utc_offset_s) * 1_000.0;
    local_ms / DAY_MS + EPOCH_DAY
}

/// The name of a column by its number: 1 is A, 27 is AA.
fn letters(number: usize) -> Option<String> {
    let mut rest = u32::try_from(number).ok()?;
    let mut out = Vec::new();
    while rest > 0 {
        let place = u8::try_from((rest - 1) % 26).ok()?;
        out.push(char::from(b'A' + place));
        rest = (rest - 1) / 26;
    }
    Some(out.iter().rev().collect())
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn cells_have_their_types() {
        let found = sheet(&sample(&["=SUM(A1)<&>"]));
        let text = "t=\"inlineStr\"><is><t xml:space=\"preserve\">=SUM(A1)&lt;&amp;&gt;</t></is>";
        assert!(found.contains(text), "{found}");
        assert!(found.contains("<c><v>-1.5</v></c>"), "{found}");
        assert!(found.contains("<c s=\"2\"><v>46023.3333347"), "{found}");
        assert!(found.contains("<autoFilter ref=\"A1:D2\"/>"), "{found}");
        assert!(!found.contains("<f>"), "{found}");
    }

    #[test]
    fn columns_are_named_as_in_spreadsheets() {
        let check = |number, expected: &str| assert_eq!(letters(number).unwrap(), expected);
        check(1, "A");
        check(26, "Z");
        check(27, "AA");
        check(703, "AAA");
    }

    #[test]
    fn the_same_table_gives_the_same_bytes() {
        let table = sample(&["a", "b"]);
        assert_eq!(xlsx(&table).unwrap(), xlsx(&table).unwrap());
    }

    #[test]
    fn no_name_of_a_sheet_breaks_the_file() {
        assert!(workbook("a/b[1]").contains("name=\"ab1\""));
        assert!(workbook("??").contains("name=\"1\""));
    }
}
