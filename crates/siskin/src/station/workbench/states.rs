//! How the rules stand, in the API's words.
//!
//! The pipeline is asked between two groups of readings, at most once in [`LOOK_EVERY`] however
//! many people look; whoever comes between is shown what was seen last.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use siskin_api::contract::{ChannelStandingView, RuleStandingView, RuleStatesView};
use siskin_api::{BackendError, WorkbenchFault};
use siskin_engine::machine::State;
use siskin_engine::{Rule, RuleKind, Standing};
use siskin_model::{Site, Timestamp};
use tokio::sync::oneshot;

use super::super::pipeline::{Command, RulesStand};
use super::WorkbenchDesk;

/// The pipeline is asked at most this often.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Channels of one rule that are listed; those nearest to the limit.
const CHANNELS_MAX: usize = 2_000;

/// What was seen last, and when.
#[derive(Debug, Default)]
pub(super) struct Looked {
    seen: Option<(Instant, Timestamp, Arc<RulesStand>)>,
}

impl WorkbenchDesk {
    pub(super) fn states(&self, rule: Option<&str>) -> Result<RuleStatesView, BackendError> {
        let (at, stand) = self.look()?;
        let site = &self.rules.settings.site;
        let asked = rule.map(|id| {
            let place = stand.rules.rules.iter().position(|known| known.id.as_str() == id);
            place.ok_or_else(|| WorkbenchFault::RuleNotFound(id.to_owned()))
        });
        let asked = asked.transpose()?;
        Ok(view(&stand, site, asked, &at.rfc3339(self.offset_s()), self.offset_s()))
    }

    fn look(&self) -> Result<(Timestamp, Arc<RulesStand>), BackendError> {
        // Held while the pipeline is asked: whoever comes now waits for the same answer.
        let mut looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((when, at, stand)) = &looked.seen
            && when.elapsed() < LOOK_EVERY
        {
            return Ok((*at, Arc::clone(stand)));
        }
        let stopping = || BackendError::Unavailable("the station is stopping".to_owned());
        let (answer, answered) = oneshot::channel();
        let command = Command::Standings { answer };
        self.rules.commands.blocking_send(command).map_err(|_| stopping())?;
        let stand = Arc::new(answered.blocking_recv().map_err(|_| stopping())?);
        let at = (self.rules.clock)();
        looked.seen = Some((Instant::now(), at, Arc::clone(&stand)));
        Ok((at, stand))
    }
}

fn view(
    stand: &RulesStand,
    site: &Site,
    asked: Option<usize>,
    at: &str,
    offset_s: i32,
) -> RuleStatesView {
    let mut by_rule: BTreeMap<usize, Vec<&Standing>> = BTreeMap::new();
    for standing in &stand.standings {
        by_rule.entry(standing.rule).or_default().push(standing);
    }
    for standings in by_rule.values_mut() {
        standings.sort_by(|a, b| nearness(a, b));
    }
    let none = Vec::new();
    let of = |place: usize| by_rule.get(&place).unwrap_or(&none);
    let channel = |rule: &Rule, one: &Standing| on_channel(rule, one, site, offset_s);
    let rules = stand.rules.rules.iter().enumerate().map(|(place, rule)| {
        let count = |is: fn(State) -> bool| {
            let count = of(place).iter().filter(|one| is(one.state)).count();
            u32::try_from(count).unwrap_or(u32::MAX)
        };
        RuleStandingView {
            rule: rule.id.to_string(),
            on_delay_s: seconds(rule.on_delay_ms),
            off_delay_s: seconds(rule.off_delay_ms),
            normal: count(|state| state == State::Normal),
            pending: count(|state| state == State::Pending),
            active: count(|state| matches!(state, State::Active | State::Clearing)),
            nearest: of(place).first().and_then(|one| channel(rule, one)),
        }
    });
    let listed = asked.and_then(|place| Some((place, stand.rules.rules.get(place)?)));
    let channels = listed.map(|(place, rule)| {
        let of_rule = of(place).iter().take(CHANNELS_MAX);
        of_rule.filter_map(|one| channel(rule, one)).collect()
    });
    RuleStatesView {
        at: at.to_owned(),
        version: stand.version,
        rules: rules.collect(),
        channels: channels.unwrap_or_default(),
    }
}

