//! Rows to readings. What cannot be one is refused with its line and column, never guessed.

use std::collections::HashMap;

use anyhow::Context;
use siskin_model::{ChannelIndex, Quality, Reading, Site, Timestamp};

use super::mapping::{Long, Mapping, target};
use super::table::Cell;

/// Refused rows that are listed; more are counted.
const LISTED_MAX: usize = 20;
/// 2000-01-01: an earlier stamp is a wrong unit or a device's clock that was never set.
const STAMP_MIN: Timestamp = Timestamp::from_millis(946_684_800_000);
/// How far a stamp may be ahead of this machine's clock.
const AHEAD_MAX_MS: i64 = 300_000;

/// What was refused, and why.
#[derive(Debug, Default)]
pub(super) struct Refused {
    pub(super) count: u64,
    pub(super) listed: Vec<String>,
}

impl Refused {
    pub(super) fn tell(&mut self, line: u64, column: &str, why: &str) {
        self.count += 1;
        if self.listed.len() < LISTED_MAX {
            self.listed.push(format!("行 / line {line}, 列 / column `{column}`: {why}"));
        }
    }
}

/// A value's column, and where its values go.
type WideColumn = (usize, String, ChannelIndex, f64);

/// Places of columns, and targets by name and unit.
pub(super) struct Rows<'a> {
    site: &'a Site,
    mapping: &'a Mapping,
    columns: Vec<String>,
    wide: Vec<WideColumn>,
    targets: HashMap<(String, String), Result<(ChannelIndex, f64), String>>,
    now: Timestamp,
    pub(super) refused: Refused,
    /// Cells of which the mapping says that they hold no value.
    pub(super) empty: u64,
}

impl<'a> Rows<'a> {
    pub(super) fn new(
        site: &'a Site,
        mapping: &'a Mapping,
        columns: Vec<String>,
        now: Timestamp,
    ) -> anyhow::Result<Self> {
        mapping.check_words()?;
        let mut rows = Self {
            site,
            mapping,
            columns,
            wide: Vec::new(),
            targets: HashMap::new(),
            now,
            refused: Refused::default(),
            empty: 0,
        };
        for wide in &mapping.wide {
            let (index, factor) = target(site, &wide.channel, wide.unit.as_deref())?;
            let place = rows.place(&wide.column)?;
            rows.wide.push((place, wide.column.clone(), index, factor));
        }
        let times = std::iter::once(&mapping.time).chain(&mapping.received);
        let mut needed: Vec<&str> = times.map(|time| time.column.as_str()).collect();
        needed.extend(mapping.quality.as_ref().map(|quality| quality.column.as_str()));
        if let Some(long) = &mapping.long {
            needed.extend([long.channel.as_str(), long.value.as_str()]);
            needed.extend(long.unit_column.as_deref());
        }
        needed.into_iter().try_for_each(|column| rows.place(column).map(|_| ()))?;
        Ok(rows)
    }

    fn place(&self, column: &str) -> anyhow::Result<usize> {
        self.columns.iter().position(|name| name == column).with_context(|| {
            format!(
                "the table has no column `{column}`; hint: it has {}",
                self.columns.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
            )
        })
    }

