//! The report: everything a backtest found, as data. The tables, the JSON file and the page are
//! made from it and from nothing else; `docs/backtest.md` describes every field.
//!
//! Must never hold what depends on the machine (time taken, threads): the same input gives the same
//! report to the byte.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Serialize, Serializer};
use siskin_config::Settings;
use siskin_engine::{Counters, Rule};
use siskin_model::{AlarmKind, ChannelIndex, GasId, Text, Tier, Timestamp};

use super::diff::Diff;
use super::episodes::Episode;
use super::intervals::Intervals;
use super::load::{Load, Shown, Target, load};
use super::measure::{Detection, Ground, Measures, Raises, Subject};
use super::sweep::Sweep;

/// The form of the JSON file; fields are added, never given another meaning.
pub(crate) const SCHEMA: &str = "siskin-backtest/1";
/// Incidents that are listed one by one.
pub(crate) const INCIDENTS_LISTED_MAX: usize = 1000;
/// Stretches that one line of the timeline holds.
const STRETCHES_MAX: i64 = 2000;

/// A moment, told in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment(pub(crate) Timestamp);

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(&self.0)
    }
}

/// When an alarm was active; without an end where it lasts beyond the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct AlarmTime {
    pub(crate) start: Moment,
    pub(crate) end: Option<Moment>,
}

/// All of it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Report {
    pub(crate) schema: &'static str,
    pub(crate) site: String,
    pub(crate) site_name: Text,
    pub(crate) utc_offset_s: i32,
    pub(crate) from: Moment,
    pub(crate) to: Moment,
    pub(crate) days: f64,
    pub(crate) channels: usize,
    pub(crate) gas_channels: usize,
    pub(crate) readings: u64,
    pub(crate) incidents: usize,
    /// Incidents outside the run: left out.
    pub(crate) incidents_outside: usize,
    pub(crate) quiet_margin_s: f64,
    /// Time far from every incident.
    pub(crate) quiet_days: f64,
    pub(crate) sets: Vec<SetReport>,
    pub(crate) diff: Option<Diff>,
    pub(crate) sweep: Option<Sweep>,
    pub(crate) load_targets: Vec<Target>,
    /// For the page's plot; the same stretches can be had from the transitions.
    #[serde(skip)]
    pub(crate) incident_times: Vec<(GasId, Intervals)>,
}

/// One rule set.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct SetReport {
    /// `A` or `B`.
    pub(crate) label: String,
    /// Readings that were not judged, and why.
    pub(crate) not_judged: NotJudged,
    /// Alarms with a tier laid over each other.
    pub(crate) park: Measures,
    /// The same alarms, each raise by itself.
    pub(crate) park_each: Measures,
    pub(crate) gases: Vec<GasReport>,
    pub(crate) rules: Vec<RuleReport>,
    pub(crate) load: Load,
    /// Park alarm by incident, at most `INCIDENTS_LISTED_MAX`.
    pub(crate) incidents: Vec<IncidentReport>,
    #[serde(skip)]
    pub(crate) timeline: Vec<(GasId, Intervals)>,
}

/// Readings that were not judged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct NotJudged {
    pub(crate) no_usable_value: u64,
    pub(crate) duplicates: u64,
    pub(crate) late_judged_again: u64,
    pub(crate) quarantined: u64,
}

/// One gas: its alarms with a tier laid over each other.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct GasReport {
    pub(crate) gas: GasId,
    pub(crate) name: Text,
    #[serde(flatten)]
    pub(crate) measures: Measures,
}

/// One rule: each of its raises by itself.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct RuleReport {
    pub(crate) rule: String,
    pub(crate) name: Text,
    pub(crate) kind: &'static str,
    pub(crate) tier: Option<Tier>,
    pub(crate) channels: usize,
    #[serde(flatten)]
    pub(crate) measures: Measures,
}

