//! A backtest that a running station makes for people: the set that runs and another one over its
//! own store, as data for the API.
//!
//! The same judging as the command's, on one thread. Must never write, and stops soon after its
//! `progress` says so.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::Context;
use siskin_api::contract::{
    AlarmChangeView, AlarmLaneView, BacktestResultView, FirstOutView, RuleFiguresView,
    SetFiguresView,
};
use siskin_config::Settings;
use siskin_model::{AreaId, ChannelIndex, GasId, Timestamp};

use super::diff::AlarmChange;
use super::episodes::Episode;
use super::intervals::Interval;
use super::judge::Judged;
use super::report::{AlarmTime, Report, SetReport};
use super::source::Source;
use super::{Prepared, shards, warm_ms};
use crate::station::views;

/// The most alarms one set may give: what is kept of them must fit beside the station.
const EPISODES_MAX: usize = 500_000;
/// An alarm that begins this long before the warning of a label is still counted to it.
const LEAD_MS_MAX: i64 = 15 * 60_000;

/// Something that was truly there.
#[derive(Debug, Clone)]
pub(crate) struct Label {
    /// The warning.
    pub(crate) id: String,
    pub(crate) gas: GasId,
    pub(crate) area: AreaId,
    /// When it was raised, and until when it lasted.
    pub(crate) raised_at: Timestamp,
    pub(crate) until: Timestamp,
}

/// What shall be compared.
#[derive(Debug)]
pub(crate) struct Wish {
    /// The set that runs and the other one, for the same site.
    pub(crate) running: Settings,
    pub(crate) candidate: Settings,
    /// The station's data folder.
    pub(crate) data: PathBuf,
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
    pub(crate) labels: Vec<Label>,
    /// Only what these channels depend on; all where empty.
    pub(crate) channels: BTreeSet<ChannelIndex>,
}

/// Makes the backtest. `progress` is told the share that is done and says whether to go on.
pub(crate) fn made(
    wish: Wish,
    progress: &(dyn Fn(f64) -> bool + Sync),
) -> anyhow::Result<BacktestResultView> {
    let Wish { running, candidate, data, from, to, labels, channels } = wish;
    let sets = vec![running, candidate];
    let mut shards = shards::shards(&sets);
    shards.retain(|shard| {
        let owned = shard.channels.iter().take(shard.owned);
        channels.is_empty() || owned.copied().any(|c| channels.contains(&ChannelIndex(c)))
    });
    let site = &sets.first().context("no rule set")?.site;
    let source = Source::stored(&data, site, from.plus_ms(-warm_ms(&sets)), to)?;
    let total = source.units(&shards).max(1) as f64;
    let prepared = Prepared {
        sets,
        has_b: true,
        asked: None,
        source,
        incidents: Vec::new(),
        incidents_outside: 0,
        run: Interval::of(from, to),
        margin_ms: 0,
        stated: BTreeMap::new(),
        episodes_max: EPISODES_MAX,
    };
    let done = std::sync::atomic::AtomicU64::new(0);
    let judged = prepared.judged(&shards, 1, &|more| {
        let before = done.fetch_add(more, std::sync::atomic::Ordering::Relaxed);
        anyhow::ensure!(progress((before + more) as f64 / total), "it was cancelled");
        Ok(())
    })?;
    let report = prepared.report(&judged);
    result(&prepared, &judged, &report, &labels)
}

fn result(
    prepared: &Prepared,
    judged: &Judged,
    report: &Report,
    labels: &[Label],
) -> anyhow::Result<BacktestResultView> {
    let offset_s = report.utc_offset_s;
    let set = |place: usize| -> anyhow::Result<SetFiguresView> {
        let settings = prepared.sets.get(place).context("no rule set")?;
        let figures = report.sets.get(place).context("no report of a set")?;
        let episodes = judged.episodes.get(place).context("no alarms of a set")?;
        let found = Found { settings, episodes, run: prepared.run };
        let first_outs = labels.iter().map(|label| found.first_out(label, offset_s)).collect();
        Ok(set_figures(figures, first_outs))
    };
    let diff = report.diff.as_ref().context("no comparison")?;
    let sum = |count: fn(&super::diff::AlarmCounts) -> usize| {
        diff.alarms.values().map(count).sum::<usize>() as u64
    };
    let lanes = report.sets.iter().zip(["running", "candidate"]).flat_map(|(set, name)| {
        set.timeline.iter().map(move |(gas, spans)| AlarmLaneView {
            gas: gas.to_string(),
            name: name_of(set, gas),
            set: name.to_owned(),
            spans_ms: spans.iter().map(|span| (span.start_ms, span.end_ms)).collect(),
        })
    });
    Ok(BacktestResultView {
        readings: judged.readings,
        running: set(0)?,
        candidate: set(1)?,
        same: sum(|counts| counts.same),
        added: sum(|counts| counts.only_b),
        lost: sum(|counts| counts.only_a),
        moved: sum(|counts| counts.moved),
        changes: diff.listed.iter().map(|one| change(one, offset_s)).collect(),
        not_listed: diff.not_listed as u64,
        lanes: lanes.collect(),
    })
}

