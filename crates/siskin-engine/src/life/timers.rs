//! What time alone does to a warning: a held tier falls, a chattering alarm's end counts, an
//! unacknowledged warning is passed on.
//!
//! The first two are in event time: they are due at a moment that the readings give, so that the
//! station, a replay and a restart say the same. Must never close what nobody acknowledged.

use std::sync::Arc;

use siskin_model::duty::{Call, Roster};
use siskin_model::{AreaId, PositionId, Timestamp, Warning, WarningChange};

use super::book::{Key, WarningBook, chatter_ends_ms, prune};
use super::step;
use crate::engine::Effects;

/// When a tier falls or a chatter ends next; the end of time where neither will.
pub(super) fn next_ms(warning: &Warning) -> i64 {
    let ends = warning.chattering.iter().filter_map(chatter_ends_ms);
    // Where no alarm is active the last tier stands.
    let falls = warning.held.iter().filter(|_| !warning.alarms.is_empty());
    ends.chain(falls.map(|held| held.until.as_millis())).min().unwrap_or(i64::MAX)
}

/// Whether a warning is to be passed on by `now`.
fn is_due(warning: &Warning, now: Timestamp) -> bool {
    let next = warning.passing.as_ref().and_then(|passing| passing.next.as_ref());
    next.is_some_and(|next| next.due_at <= now)
}

impl WarningBook {
    /// Lets happen what is due for one warning up to `at_ms`, in order.
    pub(super) fn due(&mut self, key: &Key, at_ms: i64, effects: &mut Effects) {
        // Each turn takes one thing away; a warning has no more than its tiers and its alarms.
        while let Some(warning) = self.open.get(key) {
            let next_ms = next_ms(warning);
            if next_ms > at_ms {
                return;
            }
            self.one_due(key, Timestamp::from_millis(next_ms), effects);
        }
    }

    fn one_due(&mut self, key: &Key, at: Timestamp, effects: &mut Effects) {
        let Some(warning) = self.open.get_mut(key) else { return };
        let is_over = |c: &&siskin_model::Chatter| chatter_ends_ms(c) == Some(at.as_millis());
        let Some(chatter) = warning.chattering.iter().find(is_over).cloned() else {
            prune(warning, at);
            let change = step::lower(warning);
            if change == WarningChange::Deescalated
                && let Some(warning) = self.open.remove(key)
            {
                self.emit(at, key.clone(), warning, change, None, effects);
            }
            return;
        };
        warning.chattering.retain(|one| *one != chatter);
        let of =
            |a: &&siskin_model::Alarm| (&a.rule, &a.channel) == (&chatter.rule, &chatter.channel);
        let ended = warning.alarms.iter().find(of).cloned();
        if let Some(alarm) = ended {
            // It has been gone for a minute: that much of the tier's time has passed.
            let begun = chatter.ended_at.unwrap_or(at);
            let waited_ms = at.as_millis() - begun.as_millis();
            let hold_ms = self.policy.lower_after_ms - waited_ms;
            self.leave(at, key.clone(), &alarm, hold_ms, effects);
        }
    }

    /// Whether anything can be due at `at_ms`.
    pub(crate) fn may_be_due(&self, at_ms: i64) -> bool {
        at_ms != i64::MIN && at_ms >= self.soonest_ms
    }

    /// Lets happen what is due up to `at_ms` everywhere, of each warning no further than it is
    /// known.
    pub fn pass(&mut self, at_ms: i64, known_to_ms: impl Fn(&Key) -> i64, effects: &mut Effects) {
        if !self.may_be_due(at_ms) {
            return;
        }
        let one = |(key, warning): (&Key, &Warning)| {
            let next_ms = next_ms(warning);
            let to_ms = at_ms.min(known_to_ms(key));
            (next_ms <= to_ms).then(|| (next_ms, to_ms, key.clone()))
        };
        let mut due: Vec<(i64, i64, Key)> = self.open.iter().filter_map(one).collect();
        due.sort();
        for (_, to_ms, key) in due {
            self.due(&key, to_ms, effects);
        }
        self.soonest_ms = self.open.values().map(next_ms).min().unwrap_or(i64::MAX);
    }

    /// The station's clock says `now`, and the holds whose time is over have ended: warnings that
    /// nobody acknowledged are passed on, floods end.
    pub fn clock(&mut self, now: Timestamp, effects: &mut Effects) {
        self.is_now(now.as_millis());
        let due: Vec<Key> =
            self.open.iter().filter(|(_, w)| is_due(w, now)).map(|(key, _)| key.clone()).collect();
        for key in due {
            self.pass_on(&key, now, effects);
        }
        self.calm(effects);
    }

    /// Whether a warning is to be passed on by `now`: then [`Self::clock`] wants the roster.
    pub fn passes_on(&self, now: Timestamp) -> bool {
        self.open.values().any(|warning| is_due(warning, now))
    }

    /// The roster around the present moment, for the next [`Self::clock`]; none: it cannot be
    /// read, or this book belongs to no station.
    pub fn set_roster(&mut self, roster: Option<Arc<Roster>>) {
        self.roster = roster;
    }

    /// Whom a step to `to` reaches now. Without a roster the step still counts.
    fn reached(&self, to: &str, area: &AreaId, now: Timestamp) -> Call {
        let Some(roster) = &self.roster else { return Call::unreadable(to, now) };
        let desk = self.policy.desk_of(area).and_then(|place| self.policy.desks.get(place));
        let position = desk.and_then(|desk| PositionId::new(&desk.id).ok());
        Call::of(roster, to, position.as_ref(), now)
    }

    /// Calls everybody on the ladder whose time has come: after a standstill that may be several.
    fn pass_on(&mut self, key: &Key, now: Timestamp, effects: &mut Effects) {
        while let Some(mut warning) = self.open.remove(key) {
            let next = warning.passing.as_ref().and_then(|passing| passing.next.as_ref());
            let due = next.map(|next| next.due_at).filter(|due_at| *due_at <= now);
            let Some(at) = due.filter(|_| self.step_up(&mut warning, now, None)) else {
                self.open.insert(key.clone(), warning);
                return;
            };
            self.emit(at, key.clone(), warning, WarningChange::PassedOn, None, effects);
        }
    }

    /// Takes the next step of the ladder, asked for `by` somebody or by time; says whether there
    /// was one.
    pub(super) fn step_up(&self, warning: &mut Warning, now: Timestamp, by: Option<&str>) -> bool {
        let Some(passing) = warning.passing.as_mut() else { return false };
        let Some(next) = passing.next.take() else { return false };
        let by = by.map(str::to_owned);
        passing.calls.push(Call { by, ..self.reached(&next.to, &warning.area, now) });
        passing.told.push(next.to);
        let place = passing.told.len();
        passing.next = step::next_rung(&self.policy, passing.tier, passing.begun_at, place);
        true
    }
}
