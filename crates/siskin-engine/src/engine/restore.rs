//! Bringing an engine to where it was before the process ended: same ids, same starts, running
//! delays where the stored readings give them.
//!
//! Each channel is made anew up to a bound; what is stored from there on is judged once more by the
//! ordinary way, and begins and ends that the record has already are not told again. Must never
//! tell twice, and never lose what was stored and not judged.

use siskin_model::{Alarm, AlarmEvent, AlarmKind, ChannelIndex, Edge, Reading, Timestamp};

use super::{Effects, Engine, EngineError};
use crate::history::History;
use crate::hold::Hold;

/// Beyond the hold, to be on the safe side of what the clock moved.
const SLACK_MS: i64 = 1_000;
/// How far before the oldest unjudged reading the one before it is looked for.
const LOOK_BACK_MS: i64 = 600_000;
/// How much of the wind is taken from the record.
const WIND_MS: i64 = 3_600_000;

/// What is stored of a channel.
#[derive(Debug, Clone, Copy, Default)]
pub struct Stored {
    /// The newest stored stamp.
    pub newest: Option<Timestamp>,
    /// The oldest stamp that may not have been judged before the end.
    pub unjudged: Option<Timestamp>,
}

impl Engine {
    /// Makes every channel anew from `history`. Gives each channel's bound: everything stored with
    /// a measured-at from there on is to be given to [`Engine::take_stored`] next, what was left
    /// unjudged to [`Engine::readings`], and then [`Engine::restored`] is to be called.
    pub fn restore(
        &mut self,
        stored: &[Stored],
        history: &mut dyn History,
    ) -> Result<Vec<Timestamp>, EngineError> {
        let newest = stored.iter().filter_map(|one| one.newest).max();
        let Some(newest_ms) = newest.map(Timestamp::as_millis) else {
            return Ok(vec![Timestamp::from_millis(i64::MIN); self.channels.len()]);
        };
        let mut bounds_ms = Vec::with_capacity(stored.len());
        for (index, one) in (0u32..).zip(stored) {
            bounds_ms.push(self.bound_ms(index, *one, newest_ms, history)?);
        }
        for (channel, stored) in self.channels.iter_mut().zip(stored) {
            if let Some(newest) = stored.newest {
                channel.is_seen_to(newest.as_millis());
            }
        }
        self.warm_wind(newest_ms, history)?;
        let indices = 0..u32::try_from(self.channels.len()).unwrap_or(u32::MAX);
        let mut done = vec![false; self.channels.len()];
        for index in indices {
            let group = self.composer.group(index);
            if done.get(index as usize).is_none_or(|done| *done) {
                continue;
            }
            for member in &group {
                if let Some(done) = done.get_mut(*member as usize) {
                    *done = true;
                }
            }
            // What is judged together begins together.
            let bounds = group.iter().filter_map(|i| bounds_ms.get(*i as usize).copied());
            let from_ms = bounds.min().unwrap_or(i64::MIN);
            for member in &group {
                if let Some(bound_ms) = bounds_ms.get_mut(*member as usize) {
                    *bound_ms = from_ms;
                }
            }
            self.warm(&group, &bounds_ms, history)?;
            for member in group {
                if let Some(own) = stored.get(member as usize).and_then(|one| one.newest) {
                    self.check_tail(member, (own, newest_ms), from_ms, history)?;
                }
            }
        }
        Ok(bounds_ms.into_iter().map(Timestamp::from_millis).collect())
    }

    /// The wind of the last minutes.
    fn warm_wind(&mut self, newest_ms: i64, history: &mut dyn History) -> Result<(), EngineError> {
        let from = Timestamp::from_millis(newest_ms.saturating_sub(WIND_MS));
        for channel in self.composer.wind_channels() {
            for reading in history.readings(channel, from, Timestamp::from_millis(newest_ms))? {
                self.composer.wind(&reading);
            }
        }
        Ok(())
    }

    fn bound_ms(
        &self,
        index: u32,
        stored: Stored,
        newest_ms: i64,
        history: &mut dyn History,
    ) -> Result<i64, EngineError> {
        let after = stored.newest.map_or(newest_ms, Timestamp::as_millis).saturating_add(1);
        let unjudged = stored.unjudged.map_or(after, |at| at.as_millis().min(after));
        let grouped_ms = self.grouped_hold_ms(index);
        if grouped_ms > 0 {
            // A channel that fell silent long ago does not take the others back with it.
            let unjudged = stored.unjudged.map_or(newest_ms, Timestamp::as_millis);
            return Ok(unjudged.min(newest_ms).saturating_sub(grouped_ms));
        }
        let window_ms = self.holds.get(index as usize).map_or(0, Hold::window_ms);
        if window_ms == 0 {
            return Ok(unjudged);
        }
        // What is older than the newest judged one by less than the window waited; the oldest
        // unjudged one may come a while after it.
        let at = Timestamp::from_millis;
        let look_back = at(unjudged.saturating_sub(LOOK_BACK_MS));
        let before = history.readings(ChannelIndex(index), look_back, at(unjudged))?;
        let newest_before = before.last().map_or(unjudged, |r| r.measured_at.as_millis() + 1);
        Ok(newest_before.saturating_sub(window_ms + SLACK_MS))
    }

