//! kill -9 while people acknowledge, shelve, confirm and change the roster, tiers rise and ladders
//! run: each act is whole or absent, what was answered is there, nothing is told twice, and timers
//! go on with the time left.
//!
//! `SISKIN_KILLS` says how many kills there are, `SISKIN_SEED` where their moments come from; `make
//! soak-acts` makes 200. Each comes at a random moment after a random number of answers, with
//! several acts on their way.

#![allow(
    clippy::indexing_slicing,
    reason = "a JSON value without the key gives null, it does not panic; lists are not empty"
)]

mod crew;
mod park;
mod record;

use std::collections::BTreeMap;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use e2e::process::say;
use e2e::station::Station;
use e2e::stream::Event;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::json;

use crew::{Act, Answer, CONTACT, Hours, Kind, Person};
use park::{PPM, Park};
use record::{Fate, Record};

const KILLS: u32 = 12;
const SEED: u64 = 20_261_129;
/// People who act at once.
const PEOPLE: usize = 5;
/// Answers of all of them before a kill.
const ANSWERS: std::ops::Range<u32> = 0..40;
/// Microseconds after that.
const MORE_US: std::ops::Range<u64> = 0..4_000;
/// Longest wait for one answer.
const ANSWER_MAX: Duration = Duration::from_secs(30);
/// Far more answers than five people get before and after the last one that is waited for.
const ANSWERS_WAITING: usize = 1024;

/// What is counted over all rounds.
#[derive(Debug, Default)]
struct Counted {
    acts: BTreeMap<Kind, u32>,
    answered: u32,
    refused: u32,
    /// Kills with an act on its way, and those acts.
    hits: u32,
    written_unanswered: u32,
    absent: u32,
    timers: u64,
    told: u64,
}

fn number<T: std::str::FromStr>(name: &str, otherwise: T) -> Result<T> {
    match std::env::var(name) {
        Ok(text) => text.parse().ok().with_context(|| format!("{name} is no number: {text}")),
        Err(_) => Ok(otherwise),
    }
}

#[test]
fn every_act_is_whole_or_absent() -> Result<()> {
    let (kills, seed) = (number("SISKIN_KILLS", KILLS)?, number("SISKIN_SEED", SEED)?);
    say(&format!("seed {seed}, {kills} kills"));
    let mut random = StdRng::seed_from_u64(seed);
    let park = Park::new()?;
    let (hours, mut record, mut counted) =
        (Hours::default(), Record::default(), Counted::default());
    let mut station = park.start()?;
    let contact = json!({ "name": "李雷", "phones": ["110"] });
    let (status, body) = station.put(&format!("duty/contacts/{CONTACT}"), &contact)?;
    ensure!(status == 200, "{body}");
    let mut told = 0;
    for kill in 1..=kills {
        let ppm = PPM[random.random_range(1..PPM.len())];
        park.heard(&station, ppm)?;
        let stream = station.stream(Some(told))?;
        let acts = killed(&park, &hours, station, (kill, &mut random))?;
        let newest = heard(&stream.rest(), told).with_context(|| format!("kill {kill}"))?;
        counted.told += newest - told;
        told = newest;
        record.take(&park.ledger(record.event, record.audit)?)?;
        ensure!(told <= record.event, "kill {kill}: event {told} was told and is not on disk");
        counted.take(&record, &acts).with_context(|| format!("kill {kill}"))?;
        // A run that is cut short has its figures too.
        say(&counted.so_far(kill));
        station = park.start()?;
        let (holds, warnings) = (station.get("holds")?, station.get("warnings")?);
        counted.timers += record.goes_on(&holds, &warnings)?;
        park.audit_is_whole()?;
    }
    station.stop()?;
    record.take(&park.ledger(record.event, record.audit)?)?;
    park.audit_is_whole()?;
    counted.tell(kills, &record)
}

/// One round: people act, and the station is killed between two of their answers.
fn killed(
    park: &Park,
    hours: &Hours,
    station: Station,
    (kill, random): (u32, &mut StdRng),
) -> Result<Vec<Act>> {
    let people = (0..PEOPLE).map(|place| {
        let (name, seed) = (format!("{kill}-{place}"), random.random());
        Person::new((park, hours, &station), name, seed)
    });
    let people = people.collect::<Result<Vec<_>>>()?;
    let (answers, more_us) = (random.random_range(ANSWERS), random.random_range(MORE_US));
    say(&format!("kill {kill}: {more_us} us after {answers} answers"));
    let (sender, receiver) = mpsc::sync_channel(ANSWERS_WAITING);
    thread::scope(|scope| {
        let working: Vec<_> = people
            .into_iter()
            .map(|person| {
                let sender = sender.clone();
                scope.spawn(move || person.work(&sender))
            })
            .collect();
        for _ in 0..answers {
            receiver.recv_timeout(ANSWER_MAX).context("nobody is answered")?;
        }
        // Not to wait for anything: any moment will do, and this one is drawn.
        let began = Instant::now();
        while began.elapsed() < Duration::from_micros(more_us) {
            std::hint::spin_loop();
        }
        station.kill()?;
        let mut acts = Vec::new();
        for person in working {
            let done = person.join().map_err(|_| anyhow::anyhow!("a person panicked"))?;
            acts.extend(done?);
        }
        Ok(acts)
    })
}

/// The newest number that the stream told after `told`: one after the other, none twice, none left
/// out, also over a restart.
fn heard(events: &[Event], told: u64) -> Result<u64> {
    let mut newest = told;
    for event in events {
        ensure!(event.name != "reset", "the stream lost its place after {newest}");
        if let Some(id) = event.id {
            ensure!(id == newest + 1, "event {id} was told after {newest}: {}", event.data);
            newest = id;
        }
    }
    Ok(newest)
}

impl Counted {
    fn take(&mut self, record: &Record, acts: &[Act]) -> Result<()> {
        let mut is_hit = false;
        for act in acts {
            let fate = record.fate(act)?;
            match act.answer {
                Answer::Done => {
                    self.answered += 1;
                    *self.acts.entry(act.kind).or_default() += 1;
                }
                Answer::Refused(_) => self.refused += 1,
                Answer::None => {
                    is_hit = true;
                    self.written_unanswered += u32::from(fate == Fate::Whole);
                    self.absent += u32::from(fate == Fate::Absent);
                }
            }
        }
        self.hits += u32::from(is_hit);
        Ok(())
    }

    fn so_far(&self, kills: u32) -> String {
        let Self { answered, refused, hits, written_unanswered, absent, .. } = self;
        format!(
            "{kills} kills, {hits} with acts on their way; {answered} acts answered and there, \
             {refused} refused; unanswered: {written_unanswered} whole, {absent} absent"
        )
    }

    fn tell(&self, kills: u32, record: &Record) -> Result<()> {
        let Self { hits, timers, told, .. } = self;
        say(&self.so_far(kills));
        say(&format!("answered: {:?}", self.acts));
        let Record { event, audit, passed_on, escalated, .. } = record;
        say(&format!("{event} events ({passed_on} passed on, {escalated} rises), {told} heard"));
        say(&format!("{audit} entries of the audit, {timers} timers compared after a start"));
        for kind in [Kind::Acknowledge, Kind::Shelve, Kind::Roster] {
            ensure!(self.acts.contains_key(&kind), "no {kind:?} was answered");
        }
        ensure!(*hits > 0, "no kill came while an act was on its way");
        ensure!(*passed_on > 0 && *escalated > 0, "no ladder ran, or no tier rose");
        ensure!(*timers > 0 && *told > 0, "no timer was compared, or nothing was heard");
        Ok(())
    }
}
