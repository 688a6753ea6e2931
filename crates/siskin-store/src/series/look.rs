//! The series' rows: every body decodes, and says what its row says of it.

use std::collections::BTreeMap;

use rusqlite::{Connection, Row};
use siskin_model::Unit;

use super::span::Span;
use super::tables::KIND;
use super::{BucketStep, batch, begun, newest, summary};
use crate::verify::walk::{self, Step};
use crate::verify::{CheckedFile, Place, Table, compare_tables, one_number};

const CHUNKS: &str = "chunk";
const DAYS: &str = "day_chunk";

/// Ids by row.
pub(crate) type Names = BTreeMap<i64, String>;

/// What names a chunk.
#[derive(Debug, Clone, Copy)]
struct Named {
    channel: i64,
    span: Span,
    /// Of its hour; 0 for a packed day.
    part: i64,
    readings: Option<u64>,
}

/// Looks at every row; gives the number of the newest batch.
pub(crate) fn look(db: &Connection, file: &mut CheckedFile) -> rusqlite::Result<u64> {
    let tables = compare_tables(db, &KIND, file)?;
    let names = names(db, &tables, file)?;
    for table in &tables {
        let count = match table.name.as_str() {
            "channel" => names.len() as u64,
            CHUNKS | DAYS => look_at_chunks(db, table, &names, file)?,
            _ => look_at_rows(db, table, &names, file)?,
        };
        file.rows.push((table.name.clone(), count));
    }
    numbers(db, &tables, file)
}

fn is_unit(text: &str) -> bool {
    serde_json::from_value::<Unit>(serde_json::Value::String(text.to_owned())).is_ok()
}

/// The channels; one whose unit is none is damaged.
pub(crate) fn names(
    db: &Connection,
    tables: &[Table],
    file: &mut CheckedFile,
) -> rusqlite::Result<Names> {
    let mut names = Names::new();
    let Some(table) = tables.iter().find(|table| table.name == "channel") else {
        return Ok(names);
    };
    walk::rows(db, table, &mut |step| {
        let place = |number| Place::Row { table: "channel".to_owned(), number };
        match step {
            Step::Row(number, row) => {
                let read = (row.get::<_, String>("id"), row.get::<_, String>("unit"));
                let (Ok(id), Ok(unit)) = read else {
                    file.tell(place(number), "its texts cannot be read", None);
                    return Ok(());
                };
                if !is_unit(&unit) {
                    file.tell(place(number), format!("there is no unit `{unit}`"), None);
                }
                names.insert(number, id);
            }
            Step::Bad(number, why) | Step::Hole(number, _, why) => {
                file.tell(place(number), why, None);
            }
        }
        Ok(())
    })?;
    Ok(names)
}

fn look_at_rows(
    db: &Connection,
    table: &Table,
    names: &Names,
    file: &mut CheckedFile,
) -> rusqlite::Result<u64> {
    let mut count = 0;
    let is_batch = table.name == "batch";
    let place = |number: i64| match u64::try_from(number) {
        Ok(seq) if is_batch => Place::Batch(seq),
        _ => Place::Row { table: table.name.clone(), number },
    };
    walk::rows(db, table, &mut |step| {
        match step {
            Step::Row(number, row) => {
                count += 1;
                match sound(&table.name, row, names) {
                    Ok(readings) => file.readings += readings,
                    Err(why) => file.tell(place(number), why, None),
                }
            }
            Step::Bad(number, why) => file.tell(place(number), why, None),
            Step::Hole(from, to, why) => {
                let why = format!("up to number {to} it cannot be read: {why}");
                file.tell(place(from), why, None);
            }
        }
        Ok(())
    })?;
    Ok(count)
}

