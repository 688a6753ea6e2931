//! Alarms to warnings: one gas in one area, tier = the highest active alarm.
//!
//! States after ISA-18.2. A rise of the tier needs acknowledgement again; the end of the last
//! alarm never closes a warning that nobody acknowledged (invariant 7).

use std::collections::BTreeMap;

use siskin_model::{
    Acknowledgement, Alarm, AreaId, ChannelId, GasId, RuleId, Tier, Timestamp, Warning,
    WarningChange, WarningEvent, WarningId, WarningState,
};

/// Why an acknowledgement was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AcknowledgeError {
    /// No open warning has this id.
    #[error("there is no open warning `{0}`; hint: it may be over, look at all warnings")]
    NotOpen(String),
    /// The warning has risen above the tier that the person saw.
    #[error("warning `{id}` has risen to {}; hint: look at it again", tier.as_str())]
    Risen {
        /// The warning.
        id: String,
        /// Its tier now.
        tier: Tier,
    },
    /// The present tier is acknowledged already.
    #[error("warning `{id}` is already acknowledged by `{by}`; hint: nothing needs to be done")]
    Already {
        /// The warning.
        id: String,
        /// Who did it.
        by: String,
    },
}

/// The open warnings of a site.
#[derive(Debug, Clone, Default)]
pub struct WarningBook {
    open: BTreeMap<(AreaId, GasId), Warning>,
    /// Which open warning an alarm feeds: a large site has thousands of open ones.
    fed: BTreeMap<(ChannelId, RuleId), (AreaId, GasId)>,
}

impl WarningBook {
    /// Takes over the warnings that were open before a restart.
    pub fn seed(&mut self, warnings: Vec<Warning>) {
        let keyed = warnings.into_iter().filter(|w| w.state.is_open());
        self.open = keyed.map(|w| ((w.area.clone(), w.gas.clone()), w)).collect();
        let fed = |(key, warning): (&(AreaId, GasId), &Warning)| {
            let key = key.clone();
            warning.alarms.iter().map(move |a| (source(a), key.clone())).collect::<Vec<_>>()
        };
        self.fed = self.open.iter().flat_map(fed).collect();
    }

    /// The open warnings, in order of area and gas.
    pub fn open(&self) -> impl Iterator<Item = &Warning> {
        self.open.values()
    }

    /// A gas alarm of `tier` began.
    pub fn began(
        &mut self,
        at: Timestamp,
        (area, gas): (&AreaId, &GasId),
        (alarm, tier): (&Alarm, Tier),
    ) -> WarningEvent {
        let key = (area.clone(), gas.clone());
        self.fed.insert(source(alarm), key.clone());
        if let Some(warning) = self.open.get_mut(&key) {
            let change = joined(warning, at, alarm, tier);
            return WarningEvent { change, at, warning: warning.clone() };
        }
        let warning = begun(at, &key, alarm, tier);
        self.open.insert(key, warning.clone());
        WarningEvent { change: WarningChange::Raised, at, warning }
    }

    /// An alarm ended, or its rule or channel was taken out of the site. The warning is the one it
    /// feeds, wherever the channel belongs by now: no warning may wait for an end that went
    /// elsewhere.
    pub fn ended(&mut self, at: Timestamp, alarm: &Alarm) -> Option<WarningEvent> {
        let key = self.fed.remove(&source(alarm))?;
        let warning = self.open.get_mut(&key)?;
        let change = left(warning, at, alarm);
        let warning = warning.clone();
        if !warning.state.is_open() {
            self.open.remove(&key);
        }
        Some(WarningEvent { change, at, warning })
    }

