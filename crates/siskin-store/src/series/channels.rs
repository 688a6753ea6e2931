//! The channels of a site and their rows in the file.
//!
//! A channel's place in the running site changes when the site does; its row never. A channel that
//! left the site keeps row and data, and has them again when it comes back.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, params};
use siskin_model::{ChannelId, ChannelIndex, Unit};

use crate::StoreError;
use crate::file::StoreFile;

/// What identifies a channel, and what its values mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelKey {
    /// Its id in the site.
    pub id: ChannelId,
    /// What it measures: the gas's id or the name of a weather quantity.
    pub quantity: String,
    /// What its values are counted in.
    pub unit: Unit,
}

/// Place ↔ row.
#[derive(Debug)]
pub(crate) struct Channels {
    rows: Vec<u32>,
    places: BTreeMap<u32, ChannelIndex>,
}

impl Channels {
    /// Finds the rows of `keys`, and makes those that are missing.
    pub(crate) fn open(file: &StoreFile, keys: &[ChannelKey]) -> Result<Self, StoreError> {
        let mut rows = Vec::with_capacity(keys.len());
        let mut places = BTreeMap::new();
        let mut writer = file.writer();
        let act = "find the channels";
        let transaction = writer.transaction().map_err(file.failed(act))?;
        for (place, key) in (0..).map(ChannelIndex).zip(keys) {
            let row = match stored(&transaction, key).map_err(file.failed(act))? {
                None => made(&transaction, key).map_err(file.failed(act))?,
                Some((row, was)) => {
                    unchanged(file, key, &was)?;
                    row
                }
            };
            rows.push(row);
            if places.insert(row, place).is_some() {
                return Err(StoreError::ChannelTwice(key.id.to_string()));
            }
        }
        transaction.commit().map_err(file.failed(act))?;
        Ok(Self { rows, places })
    }

    /// The row of a channel of the running site.
    pub(crate) fn row(&self, channel: ChannelIndex) -> Result<u32, StoreError> {
        let row = self.rows.get(channel.get()).copied();
        row.ok_or(StoreError::ChannelUnknown { index: channel.0, channels: self.rows.len() })
    }

    /// The channel of a row, unless it left the site.
    pub(crate) fn place(&self, row: u32) -> Option<ChannelIndex> {
        self.places.get(&row).copied()
    }

    /// The rows of the running site's channels, in their order.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (ChannelIndex, u32)> {
        (0..).map(ChannelIndex).zip(self.rows.iter().copied())
    }
}

fn meaning(quantity: &str, unit: &str) -> String {
    format!("{quantity} in {unit}")
}

fn stored(db: &Connection, key: &ChannelKey) -> rusqlite::Result<Option<(u32, String)>> {
    let sql = "SELECT row, quantity, unit FROM channel WHERE id = ?1";
    let mut select = db.prepare_cached(sql)?;
    let found = select.query_row([key.id.as_str()], |row| {
        let (quantity, unit): (String, String) = (row.get(1)?, row.get(2)?);
        Ok((row.get(0)?, meaning(&quantity, &unit)))
    });
    found.optional()
}

fn made(db: &Connection, key: &ChannelKey) -> rusqlite::Result<u32> {
    let sql = "INSERT INTO channel (id, quantity, unit) VALUES (?1, ?2, ?3) RETURNING row";
    let mut put = db.prepare_cached(sql)?;
    let values = params![key.id.as_str(), key.quantity, key.unit.as_str()];
    put.query_row(values, |row| row.get(0))
}

fn unchanged(file: &StoreFile, key: &ChannelKey, was: &str) -> Result<(), StoreError> {
    let is = meaning(&key.quantity, key.unit.as_str());
    if was == is {
        return Ok(());
    }
    Err(StoreError::ChannelChanged {
        id: key.id.to_string(),
        was: was.to_owned(),
        is,
        path: file.path().to_owned(),
    })
}
