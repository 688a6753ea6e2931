//! The bureau's door of a station that has told a bureau of a warning from its begin to its end.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};
use e2e::accounts::{FIRST, SECOND};
use e2e::station::Station;
use serde_json::{Value, json};

/// Pulls everything, a step at a time, and holds it against the life of the warnings.
pub(crate) fn pull_all(station: &Station) -> Result<Vec<Value>> {
    let (mut steps, mut path) = (Vec::new(), "bureau/warnings?limit=1".to_owned());
    loop {
        let page = station.get(&path)?;
        steps.extend(page["steps"].as_array().cloned().unwrap_or_default());
        let next = page["next"].as_str().unwrap_or_default();
        path = format!("bureau/warnings?limit=1&after={next}");
        if page["has_more"] == false {
            break;
        }
    }
    let warnings: BTreeSet<_> =
        steps.iter().filter_map(|step| step["warning"].as_str().map(str::to_owned)).collect();
    let mut expected = Vec::new();
    for id in warnings {
        let events = station.get(&format!("warnings/{id}/events"))?;
        let events = events.as_array().cloned().unwrap_or_default();
        expected.extend(events.iter().filter_map(|event| event["seq"].as_u64()));
    }
    expected.sort_unstable();
    let pulled: Vec<_> = steps.iter().filter_map(|step| step["seq"].as_u64()).collect();
    ensure!(pulled == expected, "pulled {pulled:?}, the ledger has {expected:?}");
    Ok(steps)
}

/// The bureau's account reads a message, once; another account does not.
pub(crate) fn read_one(station: &Station, number: u64) -> Result<()> {
    let path = format!("messages/{number}/read");
    let (status, refused) = station.post_by(SECOND, &path, &json!({}))?;
    ensure!((status, &refused["type"]) == (403, &json!("/problems/not-recipient")), "{refused}");
    let (status, read) = station.post_by(FIRST, &path, &json!({}))?;
    ensure!(status == 200 && read["delivery"]["state"] == "read", "{status} {read}");
    let (status, again) = station.post_by(FIRST, &path, &json!({}))?;
    ensure!(status == 200 && again == read, "{again}");
    let last = read["receipts"].as_array().and_then(|all| all.last()).cloned();
    let last = last.unwrap_or_default();
    ensure!(last["happened"] == "read" && last["answer"] == FIRST, "{read}");
    let noted = station.get("audit?act=message.read")?;
    let entries = noted["entries"].as_array().cloned().unwrap_or_default();
    ensure!(entries.len() == 1 && entries[0]["by"] == FIRST, "{noted}");
    let warning = read["delivery"]["warning"].as_str().unwrap_or_default();
    let told = station.get(&format!("warnings/{warning}/messages"))?;
    let told = told.as_array().cloned().unwrap_or_default();
    ensure!(told.iter().any(|one| one["state"] == "read"), "{told:?}");
    Ok(())
}
