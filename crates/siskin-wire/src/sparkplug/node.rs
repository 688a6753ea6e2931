//! One edge node: its session, the order of its messages, and its devices.
//!
//! A message that is missing is waited for a little, then it is a doubt: what metrics are named by
//! stays, what only an alias says is uncertain until the node was born again. Readings are never
//! dropped for their order alone.

use std::collections::BTreeMap;

use siskin_model::{Text, Timestamp};

use super::births::Births;
use super::host::Effect;
use super::member::{Heard, Member};
use super::payload::Payload;
use super::rebirth::Rebirth;
use super::topic::Kind;
use super::words;
use crate::slot::Refusal;

/// How long a missing message is waited for (the standard's reorder timeout, 5.8).
pub(super) const REORDER_WAIT_MS: i64 = 2_000;
/// Messages that wait for a missing one; at the limit it is waited for no longer.
pub(super) const WAITING_MAX: usize = 64;
/// How long after a node's birth those of its devices may take.
pub(super) const DEVICES_WAIT_MS: i64 = 10_000;
/// How long a node may stay silent after a death of another session before it counts as its own:
/// some nodes give their births another number than their will.
pub(super) const DEATH_WAIT_MS: i64 = 5_000;
/// The metric that joins a death to its birth.
const BD_SEQ: &str = "bdSeq";

/// Whether the node is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Session {
    /// Nothing was heard since the broker was connected.
    Unknown,
    Alive,
    Dead,
}

/// A message in the node's order.
#[derive(Debug, Clone)]
struct Message {
    kind: Kind,
    device: Option<String>,
    payload: Payload,
}

/// One edge node.
#[derive(Debug)]
pub(super) struct Node {
    group: String,
    name: String,
    /// Analyzers with their places in the caller's list.
    members: Vec<(usize, Member)>,
    session: Session,
    bd_seq: Option<u64>,
    /// With what the last death came: a birth with the same may have been overtaken by it.
    died_with: Option<u64>,
    /// When a death of another session came, and nothing since.
    silent_since: Option<Timestamp>,
    next: u8,
    /// Births by device; the node's own has none.
    born: BTreeMap<Option<String>, Births>,
    waiting: BTreeMap<u8, Message>,
    waiting_since: Option<Timestamp>,
    devices_until: Option<Timestamp>,
    rebirth: Rebirth,
}

impl Node {
    pub(super) fn new(group: &str, name: &str) -> Self {
        Self {
            group: group.into(),
            name: name.into(),
            members: Vec::new(),
            session: Session::Unknown,
            bd_seq: None,
            died_with: None,
            silent_since: None,
            next: 0,
            born: BTreeMap::new(),
            waiting: BTreeMap::new(),
            waiting_since: None,
            devices_until: None,
            rebirth: Rebirth::default(),
        }
    }

    pub(super) fn add(&mut self, place: usize, member: Member) {
        self.members.push((place, member));
    }

    /// The broker was connected: what was before is over, and the births are asked for.
    pub(super) fn connected(&mut self, now: Timestamp, out: &mut Vec<Effect>) {
        self.session = Session::Unknown;
        self.bd_seq = None;
        self.died_with = None;
        self.forget();
        self.rebirth.forget();
        self.rebirth.want();
        self.ask(now, out);
    }

    /// What time brings.
    pub(super) fn tick(&mut self, now: Timestamp, out: &mut Vec<Effect>) {
        if self.waiting_since.is_some_and(|since| now.since_ms(since) >= REORDER_WAIT_MS) {
            self.give_up(now, out);
        }
        if self.silent_since.is_some_and(|since| now.since_ms(since) >= DEATH_WAIT_MS) {
            self.die(None, out);
        }
        if self.devices_until.is_some_and(|until| now >= until) {
            self.devices_until = None;
            let unborn = self.members.iter().filter(|(_, m)| !self.born.contains_key(&m.device));
            out.extend(
                unborn.map(|(place, _)| Effect::Lost { member: *place, why: words::no_birth() }),
            );
        }
        self.ask(now, out);
    }

