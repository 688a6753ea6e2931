//! The gateway's own watch: the thresholds of the site's highest tier, judged by the station's own
//! engine, so that a cut line still sounds the local siren.
//!
//! The engine is given every threshold with a tier on this gateway's channels, because the id of a
//! warning comes from its first alarm of any tier; only alarms of the highest tier are told. Rules
//! over several channels and rules with windows stay at the station. Late readings are left to it
//! as well: a siren is about now. Must never end an alarm by itself, and never take silence for
//! clean air (invariants 2 and 7).

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;
use serde::{Deserialize, Serialize};
use siskin_config::Settings;
use siskin_engine::engine::restore::Stored;
use siskin_engine::{Effects, Engine, History, HistoryError, RuleKind, RuleSet};
use siskin_model::{
    Alarm, AlarmEvent, AreaId, ChannelId, ChannelIndex, Edge, GasId, Reading, RuleId, Site, Tier,
    Timestamp, WarningId,
};
use siskin_wire::link::EdgeAlarm;

/// The watch over this gateway's channels.
#[derive(Debug)]
pub(crate) struct Watch {
    engine: Engine,
    effects: Effects,
    top: Tier,
    /// Area and gas of every channel that is watched.
    places: BTreeMap<ChannelId, (AreaId, GasId)>,
    episodes: BTreeMap<(AreaId, GasId), Episode>,
}

/// Alarms of one gas in one area without a break.
#[derive(Debug)]
struct Episode {
    warning: WarningId,
    active: BTreeSet<(ChannelId, RuleId)>,
}

/// An alarm that was active when the gateway stopped.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Kept {
    pub(crate) warning: WarningId,
    pub(crate) alarm: Alarm,
}

impl Watch {
    /// The watch of `own`, in which this gateway's analyzers have no other reader. None where no
    /// threshold with a tier sits on its channels.
    pub(crate) fn new(settings: &Settings, own: &Site) -> anyhow::Result<Option<Self>> {
        let rules = watched(&settings.rules, own);
        let bound = |at: usize| rules.bindings.iter().any(|binding| binding.rule == at);
        let tiers = rules.rules.iter().enumerate().filter(|(at, _)| bound(*at));
        let Some(top) = tiers.filter_map(|(_, rule)| rule.tier).max() else { return Ok(None) };
        let place = |channel: &siskin_model::site::Channel| {
            let gas = channel.quantity.gas()?.clone();
            Some((channel.id.clone(), (channel.area.clone(), gas)))
        };
        Ok(Some(Self {
            engine: Engine::new(own, &rules).context("the watch cannot begin")?,
            effects: Effects::default(),
            top,
            places: own.channels.iter().filter_map(place).collect(),
            episodes: BTreeMap::new(),
        }))
    }

    /// The tier whose alarms are told.
    pub(crate) const fn top(&self) -> Tier {
        self.top
    }

    /// Takes over the alarms that were active before a restart: they go on, under their ids. Those
    /// whose rule was taken out of the site end now, and are given.
    pub(crate) fn restore(
        &mut self,
        kept: &[Kept],
        own: &Site,
        now: Timestamp,
    ) -> anyhow::Result<Vec<EdgeAlarm>> {
        let newest = kept.iter().map(|one| one.alarm.since).max();
        let of = |id: &ChannelId| kept.iter().any(|one| one.alarm.channel == *id);
        let stored: Vec<_> = own
            .channels
            .iter()
            .map(|channel| Stored { newest: newest.filter(|_| of(&channel.id)), unjudged: None })
            .collect();
        let mut history = Remembered { own, kept };
        self.engine.restore(&stored, &mut history).context("the watch cannot go on")?;
        self.engine.restored(&mut self.effects);
        self.effects.clear();
        for one in kept {
            let Some(place) = self.places.get(&one.alarm.channel) else { continue };
            let fresh = || Episode { warning: one.warning.clone(), active: BTreeSet::new() };
            let episode = self.episodes.entry(place.clone()).or_insert_with(fresh);
            episode.active.insert((one.alarm.channel.clone(), one.alarm.rule.clone()));
        }
        let alarms = kept.iter().map(|one| one.alarm.clone()).collect();
        self.engine.withdraw(now, alarms, &mut self.effects);
        Ok(self.told())
    }

    /// Judges readings in order of arrival; gives what the highest tier raised and cleared.
    pub(crate) fn readings(&mut self, readings: &[Reading]) -> Vec<EdgeAlarm> {
        self.engine.readings(readings, &mut self.effects);
        // Not judged again here, and not kept either.
        self.engine.sort_late(|_| true);
        self.told()
    }

