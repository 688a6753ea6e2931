//! One warning, changed by one event. States come from the table only.

use siskin_model::{
    Alarm, HeldTier, LifePolicy, Passing, PassingNext, Tier, Timestamp, Warning, WarningChange,
};

use super::table::{self, Event, Refusal};

/// A begin that is told later than this was found late: its ladder counts from when it was told.
const LATE_MS: i64 = 60_000;

/// Puts an alarm among those that feed the warning; one of the same rule and channel is replaced.
pub(super) fn put_alarm(warning: &mut Warning, alarm: &Alarm) {
    take_alarm(warning, alarm);
    warning.alarms.push(alarm.clone());
    warning.alarms.sort_by(|a, b| (b.tier, a.since).cmp(&(a.tier, b.since)));
    if !warning.channels.contains(&alarm.channel) {
        warning.channels.push(alarm.channel.clone());
    }
}

/// Takes an alarm from those that feed the warning.
pub(super) fn take_alarm(warning: &mut Warning, alarm: &Alarm) {
    warning.alarms.retain(|a| (&a.rule, &a.channel) != (&alarm.rule, &alarm.channel));
}

/// Whether the tiers that the warning has had need a reset.
pub(super) fn latches(warning: &Warning, policy: &LifePolicy) -> bool {
    policy.latched.iter().any(|tier| *tier <= warning.tier_peak)
}

/// Takes the table's step; a step into or out of what is kept from people remembers whether an
/// acknowledgement is owed.
pub(super) fn go(warning: &mut Warning, event: Event, policy: &LifePolicy) -> Result<(), Refusal> {
    let was = warning.state;
    let next = table::next(was, event, latches(warning, policy))?;
    warning.state = next;
    if next.is_aside() {
        // What begins while nobody is told is owed, whatever was acknowledged before.
        let is_new = matches!(event, Event::Raise | Event::Rise);
        warning.is_owed = if was.is_aside() { warning.is_owed || is_new } else { was.is_waiting() };
    } else {
        warning.is_owed = false;
    }
    if !next.is_waiting() {
        warning.passing = None;
    }
    Ok(())
}

/// People are called to it at `at`; `told_ms` is the engine's time.
pub(super) fn announce(warning: &mut Warning, at: Timestamp, told_ms: i64, policy: &LifePolicy) {
    warning.announced_at = Some(at);
    warning.returned_at = None;
    let is_late = told_ms.saturating_sub(at.as_millis()) > LATE_MS;
    let begun_at = if is_late { Timestamp::from_millis(told_ms) } else { at };
    let (told, calls) = (Vec::new(), Vec::new());
    let next = next_rung(policy, warning.tier, begun_at, 0);
    let tier = warning.tier;
    warning.passing = next.is_some().then_some(Passing { tier, begun_at, told, next, calls });
}

/// The rung at `place` of a tier's ladder.
pub(super) fn next_rung(
    policy: &LifePolicy,
    tier: Tier,
    begun_at: Timestamp,
    place: usize,
) -> Option<PassingNext> {
    let rung = policy.rungs(tier).get(place)?;
    Some(PassingNext { to: rung.to.clone(), due_at: begun_at.plus_ms(rung.after_ms) })
}

/// Lets a tier hold until `until`; of the same tier the later end counts.
pub(super) fn hold_tier(warning: &mut Warning, tier: Tier, until: Timestamp) {
    match warning.held.iter_mut().find(|held| held.tier == tier) {
        Some(held) => held.until = held.until.max(until),
        None => warning.held.push(HeldTier { tier, until }),
    }
    warning.held.sort_by_key(|held| std::cmp::Reverse(held.tier));
}

/// The tier that active and held alarms give; none where there are neither.
pub(super) fn tier_of(warning: &Warning) -> Option<Tier> {
    let active = warning.alarms.iter().filter_map(|alarm| alarm.tier);
    active.chain(warning.held.iter().map(|held| held.tier)).max()
}

/// Brings the tier down to what active and held alarms give.
pub(super) fn lower(warning: &mut Warning) -> WarningChange {
    match tier_of(warning) {
        Some(tier) if tier < warning.tier => {
            warning.tier = tier;
            WarningChange::Deescalated
        }
        _ => WarningChange::Updated,
    }
}
