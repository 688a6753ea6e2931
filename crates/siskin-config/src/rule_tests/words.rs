//! Words of a short text with their places, and what is wrong with one of them.
//!
//! Series and steps are short texts inside TOML texts; a fault names the very word.

use crate::problems::{Draft, Problems};
use crate::sources::{At, Place, Sources};
use crate::suggest;

/// A word and where it begins in its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Word<'a> {
    pub(super) text: &'a str,
    pub(super) start: usize,
}

/// What is wrong, between two bytes of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) message: String,
    pub(super) hint: String,
}

impl Word<'_> {
    /// What is wrong with this word.
    pub(super) fn fault(self, message: impl Into<String>, hint: impl Into<String>) -> Fault {
        let end = self.start + self.text.len();
        Fault { start: self.start, end, message: message.into(), hint: hint.into() }
    }

    /// This word is none of `known`.
    pub(super) fn unknown<'a>(
        self,
        what: &str,
        known: impl IntoIterator<Item = &'a str> + Clone,
    ) -> Fault {
        let message = format!("there is no {what} `{}`", self.text);
        self.fault(message, suggest::hint(self.text, &format!("{what} words"), known))
    }
}

/// The words of `text`, which begins at byte `offset` of the whole.
pub(super) fn words(text: &str, offset: usize) -> Vec<Word<'_>> {
    let mut found = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match (c.is_whitespace(), start) {
            (false, None) => start = Some(at),
            (true, Some(begin)) => {
                let text = text.get(begin..at).unwrap_or_default();
                found.push(Word { text, start: offset + begin });
                start = None;
            }
            _ => {}
        }
    }
    found
}

/// Reports `fault`, found inside the written text `within`.
pub(super) fn report(
    fault: Fault,
    within: &At<String>,
    sources: &Sources,
    problems: &mut Problems,
) {
    let place = inside(within, fault.start, fault.end, sources);
    problems.add(Draft::new(fault.message, fault.hint).at(place, "here"));
}

/// The place of a part of a written text; the whole where escapes hide the part.
fn inside(within: &At<String>, start: usize, end: usize, sources: &Sources) -> Place {
    let place = within.place;
    let file = sources.get(place.file);
    let raw = file.and_then(|file| file.text.get(place.start..place.end));
    match raw.and_then(|raw| raw.find(&within.value)) {
        Some(quotes) => {
            let begin = place.start + quotes;
            Place { file: place.file, start: begin + start, end: begin + end }
        }
        None => place,
    }
}