/// Whether a row can be used; how many readings it has.
pub(crate) fn sound(table: &str, row: &Row<'_>, names: &Names) -> Result<u64, String> {
    match table {
        "batch" => sound_batch(row, names),
        CHUNKS | DAYS => sound_chunk(row, about_chunk(table, row).map_err(text)?, names),
        "roll_begun" => begun::Begun::decode(&blob(row)?).map(|_| 0).map_err(text),
        "rollup" => sound_rollup(row, names),
        "rollup_due" => sound_channel(row, names),
        "trimmed" => sound_trimmed(row, names),
        // What was put aside is damaged, and known to be.
        _ => Ok(0),
    }
}

fn sound_rollup(row: &Row<'_>, names: &Names) -> Result<u64, String> {
    let read =
        || Ok::<_, rusqlite::Error>((row.get::<_, i64>("step_s")?, row.get::<_, i64>("day")?));
    let (step_s, day) = read().map_err(text)?;
    let step = BucketStep::from_ms(step_s.saturating_mul(1_000));
    let step = step.ok_or_else(|| format!("there is no step of {step_s} s"))?;
    let day_ms = day.saturating_mul(BucketStep::DAY.as_millis());
    summary::decode(&blob(row)?, day_ms, step).map_err(text)?;
    sound_channel(row, names)
}

fn sound_trimmed(row: &Row<'_>, names: &Names) -> Result<u64, String> {
    if let Some(body) = row.get::<_, Option<Vec<u8>>>("newest").map_err(text)? {
        newest::decode(&body).map_err(text)?;
    }
    sound_channel(row, names)
}

fn sound_channel(row: &Row<'_>, names: &Names) -> Result<u64, String> {
    let channel: i64 = row.get("channel").map_err(text)?;
    let why = || format!("there is no channel in row {channel}");
    names.contains_key(&channel).then_some(0).ok_or_else(why)
}

#[allow(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn text(error: impl ToString) -> String {
    error.to_string()
}

fn blob(row: &Row<'_>) -> Result<Vec<u8>, String> {
    row.get("body").map_err(text)
}

fn sound_batch(row: &Row<'_>, names: &Names) -> Result<u64, String> {
    let entries = batch::decode(&blob(row)?).map_err(text)?;
    let (first, last): (i64, i64) =
        (row.get("first_at").map_err(text)?, row.get("last_at").map_err(text)?);
    let stamps = || entries.iter().map(|entry| entry.point.measured_at.as_millis());
    if stamps().min() != Some(first) || stamps().max() != Some(last) {
        return Err("its stamps are not those that its row says".to_owned());
    }
    if let Some(entry) = entries.iter().find(|e| !names.contains_key(&i64::from(e.row))) {
        return Err(format!("there is no channel in row {}", entry.row));
    }
    Ok(entries.len() as u64)
}

fn about_chunk(table: &str, row: &Row<'_>) -> rusqlite::Result<Named> {
    let readings: i64 = row.get("readings")?;
    let (span, part) = if table == DAYS {
        (Span::Day(row.get("day")?), 0)
    } else {
        (Span::Hour(row.get("hour")?), row.get("part")?)
    };
    let readings = u64::try_from(readings).ok();
    Ok(Named { channel: row.get("channel")?, span, part, readings })
}

fn sound_chunk(row: &Row<'_>, about: Named, names: &Names) -> Result<u64, String> {
    let points = about.span.open(&blob(row)?)?;
    if about.readings != Some(points.len() as u64) {
        return Err(format!("it has {} readings, not those its row says", points.len()));
    }
    if !names.contains_key(&about.channel) {
        return Err(format!("there is no channel in row {}", about.channel));
    }
    Ok(points.len() as u64)
}