    /// The clock says `now`: readings that wait for their turn are judged.
    pub(crate) fn tick(&mut self, now: Timestamp) -> Vec<EdgeAlarm> {
        self.engine.tick(now, &mut self.effects);
        self.told()
    }

    /// Whether an alarm of the highest tier is active.
    pub(crate) fn is_sounding(&self) -> bool {
        self.engine.alarms().any(|(_, alarm)| alarm.tier == Some(self.top))
    }

    /// Whether an alarm of any tier is active on `channel`, or about to be.
    pub(crate) fn is_in_alarm(&self, channel: ChannelIndex) -> bool {
        self.engine.is_in_gas_alarm(channel)
    }

    /// The active alarms, for the next start. All tiers: the id comes from the first of them.
    pub(crate) fn kept(&self) -> Vec<Kept> {
        let kept = |(_, alarm): (ChannelIndex, &Alarm)| {
            let episode = self.episodes.get(self.places.get(&alarm.channel)?)?;
            Some(Kept { warning: episode.warning.clone(), alarm: alarm.clone() })
        };
        self.engine.alarms().filter_map(kept).collect()
    }

    /// The alarms of the highest tier that are active, as they were told.
    pub(crate) fn standing(&self) -> Vec<EdgeAlarm> {
        let told = |Kept { warning, alarm }: Kept| {
            let tier = alarm.tier.filter(|tier| *tier == self.top)?;
            let Alarm { channel, rule, since, value, .. } = alarm;
            Some(EdgeAlarm { warning, channel, rule, tier, edge: Edge::Raise, at: since, value })
        };
        self.kept().into_iter().filter_map(told).collect()
    }

    fn told(&mut self) -> Vec<EdgeAlarm> {
        let events = std::mem::take(&mut self.effects.alarms);
        self.effects.clear();
        events.iter().filter_map(|event| self.event(event)).collect()
    }

    fn event(&mut self, event: &AlarmEvent) -> Option<EdgeAlarm> {
        let AlarmEvent { edge, at, alarm } = event;
        let place = self.places.get(&alarm.channel)?;
        let source = (alarm.channel.clone(), alarm.rule.clone());
        let fresh =
            || Episode { warning: WarningId::of(&place.0, &place.1, *at), active: BTreeSet::new() };
        let episode = self.episodes.entry(place.clone()).or_insert_with(fresh);
        let warning = episode.warning.clone();
        match edge {
            Edge::Raise => episode.active.insert(source),
            Edge::Clear => episode.active.remove(&source),
        };
        if episode.active.is_empty() {
            self.episodes.remove(place);
        }
        let tier = alarm.tier.filter(|tier| *tier == self.top)?;
        Some(EdgeAlarm {
            warning,
            channel: alarm.channel.clone(),
            rule: alarm.rule.clone(),
            tier,
            edge: *edge,
            at: *at,
            value: alarm.value,
        })
    }
}

/// The thresholds with a tier on the channels that are read here.
fn watched(rules: &RuleSet, own: &Site) -> RuleSet {
    let is_own = |channel: ChannelIndex| {
        let channel = own.channel(channel)?;
        Some(own.analyzers.get(channel.analyzer)?.edge.is_none())
    };
    let is_threshold = |at: usize| {
        let rule = rules.rules.get(at);
        rule.is_some_and(|r| r.tier.is_some() && matches!(r.kind, RuleKind::Threshold { .. }))
    };
    let mut watched = rules.clone();
    watched.bindings.retain(|b| is_threshold(b.rule) && is_own(b.channel) == Some(true));
    watched
}

/// The past, of which only the active alarms are known.
struct Remembered<'a> {
    own: &'a Site,
    kept: &'a [Kept],
}

impl History for Remembered<'_> {
    fn readings(
        &mut self,
        _: ChannelIndex,
        _: Timestamp,
        _: Timestamp,
    ) -> Result<Vec<Reading>, HistoryError> {
        Ok(Vec::new())
    }

    fn edges(&mut self, _: ChannelIndex, _: Timestamp) -> Result<Vec<AlarmEvent>, HistoryError> {
        Ok(Vec::new())
    }

    fn active(&mut self, channel: ChannelIndex, _: Timestamp) -> Result<Vec<Alarm>, HistoryError> {
        let id = self.own.channel(channel).map(|known| &known.id);
        let its = self.kept.iter().filter(|one| Some(&one.alarm.channel) == id);
        Ok(its.map(|one| one.alarm.clone()).collect())
    }
}

#[cfg(test)]
mod tests;
