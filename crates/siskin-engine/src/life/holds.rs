//! What keeps alarms from people for a time, and what follows at its end.
//!
//! Alarms that are kept from people are judged and recorded all the same. Every hold ends: by its
//! time, by a person, or by what it covers rising above it; then everything is looked at again.
//! Must never end a hold twice, and never leave one without an end.

use siskin_model::{
    Alarm, AreaId, ChannelId, Chatter, Ended, FloodChange, FloodEvent, GasId, Hold, HoldEnd,
    HoldKind, Said, Subject, Tier, Timestamp, Warning, WarningChange, WarningState,
};

use super::book::{Key, Muted, WarningBook, Why, aside, ended_as, source};
use super::flood::Flood;
use super::step;
use super::table::Event;
use crate::engine::Effects;

impl WarningBook {
    /// Takes over the holds that had not ended before a restart.
    pub fn seed_holds(&mut self, holds: Vec<Hold>) {
        let holds = holds.into_iter().filter(|hold| hold.ended.is_none());
        self.holds = holds.map(|hold| (hold.id.clone(), hold)).collect();
    }

    /// The holds that have not ended, in order of their ids.
    pub fn holds(&self) -> impl Iterator<Item = &Hold> {
        self.holds.values()
    }

    /// Whether a channel is out of service.
    pub fn is_out(&self, channel: &ChannelId) -> bool {
        self.holds.values().any(|hold| is_out_of(hold, channel))
    }

    /// Takes over what the desks' floods were before a restart, in the order of the policy.
    pub fn seed_floods(&mut self, before: impl IntoIterator<Item = Flood>) {
        self.floods.seed(before);
    }

    /// The floods of the desks, in the order of the policy.
    pub fn floods(&self) -> &[Flood] {
        &self.floods.of
    }

    pub(super) fn begin_hold(&mut self, hold: Hold, effects: &mut Effects) {
        effects.holds.push(hold.clone());
        self.holds.insert(hold.id.clone(), hold);
    }

    pub(crate) fn end_hold(
        &mut self,
        id: &str,
        at: Timestamp,
        how: HoldEnd,
        by: Option<&str>,
        effects: &mut Effects,
    ) {
        if let Some(mut hold) = self.holds.remove(id) {
            hold.ended = Some(Ended { at, how, by: by.map(ToOwned::to_owned) });
            effects.holds.push(hold);
        }
    }

    /// Ends the shelves and proposals whose time is over. Channels out of service are the engine's,
    /// see [`Self::out_over`].
    pub(crate) fn expire(&mut self, now: Timestamp, effects: &mut Effects) {
        self.is_now(now.as_millis());
        let is_over = |hold: &&Hold| hold.until <= now && hold.kind != HoldKind::OutOfService;
        let mut over: Vec<Hold> = self.holds.values().filter(is_over).cloned().collect();
        over.sort_by(|a, b| (a.until, &a.id).cmp(&(b.until, &b.id)));
        for hold in over {
            self.end_hold(&hold.id, hold.until, HoldEnd::Expired, None, effects);
            if hold.kind == HoldKind::Shelf {
                self.off_shelf(hold.until, &hold.subject, None, effects);
            }
        }
    }

    /// The channels whose time out of service is over.
    pub(crate) fn out_over(&self, now: Timestamp) -> Vec<Hold> {
        let is_over = |hold: &&Hold| hold.until <= now && hold.kind == HoldKind::OutOfService;
        self.holds.values().filter(is_over).cloned().collect()
    }

