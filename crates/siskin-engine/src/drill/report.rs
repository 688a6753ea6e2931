//! What people did in a drill and how long it took them, from the record of its warnings.
//!
//! Times count from the moment at which people were told: when the step was on disk and went out
//! on the live stream. Must never judge people: the times of the ladder stand beside theirs.

use std::collections::{BTreeMap, BTreeSet};

use siskin_model::{
    Drill, LifePolicy, Tier, Timestamp, Warning, WarningChange, WarningEvent, WarningId,
};

use crate::kpi::nearest;

/// A step of a warning.
#[derive(Debug, Clone, PartialEq)]
pub struct StepTime {
    /// What happened.
    pub change: WarningChange,
    /// When.
    pub at: Timestamp,
    /// When it was on disk and seen on the stream.
    pub told_at: Timestamp,
    /// From the moment at which people were first told of the warning to this step.
    pub after_ms: i64,
    /// The tier after it.
    pub tier: Tier,
    /// Of acts: who.
    pub by: Option<String>,
    /// Of acts: in which words.
    pub note: Option<String>,
    /// Where it was passed on: to whom.
    pub to: Option<String>,
}

/// A step of the ladder: when it was due and when it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RungTime {
    /// Whose ladder.
    pub tier: Tier,
    /// To whom.
    pub to: String,
    /// When it is due after people were called.
    pub due_ms: i64,
    /// When they were called; none: somebody acknowledged before.
    pub called_ms: Option<i64>,
}

/// The life of a warning in a drill.
#[derive(Debug, Clone, PartialEq)]
pub struct WarningStory {
    /// The warning as it stood last.
    pub warning: Warning,
    /// From the begin of the release to its first alarm, in event time.
    pub raised_after_ms: i64,
    /// From the first call to the first acknowledgement; none: nobody acknowledged.
    pub acknowledged_after_ms: Option<i64>,
    /// By whom.
    pub acknowledged_by: Option<String>,
    /// Its steps in order.
    pub steps: Vec<StepTime>,
    /// The ladders of the tiers that it was announced with.
    pub ladder: Vec<RungTime>,
}

/// What one person did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonTimes {
    /// Their name.
    pub person: String,
    /// How many acts.
    pub acts: u64,
    /// How many of them acknowledged.
    pub acknowledged: u64,
    /// From the call to their acknowledgement: what half took at most.
    pub half_ms: Option<i64>,
    /// What nine of ten took at most.
    pub nine_tenths_ms: Option<i64>,
    /// The longest.
    pub longest_ms: Option<i64>,
}

/// A drill afterwards.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The drill.
    pub drill: Drill,
    /// Its warnings, in the order in which they began.
    pub warnings: Vec<WarningStory>,
    /// The people who acted, by name.
    pub people: Vec<PersonTimes>,
}

impl Report {
    /// Of the recorded steps of its warnings, each with the moment at which it was on disk, in the
    /// order of the record.
    pub fn of(drill: Drill, steps: &[(Timestamp, WarningEvent)], policy: &LifePolicy) -> Self {
        let mut lives: BTreeMap<&WarningId, Vec<&(Timestamp, WarningEvent)>> = BTreeMap::new();
        let mut order: Vec<&WarningId> = Vec::new();
        for step in steps {
            let life = lives.entry(&step.1.warning.id).or_default();
            if life.is_empty() {
                order.push(&step.1.warning.id);
            }
            life.push(step);
        }
        let release_at = drill.plan.scenario.release_at;
        let lives: Vec<_> = order.iter().filter_map(|id| lives.get(id)).collect();
        let warnings = lives.iter().filter_map(|life| story(life, release_at, policy)).collect();
        let people = people(&lives);
        Self { drill, warnings, people }
    }
}

fn between(from: Timestamp, to: Timestamp) -> i64 {
    to.as_millis().saturating_sub(from.as_millis())
}

