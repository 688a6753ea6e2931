//! Who is let in: every route without, with a wrong and with an ended credential, for every role,
//! and what an attacker would try.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use serde_json::{Value, json};
use siskin_model::Role;

use crate::ask::{Answer, Frames, ask};
use crate::fake::{CHANNEL, PASSWORD, Station, WARNING};
use crate::problems::check;

/// Routes that nobody has to sign in for: the sign of life, signing in, and the gateways' own door.
const OPEN: [(&str, &str); 4] = [
    ("GET", "/api/v1/alive"),
    ("POST", "/api/v1/session"),
    ("POST", "/api/v1/setup"),
    ("GET", "/api/v1/link"),
];
/// Routes on one's own account.
const OWN: [(&str, &str); 5] = [
    ("DELETE", "/api/v1/session"),
    ("POST", "/api/v1/me/password"),
    ("GET", "/api/v1/tokens"),
    ("POST", "/api/v1/tokens"),
    ("DELETE", "/api/v1/tokens/{id}"),
];

/// What a request shows.
#[derive(Debug, Clone, Copy)]
enum Shows<'a> {
    Nothing,
    Token(&'a str),
    /// A session and the text in the header against other sites.
    Session(&'a str, Option<&'a str>),
}

/// Every route of the document, its path filled in.
fn routes() -> Vec<(Method, String, String)> {
    let document: Value = serde_json::from_str(&siskin_api::openapi_json()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let mut routes = Vec::new();
    for (path, item) in paths {
        for method in item.as_object().unwrap().keys() {
            let id = if path.contains("/warnings/") { WARNING } else { CHANNEL };
            let filled = path.replace("{id}", id).replace("{number}", "1").replace("{name}", "li");
            routes.push((method.to_uppercase().parse().unwrap(), path.clone(), filled));
        }
    }
    assert!(routes.len() > 35, "{}", routes.len());
    routes
}

fn is_in(list: &[(&str, &str)], method: &Method, path: &str) -> bool {
    list.contains(&(method.as_str(), path))
}

fn request(method: &Method, path: &str, shows: Shows<'_>, body: &str) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    match shows {
        Shows::Nothing => {}
        Shows::Token(text) => request = request.header("authorization", format!("Bearer {text}")),
        Shows::Session(text, csrf) => {
            request = request.header("cookie", format!("lang=zh; siskin={text}"));
            if let Some(csrf) = csrf {
                request = request.header("x-siskin-csrf", csrf);
            }
        }
    }
    let request = request.header("content-type", "application/json");
    request.body(Body::from(body.to_owned())).unwrap()
}

/// Asks for something and gives the status alone: what is let in may answer with a stream.
async fn status(
    station: &Station,
    method: &Method,
    path: &str,
    shows: Shows<'_>,
) -> (StatusCode, String) {
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;
    let request = request(method, path, shows, "not json");
    let response = station.router.clone().oneshot(request).await.unwrap();
    let status = response.status();
    if status.is_success() {
        return (status, String::new());
    }
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    let problem: Value = serde_json::from_slice(&bytes).unwrap();
    (status, problem["type"].as_str().unwrap().replace("/problems/", ""))
}

async fn post(station: &Station, path: &str, shows: Shows<'_>, body: &Value) -> Answer {
    ask(&station.router, request(&Method::POST, path, shows, &body.to_string())).await
}

#[tokio::test]
async fn no_route_answers_without_or_with_a_wrong_or_ended_credential() {
    let station = Station::new();
    station.fake.signed_out.lock().unwrap().insert("s-admin.gone".to_owned());
    for (method, path, filled) in routes() {
        if is_in(&OPEN, &method, &path) {
            continue;
        }
        for (shows, kind) in [
            (Shows::Nothing, "not-signed-in"),
            (Shows::Token("wrong"), "token-refused"),
            (Shows::Token(""), "token-refused"),
            (Shows::Session("wrong", Some("csrf-wrong")), "session-over"),
            (Shows::Session("s-admin.gone", Some("csrf-admin.gone")), "session-over"),
        ] {
            let refused = status(&station, &method, &filled, shows).await;
            let expected = (StatusCode::UNAUTHORIZED, kind.to_owned());
            assert_eq!(refused, expected, "{method} {path} {shows:?}");
        }
    }
}