    fn cell<'c>(&self, cells: &'c [Cell], column: &str) -> Option<&'c Cell> {
        let place = self.columns.iter().position(|name| name == column)?;
        cells.get(place)
    }

    /// Pushes the readings of a row.
    pub(super) fn take(&mut self, line: u64, cells: &[Cell], out: &mut Vec<Reading>) {
        let mapping = self.mapping;
        if cells.is_empty() {
            let why =
                format!("expected {} fields; hint: look for a stray comma", self.columns.len());
            self.refused.tell(line, "*", &why);
            return;
        }
        let Some(measured_at) = self.moment(line, cells, &mapping.time) else { return };
        let received_at = match &mapping.received {
            None => measured_at,
            Some(time) => match self.moment(line, cells, time) {
                Some(at) => at,
                None => return,
            },
        };
        let Some(quality) = self.quality(line, cells) else { return };
        let at = (measured_at, received_at, quality);
        if let Some(long) = &mapping.long {
            self.take_long(line, cells, long, at, out);
        }
        for (place, column, index, factor) in std::mem::take(&mut self.wide) {
            if let Some(cell) = cells.get(place) {
                self.value(line, &column, cell, (index, factor), at, out);
            }
            self.wide.push((place, column, index, factor));
        }
    }

    fn take_long(
        &mut self,
        line: u64,
        cells: &[Cell],
        long: &Long,
        at: (Timestamp, Timestamp, Quality),
        out: &mut Vec<Reading>,
    ) {
        let text = |column: &str| self.cell(cells, column).map(Cell::text).unwrap_or_default();
        let name = text(&long.channel);
        let unit = long.unit_column.as_deref().map(text).or_else(|| long.unit.clone());
        let key = (name.clone(), unit.clone().unwrap_or_default());
        let site = self.site;
        let found = self.targets.entry(key).or_insert_with(|| {
            let channel = long.channels.get(&name).unwrap_or(&name);
            target(site, channel, unit.as_deref()).map_err(|error| format!("{error:#}"))
        });
        match found.clone() {
            Ok(target) => {
                let Some(cell) = self.cell(cells, &long.value).cloned() else { return };
                self.value(line, &long.value, &cell, target, at, out);
            }
            Err(why) => self.refused.tell(line, &long.channel, &why),
        }
    }

    fn value(
        &mut self,
        line: u64,
        column: &str,
        cell: &Cell,
        (channel, factor): (ChannelIndex, f64),
        (measured_at, received_at, quality): (Timestamp, Timestamp, Quality),
        out: &mut Vec<Reading>,
    ) {
        let text = cell.text();
        if self.mapping.no_value.contains(&text) {
            if self.mapping.quality.is_some() && quality != Quality::Good {
                out.push(Reading::new(channel, measured_at, received_at, None, quality));
            } else {
                self.empty += 1;
            }
            return;
        }
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() => {
                // By 1 a value stays what it is to the bit.
                let value = if factor.to_bits() == 1f64.to_bits() { value } else { value * factor };
                out.push(Reading::new(channel, measured_at, received_at, Some(value), quality));
            }
            _ => {
                let why = format!(
                    "`{text}` is no number; hint: list it in `no_value` if it stands for none"
                );
                self.refused.tell(line, column, &why);
            }
        }
    }

    fn moment(
        &mut self,
        line: u64,
        cells: &[Cell],
        time: &super::mapping::Time,
    ) -> Option<Timestamp> {
        let cell = self.cell(cells, &time.column)?;
        let why = match time.moment(cell) {
            Ok(at) if at < STAMP_MIN => {
                format!("{} is before 2000; hint: is `format` right?", at.rfc3339(0))
            }
            Ok(at) if at > self.now.plus_ms(AHEAD_MAX_MS) => {
                format!("{} is in the future; hint: is `utc_offset` right?", at.rfc3339(0))
            }
            Ok(at) => return Some(at),
            Err(error) => {
                let (text, format) = (cell.text(), &time.format);
                format!(
                    "`{text}` is no moment of the form `{format}`: {error:#}; \
                         hint: set `format` and `utc_offset` in the mapping"
                )
            }
        };
        self.refused.tell(line, &time.column, &why);
        None
    }

    fn quality(&mut self, line: u64, cells: &[Cell]) -> Option<Quality> {
        let Some(column) = &self.mapping.quality else { return Some(Quality::Good) };
        let text = self.cell(cells, &column.column)?.text();
        let quality = self.mapping.quality(&text);
        if quality.is_none() {
            let why = format!("`{text}` is no quality; hint: list it in `words` of [quality]");
            self.refused.tell(line, &column.column, &why);
        }
        quality
    }
}