fn look_at_chunks(
    db: &Connection,
    table: &Table,
    names: &Names,
    file: &mut CheckedFile,
) -> rusqlite::Result<u64> {
    let mut count = 0;
    let mut by_index: Option<BTreeMap<i64, Named>> = None;
    walk::rows(db, table, &mut |step| {
        match step {
            Step::Row(number, row) => {
                count += 1;
                let known = about_chunk(&table.name, row);
                match sound(&table.name, row, names) {
                    Ok(readings) => file.readings += readings,
                    Err(why) => {
                        let known = known.ok();
                        let readings = known.and_then(|about| about.readings);
                        file.tell(place(table, number, known, names), why, readings);
                    }
                }
            }
            Step::Bad(number, why) => {
                let known = by_index.get_or_insert_with(|| named_by_index(db, table));
                let place = place(table, number, known.get(&number).copied(), names);
                file.tell(place, why, None);
            }
            Step::Hole(from, to, why) => {
                let why = format!("up to number {to} it cannot be read: {why}");
                file.tell(place(table, from, None, names), why, None);
            }
        }
        Ok(())
    })?;
    Ok(count)
}

fn place(table: &Table, number: i64, about: Option<Named>, names: &Names) -> Place {
    let Some(Named { channel, span, part, .. }) = about else {
        return Place::Row { table: table.name.clone(), number };
    };
    let name = names.get(&channel).cloned();
    let channel = name.unwrap_or_else(|| format!("row {channel}"));
    match span {
        Span::Hour(_) => Place::Hour { channel, begin: span.begin(), part },
        Span::Day(_) => Place::Day { channel, begin: span.begin() },
    }
}

/// Which chunks there are as the index says, as far as it can be read.
fn named_by_index(db: &Connection, table: &Table) -> BTreeMap<i64, Named> {
    let mut known = BTreeMap::new();
    let is_days = table.name == DAYS;
    let sql = if is_days {
        "SELECT rowid, channel, day, 0 FROM day_chunk ORDER BY channel, day"
    } else {
        "SELECT rowid, channel, hour, part FROM chunk ORDER BY channel, hour, part"
    };
    let mut read = || -> rusqlite::Result<()> {
        let mut select = db.prepare(sql)?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let (channel, at, part) = (row.get(1)?, row.get(2)?, row.get(3)?);
            let span = if is_days { Span::Day(at) } else { Span::Hour(at) };
            known.insert(row.get(0)?, Named { channel, span, part, readings: None });
        }
        Ok(())
    };
    let _as_far_as_it_goes = read();
    known
}

/// Parts without gaps, arrivals given once, numbers not beyond what was given.
fn numbers(db: &Connection, tables: &[Table], file: &mut CheckedFile) -> rusqlite::Result<u64> {
    let newest = one_number(db, "SELECT coalesce(max(seq), 0) FROM sqlite_sequence")?;
    if one_number(db, "SELECT coalesce(max(seq), 0) FROM batch")? > newest {
        file.tell(Place::Database, "the newest batch is beyond the newest number", None);
    }
    let sql = "SELECT count(*) FROM (SELECT 1 FROM chunk GROUP BY channel, hour
               HAVING max(part) + 1 <> count(*) OR min(part) <> 0)";
    let gaps = one_number(db, sql)?;
    if gaps > 0 {
        let why = format!("{gaps} hours of channels lack a part of their readings");
        file.tell(Place::Database, why, None);
    }
    let has = |name: &str| tables.iter().any(|table| table.name == name);
    if has("arrival") {
        let arrivals = if has(DAYS) {
            "SELECT arrival FROM chunk UNION ALL SELECT arrival FROM day_chunk"
        } else {
            "SELECT arrival FROM chunk"
        };
        let twice = format!("SELECT count(*) - count(DISTINCT arrival) FROM ({arrivals})");
        if one_number(db, &twice)? > 0 {
            file.tell(Place::Database, "an order of chunks was given twice", None);
        }
        let beyond = format!(
            "SELECT count(*) FROM ({arrivals})
             WHERE arrival > (SELECT coalesce(max(newest), 0) FROM arrival)"
        );
        if one_number(db, &beyond)? > 0 {
            file.tell(Place::Database, "a chunk came after the newest one", None);
        }
    }
    Ok(newest)
}
