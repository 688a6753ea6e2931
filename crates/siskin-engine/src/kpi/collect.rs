//! Recorded events to annunciations: which call was answered and ended when.
//!
//! Events may come in any order; each carries its place in the record, and that order counts: event
//! time and the station's clock may disagree by seconds. Memory is a few words an event; whoever
//! reads them has the limit. Must never take the end of one call for that of another subject.

use std::collections::BTreeMap;

use siskin_model::{
    AreaId, Equipment, EquipmentEvent, FloodChange, FloodEvent, Tier, Timestamp, Warning,
    WarningChange, WarningEvent,
};

use super::{Annunciation, Span};

/// An annunciation and where it belongs.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// The area; none where the site no longer has the channel.
    pub area: Option<AreaId>,
    /// The annunciation.
    pub call: Annunciation,
}

/// What events gave.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Collected {
    /// Every call of the events, and those from before that were still on.
    pub told: Vec<Told>,
    /// Floods by desk; one that goes on ends with the span.
    pub floods: Vec<(String, Span)>,
}

/// What an event says that matters here.
#[derive(Debug, Clone, Copy)]
struct Seen {
    seq: u64,
    at: Timestamp,
    recorded_at: Timestamp,
    change: WarningChange,
    now: Standing,
}

/// How a subject stands after an event.
#[derive(Debug, Clone, Copy)]
struct Standing {
    tier: Option<Tier>,
    is_on: bool,
    called_at: Option<Timestamp>,
    acknowledged_at: Option<Timestamp>,
    returned_at: Option<Timestamp>,
}

/// A warning or an alarm about equipment.
#[derive(Debug, Default)]
struct Subject {
    source: String,
    area: Option<AreaId>,
    seen: Vec<Seen>,
    /// How it stood before the first event.
    before: Option<Standing>,
}

/// Takes events in.
#[derive(Debug, Default)]
pub struct Collector {
    subjects: BTreeMap<String, Subject>,
    floods: BTreeMap<(String, Timestamp), Option<Timestamp>>,
}

impl Standing {
    fn of_warning(warning: &Warning) -> Self {
        let act = warning.acknowledged.as_ref();
        Self {
            tier: Some(warning.tier),
            is_on: warning.state.is_active(),
            called_at: warning.announced_at,
            acknowledged_at: act.map(|act| act.at),
            returned_at: warning.returned_at,
        }
    }

    fn of_equipment(one: &Equipment) -> Self {
        let act = one.acknowledged.as_ref();
        Self {
            tier: None,
            is_on: one.is_active && !one.state.is_aside(),
            called_at: Some(one.alarm.since),
            acknowledged_at: act.map(|act| act.at),
            returned_at: (!one.is_active).then_some(one.changed_at),
        }
    }
}

impl Collector {
    /// Takes a step of a warning; `seq` is its place in the record.
    pub fn warning(&mut self, seq: u64, recorded_at: Timestamp, event: &WarningEvent) {
        let now = Standing::of_warning(&event.warning);
        let WarningEvent { change, at, .. } = *event;
        self.of_warning(&event.warning).seen.push(Seen { seq, at, recorded_at, change, now });
    }

    /// Takes a step of an alarm about equipment.
    pub fn equipment(
        &mut self,
        seq: u64,
        recorded_at: Timestamp,
        event: &EquipmentEvent,
        area: Option<AreaId>,
    ) {
        let now = Standing::of_equipment(&event.equipment);
        let EquipmentEvent { change, at, .. } = *event;
        let subject = self.of_equipment(&event.equipment, area);
        subject.seen.push(Seen { seq, at, recorded_at, change, now });
    }

    /// A warning as it stood before the first of its events.
    pub fn warning_before(&mut self, warning: &Warning) {
        let before = Some(Standing::of_warning(warning));
        self.of_warning(warning).before = before;
    }

    /// An alarm about equipment as it stood before the first of its events.
    pub fn equipment_before(&mut self, one: &Equipment, area: Option<AreaId>) {
        let before = Some(Standing::of_equipment(one));
        self.of_equipment(one, area).before = before;
    }

    /// Takes the begin or end of a flood.
    pub fn flood(&mut self, event: &FloodEvent) {
        let ended = (event.change == FloodChange::Ended).then_some(event.at);
        let known = self.floods.entry((event.desk.clone(), event.begun_at)).or_default();
        *known = known.or(ended);
    }

    fn of_warning(&mut self, warning: &Warning) -> &mut Subject {
        let subject = self.subjects.entry(format!("w {}", warning.id)).or_default();
        if subject.source.is_empty() {
            subject.source = format!("{}.{}", warning.area, warning.gas);
            subject.area = Some(warning.area.clone());
        }
        subject
    }

