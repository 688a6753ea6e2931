//! Acts of people and the passing of time, on their way to the warnings.
//!
//! The engine knows which alarms are active, where, and which rule suppresses which; the book of
//! warnings knows what people did. Must never keep an alarm from people without a hold or a rule
//! that says so.

use std::sync::Arc;

use siskin_model::duty::Roster;
use siskin_model::{
    Alarm, AlarmKind, AreaId, ChannelId, ChannelIndex, Edge, Equipment, GasId, Hold, HoldEnd,
    HoldKind, Subject, Timestamp, Warning,
};

use super::{Effects, Engine};
use crate::life::flood::Flood;
use crate::life::{Act, ActError, Acting, Done, Muted, Why};

impl Engine {
    /// A person does something. What they see after it is in the answer.
    pub fn act(
        &mut self,
        act: &Act,
        who: &Acting,
        effects: &mut Effects,
    ) -> Result<Done, ActError> {
        if let Act::TakeOut(channel, ..) = act
            && self.index_of(channel).is_none()
        {
            return Err(ActError::Unknown(channel.to_string()));
        }
        self.warnings.is_now(who.at.as_millis());
        let done = self.warnings.act(act, who, effects)?;
        if let Done::Hold(Hold { kind: HoldKind::OutOfService, subject, .. }) = &done
            && let Subject::Channel(channel) = subject
        {
            self.review_channel(who.at, channel, effects);
        }
        Ok(done)
    }

    /// Takes over the warnings that were open before a restart.
    pub fn seed_warnings(&mut self, warnings: Vec<Warning>) {
        self.warnings.seed(warnings);
    }

    /// Takes over the holds and the alarms about equipment that were not over before a restart.
    pub fn seed_life(&mut self, holds: Vec<Hold>, equipment: Vec<Equipment>) {
        self.warnings.seed_holds(holds);
        self.warnings.seed_equipment(equipment);
        // Those that are kept from people now; whoever should not be is found by `reconcile`.
        let muted = self.active.iter().filter(|(_, alarm)| !self.warnings.is_fed(alarm));
        let muted = muted.filter_map(|((on, _), alarm)| {
            let known = self.plan.known(*on)?;
            let key = (known.area.clone(), known.gas()?.clone());
            Some((key, alarm.clone(), alarm.tier?, self.why(*on, alarm)?))
        });
        let muted: Vec<_> = muted.collect();
        for (key, alarm, tier, why) in muted {
            self.warnings.put_muted(key, &alarm, tier, why);
        }
    }

    /// Takes over what the desks' floods were, in the order of the site's policy.
    pub fn seed_floods(&mut self, before: impl IntoIterator<Item = Flood>) {
        self.warnings.seed_floods(before);
    }

