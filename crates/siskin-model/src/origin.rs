//! How a reading came to be in the history. Kept with every stored reading, so that an
//! investigation can tell what was known at the time from what came later.

use serde::{Deserialize, Serialize};

/// The way of a reading into the history. The wire names are kebab-case.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// Read from its device and judged as it came.
    #[default]
    Live,
    /// Measured while a line was cut, brought later by a gateway or a logger.
    Backlog,
    /// Brought from a file by a person.
    Import,
    /// Made by an exercise; never mixed with what was measured.
    Exercise,
}

impl Origin {
    /// All origins, in the order of their codes.
    pub const ALL: [Self; 4] = [Self::Live, Self::Backlog, Self::Import, Self::Exercise];

    /// The code used on disk.
    pub const fn code(self) -> u8 {
        match self {
            Self::Live => 0,
            Self::Backlog => 1,
            Self::Import => 2,
            Self::Exercise => 3,
        }
    }

    /// The origin of a code; an unknown code is no origin.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }

    /// The wire name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Backlog => "backlog",
            Self::Import => "import",
            Self::Exercise => "exercise",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names_go_there_and_back() {
        for (i, origin) in Origin::ALL.into_iter().enumerate() {
            assert_eq!(usize::from(origin.code()), i);
            assert_eq!(Origin::from_code(origin.code()), Some(origin));
            let json = serde_json::to_string(&origin).unwrap();
            assert_eq!(json, format!("\"{}\"", origin.as_str()));
        }
        assert_eq!(Origin::from_code(4), None);
    }
}