    fn of_equipment(&mut self, one: &Equipment, area: Option<AreaId>) -> &mut Subject {
        let source = format!("{}@{}", one.alarm.rule, one.alarm.channel);
        let subject = self.subjects.entry(format!("e {source}")).or_default();
        if subject.source.is_empty() {
            subject.source = source;
            subject.area = area;
        }
        subject
    }

    /// All calls; `span` is the one that is looked at.
    pub fn finish(self, span: Span) -> Collected {
        let told = self.subjects.into_values().flat_map(|subject| subject.calls(span)).collect();
        let flood = |((desk, from), to): ((String, Timestamp), Option<Timestamp>)| {
            (desk, Span { from, to: to.unwrap_or(span.to) })
        };
        Collected { told, floods: self.floods.into_iter().map(flood).collect() }
    }
}

/// Whether people are called by this change.
fn is_call(change: WarningChange) -> bool {
    use WarningChange::{Escalated, Raised, Reactivated, Reannounced};
    matches!(change, Raised | Escalated | Reactivated | Reannounced)
}

impl Subject {
    fn calls(mut self, span: Span) -> Vec<Told> {
        self.seen.sort_by_key(|seen| seen.seq);
        let mut calls: Vec<Annunciation> = Vec::new();
        // Of what began earlier the first event tells too: it says when people were called.
        let before = self.before.filter(|one| one.is_on);
        let before = before.or_else(|| {
            let first = self.seen.first()?;
            (!is_call(first.change)).then_some(first.now)
        });
        calls.extend(before.and_then(|one| self.earlier(one, span)));
        for seen in &self.seen {
            self.take(seen, &mut calls);
        }
        calls.into_iter().map(|call| Told { area: self.area.clone(), call }).collect()
    }

    /// A call from before the span.
    fn earlier(&self, standing: Standing, span: Span) -> Option<Annunciation> {
        let at = standing.called_at.filter(|at| *at < span.from)?;
        Some(Annunciation {
            at,
            told_at: at,
            source: self.source.clone(),
            tier: standing.tier,
            acknowledged_at: standing.acknowledged_at.filter(|acknowledged| *acknowledged >= at),
            returned_at: standing.returned_at.filter(|returned| *returned >= at),
            ended_at: None,
        })
    }

    fn take(&self, seen: &Seen, calls: &mut Vec<Annunciation>) {
        use WarningChange::{
            Acknowledged, Closed, Latched, Returned, Shelved, Suppressed, TakenOut,
        };
        let at = seen.at;
        let on = |one: &&mut Annunciation| one.returned_at.is_none() && one.ended_at.is_none();
        match seen.change {
            Acknowledged => calls
                .iter_mut()
                .filter(|one| one.acknowledged_at.is_none())
                .for_each(|one| one.acknowledged_at = Some(at)),
            Returned | Latched | Closed => {
                calls.iter_mut().filter(on).for_each(|one| one.returned_at = Some(at));
            }
            Shelved | Suppressed | TakenOut => {
                calls.iter_mut().filter(on).for_each(|one| one.ended_at = Some(at));
            }
            change if is_call(change) => {
                calls.iter_mut().filter(on).for_each(|one| one.ended_at = Some(at));
                calls.push(self.call(seen));
            }
            _ => {}
        }
        // An alarm about equipment that ends with its acknowledgement given tells it by its state.
        if !seen.now.is_on && seen.now.tier.is_none() && seen.now.returned_at.is_some() {
            calls.iter_mut().filter(on).for_each(|one| one.returned_at = Some(at));
        }
    }

