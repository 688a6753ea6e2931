//! The receipts of an uplink, as the API shows them.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::station::Station;
use e2e::wait::poll;
use serde_json::Value;

/// Messages of one answer.
const PAGE: usize = 1000;
/// How long the station may take to write down what it was answered.
const SOON: Duration = Duration::from_secs(30);

/// All messages, newest first.
pub(crate) fn all(station: &Station, id: &str) -> Result<Vec<Value>> {
    let (mut all, mut before) = (Vec::new(), String::new());
    loop {
        let page = station.get(&format!("uplinks/{id}/messages?limit={PAGE}{before}"))?;
        let page = page.as_array().context("no list")?.clone();
        let Some(last) = page.last().cloned() else {
            return Ok(all);
        };
        before = format!("&before={}", last["id"]);
        all.extend(page);
    }
}

/// Waits until nothing waits for an answer ([`crate::centre::Call::answer_all`] goes on), then
/// gives what was sent without being asked: each moment and period once, all of them accepted.
pub(crate) fn accepted_once(station: &Station, id: &str) -> Result<Vec<Value>> {
    let due = poll("all answers", SOON, || {
        let mut due = all(station, id)?;
        due.retain(|one| one["asked"] == false);
        let is_ended = |one: &Value| one["state"] != "queued" && one["state"] != "sent";
        Ok(due.iter().all(is_ended).then_some(due))
    })?;
    let mut seen = BTreeSet::new();
    for one in &due {
        ensure!(one["state"] == "accepted" && one["answer"] == "9014", "{one}");
        let name = format!("{} {} {}", one["kind"], one["data_time"], one["part"]);
        ensure!(seen.insert(name), "twice: {one}");
    }
    Ok(due)
}
