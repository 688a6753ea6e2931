//! Who is told of a transition.
//!
//! Who was told of a warning is told how it goes on, whatever hour it is and however low it falls:
//! nobody may be left with an alert that ended long ago. Where the duty is not known, whoever may
//! be on duty is told. Must never leave somebody out for a reason that is not in their settings.

use super::{Hours, MessageKind, Recipient};
use crate::duty::{Desk, Roster};
use crate::{AreaId, DrillId, GasId, Tier, Timestamp, Warning, WarningChange, WarningState};

/// A transition of a warning that may be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// What it is to those who were told before.
    pub kind: MessageKind,
    /// Which gas.
    pub gas: GasId,
    /// Where.
    pub area: AreaId,
    /// The tier now.
    pub tier: Tier,
    /// The duty role to which a ladder passed it on, if that is what happened.
    pub passed_to: Option<String>,
    /// The drill that it belongs to; none of what is real.
    pub exercise: Option<DrillId>,
}

/// A recipient who is told, or would be if they were told of this warning before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Whose.
    pub recipient: String,
    /// Whether they are told even if they know nothing of the warning yet.
    pub is_due: bool,
}

impl Transition {
    /// What is told of a step of a warning; none where nobody outside needs to know: acts of people
    /// and alarms that join without a change of tier are the control room's.
    pub fn of(change: WarningChange, warning: &Warning) -> Option<Self> {
        let kind = match change {
            WarningChange::Cancelled => MessageKind::Cancel,
            _ if warning.state == WarningState::Normal => MessageKind::AllClear,
            WarningChange::Acknowledged => MessageKind::Acknowledged,
            WarningChange::Raised => MessageKind::Alert,
            WarningChange::Escalated
            | WarningChange::Deescalated
            | WarningChange::Returned
            | WarningChange::Latched
            | WarningChange::Reactivated
            | WarningChange::Reannounced
            | WarningChange::PassedOn => MessageKind::Update,
            _ => return None,
        };
        // What is kept from people is told when it is no longer kept.
        if warning.state.is_aside() {
            return None;
        }
        let passed = (change == WarningChange::PassedOn).then_some(warning.passing.as_ref());
        let passed_to = passed.flatten().and_then(|passing| passing.told.last().cloned());
        let (gas, area) = (warning.gas.clone(), warning.area.clone());
        let (tier, exercise) = (warning.tier, warning.exercise);
        Some(Self { kind, gas, area, tier, passed_to, exercise })
    }
}

/// Who may be told of `transition` at `now`. `top` is the site's highest tier; without a `roster`
/// the duty is not known.
pub fn route(
    transition: &Transition,
    recipients: &[Recipient],
    roster: Option<&Roster>,
    (now, utc_offset_s, top): (Timestamp, i32, Tier),
) -> Vec<Candidate> {
    let minute = minute_of_day(now, utc_offset_s);
    let about = |one: &&Recipient| {
        (one.gases.is_empty() || one.gases.contains(&transition.gas))
            && (one.areas.is_empty() || one.areas.contains(&transition.area))
            && (one.drills || transition.exercise.is_none())
            && match transition.kind {
                MessageKind::Acknowledged => one.ends_by_acknowledgement(),
                MessageKind::Correction => one.takes_corrections(),
                _ => true,
            }
    };
    let candidate = |one: &Recipient| Candidate {
        recipient: one.id.clone(),
        is_due: is_due(transition, one, roster, (now, minute, top)),
    };
    recipients.iter().filter(about).map(candidate).collect()
}

fn is_due(
    transition: &Transition,
    one: &Recipient,
    roster: Option<&Roster>,
    (now, minute, top): (Timestamp, u16, Tier),
) -> bool {
    if transition.kind == MessageKind::Correction {
        // It rouses nobody, and what is left out of hours would never be told.
        return transition.tier >= one.tier_min;
    }
    let role = one.on_duty.as_ref().map(|duty| duty.role.as_str());
    let on_duty = is_on_duty(one, roster, now);
    if let Some(to) = &transition.passed_to {
        return role == Some(to.as_str()) && on_duty;
    }
    let in_hours = one.hours.is_none_or(|hours: Hours| hours.holds(minute));
    let is_quiet = one.quiet.is_some_and(|hours| hours.holds(minute));
    let may_disturb = transition.tier >= top || (in_hours && !is_quiet);
    transition.tier >= one.tier_min && on_duty && may_disturb
}

