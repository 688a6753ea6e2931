//! Hand-overs: what the station adds, and that two persons make one.

use std::collections::BTreeSet;

use siskin_api::backend::BackendError;
use siskin_api::contract::{
    ActCountView, HandOverHoldView, HandOverRequest, HandOverSummaryView, HandOverView,
    HandOverWarningView,
};
use siskin_api::duty::DutyFault;
use siskin_config::Settings;
use siskin_model::duty::{self, HandOver, HandOverEnd, relief_at};
use siskin_model::{
    DutyRoleId, Equipment, Hold, HoldKind, PositionId, Timestamp, Warning, WarningState, Who,
};
use siskin_store::ledger::{KeptHandOver, Written};

use super::super::backend::unavailable;
use super::super::drills::ShownDrill;
use super::super::listed::Listed;
use super::super::live::Live;
use super::super::views::tier;
use super::Desk;

/// The most warnings that stand by name in a summary.
const WARNINGS_MAX: usize = 100;
/// How far back the acts of a shift reach where the roster does not say when it began.
const SHIFT_MS: i64 = 24 * 3_600_000;

/// How the station is, as its page shows it.
pub(super) fn shown(live: &Live, settings: &Settings) -> HandOverSummaryView {
    let shown = live.shown();
    let mut open: Vec<_> = shown.warnings.iter().collect();
    open.sort_by(|a, b| (b.tier, a.raised_at).cmp(&(a.tier, b.raised_at)));
    let warnings = open.iter().take(WARNINGS_MAX).map(|warning| HandOverWarningView {
        id: warning.id.to_string(),
        tier: tier(warning.tier),
        acknowledged_by: warning.acknowledged.as_ref().map(|act| act.by.clone()),
    });
    let channels = settings.site.channels.iter().zip(&shown.latest);
    let silent = channels.filter(|(_, latest)| latest.no_data);
    HandOverSummaryView {
        warnings: warnings.collect(),
        warnings_open: shown.warnings.len(),
        without_data: silent.map(|(channel, _)| channel.id.to_string()).collect(),
        shelved: Some(subjects(&shown.holds, HoldKind::Shelf)),
        out_of_service: Some(subjects(&shown.holds, HoldKind::OutOfService)),
        holds: holds(&shown.holds, settings.site.utc_offset_s),
        suppressed: suppressed(&shown.warnings, &shown.equipment),
        drills: drills(shown.drill.as_ref()),
        ..HandOverSummaryView::default()
    }
}

fn subjects(holds: &[Hold], kind: HoldKind) -> Vec<String> {
    let of_kind = holds.iter().filter(|hold| hold.kind == kind);
    of_kind.take(WARNINGS_MAX).map(|hold| hold.subject.to_string()).collect()
}

fn holds(holds: &[Hold], offset_s: i32) -> Vec<HandOverHoldView> {
    let mut sorted: Vec<&Hold> = holds.iter().collect();
    sorted.sort_by_key(|hold| hold.until);
    let view = |hold: &Hold| HandOverHoldView {
        kind: hold.kind.as_str().to_owned(),
        subject: hold.subject.to_string(),
        by: hold.by.clone(),
        reason: hold.reason.clone(),
        until: hold.until.rfc3339(offset_s),
    };
    sorted.into_iter().take(WARNINGS_MAX).map(view).collect()
}

fn suppressed(warnings: &Listed<Warning>, equipment: &Listed<Equipment>) -> Vec<String> {
    let is = |state: WarningState| state == WarningState::Suppressed;
    let warnings = warnings.iter().filter(|one| is(one.state)).map(|one| one.id.to_string());
    let equipment = equipment.iter().filter(|one| is(one.state));
    let equipment = equipment.map(|one| format!("{}.{}", one.alarm.rule, one.alarm.channel));
    warnings.chain(equipment).take(WARNINGS_MAX).collect()
}

/// The drill that has open warnings.
fn drills(drill: Option<&ShownDrill>) -> Vec<String> {
    let open = drill.into_iter().flat_map(|drill| &drill.warnings);
    let found: BTreeSet<_> = open.filter_map(|warning| warning.exercise).collect();
    found.into_iter().map(|drill| format!("drill-{}", drill.0)).collect()
}

