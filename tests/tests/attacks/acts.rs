//! Acts of those who may not do them: of another area, of viewers, of one person who plays two, and
//! of requests that are sent again.

use anyhow::{Context, Result, ensure};
use e2e::accounts::{PASSWORD, SECOND};
use e2e::moment;
use e2e::site::{RED_PPM, YELLOW_PPM};
use serde_json::{Value, json};

use crate::park::{ADMIN, Answer, Ask, CHANNEL, OTHER, Park, VIEWER};

const HOUR_MS: i64 = 3_600_000;

/// An act: method, path below the API, body.
type Act = (&'static str, String, Value);

fn send(park: &Park, who: &str, act: &Act) -> Result<Answer> {
    let (method, path, body) = act;
    let ask = Ask::new(method, &format!("/api/v1/{path}")).bearer(&park.token(who)?);
    park.send(&if path.contains("/files?") {
        ask.body("application/octet-stream", b"photo")
    } else {
        ask.json(body)
    })
}

/// Every act on what is in the tank farm: a red warning, its incident, a shelf that waits for a
/// second person, a channel.
fn acts(warning: &str, incident: &str, hold: &str) -> Vec<Act> {
    let on = |path: &str| format!("warnings/{warning}/{path}");
    let of = |path: &str| format!("incidents/{incident}/{path}");
    let out = json!({
        "work_order": "W-1", "owner": "li", "reason": "x",
        "until_ms": moment::now_ms() + HOUR_MS
    });
    let close = json!({ "cause": "x", "lessons": "x" });
    vec![
        ("POST", on("acknowledge"), json!({ "tier": "red" })),
        ("POST", on("comment"), json!({ "note": "x" })),
        ("POST", on("reset"), json!({})),
        ("POST", on("shelve"), json!({ "minutes": 5, "reason": "x" })),
        ("POST", on("unshelve"), json!({})),
        ("POST", format!("holds/{hold}/confirm"), json!({})),
        ("POST", format!("holds/{hold}/lift"), json!({})),
        ("POST", format!("channels/{CHANNEL}/out-of-service"), out),
        ("DELETE", format!("channels/{CHANNEL}/out-of-service"), json!({})),
        ("POST", format!("equipment/no-data/{CHANNEL}"), json!({ "act": "acknowledge" })),
        ("POST", "incidents".to_owned(), json!({ "title": "x", "areas": ["tank-farm"] })),
        ("POST", "incidents".to_owned(), json!({ "title": "x", "warnings": [warning] })),
        ("POST", "incidents".to_owned(), json!({ "title": "x" })),
        ("PATCH", format!("incidents/{incident}"), json!({ "title": "x" })),
        ("POST", of("notes"), json!({ "text": "x" })),
        ("POST", of("tasks"), json!({ "text": "x", "owner": "x" })),
        ("POST", of("tasks/1/done"), json!({})),
        ("POST", of("clocks/bureau/met"), json!({ "reference": "1" })),
        ("POST", of(&format!("warnings/{warning}")), json!({})),
        ("POST", of("files?name=a.jpg"), Value::Null),
        ("POST", of("close"), close),
        ("POST", of("reopen"), json!({ "reason": "x" })),
    ]
}

/// A red warning, its incident, and its shelf that waits for a second person.
fn red(park: &mut Park) -> Result<(String, String, String)> {
    park.gas(RED_PPM + 1.0)?;
    let (warning, incident) = (park.warning("red")?, park.incident()?);
    let shelve = json!({ "minutes": 5, "reason": "校准", "tier": "red" });
    let path = format!("warnings/{warning}/shelve");
    let begun = send(park, ADMIN, &("POST", path, shelve))?;
    ensure!(begun.status == 200, "{begun:?}");
    let hold = begun.json()["hold"]["id"].as_str().context("no hold")?.to_owned();
    Ok((warning, incident, hold))
}

#[test]
fn another_areas_operator_and_a_viewer_do_nothing() -> Result<()> {
    let mut park = Park::start()?;
    let (warning, incident, hold) = red(&mut park)?;
    for act in acts(&warning, &incident, &hold) {
        let about = format!("{} {}", act.0, act.1);
        send(&park, OTHER, &act)?.must_be(403, "other-area", &about)?;
        send(&park, VIEWER, &act)?.must_be(403, "not-allowed", &about)?;
    }
    let many = json!({ "warnings": [{ "id": warning, "tier": "red" }] });
    let bulk = ("POST", "warnings/acknowledge".to_owned(), many);
    let answer = send(&park, OTHER, &bulk)?;
    ensure!(answer.json()[0]["problem"]["type"] == "/problems/other-area", "{answer:?}");
    send(&park, VIEWER, &bulk)?.must_be(403, "not-allowed", "bulk")?;
    // Of what is not there, or not yet, nothing is done for them either.
    for path in ["holds/unheard-of/confirm", "warnings/unheard-of/comment"] {
        let act = ("POST", path.to_owned(), json!({ "note": "x" }));
        ensure!(send(&park, OTHER, &act)?.status == 404, "{path}");
    }
    // What concerns everybody is for nobody with one area or with eyes only.
    let whole = [
        ("POST", "rules/reload"),
        ("POST", "rules/rollback"),
        ("POST", "rules/promote"),
        ("POST", "rules/shadow"),
        ("DELETE", "rules/shadow"),
        ("POST", "duty/import"),
        ("PUT", "duty/contacts/li"),
        ("DELETE", "duty/contacts/li"),
        ("GET", "people"),
        ("POST", "people"),
        ("PATCH", "people/wang"),
        ("DELETE", "people/wang"),
        ("POST", "people/wang/password"),
        ("GET", "audit"),
        ("GET", "audit/export"),
    ];
    for (method, path) in whole {
        for who in [OTHER, VIEWER] {
            let answer = send(&park, who, &(method, path.to_owned(), json!({})))?;
            ensure!(answer.status == 403, "{who} {method} {path}: {answer:?}");
        }
    }
    for who in [OTHER, VIEWER] {
        let acts = park.acts_of(who)?;
        ensure!(acts.is_empty(), "{who}: {acts:?}");
    }
    let shown = park.station.get("warnings")?;
    ensure!(shown[0]["acknowledged_by"].is_null(), "{shown}");
    park.station.stop()
}

#[test]
fn two_persons_are_never_one() -> Result<()> {
    let mut park = Park::start()?;
    let (_, _, hold) = red(&mut park)?;
    let path = format!("/api/v1/holds/{hold}/confirm");
    let session = park.sign_in(ADMIN)?;
    let confirm = || Ask::new("POST", &path).json(&json!({}));
    // The shelf was asked for with a token of this account.
    let own = park.token(ADMIN)?;
    park.send(&confirm().bearer(&own))?.must_be(409, "second-person", "its token")?;
    park.send(&confirm().session(&session))?.must_be(409, "second-person", "its session")?;
    let another = park.sign_in(ADMIN)?;
    park.send(&confirm().session(&another))?.must_be(409, "second-person", "another session")?;
    let ask = Ask::new("POST", "/api/v1/tokens").session(&session);
    let made = park.send(&ask.json(&json!({ "name": "second", "days": 1 })))?;
    let text = made.json()["text"].as_str().context("no token")?.to_owned();
    let token = format!("Bearer {text}");
    park.send(&confirm().bearer(&token))?.must_be(409, "second-person", "another token")?;
    // No other account is called almost the same.
    for name in ["Wang", "WANG", "ｗａｎｇ", "wаng", "wa\u{200B}ng", "wang\u{0}", "wang."] {
        let answer = park.try_sign_in(name, PASSWORD, None)?;
        answer.must_be(401, "sign-in-refused", name)?;
    }
    for (name, status, problem) in [
        ("Wang", 422, "bad-field"),
        ("ｗａｎｇ", 422, "bad-field"),
        ("wа", 422, "bad-field"),
        (" wang ", 409, "name-taken"),
    ] {
        let body = json!({
            "name": name, "display": "x", "role": "operator", "password": PASSWORD
        });
        let add = Ask::new("POST", "/api/v1/people").bearer(&own).json(&body);
        park.send(&add)?.must_be(status, problem, name)?;
    }
    let second = park.token(SECOND)?;
    let done = park.send(&confirm().bearer(&second))?;
    let shelf = &done.json()["warning"]["shelf"];
    ensure!(done.status == 200 && shelf["by"] == ADMIN, "{done:?}");
    ensure!(shelf["confirmed_by"] == SECOND, "{done:?}");
    // The same once more is no second act.
    park.send(&confirm().bearer(&second))?.must_be(404, "nothing-by-this-id", "again")?;
    let acts = park.acts_of(SECOND)?;
    let confirms = acts.iter().filter(|act| act.ends_with("confirm")).count();
    ensure!(confirms == 1, "{acts:?}");
    park.station.stop()
}

#[test]
fn nobody_takes_over_from_themselves() -> Result<()> {
    let park = Park::start()?;
    let words = json!({ "role": "operator", "note": "泵 3" });
    let begun = send(&park, ADMIN, &("POST", "handovers".to_owned(), words))?;
    let number = begun.json()["number"].as_u64().with_context(|| format!("{begun:?}"))?;
    let path = format!("handovers/{number}/acknowledge");
    let session = park.sign_in(ADMIN)?;
    let own = Ask::new("POST", &format!("/api/v1/{path}")).session(&session);
    let same = park.send(&own.json(&json!({})))?;
    ensure!(same.status == 409, "{same:?}");
    let other = send(&park, SECOND, &("POST", path.clone(), json!({})))?;
    ensure!(other.status == 200, "{other:?}");
    let again = send(&park, SECOND, &("POST", path, json!({})))?;
    ensure!(again.status == 409, "{again:?}");
    park.station.stop()
}

#[test]
fn an_acknowledgement_that_is_sent_again_does_nothing() -> Result<()> {
    let mut park = Park::start()?;
    park.gas(YELLOW_PPM + 0.5)?;
    let warning = park.warning("yellow")?;
    let act =
        |tier: &str| ("POST", format!("warnings/{warning}/acknowledge"), json!({ "tier": tier }));
    ensure!(send(&park, ADMIN, &act("yellow"))?.status == 200);
    send(&park, ADMIN, &act("yellow"))?.must_be(409, "already-acknowledged", "twice")?;
    park.gas(RED_PPM + 1.0)?;
    park.warning("red")?;
    // Whoever kept the request of the lower tier quiets nothing with it.
    send(&park, ADMIN, &act("yellow"))?.must_be(409, "warning-has-risen", "replayed")?;
    let shown = park.station.get("warnings")?;
    let state = shown[0]["state"].as_str().unwrap_or_default().to_owned();
    ensure!(state.ends_with("unacknowledged"), "{shown}");
    park.station.stop()
}