    /// An alarm that feeds a warning has another begin or value than was recorded.
    pub fn corrected(&mut self, at: Timestamp, alarm: &Alarm) -> Option<WarningEvent> {
        let fed = |a: &Alarm| (&a.rule, &a.channel) == (&alarm.rule, &alarm.channel);
        let warning = self.open.get_mut(self.fed.get(&source(alarm))?)?;
        let one = warning.alarms.iter_mut().find(|a| fed(a))?;
        *one = alarm.clone();
        warning.changed_at = at;
        Some(WarningEvent { change: WarningChange::Updated, at, warning: warning.clone() })
    }

    /// A person acknowledges the present tier, having seen the warning at tier `seen`.
    pub fn acknowledge(
        &mut self,
        id: &WarningId,
        seen: Option<Tier>,
        act: Acknowledgement,
    ) -> Result<WarningEvent, AcknowledgeError> {
        let not_open = || AcknowledgeError::NotOpen(id.to_string());
        let warning = self.open.values_mut().find(|w| w.id == *id).ok_or_else(not_open)?;
        if seen.is_some_and(|seen| seen < warning.tier) {
            return Err(AcknowledgeError::Risen { id: id.to_string(), tier: warning.tier });
        }
        let at = act.at;
        warning.state = match warning.state {
            WarningState::ActiveUnacknowledged => WarningState::ActiveAcknowledged,
            WarningState::ReturnedUnacknowledged => WarningState::Normal,
            WarningState::ActiveAcknowledged | WarningState::Normal => {
                let by = warning.acknowledged.as_ref().map_or(String::new(), |a| a.by.clone());
                return Err(AcknowledgeError::Already { id: id.to_string(), by });
            }
        };
        warning.acknowledged = Some(act);
        warning.changed_at = at;
        let warning = warning.clone();
        if !warning.state.is_open() {
            self.open.remove(&(warning.area.clone(), warning.gas.clone()));
        }
        Ok(WarningEvent { change: WarningChange::Acknowledged, at, warning })
    }
}

/// What an alarm is of.
fn source(alarm: &Alarm) -> (ChannelId, RuleId) {
    (alarm.channel.clone(), alarm.rule.clone())
}

fn begun(at: Timestamp, (area, gas): &(AreaId, GasId), alarm: &Alarm, tier: Tier) -> Warning {
    Warning {
        id: WarningId::of(area, gas, at),
        gas: gas.clone(),
        area: area.clone(),
        tier,
        tier_peak: tier,
        state: WarningState::ActiveUnacknowledged,
        raised_at: at,
        changed_at: at,
        returned_at: None,
        acknowledged: None,
        alarms: vec![alarm.clone()],
        channels: vec![alarm.channel.clone()],
    }
}

fn joined(warning: &mut Warning, at: Timestamp, alarm: &Alarm, tier: Tier) -> WarningChange {
    let was = warning.state;
    let rose = tier > warning.tier;
    warning.alarms.push(alarm.clone());
    warning.alarms.sort_by(|a, b| (b.tier, a.since).cmp(&(a.tier, b.since)));
    if !warning.channels.contains(&alarm.channel) {
        warning.channels.push(alarm.channel.clone());
    }
    warning.changed_at = at;
    warning.returned_at = None;
    if was == WarningState::ReturnedUnacknowledged {
        warning.tier = tier;
        warning.tier_peak = warning.tier_peak.max(tier);
        warning.state = WarningState::ActiveUnacknowledged;
        return WarningChange::Reactivated;
    }
    if rose {
        warning.tier = tier;
        warning.tier_peak = warning.tier_peak.max(tier);
        warning.state = WarningState::ActiveUnacknowledged;
        return WarningChange::Escalated;
    }
    WarningChange::Updated
}

fn left(warning: &mut Warning, at: Timestamp, alarm: &Alarm) -> WarningChange {
    warning.alarms.retain(|a| (&a.rule, &a.channel) != (&alarm.rule, &alarm.channel));
    warning.changed_at = at;
    let Some(highest) = warning.alarms.iter().filter_map(|a| a.tier).max() else {
        warning.returned_at = Some(at);
        if warning.state == WarningState::ActiveAcknowledged {
            warning.state = WarningState::Normal;
            return WarningChange::Closed;
        }
        warning.state = WarningState::ReturnedUnacknowledged;
        return WarningChange::Returned;
    };
    if highest < warning.tier {
        warning.tier = highest;
        return WarningChange::Deescalated;
    }
    WarningChange::Updated
}

