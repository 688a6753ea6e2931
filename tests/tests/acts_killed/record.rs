//! The ledger as the kills left it, read by another hand, and what must hold of it however often
//! the station was killed.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::crew::{Act, Answer, Kind};

/// All that was ever read.
#[derive(Debug, Default)]
pub(crate) struct Record {
    /// Number of the newest event.
    pub(crate) event: u64,
    /// Number of the newest entry of the audit.
    pub(crate) audit: u64,
    /// How often somebody was called because nobody acknowledged.
    pub(crate) passed_on: u64,
    /// How often a tier rose.
    pub(crate) escalated: u64,
    /// The newest event of each warning.
    warnings: BTreeMap<String, Value>,
    active: BTreeSet<String>,
    flooded: BTreeSet<String>,
    said_in_audit: BTreeMap<String, u32>,
    said_in_events: BTreeMap<String, u32>,
    holds: Vec<Value>,
    untils: BTreeMap<String, Value>,
    shifts: Vec<i64>,
}

/// What became of an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Whole,
    Absent,
}

fn text<'a>(value: &'a Value, key: &str) -> Result<&'a str> {
    value[key].as_str().with_context(|| format!("no `{key}` in {value}"))
}

fn list<'a>(found: &'a Value, key: &str) -> Result<&'a Vec<Value>> {
    found[key].as_array().with_context(|| format!("no list `{key}`"))
}

/// Whether it is the same ladder: a rise begins another, maybe in the same moment.
fn is_one_ladder(left: &Value, now: &Value) -> bool {
    (&left["begun_at"], &left["tier"]) == (&now["begun_at"], &now["tier"])
}

impl Record {
    /// Takes what is new; an error says what does not hold.
    pub(crate) fn take(&mut self, found: &Value) -> Result<()> {
        let wrong = list(found, "wrong_views")?;
        ensure!(wrong.is_empty(), "warnings that are not as their newest event says: {wrong:?}");
        for event in list(found, "events")? {
            ensure!(event["seq"] == self.event + 1, "after event {}: {event}", self.event);
            self.event += 1;
            let took = match text(event, "kind")? {
                "warning" => self.warning(event),
                "alarm" => self.alarm(&event["body"]),
                "flood" => self.flood(&event["body"]),
                // The first version of the rules; nobody changes them.
                "rules" if self.event == 1 => Ok(()),
                kind => bail!("an event of kind `{kind}`"),
            };
            took.with_context(|| format!("event {}: {event}", self.event))?;
        }
        for entry in list(found, "audit")? {
            ensure!(entry["number"] == self.audit + 1, "after entry {}: {entry}", self.audit);
            self.audit += 1;
            let body = &entry["body"];
            if let Some(words) = body["note"].as_str().or(body["reason"].as_str()) {
                *self.said_in_audit.entry(words.to_owned()).or_default() += 1;
            }
        }
        self.holds(list(found, "holds")?)?;
        let begins = list(found, "shifts")?.iter().filter_map(|shift| shift["from_ms"].as_i64());
        self.shifts = begins.collect();
        Ok(())
    }

    /// One step of a warning: told once, and its timers go on with the time left.
    fn warning(&mut self, event: &Value) -> Result<()> {
        let (body, change) = (&event["body"], text(event, "change")?);
        let id = text(&body["warning"], "id")?.to_owned();
        let before = self.warnings.get(&id).cloned();
        ensure!((change == "raised") == before.is_none(), "raised once, and first");
        let before = before.unwrap_or_default();
        ensure!(*body != before, "told twice");
        let (was, is) = (&before["warning"], &body["warning"]);
        let (left, now) = (&was["passing"], &is["passing"]);
        if change == "passed-on" {
            self.passed_on += 1;
            ensure!(body["at"] == left["next"]["due_at"], "not when it was due: {left}");
            let mut told = list(left, "told")?.clone();
            told.push(left["next"]["to"].clone());
            ensure!(*list(now, "told")? == told, "{left} became {now}");
        } else if left.is_object() && now.is_object() && is_one_ladder(left, now) {
            ensure!(left == now, "a timer changed: {left} became {now}");
        }
        if change == "acknowledged" {
            let state = text(was, "state")?;
            ensure!(state.ends_with("unacknowledged"), "acknowledged twice, it was {state}");
        }
        self.escalated += u64::from(change == "escalated");
        if let Some(words) = body["said"]["note"].as_str() {
            *self.said_in_events.entry(words.to_owned()).or_default() += 1;
        }
        self.warnings.insert(id, body.clone());
        Ok(())
    }

