//! The file with the ground of the world below the park, in pieces as the page asks for them. Part
//! of [`crate::Backend`].
//!
//! Never holds more than a piece of it in memory, and gives no other file than the one that the
//! site names.

mod asked;
mod fault;
mod sending;

use std::sync::Arc;
use std::{fmt, io};

pub(crate) use asked::{Asked, asked};
pub use fault::MapFault;
pub(crate) use sending::sending;

use crate::backend::BackendError;

/// The map's file of a station.
pub trait Map: Send + Sync + 'static {
    /// The file as it is now.
    fn map_file(&self) -> Result<MapFile, BackendError>;
}

/// A file that was opened. What replaces it later is another file with another tag.
#[derive(Debug, Clone)]
pub struct MapFile {
    /// How long it is.
    pub bytes: u64,
    /// Changes whenever its content does; letters, digits and hyphens.
    pub tag: String,
    /// What is in it.
    pub content: Arc<dyn MapContent>,
}

/// The content of a file.
pub trait MapContent: fmt::Debug + Send + Sync {
    /// Fills `into` with what stands at `from`; an error where the file ends before.
    fn read_at(&self, from: u64, into: &mut [u8]) -> io::Result<()>;
}
