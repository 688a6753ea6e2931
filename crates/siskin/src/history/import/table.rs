//! Rows of a CSV or a Parquet file, one at a time.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use anyhow::{Context, bail};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::{Field, Row};

use crate::history::args::Form;

/// What Excel puts before its UTF-8.
const BOM: &[u8] = "\u{feff}".as_bytes();

/// What stands in a row under a column.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    Text(String),
    /// A stamp that needs no reading, in milliseconds since 1970.
    Moment(i64),
}

impl Cell {
    /// The cell as people see it.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Text(text) => text.trim().to_owned(),
            Self::Moment(ms) => ms.to_string(),
        }
    }
}

/// A row with its line; of Parquet its number, from 1.
type Numbered = anyhow::Result<(u64, Vec<Cell>)>;

/// An open table.
pub(super) struct Table {
    pub(super) columns: Vec<String>,
    pub(super) rows: Box<dyn Iterator<Item = Numbered>>,
}

/// Opens a table.
pub(super) fn open(path: &Path, form: Form) -> anyhow::Result<Table> {
    let file = File::open(path)
        .with_context(|| format!("cannot read `{}`; hint: name a file", path.display()))?;
    let name = path.display().to_string();
    match form {
        Form::Csv => csv(name, file),
        Form::Parquet => parquet(name, file),
    }
}

fn csv(name: String, file: File) -> anyhow::Result<Table> {
    let mut bytes = BufReader::new(file);
    if bytes.fill_buf().is_ok_and(|begin| begin.starts_with(BOM)) {
        bytes.consume(BOM.len());
    }
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    let about = || {
        format!(
            "`{name}` is no CSV in UTF-8; hint: in Excel save as `CSV UTF-8` (另存为 CSV UTF-8)"
        )
    };
    let columns: Vec<String> =
        reader.headers().with_context(about)?.iter().map(|name| name.trim().to_owned()).collect();
    let count = columns.len();
    let rows = reader.into_records().map(move |record| {
        let record = record.with_context(|| {
            format!("`{name}` cannot be read further; hint: save it as `CSV UTF-8`")
        })?;
        let line = record.position().map_or(0, csv::Position::line);
        if record.len() != count {
            // Told as a refused row by whoever asks for its last column.
            return Ok((line, Vec::new()));
        }
        Ok((line, record.iter().map(|text| Cell::Text(text.to_owned())).collect()))
    });
    Ok(Table { columns, rows: Box::new(rows) })
}

fn parquet(name: String, file: File) -> anyhow::Result<Table> {
    let about = || format!("`{name}` is no Parquet file, or is cut off; hint: export it again");
    let reader = SerializedFileReader::new(file).with_context(about)?;
    let schema = reader.metadata().file_metadata().schema_descr();
    let columns = schema.columns().iter().map(|column| column.name().to_owned()).collect();
    let rows = (1u64..).zip(reader).map(move |(number, row)| {
        let row: Row = row.with_context(|| format!("`{name}` is damaged after row {number}"))?;
        let cells = row.get_column_iter().map(|(_, field)| cell(field));
        Ok((number, cells.collect::<anyhow::Result<_>>()?))
    });
    Ok(Table { columns, rows: Box::new(rows) })
}

fn cell(field: &Field) -> anyhow::Result<Cell> {
    let text = match field {
        Field::Null => String::new(),
        Field::TimestampMillis(ms) => return Ok(Cell::Moment(*ms)),
        Field::TimestampMicros(us) => return Ok(Cell::Moment(us.div_euclid(1000))),
        Field::Str(text) => text.clone(),
        Field::Bool(is) => is.to_string(),
        Field::Byte(n) => n.to_string(),
        Field::Short(n) => n.to_string(),
        Field::Int(n) => n.to_string(),
        Field::Long(n) => n.to_string(),
        Field::Float(n) => n.to_string(),
        Field::Double(n) => n.to_string(),
        other => bail!("a column holds `{other}`; hint: numbers, texts and timestamps are read"),
    };
    Ok(Cell::Text(text))
}
