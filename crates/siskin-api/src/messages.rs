//! What the API needs from the outbox. Part of [`crate::Backend`], apart from it because it is
//! about what was told to whom.
//!
//! Methods read from a disk: the routes call them off the async threads.

use crate::backend::BackendError;
use crate::contract::{MessageDetailView, MessagesQuery, MessagesView};

/// The messages of a station.
pub trait Messages: Send + Sync + 'static {
    /// Deliveries, newest first, at most `limit`.
    fn messages(&self, query: &MessagesQuery, limit: usize) -> Result<MessagesView, BackendError>;
    /// One delivery with its receipts and its texts.
    fn message(&self, number: u64) -> Result<MessageDetailView, BackendError>;
    /// The newest messages as an Atom feed.
    fn cap_feed(&self) -> Result<Vec<u8>, BackendError>;
    /// One message as CAP.
    fn cap_message(&self, identifier: &str) -> Result<Vec<u8>, BackendError>;
}
