//! Acts on warnings: what cannot be done is a problem that says what to do.

use crate::ask::{ask, post_json};
use crate::fake::{BROKEN, CHANNEL, Station, WARNING};
use crate::problems::check;

/// Posts `body` to `path` and expects this problem.
async fn refused(path: &str, body: &str, status: u16, name: &str) {
    let station = Station::new();
    let request = post_json(&format!("/api/v1/{path}"), body.to_owned());
    let answer = ask(&station.router, request).await;
    check(&answer, status, name);
}

#[tokio::test]
async fn what_is_wrong_with_a_reason_names_it() {
    let hidden = "a\u{202E}b";
    let out = r#""work_order":"1","owner":"li","until_ms":1"#;
    for (path, more) in [
        (format!("warnings/{WARNING}/shelve"), r#""minutes":30"#),
        (format!("warnings/{WARNING}/cancel"), ""),
        ("warnings/acknowledge".to_owned(), r#""warnings":[]"#),
        (format!("channels/{CHANNEL}/out-of-service"), out),
        ("duty/import".to_owned(), r#""text":"","dry_run":true"#),
    ] {
        let comma = if more.is_empty() { "" } else { "," };
        let body = format!(r#"{{"reason":"{hidden}"{comma}{more}}}"#);
        let answer = ask(&Station::new().router, post_json(&format!("/api/v1/{path}"), body)).await;
        let problem = check(&answer, 422, "bad-field");
        assert!(problem["detail"].as_str().unwrap().contains("`reason`"), "{path}: {problem}");
    }
}

#[tokio::test]
async fn what_cannot_be_done_says_why_and_what_to_do() {
    let shelve = format!("warnings/{WARNING}/shelve");
    refused(&shelve, r#"{"minutes":61,"reason":"x"}"#, 422, "time-out-of-range").await;
    refused(&shelve, r#"{"minutes":30,"reason":" "}"#, 422, "bad-field").await;
    refused(&shelve, r#"{"minutes":30,"reason":"x","by":"Li"}"#, 422, "bad-body").await;
    refused("warnings/x/shelve", r#"{"minutes":30,"reason":"x"}"#, 404, "warning-not-found").await;
    let unshelve = format!("warnings/{WARNING}/unshelve");
    refused(&unshelve, &format!(r#"{{"note":"{BROKEN}"}}"#), 409, "act-refused").await;
    refused("holds/same/confirm", "{}", 409, "second-person").await;
    refused(&format!("holds/{BROKEN}/lift"), "{}", 404, "nothing-by-this-id").await;
    refused(&format!("warnings/{WARNING}/comment"), "{}", 422, "bad-field").await;
    let out = format!("channels/{CHANNEL}/out-of-service");
    let nobody = r#"{"work_order":"1","owner":" ","until_ms":1,"reason":"x"}"#;
    refused(&out, nobody, 422, "bad-field").await;
    let equipment = format!("equipment/bad%20rule/{CHANNEL}");
    refused(&equipment, r#"{"act":"acknowledge"}"#, 404, "nothing-by-this-id").await;
    refused("equipment/rule/x%20y", r#"{"act":"acknowledge"}"#, 404, "channel-not-found").await;
}

#[tokio::test]
async fn from_one_to_fifty_warnings_are_acknowledged_at_once() {
    let many = |count: usize| {
        let one = format!(r#"{{"id":"{WARNING}","tier":"red"}}"#);
        format!(r#"{{"warnings":[{}]}}"#, vec![one; count].join(","))
    };
    refused("warnings/acknowledge", &many(0), 422, "bad-body").await;
    refused("warnings/acknowledge", &many(51), 422, "bad-body").await;
    let station = Station::new();
    let answer = ask(&station.router, post_json("/api/v1/warnings/acknowledge", many(50))).await;
    assert_eq!(answer.json().as_array().unwrap().len(), 50);
}
