//! What an incident is called: in the words of a person, or named by the station in both languages.
//!
//! A text as it is stands in ledgers of every age: that is how a person's words are kept, and how
//! the station once kept both languages in one string. It must be read for ever.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Text;

/// The title of an incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Title {
    /// As it was written, in whatever language.
    Said(String),
    /// Made by the station from area, gas and tier.
    Named(Text),
}

impl Title {
    /// For a reader of Chinese.
    pub fn zh(&self) -> &str {
        match self {
            Self::Said(text) => text,
            Self::Named(text) => &text.zh,
        }
    }

    /// For a reader of English.
    pub fn en(&self) -> &str {
        match self {
            Self::Said(text) => text,
            Self::Named(text) => &text.en,
        }
    }

    /// For both.
    pub fn text(&self) -> Text {
        Text::new(self.zh(), self.en())
    }
}

impl From<String> for Title {
    fn from(said: String) -> Self {
        Self::Said(said)
    }
}

/// One line for where there is one for both languages.
impl fmt::Display for Title {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Said(text) => f.write_str(text),
            Self::Named(text) => write!(f, "{} / {}", text.zh, text.en),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(written: &str, expected: &Title, line: &str) {
        let read: Title = serde_json::from_str(written).unwrap();
        assert_eq!((&read, read.to_string().as_str()), (expected, line));
        assert_eq!(serde_json::to_string(&read).unwrap(), written);
    }

    #[test]
    fn titles_of_every_age_are_read_and_written_as_they_were() {
        let old = "罐区氯红色 / Tank farm: Chlorine, red";
        check(&format!("\"{old}\""), &Title::Said(old.to_owned()), old);
        let named = Title::Named(Text::new("罐区氯红色", "Tank farm: Chlorine, red"));
        check(r#"{"zh":"罐区氯红色","en":"Tank farm: Chlorine, red"}"#, &named, old);
        assert_eq!((named.zh(), named.en()), ("罐区氯红色", "Tank farm: Chlorine, red"));
        assert_eq!(Title::Said("泄漏".to_owned()).text(), Text::new("泄漏", "泄漏"));
    }
}