fn is_on_duty(one: &Recipient, roster: Option<&Roster>, now: Timestamp) -> bool {
    let (Some(duty), Some(roster)) = (&one.on_duty, roster) else {
        return true;
    };
    let there = roster.there(&Desk { role: duty.role.clone(), position: None }, now);
    // A desk that nobody is at must not swallow a warning.
    there.is_empty() || duty.contact.as_ref().is_none_or(|contact| there.contains(&contact))
}

/// What a message is to one recipient: the first they hear of a warning is an alert, and of an end
/// or an error nobody is told who knew nothing. `last` is the last that was no correction: one does
/// not open a warning to who knew nothing of it. None: they are not told.
pub fn kind_for(kind: MessageKind, is_due: bool, last: Option<MessageKind>) -> Option<MessageKind> {
    match (last, kind) {
        // It is over already and was told, or it was never known.
        (Some(MessageKind::AllClear), MessageKind::AllClear | MessageKind::Acknowledged)
        | (
            Some(MessageKind::Cancel) | None,
            MessageKind::AllClear | MessageKind::Cancel | MessageKind::Acknowledged,
        )
        | (Some(MessageKind::Cancel), MessageKind::Correction) => None,
        (None, MessageKind::Correction) => is_due.then_some(MessageKind::Correction),
        (Some(_), MessageKind::Alert) => Some(MessageKind::Update),
        (Some(_), kind) => Some(kind),
        (None, MessageKind::Alert | MessageKind::Update) => is_due.then_some(MessageKind::Alert),
    }
}

