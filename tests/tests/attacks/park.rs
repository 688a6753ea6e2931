//! A park of two areas with people of every kind, and a client that sends what no browser would.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::accounts::{FIRST, PASSWORD, people};
use e2e::binary;
use e2e::modbus::{Devices, State};
use e2e::site::{Analyzer, Link, Options, SiteFolder};
use e2e::station::Station;
use serde_json::{Value, json};

pub(crate) const SOON: Duration = Duration::from_secs(30);
/// The channel of the tank farm.
pub(crate) const CHANNEL: &str = "at-1-cl2";
/// An operator of the jetty, and somebody who only looks.
pub(crate) const OTHER: &str = "han";
pub(crate) const VIEWER: &str = "zhao";

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) text: String,
}

impl Answer {
    /// The last part of the problem's type; empty where it is none.
    pub(crate) fn problem(&self) -> String {
        let kind = self.json()["type"].as_str().unwrap_or_default().to_owned();
        kind.trim_start_matches("/problems/").to_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let pairs = self.head.lines().filter_map(|line| line.split_once(':'));
        let mut own = pairs.filter(|(key, _)| key.eq_ignore_ascii_case(name));
        own.next().map(|(_, value)| value.trim())
    }

    /// Refuses everything but this refusal.
    pub(crate) fn must_be(&self, status: u16, problem: &str, about: &str) -> Result<()> {
        let is_so = self.status == status && self.problem() == problem;
        ensure!(is_so, "{about}: not {status} {problem} but {} {}", self.status, self.text);
        Ok(())
    }
}

/// One request, line by line as given.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ask {
    lines: Vec<String>,
    body: Vec<u8>,
}

impl Ask {
    pub(crate) fn new(method: &str, target: &str) -> Self {
        Self { lines: vec![format!("{method} {target} HTTP/1.1")], body: Vec::new() }
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.lines.push(format!("{name}: {value}"));
        self
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.with("Authorization", token)
    }

    pub(crate) fn session(self, session: &Session) -> Self {
        self.with("Cookie", &session.cookie).with("X-Siskin-Csrf", &session.csrf)
    }

    pub(crate) fn body(mut self, media_type: &str, body: &[u8]) -> Self {
        self.body = body.to_vec();
        self.with("Content-Type", media_type)
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string().as_bytes())
    }
}

/// A browser that has signed in.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) cookie: String,
    pub(crate) csrf: String,
}

pub(crate) struct Park {
    pub(crate) station: Station,
    tokens: Vec<(&'static str, String)>,
    devices: Devices,
    _folder: SiteFolder,
}

impl Park {
    pub(crate) fn start() -> Result<Self> {
        let devices = Devices::start(&["at-1", "at-2"])?;
        let analyzer = |id, area| -> Result<_> {
            Ok(Analyzer { id, area, link: Link::Modbus(devices.port(id)?) })
        };
        let analyzers = [analyzer("at-1", "tank-farm")?, analyzer("at-2", "jetty")?];
        let options = Options { poll_ms: 100, ..Options::default() };
        let folder = SiteFolder::write(&analyzers, options)?;
        let (program, data) = (binary::siskin()?, folder.data());
        let mut tokens = Vec::new();
        for (name, rights) in [
            (OTHER, &["--role", "operator", "--area", "jetty"][..]),
            (VIEWER, &["--role", "viewer"]),
        ] {
            let add = ["add", name, "--password-stdin"];
            people(&program, &data, &[&add[..], rights].concat(), PASSWORD)?;
            let token = ["token", name, "--for", "attacks", "--days", "1"];
            let text = people(&program, &data, &token, "")?;
            tokens.push((name, format!("Bearer {}", text.trim())));
        }
        let station = Station::run(&folder.site(), &folder.data())?;
        Ok(Self { station, tokens, devices, _folder: folder })
    }

    pub(crate) fn gas(&mut self, ppm: f32) -> Result<()> {
        self.devices.set("at-1", ppm, State::Monitor).map(|_| ())
    }

    /// What `name` shows.
    pub(crate) fn token(&self, name: &str) -> Result<String> {
        match self.tokens.iter().find(|(known, _)| *known == name) {
            Some((_, token)) => Ok(token.clone()),
            None => self.station.bearer(name),
        }
    }

