//! What the API needs for bureaus: warnings to pull from where they stopped, and the receipt that
//! somebody read a message. Part of [`crate::Backend`], apart from it because it is about others.
//!
//! Methods read from a disk and write to it: the routes call them off the async threads.

mod fault;

use std::fmt;
use std::str::FromStr;

use siskin_model::{Timestamp, Who};

use crate::backend::BackendError;
use crate::contract::{BureauWarningsView, MessageDetailView};

pub use fault::BureauFault;

/// How far a bureau has read: the place of an entry, and when it was written. The second shows
/// that it is still the same entry, also after the ledger came back from a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BureauCursor {
    /// The place.
    pub seq: u64,
    /// When that was written.
    pub recorded_at: Timestamp,
}

impl fmt::Display for BureauCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.seq, self.recorded_at.as_millis())
    }
}

/// A text that is no cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoCursor;

impl FromStr for BureauCursor {
    type Err = NoCursor;

    fn from_str(text: &str) -> Result<Self, NoCursor> {
        let (seq, ms) = text.split_once('.').ok_or(NoCursor)?;
        let seq = seq.parse().map_err(|_| NoCursor)?;
        let recorded_at = Timestamp::from_millis(ms.parse().map_err(|_| NoCursor)?);
        Ok(Self { seq, recorded_at })
    }
}

/// What bureaus ask of a station.
pub trait Bureau: Send + Sync + 'static {
    /// Steps of warnings in the areas of `who`, in the order of the ledger, after the cursor; none:
    /// from the first on. At most `limit`.
    fn bureau_warnings(
        &self,
        who: &Who,
        after: Option<BureauCursor>,
        limit: usize,
    ) -> Result<BureauWarningsView, BackendError>;
    /// `who` says that they read the message; on disk when it returns. Whoever was first stays.
    fn read_message(&self, who: &Who, number: u64) -> Result<MessageDetailView, BackendError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_what_was_given_and_nothing_else() {
        let one = BureauCursor { seq: 7, recorded_at: Timestamp::from_millis(-5) };
        assert_eq!(one.to_string().parse(), Ok(one));
        for text in ["", "0", "7", "7.", ".5", "-1.5", "7.5.6", "7.x", "18446744073709551616.1"] {
            assert_eq!(text.parse::<BureauCursor>(), Err(NoCursor), "{text}");
        }
    }
}
