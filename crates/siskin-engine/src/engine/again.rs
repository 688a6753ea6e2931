//! Judging a span of the past again: after late readings, after a restart, after a change of rules.
//!
//! A channel is made anew, its windows are filled from history, the stretch before the span is
//! judged for its running delays only, and from the span's begin on every reading is judged. What
//! differs from the record comes out: as corrections where it is over, as a begin or end told now
//! where the channel is in another state now than everybody was told. Must never raise what is long
//! past, and never forget a difference.

use std::collections::BTreeMap;

use siskin_model::{
    Alarm, AlarmEvent, ChannelIndex, Correction, CorrectionChange, Edge, Reading, Timestamp,
};

use super::replayed::Replayed;
use super::{Effects, Engine, EngineError, silence_seen_ms};
use crate::channel::{Channel, RawEdge, SILENCE};
use crate::compose::Past;
use crate::contrast::Sample;
use crate::history::{History, HistoryError};

/// Channel, rule, moment and whether it is a begin or an end.
type EdgeKey = (u32, u32, i64, Edge);
/// What the record has and judging again did not give.
type Removed = BTreeMap<EdgeKey, AlarmEvent>;
/// The newest begin of every alarm, by channel and rule.
type Begins = BTreeMap<(u32, u32), Alarm>;
/// Begins and ends, each with its channel.
type Found = Vec<(u32, RawEdge)>;

/// A channel that was judged again.
pub(super) struct Rebuilt {
    pub(super) channel: Channel,
    /// Begins and ends from the span's begin on, in order, and silences from the rewarmed stretch.
    edges: Vec<RawEdge>,
    /// Recorded begins and ends before the span, as far back as the channel's rules look.
    before: Vec<AlarmEvent>,
    /// What is recorded from the span's begin on.
    pub(super) recorded: Vec<AlarmEvent>,
    /// Recorded as raised before all of these, and at the span's begin.
    active_begin: Vec<Alarm>,
    pub(super) active_from: Vec<Alarm>,
    /// All judged samples, where the channel is compared with others.
    samples: Vec<Sample>,
    /// When it was judged since the rewarmed stretch began, where composites sit on the channel.
    heard: Vec<i64>,
    readings: usize,
}

/// A span of the past.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_field_names, reason = "all are moments, and units go last in names")]
pub(super) struct Span {
    /// From here on readings go into the windows.
    begin_ms: i64,
    /// From here on they are judged for the running delays.
    rewarm_ms: i64,
    /// From here on what is found counts.
    from_ms: i64,
    /// Readings after this wait for their turn and are not judged yet.
    judged_ms: i64,
}

impl Engine {
    /// Hands out the late readings that came since the last call, each once: `is_repeat` says
    /// whether the record has the very same reading already. The others' spans will be judged
    /// again by [`Self::judge_again`].
    pub fn sort_late(&mut self, mut is_repeat: impl FnMut(&Reading) -> bool) {
        for reading in std::mem::take(&mut self.late) {
            if is_repeat(&reading) {
                self.counters.late -= 1;
                self.counters.duplicates += 1;
            } else {
                self.judge_again_from(reading.channel, reading.measured_at);
            }
        }
    }

    /// Whether late readings wait to be sorted.
    pub fn has_late(&self) -> bool {
        !self.late.is_empty()
    }

    /// The span of a channel from `from` on will be judged again.
    pub fn judge_again_from(&mut self, channel: ChannelIndex, from: Timestamp) {
        let begin_ms = self.again_from_ms.entry(channel.0).or_insert(i64::MAX);
        *begin_ms = (*begin_ms).min(from.as_millis());
    }

    /// The spans that wait to be judged again: each a channel and when it begins.
    pub fn again_spans(&self) -> impl Iterator<Item = (ChannelIndex, Timestamp)> {
        let spans = self.again_from_ms.iter();
        spans.map(|(index, from_ms)| (ChannelIndex(*index), Timestamp::from_millis(*from_ms)))
    }

    /// How many channels wait to be judged again.
    pub fn again_waiting(&self) -> usize {
        self.again_from_ms.len()
    }

