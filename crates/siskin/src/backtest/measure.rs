//! What a rule set did to the incidents and to the quiet time, in figures.
//!
//! An incident is found by a raise between its begin and its end (both included). An alarm that was
//! raised before is no raise: it is counted apart. Quiet time is further than the margin away from
//! every incident that concerns the place; a raise there is a false start.

use std::collections::BTreeMap;

use serde::Serialize;
use siskin_model::Site;

use super::episodes::Episode;
use super::incidents::{Incident, Scope};
use super::intervals::{Interval, Intervals};

/// What is measured against.
#[derive(Debug)]
pub(crate) struct Ground<'a> {
    pub(crate) site: &'a Site,
    pub(crate) incidents: &'a [Incident],
    /// When an incident's level was reached, by its place.
    pub(crate) reached_ms: &'a BTreeMap<usize, i64>,
    pub(crate) run: Interval,
    pub(crate) margin_ms: i64,
    /// Quiet time of each channel.
    quiet_of: Vec<Intervals>,
    by_scope: BTreeMap<&'a Scope, Vec<usize>>,
}

/// Whether alarms that overlap are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Raises {
    /// Each alarm's begin counts.
    Each,
    /// Alarms are laid over each other; a begin counts while none other is active.
    Union,
}

/// What one line of a report is about.
#[derive(Debug)]
pub(crate) struct Subject<'a> {
    pub(crate) episodes: Vec<&'a Episode>,
    /// The channels it judges.
    pub(crate) channels: Vec<u32>,
    pub(crate) raises: Raises,
    /// Whether incidents concern it: alarms about equipment find none.
    pub(crate) finds: bool,
}

/// What became of one incident.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Detection {
    pub(crate) incident: usize,
    pub(crate) raised_ms: Option<i64>,
    pub(crate) active_at_start: bool,
}

/// The figures of one line. Times are in seconds, shares from 0 to 1; what cannot be said is null.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Measures {
    /// Incidents that concern it.
    pub(crate) incidents: usize,
    /// With a raise between begin and end.
    pub(crate) found: usize,
    /// Without.
    pub(crate) missed: usize,
    /// With an alarm already active at the begin; alone it does not count as found.
    pub(crate) active_at_start: usize,
    /// First raise after an incident's begin, over those found.
    pub(crate) delay_median_s: Option<f64>,
    /// As before: nine of ten are faster.
    pub(crate) delay_p90_s: Option<f64>,
    /// From the first raise to the moment the level was reached, over those found in which it was.
    pub(crate) lead_median_s: Option<f64>,
    /// As before: nine of ten are longer.
    pub(crate) lead_p10_s: Option<f64>,
    /// How many incidents lead times are from.
    pub(crate) lead_incidents: usize,
    /// Begins of alarms in the run.
    pub(crate) raises: usize,
    /// Raises in time that is quiet for the whole site.
    pub(crate) false_starts: usize,
    /// The same for each day of such time.
    pub(crate) false_starts_per_quiet_day: Option<f64>,
    /// Raises in time that is quiet for their channel.
    pub(crate) channel_false_starts: usize,
    /// The same for each day of such time of each channel.
    pub(crate) false_starts_per_channel_day: Option<f64>,
    /// Share of the site's quiet time with an alarm.
    pub(crate) quiet_in_alarm_share: Option<f64>,
    /// Time of all its alarms, summed.
    pub(crate) in_alarm_s: f64,
    /// Time with at least one of its alarms.
    pub(crate) in_alarm_union_s: f64,
}

pub(crate) const DAY_MS: f64 = 86_400_000.0;

impl<'a> Ground<'a> {
    pub(crate) fn new(
        site: &'a Site,
        incidents: &'a [Incident],
        reached_ms: &'a BTreeMap<usize, i64>,
        run: Interval,
        margin_ms: i64,
    ) -> Self {
        let mut by_scope: BTreeMap<&Scope, Vec<usize>> = BTreeMap::new();
        for (place, incident) in incidents.iter().enumerate() {
            by_scope.entry(&incident.scope).or_default().push(place);
        }
        let mut ground =
            Self { site, incidents, reached_ms, run, margin_ms, quiet_of: Vec::new(), by_scope };
        let mut of_channel: BTreeMap<u32, Vec<&Scope>> = BTreeMap::new();
        for scope in ground.by_scope.keys() {
            for channel in ground.covered(scope) {
                of_channel.entry(channel).or_default().push(scope);
            }
        }
        let count = site.channels.len();
        let scopes = |channel: u32| of_channel.get(&channel).into_iter().flatten().copied();
        ground.quiet_of =
            (0u32..).take(count).map(|channel| ground.quiet(scopes(channel))).collect();
        ground
    }

