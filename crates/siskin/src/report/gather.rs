//! Reads what a report is made from: entries, warnings, readings of the incident's channels, wind.
//!
//! Up to six hours are read as they are, more as sums of minutes. An hour that cannot be read is
//! counted in the report; it never passes for silence.

use anyhow::Context;
use siskin_config::Settings;
use siskin_engine::rule::Side;
use siskin_engine::{RuleKind, RuleSet};
use siskin_model::incident::{Entry, Incident};
use siskin_model::site::Channel;
use siskin_model::{ChannelIndex, Quality, Quantity, Reading, Timestamp, Warning};
use siskin_report::{ChannelTally, Facts, LimitLine, Office, Sum, TallySpan, Wind};
use siskin_store::series::{Bucket, BucketStep};
use siskin_store::{Ledger, SeriesRead};

/// Readings from so long before the first warning.
const BEFORE_MS: i64 = 30 * 60_000;
/// Readings until so long after the end.
const AFTER_MS: i64 = 30 * 60_000;
/// The longest time that is read reading by reading.
const WHOLE_MS_MAX: i64 = 6 * 3_600_000;
/// How old the wind may be.
const WIND_MS_MAX: i64 = 30 * 60_000;
/// Entries that are read at once.
const ENTRIES_A_PAGE: usize = 1_000;
/// The most channels that are read, those of the warnings first; the rest is counted.
const CHANNELS_MAX: usize = 60;

/// Where facts are read.
pub(crate) struct Stores<'a> {
    pub(crate) settings: &'a Settings,
    /// The rules that run, or those of the site's files.
    pub(crate) rules: &'a RuleSet,
    pub(crate) series: &'a dyn SeriesRead,
    pub(crate) ledger: &'a Ledger,
}

/// The facts of a report.
pub(crate) struct Gathered<'a> {
    settings: &'a Settings,
    incident: &'a Incident,
    office: Office,
    entries: Vec<Entry>,
    warnings: Vec<Warning>,
    tallies: Vec<ChannelTally>,
    wind: Option<Wind>,
    channels_unread: u64,
    hours_unread: u64,
    made_at: Timestamp,
}

impl<'a> Gathered<'a> {
    /// Everything up to `made_at`.
    pub(crate) fn read(
        stores: &Stores<'a>,
        incident: &'a Incident,
        made_at: Timestamp,
    ) -> anyhow::Result<Self> {
        let settings = stores.settings;
        let warnings = warnings(stores, incident)?;
        let first = warnings.iter().map(|warning| warning.raised_at).min();
        let from = incident.discovered_at.min(first.unwrap_or(incident.discovered_at));
        let from = from.plus_ms(-BEFORE_MS);
        let end = incident.closure.as_ref().map(|closure| closure.at.plus_ms(AFTER_MS));
        let to = end.map_or(made_at, |end| end.min(made_at)).max(from.plus_ms(1));
        let mut hours_unread = 0;
        let mut tallies = Vec::new();
        let channels = channels(settings, incident, &warnings);
        let channels_unread = channels.len().saturating_sub(CHANNELS_MAX) as u64;
        for index in channels.into_iter().take(CHANNELS_MAX) {
            let limits = limits(stores, index);
            let mut tally = ChannelTally::new(index, limits, TallySpan::new(from, to));
            hours_unread += fill(stores.series, &mut tally, from, to)?;
            tallies.push(tally);
        }
        let office = &settings.incidents.office;
        let office = Office {
            unit: office.unit.clone(),
            contact: office.contact.clone(),
            phone: office.phone.clone(),
        };
        let wind = wind(stores, to)?;
        let entries = entries(stores.ledger, incident)?;
        Ok(Self {
            settings,
            incident,
            office,
            entries,
            warnings,
            tallies,
            wind,
            channels_unread,
            hours_unread,
            made_at,
        })
    }

    pub(crate) fn facts(&self) -> Facts<'_> {
        Facts {
            site: &self.settings.site,
            incident: self.incident,
            entries: &self.entries,
            warnings: &self.warnings,
            tallies: &self.tallies,
            wind: self.wind,
            office: &self.office,
            channels_unread: self.channels_unread,
            hours_unread: self.hours_unread,
            made_at: self.made_at,
        }
    }
}

fn warnings(stores: &Stores<'_>, incident: &Incident) -> anyhow::Result<Vec<Warning>> {
    let mut found = Vec::new();
    for id in incident.warnings.keys() {
        found.extend(stores.ledger.warning(id)?);
    }
    Ok(found)
}