    fn call(&self, seen: &Seen) -> Annunciation {
        Annunciation {
            at: seen.at,
            told_at: seen.recorded_at,
            source: self.source.clone(),
            tier: seen.now.tier,
            acknowledged_at: None,
            returned_at: None,
            ended_at: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use siskin_model::{Acknowledgement, GasId, WarningState};

    use super::super::tests::{START, span};
    use super::*;

    const DAY_MS: i64 = 24 * 3_600_000;

    fn warning(announced_s: i64, tier: Tier, state: WarningState) -> Warning {
        let (area, gas) = (AreaId::new("yard").unwrap(), GasId::new("chlorine").unwrap());
        let at = START.plus_ms(announced_s * 1000);
        Warning {
            state,
            changed_at: at,
            announced_at: Some(at),
            ..Warning::begun(&area, &gas, tier, START)
        }
    }

    /// Changes at seconds, each written as long after; the calls as (at, tier, told, acknowledged,
    /// returned, ended) in seconds.
    type Call = (i64, Option<Tier>, i64, Option<i64>, Option<i64>, Option<i64>);

    fn calls(collected: &Collected) -> Vec<Call> {
        let s = |at: Timestamp| (at.as_millis() - START.as_millis()) / 1000;
        let call = |told: &Told| {
            let one = &told.call;
            let (acknowledged, returned) = (one.acknowledged_at.map(s), one.returned_at.map(s));
            (s(one.at), one.tier, s(one.told_at), acknowledged, returned, one.ended_at.map(s))
        };
        collected.told.iter().map(call).collect()
    }

    fn check(changes: &[(WarningChange, Tier, i64, i64)], expected: &[Call]) {
        let collect = |order: &[usize]| {
            let mut collector = Collector::default();
            for place in order {
                let (change, tier, at_s, late_s) = changes[*place];
                let at = START.plus_ms(at_s * 1000);
                let event = WarningEvent {
                    change,
                    at,
                    warning: warning(at_s, tier, WarningState::ActiveUnacknowledged),
                    said: None,
                };
                collector.warning(*place as u64, at.plus_ms(late_s * 1000), &event);
            }
            collector.finish(span(DAY_MS))
        };
        let order: Vec<usize> = (0..changes.len()).collect();
        let collected = collect(&order);
        assert_eq!(calls(&collected), expected);
        let turned: Vec<usize> = order.into_iter().rev().collect();
        assert_eq!(collect(&turned), collected);
    }

    #[test]
    fn a_rise_calls_anew_and_an_acknowledgement_answers_all_that_wait() {
        use WarningChange::{Acknowledged, Escalated, Raised, Reactivated, Returned, Updated};
        let (yellow, red) = (Tier::Yellow, Tier::Red);
        check(
            &[
                (Raised, yellow, 0, 1),
                (Updated, yellow, 5, 1),
                (Escalated, red, 10, 2),
                (Acknowledged, red, 40, 0),
                (Returned, red, 60, 1),
                (Reactivated, red, 90, 1),
            ],
            &[
                (0, Some(yellow), 1, Some(40), None, Some(10)),
                (10, Some(red), 12, Some(40), Some(60), None),
                (90, Some(red), 91, None, None, None),
            ],
        );
    }

    #[test]
    fn the_record_s_order_counts_where_clocks_disagree() {
        use WarningChange::{Acknowledged, Raised};
        // The device's clock runs ahead: the begin is stamped after its acknowledgement.
        check(
            &[(Raised, Tier::Red, 3, -3), (Acknowledged, Tier::Red, 2, 0)],
            &[(3, Some(Tier::Red), 0, Some(2), None, None)],
        );
    }

    #[test]
    fn what_is_put_aside_stops_to_call_without_a_return() {
        use WarningChange::{Raised, Reannounced, Shelved};
        let red = Tier::Red;
        check(
            &[(Raised, red, 0, 0), (Shelved, red, 5, 0), (Reannounced, red, 900, 0)],
            &[(0, Some(red), 0, None, None, Some(5)), (900, Some(red), 900, None, None, None)],
        );
    }

    #[test]
    fn what_began_earlier_is_known_by_its_first_event_or_by_how_it_stood() {
        let early = -2 * 86_400;
        let returned = WarningEvent {
            change: WarningChange::Returned,
            at: START.plus_ms(60_000),
            warning: warning(early, Tier::Red, WarningState::ReturnedUnacknowledged),
            said: None,
        };
        let mut collector = Collector::default();
        collector.warning(1, START, &returned);
        let expected = [(early, Some(Tier::Red), early, None, Some(60), None)];
        assert_eq!(calls(&collector.finish(span(DAY_MS))), expected);

        let mut stood = warning(early, Tier::Red, WarningState::ActiveAcknowledged);
        let at = START.plus_ms((early + 30) * 1000);
        let (by, note) = ("li".to_owned(), String::new());
        stood.acknowledged = Some(Acknowledgement { by, note, reason: String::new(), at });
        let mut collector = Collector::default();
        collector.warning_before(&stood);
        let expected = [(early, Some(Tier::Red), early, Some(early + 30), None, None)];
        assert_eq!(calls(&collector.finish(span(DAY_MS))), expected);

        stood.state = WarningState::Shelved;
        let mut collector = Collector::default();
        collector.warning_before(&stood);
        assert_eq!(calls(&collector.finish(span(DAY_MS))), []);
    }

    #[test]
    fn floods_are_told_by_desk_and_one_that_goes_on_ends_with_the_span() {
        let flood = |change, at_s: i64| FloodEvent {
            change,
            desk: "room".to_owned(),
            at: START.plus_ms(at_s * 1000),
            begun_at: START.plus_ms(10_000),
            calls: 11,
        };
        let mut collector = Collector::default();
        collector.flood(&flood(FloodChange::Began, 10));
        let to = span(DAY_MS).to;
        let from = START.plus_ms(10_000);
        let open = Collector { floods: collector.floods.clone(), ..Collector::default() };
        let expected = [("room".to_owned(), Span { from, to })];
        assert_eq!(open.finish(span(DAY_MS)).floods, expected);
        collector.flood(&flood(FloodChange::Ended, 700));
        let to = START.plus_ms(700_000);
        assert_eq!(collector.finish(span(DAY_MS)).floods, [("room".to_owned(), Span { from, to })]);
    }
}