/// One incident.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct IncidentReport {
    pub(crate) incident: String,
    pub(crate) gas: GasId,
    pub(crate) start: Moment,
    pub(crate) end: Moment,
    pub(crate) found: bool,
    pub(crate) delay_s: Option<f64>,
    pub(crate) active_at_start: bool,
    pub(crate) level_reached: Option<Moment>,
    pub(crate) lead_s: Option<f64>,
}

/// The figures of one set and what a comparison needs.
pub(crate) fn set_report(
    label: &str,
    settings: &Settings,
    episodes: &[Episode],
    counters: Counters,
    ground: &Ground<'_>,
) -> (SetReport, Vec<Detection>) {
    let set = Set { settings, episodes };
    let park = set.warning_alarms(None, Raises::Union);
    let detections = ground.detections(&park);
    let gases = set.gases();
    let report = SetReport {
        label: label.to_owned(),
        not_judged: NotJudged {
            no_usable_value: counters.not_judged,
            duplicates: counters.duplicates,
            late_judged_again: counters.late,
            quarantined: counters.quarantined,
        },
        park: ground.measures(&park),
        park_each: ground.measures(&Subject { raises: Raises::Each, ..park }),
        gases: gases.iter().map(|gas| set.gas_report(gas, ground)).collect(),
        rules: set.rule_reports(ground),
        load: load(&set.shown(), ground.run),
        incidents: incident_reports(&detections, ground),
        timeline: gases.iter().map(|gas| (gas.clone(), set.timeline(gas, ground))).collect(),
    };
    (report, detections)
}

/// The park figures of a set alone.
pub(crate) fn park_measures(
    settings: &Settings,
    episodes: &[Episode],
    ground: &Ground<'_>,
) -> Measures {
    let set = Set { settings, episodes };
    ground.measures(&set.warning_alarms(None, Raises::Union))
}

/// A rule set and its alarms.
struct Set<'a> {
    settings: &'a Settings,
    episodes: &'a [Episode],
}

impl<'a> Set<'a> {
    fn rule(&self, episode: &Episode) -> Option<&'a Rule> {
        self.settings.rules.rules.get(episode.rule as usize)
    }

    fn gas_of(&self, channel: u32) -> Option<&'a GasId> {
        self.settings.site.channel(ChannelIndex(channel))?.quantity.gas()
    }

    fn gas_channels(&self, gas: Option<&GasId>) -> Vec<u32> {
        let is_of = |channel: &u32| {
            self.gas_of(*channel).is_some_and(|own| gas.is_none_or(|gas| gas == own))
        };
        (0u32..).take(self.settings.site.channels.len()).filter(is_of).collect()
    }

    /// Gases of the channels, in order of id.
    fn gases(&self) -> Vec<GasId> {
        let found = self.gas_channels(None).into_iter().filter_map(|c| self.gas_of(c));
        found.cloned().collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// The alarms with a tier: those that warn people.
    fn warning_alarms(&self, gas: Option<&GasId>, raises: Raises) -> Subject<'a> {
        let warns = |episode: &&Episode| {
            self.rule(episode).is_some_and(|rule| rule.tier.is_some())
                && gas.is_none_or(|gas| self.gas_of(episode.channel) == Some(gas))
        };
        Subject {
            episodes: self.episodes.iter().filter(warns).collect(),
            channels: self.gas_channels(gas),
            raises,
            finds: true,
        }
    }

    fn gas_report(&self, gas: &GasId, ground: &Ground<'_>) -> GasReport {
        let name = self.settings.site.gas(gas).map(|gas| gas.name.clone());
        GasReport {
            gas: gas.clone(),
            name: name.unwrap_or_else(|| Text::new(gas.as_str(), gas.as_str())),
            measures: ground.measures(&self.warning_alarms(Some(gas), Raises::Union)),
        }
    }

    fn rule_reports(&self, ground: &Ground<'_>) -> Vec<RuleReport> {
        let mut episodes: BTreeMap<u32, Vec<&Episode>> = BTreeMap::new();
        for episode in self.episodes {
            episodes.entry(episode.rule).or_default().push(episode);
        }
        let mut channels: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
        for binding in &self.settings.rules.bindings {
            channels.entry(binding.rule).or_default().push(binding.channel.0);
        }
        let rules = (0u32..).zip(self.settings.rules.rules.iter().enumerate());
        let made = |(place, (index, rule)): (u32, (usize, &Rule))| {
            let channels = channels.remove(&index)?;
            let subject = Subject {
                episodes: episodes.remove(&place).unwrap_or_default(),
                channels,
                raises: Raises::Each,
                finds: rule.kind.alarm_kind() == AlarmKind::Gas,
            };
            Some(RuleReport {
                rule: rule.id.to_string(),
                name: rule.name.clone(),
                kind: rule.kind.as_str(),
                tier: rule.tier,
                channels: subject.channels.len(),
                measures: ground.measures(&subject),
            })
        };
        rules.filter_map(made).collect()
    }

    /// What people are shown: alarms with a tier and alarms about equipment.
    fn shown(&self) -> Vec<Shown<'a>> {
        let shown = |episode: &'a Episode| {
            let rule = self.rule(episode)?;
            let is_shown = rule.tier.is_some() || rule.kind.alarm_kind() != AlarmKind::Gas;
            is_shown.then_some(Shown { episode, tier: rule.tier })
        };
        self.episodes.iter().filter_map(shown).collect()
    }

    fn timeline(&self, gas: &GasId, ground: &Ground<'_>) -> Intervals {
        let subject = self.warning_alarms(Some(gas), Raises::Union);
        let times = subject.episodes.iter().filter_map(|e| e.time(ground.run).clipped(ground.run));
        coarse(times, ground)
    }
}

