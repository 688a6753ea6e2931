//! Texts that people write: trimmed, within a length, and nothing in them that cannot be seen.
//!
//! They go into the ledger, onto every screen and into reports: a character that turns the writing
//! direction around could make a name read as another one.

use std::ops::RangeInclusive;

use super::{FieldFault, IntakeFault};

/// The longest name of a person or thing.
const NAME_LEN_MAX: usize = 64;
/// The longest note.
pub(crate) const NOTE_LEN_MAX: usize = 1000;

/// A name for people, as the field `field` gives it.
pub(crate) fn named(field: &'static str, text: &str) -> Result<String, IntakeFault> {
    let name = visible(field, text, NAME_LEN_MAX)?;
    if name.is_empty() {
        return Err(IntakeFault::Field { field, fault: FieldFault::Empty });
    }
    Ok(name)
}

/// What a person wrote in the field `note`; may be empty.
pub(crate) fn note_of_person(text: &str) -> Result<String, IntakeFault> {
    visible("note", text, NOTE_LEN_MAX)
}

/// A text of a person in one line, within `len`.
pub(crate) fn line_of_person(
    field: &'static str,
    text: &str,
    len: RangeInclusive<usize>,
) -> Result<String, IntakeFault> {
    let text = visible(field, text, *len.end())?;
    within(field, text, &len)
}

/// A longer text of a person, which may have line breaks, within `len`.
pub(crate) fn text_of_person(
    field: &'static str,
    text: &str,
    len: RangeInclusive<usize>,
) -> Result<String, IntakeFault> {
    let lines = text.trim().lines().map(|line| visible(field, line, *len.end()));
    within(field, lines.collect::<Result<Vec<_>, _>>()?.join("\n"), &len)
}

fn within(
    field: &'static str,
    text: String,
    len: &RangeInclusive<usize>,
) -> Result<String, IntakeFault> {
    let (count, count_max) = (text.chars().count(), *len.end());
    let fault = if count > count_max {
        FieldFault::TooLong { count, count_max }
    } else if count < *len.start() {
        FieldFault::Empty
    } else {
        return Ok(text);
    };
    Err(IntakeFault::Field { field, fault })
}

fn visible(field: &'static str, text: &str, count_max: usize) -> Result<String, IntakeFault> {
    let text = text.trim();
    let refuse = |fault| Err(IntakeFault::Field { field, fault });
    if let Some(hidden) = text.chars().find(|&c| is_hidden(c)) {
        return refuse(FieldFault::Invisible { code: u32::from(hidden) });
    }
    let count = text.chars().count();
    if count > count_max {
        return refuse(FieldFault::TooLong { count, count_max });
    }
    Ok(text.to_owned())
}

/// Control characters, zero-width spaces, line separators and marks of writing direction.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{FEFF}')
        || ('\u{2028}'..='\u{202E}').contains(&c)
        || ('\u{2060}'..='\u{2069}').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&str, FieldFault>) {
        let expected = expected
            .map(str::to_owned)
            .map_err(|fault| IntakeFault::Field { field: "name", fault });
        assert_eq!(named("name", text), expected, "{text:?}");
    }

    #[test]
    fn a_name_is_visible_and_not_too_long() {
        check(" 李雷\n", Ok("李雷"));
        check("Li Lei", Ok("Li Lei"));
        check(&"雷".repeat(64), Ok(&"雷".repeat(64)));
        let long = FieldFault::TooLong { count: 65, count_max: 64 };
        check(&"雷".repeat(65), Err(long));
        check("", Err(FieldFault::Empty));
        check(" \u{3000}\t", Err(FieldFault::Empty));
        for (text, code) in [
            ("Li\nLei", 0x0A),
            ("Li\u{0}", 0),
            ("Li\u{7F}", 0x7F),
            ("\u{202E}ieL", 0x202E),
            ("\u{200B}", 0x200B),
            ("Li\u{2066}Lei", 0x2066),
            ("Li\u{2028}Lei", 0x2028),
        ] {
            check(text, Err(FieldFault::Invisible { code }));
        }
    }

    #[test]
    fn a_longer_text_keeps_its_lines_and_has_its_limits() {
        let check = |text: &str, expected: Result<&str, FieldFault>| {
            let expected = expected
                .map(str::to_owned)
                .map_err(|fault| IntakeFault::Field { field: "text", fault });
            assert_eq!(text_of_person("text", text, 1..=5), expected, "{text:?}");
        };
        check(" 一\r\n二\n", Ok("一\n二"));
        check("一\n二\n三", Ok("一\n二\n三"));
        check("123\n45", Err(FieldFault::TooLong { count: 6, count_max: 5 }));
        check(" \n", Err(FieldFault::Empty));
        check("a\u{202E}", Err(FieldFault::Invisible { code: 0x202E }));
        let broken = line_of_person("text", "a\nb", 1..=5);
        let fault = FieldFault::Invisible { code: 0x0A };
        assert_eq!(broken, Err(IntakeFault::Field { field: "text", fault }));
    }

    #[test]
    fn a_note_may_be_empty_and_has_its_own_limit() {
        assert_eq!(note_of_person(" "), Ok(String::new()));
        assert_eq!(note_of_person(&"记".repeat(1000)), Ok("记".repeat(1000)));
        let fault = FieldFault::TooLong { count: 1001, count_max: 1000 };
        let field = "note";
        let expected = Err(IntakeFault::Field { field, fault });
        assert_eq!(note_of_person(&"记".repeat(1001)), expected);
    }
}
