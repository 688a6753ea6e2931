//! Identifiers: one type per kind, so that an area can never stand where a channel is meant.
//!
//! Text ids come from site files: letters, digits, `-` and `_`, starting with a letter or digit,
//! so that the tags of the drawings (`AT-101`) can be used as they are. They are shared
//! (`Arc<str>`), so a clone is cheap. [`ChannelIndex`] is a channel's place in the running site:
//! it is fast, and never stored.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The longest id a site file may use, in bytes.
pub const ID_LEN_MAX: usize = 64;

/// Why a text is not an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Nothing between the quotes.
    #[error("an id must not be empty; hint: use letters, digits, `-` and `_`")]
    Empty,
    /// Longer than [`ID_LEN_MAX`].
    #[error("id `{0}` is longer than {ID_LEN_MAX} characters; hint: shorten it")]
    TooLong(String),
    /// A character outside `A-Z a-z 0-9 - _`.
    #[error(
        "id `{id}` has the character `{character}`; \
         hint: use letters, digits, `-` and `_`, for example `tank-farm-2` or `AT-101`"
    )]
    Character {
        /// The id as written.
        id: String,
        /// The first character that is not allowed.
        character: char,
    },
}

fn checked(text: &str) -> Result<Arc<str>, IdError> {
    if text.is_empty() {
        return Err(IdError::Empty);
    }
    if text.len() > ID_LEN_MAX {
        return Err(IdError::TooLong(text.to_owned()));
    }
    let allowed =
        |(i, c): (usize, char)| c.is_ascii_alphanumeric() || (matches!(c, '-' | '_') && i > 0);
    match text.char_indices().find(|&at| !allowed(at)) {
        None => Ok(Arc::from(text)),
        Some((_, character)) => Err(IdError::Character { id: text.to_owned(), character }),
    }
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// Checks `text` and makes it an id.
            pub fn new(text: &str) -> Result<Self, IdError> {
                checked(text).map(Self)
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", &*self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                Self::new(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0.as_ref().to_owned()
            }
        }
    };
}

text_id!(
    /// A gas of the catalogue, for example `hydrogen-sulfide`.
    GasId
);
text_id!(
    /// An area of a site, for example `tank-farm`.
    AreaId
);
text_id!(
    /// A device of a site, for example `at-101`.
    AnalyzerId
);
text_id!(
    /// One measured quantity of an analyzer, unique in its site, for example `at-101-cl2`.
    ChannelId
);
text_id!(
    /// A rule of a site, for example `chlorine-red`.
    RuleId
);
text_id!(
    /// An entry of the contact book, for example `li-lei`.
    ContactId
);
text_id!(
    /// What somebody on duty is there for, for example `operator` or `leader`.
    DutyRoleId
);
text_id!(
    /// An operator's desk that looks after some areas, for example `control-room`.
    PositionId
);

/// A warning. Made only by the engine, from what the warning is about, so that the same readings
/// give the same id: `<area>.<gas>.<raised-at as yyyymmddThhmmss.mmmZ>`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WarningId(Arc<str>);

impl WarningId {
    /// The id of the warning of `gas` in `area` raised at `raised_at`.
    pub fn of(area: &AreaId, gas: &GasId, raised_at: crate::Timestamp) -> Self {
        Self(Arc::from(format!("{area}.{gas}.{}", raised_at.compact())))
    }

    /// An id as it came from outside; nothing needs to exist by it.
    pub fn from_text(text: &str) -> Self {
        Self(Arc::from(text))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for WarningId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A channel's place in [`crate::Site::channels`] of the running site. Never stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChannelIndex(pub u32);

impl ChannelIndex {
    /// As an index of a slice.
    pub fn get(self) -> usize {
        self.0 as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_take_letters_digits_hyphens_and_low_lines_only() {
        assert_eq!(AreaId::new("tank-farm-2").unwrap().as_str(), "tank-farm-2");
        assert_eq!(AreaId::new("0").unwrap().as_str(), "0");
        assert_eq!(AreaId::new(""), Err(IdError::Empty));
        assert!(matches!(AreaId::new("-a"), Err(IdError::Character { character: '-', .. })));
        assert_eq!(AnalyzerId::new("AT-101_b").unwrap().as_str(), "AT-101_b");
        assert!(matches!(AreaId::new("a b"), Err(IdError::Character { character: ' ', .. })));
        assert!(matches!(AreaId::new("罐区"), Err(IdError::Character { character: '罐', .. })));
        assert!(matches!(AreaId::new(&"a".repeat(65)), Err(IdError::TooLong(_))));
    }

    #[test]
    fn a_warning_id_says_what_it_is_about() {
        let id = WarningId::of(
            &AreaId::new("tank-farm").unwrap(),
            &GasId::new("chlorine").unwrap(),
            crate::Timestamp::from_millis(1_767_225_600_123),
        );
        assert_eq!(id.as_str(), "tank-farm.chlorine.20260101T000000.123Z");
    }
}
