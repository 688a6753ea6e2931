//! Our words for lives of warnings to the API's: one function per thing, no decisions.

use siskin_api::contract::{
    EquipmentEventView, EquipmentView, FloodEventView, HoldView, PassingView, WarningChangeView,
    WarningStateView,
};
use siskin_model::{
    Equipment, EquipmentEvent, FloodChange, FloodEvent, Hold, Passing, Timestamp, Warning,
    WarningChange, WarningState,
};

use super::{MINUTE_MS, calls};
use crate::station::views::{alarm, tier};

pub(crate) fn state(state: WarningState) -> WarningStateView {
    match state {
        WarningState::Normal => WarningStateView::Normal,
        WarningState::ActiveUnacknowledged => WarningStateView::ActiveUnacknowledged,
        WarningState::ActiveAcknowledged => WarningStateView::ActiveAcknowledged,
        WarningState::ReturnedUnacknowledged => WarningStateView::ReturnedUnacknowledged,
        WarningState::LatchedUnacknowledged => WarningStateView::LatchedUnacknowledged,
        WarningState::LatchedAcknowledged => WarningStateView::LatchedAcknowledged,
        WarningState::Shelved => WarningStateView::Shelved,
        WarningState::Suppressed => WarningStateView::Suppressed,
        WarningState::OutOfService => WarningStateView::OutOfService,
    }
}

pub(crate) fn change(change: WarningChange) -> WarningChangeView {
    match change {
        WarningChange::Raised => WarningChangeView::Raised,
        WarningChange::Escalated => WarningChangeView::Escalated,
        WarningChange::Deescalated => WarningChangeView::Deescalated,
        WarningChange::Updated => WarningChangeView::Updated,
        WarningChange::Returned => WarningChangeView::Returned,
        WarningChange::Reactivated => WarningChangeView::Reactivated,
        WarningChange::Acknowledged => WarningChangeView::Acknowledged,
        WarningChange::Closed => WarningChangeView::Closed,
        WarningChange::Chattering => WarningChangeView::Chattering,
        WarningChange::Latched => WarningChangeView::Latched,
        WarningChange::Commented => WarningChangeView::Commented,
        WarningChange::PassedOn => WarningChangeView::PassedOn,
        WarningChange::Shelved => WarningChangeView::Shelved,
        WarningChange::Suppressed => WarningChangeView::Suppressed,
        WarningChange::TakenOut => WarningChangeView::TakenOut,
        WarningChange::Reannounced => WarningChangeView::Reannounced,
        WarningChange::Reset => WarningChangeView::Reset,
        WarningChange::Ended => WarningChangeView::Ended,
        WarningChange::Cancelled => WarningChangeView::Cancelled,
    }
}

/// `now` says how much time is left; none: nothing is said of it.
pub(crate) fn hold(hold: &Hold, now: Option<Timestamp>, offset_s: i32) -> HoldView {
    let ended = hold.ended.as_ref();
    let left_ms = now.map_or(0, |now| hold.until.as_millis() - now.as_millis());
    HoldView {
        id: hold.id.clone(),
        kind: hold.kind.as_str().to_owned(),
        subject: hold.subject.to_string(),
        tier: hold.tier.map(tier),
        by: hold.by.clone(),
        confirmed_by: hold.confirmed_by.clone(),
        reason: hold.reason.clone(),
        work_order: hold.work_order.clone(),
        owner: hold.owner.clone(),
        begun_at: hold.begun_at.rfc3339(offset_s),
        until: hold.until.rfc3339(offset_s),
        until_ms: hold.until.as_millis(),
        left_ms: if ended.is_some() { 0 } else { left_ms.max(0) },
        shelf_minutes: hold.shelf_ms.map(|shelf_ms| shelf_ms / MINUTE_MS),
        ended_at: ended.map(|ended| ended.at.rfc3339(offset_s)),
        ended_how: ended.map(|ended| ended.how.as_str().to_owned()),
        ended_by: ended.and_then(|ended| ended.by.clone()),
    }
}

pub(crate) fn passing(passing: &Passing, offset_s: i32) -> PassingView {
    let next = passing.next.as_ref();
    PassingView {
        told: passing.told.clone(),
        next_to: next.map(|next| next.to.clone()),
        next_at: next.map(|next| next.due_at.rfc3339(offset_s)),
        next_at_ms: next.map(|next| next.due_at.as_millis()),
        calls: passing.calls.iter().map(|one| calls::view(one, offset_s)).collect(),
    }
}

/// When the tier falls if nothing of it comes back; none while an alarm of it is active.
pub(crate) fn falls_at(warning: &Warning) -> Option<Timestamp> {
    let is_active = warning.alarms.iter().any(|alarm| alarm.tier == Some(warning.tier));
    let held = warning.held.iter().find(|held| held.tier == warning.tier);
    held.filter(|_| !is_active && !warning.alarms.is_empty()).map(|held| held.until)
}

pub(crate) fn equipment(one: &Equipment, offset_s: i32) -> EquipmentView {
    let act = one.acknowledged.as_ref();
    EquipmentView {
        alarm: alarm(&one.alarm, offset_s),
        state: state(one.state),
        is_active: one.is_active,
        changed_at: one.changed_at.rfc3339(offset_s),
        acknowledged_by: act.map(|act| act.by.clone()),
        acknowledged_at: act.map(|act| act.at.rfc3339(offset_s)),
        acknowledged_note: act.map(|act| act.note.clone()),
        shelf: one.shelf.as_ref().map(|shelf| hold(shelf, None, offset_s)),
    }
}

pub(crate) fn equipment_event(
    seq: u64,
    event: &EquipmentEvent,
    offset_s: i32,
) -> EquipmentEventView {
    EquipmentEventView {
        seq,
        change: change(event.change),
        at: event.at.rfc3339(offset_s),
        equipment: equipment(&event.equipment, offset_s),
        by: event.said.as_ref().map(|said| said.by.clone()),
        note: event.said.as_ref().map(|said| said.note.clone()),
    }
}

pub(crate) fn flood_event(seq: u64, event: &FloodEvent, offset_s: i32) -> FloodEventView {
    let change = match event.change {
        FloodChange::Began => "began",
        FloodChange::Ended => "ended",
    };
    FloodEventView {
        seq,
        change: change.to_owned(),
        position: event.desk.clone(),
        at: event.at.rfc3339(offset_s),
        begun_at: event.begun_at.rfc3339(offset_s),
        calls: event.calls,
    }
}