    /// Takes over the begins of the last minutes, so that what chattered goes on to.
    pub fn seed_begins<'a>(&mut self, begins: impl IntoIterator<Item = (&'a Alarm, Timestamp)>) {
        self.warnings.seed_begins(begins);
    }

    /// The newest moment that it has seen; none before the first.
    pub fn event_time(&self) -> Option<Timestamp> {
        (self.event_ms != i64::MIN).then(|| Timestamp::from_millis(self.event_ms))
    }

    /// Everything active is looked at again, after a restart or a change of rules: it feeds a
    /// warning, or something says why not.
    pub fn reconcile(&mut self, at: Timestamp, effects: &mut Effects) {
        self.warnings.is_now(at.as_millis());
        let active = &self.active;
        let is_active = |alarm: &Alarm| {
            active.values().any(|a| (&a.rule, &a.channel) == (&alarm.rule, &alarm.channel))
        };
        self.warnings.forget_muted(at, is_active, effects);
        let keys: Vec<(u32, u32)> = self.active.keys().copied().collect();
        for key in keys {
            self.review(at, key, effects);
        }
        let of_equipment = |alarm: &&Alarm| alarm.kind != AlarmKind::Gas;
        let active: Vec<Alarm> = self.active.values().filter(of_equipment).cloned().collect();
        self.warnings.agree_equipment(at, &active, effects);
    }

    /// Recipients that did not take what they were told: those of `active`, and no others. No rule
    /// judges this and no reading ends it; after a restart those that were active still are, until
    /// this is called.
    pub fn messages_are(&mut self, at: Timestamp, active: &[Alarm], effects: &mut Effects) {
        self.warnings.is_now(at.as_millis());
        self.warnings.agree_messages(at, active, effects);
    }

    /// The open warnings.
    pub fn warnings(&self) -> impl Iterator<Item = &Warning> {
        self.warnings.open()
    }

    /// Alarms about equipment that are not over.
    pub fn equipment(&self) -> impl Iterator<Item = &Equipment> {
        self.warnings.all_equipment()
    }

    /// Holds that have not ended.
    pub fn holds(&self) -> impl Iterator<Item = &Hold> {
        self.warnings.holds()
    }

    /// Active alarms that are kept from people.
    pub fn muted(&self) -> impl Iterator<Item = &Muted> {
        self.warnings.muted()
    }

    /// How many alarms were suppressed by design since the start.
    pub fn suppressed(&self) -> u64 {
        self.warnings.suppressed()
    }

    /// The floods of the desks, in the order of the site's policy.
    pub fn floods(&self) -> &[Flood] {
        self.warnings.floods()
    }

    /// Lets tiers fall and chatter end up to where every channel that feeds the warning is known:
    /// what is judged later than that is told when it is found, like any late reading.
    pub(super) fn pass(&mut self, effects: &mut Effects) {
        if !self.warnings.may_be_due(self.event_ms) {
            return;
        }
        self.warnings.is_now(self.event_ms);
        let known = self.known();
        let to_ms = |(area, gas): &(AreaId, GasId)| {
            let of_gas = known.get(&(area.clone(), Some(gas.clone())));
            let to_ms = of_gas.or_else(|| known.get(&(area.clone(), None)));
            to_ms.copied().unwrap_or(self.event_ms)
        };
        self.warnings.pass(self.event_ms, to_ms, effects);
    }

    /// Whether a warning is to be passed on at a tick at `now`: then it wants the roster.
    pub fn passes_on(&self, now: Timestamp) -> bool {
        self.warnings.passes_on(now)
    }

    /// The roster around now, for the ticks until another is given.
    pub fn set_roster(&mut self, roster: Option<Arc<Roster>>) {
        self.warnings.set_roster(roster);
    }

    /// Ladders go on and holds end by the station's clock.
    pub(super) fn clock(&mut self, now: Timestamp, effects: &mut Effects) {
        self.warnings.expire(now, effects);
        for hold in self.warnings.out_over(now) {
            self.warnings.end_hold(&hold.id, hold.until, HoldEnd::Expired, None, effects);
            if let Subject::Channel(channel) = &hold.subject {
                self.review_channel(hold.until, channel, effects);
            }
        }
        self.warnings.clock(now, effects);
    }

    /// Why an alarm is to be kept from people, if it is.
    pub(super) fn why(&self, channel: u32, alarm: &Alarm) -> Option<Why> {
        let known = self.plan.known(channel)?;
        if self.warnings.is_out(&known.id) {
            return Some(Why::OutOfService);
        }
        let rule = self.plan.rules.iter().find(|rule| rule.id == alarm.rule)?;
        let by = rule.suppressed_by.as_ref()?;
        let suppresses = |((on, _), active): (&(u32, u32), &Alarm)| {
            active.rule == *by && self.plan.known(*on).is_some_and(|k| k.area == known.area)
        };
        self.active.iter().any(suppresses).then_some(Why::Suppressed)
    }

    /// An alarm began or ended: those that its rule suppresses in the area are looked at again.
    pub(super) fn suppress_by(
        &mut self,
        at: Timestamp,
        channel: u32,
        alarm: &Alarm,
        effects: &mut Effects,
    ) {
        let by = Some(&alarm.rule);
        let is_below =
            |id| self.plan.rules.iter().any(|r| r.id == id && r.suppressed_by.as_ref() == by);
        let area = self.plan.known(channel).map(|known| known.area.clone());
        if !self.plan.rules.iter().any(|rule| rule.suppressed_by.as_ref() == by) {
            return;
        }
        let there = |on: u32| self.plan.known(on).map(|known| &known.area) == area.as_ref();
        let below =
            self.active.iter().filter(|((on, _), a)| there(*on) && is_below(a.rule.clone()));
        let below: Vec<(u32, u32)> = below.map(|(key, _)| *key).collect();
        for key in below {
            self.review(at, key, effects);
        }
    }

    /// An alarm is over, for those who were told.
    pub(super) fn end_life(&mut self, at: Timestamp, alarm: &Alarm, effects: &mut Effects) {
        if alarm.kind == AlarmKind::Gas {
            self.warnings.ended(at, alarm, effects);
        } else {
            self.warnings.equipment(at, (Edge::Clear, alarm), effects);
        }
    }

    /// Brings one active alarm to where it belongs now.
    fn review(&mut self, at: Timestamp, key: (u32, u32), effects: &mut Effects) {
        let Some(alarm) = self.active.get(&key).cloned() else { return };
        let why = self.why(key.0, &alarm);
        let Some((known, tier)) = self.plan.known(key.0).zip(alarm.tier) else { return };
        if let Some(gas) = known.gas() {
            self.warnings.place(at, (&known.area, gas), (&alarm, tier), why, effects);
        }
    }

    fn review_channel(&mut self, at: Timestamp, channel: &ChannelId, effects: &mut Effects) {
        let Some(ChannelIndex(index)) = self.index_of(channel) else { return };
        let on = self.active.range((index, 0)..=(index, u32::MAX));
        let keys: Vec<(u32, u32)> = on.map(|(key, _)| *key).collect();
        for key in keys {
            self.review(at, key, effects);
        }
        let is_out = self.warnings.is_out(channel);
        if is_out {
            self.warnings.end_chatter(at, channel, effects);
        }
        self.warnings.out_equipment(at, channel, is_out, effects);
    }

    fn index_of(&self, channel: &ChannelId) -> Option<ChannelIndex> {
        let found = self.plan.indexed().find(|(_, known)| known.id == *channel);
        found.map(|(index, _)| index)
    }
}
