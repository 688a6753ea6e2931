//! What a bureau's centre has set: it stands before what the site says.

use std::collections::BTreeMap;

use rusqlite::params;

use super::{ACT, UplinkBook};
use crate::StoreError;

impl UplinkBook {
    /// Everything that the centre of a bureau has set, by key.
    pub fn settings(&self, bureau: &str) -> Result<BTreeMap<String, String>, StoreError> {
        let db = self.file.reader();
        let read = || -> rusqlite::Result<_> {
            let mut select =
                db.prepare_cached("SELECT key, value FROM setting WHERE bureau = ?1")?;
            select.query_map([bureau], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        };
        read().map_err(self.file.failed(ACT))
    }

    /// Keeps a setting.
    pub fn set(&self, bureau: &str, key: &str, value: &str) -> Result<(), StoreError> {
        let sql = "INSERT INTO setting (bureau, key, value) VALUES (?1, ?2, ?3)
                   ON CONFLICT DO UPDATE SET value = ?3";
        self.update(sql, params![bureau, key, value])
    }
}
