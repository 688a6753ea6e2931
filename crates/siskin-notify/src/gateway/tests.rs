//! What is filled in where, and what answers mean.

use siskin_model::notify::{GatewayKind, Secret, Tls};

use super::*;
use crate::mail::tests::letter;

fn gateway(url: &str, body: Option<(BodyType, &str)>) -> Gateway {
    Gateway {
        kind: GatewayKind::Sms,
        method: Method::Post,
        url: Template::of(url),
        headers: BTreeMap::from([("X-Sign".to_owned(), Template::of("k {token}"))]),
        body: body.map(|(kind, text)| (kind, Template::of(text))),
        to: vec!["13800000001".to_owned(), "13800000002".to_owned()],
        secrets: BTreeMap::from([("token".to_owned(), Secret { file: "t".to_owned() })]),
        tls: Tls::default(),
        statuses: Vec::new(),
        taken: Taken::Status,
    }
}

fn made(gateway: &Gateway, show: Show) -> Result<(String, Post), String> {
    filled(gateway, &letter(show), |_| Ok("a\"b&c\r\nX: y".to_owned()))
}

#[test]
fn values_are_escaped_for_where_they_stand() {
    let body = r#"{"to":"{to}","text":"{text_zh}","token":"{token}","extra":{}}"#;
    let sms = gateway("https://sms.example/?k={token}", Some((BodyType::Json, body)));
    let (url, post) = made(&sms, Show::Real).unwrap();
    assert_eq!(url, "https://sms.example/?k=a%22b%26c%0D%0AX%3A%20y");
    let read: Value = serde_json::from_slice(&post.body).unwrap();
    assert_eq!(read["token"], "a\"b&c\r\nX: y");
    assert_eq!(read["to"], "13800000001,13800000002");
    assert!(read["text"].as_str().unwrap().contains("\n级别：红色预警"), "{read}");
    let header = |name: &str| post.headers.iter().find(|(one, _)| one == name).unwrap().1.clone();
    assert_eq!(header("X-Sign"), "k a\"b&c  X: y");
    assert_eq!(header(KEY_HEADER), letter(Show::Real).key());

    let form = gateway("https://sms.example/", Some((BodyType::Form, "m={to}&t={gas_zh}")));
    let (_, post) = made(&form, Show::Real).unwrap();
    assert_eq!(post.body, b"m=13800000001%2C13800000002&t=%E6%B0%AF%E6%B0%94");
    assert_eq!(post.media_type, "application/x-www-form-urlencoded");
}

#[test]
fn a_drill_is_marked_in_every_name_that_is_said_to_be() {
    for name in siskin_model::notify::template::MARKED {
        let at = |show| {
            let one =
                gateway("https://sms.example/", Some((BodyType::Form, &format!("{{{name}}}"))));
            made(&one, show).unwrap().1.body
        };
        assert_ne!(at(Show::Exercise("d".to_owned())), at(Show::Real), "{name}");
        assert_ne!(at(Show::Test), at(Show::Real), "{name}");
    }
}

#[test]
fn every_name_that_may_be_written_is_filled_in() {
    let values = values(&letter(Show::Real));
    let names: Vec<_> = values.keys().map(String::as_str).collect();
    let mut known = siskin_model::notify::template::NAMES;
    known.sort_unstable();
    assert_eq!(names, known);
}

#[test]
fn a_name_that_is_not_known_and_a_body_that_is_not_json_send_nothing() {
    let check = |body: &str, expected: &str| {
        let one = gateway("https://sms.example/", Some((BodyType::Json, body)));
        let why = made(&one, Show::Real).unwrap_err();
        assert!(why.contains(expected), "{why}");
        assert!(!why.contains("a\\\"b"), "a secret is shown: {why}");
    };
    check(r#"{"a":"{nothing}"}"#, "`{nothing}`");
    check(r#"{"a":{token}}"#, "not JSON");
}

#[test]
fn a_secret_is_read_and_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Shared {
        notify: std::sync::Arc::default(),
        recipient: siskin_model::notify::Recipient {
            name: siskin_model::Text::new("李雷", "Li Lei"),
            kind: siskin_model::notify::RecipientKind::Person,
            tier_min: siskin_model::Tier::Blue,
            languages: vec![Language::Zh],
            drills: true,
            ..siskin_model::notify::Recipient::of_all("li-lei", Vec::new())
        },
        folder: folder.path().to_owned(),
    };
    let sms =
        gateway("https://sms.example/{token}", Some((BodyType::Form, "k={token}&t={status}")));
    assert!(preview(&settings, &sms, &letter(Show::Test)).unwrap_err().contains("cannot read"));
    assert!(check(&settings, &sms).unwrap_err().contains("cannot read"));
    let path = folder.path().join("t");
    std::fs::write(&path, "s3cret").unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    let seen = preview(&settings, &sms, &letter(Show::Test)).unwrap();
    assert_eq!(
        (seen.to.as_str(), seen.body.as_str()),
        ("POST https://sms.example/…", "k=…&t=test")
    );
    assert!(!format!("{seen:?}").contains("s3cret"));
    assert_eq!(check(&settings, &sms).unwrap().host, "sms.example");
}

fn check_answer(taken: &Taken, statuses: &[u16], (status, body): (u16, &str), expected: &str) {
    let one = Gateway {
        taken: taken.clone(),
        statuses: statuses.to_vec(),
        ..gateway("https://sms.example/", None)
    };
    let found = match judged(&one, &Answer { status, body: body.as_bytes().to_vec() }) {
        Outcome::Accepted(_) => "accepted",
        Outcome::Failed { can_pass: true, .. } => "later",
        Outcome::Failed { can_pass: false, .. } => "never",
    };
    assert_eq!(found, expected, "{taken:?} {status} {body}");
}

#[test]
fn an_answer_has_to_say_yes_as_the_site_expects_it() {
    check_answer(&Taken::Status, &[], (204, ""), "accepted");
    check_answer(&Taken::Status, &[], (302, ""), "never");
    check_answer(&Taken::Status, &[], (503, ""), "later");
    check_answer(&Taken::Status, &[202], (200, ""), "later");
    check_answer(&Taken::Status, &[202], (202, ""), "accepted");
    let ok = Taken::Body("OK".to_owned());
    check_answer(&ok, &[], (200, " OK\n"), "accepted");
    check_answer(&ok, &[], (200, "OK, but no"), "later");
    check_answer(&ok, &[], (200, ""), "later");
    let code = Taken::Json { pointer: "/data/0/code".to_owned(), value: "0".to_owned() };
    check_answer(&code, &[], (200, r#"{"data":[{"code":0}]}"#), "accepted");
    check_answer(&code, &[], (200, r#"{"data":[{"code":"0"}]}"#), "accepted");
    check_answer(&code, &[], (200, r#"{"data":[{"code":1}]}"#), "later");
    check_answer(&code, &[], (200, r#"{"data":[]}"#), "later");
    check_answer(&code, &[], (200, r#"{"data":[{"code":0}"#), "later");
    check_answer(&code, &[], (400, r#"{"data":[{"code":0}]}"#), "never");
}
