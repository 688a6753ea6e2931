//! Without a credential, with a wrong one, with one that is over, with somebody else's page.

use anyhow::{Context, Result, ensure};
use e2e::accounts::{PASSWORD, SECOND};
use serde_json::json;

use crate::park::{ADMIN, Ask, Park, VIEWER, filled};

/// What needs no credential, or has keys of its own.
const OPEN: [(&str, &str); 4] = [
    ("GET", "/api/v1/alive"),
    ("GET", "/api/v1/link"),
    ("POST", "/api/v1/session"),
    ("POST", "/api/v1/setup"),
];
const METHODS: [&str; 6] = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

fn is_open(method: &str, path: &str) -> bool {
    OPEN.contains(&(method, path))
}

#[test]
fn no_route_opens_without_a_credential_that_holds() -> Result<()> {
    let park = Park::start()?;
    let gone = park.sign_in(ADMIN)?;
    let out = park.send(&Ask::new("DELETE", "/api/v1/session").session(&gone))?;
    ensure!(out.status == 200, "{out:?}");
    let viewer = park.token(VIEWER)?;
    let end = Ask::new("DELETE", &format!("/api/v1/people/{VIEWER}"));
    ensure!(park.send(&end.bearer(&park.token(ADMIN)?))?.status == 200);
    for (method, path, _) in park.routes()? {
        let about = format!("{method} {path}");
        let ask = || Ask::new(&method, &filled(&path));
        if is_open(&method, &path) {
            continue;
        }
        park.send(&ask())?.must_be(401, "not-signed-in", &about)?;
        park.send(&ask().bearer("Bearer siskin_x_y"))?.must_be(401, "token-refused", &about)?;
        park.send(&ask().bearer("Basic d2FuZzp4"))?.must_be(401, "token-refused", &about)?;
        park.send(&ask().bearer(&viewer))?.must_be(401, "token-refused", &about)?;
        park.send(&ask().session(&gone))?.must_be(401, "session-over", &about)?;
    }
    park.station.stop()
}

#[test]
fn there_is_no_way_around_the_routes_of_the_document() -> Result<()> {
    let park = Park::start()?;
    let routes = park.routes()?;
    let admin = park.token(ADMIN)?;
    // A path of the document takes the methods of the document and no others.
    for (_, path, _) in &routes {
        for method in METHODS {
            if routes.iter().any(|(known, of, _)| (known.as_str(), of) == (method, path)) {
                continue;
            }
            let answer = park.send(&Ask::new(method, &filled(path)).bearer(&admin))?;
            answer.must_be(405, "method-not-allowed", &format!("{method} {path}"))?;
        }
    }
    // Another spelling of a path is no way in: the page, or nothing.
    for target in [
        "/metrics",
        "/events",
        "/openapi.json",
        "/health",
        "/site",
        "/api",
        "/api/v1",
        "/api/v1/",
        "/api/v2/site",
        "/api/v1/site/",
        "/api/v1//site",
        "//api/v1/site",
        "/API/v1/site",
        "/api/V1/site",
        "/api/v1/./site",
        "/x/../api/v1/site",
        "/api/v1/x/../site",
        "/api/v1/site;a=b",
        "/api/v1/site%00",
        "/api/v1/site%2f",
        "/api/v1/%73ite",
        "/%61pi/v1/site",
        "http://127.0.0.1/api/v1/site",
        "http://evil.example/api/v1/site",
    ] {
        let answer = park.send(&Ask::new("GET", target))?;
        let is_page = answer.status == 200
            && answer.header("content-type").is_some_and(|kind| kind.starts_with("text/html"));
        let is_refused = matches!(answer.status, 400 | 401 | 404);
        ensure!(is_page || is_refused, "{target}: {answer:?}");
        ensure!(!answer.text.contains("tank-farm"), "{target}: {answer:?}");
    }
    park.station.stop()
}

