//! CAP 1.2 (OASIS, 2010-07-01): writing only.
//!
//! The same message for the same recipient gives the same bytes, whenever it is made: identifier
//! and times come from the message, never from a clock. Must never point back to a message that the
//! recipient was not sent.

pub mod atom;
mod national;
mod oasis;
mod xml;

use siskin_model::Timestamp;
use siskin_model::notify::{CapProfile, Language, Message, MessageKind, National};

/// An earlier message of the same warning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Its identifier.
    pub identifier: String,
    /// When it was sent, as it said.
    pub sent_at: Timestamp,
}

/// Everything a CAP message is made from.
#[derive(Debug, Clone, Copy)]
pub struct CapInput<'a> {
    /// What is said.
    pub message: &'a Message,
    /// What it is to the one who gets it.
    pub kind: MessageKind,
    /// Its identifier.
    pub identifier: &'a str,
    /// Who it is from.
    pub sender: &'a str,
    /// Who the site is in the national system.
    pub national: Option<&'a National>,
    /// Administrative codes of the place.
    pub geocodes: &'a [String],
    /// In which languages.
    pub languages: &'a [Language],
    /// The earlier messages, in order.
    pub references: &'a [Reference],
}

/// Why a message could not be written.
#[derive(Debug, thiserror::Error)]
pub enum CapError {
    /// The profile needs what the site does not say.
    #[error(
        "the national profile needs to know who the site is there; \
         hint: set `national_unit` and `national_event_type` under [notify]"
    )]
    NoUnit,
    /// The writer failed.
    #[error("cannot write the message; hint: report this with the log")]
    Write {
        /// Why.
        #[from]
        source: std::io::Error,
    },
}

/// The message as XML.
pub fn write(input: &CapInput<'_>, profile: CapProfile) -> Result<Vec<u8>, CapError> {
    match profile {
        CapProfile::Oasis => oasis::write(input),
        CapProfile::CnNational => national::write(input),
    }
}

#[cfg(test)]
mod tests;