#[tokio::test]
async fn what_is_open_is_open_and_nothing_else_of_it() {
    let station = Station::new();
    for (method, path) in OPEN {
        let method = method.parse().unwrap();
        let (answer, kind) = status(&station, &method, path, Shows::Token("wrong")).await;
        assert_ne!(kind, "token-refused", "{method} {path}: {answer}");
        assert_ne!(kind, "no-rule", "{method} {path}: {answer}");
    }
    let alive = ask(&station.router, Request::get("/api/v1/alive").body(Body::empty()).unwrap());
    let body = alive.await.json();
    let mut fields: Vec<_> = body.as_object().unwrap().keys().cloned().collect();
    fields.sort();
    assert_eq!(fields, ["alive", "now"]);
}

/// Whether the table of roles lets `role` through, written again by hand.
fn may(role: Role, method: &Method, path: &str) -> bool {
    if is_in(&OWN, method, path) {
        return true;
    }
    match (method.as_str(), path) {
        ("POST", "/api/v1/messages/{number}/read") => role != Role::Viewer,
        ("POST", "/api/v1/channels/{id}/maintenance") => {
            matches!(role, Role::Operator | Role::Engineer | Role::Admin)
        }
        ("POST" | "DELETE", path)
            if ["warnings", "equipment", "holds", "channels"]
                .iter()
                .any(|one| path[8..].starts_with(one)) =>
        {
            matches!(role, Role::Operator | Role::Admin)
        }
        ("POST" | "DELETE", path)
            if ["/rules/", "/backtests"].iter().any(|one| path[7..].starts_with(one)) =>
        {
            matches!(role, Role::Engineer | Role::Admin)
        }
        (_, path) if ["/people", "/audit"].iter().any(|one| path[7..].starts_with(one)) => {
            role == Role::Admin
        }
        ("POST", path) if path.starts_with("/api/v1/drills") => {
            matches!(role, Role::Operator | Role::Engineer | Role::Admin)
        }
        ("GET", path) if contacts(path) => role != Role::Viewer,
        ("POST", "/api/v1/duty/import") | ("PUT" | "DELETE", "/api/v1/duty/contacts/{id}") => {
            matches!(role, Role::Engineer | Role::Admin)
        }
        ("POST", path) if path.starts_with("/api/v1/handovers") || path.contains("/duty/") => {
            matches!(role, Role::Operator | Role::Admin)
        }
        ("GET", "/api/v1/incidents/{id}/evidence") => matches!(role, Role::Operator | Role::Admin),
        ("POST" | "PATCH", path) if path.starts_with("/api/v1/incidents") => {
            matches!(role, Role::Operator | Role::Admin)
        }
        ("GET", _) => true,
        other => panic!("nobody has said who may {other:?}"),
    }
}

/// What tells how to reach somebody.
fn contacts(path: &str) -> bool {
    let begins = ["devices", "cards", "duty", "handovers", "messages", "cap/", "bureau/"];
    begins.iter().any(|one| path[8..].starts_with(one))
        || ["/card", "}/messages"]
            .iter()
            .any(|one| path.ends_with(one) && path.contains("/warnings/"))
}

#[tokio::test]
async fn every_role_gets_what_the_table_says() {
    let station = Station::new();
    for (method, path, filled) in routes() {
        // The last sign-out would end the session that the other routes show.
        if is_in(&OPEN, &method, &path) || (method == Method::DELETE && path.ends_with("/session"))
        {
            continue;
        }
        for role in Role::ALL {
            let (text, csrf) = (format!("s-{}", role.as_str()), format!("csrf-{}", role.as_str()));
            let shows = Shows::Session(&text, Some(&csrf));
            let (got, kind) = status(&station, &method, &filled, shows).await;
            let refused = (got, kind.as_str()) == (StatusCode::FORBIDDEN, "not-allowed");
            assert_eq!(
                !refused,
                may(role, &method, &path),
                "{role:?} {method} {path} {got} {kind}"
            );
            assert_ne!(got, StatusCode::UNAUTHORIZED, "{role:?} {method} {path}");
        }
    }
}

#[tokio::test]
async fn a_token_does_nothing_with_its_owners_account() {
    let station = Station::new();
    for (method, path) in OWN {
        let method = method.parse().unwrap();
        let (got, kind) = status(&station, &method, path, Shows::Token("admin")).await;
        assert_eq!((got.as_u16(), kind.as_str()), (403, "session-only"), "{method} {path}");
    }
}

#[tokio::test]
async fn an_act_with_a_cookie_needs_its_own_text() {
    let station = Station::new();
    let mut acts = 0;
    for (method, path, filled) in routes() {
        if method.is_safe() || is_in(&OPEN, &method, &path) {
            continue;
        }
        acts += 1;
        for csrf in [None, Some(""), Some("csrf-admin.other"), Some("csrf-admi")] {
            let (got, kind) =
                status(&station, &method, &filled, Shows::Session("s-admin", csrf)).await;
            assert_eq!((got.as_u16(), kind.as_str()), (403, "csrf"), "{method} {path} {csrf:?}");
        }
    }
    assert!(acts >= 10, "{acts}");
}

