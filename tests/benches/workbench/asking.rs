//! What is asked of the station beside the live readings.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use e2e::accounts::FIRST;
use e2e::moment;
use e2e::station::Station;
use serde_json::{Map, Value, json};

/// Between two looks at a backtest.
const PROGRESS_EVERY: Duration = Duration::from_millis(100);
/// The range of each backtest: all that the run has stored lies in it.
const RANGE_MS: i64 = 3_600_000;

/// How long answers took, and what was judged.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    pub(crate) ms: BTreeMap<&'static str, Vec<f64>>,
    pub(crate) readings: u64,
}

impl Asked {
    fn add(&mut self, what: &'static str, began: Instant) {
        self.ms.entry(what).or_default().push(began.elapsed().as_secs_f64() * 1e3);
    }

    pub(crate) fn append(&mut self, other: Self) {
        for (what, mut ms) in other.ms {
            self.ms.entry(what).or_default().append(&mut ms);
        }
        self.readings += other.readings;
    }
}

/// A line to the station, of whoever asks over it.
pub(crate) struct Line {
    url: String,
    bearer: String,
    agent: ureq::Agent,
}

impl Line {
    pub(crate) fn to(station: &Station) -> Result<Self> {
        let config = ureq::Agent::config_builder().http_status_as_error(false).proxy(None);
        let url = format!("{}/api/v1", station.url());
        Ok(Self { url, bearer: station.bearer(FIRST)?, agent: config.build().new_agent() })
    }

    fn get(&self, path: &str) -> Result<Value> {
        let request = self.agent.get(format!("{}/{path}", self.url));
        let mut answer = request.header("authorization", &self.bearer).call()?;
        ensure!(answer.status() == 200, "GET {path}: {}", answer.status());
        let bytes = answer.body_mut().with_config().limit(u64::MAX).read_to_vec()?;
        Ok(serde_json::from_slice(&bytes)?)
    }

    fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let request = self.agent.post(format!("{}/{path}", self.url));
        let mut answer = request.header("authorization", &self.bearer).send_json(body)?;
        let text = answer.body_mut().read_to_string()?;
        ensure!(answer.status() == 200, "POST {path}: {} {text}", answer.status());
        Ok(serde_json::from_str(&text)?)
    }
}

/// One person with the page open: how the rules stand, and the channels of one.
pub(crate) fn states(line: &Line, over: &AtomicBool, every: Duration) -> Result<Asked> {
    let mut asked = Asked::default();
    let rules = line.get("rules/state")?;
    let rule = rules["rules"][0]["rule"].as_str().unwrap_or_default().to_owned();
    while !over.load(Ordering::Relaxed) {
        let turn = Instant::now();
        line.get("rules/state")?;
        asked.add("rules_state", turn);
        let began = Instant::now();
        line.get(&format!("rules/state?rule={rule}"))?;
        asked.add("rules_state_of_one", began);
        thread::sleep(every.saturating_sub(turn.elapsed()));
    }
    Ok(asked)
}

/// Backtests of the running set against itself, one after the other, at least one.
pub(crate) fn backtests(line: &Line, over: &AtomicBool) -> Result<Asked> {
    let mut asked = Asked::default();
    let files = running_files(line)?;
    loop {
        let began = Instant::now();
        asked.readings += one_backtest(line, &files)?;
        asked.add("backtest", began);
        if over.load(Ordering::Relaxed) {
            return Ok(asked);
        }
    }
}

fn running_files(line: &Line) -> Result<Map<String, Value>> {
    let set = line.get("rules/sets/running")?;
    let files = set["files"].as_array().map_or(&[][..], Vec::as_slice);
    let one = |file: &Value| Some((file["path"].as_str()?.to_owned(), file["text"].clone()));
    Ok(files.iter().filter_map(one).collect())
}

/// Begins a backtest and waits for its end; gives the readings that were judged.
fn one_backtest(line: &Line, files: &Map<String, Value>) -> Result<u64> {
    let now_ms = moment::now_ms();
    let body = json!({
        "files": files, "channels": [],
        "from": text(now_ms - RANGE_MS)?, "to": text(now_ms)?,
    });
    let begun = line.post("backtests", &body)?;
    let path = format!("backtests/{}", begun["id"]);
    loop {
        let seen = line.get(&path)?;
        match seen["state"].as_str() {
            Some("queued" | "running") => thread::sleep(PROGRESS_EVERY),
            Some("done") => return Ok(seen["result"]["readings"].as_u64().unwrap_or(0)),
            _ => bail!("the backtest ended otherwise: {seen}"),
        }
    }
}

fn text(ms: i64) -> Result<String> {
    Ok(jiff::Timestamp::from_millisecond(ms)?.to_string())
}