    /// Judges waiting spans again until about `budget` readings have been read; gives how many
    /// were. The readings must be in `history` already. After an error the span keeps waiting.
    pub fn judge_again(
        &mut self,
        history: &mut dyn History,
        budget: usize,
        effects: &mut Effects,
    ) -> Result<usize, EngineError> {
        let mut read = 0;
        while read < budget
            && let Some((&channel, _)) = self.again_from_ms.first_key_value()
        {
            let group = self.composer.group(channel);
            let spans = group.iter().filter_map(|channel| self.again_from_ms.get(channel));
            let from_ms = spans.copied().min().unwrap_or(i64::MAX);
            read += self.group_again(&group, from_ms, history, effects)?;
            for channel in &group {
                self.again_from_ms.remove(channel);
            }
        }
        Ok(read)
    }

    fn group_again(
        &mut self,
        group: &[u32],
        from_ms: i64,
        history: &mut dyn History,
        effects: &mut Effects,
    ) -> Result<usize, HistoryError> {
        let mut rebuilt = BTreeMap::new();
        for &index in group {
            let Some(judged_ms) = self.channels.get(index as usize).and_then(Channel::newest_ms)
            else {
                continue;
            };
            let span = self.span(group, from_ms, judged_ms);
            rebuilt.insert(index, self.rebuild(index, span, history)?);
        }
        let up_to_ms = self.composer.looked_to_ms();
        let mut found = self.compose_again(group, &rebuilt, from_ms, up_to_ms);
        let mut read = 0;
        let mut recorded = Vec::new();
        let mut begins = BTreeMap::new();
        for (index, one) in rebuilt {
            read += one.readings;
            for alarm in one.active_from {
                if let Some(rule) = self.plan.place_on(index, &alarm) {
                    begins.insert((index, rule), alarm);
                }
            }
            let edges = one.edges.into_iter().filter(|raw| raw.rule != SILENCE);
            found.extend(edges.map(|raw| (index, raw)));
            recorded.extend(one.recorded.into_iter().map(|event| (index, event)));
            if let Some(channel) = self.channels.get_mut(index as usize) {
                *channel = one.channel;
            }
        }
        found.retain(|(_, raw)| raw.at_ms >= from_ms);
        for (index, raw) in found.iter().filter(|(_, raw)| raw.edge == Edge::Raise) {
            let newest = begins.get(&(*index, raw.rule)).map(|alarm: &Alarm| alarm.since);
            if newest.is_none_or(|since| since.as_millis() <= raw.at_ms)
                && let Some(alarm) = self.alarm(*index, raw)
            {
                begins.insert((*index, raw.rule), alarm);
            }
        }
        self.correct(group, (found, &begins), recorded, effects);
        Ok(read.max(1))
    }

    /// The span from `from_ms` on for every channel of a group: all begin where the one begins that
    /// looks back furthest.
    pub(super) fn span(&self, group: &[u32], from_ms: i64, judged_ms: i64) -> Span {
        let longest = |of: &dyn Fn(u32) -> i64| group.iter().map(|i| of(*i)).max().unwrap_or(0);
        let rewarm_ms = from_ms.saturating_sub(longest(&|index| self.plan.rewarm_ms(index)));
        let begin_ms = rewarm_ms.saturating_sub(longest(&|index| self.plan.reach_ms(index)));
        Span { begin_ms, rewarm_ms, from_ms, judged_ms }
    }

    /// Makes a channel anew from history.
    pub(super) fn rebuild(
        &self,
        index: u32,
        span: Span,
        history: &mut dyn History,
    ) -> Result<Rebuilt, HistoryError> {
        let (at, channel) = (Timestamp::from_millis, ChannelIndex(index));
        let readings = history.readings(channel, at(span.begin_ms), at(span.judged_ms + 1))?;
        let mut before = history.edges(channel, at(span.begin_ms))?;
        let active = history.active(channel, at(span.begin_ms))?;
        let recorded = before.split_off(place_at(&before, span.from_ms));
        let (old, warm) = before.split_at(place_at(&before, span.rewarm_ms));
        let mut replayed = Replayed::new(self, index, &active);
        replayed.fill(&readings, span.rewarm_ms, old);
        let active_from = Replayed::active(&active, &before);
        replayed.judge(&readings, (span.rewarm_ms, span.from_ms), warm);
        replayed.edges.retain(|raw| raw.rule == SILENCE);
        replayed.agree(&active_from);
        replayed.judge(&readings, (span.from_ms, i64::MAX), &[]);
        let hold = self.holds.get(index as usize);
        let seen_ms = match hold {
            _ if self.is_finished => self.event_ms,
            Some(hold) => silence_seen_ms(self.scanned_ms, hold),
            None => i64::MIN,
        };
        let newest_ms = self.channels.get(index as usize).and_then(Channel::newest_ms);
        // What comes after the span is not there yet: silence is not known beyond it.
        let is_before = newest_ms.is_some_and(|newest_ms| span.judged_ms < newest_ms);
        replayed.end(if is_before { seen_ms.min(span.judged_ms) } else { seen_ms });
        if let Some(newest_ms) = newest_ms {
            replayed.channel.is_seen_to(newest_ms.min(span.judged_ms));
        }
        Ok(Rebuilt {
            channel: replayed.channel,
            edges: replayed.edges,
            before,
            recorded,
            active_begin: active,
            active_from,
            samples: replayed.samples,
            heard: replayed.heard,
            readings: readings.len(),
        })
    }