    /// Something for the analyzers of `device`, or for all, was left aside.
    pub(super) fn aside(&self, device: Option<&str>, why: &Text, out: &mut Vec<Effect>) {
        let of_it = self.members.iter().filter(|(_, m)| m.device.as_deref() == device);
        out.extend(of_it.map(|(place, _)| Effect::Aside { member: *place, why: why.clone() }));
    }

    /// A message.
    pub(super) fn take(
        &mut self,
        kind: Kind,
        device: Option<&str>,
        payload: Payload,
        now: Timestamp,
        out: &mut Vec<Effect>,
    ) {
        if (kind, device) != (Kind::Death, None) {
            self.silent_since = None;
        }
        match (kind, device) {
            (Kind::Birth, None) => self.node_born(&payload, now, out),
            (Kind::Death, None) => self.node_died(&payload, now, out),
            _ => {
                let device = device.map(str::to_owned);
                self.in_order(Message { kind, device, payload }, now, out);
            }
        }
        self.ask(now, out);
    }

    fn ask(&mut self, now: Timestamp, out: &mut Vec<Effect>) {
        if self.rebirth.ask(now) {
            out.push(Effect::Rebirth { group: self.group.clone(), node: self.name.clone() });
        }
    }

    fn forget(&mut self) {
        self.born.clear();
        self.waiting.clear();
        self.waiting_since = None;
        self.devices_until = None;
        self.silent_since = None;
    }

    fn node_born(&mut self, payload: &Payload, now: Timestamp, out: &mut Vec<Effect>) {
        // What still waits was said before this birth, under the old names.
        self.say_waiting(now, out);
        self.forget();
        self.rebirth.done();
        self.bd_seq = bd_seq(payload);
        if self.died_with.take().is_some_and(|with| self.bd_seq == Some(with)) {
            // MQTT keeps the order of one topic only: the death may be the newer one.
            self.rebirth.want();
        }
        self.session = Session::Alive;
        self.next =
            payload.seq.and_then(|seq| u8::try_from(seq).ok()).map_or(1, |s| s.wrapping_add(1));
        self.devices_until = Some(now.plus_ms(DEVICES_WAIT_MS));
        self.birth(None, payload, now, out);
    }

    fn node_died(&mut self, payload: &Payload, now: Timestamp, out: &mut Vec<Effect>) {
        let with = bd_seq(payload);
        let differs = with.zip(self.bd_seq).is_some_and(|(died, born)| died != born);
        if self.session == Session::Alive && differs {
            // The will of an older session, late; or a birth was missed. The node will tell.
            self.rebirth.want();
            self.silent_since.get_or_insert(now);
            return;
        }
        self.die(with, out);
    }

    fn die(&mut self, with: Option<u64>, out: &mut Vec<Effect>) {
        self.session = Session::Dead;
        self.died_with = with;
        self.forget();
        self.rebirth.done();
        let lost = self.members.iter();
        out.extend(lost.map(|(place, _)| Effect::Lost { member: *place, why: words::node_died() }));
    }

    fn in_order(&mut self, message: Message, now: Timestamp, out: &mut Vec<Effect>) {
        if self.session != Session::Alive {
            self.rebirth.want();
            self.aside(message.device.as_deref(), &words::before_birth(), out);
            return;
        }
        let Some(Ok(seq)) = message.payload.seq.map(u8::try_from) else {
            self.aside(message.device.as_deref(), &words::no_seq(), out);
            self.doubt();
            return self.apply(&message, now, out);
        };
        match seq.wrapping_sub(self.next) {
            0 => {
                self.next = self.next.wrapping_add(1);
                self.apply(&message, now, out);
                self.say_next(now, out);
            }
            1..=127 => {
                self.waiting.insert(seq, message);
                self.waiting_since.get_or_insert(now);
                if self.waiting.len() > WAITING_MAX {
                    self.give_up(now, out);
                }
            }
            128..=255 => {
                // Twice, too late, or of a session whose birth was missed.
                self.doubt();
                if message.kind == Kind::Data {
                    self.apply(&message, now, out);
                }
            }
        }
    }

