//! Alarms about equipment: the same table as for warnings, one life to an alarm.
//!
//! They have no tier, so they never latch, rise or climb a ladder.

use std::collections::BTreeMap;

use siskin_model::{
    Acknowledgement, Alarm, AlarmKind, ChannelId, Edge, Equipment, EquipmentEvent, Hold, RuleId,
    Said, Timestamp, WarningChange, WarningState,
};

use super::book::{Source, WarningBook, ended_as, source};
use super::holds::is_out_of;
use super::table::{self, Event, Refusal};
use crate::engine::Effects;

/// The alarms about equipment that are not over.
#[derive(Debug, Clone, Default)]
pub(super) struct EquipmentBook {
    of: BTreeMap<Source, Equipment>,
}

/// What was said with a step.
type Words = Option<Said>;

impl EquipmentBook {
    /// Takes over those that were not over before a restart.
    pub(super) fn seed(&mut self, all: Vec<Equipment>) {
        let open = all.into_iter().filter(|one| one.state.is_open());
        self.of = open.map(|one| (source(&one.alarm), one)).collect();
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Equipment> {
        self.of.values()
    }

    /// One began or ended; `is_out` says whether its channel is out of service.
    pub(super) fn edge(
        &mut self,
        at: Timestamp,
        (edge, alarm): (Edge, &Alarm),
        is_out: bool,
        effects: &mut Effects,
    ) {
        match edge {
            Edge::Raise => self.began(at, alarm, is_out, effects),
            Edge::Clear => self.ended(at, alarm, effects),
        }
    }

    fn began(&mut self, at: Timestamp, alarm: &Alarm, is_out: bool, effects: &mut Effects) {
        let mut one = self.of.remove(&source(alarm)).unwrap_or_else(|| fresh(at, alarm));
        let was = one.state;
        one.alarm = alarm.clone();
        one.is_active = true;
        let begun = go(&mut one, Event::Raise);
        if is_out && !was.is_aside() && begun.and_then(|()| go(&mut one, Event::TakeOut)).is_ok() {
            // Nobody was called, so nobody owes anything that they did not owe before.
            one.is_owed = was.is_waiting();
        }
        let change = match (was, one.state) {
            (_, WarningState::OutOfService) => WarningChange::TakenOut,
            (WarningState::Normal, _) => WarningChange::Raised,
            (WarningState::ReturnedUnacknowledged, _) => WarningChange::Reactivated,
            _ => WarningChange::Updated,
        };
        self.emit(at, one, change, None, effects);
    }

    fn ended(&mut self, at: Timestamp, alarm: &Alarm, effects: &mut Effects) {
        let Some(mut one) = self.of.remove(&source(alarm)) else { return };
        one.is_active = false;
        let event = match (one.state, one.is_owed) {
            (WarningState::OutOfService, true) => Event::BackOwed,
            (WarningState::OutOfService, false) => Event::BackQuiet,
            _ => Event::Return,
        };
        if one.state.is_active() || one.state.is_aside() {
            let _stays = go(&mut one, event);
        }
        let change = ended_as(one.state, event);
        self.emit(at, one, change, None, effects);
    }

    /// A channel goes out of service, or comes back.
    pub(super) fn out(
        &mut self,
        at: Timestamp,
        channel: &ChannelId,
        is_out: bool,
        effects: &mut Effects,
    ) {
        let is_on = |one: &&Equipment| of_channel(&one.alarm) && one.alarm.channel == *channel;
        let of: Vec<Source> = self.of.values().filter(is_on).map(|e| source(&e.alarm)).collect();
        for key in of {
            let Some(mut one) = self.of.remove(&key) else { continue };
            let event = if is_out { Event::TakeOut } else { Event::BackActive };
            let is_meant = one.is_active
                && one.state != WarningState::Shelved
                && (is_out || one.state == WarningState::OutOfService);
            if is_meant && go(&mut one, event).is_ok() {
                let change =
                    if is_out { WarningChange::TakenOut } else { WarningChange::Reannounced };
                self.emit(at, one, change, None, effects);
            } else {
                self.of.insert(key, one);
            }
        }
    }

    /// A person acknowledges.
    pub(super) fn acknowledge(
        &mut self,
        key: &Source,
        act: Acknowledgement,
        effects: &mut Effects,
    ) -> Result<Equipment, Refusal> {
        let at = act.at;
        let said = Some(Said { by: act.by.clone(), note: act.note.clone() });
        self.act(key, Event::Acknowledge, at, (WarningChange::Acknowledged, said), effects, |one| {
            one.acknowledged = Some(act);
        })
    }

    /// Who acknowledged last; empty where nobody has.
    pub(super) fn acknowledged_by(&self, key: &Source) -> String {
        let act = self.of.get(key).and_then(|one| one.acknowledged.as_ref());
        act.map_or(String::new(), |act| act.by.clone())
    }

    /// A person puts it aside.
    pub(super) fn shelve(
        &mut self,
        key: &Source,
        hold: &Hold,
        effects: &mut Effects,
    ) -> Result<Equipment, Refusal> {
        let said = Some(Said { by: hold.by.clone(), note: hold.reason.clone() });
        let told = (WarningChange::Shelved, said);
        self.act(key, Event::Shelve, hold.begun_at, told, effects, |one| {
            one.shelf = Some(hold.clone());
        })
    }

    /// A person wrote something.
    pub(super) fn comment(
        &mut self,
        key: &Source,
        at: Timestamp,
        said: Said,
        effects: &mut Effects,
    ) -> Result<Equipment, Refusal> {
        let one = self.of.remove(key).ok_or(Refusal::Over)?;
        Ok(self.emit(at, one, WarningChange::Commented, Some(said), effects))
    }

    fn act(
        &mut self,
        key: &Source,
        event: Event,
        at: Timestamp,
        (change, said): (WarningChange, Words),
        effects: &mut Effects,
        put: impl FnOnce(&mut Equipment),
    ) -> Result<Equipment, Refusal> {
        let mut next = self.of.get(key).cloned().ok_or(Refusal::Over)?;
        go(&mut next, event)?;
        put(&mut next);
        self.of.remove(key);
        Ok(self.emit(at, next, change, said, effects))
    }

    /// Its shelf ended.
    pub(super) fn off_shelf(
        &mut self,
        at: Timestamp,
        (channel, rule): (&ChannelId, &RuleId),
        (is_out, said): (bool, Words),
        effects: &mut Effects,
    ) {
        let Some(mut one) = self.of.remove(&(channel.clone(), rule.clone())) else { return };
        let event = match (one.is_active, one.is_owed) {
            (true, _) if is_out && of_channel(&one.alarm) => Event::TakeOut,
            (true, _) => Event::BackActive,
            (false, true) => Event::BackOwed,
            (false, false) => Event::BackQuiet,
        };
        if one.state != WarningState::Shelved || go(&mut one, event).is_err() {
            self.of.insert(source(&one.alarm), one);
            return;
        }
        one.shelf = None;
        let change = match event {
            Event::BackActive => WarningChange::Reannounced,
            _ => ended_as(one.state, event),
        };
        self.emit(at, one, change, said, effects);
    }

    /// Those of which `is_meant` says yes are active as `active` says: what the record has and
    /// judging does not, and the other way round.
    pub(super) fn agree(
        &mut self,
        at: Timestamp,
        (active, is_meant): (&[Alarm], impl Fn(&Alarm) -> bool),
        is_out: impl Fn(&ChannelId) -> bool,
        effects: &mut Effects,
    ) {
        for alarm in active.iter().filter(|alarm| is_meant(alarm)) {
            if self.of.get(&source(alarm)).is_none_or(|one| !one.is_active) {
                let is_out = of_channel(alarm) && is_out(&alarm.channel);
                self.began(at, alarm, is_out, effects);
            }
        }
        let gone = |one: &&Equipment| {
            let stays = active.iter().any(|alarm| source(alarm) == source(&one.alarm));
            one.is_active && is_meant(&one.alarm) && !stays
        };
        let gone: Vec<Alarm> = self.of.values().filter(gone).map(|e| e.alarm.clone()).collect();
        for alarm in gone {
            self.ended(at, &alarm, effects);
        }
    }

    fn emit(
        &mut self,
        at: Timestamp,
        mut one: Equipment,
        change: WarningChange,
        said: Words,
        effects: &mut Effects,
    ) -> Equipment {
        one.changed_at = at;
        effects.equipment.push(EquipmentEvent { change, at, equipment: one.clone(), said });
        if one.state.is_open() {
            self.of.insert(source(&one.alarm), one.clone());
        }
        one
    }
}

/// Whether it is about a channel; else about a recipient, whose id may be that of a channel.
fn of_channel(alarm: &Alarm) -> bool {
    alarm.kind != AlarmKind::Message
}

fn fresh(at: Timestamp, alarm: &Alarm) -> Equipment {
    Equipment {
        alarm: alarm.clone(),
        state: WarningState::Normal,
        is_active: false,
        changed_at: at,
        acknowledged: None,
        is_owed: false,
        shelf: None,
    }
}

/// Takes the table's step.
fn go(one: &mut Equipment, event: Event) -> Result<(), Refusal> {
    let was = one.state;
    one.state = table::next(was, event, false)?;
    one.is_owed = match (was.is_aside(), one.state.is_aside()) {
        (true, true) => one.is_owed || event == Event::Raise,
        (false, true) => was.is_waiting(),
        (_, false) => false,
    };
    Ok(())
}

impl WarningBook {
    /// Takes over the alarms about equipment that were not over before a restart.
    pub(crate) fn seed_equipment(&mut self, all: Vec<Equipment>) {
        self.equipment.seed(all);
    }

