//! The bureau's door: steps of warnings read on from a cursor, and who read a message.
//!
//! A cursor is the place of an entry that was looked at, whoever's it was, so that it goes on also
//! where nothing was for who asks. Must never give a step twice or leave one out, and never take a
//! cursor of another ledger for its own.

mod pull;
mod receipt;

use siskin_api::contract::{BureauWarningsView, MessageDetailView};
use siskin_api::{Backend as _, BackendError, Bureau, BureauCursor};
use siskin_model::Who;

use super::backend::StationBackend;

impl Bureau for StationBackend {
    fn bureau_warnings(
        &self,
        who: &Who,
        after: Option<BureauCursor>,
        limit: usize,
    ) -> Result<BureauWarningsView, BackendError> {
        let desk = pull::Desk {
            site: &self.settings.site,
            ledger: &self.ledger,
            simulated: self.live.simulated,
            now: self.now(),
        };
        desk.pull(&who.areas, after, limit)
    }

    fn read_message(&self, who: &Who, number: u64) -> Result<MessageDetailView, BackendError> {
        receipt::read(&self.ledger, &self.settings.notify, (who, self.now()), number)?;
        siskin_api::Messages::message(self, number)
    }
}
