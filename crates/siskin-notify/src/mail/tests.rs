//! The form of a mail.

use siskin_model::notify::{Delivery, DeliveryState, MessageKind, Show};

use super::*;
use crate::cap::Reference;
use crate::texts::tests::message as said;

pub(crate) fn letter(show: Show) -> Letter {
    let message = siskin_model::notify::Message { show, ..said() };
    let delivery = Delivery {
        number: 1,
        recipient: "li-lei".to_owned(),
        warning: message.warning.clone(),
        transition: message.transition,
        kind: MessageKind::Alert,
        state: DeliveryState::Queued,
        way: 0,
        tries: 0,
        queued_at: message.made_at,
        way_at: None,
        sent_at: None,
        ended_at: None,
        read_at: None,
        answer: String::new(),
    };
    let references = vec![Reference { identifier: "w.0.li-lei".to_owned(), sent_at: message.at }];
    Letter { delivery, message, references, others_open: false }
}

fn mail(from: &str, to: &str) -> Mail {
    Mail {
        host: "127.0.0.1".to_owned(),
        port: 25,
        encryption: MailEncryption::None,
        tls: Tls::default(),
        login: None,
        from: from.to_owned(),
        to: vec![to.to_owned()],
    }
}

const BOTH: [Language; 2] = [Language::Zh, Language::En];

#[test]
fn the_same_letter_is_the_same_mail_with_its_key_as_message_id() {
    let letter = letter(Show::Real);
    let mail = mail("黄雀 <siskin@park.example>", "li@park.example");
    let made = || message(&mail, &letter, &BOTH).unwrap().formatted();
    let text = String::from_utf8(made()).unwrap();
    let id = "Message-ID: <tank-farm.chlorine.20261129T121503.000Z.1.li-lei@park.example>";
    assert!(text.contains(id), "{text}");
    assert!(text.contains("References: <w.0.li-lei@park.example>"), "{text}");
    assert!(text.contains("Auto-Submitted: auto-generated"), "{text}");
    assert!(text.is_ascii(), "{text}");
    assert_eq!(made(), text.as_bytes());
}

#[test]
fn a_drill_says_so_first_in_both_languages() {
    let subject = |show| subject(&letter(show), &BOTH);
    let drill = subject(Show::Exercise("d".to_owned()));
    assert!(drill.starts_with("【演练】") && drill.contains(" / [EXERCISE] "), "{drill}");
    assert!(subject(Show::Test).starts_with("【测试】"));
    assert!(subject(Show::Real).starts_with("示范园区"));
}

#[test]
fn what_is_no_address_is_refused() {
    let check = |from: &str, to: &str, is_sound: bool| {
        assert_eq!(envelope(&mail(from, to)).is_ok(), is_sound, "{from} {to}");
    };
    check("a@b.example", "c@d.example", true);
    check("a", "c@d.example", false);
    check("a@b.example", "c@d.example\r\nBcc: x@y.example", false);
    check("a@b.example", "", false);
}
