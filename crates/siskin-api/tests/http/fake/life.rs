//! Acts and holds of the fake: it says what it was asked.

use siskin_api::{
    About, ActDoneView, ActFault, BackendError, EquipmentEventView, EquipmentView, FloodEventView,
    FloodView, HoldScope, HoldView, Life, LifeAct, TextView, WarningChangeView, WarningStateView,
};
use siskin_model::Who;

use super::{AT, BROKEN, CHANNEL, Fake, WARNING, alarm, warning};

/// A hold whose reason says what was asked.
fn hold(kind: &str, by: &str, reason: String) -> HoldView {
    HoldView {
        id: format!("{kind}.{WARNING}"),
        kind: kind.to_owned(),
        subject: WARNING.to_owned(),
        tier: None,
        by: by.to_owned(),
        confirmed_by: None,
        reason,
        work_order: None,
        owner: None,
        begun_at: AT.to_owned(),
        until: AT.to_owned(),
        until_ms: 0,
        left_ms: 0,
        shelf_minutes: None,
        ended_at: None,
        ended_how: None,
        ended_by: None,
    }
}

fn equipment() -> EquipmentView {
    EquipmentView {
        alarm: alarm(),
        state: WarningStateView::ActiveUnacknowledged,
        is_active: true,
        changed_at: AT.to_owned(),
        acknowledged_by: None,
        acknowledged_at: None,
        acknowledged_note: None,
        shelf: None,
    }
}

pub(super) fn equipment_event(seq: u64) -> EquipmentEventView {
    EquipmentEventView {
        seq,
        change: WarningChangeView::Raised,
        at: AT.to_owned(),
        equipment: equipment(),
        by: None,
        note: None,
    }
}

pub(super) fn flood_event(seq: u64) -> FloodEventView {
    FloodEventView {
        seq,
        change: "began".to_owned(),
        position: "control-room".to_owned(),
        at: AT.to_owned(),
        begun_at: AT.to_owned(),
        calls: 11,
    }
}

impl Life for Fake {
    fn act(&self, act: &LifeAct, who: &Who, note: &str) -> Result<ActDoneView, BackendError> {
        match act {
            LifeAct::Acknowledge { about: About::Warning(id), .. }
            | LifeAct::Shelve { about: About::Warning(id), .. }
            | LifeAct::Comment(About::Warning(id))
            | LifeAct::Reset(id)
            | LifeAct::Cancel(id)
            | LifeAct::Escalate { warning: id, .. }
                if id.as_str() != WARNING =>
            {
                return Err(BackendError::WarningNotFound(id.to_string()));
            }
            LifeAct::Confirm(id) if id == "same" => {
                return Err(ActFault::SamePerson(who.name.clone()).into());
            }
            LifeAct::Confirm(id) | LifeAct::Lift(id) if id == BROKEN => {
                return Err(ActFault::Unknown(id.clone()).into());
            }
            LifeAct::Unshelve(_) if note == BROKEN => {
                let state = "active";
                return Err(ActFault::Refused { id: WARNING.to_owned(), state }.into());
            }
            LifeAct::Shelve { for_ms, .. } if *for_ms > 3_600_000 => {
                let asked_min = for_ms / 60_000;
                return Err(ActFault::Length { asked_min, max_min: 60 }.into());
            }
            _ => {}
        }
        Ok(match act {
            LifeAct::Acknowledge { about: About::Warning(_), .. } => {
                let by = (who.name.clone(), note.to_owned());
                ActDoneView { warning: Some(warning(Some(&by))), ..ActDoneView::default() }
            }
            LifeAct::Acknowledge { .. } => {
                ActDoneView { equipment: Some(equipment()), ..ActDoneView::default() }
            }
            other => {
                let hold = Some(hold("shelf", &who.name, format!("{other:?} {note}")));
                ActDoneView { hold, ..ActDoneView::default() }
            }
        })
    }

    fn holds(&self, scope: HoldScope) -> Result<Vec<HoldView>, BackendError> {
        Ok(vec![hold("shelf", "local", format!("{scope:?}"))])
    }

    fn equipment(&self) -> Vec<EquipmentView> {
        vec![equipment()]
    }

    fn floods(&self) -> Vec<FloodView> {
        vec![FloodView {
            position: "control-room".to_owned(),
            name: TextView { zh: "中控室".to_owned(), en: "Control room".to_owned() },
            areas: vec!["tank-farm".to_owned()],
            begun_at: Some(AT.to_owned()),
            calls: 11,
            first_out: vec![WARNING.to_owned(), CHANNEL.to_owned()],
        }]
    }
}