    /// Alarms about equipment that are not over.
    pub(crate) fn all_equipment(&self) -> impl Iterator<Item = &Equipment> {
        self.equipment.all()
    }

    /// One began or ended.
    pub(crate) fn equipment(
        &mut self,
        at: Timestamp,
        (edge, alarm): (Edge, &Alarm),
        effects: &mut Effects,
    ) {
        let is_out = self.is_out(&alarm.channel);
        self.equipment.edge(at, (edge, alarm), is_out, effects);
    }

    /// A channel goes out of service, or comes back.
    pub(crate) fn out_equipment(
        &mut self,
        at: Timestamp,
        channel: &ChannelId,
        is_out: bool,
        effects: &mut Effects,
    ) {
        self.equipment.out(at, channel, is_out, effects);
    }

    /// After a restart: the active ones are those.
    pub(crate) fn agree_equipment(
        &mut self,
        at: Timestamp,
        active: &[Alarm],
        effects: &mut Effects,
    ) {
        let out = |channel: &ChannelId| self.holds.values().any(|hold| is_out_of(hold, channel));
        self.equipment.agree(at, (active, of_channel), out, effects);
    }

    /// The active alarms about messages are those. They are of no channel: only a person's shelf
    /// keeps one from people.
    pub(crate) fn agree_messages(
        &mut self,
        at: Timestamp,
        active: &[Alarm],
        effects: &mut Effects,
    ) {
        let meant = |alarm: &Alarm| !of_channel(alarm);
        self.equipment.agree(at, (active, meant), |_| false, effects);
    }
}

#[cfg(test)]
mod tests {
    use siskin_model::Unit;

