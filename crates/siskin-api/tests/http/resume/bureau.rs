//! The door of the scripted ledger: nothing is asked.

use siskin_api::{BackendError, Bureau, BureauCursor, BureauWarningsView, MessageDetailView};
use siskin_model::Who;

use super::Scripted;

impl Bureau for Scripted {
    fn bureau_warnings(
        &self,
        _: &Who,
        _: Option<BureauCursor>,
        _: usize,
    ) -> Result<BureauWarningsView, BackendError> {
        unreachable!("a stream does not ask for a bureau's warnings")
    }

    fn read_message(&self, _: &Who, _: u64) -> Result<MessageDetailView, BackendError> {
        unreachable!("a stream reads no message")
    }
}