/// In alarm first, then those whose delay runs, then the nearest to the limit; who cannot be
/// measured comes last.
fn nearness(a: &Standing, b: &Standing) -> Ordering {
    let rank = |state: State| match state {
        State::Active => 0,
        State::Clearing => 1,
        State::Pending => 2,
        State::Normal => 3,
    };
    let margin = |one: &Standing| one.measure.and_then(|measure| measure.margin());
    let margins = match (margin(a), margin(b)) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    };
    rank(a.state).cmp(&rank(b.state)).then(margins).then(a.channel.cmp(&b.channel))
}

fn on_channel(
    rule: &Rule,
    one: &Standing,
    site: &Site,
    offset_s: i32,
) -> Option<ChannelStandingView> {
    let channel = site.channel(one.channel)?;
    let unit = match rule.kind {
        RuleKind::NoData { .. } => "s".to_owned(),
        RuleKind::RateOfRise { .. } => format!("{}/min", channel.unit.as_str()),
        _ => channel.unit.as_str().to_owned(),
    };
    let state = match one.state {
        State::Normal => "normal",
        State::Pending => "pending",
        State::Active => "active",
        State::Clearing => "clearing",
    };
    Some(ChannelStandingView {
        channel: channel.id.to_string(),
        state: state.to_owned(),
        delay_since: one.delay_since.map(|at| at.rfc3339(offset_s)),
        value: one.measure.map(|measure| measure.value),
        limit: one.measure.map(|measure| measure.limit),
        unit,
        margin: one.measure.and_then(|measure| measure.margin()),
    })
}

fn seconds(ms: i64) -> f64 {
    ms as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use siskin_engine::Measure;
    use siskin_model::ChannelIndex;

    use super::*;

    fn standing(rule: usize, channel: u32, state: State, value: Option<f64>) -> Standing {
        let measure = value.map(|value| Measure { value, limit: 10.0, is_low_bad: false });
        Standing { rule, channel: ChannelIndex(channel), state, delay_since: None, measure }
    }

    #[test]
    fn the_nearest_channel_of_each_rule_comes_first() {
        let settings = siskin_config::load(&crate::files::demo_park()).unwrap();
        let id = |channel: u32| settings.site.channels[channel as usize].id.to_string();
        let standings = vec![
            standing(0, 0, State::Normal, None),
            standing(0, 1, State::Normal, Some(2.0)),
            standing(0, 2, State::Normal, Some(9.0)),
            standing(0, 3, State::Pending, Some(1.0)),
            standing(1, 4, State::Clearing, Some(1.0)),
            standing(1, 5, State::Active, Some(20.0)),
        ];
        let rules = Arc::new(settings.rules.clone());
        let stand = RulesStand { version: 3, rules, standings };
        let shown = view(&stand, &settings.site, Some(0), "now", 0);
        assert_eq!((shown.version, shown.at.as_str()), (3, "now"));
        let order: Vec<_> = shown.channels.iter().map(|one| one.channel.clone()).collect();
        assert_eq!(order, [id(3), id(2), id(1), id(0)]);
        let first = &shown.rules[0];
        assert_eq!((first.normal, first.pending, first.active), (3, 1, 0));
        assert_eq!(first.nearest.as_ref().unwrap().channel, id(3));
        let second = &shown.rules[1];
        assert_eq!((second.normal, second.pending, second.active), (0, 0, 2));
        assert_eq!(second.nearest.as_ref().unwrap().margin, Some(-1.0));
        assert_eq!(shown.rules[2].nearest, None);
        assert_eq!(shown.rules.len(), settings.rules.rules.len());
    }
}
