//! People at the real station: the first set-up, signing in and out, streams that end with their
//! session, restarts, and what the command line may do.

#![allow(
    clippy::indexing_slicing,
    reason = "a JSON value without the key gives null, it does not panic"
)]

use std::io::{BufRead, BufReader};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use e2e::accounts::{FIRST, PASSWORD, people};
use e2e::binary;
use e2e::process::Process;
use e2e::site::{Analyzer, Link, Options, SiteFolder};
use e2e::station::Station;
use serde_json::{Value, json};

/// How long a stream may outlive its session.
const STREAM_MAX: Duration = Duration::from_secs(5);
const SOON: Duration = Duration::from_secs(30);

fn folder() -> Result<SiteFolder> {
    // Nothing listens there: an analyzer that is never heard is enough.
    let analyzer = Analyzer { id: "at-1", area: "area-1", link: Link::Modbus(9) };
    SiteFolder::write(&[analyzer], Options::default())
}

/// Somebody at a browser: keeps the cookie and the text that goes with it.
struct Browser {
    url: String,
    agent: ureq::Agent,
    csrf: String,
}

impl Browser {
    fn at(url: &str) -> Self {
        let config = ureq::Agent::config_builder().http_status_as_error(false).proxy(None);
        let agent = config.build().new_agent();
        Self { url: format!("{url}/api/v1"), agent, csrf: String::new() }
    }

    fn post(&self, path: &str, cookie: &str, body: &Value) -> Result<(u16, String, Value)> {
        let request = self.agent.post(format!("{}{path}", self.url)).header("cookie", cookie);
        let mut response = request.header("x-siskin-csrf", &self.csrf).send_json(body)?;
        let set = response.headers().get("set-cookie").map(|value| value.to_str());
        let set = set.transpose()?.unwrap_or_default().to_owned();
        Ok((response.status().as_u16(), set, response.body_mut().read_json()?))
    }

    /// Signs in; gives the cookie.
    fn sign_in(&mut self, name: &str, password: &str) -> Result<String> {
        let body = json!({ "name": name, "password": password });
        let (status, set, me) = self.post("/session", "", &body)?;
        ensure!(status == 200 && me["name"] == name, "{status} {me}");
        ensure!(set.contains("HttpOnly; SameSite=Strict") && !set.contains("Secure"), "{set}");
        me["csrf"].as_str().context("no csrf")?.clone_into(&mut self.csrf);
        Ok(set.split(';').next().unwrap_or_default().to_owned())
    }

    fn get(&self, path: &str, cookie: &str) -> Result<(u16, Value)> {
        let request = self.agent.get(format!("{}{path}", self.url)).header("cookie", cookie);
        let mut response = request.call()?;
        Ok((response.status().as_u16(), response.body_mut().read_json()?))
    }
}

#[test]
fn a_session_survives_a_restart_and_its_stream_ends_with_it() -> Result<()> {
    let folder = folder()?;
    let station = Station::run(&folder.site(), &folder.data())?;
    let cookie = Browser::at(station.url()).sign_in(FIRST, PASSWORD)?;
    station.stop()?;
    let station = Station::run(&folder.site(), &folder.data())?;
    let mut browser = Browser::at(station.url());
    ensure!(browser.get("/me", "")?.0 == 401);
    let (status, me) = browser.get("/me", &cookie)?;
    ensure!(status == 200 && me["signed_in"] == true, "{me}");
    me["csrf"].as_str().context("no csrf")?.clone_into(&mut browser.csrf);
    let request = browser.agent.get(format!("{}/events", browser.url)).header("cookie", &cookie);
    let mut lines = BufReader::new(request.call()?.into_body().into_reader()).lines();
    ensure!(lines.next().context("no line")??.contains("hello"));
    let out = browser.agent.delete(format!("{}/session", browser.url)).header("cookie", &cookie);
    let out = out.header("x-siskin-csrf", &browser.csrf).call()?;
    ensure!(out.status() == 200, "{}", out.status());
    let signed_out = Instant::now();
    // An end or an error, but no silence; the reader has its own time limit on top.
    while matches!(lines.next(), Some(Ok(_))) {
        ensure!(signed_out.elapsed() < STREAM_MAX, "the stream outlives its session");
    }
    ensure!(browser.get("/me", &cookie)?.0 == 401, "replayed after signing out");
    station.stop()
}

