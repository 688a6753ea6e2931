//! A message on its way to one recipient: the states, and what leads from one to another.
//!
//! The table is the only place that says it. Must never lead from failed to accepted without a
//! try between them, and never forget that something was accepted.

use serde::{Deserialize, Serialize};

use super::MessageKind;
use crate::{Timestamp, WarningId};

/// Where a delivery is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeliveryState {
    /// On disk, and to be sent, for the first time or again.
    Queued,
    /// A try was begun, and nothing is known of its end.
    Sent,
    /// The receiver said that it has it.
    Accepted,
    /// Somebody said that they read it.
    Read,
    /// Every way was tried and none took it.
    Failed,
    /// A newer update was sent in its place.
    Superseded,
}

/// What happens to a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Happened {
    /// A try begins.
    Try,
    /// The receiver has it.
    Accept,
    /// No answer, or one that says "later": it will be tried again.
    Retry,
    /// This way does not take it; the next one is tried.
    NextWay,
    /// No way is left.
    GiveUp,
    /// A newer update goes in its place.
    Supersede,
    /// Somebody read it.
    Read,
}

impl DeliveryState {
    /// All states, in order.
    pub const ALL: [Self; 6] =
        [Self::Queued, Self::Sent, Self::Accepted, Self::Read, Self::Failed, Self::Superseded];

    /// The wire name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Accepted => "accepted",
            Self::Read => "read",
            Self::Failed => "failed",
            Self::Superseded => "superseded",
        }
    }

    /// The state with this wire name.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// Whether something is still to be done.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Queued | Self::Sent)
    }

    /// The table: what it becomes, none where that cannot happen.
    pub const fn after(self, happened: Happened) -> Option<Self> {
        use Happened::{Accept, GiveUp, NextWay, Read, Retry, Supersede, Try};
        Some(match (self, happened) {
            // A try that was begun before a crash is begun again under the same key.
            (Self::Queued | Self::Sent, Try) => Self::Sent,
            (Self::Sent, Accept) => Self::Accepted,
            // What cannot even be tried (no such way any more) was not sent before.
            (Self::Queued | Self::Sent, Retry | NextWay) => Self::Queued,
            (Self::Queued | Self::Sent, GiveUp) => Self::Failed,
            (Self::Queued, Supersede) => Self::Superseded,
            (Self::Accepted, Read) => Self::Read,
            _ => return None,
        })
    }
}

impl Happened {
    /// All that can happen.
    pub const ALL: [Self; 7] = [
        Self::Try,
        Self::Accept,
        Self::Retry,
        Self::NextWay,
        Self::GiveUp,
        Self::Supersede,
        Self::Read,
    ];

    /// The wire name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Try => "try",
            Self::Accept => "accept",
            Self::Retry => "retry",
            Self::NextWay => "next-way",
            Self::GiveUp => "give-up",
            Self::Supersede => "supersede",
            Self::Read => "read",
        }
    }
}

/// A message for one recipient, as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its number in the ledger: the order in which the recipient is told.
    pub number: u64,
    /// Which recipient.
    pub recipient: String,
    /// Which warning.
    pub warning: WarningId,
    /// Which message of it.
    pub transition: u32,
    /// What it is to this recipient.
    pub kind: MessageKind,
    /// Where it is.
    pub state: DeliveryState,
    /// The way that is tried, or that took it: its place in the recipient's list.
    pub way: u32,
    /// Tries on this way so far.
    pub tries: u32,
    /// When it was written.
    pub queued_at: Timestamp,
    /// When the first try of this way began.
    pub way_at: Option<Timestamp>,
    /// When it was tried last.
    pub sent_at: Option<Timestamp>,
    /// When it was accepted, given up or superseded.
    pub ended_at: Option<Timestamp>,
    /// When it was read.
    pub read_at: Option<Timestamp>,
    /// The last answer, or why there was none.
    pub answer: String,
}

/// One line in the book of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Of which delivery.
    pub delivery: u64,
    /// What happened.
    pub happened: Happened,
    /// When, by the station's clock.
    pub at: Timestamp,
    /// By which way.
    pub way: u32,
    /// What was answered, or why nothing was; of a reading: who read it.
    pub answer: String,
}