fn name_of(set: &SetReport, gas: &GasId) -> siskin_api::TextView {
    let known = set.gases.iter().find(|one| one.gas == *gas);
    known.map_or_else(
        || siskin_api::TextView { zh: gas.to_string(), en: gas.to_string() },
        |one| views::text(&one.name),
    )
}

fn set_figures(set: &SetReport, first_outs: Vec<FirstOutView>) -> SetFiguresView {
    let rule = |one: &super::report::RuleReport| RuleFiguresView {
        rule: one.rule.clone(),
        name: views::text(&one.name),
        kind: one.kind.to_owned(),
        tier: one.tier.map(views::tier),
        raises: one.measures.raises as u64,
        in_alarm_s: one.measures.in_alarm_s,
    };
    SetFiguresView {
        raises: set.park_each.raises as u64,
        in_alarm_s: set.park.in_alarm_union_s,
        by_tier: set.load.by_tier.iter().map(|(t, n)| ((*t).to_owned(), *n as u64)).collect(),
        per_10min_peak: set.load.per_10min_peak as f64,
        rules: set.rules.iter().map(rule).collect(),
        first_outs,
    }
}

fn change(one: &AlarmChange, offset_s: i32) -> AlarmChangeView {
    let start = |time: Option<AlarmTime>| Some(time?.start.0.rfc3339(offset_s));
    let end = |time: Option<AlarmTime>| Some(time?.end?.0.rfc3339(offset_s));
    let word = match (one.a, one.b, one.start_shift_s) {
        (None, _, _) => "added",
        (_, None, _) => "lost",
        (_, _, Some(shift)) if shift < 0.0 => "earlier",
        (_, _, Some(shift)) if shift > 0.0 => "later",
        _ => "ends",
    };
    AlarmChangeView {
        change: word.to_owned(),
        rule: one.rule.clone(),
        channel: one.channel.clone(),
        running_start: start(one.a),
        running_end: end(one.a),
        candidate_start: start(one.b),
        candidate_end: end(one.b),
        later_s: one.start_shift_s,
    }
}

/// A set's alarms.
struct Found<'a> {
    settings: &'a Settings,
    episodes: &'a [Episode],
    run: Interval,
}

impl Found<'_> {
    /// When the set first found what a label names.
    fn first_out(&self, label: &Label, offset_s: i32) -> FirstOutView {
        let from_ms = label.raised_at.as_millis() - LEAD_MS_MAX;
        let until_ms = label.until.as_millis();
        let lies_there = |episode: &&Episode| {
            let time = episode.time(self.run);
            time.start_ms <= until_ms && time.end_ms >= from_ms && self.is_of(episode, label)
        };
        let first = self.episodes.iter().filter(lies_there).map(|episode| episode.start).min();
        FirstOutView {
            label: label.id.clone(),
            raised_at: label.raised_at.rfc3339(offset_s),
            first_at: first.map(|at| at.rfc3339(offset_s)),
            later_s: first.map(|at| at.since_ms(label.raised_at) as f64 / 1000.0),
        }
    }

    /// Whether it is a gas alarm with a tier, of the label's gas in its area.
    fn is_of(&self, episode: &Episode, label: &Label) -> bool {
        let rule = self.settings.rules.rules.get(episode.rule as usize);
        let channel = self.settings.site.channel(ChannelIndex(episode.channel));
        rule.is_some_and(|rule| rule.tier.is_some())
            && channel.is_some_and(|channel| {
                channel.quantity.gas() == Some(&label.gas) && channel.area == label.area
            })
    }
}
