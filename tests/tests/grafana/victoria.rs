//! A VictoriaMetrics that ends with the test.

use std::net::{Ipv4Addr, TcpListener};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::process::Process;
use e2e::wait::poll;
use serde_json::Value;
use tempfile::TempDir;

use crate::data::{END_S, RANGE_S};

const START_MAX: Duration = Duration::from_secs(30);

pub(crate) struct Victoria {
    _process: Process,
    _folder: TempDir,
    url: String,
    agent: ureq::Agent,
}

impl Victoria {
    pub(crate) fn start() -> Result<Self> {
        let held = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = held.local_addr()?;
        drop(held);
        let folder = tempfile::tempdir()?;
        let mut command = Command::new("victoria-metrics");
        command
            .arg(format!("-storageDataPath={}", folder.path().join("data").display()))
            .arg(format!("-httpListenAddr={address}"))
            .arg("-retentionPeriod=10y");
        let process = Process::start("victoria-metrics", &command)
            .context("cannot start victoria-metrics; hint: make debian-test")?;
        let config = ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build();
        let (url, agent) = (format!("http://{address}"), config.new_agent());
        let victoria = Self { _process: process, _folder: folder, url, agent };
        poll("VictoriaMetrics listens", START_MAX, || Ok(victoria.get("/health", &[]).ok()))?;
        Ok(victoria)
    }

    /// Writes lines and makes them visible to queries.
    pub(crate) fn write(&self, lines: &str) -> Result<()> {
        let url = format!("{}/api/v2/write?precision=ms", self.url);
        let response = self.agent.post(&url).send(lines)?;
        ensure!(response.status() == 204, "{url}: {}", response.status());
        self.get("/internal/force_flush", &[])?;
        Ok(())
    }

    fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<String> {
        let request = self.agent.get(format!("{}{path}", self.url));
        let mut response = request.query_pairs(query.iter().copied()).call()?;
        let text = response.body_mut().read_to_string()?;
        ensure!(response.status() == 200, "{path}: {} {text}", response.status());
        Ok(text)
    }

    /// The rows of a query; `how` is `query` or `query_range`.
    pub(crate) fn query(&self, how: &str, query: &[(&str, &str)]) -> Result<Vec<Value>> {
        let query = [query, &[("nocache", "1")]].concat();
        let answer: Value = serde_json::from_str(&self.get(&format!("/api/v1/{how}"), &query)?)?;
        ensure!(answer["status"] == "success", "{answer}");
        answer["data"]["result"].as_array().cloned().context("no rows")
    }

    pub(crate) fn label_values(&self, label: &str, metric: &str) -> Result<Vec<String>> {
        let (start, end) = ((END_S - RANGE_S).to_string(), END_S.to_string());
        let query = [("match[]", metric), ("start", &start), ("end", &end)];
        let path = format!("/api/v1/label/{label}/values");
        let answer: Value = serde_json::from_str(&self.get(&path, &query)?)?;
        let values = answer["data"].as_array().context("no values")?.iter();
        Ok(values.filter_map(Value::as_str).map(str::to_owned).collect())
    }
}
