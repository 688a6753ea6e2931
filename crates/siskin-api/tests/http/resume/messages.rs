//! The messages of the scripted ledger: nothing is asked.

use siskin_api::{BackendError, MessageDetailView, Messages, MessagesQuery, MessagesView};

use super::Scripted;

impl Messages for Scripted {
    fn messages(&self, _: &MessagesQuery, _: usize) -> Result<MessagesView, BackendError> {
        unreachable!("a stream does not ask for messages")
    }

    fn message(&self, _: u64) -> Result<MessageDetailView, BackendError> {
        unreachable!("a stream does not ask for a message")
    }

    fn cap_feed(&self) -> Result<Vec<u8>, BackendError> {
        unreachable!("a stream does not ask for the feed")
    }

    fn cap_message(&self, _: &str) -> Result<Vec<u8>, BackendError> {
        unreachable!("a stream does not ask for a CAP message")
    }
}