/// Whether people are called to it by this step.
fn calls(change: WarningChange) -> bool {
    matches!(
        change,
        WarningChange::Raised
            | WarningChange::Escalated
            | WarningChange::Reactivated
            | WarningChange::Reannounced
    )
}

fn story(
    life: &[&(Timestamp, WarningEvent)],
    release_at: Timestamp,
    policy: &LifePolicy,
) -> Option<WarningStory> {
    let (first_told, _) = life.first()?;
    let (_, last) = life.last()?;
    let acknowledged = life.iter().find(|(_, e)| e.change == WarningChange::Acknowledged);
    let by = |event: &WarningEvent| event.said.as_ref().map(|said| said.by.clone());
    Some(WarningStory {
        warning: last.warning.clone(),
        raised_after_ms: between(release_at, last.warning.raised_at),
        acknowledged_after_ms: acknowledged.map(|(_, event)| between(*first_told, event.at)),
        acknowledged_by: acknowledged.and_then(|(_, event)| by(event)),
        steps: life.iter().map(|step| step_time(*first_told, step)).collect(),
        ladder: ladder(life, policy),
    })
}

fn step_time(first_told: Timestamp, (told_at, event): &(Timestamp, WarningEvent)) -> StepTime {
    let passing = event.warning.passing.as_ref();
    let is_passed = event.change == WarningChange::PassedOn;
    let said = event.said.as_ref();
    StepTime {
        change: event.change,
        at: event.at,
        told_at: *told_at,
        after_ms: between(first_told, *told_at),
        tier: event.warning.tier,
        by: said.map(|said| said.by.clone()),
        note: said.map(|said| said.note.clone()),
        to: passing.filter(|_| is_passed).and_then(|passing| passing.told.last().cloned()),
    }
}

/// Every rung of the tiers that people were called with, and when it came: it counts from the call.
fn ladder(life: &[&(Timestamp, WarningEvent)], policy: &LifePolicy) -> Vec<RungTime> {
    let mut seen = BTreeSet::new();
    let mut rungs = Vec::new();
    for (place, (told_at, event)) in life.iter().enumerate() {
        let tier = event.warning.tier;
        if !calls(event.change) || !seen.insert(tier) {
            continue;
        }
        let after = life.get(place + 1..).unwrap_or_default();
        let same_call = after.iter().take_while(|(_, event)| !calls(event.change));
        let passed: Vec<_> =
            same_call.filter(|(_, e)| e.change == WarningChange::PassedOn).collect();
        for (n, rung) in policy.rungs(tier).iter().enumerate() {
            rungs.push(RungTime {
                tier,
                to: rung.to.clone(),
                due_ms: rung.after_ms,
                called_ms: passed.get(n).map(|(at, _)| between(*told_at, *at)),
            });
        }
    }
    rungs
}

fn people(lives: &[&Vec<&(Timestamp, WarningEvent)>]) -> Vec<PersonTimes> {
    let mut acts: BTreeMap<String, (u64, Vec<i64>)> = BTreeMap::new();
    for life in lives {
        let mut called_at = None;
        for (told_at, event) in *life {
            if calls(event.change) {
                called_at = Some(*told_at);
            }
            // Who ended the drill did nothing with the warning.
            let said = event.said.as_ref().filter(|_| event.change != WarningChange::Ended);
            let Some(said) = said else { continue };
            let (count, times) = acts.entry(said.by.clone()).or_default();
            // What closes with an acknowledgement is told as two steps of one act.
            if event.change != WarningChange::Closed {
                *count += 1;
            }
            if event.change == WarningChange::Acknowledged {
                times.extend(called_at.map(|called| between(called, event.at).max(0)));
            }
        }
    }
    let person = |(person, (acts, mut times)): (String, (u64, Vec<i64>))| {
        times.sort_unstable();
        PersonTimes {
            person,
            acts,
            acknowledged: times.len() as u64,
            half_ms: nearest(&times, 50),
            nine_tenths_ms: nearest(&times, 90),
            longest_ms: times.last().copied(),
        }
    };
    acts.into_iter().map(person).collect()
}
