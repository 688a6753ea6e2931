//! A running station, spoken to by its HTTP contract.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use crate::accounts::{Accounts, FIRST};
use crate::binary;
use crate::process::{Process, say};
use crate::stream::Stream;

/// How long the station may take to say where its page is: stores are opened and judged before.
const START_MAX: Duration = Duration::from_secs(30);
/// How long one answer may take.
const ANSWER_MAX: Duration = Duration::from_secs(10);
/// How long an ordered stop may take.
const STOP_MAX: Duration = Duration::from_secs(10);

/// A station that ends with the test.
#[derive(Debug)]
pub struct Station {
    process: Process,
    url: String,
    agent: ureq::Agent,
    accounts: Accounts,
    /// The data folder of a demo, which goes with it.
    _scratch: Option<TempDir>,
}

impl Station {
    /// `siskin run` on a site's folder, with its stores in `data`.
    pub fn run(site: &Path, data: &Path) -> Result<Self> {
        Self::run_by(&binary::siskin()?, site, data)
    }

    /// The same with another catalogue and other device profiles.
    pub fn run_with(site: &Path, data: &Path, firmware_configs: &Path) -> Result<Self> {
        let mut command = Command::new(binary::siskin()?);
        command.arg("run").arg(site).arg("--data").arg(data);
        let accounts = Accounts::of(&binary::siskin()?, data)?;
        Self::start(command.arg("--firmware-configs").arg(firmware_configs), accounts)
    }

    /// The same by another build of the program.
    pub fn run_by(program: &Path, site: &Path, data: &Path) -> Result<Self> {
        let mut command = Command::new(program);
        command.arg("run").arg(site).arg("--data").arg(data);
        Self::start(&mut command, Accounts::of(program, data)?)
    }

    /// `siskin demo` on a free port.
    pub fn demo(program: &Path, seed: u64) -> Result<Self> {
        let scratch = tempfile::tempdir()?;
        let data = scratch.path().join("data");
        let mut command = Command::new(program);
        command.args(["demo", "--port", "0", "--seed", &seed.to_string(), "--data"]).arg(&data);
        let station = Self::start(&mut command, Accounts::of(program, &data)?)?;
        Ok(Self { _scratch: Some(scratch), ..station })
    }