#[tokio::test]
async fn an_operator_acts_in_their_own_areas_only() {
    let station = Station::new();
    let path = format!("/api/v1/warnings/{WARNING}/acknowledge");
    let act = json!({ "note": "" });
    let other = post(&station, &path, Shows::Token("operator.han.jetty"), &act).await;
    let problem = check(&other, 403, "other-area");
    assert!(problem["detail"].as_str().unwrap().contains("tank-farm"));
    check(&post(&station, &path, Shows::Token("viewer"), &act).await, 403, "not-allowed");
    assert_eq!(station.fake.acknowledgement(), None);
    let own = post(&station, &path, Shows::Token("operator.li.tank-farm"), &act).await;
    assert_eq!((own.status, &own.json()["acknowledged_by"]), (StatusCode::OK, &json!("li")));
}

#[tokio::test]
async fn what_concerns_the_whole_site_is_not_for_who_has_one_area() {
    let station = Station::new();
    for (who, path) in
        [("admin.li.tank-farm", "/api/v1/people"), ("engineer.li.jetty", "/api/v1/rules/reload")]
    {
        let refused = post(&station, path, Shows::Token(who), &json!({})).await;
        check(&refused, 403, "whole-site");
    }
}

#[tokio::test]
async fn the_name_of_who_acts_is_never_taken_from_the_body() {
    let station = Station::new();
    let path = format!("/api/v1/warnings/{WARNING}/acknowledge");
    for (path, body) in [
        (path.as_str(), json!({ "by": "han" })),
        ("/api/v1/rules/reload", json!({ "by": "han" })),
        ("/api/v1/rules/shadow", json!({ "by": "han", "files": {} })),
    ] {
        check(&post(&station, path, Shows::Token("admin"), &body).await, 422, "bad-body");
    }
}

#[tokio::test]
async fn a_request_that_is_replayed_after_signing_out_is_refused() {
    let station = Station::new();
    let body = json!({ "name": "li", "password": PASSWORD });
    let begun = post(&station, "/api/v1/session", Shows::Nothing, &body).await;
    assert_eq!(begun.status, StatusCode::OK, "{}", begun.text);
    assert_eq!(
        begun.header("set-cookie"),
        "siskin=s-operator.li; Path=/; HttpOnly; SameSite=Strict"
    );
    let me = begun.json();
    assert_eq!(
        (&me["name"], &me["may"]),
        (&json!("li"), &json!(["look", "act", "contacts", "drill", "maintain", "park"]))
    );
    let csrf = me["csrf"].as_str().unwrap();
    let own = Shows::Session("s-operator.li", Some(csrf));
    let act =
        || request(&Method::POST, &format!("/api/v1/warnings/{WARNING}/acknowledge"), own, "{}");
    assert_eq!(ask(&station.router, act()).await.status, StatusCode::OK);
    let out = request(&Method::DELETE, "/api/v1/session", own, "");
    let out = ask(&station.router, out).await;
    assert_eq!(out.status, StatusCode::OK);
    assert!(out.header("set-cookie").contains("siskin=;") && out.text.contains("true"));
    let again = ask(&station.router, act()).await;
    check(&again, 401, "session-over");
    assert!(again.header("set-cookie").contains("Max-Age=0"), "the browser forgets it");
    assert_eq!(again.header("www-authenticate"), "Bearer");
}

#[tokio::test]
async fn who_cannot_sign_in_is_told_how_long_to_wait() {
    let station = Station::new();
    let try_as = |name: &str| json!({ "name": name, "password": "wrong" });
    let wrong = post(&station, "/api/v1/session", Shows::Nothing, &try_as("li")).await;
    let unknown = post(&station, "/api/v1/session", Shows::Nothing, &try_as("nobody")).await;
    check(&wrong, 401, "sign-in-refused");
    assert_eq!(wrong.text, unknown.text, "both look the same");
    let locked = post(&station, "/api/v1/session", Shows::Nothing, &try_as("locked")).await;
    check(&locked, 429, "locked");
    assert_eq!(locked.header("retry-after"), "899");
    let mut tries = 3;
    let fast = loop {
        let answer = post(&station, "/api/v1/session", Shows::Nothing, &try_as("li")).await;
        tries += 1;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            break answer;
        }
        assert!(tries < 100, "no limit");
    };
    check(&fast, 429, "too-many-tries");
    assert!(fast.header("retry-after").parse::<u64>().unwrap() >= 1);
}

