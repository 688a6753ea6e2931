//! Words for what the system and the network say, in both languages. What is not known here stays
//! in the system's own language: a failure is never shown without its cause.

use std::io::{self, ErrorKind};

use siskin_model::Text;

/// One text in both languages, known beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Words {
    pub(crate) zh: &'static str,
    pub(crate) en: &'static str,
}

/// `error` as the system says it, and in Chinese where it is a usual one.
pub(crate) fn io_text(error: &io::Error) -> Text {
    let zh = match error.kind() {
        ErrorKind::ConnectionRefused => "对方拒绝连接",
        ErrorKind::ConnectionReset => "连接被对方重置",
        ErrorKind::ConnectionAborted => "连接被中止",
        ErrorKind::BrokenPipe | ErrorKind::UnexpectedEof => "对方已关闭连接",
        ErrorKind::HostUnreachable => "主机不可达",
        ErrorKind::NetworkUnreachable => "网络不可达",
        ErrorKind::NetworkDown => "网络已断开",
        ErrorKind::TimedOut => "连接超时",
        _ => return Text::new(error.to_string(), error.to_string()),
    };
    Text::new(zh, error.to_string())
}

/// Nothing came within `patience_ms`; the beginning of a sentence.
pub(crate) fn no_answer(patience_ms: u128) -> Text {
    Text::new(format!("{patience_ms} ms 内无应答"), format!("no answer within {patience_ms} ms"))
}

/// Both languages are there, with a hint, and the Chinese one states every number of the English
/// one.
#[cfg(test)]
pub(crate) fn check_text(text: &Text) {
    let is_chinese = |text: &str| text.chars().any(|c| ('\u{4E00}'..='\u{9FFF}').contains(&c));
    assert!(is_chinese(&text.zh) && text.zh.contains('；'), "{text:?}");
    assert!(!is_chinese(&text.en) && text.en.contains("; hint: "), "{text:?}");
    let numbers = text.en.split(|c: char| !c.is_ascii_digit());
    for number in numbers.filter(|number| !number.is_empty()) {
        assert!(text.zh.contains(number), "{number} is missing: {text:?}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_errors_are_translated_and_others_stay_as_the_system_says_them() {
        let refused = io_text(&ErrorKind::ConnectionRefused.into());
        assert_eq!((&*refused.zh, &*refused.en), ("对方拒绝连接", "connection refused"));
        let rare = io_text(&io::Error::other("lookup failed"));
        assert_eq!((&*rare.zh, &*rare.en), ("lookup failed", "lookup failed"));
    }
}
