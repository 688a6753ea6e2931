//! Bodies, signatures and what answers mean.

use siskin_model::notify::{Language, MessageKind, Robot};

use super::sign::hex_hmac;
use super::*;
use crate::texts::tests::message;

fn posted(robot: Robot, secret: Option<&str>) -> Post {
    let message = message();
    let now = Timestamp::from_millis(1_700_000_000_123);
    let what = (&message, MessageKind::Alert, "w.1.bureau");
    post(robot, what, &[Language::Zh, Language::En], ("/hook?key=a", secret, now))
}

fn body(post: &Post) -> Value {
    serde_json::from_slice(&post.body).unwrap()
}

#[test]
fn our_own_form_has_everything_and_is_signed() {
    let post = posted(Robot::Siskin, Some("s3cret"));
    let body = body(&post);
    assert_eq!(body["key"], "w.1.bureau");
    assert_eq!((&body["kind"], &body["tier"]), (&json!("alert"), &json!("red")));
    assert_eq!((&body["alarm"]["value"], &body["alarm"]["unit"]), (&json!(3.2), &json!("ppm")));
    assert_eq!(body["texts"][1]["language"], "en");
    let header = |name| post.headers.iter().find(|(n, _)| *n == name).map(|(_, v)| v.clone());
    assert_eq!(header(KEY_HEADER).as_deref(), Some("w.1.bureau"));
    let data = [b"1700000000.".as_slice(), &post.body].concat();
    let expected = format!("t=1700000000,v1={}", hex_hmac(b"s3cret", &data));
    assert_eq!(header(SIGNATURE_HEADER), Some(expected));
}

#[test]
fn robots_are_signed_in_their_own_ways() {
    let dingtalk = posted(Robot::Dingtalk, Some("SEC1"));
    let (path, sign) = dingtalk.path.split_once("&sign=").unwrap();
    assert_eq!(path, "/hook?key=a&timestamp=1700000000123");
    assert!(sign.ends_with("%3D") && !sign.contains(['+', '/', '=']), "{sign}");
    let text = body(&dingtalk)["text"]["content"].as_str().unwrap().to_owned();
    assert!(text.contains("氯气") && text.contains("Chlorine"), "{text}");
    let feishu = body(&posted(Robot::Feishu, Some("k")));
    assert_eq!((&feishu["msg_type"], &feishu["timestamp"]), (&json!("text"), &json!("1700000000")));
    assert_eq!(feishu["sign"].as_str().unwrap().len(), 44);
    let wecom = posted(Robot::Wecom, None);
    assert_eq!(wecom.path, "/hook?key=a");
    assert_eq!(body(&wecom)["msgtype"], "text");
}

fn check(robot: Robot, status: u16, body: &str, expected: &str) {
    let answer = Answer { status, body: body.as_bytes().to_vec() };
    let found = match judged(robot, &answer, "w.1.bureau") {
        Outcome::Accepted(_) => "accepted",
        Outcome::Failed { can_pass: true, .. } => "later",
        Outcome::Failed { can_pass: false, .. } => "never",
    };
    assert_eq!(found, expected, "{robot:?} {status} {body}");
}

#[test]
fn answers_are_judged_by_their_bodies_too() {
    check(Robot::Siskin, 200, "", "accepted");
    check(Robot::Siskin, 204, "ok", "accepted");
    check(Robot::Siskin, 200, r#"{"key":"w.1.bureau","accepted":true}"#, "accepted");
    check(Robot::Siskin, 200, r#"{"key":"w.2.bureau"}"#, "later");
    check(Robot::Siskin, 200, r#"{"accepted":false}"#, "later");
    check(Robot::Siskin, 200, r#"{"errcode":310000}"#, "later");
    check(Robot::Siskin, 200, r#"{"error":"full"}"#, "later");
    check(Robot::Siskin, 302, "", "never");
    check(Robot::Siskin, 400, "", "never");
    check(Robot::Siskin, 401, "", "never");
    check(Robot::Siskin, 408, "", "later");
    check(Robot::Siskin, 429, "", "later");
    check(Robot::Siskin, 503, "", "later");
    check(Robot::Dingtalk, 200, r#"{"errcode":0,"errmsg":"ok"}"#, "accepted");
    check(Robot::Dingtalk, 200, r#"{"errcode":310000,"errmsg":"sign"}"#, "later");
    check(Robot::Dingtalk, 200, "<html>login</html>", "later");
    check(Robot::Wecom, 200, r#"{"errcode":93000}"#, "later");
    check(Robot::Wecom, 200, "", "later");
    check(Robot::Feishu, 200, r#"{"code":0,"msg":"success"}"#, "accepted");
    check(Robot::Feishu, 200, r#"{"StatusCode":0}"#, "accepted");
    check(Robot::Feishu, 200, r#"{"code":19021}"#, "later");
    check(Robot::Feishu, 200, r#"{"errcode":0}"#, "later");
}