/// Stretches as fine as a plot can show.
fn coarse(
    times: impl Iterator<Item = super::intervals::Interval>,
    ground: &Ground<'_>,
) -> Intervals {
    let step_ms = (ground.run.length_ms() / STRETCHES_MAX).max(1);
    let widened = times.map(|time| super::intervals::Interval {
        end_ms: time.end_ms.max(time.start_ms + step_ms),
        ..time
    });
    Intervals::joined(widened)
}

/// When there were incidents of each gas.
pub(crate) fn incident_times(ground: &Ground<'_>) -> Vec<(GasId, Intervals)> {
    let gases: BTreeSet<&GasId> = ground.incidents.iter().map(|i| &i.scope.gas).collect();
    let of = |gas: &GasId| {
        let times = ground.incidents.iter().filter(|i| i.scope.gas == *gas);
        coarse(times.filter_map(|i| i.time.clipped(ground.run)), ground)
    };
    gases.into_iter().map(|gas| (gas.clone(), of(gas))).collect()
}

fn incident_reports(detections: &[Detection], ground: &Ground<'_>) -> Vec<IncidentReport> {
    let moment = |ms| Moment(Timestamp::from_millis(ms));
    let one = |detection: &Detection| {
        let incident = ground.incidents.get(detection.incident)?;
        let reached_ms = ground.reached_ms.get(&detection.incident).copied();
        let seconds = |from_ms: i64, to_ms: i64| (to_ms - from_ms) as f64 / 1000.0;
        let raised_ms = detection.raised_ms;
        Some(IncidentReport {
            incident: incident.id.clone(),
            gas: incident.scope.gas.clone(),
            start: moment(incident.time.start_ms),
            end: moment(incident.time.end_ms),
            found: raised_ms.is_some(),
            delay_s: raised_ms.map(|ms| seconds(incident.time.start_ms, ms)),
            active_at_start: detection.active_at_start,
            level_reached: reached_ms.map(moment),
            lead_s: raised_ms.zip(reached_ms).map(|(raised, reached)| seconds(raised, reached)),
        })
    };
    detections.iter().take(INCIDENTS_LISTED_MAX).filter_map(one).collect()
}