    /// What stood on a shelf is looked at again.
    pub(super) fn off_shelf(
        &mut self,
        at: Timestamp,
        subject: &Subject,
        said: Option<Said>,
        effects: &mut Effects,
    ) {
        match subject {
            Subject::Warning(id) => {
                let key = self.open.iter().find(|(_, w)| w.id == *id).map(|(key, _)| key.clone());
                let Some(key) = key else { return };
                let Some(mut warning) = self.open.remove(&key) else { return };
                if warning.state == WarningState::Shelved {
                    warning.shelf = None;
                    self.back(at, key, warning, said, effects);
                } else {
                    self.open.insert(key, warning);
                }
            }
            Subject::Equipment(rule, channel) => {
                let is_out = self.is_out(channel);
                self.equipment.off_shelf(at, (channel, rule), (is_out, said), effects);
            }
            Subject::Channel(_) => {}
        }
    }

    /// A warning is no longer kept from people: what is it now?
    pub(super) fn back(
        &mut self,
        at: Timestamp,
        key: Key,
        mut warning: Warning,
        said: Option<Said>,
        effects: &mut Effects,
    ) {
        let event = match self.muted_of(&key) {
            _ if !warning.alarms.is_empty() => Event::BackActive,
            Some(why) => aside(why),
            None if warning.is_owed => Event::BackOwed,
            None => Event::BackQuiet,
        };
        if step::go(&mut warning, event, &self.policy).is_err() {
            debug_assert!(false, "the table has a way back from every state that is aside");
        }
        let change = if event == Event::BackActive {
            step::announce(&mut warning, at, self.told_ms, &self.policy);
            WarningChange::Reannounced
        } else {
            warning.returned_at.get_or_insert(at);
            ended_as(warning.state, event)
        };
        if event == Event::BackOwed {
            // People never heard of it, or have not said that they did: the ladder begins.
            let returned_at = warning.returned_at;
            step::announce(&mut warning, at, self.told_ms, &self.policy);
            warning.returned_at = returned_at;
        }
        self.emit(at, key, warning, change, said, effects);
    }

    /// An alarm is active and kept from people.
    pub(crate) fn put_muted(&mut self, key: Key, alarm: &Alarm, tier: Tier, why: Why) {
        if why == Why::Suppressed {
            self.suppressed += 1;
        }
        let alarm = alarm.clone();
        self.muted.insert(source(&alarm), Muted { alarm, why, key, tier });
    }

    /// Brings one active alarm to where it belongs: among what feeds a warning, or among what is
    /// kept from people. Where it is there already nothing happens.
    pub(crate) fn place(
        &mut self,
        at: Timestamp,
        key: (&AreaId, &GasId),
        (alarm, tier): (&Alarm, Tier),
        why: Option<Why>,
        effects: &mut Effects,
    ) {
        let of = source(alarm);
        match (why, self.fed.get(&of).cloned(), self.muted.remove(&of)) {
            (Some(why), Some(key), _) => {
                self.put_muted(key.clone(), alarm, tier, why);
                self.leave(at, key, alarm, 0, effects);
            }
            (Some(why), None, Some(muted)) => {
                let key = muted.key.clone();
                self.muted.insert(of, Muted { why, ..muted });
                self.other_reason(at, &key, effects);
            }
            (Some(why), None, None) => {
                self.put_muted((key.0.clone(), key.1.clone()), alarm, tier, why);
            }
            (None, None, Some(muted)) => self.unmute(at, muted, effects),
            (None, None, None) => {
                let muted = Muted {
                    alarm: alarm.clone(),
                    why: Why::Suppressed,
                    key: (key.0.clone(), key.1.clone()),
                    tier,
                };
                self.unmute(at, muted, effects);
            }
            (None, Some(_), _) => {}
        }
    }

    /// A channel goes out of service: alarms of it that have ended, and whose end was held back,
    /// are over now.
    pub(crate) fn end_chatter(
        &mut self,
        at: Timestamp,
        channel: &ChannelId,
        effects: &mut Effects,
    ) {
        let gone = |(key, warning): (&Key, &Warning)| {
            let over = warning.chattering.iter().filter(|c| c.channel == *channel);
            let over = over.filter(|chatter| chatter.ended_at.is_some());
            let of = |c: &Chatter| warning.alarms.iter().find(|a| is_of(c, a)).cloned();
            let alarms = over.filter_map(of);
            alarms.map(|alarm| (key.clone(), alarm)).collect::<Vec<_>>()
        };
        let gone: Vec<(Key, Alarm)> = self.open.iter().flat_map(gone).collect();
        for (key, alarm) in gone {
            self.leave(at, key, &alarm, 0, effects);
        }
    }

