//! Breaks text into lines: Chinese between any two characters, but no closing mark begins a line
//! and no opening one ends it; words of letters and digits stay whole where they fit.

use std::collections::BTreeMap;

use crate::document::{Span, Tone};
use crate::font::Font;

/// What no line begins with.
const CLOSING: &str = "，。、；：！？）】》”’%‰°…,.;:!?)]}";
/// What no line ends with.
const OPENING: &str = "（【《“‘([{";

/// A line: its pieces with the place where each begins.
pub(super) struct SetLine {
    pub(super) pieces: Vec<(f64, Span)>,
}

/// Widths of characters, measured once.
pub(super) struct Measure<'a> {
    font: &'a Font,
    known: BTreeMap<char, f64>,
}

impl<'a> Measure<'a> {
    pub(super) fn new(font: &'a Font) -> Self {
        Self { font, known: BTreeMap::new() }
    }

    pub(super) fn width(&mut self, character: char, size: f64) -> f64 {
        let font = self.font;
        let known = self.known.entry(character);
        size * *known.or_insert_with(|| font.width(character.encode_utf8(&mut [0; 4]), 1.0))
    }

    /// The lines of a paragraph.
    pub(super) fn lines(&mut self, spans: &[Span], size: f64, width: f64) -> Vec<SetLine> {
        let mut lines = Vec::new();
        let mut line: Vec<(char, Tone, f64)> = Vec::new();
        let mut used = 0.0;
        for (character, tone) in spans.iter().flat_map(characters) {
            let own = self.width(character, size_of(tone, size));
            line.push((character, tone, own));
            used += own;
            if used > width && line.len() > 1 {
                let cut = cut(&line);
                let rest = line.split_off(cut);
                lines.push(set(&line));
                line = rest;
                used = line.iter().map(|(_, _, own)| own).sum();
            }
        }
        if !line.is_empty() || lines.is_empty() {
            lines.push(set(&line));
        }
        lines
    }
}

fn characters(span: &Span) -> impl Iterator<Item = (char, Tone)> {
    span.text.chars().map(|character| (character, span.tone))
}

/// The size of a tone where the text has `size`.
pub(super) fn size_of(tone: Tone, size: f64) -> f64 {
    if tone == Tone::Quiet { size * 0.85 } else { size }
}

fn is_word(character: char) -> bool {
    character.is_ascii_graphic() && !OPENING.contains(character)
}

/// Where a line that is too long is cut: after as many characters as fit.
fn cut(line: &[(char, Tone, f64)]) -> usize {
    let last = line.len() - 1;
    let may_cut = |place: &usize| {
        let (Some((before, ..)), Some((after, ..))) = (line.get(*place - 1), line.get(*place))
        else {
            return false;
        };
        let splits_word = is_word(*before) && is_word(*after);
        !splits_word && !CLOSING.contains(*after) && !OPENING.contains(*before)
    };
    // A word or a row of marks that fills the line is cut where it must be.
    (1..=last).rev().find(may_cut).unwrap_or(last)
}

fn set(line: &[(char, Tone, f64)]) -> SetLine {
    let mut pieces: Vec<(f64, Span)> = Vec::new();
    let mut x = 0.0;
    for (character, tone, own) in line {
        match pieces.last_mut() {
            Some((_, span)) if span.tone == *tone => span.text.push(*character),
            _ => pieces.push((x, Span { text: character.to_string(), tone: *tone })),
        }
        x += own;
    }
    SetLine { pieces }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_cut_where_chinese_may_be() {
        let check = |text: &str, expected| {
            let line: Vec<_> = text.chars().map(|c| (c, Tone::Plain, 1.0)).collect();
            assert_eq!(cut(&line), expected, "{text}");
        };
        check("氯气泄漏", 3);
        check("氯气泄，", 2);
        check("氯气（泄", 2);
        check("浓度 12.5", 3);
        check("abcdef", 5);
        check("。。。。", 3);
    }
}