#[test]
fn a_name_is_locked_after_failures_and_a_restart_forgives_nothing() -> Result<()> {
    let folder = folder()?;
    let station = Station::run(&folder.site(), &folder.data())?;
    let wrong = json!({ "name": FIRST, "password": "wrong" });
    let browser = Browser::at(station.url());
    for _ in 0..5 {
        let (status, _, problem) = browser.post("/session", "", &wrong)?;
        ensure!(status == 401 && problem["type"] == "/problems/sign-in-refused", "{problem}");
    }
    let right = json!({ "name": FIRST, "password": PASSWORD });
    ensure!(browser.post("/session", "", &right)?.0 == 429);
    station.kill()?;
    let station = Station::run(&folder.site(), &folder.data())?;
    let (status, _, problem) = Browser::at(station.url()).post("/session", "", &right)?;
    ensure!(status == 429 && problem["type"] == "/problems/locked", "{problem}");
    station.stop()
}

#[test]
fn the_first_admin_is_set_up_with_the_printed_code() -> Result<()> {
    let folder = folder()?;
    let mut command = Command::new(binary::siskin()?);
    command.arg("run").arg(folder.site()).arg("--data").arg(folder.data());
    let process = Process::start("siskin", &command)?;
    let line = process.line(SOON)?;
    let code = line.rsplit(": ").next().context("no code")?.trim().to_owned();
    let line = process.line(SOON)?;
    let url = line.find("http://").and_then(|at| line.get(at..)).context("no address")?;
    let browser = Browser::at(url.trim().trim_end_matches('/'));
    ensure!(browser.get("/me", "")?.1["type"] == "/problems/setup-needed");
    let setup = |code: &str| {
        json!({
            "code": code, "name": "root", "display": "王芳", "password": PASSWORD
        })
    };
    ensure!(browser.post("/setup", "", &setup("guess"))?.0 == 403);
    let (status, set, me) = browser.post("/setup", "", &setup(&code))?;
    let acts = ["act", "rules", "people", "audit", "contacts", "duty", "drill", "maintain"];
    let may = [["look"].as_slice(), &acts, &["park"]].concat();
    ensure!(status == 200 && me["may"] == json!(may), "{me}");
    let cookie = set.split(';').next().unwrap_or_default();
    ensure!(browser.get("/people", cookie)?.1[0]["name"] == "root");
    ensure!(browser.post("/setup", "", &setup(&code))?.0 == 403, "there is one first only");
    let refused = people(&binary::siskin()?, &folder.data(), &["list"], "");
    let text = refused.err().context("while its station runs")?.to_string();
    ensure!(text.contains("hint:"), "{text}");
    ensure!(!process.log().contains(PASSWORD), "a password in the log");
    Ok(())
}

#[test]
fn the_command_line_lets_an_admin_in_who_lost_the_password() -> Result<()> {
    let folder = folder()?;
    let program = binary::siskin()?;
    let run = |words: &[&str]| people(&program, &folder.data(), words, "");
    let made = run(&["add", "root", "--role", "admin"])?;
    ensure!(made.contains("password, shown once: "), "{made}");
    let reset = run(&["password", "root"])?;
    let password = reset.trim().rsplit(": ").next().context("no password")?;
    run(&["add", "han", "--role", "operator", "--area", "area-1", "--display", "韩梅梅"])?;
    run(&["disable", "han"])?;
    let list = run(&["list"])?;
    ensure!(list.contains("han\toperator\tarea-1\t已停用 disabled\t韩梅梅"), "{list}");
    let refused = run(&["disable", "root"]).err().context("the last admin")?.to_string();
    ensure!(refused.contains("last admin"), "{refused}");
    let station = Station::run(&folder.site(), &folder.data())?;
    Browser::at(station.url()).sign_in("root", password)?;
    station.stop()
}