impl Delivery {
    /// Brings it to what it is after `receipt`; false where the table does not allow it.
    #[must_use]
    pub fn take(&mut self, receipt: &Receipt) -> bool {
        let Some(state) = self.state.after(receipt.happened) else {
            return false;
        };
        self.state = state;
        // Of a reading it is a name, and what the receiver answered stays.
        if !receipt.answer.is_empty() && receipt.happened != Happened::Read {
            self.answer.clone_from(&receipt.answer);
        }
        match receipt.happened {
            Happened::Try => {
                self.tries = self.tries.saturating_add(1);
                self.sent_at = Some(receipt.at);
                self.way_at.get_or_insert(receipt.at);
            }
            Happened::NextWay => {
                self.way = receipt.way.saturating_add(1);
                (self.tries, self.way_at) = (0, None);
            }
            Happened::Accept | Happened::GiveUp | Happened::Supersede => {
                self.ended_at = Some(receipt.at);
            }
            Happened::Read => self.read_at = Some(receipt.at),
            Happened::Retry => {}
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every state with everything that can happen; what is not here cannot.
    const TABLE: &[(&str, &str, &str)] = &[
        ("queued", "try", "sent"),
        ("queued", "retry", "queued"),
        ("queued", "next-way", "queued"),
        ("queued", "give-up", "failed"),
        ("queued", "supersede", "superseded"),
        ("sent", "try", "sent"),
        ("sent", "accept", "accepted"),
        ("sent", "retry", "queued"),
        ("sent", "next-way", "queued"),
        ("sent", "give-up", "failed"),
        ("accepted", "read", "read"),
    ];

    #[test]
    fn the_table_is_what_is_written() {
        for state in DeliveryState::ALL {
            for happened in Happened::ALL {
                let row = TABLE
                    .iter()
                    .find(|(from, by, _)| *from == state.as_str() && *by == happened.as_str());
                let expected = row.and_then(|(_, _, to)| DeliveryState::from_word(to));
                assert_eq!(state.after(happened), expected, "{state:?} {happened:?}");
            }
            assert_eq!(DeliveryState::from_word(state.as_str()), Some(state));
        }
        assert_eq!(TABLE.len(), 11);
    }

    fn delivery() -> Delivery {
        Delivery {
            number: 1,
            recipient: "bureau".to_owned(),
            warning: WarningId::from_text("w"),
            transition: 1,
            kind: MessageKind::Alert,
            state: DeliveryState::Queued,
            way: 0,
            tries: 0,
            queued_at: Timestamp::from_millis(0),
            way_at: None,
            sent_at: None,
            ended_at: None,
            read_at: None,
            answer: String::new(),
        }
    }

    fn receipt(happened: Happened, ms: i64, way: u32) -> Receipt {
        let at = Timestamp::from_millis(ms);
        Receipt { delivery: 1, happened, at, way, answer: format!("{ms}") }
    }

    #[test]
    fn a_way_that_fails_leads_to_the_next_one() {
        let mut one = delivery();
        assert!(one.take(&receipt(Happened::Try, 5, 0)));
        assert!(one.take(&receipt(Happened::Retry, 6, 0)));
        assert!(one.take(&receipt(Happened::Try, 9, 0)));
        assert_eq!((one.tries, one.way_at), (2, Some(Timestamp::from_millis(5))));
        assert!(one.take(&receipt(Happened::NextWay, 10, 0)));
        assert_eq!((one.tries, one.way, one.way_at), (0, 1, None));
        assert!(one.take(&receipt(Happened::Try, 11, 1)));
        assert!(one.take(&receipt(Happened::Accept, 12, 1)));
        assert_eq!(
            (one.state, one.ended_at),
            (DeliveryState::Accepted, Some(Timestamp::from_millis(12)))
        );
        assert!(!one.take(&receipt(Happened::GiveUp, 13, 1)), "what was accepted stays so");
        assert_eq!(one.answer, "12");
        assert!(one.take(&receipt(Happened::Read, 14, 1)));
        assert!(!one.take(&receipt(Happened::Read, 15, 1)), "who was first stays");
        assert_eq!(one.read_at, Some(Timestamp::from_millis(14)));
        assert_eq!(one.answer, "12", "the receiver's answer stays");
    }
}
