//! Events of the ledger as line protocol: what alarms and warnings did, for dashboards and key
//! figures. The ledger stays the record: two events of one series in one millisecond are one point
//! in the target, and changes of rules are not mirrored.

use siskin_model::{
    AlarmEvent, AlarmKind, Correction, CorrectionChange, Edge, Tier, WarningChange, WarningEvent,
};

use super::lines::{Lines, MirrorPlaces, put_tag};
use crate::LedgerEvent;

/// The lines of events, in their order.
pub(crate) fn of_events(site: &str, places: &MirrorPlaces, events: &[(u64, LedgerEvent)]) -> Lines {
    let mut lines = Lines::default();
    for (seq, event) in events {
        match event {
            LedgerEvent::Alarm(event) => {
                put_alarm(&mut lines, "alarm", site, places, event);
                lines.put(format_args!(",seq={seq}i"));
                lines.stamp(event.at);
            }
            LedgerEvent::Correction(correction) => {
                put_correction(&mut lines, site, places, correction);
                lines.put(format_args!(",seq={seq}i"));
                lines.stamp(correction.event.at);
            }
            // A drill is not what happened in the park.
            LedgerEvent::Warning(event) if event.warning.exercise.is_some() => {}
            LedgerEvent::Warning(event) => {
                put_warning(&mut lines, site, event);
                lines.put(format_args!(",seq={seq}i"));
                lines.stamp(event.at);
            }
            LedgerEvent::Rules(_) | LedgerEvent::Equipment(_) | LedgerEvent::Flood(_) => {}
        }
    }
    lines
}

fn put_alarm(
    lines: &mut Lines,
    measurement: &str,
    site: &str,
    places: &MirrorPlaces,
    event: &AlarmEvent,
) {
    let alarm = &event.alarm;
    let place = places.get(alarm.channel.as_str());
    let mut head = String::from(measurement);
    for (key, value) in [
        ("site", site),
        ("area", place.map_or("", |place| &place.area)),
        ("channel", alarm.channel.as_str()),
        ("rule", alarm.rule.as_str()),
        ("kind", kind(alarm.kind)),
    ] {
        put_tag(&mut head, key, value);
    }
    let active = match event.edge {
        Edge::Raise => 1,
        Edge::Clear => 0,
    };
    let tier_level = alarm.tier.map_or(0, level) * active;
    lines.put(format_args!("{head} active={active}i,tier_level={tier_level}i"));
    if let Some(value) = alarm.value.filter(|value| value.is_finite()) {
        lines.put(format_args!(",value={value:?}"));
    }
}

fn put_correction(lines: &mut Lines, site: &str, places: &MirrorPlaces, correction: &Correction) {
    put_alarm(lines, "correction", site, places, &correction.event);
    let added = match correction.change {
        CorrectionChange::Added => 1,
        CorrectionChange::Removed => 0,
    };
    lines.put(format_args!(",added={added}i"));
}

fn put_warning(lines: &mut Lines, site: &str, event: &WarningEvent) {
    let warning = &event.warning;
    let mut head = String::from("warning");
    put_tag(&mut head, "site", site);
    put_tag(&mut head, "area", warning.area.as_str());
    put_tag(&mut head, "gas", warning.gas.as_str());
    let tier_level = if warning.state.is_active() { level(warning.tier) } else { 0 };
    let (change, peak) = (change(event.change), level(warning.tier_peak));
    let acknowledged = u8::from(warning.acknowledged.is_some());
    lines.put(format_args!(
        "{head} change={change}i,tier_level={tier_level}i,tier_peak_level={peak}i,\
         acknowledged={acknowledged}i"
    ));
}

/// 0 is no tier.
const fn level(tier: Tier) -> u8 {
    match tier {
        Tier::Blue => 1,
        Tier::Yellow => 2,
        Tier::Orange => 3,
        Tier::Red => 4,
    }
}

const fn change(change: WarningChange) -> u8 {
    match change {
        WarningChange::Raised => 0,
        WarningChange::Escalated => 1,
        WarningChange::Deescalated => 2,
        WarningChange::Updated => 3,
        WarningChange::Returned => 4,
        WarningChange::Reactivated => 5,
        WarningChange::Acknowledged => 6,
        WarningChange::Closed => 7,
        WarningChange::Chattering => 8,
        WarningChange::Latched => 9,
        WarningChange::Commented => 10,
        WarningChange::PassedOn => 11,
        WarningChange::Shelved => 12,
        WarningChange::Suppressed => 13,
        WarningChange::TakenOut => 14,
        WarningChange::Reannounced => 15,
        WarningChange::Reset => 16,
        WarningChange::Ended => 17,
        WarningChange::Cancelled => 18,
    }
}

const fn kind(kind: AlarmKind) -> &'static str {
    match kind {
        AlarmKind::Gas => "gas",
        AlarmKind::NoData => "no-data",
        AlarmKind::Stuck => "stuck",
        AlarmKind::Jump => "jump",
        AlarmKind::OutOfRange => "out-of-range",
        AlarmKind::Message => "message",
    }
}