    /// All alarms of a key are kept from people, for another reason than before.
    fn other_reason(&mut self, at: Timestamp, key: &Key, effects: &mut Effects) {
        let Some(why) = self.muted_of(key) else { return };
        let is_other = |w: &Warning| match w.state {
            WarningState::Suppressed => why != Why::Suppressed,
            WarningState::OutOfService => why != Why::OutOfService,
            _ => false,
        };
        if !self.open.get(key).is_some_and(is_other) {
            return;
        }
        let Some(mut warning) = self.open.remove(key) else { return };
        if step::go(&mut warning, aside(why), &self.policy).is_err() {
            debug_assert!(false, "one reason may follow the other");
        }
        let change = ended_as(warning.state, aside(why));
        self.emit(at, key.clone(), warning, change, None, effects);
    }

    /// A muted alarm ended: where it was the last one of a warning, that returns.
    pub(super) fn quiet(&mut self, at: Timestamp, key: &Key, effects: &mut Effects) {
        let is_waiting =
            |w: &Warning| matches!(w.state, WarningState::Suppressed | WarningState::OutOfService);
        if self.muted_of(key).is_some() || !self.open.get(key).is_some_and(is_waiting) {
            return self.other_reason(at, key, effects);
        }
        if let Some(warning) = self.open.remove(key) {
            self.back(at, key.clone(), warning, None, effects);
        }
    }

    /// Forgets muted alarms that are not active any more, and brings back warnings that waited for
    /// them: after a restart.
    pub(crate) fn forget_muted(
        &mut self,
        at: Timestamp,
        is_active: impl Fn(&Alarm) -> bool,
        effects: &mut Effects,
    ) {
        self.muted.retain(|_, muted| is_active(&muted.alarm));
        let keys: Vec<Key> = self.open.keys().cloned().collect();
        for key in keys {
            self.quiet(at, &key, effects);
        }
    }

    /// Somebody is called to a warning in `area`.
    pub(super) fn call(&mut self, area: &AreaId, effects: &mut Effects) {
        let Some(place) = self.policy.desk_of(area) else { return };
        let at_ms = self.told_ms;
        let begun = self.floods.of.get_mut(place).and_then(|flood| flood.call(at_ms));
        if let Some((begun, desk)) = begun.zip(self.policy.desks.get(place)) {
            effects.floods.push(FloodEvent {
                change: FloodChange::Began,
                desk: desk.id.clone(),
                at: begun.begun_at,
                begun_at: begun.begun_at,
                calls: begun.calls,
            });
        }
    }

    /// Ends the floods that are over.
    pub(super) fn calm(&mut self, effects: &mut Effects) {
        for (flood, desk) in self.floods.of.iter_mut().zip(&self.policy.desks) {
            if let Some(ended) = flood.look(self.told_ms) {
                effects.floods.push(FloodEvent {
                    change: FloodChange::Ended,
                    desk: desk.id.clone(),
                    at: Timestamp::from_millis(self.told_ms),
                    begun_at: ended.begun_at,
                    calls: ended.calls,
                });
            }
        }
    }
}

/// Whether it is this alarm that comes and goes.
fn is_of(chatter: &Chatter, alarm: &Alarm) -> bool {
    (&chatter.rule, &chatter.channel) == (&alarm.rule, &alarm.channel)
}

/// Whether a hold takes this channel out of service.
pub(super) fn is_out_of(hold: &Hold, channel: &ChannelId) -> bool {
    hold.kind == HoldKind::OutOfService && hold.subject == Subject::Channel(channel.clone())
}
