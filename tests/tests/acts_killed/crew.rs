//! People who act all at once, each over a line of their own, until the station is gone.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::mpsc::SyncSender;
use std::time::Duration;

use anyhow::{Context, Result};
use e2e::accounts::{FIRST, SECOND};
use e2e::station::Station;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

use crate::park::{AREAS, PPM, Park};

/// How long one answer may take: the killed station closes its lines long before.
const ANSWER_MAX: Duration = Duration::from_secs(20);
/// The first hour of the roster that is filled: 2027-01-01, far from now.
const ROSTER_BEGIN_MS: i64 = 1_798_761_600_000;
const HOUR_MS: i64 = 3_600_000;
/// Who is on duty in every shift.
pub(crate) const CONTACT: &str = "hand";

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Acknowledge,
    Shelve,
    Unshelve,
    Confirm,
    Roster,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// 200.
    Done,
    /// The station said no.
    Refused(u16),
    /// The line broke.
    None,
}

/// One act; nobody else says its words.
#[derive(Debug, Clone)]
pub(crate) struct Act {
    pub(crate) kind: Kind,
    pub(crate) words: String,
    /// Of a shift: its begin.
    pub(crate) from_ms: i64,
    pub(crate) answer: Answer,
}

/// Where people of all rounds take their next hour of the roster from.
#[derive(Debug, Default)]
pub(crate) struct Hours(AtomicI64);

/// A person.
pub(crate) struct Person<'a> {
    pub(crate) park: &'a Park,
    pub(crate) hours: &'a Hours,
    url: String,
    bearers: [String; 2],
    agent: ureq::Agent,
    random: StdRng,
    name: String,
    acts: Vec<Act>,
}

impl<'a> Person<'a> {
    pub(crate) fn new(
        (park, hours, station): (&'a Park, &'a Hours, &Station),
        name: String,
        seed: u64,
    ) -> Result<Self> {
        let config = ureq::Agent::config_builder().http_status_as_error(false).proxy(None);
        Ok(Self {
            park,
            hours,
            url: format!("{}/api/v1", station.url()),
            bearers: [station.bearer(FIRST)?, station.bearer(SECOND)?],
            agent: config.timeout_global(Some(ANSWER_MAX)).build().new_agent(),
            random: StdRng::seed_from_u64(seed),
            name,
            acts: Vec::new(),
        })
    }

    /// Acts until there is no answer; tells of each answer.
    pub(crate) fn work(mut self, answered: &SyncSender<()>) -> Result<Vec<Act>> {
        while let Some(()) = self.turn()? {
            // The killer has heard enough.
            let _counted = answered.send(());
        }
        Ok(self.acts)
    }

    /// One act; none where the line broke.
    fn turn(&mut self) -> Result<Option<()>> {
        if self.random.random_range(0..3) == 0 {
            let area = AREAS[self.random.random_range(0..AREAS.len())];
            let ppm = PPM[self.random.random_range(0..PPM.len())];
            self.park.publish(&[(area, ppm)])?;
        }
        let kinds = [Kind::Acknowledge, Kind::Shelve, Kind::Unshelve, Kind::Confirm, Kind::Roster];
        let kind = kinds[self.random.random_range(0..kinds.len())];
        let words = format!("{}-{}", self.name, self.acts.len());
        let mut act = Act { kind, words, from_ms: 0, answer: Answer::None };
        let Some((path, body)) = self.wanted(&mut act)? else { return Ok(None) };
        let Some(path) = path else { return Ok(Some(())) };
        let bearer = &self.bearers[self.random.random_range(0..2)];
        let request = self.agent.post(format!("{}/{path}", self.url));
        let sent = request.header("authorization", bearer).send_json(&body);
        act.answer = match sent.and_then(|mut answer| {
            let body: Value = answer.body_mut().read_json()?;
            Ok((answer.status().as_u16(), body))
        }) {
            Ok((200, _)) => Answer::Done,
            Ok((status, _)) => Answer::Refused(status),
            Err(_) => Answer::None,
        };
        let is_answered = act.answer != Answer::None;
        self.acts.push(act);
        Ok(is_answered.then_some(()))
    }

    /// Path and body of an act; no path where there is nothing to act on, none where the line
    /// broke.
    fn wanted(&mut self, act: &mut Act) -> Result<Option<(Option<String>, Value)>> {
        let note = &act.words;
        if act.kind == Kind::Roster {
            let hour = self.hours.0.fetch_add(1, Ordering::Relaxed);
            act.from_ms = ROSTER_BEGIN_MS + hour * HOUR_MS;
            let at = |ms: i64| jiff::Timestamp::from_millisecond(ms).map(|at| at.to_string());
            let (from, to) = (at(act.from_ms)?, at(act.from_ms + HOUR_MS)?);
            let text = format!("from,to,role,person\n{from},{to},operator,{CONTACT}\n");
            let body = json!({ "text": text, "reason": note });
            return Ok(Some((Some("duty/import".to_owned()), body)));
        }
        let (list, keep): (_, fn(&Value) -> bool) = match act.kind {
            Kind::Confirm => ("holds", |hold| hold["kind"] == "proposal"),
            Kind::Unshelve => ("holds", |hold| hold["kind"] == "shelf"),
            _ => ("warnings", |_| true),
        };
        let Some(mut found) = self.list(list) else { return Ok(None) };
        found.retain(keep);
        if found.is_empty() {
            return Ok(Some((None, Value::Null)));
        }
        let one = &found[self.random.random_range(0..found.len())];
        let id = one["id"].as_str().context("no id")?;
        Ok(Some(match act.kind {
            Kind::Confirm => (Some(format!("holds/{id}/confirm")), json!({ "note": note })),
            Kind::Unshelve => (Some(format!("holds/{id}/lift")), json!({ "note": note })),
            Kind::Shelve => {
                let minutes = self.random.random_range(5..30);
                let body = json!({ "minutes": minutes, "reason": note, "tier": one["tier"] });
                (Some(format!("warnings/{id}/shelve")), body)
            }
            _ => (Some(format!("warnings/{id}/acknowledge")), json!({ "note": note })),
        }))
    }

    /// A list of the station; none where the line broke.
    fn list(&self, path: &str) -> Option<Vec<Value>> {
        let request = self.agent.get(format!("{}/{path}", self.url));
        let mut answer = request.header("authorization", &self.bearers[0]).call().ok()?;
        let list: Value = answer.body_mut().read_json().ok()?;
        list.as_array().cloned()
    }
}
