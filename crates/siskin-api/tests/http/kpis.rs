//! Figures of alarm management: the table, the span, what cannot be told; and that people on duty
//! are named only to those who may see the contact book.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use crate::ask::{Frames, ask, get};
use crate::fake::{Station, WARNING};
use crate::problems::check;

#[tokio::test]
async fn a_table_is_given_to_who_asks_for_one() {
    let station = Station::new();
    let request = Request::get("/api/v1/kpis")
        .header("authorization", "Bearer viewer")
        .header("accept", "text/csv")
        .body(Body::empty())
        .unwrap();
    let answer = ask(&station.router, request).await;
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    let lines: Vec<&str> = answer.text.lines().collect();
    assert_eq!(
        lines[0],
        "position,part,item,value,unit,limit,acceptable,manageable,standing,source"
    );
    let figure = ",figure,per-hour,6.5,count,at-most,6,12,manageable,\"ISA-18.2, second-hand\"";
    for position in ["control-room", "*"] {
        let line = format!("{position}{figure}");
        assert!(lines.contains(&line.as_str()), "{line} is not in {}", answer.text);
    }
    assert!(lines.contains(&"*,span,drill-events-left-out,2,count,,,,,"), "{}", answer.text);
    // What has no value is empty, never a zero.
    assert!(lines.contains(&"*,response,half,,ms,,,,,"), "{}", answer.text);
    assert!(lines.iter().all(|line| line.matches(',').count() >= 9), "{}", answer.text);
}

#[tokio::test]
async fn a_span_is_a_day_by_default_and_a_month_at_most() {
    let station = Station::new();
    let kpis = |query: &str| get(&format!("/api/v1/kpis{query}"));
    let day = ask(&station.router, kpis("")).await.json();
    assert_eq!(day["to_ms"].as_i64().unwrap() - day["from_ms"].as_i64().unwrap(), 86_400_000);
    let one = ask(&station.router, kpis("?position=control-room&from_ms=5&to_ms=9")).await.json();
    assert_eq!(
        (&one["from_ms"], &one["to_ms"], &one["site"]),
        (&json!(5), &json!(9), &Value::Null)
    );
    for query in ["?from_ms=9&to_ms=9", "?from_ms=0", "?from_ms=x", "?limit=3"] {
        check(&ask(&station.router, kpis(query)).await, 400, "bad-query");
    }
    let nowhere = ask(&station.router, kpis("?position=nowhere")).await;
    check(&nowhere, 404, "position-not-found");
}

fn by(token: &str, path: &str) -> Request<Body> {
    let request = Request::get(path).header("authorization", format!("Bearer {token}"));
    request.body(Body::empty()).unwrap()
}

#[tokio::test]
async fn who_may_not_see_the_contact_book_sees_that_somebody_was_called_but_not_whom() {
    let station = Station::new();
    let events = format!("/api/v1/warnings/{WARNING}/events");
    for (token, people) in [("operator", 1), ("bureau", 1), ("viewer", 0)] {
        let found = ask(&station.router, by(token, "/api/v1/warnings")).await.json();
        let lived = ask(&station.router, by(token, &events)).await.json();
        let mut frames = Frames::open(&station.router, by(token, "/api/v1/events")).await;
        frames.expect("hello").await;
        station.fake.send([7]);
        let told = frames.expect("warning").await.data;
        let calls = [
            found[0]["passing"]["calls"][0].clone(),
            lived[0]["call"].clone(),
            lived[0]["warning"]["passing"]["calls"][0].clone(),
            told["call"].clone(),
            told["warning"]["passing"]["calls"][0].clone(),
        ];
        for call in calls {
            assert_eq!(call["people"].as_array().unwrap().len(), people, "{token}: {call}");
            assert_eq!((&call["to"], &call["found"]), (&json!("leader"), &json!("on-duty")));
        }
    }
}
