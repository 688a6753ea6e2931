//! What the schema and the standard ask of a message, and that it is always the same bytes.
//!
//! The end-to-end tests hold the same messages against the schema of OASIS itself.

use siskin_model::notify::Show;

use super::*;
use crate::texts::tests::message;

const LANGUAGES: [Language; 2] = [Language::Zh, Language::En];

fn written(
    change: impl FnOnce(&mut Message),
    kind: MessageKind,
    references: &[Reference],
    profile: CapProfile,
) -> String {
    let mut message = message();
    change(&mut message);
    let national = National { unit: "14010041600000".to_owned(), event_type: "11X99".to_owned() };
    let geocodes = ["140100".to_owned()];
    let identifier = message.key("bureau");
    let input = CapInput {
        message: &message,
        kind,
        identifier: &identifier,
        sender: "siskin@park.example",
        national: Some(&national),
        geocodes: &geocodes,
        languages: &LANGUAGES,
        references,
    };
    String::from_utf8(write(&input, profile).unwrap()).unwrap()
}

fn oasis(kind: MessageKind, references: &[Reference]) -> String {
    written(|_| {}, kind, references, CapProfile::Oasis)
}

/// The texts of all elements `name`, in order.
fn texts_of<'a>(xml: &'a str, name: &str) -> Vec<&'a str> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let rest = xml.split(open.as_str()).skip(1);
    rest.filter_map(|part| part.split(close.as_str()).next()).collect()
}

fn earlier(transition: u32) -> Reference {
    let message = Message { transition, ..message() };
    let sent_at = Timestamp::from_millis(1_796_000_000_000 + i64::from(transition) * 60_000);
    Reference { identifier: message.key("bureau"), sent_at }
}

/// The names of the elements directly in the first `name`, in order.
fn children(xml: &str, name: &str) -> Vec<String> {
    let whole = texts_of(xml, name)[0];
    let mut depth = 0;
    let mut found = Vec::new();
    for tag in whole.split('<').skip(1) {
        if tag.starts_with('/') {
            depth -= 1;
        } else {
            if depth == 0 {
                found.push(tag.split('>').next().unwrap().to_owned());
            }
            depth += 1;
        }
    }
    found
}

#[test]
fn elements_stand_in_the_order_of_the_schema() {
    let xml = oasis(MessageKind::Update, &[earlier(1)]);
    let order = [
        "language",
        "category",
        "event",
        "responseType",
        "urgency",
        "severity",
        "certainty",
        "effective",
        "onset",
        "senderName",
        "headline",
        "description",
        "instruction",
        "contact",
        "parameter",
        "area",
    ];
    let mut found = children(&xml, "info");
    found.dedup();
    assert_eq!(found, order);
    let top: Vec<_> = [
        "identifier",
        "sender",
        "sent",
        "status",
        "msgType",
        "source",
        "scope",
        "restriction",
        "references",
        "incidents",
        "info",
    ]
    .iter()
    .map(|name| xml.find(&format!("<{name}>")).unwrap())
    .collect();
    assert!(top.is_sorted(), "{top:?}");
    assert_eq!(children(&xml, "area"), ["areaDesc", "polygon", "circle", "geocode"]);
}

#[test]
fn words_are_those_of_the_standard() {
    let check = |kind, status, msg_type, response, urgency| {
        let xml = oasis(kind, &[]);
        assert_eq!(texts_of(&xml, "status"), [status]);
        assert_eq!(texts_of(&xml, "msgType"), [msg_type]);
        assert_eq!(texts_of(&xml, "responseType"), [response, response]);
        assert_eq!(texts_of(&xml, "urgency"), [urgency, urgency]);
        assert_eq!(texts_of(&xml, "severity"), ["Extreme", "Extreme"]);
        assert_eq!(texts_of(&xml, "language"), ["zh-CN", "en"]);
    };
    check(MessageKind::Alert, "Actual", "Alert", "Execute", "Immediate");
    check(MessageKind::Update, "Actual", "Update", "Execute", "Immediate");
    check(MessageKind::Cancel, "Actual", "Cancel", "None", "Past");
    check(MessageKind::AllClear, "Actual", "Update", "AllClear", "Past");
}

#[test]
fn times_have_an_offset_and_a_circle_kilometres() {
    let xml = oasis(MessageKind::Alert, &[]);
    assert_eq!(texts_of(&xml, "sent"), ["2026-11-30T08:53:22+08:00"]);
    assert_eq!(texts_of(&xml, "onset")[0], "2026-11-30T08:53:20+08:00");
    assert_eq!(texts_of(&xml, "circle")[0], "37.905000,112.505000 0.700");
    let corners: Vec<_> = texts_of(&xml, "polygon")[0].split(' ').collect();
    assert_eq!((corners.len(), corners[0]), (4, corners[3]));
    let utc = written(|m| m.utc_offset_s = 0, MessageKind::Alert, &[], CapProfile::Oasis);
    assert_eq!(texts_of(&utc, "sent"), ["2026-11-30T00:53:22-00:00"]);
}

