//! Bytes that no browser sends: names that leave their folder, broken heads, too much of all.

use std::io::{Read as _, Write as _};

use anyhow::{Context, Result, ensure};
use e2e::site::RED_PPM;
use e2e::wait::poll;
use serde_json::json;

use crate::park::{ADMIN, Ask, Park, SOON};

/// Connections of one address, and more than that.
const PLACES: usize = 256;
const CONNECTIONS: usize = 300;

#[test]
fn no_name_leads_out_of_its_folder() -> Result<()> {
    let mut park = Park::start()?;
    let admin = park.token(ADMIN)?;
    // Debug builds read the page from disk: nothing beside it may be had.
    for target in [
        "/../Cargo.toml",
        "/../../../Cargo.toml",
        "/..%2f..%2f..%2fCargo.toml",
        "/%2e%2e/%2e%2e/%2e%2e/Cargo.toml",
        "/assets/../../../../Cargo.toml",
        "/assets/..%2f..%2f..%2f..%2fCargo.toml",
        "/..%5c..%5cCargo.toml",
        "/....//....//Cargo.toml",
        "//etc/passwd",
        "/%2fetc%2fpasswd",
        "/etc/passwd%00.html",
    ] {
        let answer = park.send(&Ask::new("GET", target))?;
        let leaks = ["[workspace]", "root:"].iter().any(|text| answer.text.contains(text));
        ensure!(!leaks, "{target}: {answer:?}");
    }
    park.gas(RED_PPM + 1.0)?;
    let incident = park.incident()?;
    for sum in ["..%2F..%2Fledger.db", "%2e%2e", "..%2f", "x", "%00", "%2Fetc%2Fpasswd"] {
        let target = format!("/api/v1/incidents/{incident}/files/{sum}");
        let answer = park.send(&Ask::new("GET", &target).bearer(&admin))?;
        ensure!(matches!(answer.status, 400 | 404), "{target}: {answer:?}");
    }
    let path = format!("/api/v1/incidents/{incident}/files?name=");
    let attach = |name: &str| {
        let ask = Ask::new("POST", &format!("{path}{name}")).bearer(&admin);
        park.send(&ask.body("application/octet-stream", name.as_bytes()))
    };
    // A name is a text for people. It is kept as such, and no file is ever called by it.
    let kept = attach("..%2F..%2Fledger.db")?;
    ensure!(kept.json()["files"][0]["name"] == "../../ledger.db", "{kept:?}");
    let sum = kept.json()["files"][0]["sha256"].as_str().context("no sum")?.to_owned();
    for name in ["a%0d%0aSet-Cookie:%20b=c", "a%00", "a%e2%80%ae", "", "%20"] {
        let refused = attach(name)?;
        ensure!(matches!(refused.status, 400 | 422), "{name}: {refused:?}");
        ensure!(refused.header("set-cookie").is_none(), "{name}: {refused:?}");
    }
    let file = Ask::new("GET", &format!("/api/v1/incidents/{incident}/files/{sum}"));
    let file = park.send(&file.bearer(&admin))?;
    ensure!(file.header("content-type") == Some("application/octet-stream"), "{file:?}");
    ensure!(file.header("x-content-type-options") == Some("nosniff"), "{file:?}");
    let zip = park.station.bytes(&format!("incidents/{incident}/evidence"))?;
    let has = |text: &str| zip.windows(text.len()).any(|part| part == text.as_bytes());
    ensure!(has(&format!("files/{sum}")), "the pack has the file under its sum");
    ensure!(!has("files/.."), "a name of the pack leads out of it");
    park.station.stop()
}

