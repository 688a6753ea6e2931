//! The map's file of the fake: letters in a row, longer than a piece; it may be missing, or end
//! before it should.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use siskin_api::{BackendError, Map, MapContent, MapFault, MapFile};

use super::Fake;

/// How long it is: two whole pieces and a bit.
pub(crate) const MAP_BYTES: u64 = 131_072 + 10;

/// What stands at a place of it.
pub(crate) fn letter(at: u64) -> u8 {
    b'a' + u8::try_from(at % 23).unwrap()
}

#[derive(Debug)]
struct Letters {
    readable: u64,
}

impl MapContent for Letters {
    fn read_at(&self, from: u64, into: &mut [u8]) -> io::Result<()> {
        if from + into.len() as u64 > self.readable {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        for (at, byte) in (from..).zip(into) {
            *byte = letter(at);
        }
        Ok(())
    }
}

impl Map for Fake {
    fn map_file(&self) -> Result<MapFile, BackendError> {
        match self.map_readable.load(Ordering::SeqCst) {
            0 => Err(MapFault::Unusable("no such file".to_owned()).into()),
            readable => Ok(MapFile {
                bytes: MAP_BYTES,
                tag: "5-letters".to_owned(),
                content: Arc::new(Letters { readable }),
            }),
        }
    }
}