    /// What stands over the channels of a group, from the begin of the rewarmed stretch on; the
    /// edges from `from_ms` up to `up_to_ms`.
    pub(super) fn compose_again(
        &mut self,
        group: &[u32],
        rebuilt: &BTreeMap<u32, Rebuilt>,
        from_ms: i64,
        up_to_ms: i64,
    ) -> Vec<(u32, RawEdge)> {
        if !self.has_several() {
            return Vec::new();
        }
        let mut past = Past {
            channels: group.to_vec(),
            rewarm_ms: self.span(group, from_ms, from_ms).rewarm_ms,
            // What nobody has looked at yet still comes, and counts then.
            from_ms: from_ms.min(up_to_ms.saturating_add(1)),
            up_to_ms,
            ..Past::default()
        };
        for (index, one) in rebuilt {
            let key = |alarm| self.plan.place_on(*index, alarm).map(|rule| (*index, rule));
            past.begun.extend(one.active_begin.iter().filter_map(key));
            past.raised.extend(one.active_from.iter().filter_map(key));
            let edges = one.before.iter().filter_map(|e| Some((e.at, key(&e.alarm)?, e.edge)));
            past.recorded.extend(edges.map(|(at, key, edge)| (at.as_millis(), key, edge)));
            past.edges.extend(one.edges.iter().map(|raw| (*index, *raw)));
            past.heard.insert(*index, one.heard.clone());
        }
        past.recorded.sort_by_key(|(at_ms, ..)| *at_ms);
        let samples: BTreeMap<u32, &[Sample]> =
            rebuilt.iter().map(|(index, one)| (*index, one.samples.as_slice())).collect();
        let compared = self.contrasts.again(&past, &samples);
        past.edges.extend(compared.iter().copied());
        let mut found = self.composer.again(&past);
        found.extend(compared);
        found
    }

    /// Compares what was found with what is recorded, and says what differs. `begins` has the
    /// newest begin of every alarm, inside the span or before it.
    fn correct(
        &mut self,
        group: &[u32],
        (found, begins): (Found, &Begins),
        recorded: Vec<(u32, AlarmEvent)>,
        effects: &mut Effects,
    ) {
        let found_at = Timestamp::from_millis(self.event_ms);
        let mut added: BTreeMap<EdgeKey, (u32, RawEdge)> = BTreeMap::new();
        for (index, raw) in found {
            added.insert((index, raw.rule, raw.at_ms, raw.edge), (index, raw));
        }
        let mut removed = Removed::new();
        for (index, event) in recorded {
            let Some(rule) = self.plan.place_on(index, &event.alarm) else { continue };
            let key = (index, rule, event.at.as_millis(), event.edge);
            if added.remove(&key).is_none() {
                removed.insert(key, event);
            }
        }
        self.now_differs(group, &mut added, (&removed, begins), effects);
        let take = |event| Correction { change: CorrectionChange::Removed, found_at, event };
        effects.corrections.extend(removed.into_values().map(take));
        let mut begun: BTreeMap<(u32, u32), Alarm> = BTreeMap::new();
        let mut missing: Vec<_> = added.into_values().collect();
        missing.sort_by_key(|(index, raw)| (raw.at_ms, *index, raw.rule, raw.edge));
        for (index, raw) in missing {
            let Some(alarm) = self.alarm(index, &raw) else { continue };
            let key = (index, raw.rule);
            let alarm = match raw.edge {
                Edge::Raise => begun.entry(key).insert_entry(alarm).get().clone(),
                Edge::Clear => begun.remove(&key).unwrap_or(alarm),
            };
            let event = AlarmEvent { edge: raw.edge, at: Timestamp::from_millis(raw.at_ms), alarm };
            effects.corrections.push(Correction {
                change: CorrectionChange::Added,
                found_at,
                event,
            });
        }
    }