    /// The same where the site has [station.tls]; `authority` signed its certificate.
    pub fn run_tls(
        site: &Path,
        data: &Path,
        firmware_configs: &Path,
        authority: &Path,
    ) -> Result<Self> {
        let pem = std::fs::read(authority)?;
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::new_with_certs(&[Certificate::from_pem(&pem)?]))
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .build();
        let mut station = Self::run_with(site, data, firmware_configs)?;
        ensure!(station.url.starts_with("https://"), "{}", station.url);
        let config = ureq::Agent::config_builder().http_status_as_error(false).proxy(None);
        station.agent = config.tls_config(tls).build().new_agent();
        Ok(station)
    }

    fn start(command: &mut Command, accounts: Accounts) -> Result<Self> {
        let process = Process::start("siskin", command.env("SISKIN_LOG", "info"))?;
        let deadline = Instant::now() + START_MAX;
        let url = loop {
            let line = process.line(deadline.saturating_duration_since(Instant::now()))?;
            let found = ["http://", "https://"].iter().find_map(|scheme| line.find(scheme));
            if let Some(url) = found.and_then(|at| line.get(at..)) {
                break url.trim().trim_end_matches('/').to_owned();
            }
        };
        let config = ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build();
        Ok(Self { process, url, agent: config.new_agent(), accounts, _scratch: None })
    }

    /// Where its page is, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What `name` shows to be let in.
    pub fn bearer(&self, name: &str) -> Result<String> {
        self.accounts.bearer(name)
    }

    /// Its process.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// Status and body of `GET /api/v1/<path>`.
    pub fn answer(&self, path: &str) -> Result<(u16, Value)> {
        let url = format!("{}/api/v1/{path}", self.url);
        let request = self.agent.get(&url).header("authorization", self.bearer(FIRST)?);
        let request = request.config().timeout_global(Some(ANSWER_MAX));
        let mut response = request.build().call().with_context(|| format!("GET {url}"))?;
        let body = response.body_mut().read_json();
        Ok((response.status().as_u16(), body.with_context(|| format!("GET {url}"))?))
    }

    /// The body of `GET /api/v1/<path>`, which must succeed.
    pub fn get(&self, path: &str) -> Result<Value> {
        let (status, body) = self.answer(path)?;
        ensure!(status == 200, "GET {path}: {status} {body}");
        Ok(body)
    }

    /// The item of the list at `path` whose `key` is `id`.
    fn item(&self, path: &str, list: &str, key: &str, id: &str) -> Result<Value> {
        let body = self.get(path)?;
        let items = body.pointer(list).and_then(Value::as_array);
        let found = items.and_then(|items| items.iter().find(|item| item[key] == id));
        found.cloned().with_context(|| format!("no `{id}` in {path}: {body}"))
    }

    /// The latest reading of a channel.
    pub fn channel(&self, id: &str) -> Result<Value> {
        self.item("channels", "", "channel", id)
    }

    /// The health of an analyzer.
    pub fn analyzer(&self, id: &str) -> Result<Value> {
        self.item("health", "/analyzers", "analyzer", id)
    }

    /// Readings of a channel between two moments, in ms since 1970.
    pub fn readings(&self, channel: &str, from_ms: i64, to_ms: i64) -> Result<Vec<Value>> {
        let path =
            format!("channels/{channel}/readings?from_ms={from_ms}&to_ms={to_ms}&points_max=5000");
        let body = self.get(&path)?;
        ensure!(body["slice_ms"].is_null(), "more readings than one answer holds");
        Ok(body["points"].as_array().cloned().unwrap_or_default())
    }

    /// Status and body of acknowledging a warning.
    pub fn acknowledge(&self, warning: &str, by: &str, note: &str) -> Result<(u16, Value)> {
        let path = format!("warnings/{warning}/acknowledge");
        self.post_by(by, &path, &json!({ "note": note }))
    }

    /// Status and body of `POST /api/v1/<path>`, in the name of the first account.
    pub fn post(&self, path: &str, body: &Value) -> Result<(u16, Value)> {
        self.post_by(FIRST, path, body)
    }

    /// The same in the name of `by`.
    pub fn post_by(&self, by: &str, path: &str, body: &Value) -> Result<(u16, Value)> {
        let url = format!("{}/api/v1/{path}", self.url);
        let request = self.agent.post(&url).header("authorization", self.bearer(by)?);
        let request = request.config().timeout_global(Some(ANSWER_MAX));
        let mut response = request.build().send_json(body)?;
        Ok((response.status().as_u16(), response.body_mut().read_json()?))
    }

    /// Status and body of `PATCH /api/v1/<path>`.
    pub fn patch(&self, path: &str, body: &Value) -> Result<(u16, Value)> {
        let url = format!("{}/api/v1/{path}", self.url);
        let request = self.agent.patch(&url).header("authorization", self.bearer(FIRST)?);
        let request = request.config().timeout_global(Some(ANSWER_MAX));
        let mut response = request.build().send_json(body)?;
        Ok((response.status().as_u16(), response.body_mut().read_json()?))
    }

    /// Status and body of `PUT /api/v1/<path>`.
    pub fn put(&self, path: &str, body: &Value) -> Result<(u16, Value)> {
        let url = format!("{}/api/v1/{path}", self.url);
        let request = self.agent.put(&url).header("authorization", self.bearer(FIRST)?);
        let request = request.config().timeout_global(Some(ANSWER_MAX));
        let mut response = request.build().send_json(body)?;
        Ok((response.status().as_u16(), response.body_mut().read_json()?))
    }

    /// The text of `GET /api/v1/<path>` in another form, which must succeed.
    pub fn text_as(&self, path: &str, media_type: &str) -> Result<String> {
        let url = format!("{}/api/v1/{path}", self.url);
        let request = self.agent.get(&url).header("authorization", self.bearer(FIRST)?);
        let request = request.header("accept", media_type);
        let request = request.config().timeout_global(Some(ANSWER_MAX));
        let mut response = request.build().call().with_context(|| format!("GET {url}"))?;
        ensure!(response.status() == 200, "GET {url}: {}", response.status());
        Ok(response.body_mut().read_to_string()?)
    }

    /// Status and body of a `POST /api/v1/<path>` of bytes as they are.
    pub fn post_bytes(&self, path: &str, bytes: &[u8]) -> Result<(u16, Value)> {
        let url = format!("{}/api/v1/{path}", self.url);
        let request = self.agent.post(&url).header("authorization", self.bearer(FIRST)?);
        let request = request.header("content-type", "application/octet-stream");
        let request = request.config().timeout_global(Some(ANSWER_MAX));
        let mut response = request.build().send(bytes)?;
        Ok((response.status().as_u16(), response.body_mut().read_json()?))
    }

    /// The bytes of `GET /api/v1/<path>`, which must succeed.
    pub fn bytes(&self, path: &str) -> Result<Vec<u8>> {
        let url = format!("{}/api/v1/{path}", self.url);
        let request = self.agent.get(&url).header("authorization", self.bearer(FIRST)?);
        let request = request.config().timeout_global(Some(ANSWER_MAX));
        let mut response = request.build().call().with_context(|| format!("GET {url}"))?;
        ensure!(response.status() == 200, "GET {url}: {}", response.status());
        Ok(response.body_mut().read_to_vec()?)
    }

    /// Status and body of `DELETE /api/v1/<path>`.
    pub fn delete(&self, path: &str) -> Result<(u16, Value)> {
        let url = format!("{}/api/v1/{path}", self.url);
        let request = self.agent.delete(&url).header("authorization", self.bearer(FIRST)?);
        let request = request.config().timeout_global(Some(ANSWER_MAX));
        let mut response = request.build().call()?;
        Ok((response.status().as_u16(), response.body_mut().read_json()?))
    }

    /// The live stream, after the event with place `after`.
    pub fn stream(&self, after: Option<u64>) -> Result<Stream> {
        let query = after.map_or_else(String::new, |seq| format!("?after={seq}"));
        let url = format!("{}/api/v1/events{query}", self.url);
        let request = self.agent.get(&url).header("authorization", self.bearer(FIRST)?);
        let response = request.call().with_context(|| format!("GET {url}"))?;
        ensure!(response.status() == 200, "GET {url}: {}", response.status());
        Ok(Stream::new(response.into_body().into_reader()))
    }

    /// Looks with every event of the live stream until `look` finds something; `what` is awaited
    /// for at most `limit`.
    pub fn until<T>(
        &self,
        what: &str,
        limit: Duration,
        mut look: impl FnMut(&Self) -> Result<Option<T>>,
    ) -> Result<T> {
        let deadline = Instant::now() + limit;
        if let Some(found) = look(self)? {
            return Ok(found);
        }
        let mut stream = self.stream(None)?;
        loop {
            if let Some(found) = look(self)? {
                return Ok(found);
            }
            stream.next(deadline).with_context(|| {
                let state =
                    |path| self.get(path).map_or_else(|e| format!("{e:#}"), |v| v.to_string());
                say(&format!("health: {}", state("health")));
                say(&format!("channels: {}", state("channels")));
                format!("not within {limit:?}: {what}")
            })?;
            stream.pending();
        }
    }

    /// Ends it by kill -9.
    pub fn kill(mut self) -> Result<()> {
        self.process.kill()
    }

    /// Ends it in order.
    pub fn stop(mut self) -> Result<()> {
        self.process.signal("TERM")?;
        let status = self.process.ended(STOP_MAX)?;
        ensure!(status.success(), "the station ended with {status}");
        Ok(())
    }
}
