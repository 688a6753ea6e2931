//! The map's file of the scripted ledger: nothing is asked.

use siskin_api::{BackendError, Map, MapFile};

use super::Scripted;

impl Map for Scripted {
    fn map_file(&self) -> Result<MapFile, BackendError> {
        unreachable!("a stream does not ask for a map")
    }
}