#[test]
fn a_chain_points_back_to_everything_before() {
    let xml = oasis(MessageKind::AllClear, &[earlier(1), earlier(2)]);
    let base = "tank-farm.chlorine.20261129T121503.000Z";
    let expected = format!(
        "siskin@park.example,{base}.1.bureau,2026-11-30T08:54:20+08:00 \
         siskin@park.example,{base}.2.bureau,2026-11-30T08:55:20+08:00"
    );
    assert_eq!(texts_of(&xml, "references"), [expected]);
    assert!(!oasis(MessageKind::Alert, &[]).contains("<references>"));
}

#[test]
fn identifiers_have_no_sign_that_the_standard_forbids() {
    let xml = oasis(MessageKind::Alert, &[]);
    for name in ["identifier", "sender"] {
        let text = texts_of(&xml, name)[0];
        assert!(!text.contains([' ', ',', '<', '&']), "{text}");
    }
}

#[test]
fn a_drill_is_an_exercise_everywhere() {
    let drill = |m: &mut Message| m.show = Show::Exercise("drill-7".to_owned());
    let xml = written(drill, MessageKind::Alert, &[], CapProfile::Oasis);
    assert_eq!(texts_of(&xml, "status"), ["Exercise"]);
    assert!(texts_of(&xml, "note")[0].contains("drill-7"));
    let headlines = texts_of(&xml, "headline");
    assert!(headlines[0].starts_with("【演练】"), "{headlines:?}");
    assert!(headlines[1].starts_with("[EXERCISE]"), "{headlines:?}");
}

#[test]
fn machines_find_gas_value_and_rules() {
    let xml = oasis(MessageKind::Alert, &[]);
    let found: Vec<_> =
        texts_of(&xml, "valueName").into_iter().zip(texts_of(&xml, "value")).collect();
    for pair in [
        ("siskin:gas", "chlorine"),
        ("siskin:cas", "7782-50-5"),
        ("siskin:value", "3.2"),
        ("siskin:limit", "1"),
        ("siskin:unit", "ppm"),
        ("siskin:tier", "red"),
        ("siskin:rules-version", "4"),
    ] {
        assert!(found.contains(&pair), "{pair:?} in {found:?}");
    }
}

#[test]
fn the_same_message_is_the_same_bytes() {
    for profile in [CapProfile::Oasis, CapProfile::CnNational] {
        let one = || written(|_| {}, MessageKind::Update, &[earlier(1)], profile);
        assert_eq!(one(), one());
    }
}

#[test]
fn the_national_profile_has_colours_metres_and_a_blank_in_times() {
    let xml = written(|_| {}, MessageKind::Update, &[earlier(1)], CapProfile::CnNational);
    assert!(xml.contains("<alert xmlns=\"http://com.icss.amp\">"), "{xml}");
    assert_eq!(texts_of(&xml, "sendTime"), ["2026-11-30 08:53:22+08:00"]);
    assert_eq!(texts_of(&xml, "severity"), ["Red"]);
    assert_eq!(texts_of(&xml, "circle"), ["37.905000,112.505000 700"]);
    assert_eq!(texts_of(&xml, "geocode"), ["140100"]);
    assert_eq!(texts_of(&xml, "eventType"), ["11X99"]);
    let identifier = texts_of(&xml, "identifier")[0];
    assert!(identifier.starts_with("14010041600000_20261130085322_"), "{identifier}");
}

#[test]
fn the_national_profile_needs_a_unit() {
    let message = message();
    let input = CapInput {
        message: &message,
        kind: MessageKind::Alert,
        identifier: "x",
        sender: "s",
        national: None,
        geocodes: &[],
        languages: &LANGUAGES,
        references: &[],
    };
    let error = write(&input, CapProfile::CnNational).unwrap_err().to_string();
    assert!(error.contains("national_unit"), "{error}");
}

#[test]
fn a_feed_names_every_message_once() {
    let messages = [Message { transition: 2, ..message() }, message()];
    let feed = atom::feed(("park", "园区"), &messages, Timestamp::from_millis(0)).unwrap();
    let xml = String::from_utf8(feed).unwrap();
    assert_eq!(texts_of(&xml, "entry").len(), 2);
    let base = "tank-farm.chlorine.20261129T121503.000Z";
    assert_eq!(texts_of(&xml, "id")[1], format!("urn:siskin:park:cap:{base}.2"));
    assert!(xml.contains(&format!("href=\"{base}.1\"")), "{xml}");
}