#[cfg(test)]
mod tests {
    use siskin_model::{AlarmKind, ChannelId, Edge, RuleId, Unit};

    use super::*;

    const RED: (&str, Tier) = ("red", Tier::Red);
    const YELLOW: (&str, Tier) = ("yellow", Tier::Yellow);

    fn alarm((rule, tier): (&str, Tier), channel: &str) -> Alarm {
        Alarm {
            rule: RuleId::new(rule).unwrap(),
            channel: ChannelId::new(channel).unwrap(),
            kind: AlarmKind::Gas,
            tier: Some(tier),
            since: Timestamp::from_millis(0),
            value: Some(1.0),
            limit: Some(1.0),
            unit: Unit::Ppm,
            forecast: None,
        }
    }

    struct Story {
        book: WarningBook,
        now_ms: i64,
        told: Vec<String>,
    }

    impl Story {
        fn new() -> Self {
            Self { book: WarningBook::default(), now_ms: 0, told: Vec::new() }
        }

        fn tell(&mut self, event: &WarningEvent) {
            let (warning, change) = (&event.warning, event.change);
            let tier = warning.tier.as_str();
            self.told.push(format!("{change:?} {tier} {}", warning.state.as_str()));
        }

        fn edge(mut self, edge: Edge, rule: (&str, Tier), channel: &str) -> Self {
            self.now_ms += 1000;
            let about = (AreaId::new("tank-farm").unwrap(), GasId::new("chlorine").unwrap());
            let alarm = alarm(rule, channel);
            let at = Timestamp::from_millis(self.now_ms);
            let event = match edge {
                Edge::Raise => Some(self.book.began(at, (&about.0, &about.1), (&alarm, rule.1))),
                Edge::Clear => self.book.ended(at, &alarm),
            };
            if let Some(event) = event {
                self.tell(&event);
            }
            self
        }

        fn raise(self, rule: (&str, Tier), channel: &str) -> Self {
            self.edge(Edge::Raise, rule, channel)
        }

        fn clear(self, rule: (&str, Tier), channel: &str) -> Self {
            self.edge(Edge::Clear, rule, channel)
        }

        fn acknowledge(self) -> Self {
            self.acknowledge_having_seen(None)
        }

        fn acknowledge_having_seen(mut self, seen: Option<Tier>) -> Self {
            self.now_ms += 1000;
            let at = Timestamp::from_millis(self.now_ms);
            let act = Acknowledgement { by: "王芳".into(), note: String::new(), at };
            let id = self.book.open().next().unwrap().id.clone();
            match self.book.acknowledge(&id, seen, act) {
                Ok(event) => self.tell(&event),
                Err(error) => self.told.push(error.to_string()),
            }
            self
        }

        fn check(self, want: &[&str]) {
            assert_eq!(self.told, want);
        }
    }

    #[test]
    fn a_warning_takes_the_highest_tier_and_steps_down_with_it() {
        Story::new().raise(YELLOW, "a").raise(RED, "b").clear(RED, "b").clear(YELLOW, "a").check(
            &[
                "Raised yellow active-unacknowledged",
                "Escalated red active-unacknowledged",
                "Deescalated yellow active-unacknowledged",
                "Returned yellow returned-unacknowledged",
            ],
        );
    }

    #[test]
    fn a_rise_after_an_acknowledgement_needs_another_one() {
        Story::new().raise(YELLOW, "a").acknowledge().raise(YELLOW, "b").raise(RED, "a").check(&[
            "Raised yellow active-unacknowledged",
            "Acknowledged yellow active-acknowledged",
            "Updated yellow active-acknowledged",
            "Escalated red active-unacknowledged",
        ]);
    }

