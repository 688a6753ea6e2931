//! CSV tables to shifts and back. Columns in any order, headers in English or Chinese.

use csv::{ReaderBuilder, StringRecord, Trim};
use siskin_model::duty::Shift;
use siskin_model::{ContactId, Timestamp};

use super::lines::shown;
use super::{Found, RosterFault, WrittenShift, desk, moment, people};

/// A column: its name, and what else it may be called.
struct Column {
    name: &'static str,
    also: &'static [&'static str],
    is_needed: bool,
}

const COLUMNS: [Column; 6] = [
    Column { name: "from", also: &["开始", "开始时间", "上班时间"], is_needed: true },
    Column { name: "to", also: &["结束", "结束时间", "下班时间"], is_needed: true },
    Column { name: "role", also: &["角色", "职责"], is_needed: true },
    Column { name: "position", also: &["岗位"], is_needed: false },
    Column { name: "person", also: &["人员", "姓名", "值班人"], is_needed: true },
    Column { name: "substitutes", also: &["替班", "替班人"], is_needed: false },
];

/// Where each column of [`COLUMNS`] stands in the rows.
type Places = [Option<usize>; 6];

/// Reads every row of `text`.
pub(super) fn read(text: &str, offset_s: i32, found: &mut Found) {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(Trim::All)
        .from_reader(text.as_bytes());
    let mut header: Option<(Places, usize)> = None;
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let line = error.position().map_or(1, csv::Position::line);
                return found.refuse(RosterFault::Row(error.to_string()), line);
            }
        };
        let line = record.position().map_or(1, csv::Position::line);
        if record.iter().all(str::is_empty) {
            continue;
        }
        let Some((places, expected)) = &header else {
            match places(&record) {
                Ok(places) => header = Some((places, record.len())),
                // Without columns no row means anything.
                Err(fault) => return found.refuse(fault, line),
            }
            continue;
        };
        if !found.has_room() {
            return found.refuse(RosterFault::TooManyShifts, line);
        }
        match row(&record, places, *expected, line, offset_s) {
            Ok(shift) => found.shifts.push(shift),
            Err(fault) => found.refuse(fault, line),
        }
    }
}

fn places(header: &StringRecord) -> Result<Places, RosterFault> {
    let mut places: Places = [None; 6];
    for (at, title) in header.iter().enumerate() {
        let is_title = |column: &Column| {
            title.eq_ignore_ascii_case(column.name) || column.also.contains(&title)
        };
        let mut columns = COLUMNS.iter().zip(&mut places);
        let Some((column, place)) = columns.find(|(column, _)| is_title(column)) else {
            return Err(RosterFault::ColumnUnknown(shown(title)));
        };
        if place.replace(at).is_some() {
            return Err(RosterFault::ColumnTwice(column.name));
        }
    }
    let mut missing =
        COLUMNS.iter().zip(&places).filter(|(c, place)| c.is_needed && place.is_none());
    missing.next().map_or(Ok(places), |(column, _)| Err(RosterFault::ColumnMissing(column.name)))
}

fn row(
    record: &StringRecord,
    places: &Places,
    expected: usize,
    line: u64,
    offset_s: i32,
) -> Result<WrittenShift, RosterFault> {
    if record.len() != expected {
        return Err(RosterFault::Fields { found: record.len(), expected });
    }
    let [from, to, role, position, person, substitutes] =
        places.map(|place| place.and_then(|at| record.get(at)).unwrap_or_default());
    let moment = |text: &str| {
        let refused = || RosterFault::Moment(shown(text));
        moment::of_table(text, offset_s).ok_or_else(refused)
    };
    if role.is_empty() {
        return Err(RosterFault::NoRole);
    }
    if person.is_empty() {
        return Err(RosterFault::NoPerson);
    }
    Ok(WrittenShift {
        line,
        from: moment(from)?,
        to: moment(to)?,
        desk: desk(role, position)?,
        person: person.to_owned(),
        substitutes: people(substitutes),
    })
}

/// A table with a row for each shift, people by id, moments in local time with their offset. Every
/// field is an id or a moment, so that no spreadsheet takes one for a formula.
pub fn to_csv(shifts: &[Shift], offset_s: i32) -> String {
    let mut out = COLUMNS.map(|column| column.name).join(",") + "\r\n";
    for shift in shifts {
        let position = shift.desk.position.as_ref().map_or("", |position| position.as_str());
        let substitutes: Vec<&str> = shift.substitutes.iter().map(ContactId::as_str).collect();
        let fields = [
            &local(shift.from, offset_s),
            &local(shift.to, offset_s),
            shift.desk.role.as_str(),
            position,
            shift.person.as_str(),
            &substitutes.join(";"),
        ];
        out.push_str(&fields.join(","));
        out.push_str("\r\n");
    }
    out
}

/// RFC 3339 in whole seconds, as every shift is.
fn local(at: Timestamp, offset_s: i32) -> String {
    at.rfc3339(offset_s).replace(".000", "")
}