impl Desk<'_> {
    pub(super) fn handovers(&self, limit: usize) -> Result<Vec<HandOverView>, BackendError> {
        let since = Timestamp::from_millis(i64::MIN);
        let found = self.ledger.handovers(since, limit).map_err(|e| unavailable(&e))?;
        Ok(found.iter().map(|kept| self.handover_view(kept)).collect())
    }

    pub(super) fn begin_handover(
        &self,
        who: &Who,
        request: &HandOverRequest,
        summary: HandOverSummaryView,
    ) -> Result<HandOverView, BackendError> {
        let desk = desk(request)?;
        self.is_theirs(who, desk.position.as_ref())?;
        let (from, to) =
            (self.now.plus_ms(-duty::handover::LOOK_BACK_MS), self.now.plus_ms(SHIFT_MS));
        let roster = self.roster(from, to)?;
        let begun = roster.running(&desk, self.now).first().map(|shift| shift.from);
        let since = begun.unwrap_or(self.now.plus_ms(-SHIFT_MS));
        let acts = self.ledger.acts_since(since).map_err(|e| unavailable(&e))?;
        let acts = acts.into_iter().map(|(act, count)| ActCountView { act, count }).collect();
        let summary = HandOverSummaryView { acts, ..summary };
        let mut kept = KeptHandOver {
            handover: HandOver {
                number: 0,
                relief_at: relief_at(&roster, &desk, self.now),
                desk,
                begun_at: self.now,
                begun_by: who.name.clone(),
                note: request.note.clone(),
                acknowledged: None,
            },
            summary: serde_json::to_value(&summary).unwrap_or_default(),
        };
        let about = kept.handover.desk.to_string();
        let body = serde_json::json!({ "note": request.note, "summary": kept.summary });
        let entry = self.entry(who, "handover.begin", &about, body);
        kept.handover.number =
            self.ledger.begin_handover(&kept, &entry).map_err(|e| unavailable(&e))?;
        Ok(self.handover_view(&kept))
    }

    pub(super) fn acknowledge_handover(
        &self,
        who: &Who,
        number: u64,
        note: &str,
    ) -> Result<HandOverView, BackendError> {
        let read = || {
            let kept = self.ledger.handover(number).map_err(|e| unavailable(&e))?;
            kept.ok_or_else(|| BackendError::from(DutyFault::HandOverNotFound(number.to_string())))
        };
        let done = |kept: KeptHandOver| {
            let by = kept.handover.acknowledged.map(|end| end.by);
            by.map(|by| BackendError::from(DutyFault::HandOverDone { by }))
        };
        let kept = read()?;
        self.is_theirs(who, kept.handover.desk.position.as_ref())?;
        if kept.handover.begun_by == who.name {
            return Err(DutyFault::SamePerson { by: who.name.clone() }.into());
        }
        if let Some(fault) = done(kept) {
            return Err(fault);
        }
        let end = HandOverEnd { at: self.now, by: who.name.clone(), note: note.to_owned() };
        let body = serde_json::json!({ "note": note });
        let entry = self.entry(who, "handover.acknowledge", &number.to_string(), body);
        match self.ledger.end_handover(number, &end, &entry).map_err(|e| unavailable(&e))? {
            Written::Yes => Ok(self.handover_view(&read()?)),
            Written::Changed => Err(done(read()?).unwrap_or(DutyFault::ChangedMeanwhile.into())),
        }
    }

    fn handover_view(&self, kept: &KeptHandOver) -> HandOverView {
        let handover = kept.handover.clone();
        let moment = |at: Timestamp| at.rfc3339(self.offset_s());
        let end = handover.acknowledged.as_ref();
        HandOverView {
            number: handover.number,
            role: handover.desk.role.to_string(),
            position: handover.desk.position.as_ref().map(ToString::to_string),
            relief_at: moment(handover.relief_at),
            begun_at: moment(handover.begun_at),
            acknowledged_by: end.map(|end| end.by.clone()),
            acknowledged_at: end.map(|end| moment(end.at)),
            acknowledged_note: end.map(|end| end.note.clone()),
            begun_by: handover.begun_by,
            note: handover.note,
            // Fields are only ever added to it, each with a default.
            summary: serde_json::from_value(kept.summary.clone()).unwrap_or_default(),
        }
    }
}

fn desk(request: &HandOverRequest) -> Result<duty::Desk, BackendError> {
    let refused = |name: &str| DutyFault::DeskName(name.to_owned());
    let position = request.position.as_deref();
    Ok(duty::Desk {
        role: DutyRoleId::new(&request.role).map_err(|_| refused(&request.role))?,
        position: position
            .map(|position| PositionId::new(position).map_err(|_| refused(position)))
            .transpose()?,
    })
}