    pub(crate) fn connect(&self) -> Result<TcpStream> {
        let address = self.station.url().trim_start_matches("http://");
        let tcp = TcpStream::connect(address).context("no connection")?;
        tcp.set_read_timeout(Some(SOON))?;
        Ok(tcp)
    }

    pub(crate) fn send(&self, ask: &Ask) -> Result<Answer> {
        let mut tcp = self.connect()?;
        let mut text = ask.lines.join("\r\n");
        if !ask.lines.iter().any(|line| line.starts_with("Host:")) {
            text.push_str("\r\nHost: park");
        }
        let length = ask.body.len();
        write!(text, "\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n")?;
        tcp.write_all(text.as_bytes())?;
        // Who is refused early may be hung up on before all is sent.
        let _sent = tcp.write_all(&ask.body);
        let mut answer = Vec::new();
        let _ended = tcp.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, text) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.with_context(|| format!("no status: {:?}: {answer}", ask.lines))?;
        Ok(Answer { status, head: head.to_owned(), text: text.to_owned() })
    }

    /// Signs somebody in.
    pub(crate) fn sign_in(&self, name: &str) -> Result<Session> {
        let answer = self.try_sign_in(name, PASSWORD, None)?;
        ensure!(answer.status == 200, "{answer:?}");
        let cookie = answer.header("set-cookie").context("no cookie")?;
        let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        let csrf = answer.json()["csrf"].as_str().context("no csrf")?.to_owned();
        Ok(Session { cookie, csrf })
    }

    pub(crate) fn try_sign_in(
        &self,
        name: &str,
        password: &str,
        cookie: Option<&str>,
    ) -> Result<Answer> {
        let ask = Ask::new("POST", "/api/v1/session");
        let ask = ask.json(&json!({ "name": name, "password": password }));
        self.send(&cookie.map_or(ask.clone(), |cookie| ask.with("Cookie", cookie)))
    }

    /// The one open warning of at least `tier`.
    pub(crate) fn warning(&self, tier: &str) -> Result<String> {
        self.station.until("a warning", SOON, |station| {
            let found = station.get("warnings")?;
            let all = found.as_array().into_iter().flatten();
            let mut own = all.filter(|one| one["tier"] == tier);
            Ok(own.next().and_then(|one| one["id"].as_str().map(str::to_owned)))
        })
    }

    /// The incident that a red warning opened.
    pub(crate) fn incident(&self) -> Result<String> {
        self.station.until("an incident", SOON, |station| {
            let found = station.get("incidents")?;
            Ok(found["incidents"][0]["id"].as_str().map(str::to_owned))
        })
    }

    /// Method, path as the document has it, and whether it takes a body.
    pub(crate) fn routes(&self) -> Result<Vec<(String, String, bool)>> {
        let document = self.station.get("openapi.json")?;
        let mut routes = Vec::new();
        for (path, item) in document["paths"].as_object().context("no paths")? {
            for (method, operation) in item.as_object().context("no operations")? {
                let takes_body = operation.get("requestBody").is_some();
                routes.push((method.to_uppercase(), path.clone(), takes_body));
            }
        }
        ensure!(routes.len() > 80, "{} routes", routes.len());
        Ok(routes)
    }

    /// What somebody did, by the audit.
    pub(crate) fn acts_of(&self, name: &str) -> Result<Vec<String>> {
        let found = self.station.get(&format!("audit?by={name}&limit=1000"))?;
        let entries = found["entries"].as_array().context("no entries")?;
        Ok(entries.iter().filter_map(|one| one["act"].as_str().map(str::to_owned)).collect())
    }
}

/// A path of the document with something in every place.
pub(crate) fn filled(path: &str) -> String {
    let mut text = String::new();
    for part in path.split_inclusive('/') {
        let (name, end) = part.strip_suffix('/').map_or((part, ""), |name| (name, "/"));
        text.push_str(match name {
            "{number}" => "1",
            name if name.starts_with('{') => "x",
            name => name,
        });
        text.push_str(end);
    }
    text
}

/// The one who may everything.
pub(crate) const ADMIN: &str = FIRST;
