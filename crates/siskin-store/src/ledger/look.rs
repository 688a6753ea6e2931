//! The ledger's rows: every body is what Siskin writes.

use rusqlite::{Connection, Row};
use serde::de::DeserializeOwned;
use siskin_model::incident::{Entry, Incident};
use siskin_model::{
    Alarm, AlarmEvent, Correction, Equipment, EquipmentEvent, FloodEvent, Hold, Maintenance,
    Warning, WarningEvent,
};

use super::duty;
use super::rules::RulesEvent;
use super::tables::{self, KIND};
use crate::verify::walk::{self, Step};
use crate::verify::{CheckedFile, Place, compare_tables};

/// Looks at every row; gives the mark.
pub(crate) fn look(db: &Connection, file: &mut CheckedFile) -> rusqlite::Result<u64> {
    for table in compare_tables(db, &KIND, file)? {
        let mut count = 0;
        walk::rows(db, &table, &mut |step| {
            let place = |number| Place::Row { table: table.name.clone(), number };
            match step {
                Step::Row(number, row) => {
                    count += 1;
                    if let Err(why) = sound(&table.name, row) {
                        file.tell(place(number), why, None);
                    }
                }
                Step::Bad(number, why) => file.tell(place(number), why, None),
                Step::Hole(from, _, why) => file.tell(place(from), why, None),
            }
            Ok(())
        })?;
        file.rows.push((table.name, count));
    }
    tables::mark(db)
}

/// Whether a row can be used.
pub(crate) fn sound(table: &str, row: &Row<'_>) -> Result<(), String> {
    if let Some(found) = duty::sound(table, row) {
        return found;
    }
    match table {
        "event" => {
            let kind: String = row.get("kind").map_err(|error| error.to_string())?;
            match kind.as_str() {
                "alarm" => body::<AlarmEvent>(row),
                "correction" => body::<Correction>(row),
                "rules" => body::<RulesEvent>(row),
                "equipment" => body::<EquipmentEvent>(row),
                "flood" => body::<FloodEvent>(row),
                _ => body::<WarningEvent>(row),
            }
        }
        "alarm" => body::<Alarm>(row),
        "warning" => body::<Warning>(row),
        "equipment" => body::<Equipment>(row),
        "hold" => body::<Hold>(row),
        "maintenance" => body::<Maintenance>(row),
        "incident" => body::<Incident>(row),
        "incident_entry" => body::<Entry>(row),
        "rule_version" | "shadow" | "shadow_event" => body::<serde_json::Value>(row),
        _ => Ok(()),
    }
}

fn body<T: DeserializeOwned>(row: &Row<'_>) -> Result<(), String> {
    let text: String = row.get("body").map_err(|error| error.to_string())?;
    serde_json::from_str::<T>(&text).map(|_| ()).map_err(|error| error.to_string())
}
