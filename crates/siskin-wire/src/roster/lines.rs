//! Content lines of RFC 5545: unfolded, with their name, parameters, value and line number.
//!
//! Our own, because a refusal must name the line, which the crates for calendars do not keep.

use super::{Found, RosterFault};

/// The longest value that a refusal repeats, in characters.
const SHOWN_MAX: usize = 40;

/// One content line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// Where it begins in the file, from 1.
    pub(super) number: u64,
    /// In upper case.
    pub(super) name: String,
    pub(super) params: Vec<(String, String)>,
    /// As written, with its escapes.
    pub(super) value: String,
}

impl Line {
    /// The value of a parameter.
    pub(super) fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The value as a text, without its escapes.
    pub(super) fn text(&self) -> String {
        unescaped(&self.value)
    }

    /// The values of a list of texts.
    pub(super) fn texts(&self) -> Vec<String> {
        let mut parts = vec![String::new()];
        let mut escaped = false;
        for c in self.value.chars() {
            if c == ',' && !escaped {
                parts.push(String::new());
            } else if let Some(last) = parts.last_mut() {
                last.push(c);
            }
            escaped = c == '\\' && !escaped;
        }
        parts.iter().map(|part| unescaped(part).trim().to_owned()).collect()
    }
}

/// The lines of `text`, those that are none refused.
pub(super) fn lines(text: &str, found: &mut Found) -> Vec<Line> {
    let mut lines = Vec::new();
    for (number, unfolded) in unfold(text) {
        match line(number, &unfolded) {
            Some(line) => lines.push(line),
            None => found.refuse(RosterFault::Line(shown(&unfolded)), number),
        }
    }
    lines
}

/// The begin of a text that a refusal repeats.
pub(super) fn shown(text: &str) -> String {
    let mut shown: String = text.chars().filter(|c| !c.is_control()).take(SHOWN_MAX).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

/// A line that begins with a space or tab goes on with the one before it.
fn unfold(text: &str) -> Vec<(u64, String)> {
    let mut unfolded: Vec<(u64, String)> = Vec::new();
    for (number, raw) in (1..).zip(text.split('\n')) {
        let raw = raw.strip_suffix('\r').unwrap_or(raw);
        match (raw.strip_prefix([' ', '\t']), unfolded.last_mut()) {
            (Some(rest), Some((_, last))) => last.push_str(rest),
            _ if raw.is_empty() => {}
            _ => unfolded.push((number, raw.to_owned())),
        }
    }
    unfolded
}

fn line(number: u64, text: &str) -> Option<Line> {
    let end = text.find([':', ';'])?;
    let (name, mut rest) = text.split_at_checked(end)?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if name.is_empty() || !name.chars().all(is_name) {
        return None;
    }
    let mut params = Vec::new();
    while let Some(after) = rest.strip_prefix(';') {
        let (key, after) = after.split_once('=')?;
        let (value, after) = param_value(after)?;
        params.push((key.to_ascii_uppercase(), value));
        rest = after;
    }
    let value = rest.strip_prefix(':')?.to_owned();
    Some(Line { number, name: name.to_ascii_uppercase(), params, value })
}

/// The value of a parameter and what follows it; quoted ones may hold `:`, `;` and `,`.
fn param_value(text: &str) -> Option<(String, &str)> {
    if let Some(quoted) = text.strip_prefix('"') {
        let (value, after) = quoted.split_once('"')?;
        // A list of quoted values goes on; its first one is enough for what is asked here.
        let end = after.find([':', ';'])?;
        return Some((value.to_owned(), after.get(end..)?));
    }
    let end = text.find([':', ';'])?;
    let (value, after) = text.split_at_checked(end)?;
    Some((value.to_owned(), after))
}

fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, c == '\\') {
            (_, true) => match chars.next() {
                Some('n' | 'N') => out.push('\n'),
                Some(other) => out.push(other),
                None => {}
            },
            (c, false) => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(u64, &str, &str)], refused: &[u64]) {
        let mut found = Found::default();
        let read = lines(text, &mut found);
        let read: Vec<_> = read
            .iter()
            .map(|line| (line.number, line.name.as_str(), line.value.as_str()))
            .collect();
        assert_eq!(read, expected, "{text:?}");
        let refusals: Vec<u64> = found.problems.iter().map(|problem| problem.line).collect();
        assert_eq!(refusals, refused, "{text:?}");
    }

    #[test]
    fn folded_lines_are_one_and_keep_the_number_of_their_first() {
        check(
            "A:1\r\nSUMMARY:lo\r\n ng\r\n\ter\r\nB:2\r\n",
            &[(1, "A", "1"), (2, "SUMMARY", "longer"), (5, "B", "2")],
            &[],
        );
        check("a:1\n\nb;X=\"p:q;r\":2\n", &[(1, "A", "1"), (3, "B", "2")], &[]);
        check("A:1\nnothing\n中:1\nB;X:2\nC;X=\"1:2\n", &[(1, "A", "1")], &[2, 3, 4, 5]);
    }

    #[test]
    fn texts_lose_their_escapes() {
        let text = "SUMMARY;LANGUAGE=zh:a\\, b\\; c\\\\ d\\ne\nCATEGORIES:x,y\\,z, w\n";
        let read = lines(text, &mut Found::default());
        let [summary, categories] = read.as_slice() else {
            panic!("{read:?}");
        };
        assert_eq!(summary.text(), "a, b; c\\ d\ne");
        assert_eq!(summary.param("LANGUAGE"), Some("zh"));
        assert_eq!(categories.texts(), ["x", "y,z", "w"]);
    }
}