    fn covered(&self, scope: &Scope) -> Vec<u32> {
        let all = 0..u32::try_from(self.site.channels.len()).unwrap_or(u32::MAX);
        let range = scope.channel.map_or(all, |channel| channel..channel.saturating_add(1));
        range.filter(|channel| scope.covers(self.site, *channel)).collect()
    }

    /// The run less everything near the incidents of `scopes`.
    fn quiet<'s>(&self, scopes: impl Iterator<Item = &'s Scope>) -> Intervals {
        let places = scopes.filter_map(|scope| self.by_scope.get(scope)).flatten();
        let near = places.filter_map(|place| self.incidents.get(*place)).map(|incident| {
            let Interval { start_ms, end_ms } = incident.time;
            // One millisecond more: the margin's last moment is not quiet.
            let end_ms = end_ms.saturating_add(self.margin_ms).saturating_add(1);
            Interval::new(start_ms.saturating_sub(self.margin_ms), end_ms)
        });
        Intervals::joined(near).rest_of(self.run)
    }

    /// The time that is quiet for all channels in `channels`.
    pub(crate) fn site_quiet(&self, channels: &[u32]) -> Intervals {
        let concerns = |scope: &Scope| channels.iter().any(|c| scope.covers(self.site, *c));
        self.quiet(self.by_scope.keys().copied().filter(|scope| concerns(scope)))
    }

    fn channel_quiet(&self, channel: u32) -> Option<&Intervals> {
        self.quiet_of.get(channel as usize)
    }

    /// What became of the incidents that concern the subject, by place of the incident.
    pub(crate) fn detections(&self, subject: &Subject<'_>) -> Vec<Detection> {
        let mut by_channel: BTreeMap<u32, Vec<&Episode>> = BTreeMap::new();
        for episode in &subject.episodes {
            by_channel.entry(episode.channel).or_default().push(episode);
        }
        let mut found = Vec::new();
        for (scope, places) in &self.by_scope {
            let channels = self.covered(scope);
            if !subject.finds || !channels.iter().any(|c| subject.channels.contains(c)) {
                continue;
            }
            let episodes = channels.iter().filter_map(|c| by_channel.get(c)).flatten();
            let times: Vec<_> = episodes.map(|episode| episode.time(self.run)).collect();
            let look = Look::new(times, subject.raises);
            let incidents = places.iter().filter_map(|i| Some((*i, self.incidents.get(*i)?)));
            found.extend(incidents.map(|(place, incident)| look.at(place, incident.time)));
        }
        found.sort_unstable_by_key(|detection| detection.incident);
        found
    }

    /// All figures of a subject.
    pub(crate) fn measures(&self, subject: &Subject<'_>) -> Measures {
        let detections = self.detections(subject);
        let found: Vec<(usize, i64)> =
            detections.iter().filter_map(|d| Some((d.incident, d.raised_ms?))).collect();
        let seconds = |ms: i64| ms as f64 / 1000.0;
        let delay = |(place, raised_ms): &(usize, i64)| {
            Some(seconds(raised_ms - self.incidents.get(*place)?.time.start_ms))
        };
        let lead = |(place, raised_ms): &(usize, i64)| {
            Some(seconds(self.reached_ms.get(place)? - raised_ms))
        };
        let delays: Vec<f64> = found.iter().filter_map(delay).collect();
        let leads: Vec<f64> = found.iter().filter_map(lead).collect();
        Measures {
            incidents: detections.len(),
            found: found.len(),
            missed: detections.len() - found.len(),
            active_at_start: detections.iter().filter(|d| d.active_at_start).count(),
            delay_median_s: quantile(&delays, 0.5),
            delay_p90_s: quantile(&delays, 0.9),
            lead_median_s: quantile(&leads, 0.5),
            lead_p10_s: quantile(&leads, 0.1),
            lead_incidents: leads.len(),
            ..self.quiet_figures(subject)
        }
    }

    fn quiet_figures(&self, subject: &Subject<'_>) -> Measures {
        let times = subject.episodes.iter().map(|episode| episode.time(self.run));
        let clipped: Vec<_> = times.clone().filter_map(|time| time.clipped(self.run)).collect();
        let busy = Intervals::joined(clipped.iter().copied());
        let raises = self.raises(subject);
        let quiet = self.site_quiet(&subject.channels);
        let false_starts = raises.iter().filter(|(at_ms, _)| quiet.contains(*at_ms)).count();
        let in_channel = |(at_ms, channel): &&(i64, u32)| {
            self.channel_quiet(*channel).is_some_and(|quiet| quiet.contains(*at_ms))
        };
        let channel_false_starts = raises.iter().filter(in_channel).count();
        let quiets = subject.channels.iter().filter_map(|channel| self.channel_quiet(*channel));
        let channel_quiet_ms: i64 = quiets.map(Intervals::length_ms).sum();
        let quiet_ms = quiet.length_ms();
        let per_day = |count: usize, ms: i64| (ms > 0).then(|| count as f64 * DAY_MS / ms as f64);
        Measures {
            raises: raises.len(),
            false_starts,
            false_starts_per_quiet_day: per_day(false_starts, quiet_ms),
            channel_false_starts,
            false_starts_per_channel_day: per_day(channel_false_starts, channel_quiet_ms),
            quiet_in_alarm_share: (quiet_ms > 0)
                .then(|| busy.overlap_ms(&quiet) as f64 / quiet_ms as f64),
            in_alarm_s: clipped.iter().map(|time| time.length_ms()).sum::<i64>() as f64 / 1000.0,
            in_alarm_union_s: busy.length_ms() as f64 / 1000.0,
            ..Measures::default()
        }
    }

    /// Begins in the run, with the channel that began.
    fn raises(&self, subject: &Subject<'_>) -> Vec<(i64, u32)> {
        let mut busy_to_ms = i64::MIN;
        let mut raises = Vec::new();
        for episode in &subject.episodes {
            let Interval { start_ms, end_ms } = episode.time(self.run);
            let is_new = subject.raises == Raises::Each || start_ms > busy_to_ms;
            busy_to_ms = busy_to_ms.max(end_ms);
            if is_new && start_ms >= self.run.start_ms {
                raises.push((start_ms, episode.channel));
            }
        }
        raises
    }
}