#[test]
fn nothing_of_a_request_comes_back_as_a_header() -> Result<()> {
    let park = Park::start()?;
    let admin = park.token(ADMIN)?;
    for target in [
        "/api/v1/site",
        "/api/v1/nothing",
        "/evil.example",
        "/api/v1/channels?channels=evil.example%0d%0aX-Evil:%20a",
        "/%0d%0aX-Evil:%20a",
    ] {
        let ask = Ask::new("GET", target).bearer(&admin).with("Host", "evil.example");
        let ask =
            ask.with("X-Forwarded-Host", "evil.example").with("Forwarded", "host=evil.example");
        let answer = park.send(&ask)?;
        let head = answer.head.to_ascii_lowercase();
        ensure!(!head.contains("evil") && answer.header("location").is_none(), "{answer:?}");
    }
    // A page whose name was made to lead here has the right host and origin, but no cookie of ours.
    let rebound = Ask::new("POST", "/api/v1/rules/reload").with("Host", "evil.example");
    let rebound = rebound.with("Origin", "http://evil.example").json(&json!({}));
    park.send(&rebound)?.must_be(401, "not-signed-in", "rebound")?;
    let answer = park.send(&Ask::new("GET", "/"))?;
    let policy = answer.header("content-security-policy").context("no policy")?;
    ensure!(policy.contains("default-src 'self'") && policy.contains("frame-ancestors 'none'"));
    ensure!(answer.header("x-content-type-options") == Some("nosniff"), "{answer:?}");
    park.station.stop()
}

#[test]
fn a_request_that_is_too_large_is_refused_before_it_is_kept() -> Result<()> {
    let park = Park::start()?;
    let admin = park.token(ADMIN)?;
    let large = vec![b' '; 64 * 1024];
    for (method, path, takes_body) in park.routes()? {
        // Rules, rosters and files may be larger, up to limits of their own.
        let may_be = [
            "/rules/shadow",
            "/rules/check",
            "/rules/tests",
            "/backtests",
            "/duty/import",
            "/files",
        ];
        if !takes_body || may_be.iter().any(|end| path.ends_with(end)) {
            continue;
        }
        let path = crate::park::filled(&path);
        let ask = Ask::new(&method, &path).body("application/json", &large);
        let session = path.ends_with("/me/password") || path.ends_with("/tokens");
        if session {
            continue;
        }
        park.send(&ask.bearer(&admin))?.must_be(413, "body-too-large", &path)?;
    }
    let mut tcp = park.connect()?;
    let endless = format!("GET / HTTP/1.1\r\nHost: park\r\nX-A: {}", "a".repeat(1 << 20));
    // It is refused, or hung up on, while it is being sent.
    let _sent = tcp.write_all(endless.as_bytes());
    let mut answer = Vec::new();
    let _ended = tcp.read_to_end(&mut answer);
    ensure!(!answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
    park.station.get("site")?;
    park.station.stop()
}

#[test]
fn one_address_does_not_take_all_places() -> Result<()> {
    let park = Park::start()?;
    let connections = (0..CONNECTIONS).map(|_| park.connect()).collect::<Result<Vec<_>>>()?;
    // Those beyond the limit are hung up on: the first ones have all places of this address.
    for mut over in connections.iter().skip(PLACES) {
        let read = over.read(&mut [0; 1]);
        ensure!(!matches!(read, Ok(1)) && !is_silent(&read), "{read:?}");
    }
    let mut first = connections.first().context("no connection")?;
    first.write_all(b"GET /api/v1/alive HTTP/1.1\r\nHost: park\r\n\r\n")?;
    let mut answer = [0; 15];
    first.read_exact(&mut answer)?;
    ensure!(&answer == b"HTTP/1.1 200 OK", "who came first is served");
    drop(connections);
    poll("places are free again", SOON, || Ok(park.station.get("site").ok()))?;
    park.station.stop()
}

/// Whether nothing came within the time limit.
fn is_silent(read: &std::io::Result<usize>) -> bool {
    use std::io::ErrorKind::{TimedOut, WouldBlock};
    read.as_ref().is_err_and(|error| matches!(error.kind(), TimedOut | WouldBlock))
}