    #[test]
    fn nobody_acknowledges_a_tier_that_they_have_not_seen() {
        let story = Story::new().raise(YELLOW, "a").raise(RED, "b");
        story.acknowledge_having_seen(Some(Tier::Yellow)).clear(RED, "b").check(&[
            "Raised yellow active-unacknowledged",
            "Escalated red active-unacknowledged",
            "warning `tank-farm.chlorine.19700101T000001.000Z` has risen to red; \
             hint: look at it again",
            "Deescalated yellow active-unacknowledged",
        ]);
        let story = Story::new().raise(YELLOW, "a").acknowledge_having_seen(Some(Tier::Red));
        story.check(&[
            "Raised yellow active-unacknowledged",
            "Acknowledged yellow active-acknowledged",
        ]);
    }

    #[test]
    fn it_ends_only_when_acknowledged_and_returned_in_either_order() {
        Story::new().raise(RED, "a").acknowledge().clear(RED, "a").raise(RED, "a").check(&[
            "Raised red active-unacknowledged",
            "Acknowledged red active-acknowledged",
            "Closed red normal",
            "Raised red active-unacknowledged",
        ]);
        let ended = Story::new().raise(RED, "a").clear(RED, "a").acknowledge();
        assert_eq!(ended.book.open().count(), 0);
        ended.check(&[
            "Raised red active-unacknowledged",
            "Returned red returned-unacknowledged",
            "Acknowledged red normal",
        ]);
    }

    #[test]
    fn an_alarm_that_comes_back_reactivates_the_same_warning() {
        let story = Story::new().raise(YELLOW, "a").clear(YELLOW, "a").raise(RED, "a");
        let warning = story.book.open().next().unwrap();
        assert_eq!(warning.id.as_str(), "tank-farm.chlorine.19700101T000001.000Z");
        assert_eq!((warning.raised_at.as_millis(), warning.returned_at), (1000, None));
        story.check(&[
            "Raised yellow active-unacknowledged",
            "Returned yellow returned-unacknowledged",
            "Reactivated red active-unacknowledged",
        ]);
    }

    #[test]
    fn an_alarm_ends_the_warning_it_feeds_even_if_its_channel_has_moved() {
        let mut story = Story::new().raise(RED, "a");
        // The site was changed while the alarm was active: the channel's next alarms belong to
        // another area, and this end must not look for its warning there.
        let (area, gas) = (AreaId::new("jetty").unwrap(), GasId::new("chlorine").unwrap());
        let at = Timestamp::from_millis(5000);
        let moved = story.book.began(at, (&area, &gas), (&alarm(YELLOW, "a"), Tier::Yellow));
        story.tell(&moved);
        story.clear(RED, "a").check(&[
            "Raised red active-unacknowledged",
            "Raised yellow active-unacknowledged",
            "Returned red returned-unacknowledged",
        ]);
    }

    #[test]
    fn the_same_tier_is_acknowledged_once() {
        Story::new().raise(RED, "a").acknowledge().acknowledge().check(&[
            "Raised red active-unacknowledged",
            "Acknowledged red active-acknowledged",
            "warning `tank-farm.chlorine.19700101T000001.000Z` is already acknowledged by `王芳`; \
             hint: nothing needs to be done",
        ]);
    }

    #[test]
    fn an_alarm_of_a_rule_that_was_taken_out_does_not_hold_a_warning_open() {
        let mut story = Story::new().raise(RED, "a");
        let event = story.book.ended(Timestamp::from_millis(9), &alarm(RED, "a")).unwrap();
        story.tell(&event);
        assert!(story.book.ended(Timestamp::from_millis(9), &alarm(RED, "b")).is_none());
        story.check(&["Raised red active-unacknowledged", "Returned red returned-unacknowledged"]);
    }
}