    use super::*;

    fn alarm(rule: &str, on: &str, kind: AlarmKind) -> Alarm {
        Alarm {
            rule: RuleId::new(rule).unwrap(),
            channel: ChannelId::new(on).unwrap(),
            kind,
            tier: None,
            since: Timestamp::from_millis(0),
            value: None,
            limit: None,
            unit: Unit::Ppm,
            forecast: None,
        }
    }

    fn check(book: &EquipmentBook, expected: &[(&str, &str)]) {
        let of = |one: &Equipment| (one.alarm.rule.to_string(), one.state.as_str().to_owned());
        let found: Vec<_> = book.all().map(of).collect();
        let expected: Vec<_> =
            expected.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        assert_eq!(found, expected);
    }

    /// The recipient and a channel have the same id.
    #[test]
    fn what_is_done_with_a_channel_does_not_touch_a_recipient_of_the_same_name() {
        let (mut book, mut effects) = (EquipmentBook::default(), Effects::default());
        let at = Timestamp::from_millis;
        let silent = alarm("no-data", "one", AlarmKind::NoData);
        let owed = alarm("message-failed", "one", AlarmKind::Message);
        let of_messages = |alarm: &Alarm| !of_channel(alarm);
        book.agree(at(1), (std::slice::from_ref(&silent), of_channel), |_| false, &mut effects);
        let both = [silent.clone(), owed.clone()];
        book.agree(at(2), (&both, of_messages), |_| true, &mut effects);
        let active = "active-unacknowledged";
        check(&book, &[("message-failed", active), ("no-data", active)]);
        book.out(at(3), &silent.channel, true, &mut effects);
        check(&book, &[("message-failed", active), ("no-data", "out-of-service")]);
        // Neither list ends what is of the other.
        book.agree(at(4), (&[], of_channel), |_| false, &mut effects);
        let owed = "returned-unacknowledged";
        check(&book, &[("message-failed", active), ("no-data", owed)]);
        book.agree(at(5), (&[silent], of_messages), |_| false, &mut effects);
        check(&book, &[("message-failed", owed), ("no-data", owed)]);
        let changes: Vec<_> = effects.equipment.iter().map(|event| event.change).collect();
        assert_eq!(changes.len(), 5, "{changes:?}");
    }
}
