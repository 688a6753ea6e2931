//! Who looks at the station: each over a line of their own, at a steady pace.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use e2e::accounts::FIRST;
use e2e::station::Station;
use e2e::stream::Stream;
use serde_json::{Value, json};

/// Between two looks at what the live stream has brought.
const HEAR_EVERY: Duration = Duration::from_millis(20);

/// Reads the live stream until it is `over`; gives how often it lost its place.
pub(crate) fn listen(mut stream: Stream, over: &AtomicBool) -> usize {
    let mut lost = 0;
    while !over.load(Ordering::Relaxed) {
        lost += stream.pending().iter().filter(|event| event.name == "reset").count();
        thread::sleep(HEAR_EVERY);
    }
    lost
}

/// Answers to one question.
#[derive(Debug, Default)]
pub(crate) struct Waited {
    pub(crate) ms: Vec<f64>,
    pub(crate) bytes_max: u64,
}

/// Answers to all questions.
#[derive(Debug, Default)]
pub(crate) struct Waits {
    pub(crate) of: BTreeMap<String, Waited>,
}

impl Waits {
    fn add(&mut self, name: &str, began: Instant, bytes: usize) {
        let one = self.of.entry(name.to_owned()).or_default();
        one.ms.push(began.elapsed().as_secs_f64() * 1e3);
        one.bytes_max = one.bytes_max.max(bytes as u64);
    }

    pub(crate) fn append(&mut self, other: Self) {
        for (name, mut one) in other.of {
            let all = self.of.entry(name).or_default();
            all.ms.append(&mut one.ms);
            all.bytes_max = all.bytes_max.max(one.bytes_max);
        }
    }
}

/// A line to the station.
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

    fn get(&self, path: &str) -> Result<Vec<u8>> {
        let request = self.agent.get(format!("{}/{path}", self.url));
        let mut answer = request.header("authorization", &self.bearer).call()?;
        ensure!(answer.status() == 200, "GET {path}: {}", answer.status());
        Ok(answer.body_mut().with_config().limit(u64::MAX).read_to_vec()?)
    }

    /// Fetches every list at each turn until it is `over`.
    pub(crate) fn look(&self, over: &AtomicBool, lists: &[&str], every: Duration) -> Result<Waits> {
        let mut waits = Waits::default();
        while !over.load(Ordering::Relaxed) {
            let turn = Instant::now();
            for path in lists {
                let began = Instant::now();
                let bytes = self.get(path)?.len();
                waits.add(path, began, bytes);
            }
            thread::sleep(every.saturating_sub(turn.elapsed()));
        }
        Ok(waits)
    }

    /// Acknowledges one warning after the other, those that rose again too; where none waits,
    /// writes a comment, which takes the same way.
    pub(crate) fn acknowledge(&self, over: &AtomicBool, every: Duration) -> Result<Waits> {
        let (mut waits, mut open) = (Waits::default(), Vec::new());
        while !over.load(Ordering::Relaxed) {
            let turn = Instant::now();
            if open.is_empty() {
                open = serde_json::from_slice::<Vec<Value>>(&self.get("warnings")?)?;
            }
            if let Some(id) = open.pop().and_then(|one| one["id"].as_str().map(str::to_owned)) {
                let began = Instant::now();
                if self.post(&format!("warnings/{id}/acknowledge"))? == 409 {
                    ensure!(self.post(&format!("warnings/{id}/comment"))? == 200, "no comment");
                }
                waits.add("act", began, 0);
            }
            thread::sleep(every.saturating_sub(turn.elapsed()));
        }
        Ok(waits)
    }

    fn post(&self, path: &str) -> Result<u16> {
        let request = self.agent.post(format!("{}/{path}", self.url));
        let request = request.header("authorization", &self.bearer);
        let answer = request.send_json(json!({ "note": "看到" }))?;
        let status = answer.status().as_u16();
        ensure!(status == 200 || status == 409, "POST {path}: {status}");
        Ok(status)
    }
}