fn entries(ledger: &Ledger, incident: &Incident) -> anyhow::Result<Vec<Entry>> {
    let mut all: Vec<Entry> = Vec::new();
    loop {
        let after = all.last().map_or(0, |last| last.number);
        let page = ledger.incident_entries(&incident.id, after, ENTRIES_A_PAGE)?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

/// The gas channels of its warnings, and of its gases in its areas.
fn channels(settings: &Settings, incident: &Incident, warnings: &[Warning]) -> Vec<ChannelIndex> {
    let is_of_warning =
        |channel: &Channel| warnings.iter().any(|warning| warning.channels.contains(&channel.id));
    let is_near = |channel: &Channel| {
        let gas = channel.quantity.gas();
        let fits = incident.gases.is_empty() || gas.is_some_and(|gas| incident.gases.contains(gas));
        gas.is_some() && fits && incident.areas.contains(&channel.area)
    };
    let site = &settings.site;
    let first = site.indexed().filter(|(_, channel)| is_of_warning(channel));
    let others = site.indexed().filter(|(_, channel)| !is_of_warning(channel) && is_near(channel));
    first.chain(others).map(|(index, _)| index).collect()
}

/// The limits of rules that look at the value itself, in the channel's unit, the lowest first.
fn limits(stores: &Stores<'_>, index: ChannelIndex) -> Vec<LimitLine> {
    let Some(channel) = stores.settings.site.channel(index) else { return Vec::new() };
    let bound = stores.rules.bindings.iter().filter(|binding| binding.channel == index);
    let line = |binding: &siskin_engine::Binding| {
        let rule = stores.rules.rules.get(binding.rule)?;
        let tier = rule.tier?;
        let RuleKind::Threshold { side: Side::High, raise_at, .. } = rule.kind else {
            return None;
        };
        let name = match tier {
            siskin_model::Tier::Blue => "蓝色",
            siskin_model::Tier::Yellow => "黄色",
            siskin_model::Tier::Orange => "橙色",
            siskin_model::Tier::Red => "红色",
        };
        let (value, unit) = (raise_at * binding.factor, channel.unit);
        Some(LimitLine { name: name.to_owned(), value, unit })
    };
    let mut lines: Vec<_> = bound.filter_map(line).collect();
    lines.sort_by(|one, other| one.value.total_cmp(&other.value));
    lines
}

/// Counts the readings of [from, to); gives how many hours could not be read.
fn fill(
    series: &dyn SeriesRead,
    tally: &mut ChannelTally,
    from: Timestamp,
    to: Timestamp,
) -> anyhow::Result<u64> {
    let channel = tally.channel;
    if to.since_ms(from) <= WHOLE_MS_MAX {
        let found = series.readable(channel, from, to).context("cannot read the readings")?;
        found.readings.iter().for_each(|reading| tally.take(reading));
        return Ok(found.damaged.len() as u64);
    }
    let buckets = series.buckets(channel, from, to, BucketStep::MINUTE);
    for bucket in buckets.context("cannot read the sums of readings")? {
        take_bucket(tally, &bucket, from);
    }
    Ok(0)
}

fn take_bucket(tally: &mut ChannelTally, bucket: &Bucket, from: Timestamp) {
    let sum = bucket.air.map(|air| Sum {
        highest: air.max,
        sum: air.sum,
        valid: air.count,
        last: air.last,
    });
    let unusable = bucket.count.saturating_sub(sum.map_or(0, |sum| sum.valid));
    tally.take_sum(bucket.from.max(from), sum, bucket.over_range, unusable);
}

/// The last wind before `to`: speed and direction of the same analyzer.
fn wind(stores: &Stores<'_>, to: Timestamp) -> anyhow::Result<Option<Wind>> {
    let site = &stores.settings.site;
    let of = |quantity: Quantity| {
        site.indexed().filter(move |(_, channel)| channel.quantity == quantity)
    };
    for (direction, channel) in of(Quantity::WindDirection) {
        let same = |(_, other): &(ChannelIndex, &Channel)| other.analyzer == channel.analyzer;
        let Some((speed, _)) = of(Quantity::WindSpeed).find(same) else { continue };
        let (direction, speed) = (last(stores, direction, to)?, last(stores, speed, to)?);
        if let (Some((from_deg, at)), Some((speed_m_s, also_at))) = (direction, speed) {
            return Ok(Some(Wind { from_deg, speed_m_s, at: at.min(also_at) }));
        }
    }
    Ok(None)
}

fn last(
    stores: &Stores<'_>,
    index: ChannelIndex,
    to: Timestamp,
) -> anyhow::Result<Option<(f64, Timestamp)>> {
    let found = stores.series.readable(index, to.plus_ms(-WIND_MS_MAX), to)?;
    let valid = |reading: &Reading| {
        let value = reading.value.filter(|_| reading.quality == Quality::Good);
        value.map(|value| (value, reading.measured_at))
    };
    Ok(found.readings.iter().rev().find_map(valid))
}
