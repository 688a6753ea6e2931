//! All routes as a bureau of one area meets them, while the warning of another area is active.
//!
//! The fake's warning, channel, device, incident, drill and messages are all of `tank-farm`. The
//! bureau of the jetty must see none of it; the one of the tank farm must, or the table would hold
//! for a station that answers nothing.

use std::collections::BTreeSet;

use axum::http::{Method, Request, StatusCode};
use serde_json::Value;
use siskin_api::LiveEvent;

use crate::ask::{Answer, Frames, ask};
use crate::fake::{CHANNEL, INCIDENT, Station, WARNING, event};
use crate::problems::check;

/// What an answer about the other area has in it: ids of area, device and channel. Ids of its
/// warnings and messages begin with the area.
const MARKS: [&str; 2] = ["tank-farm", "at-101"];
const OTHER: &str = "bureau.li.jetty";
const OWN: &str = "bureau.li.tank-farm";

/// What the bureau of the jetty gets.
#[derive(Debug, Clone, Copy)]
enum Gets {
    /// What everybody gets: it speaks of no area.
    Same,
    /// An answer without what the bureau of the tank farm sees in it.
    Less,
    /// A refusal that the bureau of the tank farm does not get.
    Refusal(u16, &'static str),
    /// The refusal of what is of the whole park, as the bureau of the tank farm.
    Park,
    /// The refusal of what bureaus may not do, whatever their areas.
    Never,
}

use Gets::{Less, Never, Park, Refusal, Same};

const NO_CHANNEL: Gets = Refusal(404, "channel-not-found");
const OTHER_AREA: Gets = Refusal(403, "other-area");
const SPAN: &str = "from_ms=0&to_ms=1000";

/// Every route that is asked by GET, as the document names it, and a query that it answers.
const GETS: &[(&str, &str, Gets)] = &[
    ("/openapi.json", "", Same),
    ("/site", "", Less),
    ("/map/tiles", "", Same),
    ("/channels", "", Less),
    ("/channels/{id}/readings", SPAN, NO_CHANNEL),
    ("/channels/{id}/records", SPAN, NO_CHANNEL),
    ("/channels/{id}/completeness", SPAN, NO_CHANNEL),
    ("/channels/{id}/gaps", SPAN, NO_CHANNEL),
    ("/channels/{id}/maintenance", "", NO_CHANNEL),
    ("/buckets", "from_ms=0&to_ms=1000&step_ms=1000&channels=at-101-cl2", NO_CHANNEL),
    ("/records", SPAN, Less),
    ("/records", "from_ms=0&to_ms=1000&channels=at-101-cl2", NO_CHANNEL),
    ("/warnings", "", Less),
    ("/warnings", "scope=all", Less),
    ("/warnings/{id}/events", "", OTHER_AREA),
    ("/warnings/{id}/messages", "", OTHER_AREA),
    ("/warnings/{id}/card", "", OTHER_AREA),
    ("/alarms", "", Less),
    ("/alarm-records", "limit=1", Less),
    ("/alarm-records", "order=ranked", Less),
    ("/alarm-records", "limit=1&area=tank-farm", Less),
    ("/health", "", Less),
    ("/edges", "", Less),
    ("/uplinks", "", Same),
    ("/uplinks/{id}/messages", "", Park),
    ("/rules", "", Same),
    ("/rules/versions", "", Same),
    ("/rules/versions/{number}/diff", "", Park),
    ("/rules/shadow", "", Park),
    ("/rules/sets/{name}", "", Park),
    ("/rules/schema", "", Same),
    ("/rules/state", "", Park),
    ("/backtests", "", Park),
    ("/backtests/{id}", "", Park),
    ("/corrections", "", Less),
    ("/equipment", "", Less),
    ("/floods", "", Less),
    ("/kpis", "", Park),
    ("/reports/periods", "kind=day", Park),
    ("/holds", "", Less),
    ("/maintenance", "", Less),
    ("/maintenance/due", "", Less),
    ("/devices", "", Less),
    ("/devices/{id}/registers", "", NO_CHANNEL),
    ("/metrics", "", Park),
    ("/incidents", "", Less),
    ("/incidents", "closed=true", Less),
    ("/incidents/{id}", "", OTHER_AREA),
    ("/incidents/{id}/files/{sha256}", "", OTHER_AREA),
    ("/incidents/{id}/evidence", "", Never),
    ("/incidents/{id}/reports", "", OTHER_AREA),
    ("/incidents/{id}/reports/{kind}/draft", "", OTHER_AREA),
    ("/incidents/{id}/reports/{kind}/{version}", "format=pdf", OTHER_AREA),
    ("/bureau/warnings", "", Less),
    ("/messages", "", Less),
    ("/messages/{number}", "", OTHER_AREA),
    ("/recipients", "", Less),
    ("/cap/feed", "", Less),
    ("/cap/{identifier}", "", Refusal(404, "message-not-found")),
    ("/cards", "", Same),
    ("/duty", "", Same),
    ("/duty/contacts", "", Same),
    ("/duty/shifts", SPAN, Same),
    ("/duty/export", "form=csv&from_ms=0&to_ms=1000", Same),
    ("/handovers", "", Park),
    ("/drills", "", Less),
    ("/drills/{id}", "", OTHER_AREA),
    ("/drills/{id}/report", "", OTHER_AREA),
    ("/audit", "", Never),
    ("/audit/export", "", Never),
    ("/people", "", Never),
];

/// Asked elsewhere: without an account, with a session only, about oneself, without an end; and the
/// export, whose file of the fake tells a count.
const ELSEWHERE: [&str; 6] =
    ["/alive", "/link", "/tokens", "/me", "/events", "/alarm-records/export"];

fn filled(path: &str) -> String {
    let id = match path.split('/').nth(1) {
        Some("channels") => CHANNEL,
        Some("warnings") => WARNING,
        Some("incidents") => INCIDENT,
        Some("devices") => "at-101",
        Some("uplinks") => "county",
        _ => "1",
    };
    let names = [
        ("{id}", id),
        ("{number}", "1"),
        ("{sha256}", "ab"),
        ("{kind}", "first"),
        ("{version}", "1"),
        ("{identifier}", "tank-farm.1"),
        ("{name}", "chlorine"),
    ];
    names.iter().fold(path.to_owned(), |path, (name, value)| path.replace(name, value))
}

async fn as_who(station: &Station, who: &str, method: &Method, path: &str) -> Answer {
    let request = Request::builder().method(method).uri(format!("/api/v1{path}"));
    let request = request.header("authorization", format!("Bearer {who}"));
    let request = request.header("content-type", "application/json");
    ask(&station.router, request.body("{}".into()).unwrap()).await
}

fn is_marked(text: &str) -> bool {
    MARKS.iter().any(|mark| text.contains(mark))
}

#[tokio::test]
async fn a_bureau_of_one_area_meets_nothing_of_another_on_any_route() {
    let station = Station::new();
    for (path, query, gets) in GETS {
        let asked = format!("{}?{query}", filled(path));
        let other = as_who(&station, OTHER, &Method::GET, &asked).await;
        let own = as_who(&station, OWN, &Method::GET, &asked).await;
        let about =
            format!("{asked}: {} {} / {} {}", other.status, other.text, own.status, own.text);
        match gets {
            Same => {
                assert_eq!((other.status, &other.text), (StatusCode::OK, &own.text), "{about}");
                // The document of the API names kinds of areas.
                assert!(!is_marked(&other.text) || *path == "/openapi.json", "{about}");
            }
            Less => {
                assert_eq!((other.status, own.status), (StatusCode::OK, StatusCode::OK), "{about}");
                assert!(!is_marked(&other.text) && is_marked(&own.text), "{about}");
            }
            Refusal(status, kind) => {
                check(&other, *status, kind);
                assert_eq!(own.status, StatusCode::OK, "{about}");
            }
            Park => {
                check(&other, 403, "whole-site");
                check(&own, 403, "whole-site");
            }
            Never => {
                check(&other, 403, "not-allowed");
            }
        }
    }
}

#[test]
fn the_table_has_every_route_of_the_document() {
    let document: Value = serde_json::from_str(&siskin_api::openapi_json()).unwrap();
    let paths = document["paths"].as_object().unwrap().iter();
    let asked = paths.filter(|(_, item)| item.get("get").is_some());
    let document: BTreeSet<&str> =
        asked.map(|(path, _)| path.strip_prefix("/api/v1").unwrap()).collect();
    let table: BTreeSet<&str> = GETS.iter().map(|(path, _, _)| *path).chain(ELSEWHERE).collect();
    assert_eq!(table, document);
}

#[tokio::test]
async fn a_message_of_another_area_is_not_read_in_passing() {
    let station = Station::new();
    let read = |who| as_who(&station, who, &Method::POST, "/messages/1/read");
    check(&read(OTHER).await, 403, "other-area");
    assert_eq!(read(OWN).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_export_has_the_alarms_of_its_areas_only() {
    let station = Station::new();
    let path = "/alarm-records/export?format=csv&area=tank-farm,jetty";
    // Who, form, language, areas asked for, records.
    let of = async |who: &str| as_who(&station, who, &Method::GET, path).await.text;
    assert_eq!(of(OTHER).await, "li Csv Zh 1 0");
    assert_eq!(of(OWN).await, "li Csv Zh 1 2000");
}

/// What the stream tells `who`, of everything that can happen in the tank farm.
async fn told(who: &str, resumed: bool) -> Vec<String> {
    let station = Station::new();
    let path = if resumed { "/api/v1/events?after=0" } else { "/api/v1/events" };
    let request = Request::get(path).header("authorization", format!("Bearer {who}"));
    station.fake.commit(1..=2);
    let mut frames = Frames::open(&station.router, request.body("".into()).unwrap()).await;
    frames.expect("hello").await;
    if !resumed {
        station.fake.send(1..=2);
    }
    station.fake.tell_all();
    let mut told = Vec::new();
    loop {
        let frame = frames.next_news().await.unwrap();
        assert!(who != OTHER || !is_marked(&frame.data.to_string()), "{frame:?}");
        told.push(frame.event.clone());
        // The last one is told to everybody.
        if frame.event == "rules" {
            return told;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_live_stream_tells_a_bureau_of_one_area_nothing_of_another() {
    let own = [
        "warning",
        "alarm",
        "correction",
        "equipment",
        "incident",
        "drill",
        "readings",
        "health",
        "edges",
        "rules",
    ];
    for resumed in [false, true] {
        assert_eq!(told(OWN, resumed).await, own, "{resumed}");
        // Gateways are told without the alarms of their watch.
        assert_eq!(told(OTHER, resumed).await, ["edges", "rules"], "{resumed}");
    }
    assert!(matches!(event(1), LiveEvent::Warning(_)));
}

#[tokio::test(start_paused = true)]
async fn a_stream_ends_when_its_reader_is_given_other_areas() {
    let station = Station::new();
    let request = Request::get("/api/v1/events").header("cookie", "siskin=s-bureau.li.tank-farm");
    let mut frames = Frames::open(&station.router, request.body("".into()).unwrap()).await;
    frames.expect("hello").await;
    assert_eq!(frames.next().await.unwrap().event, "heartbeat");
    station.fake.moved.store(true, std::sync::atomic::Ordering::SeqCst);
    let mut beats = 0;
    while let Some(frame) = frames.next().await {
        assert_eq!(frame.event, "heartbeat");
        beats += 1;
        assert!(beats < 10, "the stream goes on with what was seen before");
    }
}