    /// Tells begins and ends where a channel is in another state now than was told before.
    fn now_differs(
        &mut self,
        group: &[u32],
        added: &mut BTreeMap<EdgeKey, (u32, RawEdge)>,
        (removed, begins): (&Removed, &Begins),
        effects: &mut Effects,
    ) {
        let keys: Vec<(u32, u32)> = group
            .iter()
            .flat_map(|index| self.plan.on(*index).into_iter().map(|(rule, _)| (*index, rule)))
            .collect();
        for key in keys {
            let is_active = self.active.contains_key(&key);
            match (is_active, self.is_raised(key), begins.get(&key)) {
                (false, true, Some(alarm)) => self.raised_after_all(key, alarm, added, effects),
                (true, false, _) => self.ended_after_all(key, added, removed, effects),
                (true, true, Some(alarm)) => self.since_another_time(key, alarm, effects),
                (_, true, None) | (false, false, _) => {}
            }
        }
    }

    fn is_raised(&self, key: (u32, u32)) -> bool {
        let of_channel = || self.channels.get(key.0 as usize).is_some_and(|c| c.is_raised(key.1));
        self.is_over_several(key).unwrap_or_else(of_channel)
    }

    /// Whether an alarm over several channels is raised; none if the rule looks at one channel.
    pub(super) fn is_over_several(&self, key: (u32, u32)) -> Option<bool> {
        self.composer.is_raised(key).or_else(|| self.contrasts.is_raised(key))
    }

    /// The newest begin of an alarm among what is missing in the record.
    fn last(
        added: &BTreeMap<EdgeKey, (u32, RawEdge)>,
        (index, rule): (u32, u32),
        edge: Edge,
    ) -> Option<(EdgeKey, RawEdge)> {
        let of_rule = (index, rule, i64::MIN, Edge::Raise)..=(index, rule, i64::MAX, Edge::Clear);
        let mut edges = added.range(of_rule).rev().filter(|(key, _)| key.3 == edge);
        edges.next().map(|(key, (_, raw))| (*key, *raw))
    }

    /// The channel is in alarm now and nobody knows: a live begin with its true start. A begin that
    /// is recorded already, and whose end was taken back, is told to the warnings only.
    fn raised_after_all(
        &mut self,
        key: (u32, u32),
        alarm: &Alarm,
        added: &mut BTreeMap<EdgeKey, (u32, RawEdge)>,
        effects: &mut Effects,
    ) {
        let begin = (key.0, key.1, alarm.since.as_millis(), Edge::Raise);
        let is_recorded = added.remove(&begin).is_none();
        self.active.insert(key, alarm.clone());
        let alarms = effects.alarms.len();
        self.tell(key.0, Edge::Raise, alarm.since, alarm.clone(), effects);
        if is_recorded {
            effects.alarms.truncate(alarms);
        }
    }

    /// The alarm is over, or never began.
    fn ended_after_all(
        &mut self,
        key: (u32, u32),
        added: &mut BTreeMap<EdgeKey, (u32, RawEdge)>,
        removed: &BTreeMap<EdgeKey, AlarmEvent>,
        effects: &mut Effects,
    ) {
        let Some(alarm) = self.active.remove(&key) else { return };
        let began = (key.0, key.1, alarm.since.as_millis(), Edge::Raise);
        let end = Self::last(added, key, Edge::Clear).filter(|_| !removed.contains_key(&began));
        if let Some((edge, raw)) = end {
            added.remove(&edge);
            self.tell(key.0, Edge::Clear, Timestamp::from_millis(raw.at_ms), alarm, effects);
        } else {
            // Its begin leaves the record, so it has no end; the warning it fed ends all the same.
            let now = Timestamp::from_millis(self.event_ms);
            self.end_life(now, &alarm, effects);
        }
    }

    /// The alarm stands; it may have begun at another time, or have ended and begun again.
    fn since_another_time(&mut self, key: (u32, u32), alarm: &Alarm, effects: &mut Effects) {
        if self.active.get(&key).is_none_or(|active| active.since == alarm.since) {
            return;
        }
        self.active.insert(key, alarm.clone());
        let now = Timestamp::from_millis(self.event_ms);
        self.warnings.corrected(now, alarm, effects);
    }
}

/// How many events lie before `at_ms`.
fn place_at(events: &[AlarmEvent], at_ms: i64) -> usize {
    events.partition_point(|event| event.at.as_millis() < at_ms)
}