    fn alarm(&mut self, body: &Value) -> Result<()> {
        let alarm = &body["alarm"];
        let of = format!("{}.{}", text(alarm, "rule")?, text(alarm, "channel")?);
        let is_new = match text(body, "edge")? {
            "raise" => self.active.insert(of),
            _ => self.active.remove(&of),
        };
        ensure!(is_new, "told twice");
        Ok(())
    }

    fn flood(&mut self, body: &Value) -> Result<()> {
        let desk = text(body, "desk")?.to_owned();
        let is_new = match text(body, "change")? {
            "began" => self.flooded.insert(desk),
            _ => self.flooded.remove(&desk),
        };
        ensure!(is_new, "told twice");
        Ok(())
    }

    /// Holds as they stand: none is lost, and each ends when it was to end from the first.
    fn holds(&mut self, holds: &[Value]) -> Result<()> {
        let untils = holds.iter().map(|hold| Ok((text(hold, "id")?, &hold["body"]["until"])));
        let untils: BTreeMap<&str, &Value> = untils.collect::<Result<_>>()?;
        for (id, until) in &self.untils {
            let now = untils.get(id.as_str());
            ensure!(now.is_some_and(|now| *now == until), "hold {id}: {until} became {now:?}");
        }
        self.untils = untils.into_iter().map(|(id, at)| (id.to_owned(), at.clone())).collect();
        self.holds = holds.to_vec();
        Ok(())
    }

    /// Whether an act is there with all that belongs to it, or nothing of it; whoever had an answer
    /// knew which.
    pub(crate) fn fate(&self, act: &Act) -> Result<Fate> {
        let entries = self.said_in_audit.get(&act.words).copied().unwrap_or(0);
        let events = self.said_in_events.get(&act.words).copied().unwrap_or(0);
        let told = format!("{act:?}: {entries} entries, {events} events");
        ensure!(entries <= 1, "{told}");
        match act.kind {
            Kind::Acknowledge | Kind::Unshelve | Kind::Confirm => {
                ensure!(events == entries, "{told}");
            }
            Kind::Shelve => {
                let own = |hold: &&Value| hold["body"]["reason"] == *act.words;
                let own = self.holds.iter().filter(own);
                let own: Vec<_> = own.filter(|h| h["body"]["confirmed_by"].is_null()).collect();
                ensure!(own.len() == entries as usize, "{told}, {own:?}");
                let shelves = own.iter().filter(|hold| hold["body"]["kind"] == "shelf").count();
                ensure!(events as usize == shelves, "{told}, {own:?}");
            }
            Kind::Roster => {
                let own = self.shifts.iter().filter(|from_ms| **from_ms == act.from_ms).count();
                ensure!(own == entries as usize && events == 0, "{told}, {own} shifts");
            }
        }
        match act.answer {
            Answer::Done => ensure!(entries == 1, "answered and lost: {told}"),
            Answer::Refused(status) => {
                ensure!(entries == 0 && status < 500, "refused and done: {told}");
            }
            Answer::None => {}
        }
        Ok(if entries == 1 { Fate::Whole } else { Fate::Absent })
    }

    /// What the station says after its start of shelves and ladders is what the ledger had: the
    /// same moments, to the millisecond.
    pub(crate) fn goes_on(&self, holds: &Value, warnings: &Value) -> Result<u64> {
        let mut compared = 0;
        for hold in holds.as_array().context("no holds")? {
            let (id, until) = (text(hold, "id")?, &hold["until_ms"]);
            ensure!(self.untils.get(id) == Some(until), "{hold}, it was {:?}", self.untils.get(id));
            compared += 1;
        }
        for warning in warnings.as_array().context("no warnings")? {
            let Some(before) = self.warnings.get(text(warning, "id")?) else { continue };
            let (left, now) = (&before["warning"]["passing"], &warning["passing"]);
            // What became due while it was down has been told, and a rise begins a ladder anew.
            let is_same = left["told"] == now["told"]
                && warning["tier"] == before["warning"]["tier"]
                && warning["state"] == before["warning"]["state"];
            if is_same && now.is_object() && left["next"]["due_at"] != now["next_at_ms"] {
                bail!("{left} became {now}");
            }
            compared += u64::from(is_same && now.is_object());
        }
        Ok(compared)
    }
}