/// Minutes since local midnight.
fn minute_of_day(now: Timestamp, utc_offset_s: i32) -> u16 {
    let local_ms = now.as_millis().saturating_add(i64::from(utc_offset_s) * 1000);
    let minute = local_ms.div_euclid(60_000).rem_euclid(1440);
    u16::try_from(minute).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::super::{Language, OnDuty};
    use super::*;
    use crate::duty::Shift;
    use crate::{ContactId, DutyRoleId, Text};

    const TEN: i64 = 2 * 3_600_000; // 10:00 at +08:00
    const NIGHT: i64 = 15 * 3_600_000; // 23:00 at +08:00

    fn recipient(id: &str) -> Recipient {
        Recipient {
            name: Text::new("局", "bureau"),
            tier_min: Tier::Yellow,
            languages: vec![Language::Zh],
            ..Recipient::of_all(id, Vec::new())
        }
    }

    fn transition(tier: Tier) -> Transition {
        Transition {
            kind: MessageKind::Alert,
            gas: GasId::new("chlorine").unwrap(),
            area: AreaId::new("yard").unwrap(),
            tier,
            passed_to: None,
            exercise: None,
        }
    }

    fn check(change: impl FnOnce(&mut Recipient), tier: Tier, at_ms: i64, expected: Option<bool>) {
        let mut one = recipient("bureau");
        change(&mut one);
        let now = Timestamp::from_millis(at_ms);
        let found = route(&transition(tier), &[one], None, (now, 8 * 3600, Tier::Red));
        assert_eq!(found.first().map(|one| one.is_due), expected, "{tier:?} at {at_ms}");
    }

    #[test]
    fn gas_area_tier_and_hours() {
        check(|_| {}, Tier::Yellow, TEN, Some(true));
        check(|_| {}, Tier::Blue, TEN, Some(false));
        let ammonia = || vec![GasId::new("ammonia").unwrap()];
        check(|one| one.gases = ammonia(), Tier::Red, TEN, None);
        check(|one| one.areas = vec![AreaId::new("jetty").unwrap()], Tier::Red, TEN, None);
        check(|one| one.areas = vec![AreaId::new("yard").unwrap()], Tier::Red, TEN, Some(true));
        let day = Hours { from_min: 480, to_min: 1080 };
        check(|one| one.hours = Some(day), Tier::Orange, NIGHT, Some(false));
        check(|one| one.hours = Some(day), Tier::Orange, TEN, Some(true));
    }

    #[test]
    fn of_a_drill_only_those_are_told_who_want_it() {
        let check = |drills: bool, exercise: Option<u64>, expected: Option<bool>| {
            let one = Recipient { drills, ..recipient("bureau") };
            let of = Transition { exercise: exercise.map(DrillId), ..transition(Tier::Red) };
            let when = (Timestamp::from_millis(TEN), 8 * 3600, Tier::Red);
            let found = route(&of, &[one], None, when);
            assert_eq!(found.first().map(|one| one.is_due), expected, "{drills} {exercise:?}");
        };
        check(false, Some(7), None);
        check(true, Some(7), Some(true));
        check(false, None, Some(true));
        check(true, None, Some(true));
    }

    #[test]
    fn quiet_hours_never_apply_to_the_top_tier() {
        let night = Hours { from_min: 1320, to_min: 360 };
        check(|one| one.quiet = Some(night), Tier::Orange, NIGHT, Some(false));
        check(|one| one.quiet = Some(night), Tier::Red, NIGHT, Some(true));
        let day = Hours { from_min: 480, to_min: 1080 };
        check(|one| one.hours = Some(day), Tier::Red, NIGHT, Some(true));
    }

    #[test]
    fn who_is_on_duty_is_told_and_an_empty_desk_swallows_nothing() {
        let role = DutyRoleId::new("leader").unwrap();
        let person = |id: &str| ContactId::new(id).unwrap();
        let shift = Shift {
            desk: Desk { role: role.clone(), position: None },
            person: person("li"),
            substitutes: Vec::new(),
            from: Timestamp::from_millis(0),
            to: Timestamp::from_millis(1000),
        };
        let roster = Roster { shifts: vec![shift], ..Roster::default() };
        let check = |who: &str, at_ms: i64, passed: Option<&str>, expected: bool| {
            let mut one = recipient(who);
            one.on_duty = Some(OnDuty { role: role.clone(), contact: Some(person(who)) });
            let mut of = transition(Tier::Red);
            of.passed_to = passed.map(str::to_owned);
            let when = (Timestamp::from_millis(at_ms), 0, Tier::Red);
            let found = route(&of, &[one], Some(&roster), when);
            assert_eq!(found[0].is_due, expected, "{who} {at_ms} {passed:?}");
        };
        check("li", 500, None, true);
        check("wang", 500, None, false);
        check("wang", 1500, None, true);
        check("li", 500, Some("leader"), true);
        check("li", 500, Some("operator"), false);
    }

    #[test]
    fn the_first_is_an_alert_and_an_end_is_told_once_to_those_who_knew() {
        use MessageKind::{Acknowledged, Alert, AllClear, Cancel, Correction, Update};
        let check = |kind, is_due, last, expected| {
            assert_eq!(kind_for(kind, is_due, last), expected, "{kind:?} {is_due} {last:?}");
        };
        check(Alert, true, None, Some(Alert));
        check(Alert, false, None, None);
        check(Update, true, None, Some(Alert));
        check(Update, false, Some(Alert), Some(Update));
        check(Alert, true, Some(Alert), Some(Update));
        check(AllClear, true, None, None);
        check(AllClear, false, Some(Update), Some(AllClear));
        check(AllClear, true, Some(AllClear), None);
        check(Cancel, false, Some(Alert), Some(Cancel));
        check(AllClear, true, Some(Cancel), None);
        check(Update, true, Some(AllClear), Some(Update));
        // A warning that was told to be over can still turn out to be a mistake, once.
        check(Cancel, false, Some(AllClear), Some(Cancel));
        check(Cancel, false, Some(Cancel), None);
        check(Acknowledged, true, None, None);
        check(Acknowledged, false, Some(Alert), Some(Acknowledged));
        check(Acknowledged, false, Some(AllClear), None);
        check(AllClear, false, Some(Acknowledged), Some(AllClear));
        check(Correction, true, None, Some(Correction));
        check(Correction, false, None, None);
        check(Correction, false, Some(AllClear), Some(Correction));
        check(Correction, true, Some(Cancel), None);
    }
}
