//! Two rule sets side by side: which alarms appear, disappear or move, and what the rules say.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use siskin_config::{Settings, rule_text};

use super::episodes::Episode;
use super::intervals::Interval;
use super::measure::Detection;
use super::report::{AlarmTime, Moment};

/// Differences that are listed one by one; all are counted.
pub(crate) const LISTED_MAX: usize = 1000;

/// What differs between set A and set B.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Diff {
    pub(crate) rules: Vec<RuleChange>,
    pub(crate) alarms: BTreeMap<String, AlarmCounts>,
    /// At most `LISTED_MAX`, in order of time.
    pub(crate) listed: Vec<AlarmChange>,
    pub(crate) not_listed: usize,
    /// Park alarm, by incident; only those in which the sets differ, at most `LISTED_MAX`.
    pub(crate) incidents: Vec<IncidentChange>,
}

/// How many alarms of one rule differ.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct AlarmCounts {
    pub(crate) same: usize,
    pub(crate) moved: usize,
    pub(crate) only_a: usize,
    pub(crate) only_b: usize,
}

/// One alarm that differs.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct AlarmChange {
    pub(crate) rule: String,
    pub(crate) channel: String,
    pub(crate) a: Option<AlarmTime>,
    pub(crate) b: Option<AlarmTime>,
    /// B's begin less A's, where both have it.
    pub(crate) start_shift_s: Option<f64>,
    /// B's end less A's, where both ended.
    pub(crate) end_shift_s: Option<f64>,
}

/// One rule that differs, as lines of text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct RuleChange {
    pub(crate) rule: String,
    /// Lines of A that B does not have.
    pub(crate) removed: Vec<String>,
    /// Lines of B that A does not have.
    pub(crate) added: Vec<String>,
}

/// One incident with another outcome.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct IncidentChange {
    pub(crate) incident: String,
    pub(crate) delay_a_s: Option<f64>,
    pub(crate) delay_b_s: Option<f64>,
}

/// A set and what it gave.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Side<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) episodes: &'a [Episode],
    pub(crate) detections: &'a [Detection],
}

/// A pair of alarms of one rule on one channel, or one alone.
type Pair<'a> = (Option<&'a Episode>, Option<&'a Episode>);

/// Compares two sets over the same readings.
pub(crate) fn diff(
    a: Side<'_>,
    b: Side<'_>,
    run: Interval,
    incident_of: impl Fn(usize) -> Option<(String, i64)>,
) -> Diff {
    let (of_a, of_b) = (by_source(a), by_source(b));
    let sources: BTreeSet<_> = of_a.keys().chain(of_b.keys()).copied().collect();
    let mut alarms: BTreeMap<String, AlarmCounts> = BTreeMap::new();
    let mut changes: Vec<(i64, AlarmChange)> = Vec::new();
    let none = Vec::new();
    for source in sources {
        let (left, right) = (of_a.get(&source), of_b.get(&source));
        let pairs = paired(left.unwrap_or(&none), right.unwrap_or(&none), run);
        let counts = alarms.entry(source.0.to_owned()).or_default();
        for pair in pairs {
            count(counts, pair);
            if let Some(change) = change(a.settings, source, pair) {
                changes.push(change);
            }
        }
    }
    changes.sort_by(|(x, a), (y, b)| (x, &a.channel, &a.rule).cmp(&(y, &b.channel, &b.rule)));
    let not_listed = changes.len().saturating_sub(LISTED_MAX);
    Diff {
        rules: rule_changes(a.settings, b.settings),
        alarms,
        listed: changes.into_iter().take(LISTED_MAX).map(|(_, change)| change).collect(),
        not_listed,
        incidents: incidents(a.detections, b.detections, incident_of),
    }
}

fn by_source(side: Side<'_>) -> BTreeMap<(&str, u32), Vec<&Episode>> {
    let mut sources: BTreeMap<(&str, u32), Vec<&Episode>> = BTreeMap::new();
    for episode in side.episodes {
        if let Some(rule) = side.settings.rules.rules.get(episode.rule as usize) {
            sources.entry((rule.id.as_str(), episode.channel)).or_default().push(episode);
        }
    }
    sources
}

