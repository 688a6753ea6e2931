//! The far end of the self-proof: a recipient that is built in and is nobody.
//!
//! A pulse of the station goes to it as a warning's message goes to a bureau: written down by the
//! pipeline, taken by a worker when it is woken, put into words, sent, and its receipt written by
//! the recorder. Must never reach anybody: its way ends here.

use siskin_model::id::IdError;
use siskin_model::notify::{
    Delivery, DeliveryState, Language, Message, MessageKind, Named, Recipient, Show, Way,
};
use siskin_model::{AreaId, GasId, Text, Tier, Timestamp, Warning, WarningId};

use crate::texts;
use crate::way::{Letter, Outcome, never};

/// The recipient. No site can have one of this name: ids begin with a letter or a digit.
pub const RECIPIENT: &str = "-self-proof";
/// Its letters have numbers from here on, far beyond those of the ledger.
const NUMBERS_FROM: u64 = 1 << 62;
/// Stands where a message names a warning, a gas and an area.
const NAME: &str = "self-proof";

/// The recipient that takes pulses.
pub fn recipient() -> Recipient {
    Recipient::of_all(RECIPIENT, vec![Way::Loopback])
}

/// The pulse of a letter; none where it is a message of a warning.
pub fn pulse_of(delivery: u64) -> Option<u64> {
    delivery.checked_sub(NUMBERS_FROM)
}

/// The number of a pulse's letter.
pub fn letter_of(pulse: u64) -> u64 {
    NUMBERS_FROM.saturating_add(pulse)
}

/// A pulse as a letter.
pub fn letter(pulse: u64, at: Timestamp) -> Result<(Delivery, Message), IdError> {
    let warning = WarningId::from_text(NAME);
    let delivery = Delivery {
        number: letter_of(pulse),
        recipient: RECIPIENT.to_owned(),
        warning: warning.clone(),
        transition: 1,
        kind: MessageKind::Alert,
        state: DeliveryState::Queued,
        way: 0,
        tries: 0,
        queued_at: at,
        way_at: None,
        sent_at: None,
        ended_at: None,
        read_at: None,
        answer: String::new(),
    };
    let name = || Text::new("自检", "self-proof");
    let named = Named { site: NAME.to_owned(), site_name: name(), area: name(), gas: name() };
    let begun = Warning {
        id: warning,
        ..Warning::begun(&AreaId::new(NAME)?, &GasId::new(NAME)?, Tier::Blue, at)
    };
    let message = Message::begun(&begun, named, Show::Test);
    Ok((delivery, message))
}

/// Takes a letter once it is in words.
pub(crate) fn send(letter: &Letter) -> Outcome {
    let languages = [Language::Zh, Language::En];
    let text = texts::whole(&letter.message, letter.delivery.kind, &languages);
    if text.is_empty() {
        return never(&"the pulse has no words");
    }
    Outcome::Accepted(format!("{} bytes", text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pulse_is_a_letter_that_is_taken_and_no_message_has_its_number() {
        let (delivery, message) = letter(7, Timestamp::from_millis(5)).unwrap();
        assert_eq!(pulse_of(delivery.number), Some(7));
        assert_eq!([0, 1, u64::from(u32::MAX)].map(pulse_of), [None; 3]);
        assert!(message.show.is_mock());
        let letter = Letter { delivery, message, references: Vec::new(), others_open: false };
        assert!(matches!(send(&letter), Outcome::Accepted(_)));
    }
}
