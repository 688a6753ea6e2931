//! Walks over the rows of a table of which some pages may be damaged.
//!
//! In order as far as it goes; where a page is damaged, the rows behind it are found from the end
//! of the table and through its index, and read one by one. Must never take a row that cannot be
//! read for one that is not there without telling.

use std::collections::BTreeSet;

use rusqlite::{Connection, Row};

use super::{Table, is_of_the_file};

/// Numbers that are tried one by one where nothing says which rows there are.
const NUMBERS_TRIED_MAX: i64 = 100_000;

/// What stands at a place of a table.
#[derive(Debug)]
pub(crate) enum Step<'a, 'b> {
    /// A row, with its number; its columns in the table's order come after the number.
    Row(i64, &'a Row<'b>),
    /// A row that is there and cannot be read.
    Bad(i64, String),
    /// A row between these numbers cannot be read; which ones there were is not known.
    Hole(i64, i64, String),
}

/// Calls `take` with every row of the table, in order where it can.
pub(crate) fn rows(
    db: &Connection,
    table: &Table,
    take: &mut dyn FnMut(Step<'_, '_>) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    if !table.has_rowid {
        return without_numbers(db, table, take);
    }
    let columns = table.columns.join(", ");
    let name = &table.name;
    let mut last = i64::MIN;
    let sql = format!("SELECT rowid AS walk_rowid, {columns} FROM {name} ORDER BY rowid");
    match in_order(db, &sql, &mut last, take) {
        Err(error) if is_of_the_file(&error) => {}
        done => return done,
    }
    // At `last` the way forward ends.
    let known = numbers_after(db, name, last);
    let sql = format!("SELECT rowid AS walk_rowid, {columns} FROM {name} WHERE rowid = ?1");
    for number in &known {
        one(db, &sql, *number, take)?;
    }
    hole(db, &sql, last, &known, take)
}

fn in_order(
    db: &Connection,
    sql: &str,
    last: &mut i64,
    take: &mut dyn FnMut(Step<'_, '_>) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let mut select = db.prepare(sql)?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let number = row.get(0)?;
        *last = number;
        take(Step::Row(number, row))?;
    }
    Ok(())
}

fn one(
    db: &Connection,
    sql: &str,
    number: i64,
    take: &mut dyn FnMut(Step<'_, '_>) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let mut select = db.prepare_cached(sql)?;
    let mut rows = select.query([number])?;
    match rows.next() {
        Ok(Some(row)) => take(Step::Row(number, row)),
        Ok(None) => take(Step::Bad(number, "an index knows it, the table does not".to_owned())),
        Err(error) if is_of_the_file(&error) => take(Step::Bad(number, error.to_string())),
        Err(error) => Err(error),
    }
}

/// The numbers after `last` as far as the end of the table and its indexes tell them.
fn numbers_after(db: &Connection, table: &str, last: i64) -> BTreeSet<i64> {
    let mut known = BTreeSet::new();
    let backwards =
        format!("SELECT rowid FROM {table} NOT INDEXED WHERE rowid > {last} ORDER BY rowid DESC");
    let _as_far_as_it_goes = numbers(db, &backwards, &mut known);
    let sql = format!("SELECT name FROM pragma_index_list('{table}') WHERE partial = 0");
    let indexes = db.prepare(&sql).and_then(|mut select| {
        let names = select.query_map([], |row| row.get::<_, String>(0))?;
        names.collect::<rusqlite::Result<Vec<_>>>()
    });
    for index in indexes.unwrap_or_default() {
        let sql = format!("SELECT rowid FROM {table} INDEXED BY {index} WHERE rowid > {last}");
        let _as_far_as_it_goes = numbers(db, &sql, &mut known);
    }
    known
}

fn numbers(db: &Connection, sql: &str, known: &mut BTreeSet<i64>) -> rusqlite::Result<()> {
    let mut select = db.prepare(sql)?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        known.insert(row.get(0)?);
    }
    Ok(())
}

/// The numbers of which nothing is known are tried, and what stays unknown is told.
fn hole(
    db: &Connection,
    sql: &str,
    last: i64,
    known: &BTreeSet<i64>,
    take: &mut dyn FnMut(Step<'_, '_>) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let first = if last == i64::MIN { 1 } else { last.saturating_add(1) };
    let end = known.last().copied().unwrap_or_else(|| first.saturating_add(NUMBERS_TRIED_MAX));
    let end = end.min(first.saturating_add(NUMBERS_TRIED_MAX));
    let mut select = db.prepare_cached(sql)?;
    let mut bad: Option<(i64, i64, String)> = None;
    for number in (first..end).filter(|number| !known.contains(number)) {
        let mut rows = select.query([number])?;
        match rows.next() {
            Ok(Some(row)) => take(Step::Row(number, row))?,
            Ok(None) => {}
            Err(error) if is_of_the_file(&error) => {
                let from = bad.as_ref().map_or(number, |(from, ..)| *from);
                bad = Some((from, number, error.to_string()));
            }
            Err(error) => return Err(error),
        }
    }
    bad.map_or(Ok(()), |(from, to, why)| take(Step::Hole(from, to, why)))
}

/// A table whose rows have no numbers: from both ends as far as it goes.
fn without_numbers(
    db: &Connection,
    table: &Table,
    take: &mut dyn FnMut(Step<'_, '_>) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let sql = format!("SELECT 0, {} FROM {} NOT INDEXED", table.columns.join(", "), table.name);
    let mut number = 0;
    let mut select = db.prepare(&sql)?;
    let mut rows = select.query([])?;
    loop {
        match rows.next() {
            Ok(None) => return Ok(()),
            Ok(Some(row)) => {
                number += 1;
                take(Step::Row(number, row))?;
            }
            Err(error) if is_of_the_file(&error) => {
                return take(Step::Hole(number + 1, i64::MAX, error.to_string()));
            }
            Err(error) => return Err(error),
        }
    }
}