/// Alarms that overlap belong together, one with one, in order of time.
fn paired<'a>(a: &[&'a Episode], b: &[&'a Episode], run: Interval) -> Vec<Pair<'a>> {
    let (mut left, mut right) = (a.iter().copied().peekable(), b.iter().copied().peekable());
    let mut pairs = Vec::new();
    loop {
        let pair = match (left.peek(), right.peek()) {
            (None, None) => break,
            (Some(_), None) => (left.next(), None),
            (None, Some(_)) => (None, right.next()),
            (Some(x), Some(y)) => {
                let (time_x, time_y) = (x.time(run), y.time(run));
                if time_x.end_ms < time_y.start_ms {
                    (left.next(), None)
                } else if time_y.end_ms < time_x.start_ms {
                    (None, right.next())
                } else {
                    (left.next(), right.next())
                }
            }
        };
        pairs.push(pair);
    }
    pairs
}

fn count(counts: &mut AlarmCounts, pair: Pair<'_>) {
    match pair {
        (Some(a), Some(b)) if (a.start, a.end) == (b.start, b.end) => counts.same += 1,
        (Some(_), Some(_)) => counts.moved += 1,
        (Some(_), None) => counts.only_a += 1,
        (None, _) => counts.only_b += 1,
    }
}

fn change(
    settings: &Settings,
    (rule, channel): (&str, u32),
    (a, b): Pair<'_>,
) -> Option<(i64, AlarmChange)> {
    if let (Some(a), Some(b)) = (a, b)
        && (a.start, a.end) == (b.start, b.end)
    {
        return None;
    }
    let first = a.into_iter().chain(b).map(|episode| episode.start.as_millis()).min()?;
    let channel = settings.site.channel(siskin_model::ChannelIndex(channel))?;
    let shift = |a: Option<siskin_model::Timestamp>, b: Option<siskin_model::Timestamp>| {
        Some(b?.since_ms(a?) as f64 / 1000.0)
    };
    let time = |episode: &Episode| AlarmTime {
        start: Moment(episode.start),
        end: episode.end.map(Moment),
    };
    let change = AlarmChange {
        rule: rule.to_owned(),
        channel: channel.id.to_string(),
        a: a.map(time),
        b: b.map(time),
        start_shift_s: shift(a.map(|e| e.start), b.map(|e| e.start)),
        end_shift_s: shift(a.and_then(|e| e.end), b.and_then(|e| e.end)),
    };
    Some((first, change))
}

/// Rules that were added, taken out or written otherwise, in order of id.
pub(crate) fn rule_changes(a: &Settings, b: &Settings) -> Vec<RuleChange> {
    let texts = |settings: &Settings| -> BTreeMap<String, Vec<String>> {
        let lines = |rule| rule_text(rule).lines().map(str::to_owned).collect();
        settings.rules.rules.iter().map(|rule| (rule.id.to_string(), lines(rule))).collect()
    };
    let (of_a, of_b) = (texts(a), texts(b));
    let ids: BTreeSet<&String> = of_a.keys().chain(of_b.keys()).collect();
    let none = Vec::new();
    let compared = ids.into_iter().filter_map(|id| {
        let (left, right) = (of_a.get(id).unwrap_or(&none), of_b.get(id).unwrap_or(&none));
        let without = |these: &[String], those: &[String]| -> Vec<String> {
            these.iter().filter(|line| !those.contains(line)).cloned().collect()
        };
        let (removed, added) = (without(left, right), without(right, left));
        let differs = !removed.is_empty() || !added.is_empty();
        differs.then(|| RuleChange { rule: id.clone(), removed, added })
    });
    compared.collect()
}

fn incidents(
    a: &[Detection],
    b: &[Detection],
    incident_of: impl Fn(usize) -> Option<(String, i64)>,
) -> Vec<IncidentChange> {
    let raised = |side: &[Detection]| -> BTreeMap<usize, Option<i64>> {
        side.iter().map(|d| (d.incident, d.raised_ms)).collect()
    };
    let (of_a, of_b) = (raised(a), raised(b));
    let places: BTreeSet<usize> = of_a.keys().chain(of_b.keys()).copied().collect();
    let change = |place: usize| {
        let (id, start_ms) = incident_of(place)?;
        let delay = |side: &BTreeMap<usize, Option<i64>>| {
            let raised_ms = side.get(&place).copied().flatten()?;
            Some((raised_ms - start_ms) as f64 / 1000.0)
        };
        let (before, after) = (delay(&of_a), delay(&of_b));
        (before != after).then_some(IncidentChange {
            incident: id,
            delay_a_s: before,
            delay_b_s: after,
        })
    };
    places.into_iter().filter_map(change).take(LISTED_MAX).collect()
}
