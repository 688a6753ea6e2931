//! What every text for operators must be, for the tests of this crate.

use siskin_model::Text;

/// Both languages are there, and the Chinese one states every number of the English one.
pub(crate) fn check_text(text: &Text) {
    let is_chinese = |text: &str| text.chars().any(|c| ('\u{4E00}'..='\u{9FFF}').contains(&c));
    assert!(is_chinese(&text.zh) && !text.zh.contains("hint"), "{text:?}");
    assert!(!text.en.is_empty() && !is_chinese(&text.en), "{text:?}");
    assert_eq!(text.en.contains("; hint: "), text.zh.contains('；'), "{text:?}");
    let numbers = text.en.split(|c: char| !c.is_ascii_digit());
    for number in numbers.filter(|number| !number.is_empty()) {
        assert!(text.zh.contains(number), "{number} is missing: {text:?}");
    }
}
