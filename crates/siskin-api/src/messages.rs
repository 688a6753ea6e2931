//! What the API needs from the outbox. Part of [`crate::Backend`], apart from it because it is
//! about what was told to whom.
//!
//! Methods read from a disk: the routes call them off the async threads.

use siskin_model::AreaScope;

use crate::backend::BackendError;
use crate::contract::{MessageDetailView, MessagesQuery, MessagesView, RecipientView};

/// The messages of a station.
pub trait Messages: Send + Sync + 'static {
    /// Deliveries of warnings in `areas`, newest first, at most `limit`.
    fn messages(
        &self,
        query: &MessagesQuery,
        areas: &AreaScope,
        limit: usize,
    ) -> Result<MessagesView, BackendError>;
    /// One delivery with its receipts and its texts.
    fn message(&self, number: u64) -> Result<MessageDetailView, BackendError>;
    /// Who is told, in the order of the site's file.
    fn recipients(&self) -> Result<Vec<RecipientView>, BackendError>;
    /// The newest messages of warnings in `areas` as an Atom feed.
    fn cap_feed(&self, areas: &AreaScope) -> Result<Vec<u8>, BackendError>;
    /// One message of a warning in `areas` as CAP.
    fn cap_message(&self, identifier: &str, areas: &AreaScope) -> Result<Vec<u8>, BackendError>;
}
