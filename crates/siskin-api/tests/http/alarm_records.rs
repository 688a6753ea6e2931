//! The record of alarms: its query, its order of rank, its files.

use serde_json::json;

use crate::ask::{ask, get};
use crate::fake::Station;
use crate::problems::check;

#[tokio::test]
async fn a_page_is_as_long_as_asked_for_and_goes_on_behind_a_cursor() {
    let station = Station::new();
    let records = |query: &str| get(&format!("/api/v1/alarm-records{query}"));
    let page = ask(&station.router, records("?limit=3&after=5.high.at-101-cl2")).await.json();
    assert_eq!(page["records"].as_array().unwrap().len(), 3);
    assert_eq!(page["next"], json!("5.high.at-101-cl2"));
    let page = ask(&station.router, records("")).await.json();
    assert_eq!(page["records"].as_array().unwrap().len(), 200);
    let ranked = ask(&station.router, records("?order=ranked&tier=red,equipment")).await.json();
    assert_eq!(ranked["records"][0]["state"], json!("active-unacknowledged"));
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused_by_name() {
    let station = Station::new();
    for query in [
        "?limit=0",
        "?limit=2001",
        "?after=x",
        "?state=gone",
        "?tier=",
        "?from_ms=9&to_ms=9",
        "?order=ranked&limit=5",
        "?order=ranked&state=normal",
        "?order=oldest",
        "?page=3",
    ] {
        let answer = ask(&station.router, get(&format!("/api/v1/alarm-records{query}"))).await;
        check(&answer, 400, "bad-query");
    }
    let many = ask(&station.router, get("/api/v1/alarm-records?text=a")).await;
    check(&many, 422, "too-many-alarms");
    let many = ask(&station.router, get("/api/v1/alarm-records/export?format=csv&text=a")).await;
    check(&many, 422, "too-many-alarms");
    for query in ["", "?format=pdf", "?format=csv&limit=3", "?format=csv&lang=fr"] {
        let path = format!("/api/v1/alarm-records/export{query}");
        check(&ask(&station.router, get(&path)).await, 400, "bad-query");
    }
}

#[tokio::test]
async fn a_file_is_given_in_the_name_of_who_asks() {
    let station = Station::new();
    for (form, name, media, told) in [
        ("csv", "alarms.csv", "text/csv; charset=utf-8", "Csv Zh"),
        (
            "xlsx&lang=en",
            "alarms.xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "Xlsx En",
        ),
    ] {
        let path = format!("/api/v1/alarm-records/export?format={form}&area=tank-farm,jetty");
        let answer = ask(&station.router, get(&path)).await;
        assert_eq!(answer.header("content-type"), media);
        let disposition = format!("attachment; filename=\"{name}\"");
        assert_eq!(answer.header("content-disposition"), disposition);
        assert!(answer.text.ends_with(&format!("{told} 2 2000")), "{}", answer.text);
    }
}