/// The alarms that may find the incidents of one scope.
struct Look {
    union: Intervals,
    starts_ms: Option<Vec<i64>>,
}

impl Look {
    fn new(times: Vec<Interval>, raises: Raises) -> Self {
        let mut starts_ms: Vec<i64> = times.iter().map(|time| time.start_ms).collect();
        starts_ms.sort_unstable();
        let starts_ms = (raises == Raises::Each).then_some(starts_ms);
        Self { union: Intervals::joined(times), starts_ms }
    }

    fn at(&self, place: usize, incident: Interval) -> Detection {
        let first_ms = match &self.starts_ms {
            Some(starts) => starts.get(starts.partition_point(|s| *s < incident.start_ms)).copied(),
            None => self.union.first_from(incident.start_ms).map(|time| time.start_ms),
        };
        Detection {
            incident: place,
            raised_ms: first_ms.filter(|raised_ms| *raised_ms <= incident.end_ms),
            active_at_start: self.union.contains(incident.start_ms - 1),
        }
    }
}

/// The quantile `q` with straight lines between the values; none of no values.
pub(crate) fn quantile(values: &[f64], q: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let last = sorted.len().checked_sub(1)?;
    let at = q * last as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and the last place"
    )]
    let below = at.floor() as usize;
    let low = sorted.get(below)?;
    let high = sorted.get(below + 1).unwrap_or(low);
    Some(low + (high - low) * (at - at.floor()))
}
