//! Reports over the API: documents as they are, and what is refused, in both languages.

use serde_json::json;

use crate::ask::{ask, get, post_json};
use crate::fake::Station;
use crate::incidents::{check, of};

#[tokio::test]
async fn what_cannot_be_done_is_told_in_both_languages() {
    check(get("/api/v1/incidents/x/reports"), 404, "incident-not-found", "x").await;
    check(get(&of("/reports/last/draft")), 400, "bad-path", "last").await;
    check(get(&of("/reports/first/x?format=pdf")), 400, "bad-path", "x").await;
    check(get(&of("/reports/first/7?format=pdf")), 404, "report-not-found", "7").await;
    check(get(&of("/reports/first/1?format=docx")), 503, "no-font", "hint").await;
    check(get(&of("/reports/first/1?format=odt")), 400, "bad-query", "odt").await;
    let fields = of("/reports/first/fields");
    check(post_json(&fields, r#"{"fields":{}}"#), 422, "bad-body", "0").await;
    check(post_json(&fields, r#"{"fields":{"cause":{"value":" "}}}"#), 422, "bad-field", "").await;
    check(post_json(&fields, r#"{"fields":{"cause":{"text":"a"}}}"#), 422, "bad-body", "text")
        .await;
    check(post_json(&fields, r#"{"fields":{"x":{"value":"a"}}}"#), 422, "no-such-field", "x").await;
    let sign = of("/reports/first/sign");
    check(post_json(&sign, r#"{"version":2}"#), 422, "bad-body", "draft_sha256").await;
    check(post_json(&sign, r#"{"version":2,"by":"a"}"#), 422, "bad-body", "`by`").await;
    let other = r#"{"version":1,"draft_sha256":"ab"}"#;
    check(post_json(&sign, other), 409, "report-changed", "wang").await;
}

/// People read the names of fields in their own language; programs have the ids beside.
#[tokio::test]
async fn what_a_report_lacks_is_told_in_words_of_each_language() {
    let check = async |body: &'static str, kind: &str, expected: [&str; 2]| {
        let sign = post_json(&of("/reports/first/sign"), body);
        let problem = ask(&Station::new().router, sign).await.json();
        assert_eq!(problem["type"], format!("/problems/{kind}"));
        let says = [&problem["detail"], &problem["detail_zh"]];
        for (said, part) in says.into_iter().zip(expected) {
            assert!(said.as_str().unwrap().contains(part), "{said}");
        }
        problem
    };
    let seen = r#"{"version":2,"draft_sha256":"cd"}"#;
    let words = ["The report lacks cause, deaths.", "报告尚缺：事件起因、死亡人数。"];
    let problem = check(seen, "report-incomplete", words).await;
    assert_eq!(problem["fields"], json!(["cause", "deaths"]));
    assert!(!problem["detail_zh"].as_str().unwrap().contains("cause"));
    let words = ["What you looked at has changed: somebody has acted", "您查看的草稿已有变更"];
    let problem = check(r#"{"version":2,"draft_sha256":"ab"}"#, "report-changed", words).await;
    assert_eq!(problem.get("fields"), None);
}

#[tokio::test]
async fn a_document_comes_as_it_is() {
    for version in [0, 1] {
        let path = of(&format!("/reports/final/{version}?format=pdf"));
        let answer = ask(&Station::new().router, get(&path)).await;
        assert_eq!(
            (answer.text.as_str(), answer.header("content-type")),
            ("%PDF", "application/pdf")
        );
    }
}

#[tokio::test]
async fn what_does_not_apply_says_why_and_can_be_taken_back() {
    let station = Station::new();
    let fill = async |body: &'static str| {
        let answer = ask(&station.router, post_json(&of("/reports/follow-up/fields"), body)).await;
        answer.json()["fields"][0].clone()
    };
    let field = fill(r#"{"fields":{"cause":{"not_applicable":"演练"}}}"#).await;
    assert_eq!((&field["state"], &field["reason"]), (&json!("not-applicable"), &json!("演练")));
    let field = fill(r#"{"take_back":["cause"]}"#).await;
    assert_eq!(field["state"], json!("missing"));
}