#[test]
fn the_page_of_another_site_acts_for_nobody() -> Result<()> {
    let park = Park::start()?;
    let (own, other) = (park.sign_in(ADMIN)?, park.sign_in(SECOND)?);
    for (method, path, takes_body) in park.routes()? {
        if method == "GET" {
            continue;
        }
        let about = format!("{method} {path}");
        let ask = || Ask::new(&method, &filled(&path)).with("Host", "park:8080");
        for origin in [
            "http://evil.example",
            "http://park",
            "http://park:8081",
            "http://park:8080.evil.example",
            "https://evil.example/http://park:8080",
            "null",
        ] {
            let forged = ask().session(&own).with("Origin", origin).json(&json!({}));
            park.send(&forged)?.must_be(403, "foreign-origin", &format!("{about} {origin}"))?;
        }
        if !is_open(&method, &path) {
            let blind = ask().with("Cookie", &own.cookie).json(&json!({}));
            park.send(&blind)?.must_be(403, "csrf", &about)?;
            let guessed = ask().with("Cookie", &own.cookie).with("X-Siskin-Csrf", &other.csrf);
            park.send(&guessed.json(&json!({})))?.must_be(403, "csrf", &about)?;
        }
        // What a form may send without the browser asking first is read by no route.
        let files = path.ends_with("/files");
        for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
            if takes_body {
                let query = if files { "?name=a" } else { "" };
                let form = Ask::new(&method, &format!("{}{query}", filled(&path)));
                let answer = park.send(&form.session(&own).body(kind, b"{}"))?;
                ensure!(answer.status == 415, "{about} {kind}: {answer:?}");
            }
        }
    }
    let acts = park.acts_of(ADMIN)?;
    ensure!(acts.iter().all(|act| act == "sign-in"), "{acts:?}");
    park.station.stop()
}

#[test]
fn a_session_that_somebody_else_chose_is_never_used() -> Result<()> {
    let park = Park::start()?;
    let chosen = format!("siskin={}.{}", "a".repeat(32), "b".repeat(64));
    let answer = park.try_sign_in(ADMIN, PASSWORD, Some(&chosen))?;
    let given = answer.header("set-cookie").context("no cookie")?;
    ensure!(answer.status == 200 && !given.contains(&chosen), "{answer:?}");
    ensure!(given.ends_with("; Path=/; HttpOnly; SameSite=Strict"), "{given}");
    let me = |cookie: &str| park.send(&Ask::new("GET", "/api/v1/me").with("Cookie", cookie));
    me(&chosen)?.must_be(401, "session-over", "the chosen one")?;
    // Nor does the session before a sign-in become the one after it.
    let before = park.sign_in(SECOND)?;
    let after = park.try_sign_in(ADMIN, PASSWORD, Some(&before.cookie))?;
    let given = after.header("set-cookie").context("no cookie")?;
    ensure!(!given.starts_with(&before.cookie), "{given}");
    ensure!(me(&before.cookie)?.json()["name"] == SECOND, "it became another person's");
    park.station.stop()
}

#[test]
fn a_locked_name_locks_nobody_else_and_puts_nobody_out() -> Result<()> {
    let park = Park::start()?;
    let open = park.sign_in(ADMIN)?;
    for _ in 0..5 {
        park.try_sign_in(ADMIN, "wrong", None)?.must_be(401, "sign-in-refused", "wrong")?;
    }
    let locked = park.try_sign_in(ADMIN, PASSWORD, None)?;
    locked.must_be(429, "locked", "after five")?;
    ensure!(locked.header("retry-after").is_some(), "{locked:?}");
    park.sign_in(SECOND)?;
    let me = park.send(&Ask::new("GET", "/api/v1/me").session(&open))?;
    ensure!(me.json()["name"] == ADMIN, "the session goes on: {me:?}");
    let token = park.send(&Ask::new("GET", "/api/v1/me").bearer(&park.token(ADMIN)?))?;
    ensure!(token.status == 200, "the token goes on: {token:?}");
    park.station.stop()
}