#[tokio::test]
async fn the_first_set_up_needs_the_code_and_says_that_it_is_needed() {
    let station = Station::new();
    station.fake.is_new.store(true, std::sync::atomic::Ordering::SeqCst);
    let (got, kind) = status(&station, &Method::GET, "/api/v1/me", Shows::Nothing).await;
    assert_eq!((got.as_u16(), kind.as_str()), (401, "setup-needed"));
    let setup = |code: &str, name: &str| {
        json!({
            "code": code, "name": name, "display": " 王芳 ", "password": PASSWORD
        })
    };
    let wrong = post(&station, "/api/v1/setup", Shows::Nothing, &setup("guess", "wang")).await;
    check(&wrong, 403, "setup-refused");
    let bad = post(&station, "/api/v1/setup", Shows::Nothing, &setup("code", "王芳")).await;
    check(&bad, 422, "bad-field");
    let done = post(&station, "/api/v1/setup", Shows::Nothing, &setup("code", "wang")).await;
    assert_eq!((done.status, &done.json()["role"]), (StatusCode::OK, &json!("admin")));
    assert!(done.header("set-cookie").starts_with("siskin=s-admin.wang;"));
}

#[tokio::test]
async fn where_the_site_says_so_everybody_looks_and_does_nothing() {
    let station = Station::new();
    station.fake.anonymous_looks.store(true, std::sync::atomic::Ordering::SeqCst);
    for (method, path, filled) in routes() {
        if is_in(&OPEN, &method, &path) {
            continue;
        }
        let (got, kind) = status(&station, &method, &filled, Shows::Nothing).await;
        let looks = method == Method::GET
            && !["people", "audit", "tokens"].iter().any(|one| path[8..].starts_with(one))
            && !path.ends_with("/evidence")
            && !contacts(&path);
        assert_eq!(got != StatusCode::UNAUTHORIZED, looks, "{method} {path}: {got} {kind}");
    }
    let me = ask(&station.router, request(&Method::GET, "/api/v1/me", Shows::Nothing, "")).await;
    let me = me.json();
    assert_eq!((&me["signed_in"], &me["may"]), (&json!(false), &json!(["look", "park"])));
}

#[tokio::test(start_paused = true)]
async fn a_live_stream_ends_when_its_session_does() {
    let station = Station::new();
    let own = Shows::Session("s-viewer", None);
    let mut frames =
        Frames::open(&station.router, request(&Method::GET, "/api/v1/events", own, "")).await;
    frames.expect("hello").await;
    assert_eq!(frames.next().await.unwrap().event, "heartbeat");
    station.fake.signed_out.lock().unwrap().insert("s-viewer".to_owned());
    let before = tokio::time::Instant::now();
    while let Some(frame) = frames.next().await {
        assert_eq!(frame.event, "heartbeat");
    }
    assert!(before.elapsed() <= std::time::Duration::from_secs(2), "{:?}", before.elapsed());
}

#[tokio::test]
async fn what_does_not_fit_is_refused_before_it_is_a_person_or_a_token() {
    let station = Station::new();
    let person = |name: &str, areas: Value| {
        json!({ "name": name, "display": "韩", "role": "viewer", "areas": areas,
                "password": PASSWORD })
    };
    let admin = Shows::Token("admin");
    for (body, expected, kind) in [
        (person("Han", Value::Null), 422, "bad-field"),
        (person("han", json!(["no area"])), 422, "area-not-found"),
        (person("li", Value::Null), 409, "name-taken"),
        (json!({ "name": "han" }), 422, "bad-body"),
    ] {
        check(&post(&station, "/api/v1/people", admin, &body).await, expected, kind);
    }
    let own = Shows::Session("s-operator", Some("csrf-operator"));
    for (days, role, expected, kind) in [
        (0, "viewer", 422, "bad-field"),
        (401, "viewer", 422, "bad-field"),
        (30, "engineer", 422, "beyond-owner"),
    ] {
        let body = json!({ "name": "scada", "role": role, "days": days });
        check(&post(&station, "/api/v1/tokens", own, &body).await, expected, kind);
    }
    let both = json!({ "areas": ["yard"], "whole_site": true }).to_string();
    let both = request(&Method::PATCH, "/api/v1/people/li", admin, &both);
    check(&ask(&station.router, both).await, 422, "bad-field");
}
