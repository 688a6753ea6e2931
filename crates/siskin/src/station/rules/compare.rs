//! What two rule sets said otherwise over the same time: only one of them, or both at different
//! moments.
//!
//! Must never hide a difference: what cannot be paired is listed.

use std::collections::BTreeMap;

use siskin_model::{AlarmEvent, ChannelId, Edge, RuleId};

/// A begin or end that both sets have is the same one if it moved by at most this.
const MOVED_MS_MAX: i64 = 600_000;

/// What differs.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Differences {
    pub(crate) only_live: Vec<AlarmEvent>,
    pub(crate) only_shadow: Vec<AlarmEvent>,
    /// Live and shadow.
    pub(crate) moved: Vec<(AlarmEvent, AlarmEvent)>,
    pub(crate) equal: u32,
}

type Lists = BTreeMap<(RuleId, ChannelId, Edge), (Vec<AlarmEvent>, Vec<AlarmEvent>)>;

/// Compares begins and ends of the same time.
pub(crate) fn compare(live: &[AlarmEvent], shadow: &[AlarmEvent]) -> Differences {
    let mut lists = Lists::new();
    let key =
        |event: &AlarmEvent| (event.alarm.rule.clone(), event.alarm.channel.clone(), event.edge);
    for event in live {
        lists.entry(key(event)).or_default().0.push(event.clone());
    }
    for event in shadow {
        lists.entry(key(event)).or_default().1.push(event.clone());
    }
    let mut found = Differences::default();
    for (mut live, mut shadow) in lists.into_values() {
        live.sort_by_key(|event| event.at);
        shadow.sort_by_key(|event| event.at);
        let equal = live.len();
        live.retain(|event| {
            let same = shadow.iter().position(|other| other.at == event.at);
            same.map(|place| shadow.remove(place)).is_none()
        });
        found.equal += u32::try_from(equal - live.len()).unwrap_or(u32::MAX);
        pair(live, shadow, &mut found);
    }
    found.only_live.sort_by_key(|event| event.at);
    found.only_shadow.sort_by_key(|event| event.at);
    found.moved.sort_by_key(|(event, _)| event.at);
    found
}

/// Pairs what is left in order of time: the earlier of two heads has no partner once the other
/// one is too far away.
fn pair(live: Vec<AlarmEvent>, shadow: Vec<AlarmEvent>, found: &mut Differences) {
    let (mut live, mut shadow) = (live.into_iter().peekable(), shadow.into_iter().peekable());
    while let (Some(left), Some(right)) = (live.peek(), shadow.peek()) {
        let later_ms = right.at.since_ms(left.at);
        if later_ms.abs() <= MOVED_MS_MAX {
            found.moved.extend(live.next().zip(shadow.next()));
        } else if later_ms > 0 {
            found.only_live.extend(live.next());
        } else {
            found.only_shadow.extend(shadow.next());
        }
    }
    found.only_live.extend(live);
    found.only_shadow.extend(shadow);
}

#[cfg(test)]
mod tests {
    use siskin_model::{Alarm, AlarmKind, Tier, Timestamp, Unit};

    use super::*;

    /// An event of `rule` at `s` seconds.
    fn event(rule: &str, edge: Edge, s: i64) -> AlarmEvent {
        let at = Timestamp::from_millis(s * 1000);
        let alarm = Alarm {
            rule: RuleId::new(rule).unwrap(),
            channel: ChannelId::new("at-1").unwrap(),
            kind: AlarmKind::Gas,
            tier: Some(Tier::Red),
            since: at,
            value: None,
            limit: None,
            unit: Unit::Ppm,
            forecast: None,
        };
        AlarmEvent { edge, at, alarm }
    }

    fn raise(s: i64) -> AlarmEvent {
        event("red", Edge::Raise, s)
    }

    /// Seconds of what only live, only shadow and both (moved) said, and how many are equal.
    type Expected<'a> = (&'a [i64], &'a [i64], &'a [(i64, i64)], u32);

    fn check(live: &[AlarmEvent], shadow: &[AlarmEvent], expected: Expected<'_>) {
        let found = compare(live, shadow);
        let s = |event: &AlarmEvent| event.at.as_millis() / 1000;
        let moved: Vec<_> = found.moved.iter().map(|(l, w)| (s(l), s(w))).collect();
        assert_eq!(found.only_live.iter().map(s).collect::<Vec<_>>(), expected.0);
        assert_eq!(found.only_shadow.iter().map(s).collect::<Vec<_>>(), expected.1);
        assert_eq!((moved.as_slice(), found.equal), (expected.2, expected.3));
    }

    #[test]
    fn equal_moved_and_lonely_edges_are_told_apart() {
        check(&[], &[], (&[], &[], &[], 0));
        check(&[raise(5)], &[raise(5)], (&[], &[], &[], 1));
        check(&[raise(5)], &[raise(605)], (&[], &[], &[(5, 605)], 0));
        check(&[raise(5)], &[raise(606)], (&[5], &[606], &[], 0));
        check(&[raise(5)], &[], (&[5], &[], &[], 0));
        check(&[], &[raise(5)], (&[], &[5], &[], 0));
    }

    #[test]
    fn only_edges_of_the_same_kind_and_rule_are_paired() {
        let clear = event("red", Edge::Clear, 5);
        check(&[raise(5)], std::slice::from_ref(&clear), (&[5], &[5], &[], 0));
        let other = event("orange", Edge::Raise, 5);
        check(&[raise(5)], std::slice::from_ref(&other), (&[5], &[5], &[], 0));
    }

    #[test]
    fn an_extra_edge_does_not_shift_the_pairs() {
        let live = [raise(0), raise(1000), raise(5000)];
        check(&live, &[raise(1010), raise(5000)], (&[0], &[], &[(1000, 1010)], 1));
    }
}
