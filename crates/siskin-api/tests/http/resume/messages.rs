//! The messages of the scripted ledger: nothing is asked.

use siskin_api::{
    BackendError, MessageDetailView, Messages, MessagesQuery, MessagesView, RecipientView,
};
use siskin_model::AreaScope;

use super::Scripted;

impl Messages for Scripted {
    fn messages(
        &self,
        _: &MessagesQuery,
        _: &AreaScope,
        _: usize,
    ) -> Result<MessagesView, BackendError> {
        unreachable!("a stream does not ask for messages")
    }

    fn message(&self, _: u64) -> Result<MessageDetailView, BackendError> {
        unreachable!("a stream does not ask for a message")
    }

    fn recipients(&self) -> Result<Vec<RecipientView>, BackendError> {
        unreachable!("a stream does not ask who is told")
    }

    fn cap_feed(&self, _: &AreaScope) -> Result<Vec<u8>, BackendError> {
        unreachable!("a stream does not ask for the feed")
    }

    fn cap_message(&self, _: &str, _: &AreaScope) -> Result<Vec<u8>, BackendError> {
        unreachable!("a stream does not ask for a CAP message")
    }
}