    /// What waited and is next in order.
    fn say_next(&mut self, now: Timestamp, out: &mut Vec<Effect>) {
        while let Some(message) = self.waiting.remove(&self.next) {
            self.next = self.next.wrapping_add(1);
            self.apply(&message, now, out);
        }
        if self.waiting.is_empty() {
            self.waiting_since = None;
        }
    }

    /// All that waits, in order, with the gaps in between.
    fn say_waiting(&mut self, now: Timestamp, out: &mut Vec<Effect>) {
        let from = self.next;
        let mut waiting: Vec<_> = std::mem::take(&mut self.waiting).into_iter().collect();
        waiting.sort_by_key(|(seq, _)| seq.wrapping_sub(from));
        for (seq, message) in waiting {
            self.next = seq.wrapping_add(1);
            self.apply(&message, now, out);
        }
        self.waiting_since = None;
    }

    fn give_up(&mut self, now: Timestamp, out: &mut Vec<Effect>) {
        self.doubt();
        for (place, _) in &self.members {
            out.push(Effect::Aside { member: *place, why: words::gap() });
        }
        self.say_waiting(now, out);
    }

    /// A message may be missing.
    fn doubt(&mut self) {
        self.rebirth.want();
        for births in self.born.values_mut() {
            births.doubted = true;
        }
    }

    fn apply(&mut self, message: &Message, now: Timestamp, out: &mut Vec<Effect>) {
        let Message { kind, device, payload } = message;
        match kind {
            Kind::Birth => self.birth(device.as_deref(), payload, now, out),
            Kind::Data => self.data(device.as_ref(), payload, now, out),
            Kind::Death => {
                self.born.remove(device);
                let of_it = self.members.iter().filter(|(_, m)| m.device == *device);
                out.extend(
                    of_it.map(|(place, _)| Effect::Lost {
                        member: *place,
                        why: words::device_died(),
                    }),
                );
            }
        }
    }

    fn birth(
        &mut self,
        device: Option<&str>,
        payload: &Payload,
        now: Timestamp,
        out: &mut Vec<Effect>,
    ) {
        if device.is_some() && !self.has(device) {
            return;
        }
        let births = Births::read(payload);
        for (place, member) in of_device(&mut self.members, device) {
            out.push(effect(*place, member.born(payload, &births, now)));
        }
        self.born.insert(device.map(str::to_owned), births);
    }

    fn data(
        &mut self,
        device: Option<&String>,
        payload: &Payload,
        now: Timestamp,
        out: &mut Vec<Effect>,
    ) {
        let device = device.cloned();
        if !self.has(device.as_deref()) {
            return;
        }
        let Some(births) = self.born.get_mut(&device) else {
            self.rebirth.want();
            return self.aside(device.as_deref(), &words::before_birth(), out);
        };
        births.learn(payload);
        let mut misfit = payload.metrics.iter().any(|metric| births.name(metric).is_none());
        for (place, member) in of_device(&mut self.members, device.as_deref()) {
            let mut heard = member.data(payload, births, now);
            if misfit {
                let (point, reason) = ("metrics".into(), words::unborn_metric());
                heard.refused.push(Refusal { point, reason });
            }
            misfit |= heard.misfit;
            if heard != Heard::default() {
                out.push(effect(*place, heard));
            }
        }
        if misfit {
            self.rebirth.want();
        }
    }

    /// Whether an analyzer is behind `device`.
    fn has(&self, device: Option<&str>) -> bool {
        self.members.iter().any(|(_, member)| member.device.as_deref() == device)
    }
}

fn of_device<'a>(
    members: &'a mut [(usize, Member)],
    device: Option<&'a str>,
) -> impl Iterator<Item = &'a mut (usize, Member)> {
    members.iter_mut().filter(move |(_, member)| member.device.as_deref() == device)
}

fn effect(member: usize, heard: Heard) -> Effect {
    let Heard { readings, refused, misfit: _ } = heard;
    Effect::Heard { member, readings, refused }
}

fn bd_seq(payload: &Payload) -> Option<u64> {
    let metric = payload.metrics.iter().find(|m| m.name.as_deref() == Some(BD_SEQ))?;
    match metric.value {
        Some(super::payload::Value::Int(number)) => Some(number.into()),
        Some(super::payload::Value::Long(number)) => Some(number),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
