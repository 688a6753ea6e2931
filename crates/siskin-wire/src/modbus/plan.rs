//! What to ask a device for: few requests, within its limits, every needed point in one of them.
//!
//! How the requests are cut is in [`super::layout`]; this file says which points are needed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use siskin_model::Quality;

use super::layout::{Batch, Layout};
use crate::profile::{DeviceProfile, Identity, Point, ReadFunction, Transport, ValidityRule};
use crate::slot::{Slot, SlotError};

/// One read request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    /// The function.
    pub fc: ReadFunction,
    /// First address, counted from 0.
    pub addr: u16,
    /// Registers or bits.
    pub len: u16,
}

impl Request {
    pub(super) fn end(self) -> u32 {
        u32::from(self.addr) + u32::from(self.len)
    }

    pub(super) fn of(point: &Point) -> Self {
        Self { fc: point.fc, addr: point.addr, len: point.span() }
    }
}

/// What became of a request the device refused for its address (exception 2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// It is two requests now; ask again.
    Split,
    /// The device does not have these points: they are not asked for again, and their values are
    /// faults.
    Lost(Vec<String>),
    /// The plan has no such request; nothing was done.
    Unknown,
}

/// What to ask a device for, and how to read its answers.
#[derive(Debug, Clone)]
pub struct Plan {
    pub(super) slots: Vec<Slot>,
    /// Those of the profile: hundreds of devices of a kind share them.
    pub(super) points: BTreeMap<String, Arc<Point>>,
    pub(super) rules: Vec<Arc<ValidityRule>>,
    /// Which rules speak about each value, in order.
    pub(super) rules_of: BTreeMap<String, Vec<usize>>,
    pub(super) default: Quality,
    pub(super) heartbeat: Option<String>,
    pub(super) identity: Option<Identity>,
    pub(super) batches: Vec<Batch>,
    layout: Layout,
    requests: Vec<Request>,
}

impl Plan {
    /// The plan that serves `slots` from a device of `profile`. The profile must have passed
    /// [`DeviceProfile::check`].
    pub fn new(profile: &DeviceProfile, slots: Vec<Slot>) -> Result<Self, SlotError> {
        let known = profile.value_points();
        if let Some(slot) = slots.iter().find(|s| !known.contains(&s.point.as_str())) {
            return Err(SlotError::NoPoint {
                profile: profile.id.clone(),
                point: slot.point.clone(),
                known: known.join(", "),
            });
        }
        let values: BTreeSet<&str> = slots.iter().map(|slot| slot.point.as_str()).collect();
        let rules = profile.rules().into_iter().map(|(_, rule)| rule);
        let asked = |rule: &Arc<ValidityRule>| {
            rule.values.is_empty() || rule.values.iter().any(|v| values.contains(v.as_str()))
        };
        let rules: Vec<_> = rules.filter(asked).collect();
        let needed = needed(profile, &values, &rules);
        Self::of(profile, &needed, rules, slots)
    }

    /// The plan that reads every point whose reading changes nothing, for people who look at a
    /// device. It serves no slots.
    pub fn whole(profile: &DeviceProfile) -> Result<Self, SlotError> {
        let points = profile.points.iter().filter(|(_, point)| !point.read_side_effect);
        let names: BTreeSet<_> = points.map(|(name, _)| name.clone()).collect();
        let rules = profile.rules().into_iter().map(|(_, rule)| rule).collect();
        Self::of(profile, &names, rules, Vec::new())
    }

    fn of(
        profile: &DeviceProfile,
        needed: &BTreeSet<String>,
        rules: Vec<Arc<ValidityRule>>,
        slots: Vec<Slot>,
    ) -> Result<Self, SlotError> {
        if profile.transport != Transport::Modbus {
            return Err(SlotError::Transport(profile.id.clone()));
        }
        let points = profile.points.iter().filter(|(name, _)| needed.contains(name.as_str()));
        let points: BTreeMap<_, _> =
            points.map(|(name, point)| (name.clone(), Arc::clone(point))).collect();
        let mut plan = Self {
            layout: Layout::new(profile, &points),
            rules_of: rules_of(&points, &rules),
            slots,
            points,
            rules,
            default: profile.validity_default,
            heartbeat: profile.heartbeat.as_ref().map(|beat| beat.point.clone()),
            identity: profile.identity.clone(),
            batches: Vec::new(),
            requests: Vec::new(),
        };
        plan.arrange();
        Ok(plan)
    }

    fn arrange(&mut self) {
        self.batches = self.layout.batches();
        self.requests = self.batches.iter().map(|batch| batch.request).collect();
    }

    /// The requests of one poll, in order. None are left when the device refused everything.
    pub fn requests(&self) -> &[Request] {
        &self.requests
    }

    /// How many slots the plan serves.
    pub fn slots(&self) -> usize {
        self.slots.len()
    }

    /// Takes note that the device has no such address as `request` asks for (exception 2). The
    /// requests are other ones afterwards, so the answers of this poll are decoded before. Asking
    /// again and again ends: each call cuts a request or loses a point.
    pub fn refused(&mut self, request: Request) -> Refused {
        let found = self.batches.iter().find(|batch| batch.request == request);
        let Some(batch) = found.cloned() else {
            return Refused::Unknown;
        };
        let lost = self.layout.refuse(&batch);
        self.arrange();
        if lost.is_empty() { Refused::Split } else { Refused::Lost(lost) }
    }

    /// The points that the device refused, in no particular order.
    pub fn lost(&self) -> Vec<&str> {
        self.layout.lost().collect()
    }

    /// Asks for everything again: a gateway that refuses all while it starts must not leave a
    /// detector unread for ever.
    pub fn retry_lost(&mut self) {
        self.layout.forgive();
        self.arrange();
    }
}

fn rules_of(
    points: &BTreeMap<String, Arc<Point>>,
    rules: &[Arc<ValidityRule>],
) -> BTreeMap<String, Vec<usize>> {
    let values = points.iter().filter(|(_, point)| point.is_value());
    let mut of: BTreeMap<_, Vec<usize>> =
        values.map(|(name, _)| (name.clone(), Vec::new())).collect();
    for (place, rule) in rules.iter().enumerate() {
        if rule.values.is_empty() {
            for rules in of.values_mut() {
                rules.push(place);
            }
        }
        for name in &rule.values {
            if let Some(rules) = of.get_mut(name) {
                rules.push(place);
            }
        }
    }
    of
}

/// The values with what they need, the state words, the heartbeat and the identity.
fn needed(
    profile: &DeviceProfile,
    values: &BTreeSet<&str>,
    rules: &[Arc<ValidityRule>],
) -> BTreeSet<String> {
    let points = values.iter().filter_map(|name| profile.points.get(*name));
    let companions = points.flat_map(|point| point.companions());
    let states = rules.iter().flat_map(|rule| rule.when.keys()).map(String::as_str);
    let beat = profile.heartbeat.iter().map(|beat| beat.point.as_str());
    let identity = profile.identity.iter().map(|identity| identity.point.as_str());
    let own = companions.chain(states).chain(beat).chain(identity);
    own.chain(values.iter().copied()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests;