    /// The last readings of a silent channel may have come so late that they waited for their turn
    /// at the end: they are judged again, and with them what hangs on the channel.
    fn check_tail(
        &mut self,
        index: u32,
        newest: (Timestamp, i64),
        from_ms: i64,
        history: &mut dyn History,
    ) -> Result<(), EngineError> {
        let ((own, newest_ms), channel) = (newest, ChannelIndex(index));
        let window_ms = self.holds.get(index as usize).map_or(0, Hold::window_ms);
        let tail = own.plus_ms(-(window_ms + SLACK_MS));
        if window_ms == 0 || !self.composer.is_linked(index) || tail.as_millis() >= from_ms {
            return Ok(());
        }
        let readings = history.readings(channel, tail, own.plus_ms(1))?;
        let waited = |reading: &&Reading| {
            reading.received_at.as_millis().saturating_add(window_ms + SLACK_MS) >= newest_ms
        };
        if let Some(first) = readings.iter().find(waited) {
            self.judge_again_from(channel, first.measured_at);
        }
        Ok(())
    }

    /// How far alarms over several channels look behind on this one; 0 where there are none.
    pub(super) fn grouped_hold_ms(&self, index: u32) -> i64 {
        if !self.composer.is_linked(index) {
            return 0;
        }
        self.composer.hold_ms() + SLACK_MS
    }

    /// Makes the channels of a group anew, each up to its bound.
    pub(super) fn warm(
        &mut self,
        group: &[u32],
        bounds_ms: &[i64],
        history: &mut dyn History,
    ) -> Result<(), EngineError> {
        let bounds = group.iter().filter_map(|index| bounds_ms.get(*index as usize).copied());
        let from_ms = bounds.min().unwrap_or(i64::MIN);
        let mut rebuilt = std::collections::BTreeMap::new();
        for &index in group {
            let span = self.span(group, from_ms, from_ms.saturating_sub(1));
            rebuilt.insert(index, self.rebuild(index, span, history)?);
        }
        let _none_yet = self.compose_again(group, &rebuilt, from_ms, from_ms.saturating_sub(1));
        for (index, mut one) in rebuilt {
            for alarm in one.active_from {
                // It was told that nothing came up to there: what still comes is late.
                if alarm.kind == AlarmKind::NoData {
                    one.channel.is_seen_to(alarm.since.as_millis());
                }
                if let Some(rule) = self.plan.place_on(index, &alarm) {
                    self.active.insert((index, rule), alarm);
                }
            }
            for event in one.recorded {
                self.is_recorded(index, &event);
            }
            if let Some(newest_ms) = one.channel.newest_ms() {
                self.event_ms = self.event_ms.max(newest_ms);
            }
            if let Some(channel) = self.channels.get_mut(index as usize) {
                *channel = one.channel;
            }
        }
        Ok(())
    }

    fn is_recorded(&mut self, index: u32, event: &AlarmEvent) {
        if let Some(rule) = self.plan.place_on(index, &event.alarm) {
            let at_ms = event.at.as_millis();
            self.recorded.insert((index, rule, at_ms, event.edge));
            // A silence was seen only because time had passed its limit and the hold.
            let window_ms = self.holds.get(index as usize).map_or(0, Hold::window_ms);
            if event.alarm.kind == AlarmKind::NoData && event.edge == Edge::Raise {
                self.recorded_ms = self.recorded_ms.max(at_ms + window_ms + 1);
            }
            // What hangs on several channels was told only that much later.
            let key = (index, rule);
            if self.is_over_several(key).is_some() {
                self.recorded_ms = self.recorded_ms.max(at_ms + self.composer.hold_ms());
            }
        }
    }

    /// Takes in what is stored from the bounds on and was not left unjudged. When it arrived does
    /// not count any more: what would still wait is within the reorder window of the newest event.
    pub fn take_stored(&mut self, mut readings: Vec<Reading>, effects: &mut Effects) {
        for reading in &mut readings {
            reading.received_at = reading.measured_at;
        }
        readings.sort_by_key(|reading| (reading.measured_at, reading.channel));
        self.readings(&readings, effects);
        self.sort_late(|_| true);
    }

    /// Everything stored has been given in again. What the record has and judging did not give
    /// is looked at once more, by judging its span again.
    pub fn restored(&mut self, effects: &mut Effects) {
        // Only now: before, time would seem to have passed channels whose readings come next.
        self.event_ms = self.event_ms.max(self.recorded_ms);
        self.scan();
        self.settle(effects);
        for (index, _, at_ms, _) in std::mem::take(&mut self.recorded) {
            self.judge_again_from(ChannelIndex(index), Timestamp::from_millis(at_ms));
        }
        self.counters = crate::counters::Counters::default();
    }

    /// Ends recorded alarms whose rule or channel was taken out of the site.
    pub fn withdraw(&mut self, at: Timestamp, alarms: Vec<Alarm>, effects: &mut Effects) {
        let (plan, mut gone) = (&self.plan, alarms);
        gone.retain(|alarm| plan.place_of(alarm).is_none());
        for alarm in gone {
            self.end_life(at, &alarm, effects);
            effects.alarms.push(AlarmEvent { edge: Edge::Clear, at, alarm });
        }
    }
}
