//! What a centre says where "received" was awaited: its numbers, and what they mean.
//!
//! A refusal never ends a message: it stays open, goes again, and people are told. Must never take
//! one for an acceptance.

use siskin_model::Text;
use siskin_wire::hj212::{Content, Packet, ask};

/// The number by which a packet refuses what it answers; none where it does not.
pub(super) fn number(packet: &Packet) -> Option<(&'static str, String)> {
    let content = Content::of(&packet.cp);
    ["QnRtn", "ExeRtn"].into_iter().find_map(|name| {
        let number = content.items.get(name)?.trim();
        // What is no number is repeated at most so far: it comes from outside.
        let short: String = number.chars().filter(char::is_ascii_alphanumeric).take(6).collect();
        (number.parse::<u16>() != Ok(1)).then_some((name, short))
    })
}

/// The refusal of what was sent under `cn` for people.
pub(super) fn text(cn: u16, (name, number): &(&'static str, String)) -> Text {
    let (zh, en) = meaning(name, number.parse().unwrap_or_default());
    Text::new(
        format!("对方拒收 CN={cn} 的报文（{name}={number}，{zh}）；报文保留并重发，请与对方核对"),
        format!(
            "the centre refuses what is sent with CN={cn} ({name}={number}: {en}); \
             hint: it is kept and sent again, settle it with the centre"
        ),
    )
}

/// HJ 212-2017, tables 6 and 7.
fn meaning(name: &str, number: u16) -> (&'static str, &'static str) {
    match (name, number) {
        ("QnRtn", 2) => ("请求被拒绝", "refused"),
        ("QnRtn", 3) => ("密码 PW 错误", "wrong PW"),
        ("QnRtn", 4) => ("MN 错误", "wrong MN"),
        ("QnRtn", 5) => ("ST 错误", "wrong ST"),
        ("QnRtn", 6) => ("Flag 错误", "wrong Flag"),
        ("QnRtn", 7) => ("QN 错误", "wrong QN"),
        ("QnRtn", 8) => ("CN 错误", "wrong CN"),
        ("QnRtn", 9) => ("CRC 校验错误", "wrong checksum"),
        ("ExeRtn", 2) => ("执行失败，原因未知", "failed, it does not know why"),
        ("ExeRtn", 3) => ("条件错误", "wrong condition"),
        ("ExeRtn", 4) => ("超时", "timeout"),
        ("ExeRtn", 5) => ("系统繁忙", "busy"),
        ("ExeRtn", 6) => ("系统故障", "its system failed"),
        ("ExeRtn", 100) => ("没有数据", "no data"),
        _ => ("未知错误", "unknown error"),
    }
}

/// Whether a packet answers a request or a result: Siskin asks a centre for nothing, so it can only
/// be about what was sent.
pub(super) const fn is_verdict(cn: u16) -> bool {
    matches!(cn, ask::REQUEST_ANSWER | ask::RESULT)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cp: &str, want: Option<(&'static str, &str)>) {
        let packet = Packet { cp: cp.to_owned(), ..Packet::default() };
        assert_eq!(number(&packet), want.map(|(name, text)| (name, text.to_owned())), "{cp}");
    }

    #[test]
    fn every_number_but_one_refuses() {
        check("", None);
        check("QN=20261129080000001", None);
        check("QnRtn=1", None);
        check("ExeRtn=1", None);
        check("QnRtn=3", Some(("QnRtn", "3")));
        check("QN=20261129080000001;ExeRtn=100", Some(("ExeRtn", "100")));
        check("QnRtn=1;ExeRtn=6", Some(("ExeRtn", "6")));
        check("QnRtn=", Some(("QnRtn", "")));
        check("QnRtn=<b>nonsense</b>", Some(("QnRtn", "bnonse")));
    }

    #[test]
    fn people_read_what_it_means() {
        let told = text(2011, &("QnRtn", "3".to_owned()));
        assert!(told.zh.contains("密码") && told.en.contains("wrong PW"), "{told:?}");
        let told = text(2051, &("ExeRtn", "77".to_owned()));
        assert!(told.zh.contains("ExeRtn=77，未知错误"), "{told:?}");
    }
}
