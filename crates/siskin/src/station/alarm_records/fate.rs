//! What became of an alarm of the record: the state of the warning that it fed, or of the alarm
//! about equipment that it is.
//!
//! The ledger does not say which warning an alarm fed; it follows from area, gas and time, because
//! an area has one open warning of a gas at a time. Must never say of an active alarm that it is
//! over: one whose warning is not found counts as waiting.

use std::collections::HashMap;

use siskin_model::site::Channel;
use siskin_model::{
    Acknowledgement, AlarmKind, AreaId, ChannelId, Equipment, GasId, RuleId, Timestamp, WarningId,
    WarningState,
};
use siskin_store::ledger::{AlarmRow, WarningSpan};
use siskin_store::{Ledger, StoreError};

/// What became of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fate {
    pub(super) state: WarningState,
    pub(super) warning: Option<WarningId>,
    /// Given after the alarm had begun.
    pub(super) acknowledged: Option<Acknowledgement>,
}

/// Looks fates up; what was looked up for one row serves the next.
pub(super) struct Fates<'a> {
    ledger: &'a Ledger,
    /// The last warning of an area and gas that was looked up, and for which moment.
    warnings: HashMap<(AreaId, GasId), (Timestamp, Option<WarningSpan>)>,
    equipment: HashMap<(RuleId, ChannelId), Option<Equipment>>,
}

impl<'a> Fates<'a> {
    pub(super) fn new(ledger: &'a Ledger) -> Self {
        Self { ledger, warnings: HashMap::new(), equipment: HashMap::new() }
    }

    /// What became of the row's alarm, which is on `channel` where the site still has it.
    pub(super) fn of(
        &mut self,
        row: &AlarmRow,
        channel: Option<&Channel>,
    ) -> Result<Fate, StoreError> {
        if row.alarm.kind != AlarmKind::Gas {
            return self.of_equipment(row);
        }
        let place = channel.and_then(|one| Some((one.area.clone(), one.quantity.gas()?.clone())));
        let Some(place) = place else { return Ok(of_warning(row, None)) };
        let since = row.alarm.since;
        if let Some(before) = self.before(&place, since)?.filter(|one| is_of(one, since)) {
            return Ok(of_warning(row, Some(before)));
        }
        // A warning that began a moment after one of its alarms: a slower device joined it later.
        let after = self.ledger.warning_after(&place.0, &place.1, since)?;
        let joined = |one: &WarningSpan| row.cleared_at.is_none_or(|end| one.raised_at <= end);
        Ok(of_warning(row, after.filter(joined)))
    }

    fn before(
        &mut self,
        place: &(AreaId, GasId),
        since: Timestamp,
    ) -> Result<Option<WarningSpan>, StoreError> {
        if let Some((asked, found)) = self.warnings.get(place) {
            // Rows come newest first: between the found begin and the moment that was asked for
            // no other warning began.
            if since <= *asked && found.as_ref().is_none_or(|one| one.raised_at <= since) {
                return Ok(found.clone());
            }
        }
        let found = self.ledger.warning_before(&place.0, &place.1, since)?;
        self.warnings.insert(place.clone(), (since, found.clone()));
        Ok(found)
    }

    fn of_equipment(&mut self, row: &AlarmRow) -> Result<Fate, StoreError> {
        let key = (row.alarm.rule.clone(), row.alarm.channel.clone());
        if !self.equipment.contains_key(&key) {
            // Rules over a whole analyzer have channels that the site may not know any more: the
            // ledger is asked whatever the site says.
            let found = self.ledger.equipment_of(&key.0, &key.1)?;
            self.equipment.insert(key.clone(), found);
        }
        let one = self.equipment.get(&key).and_then(Option::as_ref);
        let same = one.filter(|one| one.alarm.since == row.alarm.since);
        let acknowledged = same.and_then(|one| one.acknowledged.clone());
        let acknowledged = acknowledged.filter(|act| act.at >= row.alarm.since);
        let state = same.map_or_else(|| unknown(row), |one| one.state);
        Ok(Fate { state, warning: None, acknowledged })
    }
}

/// Nothing is known of it but whether it is active.
fn unknown(row: &AlarmRow) -> WarningState {
    match row.cleared_at {
        None => WarningState::ActiveUnacknowledged,
        Some(_) => WarningState::Normal,
    }
}

/// Whether a warning that had begun was not over at `since`.
fn is_of(warning: &WarningSpan, since: Timestamp) -> bool {
    warning.state.is_open() || warning.changed_at >= since
}

fn of_warning(row: &AlarmRow, fed: Option<WarningSpan>) -> Fate {
    let since = row.alarm.since;
    let Some(warning) = fed else {
        return Fate { state: unknown(row), warning: None, acknowledged: None };
    };
    let acknowledged = warning.acknowledged.filter(|act| act.at >= since);
    let state = state_of(row, warning.state, acknowledged.is_some());
    Fate { state, warning: Some(warning.id), acknowledged }
}

/// The state of one alarm of a warning in `state`.
fn state_of(row: &AlarmRow, state: WarningState, is_acknowledged: bool) -> WarningState {
    use WarningState::{ActiveAcknowledged, ActiveUnacknowledged, Normal, ReturnedUnacknowledged};
    match (row.cleared_at, state) {
        // The view and the warning are of one transaction; an alarm that is active is not over.
        (None, Normal | ReturnedUnacknowledged) => ActiveUnacknowledged,
        // The warning goes on with other alarms: of this one, what is owed counts.
        (Some(_), ActiveUnacknowledged) if !is_acknowledged => ReturnedUnacknowledged,
        (Some(_), ActiveUnacknowledged | ActiveAcknowledged) => Normal,
        (_, state) => state,
    }
}

#[cfg(test)]
mod tests {
    use siskin_model::{Alarm, Tier, Unit, Warning, WarningChange, WarningEvent};

    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millis(ms)
    }

    fn row(since_ms: i64, cleared_ms: Option<i64>) -> AlarmRow {
        let alarm = Alarm {
            rule: RuleId::new("high").unwrap(),
            channel: ChannelId::new("a").unwrap(),
            kind: AlarmKind::Gas,
            tier: None,
            since: at(since_ms),
            value: None,
            limit: None,
            unit: Unit::Ppm,
            forecast: None,
        };
        AlarmRow { alarm, cleared_at: cleared_ms.map(at) }
    }

    fn warning(raised_ms: i64, changed_ms: i64, state: WarningState, acked: i64) -> WarningSpan {
        let (area, gas) = (AreaId::new("yard").unwrap(), GasId::new("chlorine").unwrap());
        let act = Acknowledgement {
            by: "王芳".to_owned(),
            note: String::new(),
            reason: String::new(),
            at: at(acked),
        };
        WarningSpan {
            id: WarningId::of(&area, &gas, at(raised_ms)),
            state,
            raised_at: at(raised_ms),
            changed_at: at(changed_ms),
            acknowledged: (acked > 0).then_some(act),
        }
    }

    #[track_caller]
    fn check(row: &AlarmRow, fed: Option<WarningSpan>, expected: (WarningState, bool)) {
        let fate = of_warning(row, fed);
        assert_eq!((fate.state, fate.warning.is_some()), expected, "{fate:?}");
    }

    #[test]
    fn an_alarm_has_the_state_of_its_warning() {
        use WarningState::*;
        let of = |state, acked| Some(warning(10, 50, state, acked));
        let (active, ended) = (row(20, None), row(20, Some(30)));
        check(&active, of(ActiveUnacknowledged, 0), (ActiveUnacknowledged, true));
        check(&active, of(ActiveAcknowledged, 40), (ActiveAcknowledged, true));
        check(&active, of(Shelved, 0), (Shelved, true));
        check(&ended, of(ReturnedUnacknowledged, 0), (ReturnedUnacknowledged, true));
        check(&ended, of(LatchedAcknowledged, 40), (LatchedAcknowledged, true));
        check(&ended, of(OutOfService, 0), (OutOfService, true));
        check(&ended, of(Normal, 40), (Normal, true));
        // The warning goes on without it.
        check(&ended, of(ActiveUnacknowledged, 0), (ReturnedUnacknowledged, true));
        check(&ended, of(ActiveUnacknowledged, 15), (ReturnedUnacknowledged, true));
        check(&ended, of(ActiveUnacknowledged, 40), (Normal, true));
        check(&ended, of(ActiveAcknowledged, 40), (Normal, true));
    }

    #[test]
    fn an_active_alarm_is_never_over() {
        use WarningState::*;
        check(&row(20, None), None, (ActiveUnacknowledged, false));
        check(&row(20, None), Some(warning(1, 25, Normal, 24)), (ActiveUnacknowledged, true));
        check(&row(20, Some(30)), None, (Normal, false));
    }

    #[test]
    fn a_warning_is_of_an_alarm_as_long_as_it_is_open() {
        use WarningState::*;
        assert!(!is_of(&warning(1, 5, Normal, 4), at(20)));
        assert!(is_of(&warning(1, 20, Normal, 19), at(20)));
        assert!(is_of(&warning(1, 5, LatchedAcknowledged, 4), at(20)));
    }

    #[test]
    fn the_warning_is_the_one_that_was_open_then() {
        let dir = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(dir.path()).unwrap();
        let settings = siskin_config::load(&crate::files::demo_park()).unwrap();
        let channel = settings.site.channels.iter().find(|one| one.quantity.gas().is_some());
        let channel = channel.unwrap();
        put(&ledger, channel, 1, 5, WarningState::Normal);
        put(&ledger, channel, 25, 60, WarningState::ActiveUnacknowledged);
        let mut fates = Fates::new(&ledger);
        let mut check = |row: &AlarmRow, expected: Option<i64>| {
            let fate = fates.of(row, Some(channel)).unwrap();
            let gas = channel.quantity.gas().unwrap();
            let id = expected.map(|ms| WarningId::of(&channel.area, gas, at(ms)));
            assert_eq!(fate.warning, id, "{row:?}");
        };
        check(&row(30, None), Some(25));
        // The one before was over, the one after began while the alarm was on.
        check(&row(20, Some(30)), Some(25));
        check(&row(20, Some(24)), None);
        check(&row(3, Some(4)), Some(1));
    }

    fn put(ledger: &Ledger, on: &Channel, raised: i64, changed: i64, state: WarningState) {
        let gas = on.quantity.gas().unwrap();
        let mut warning = Warning::begun(&on.area, gas, Tier::Red, at(raised));
        (warning.state, warning.changed_at) = (state, at(changed));
        let change = WarningChange::Raised;
        let event = WarningEvent { change, at: at(raised), warning, said: None };
        let step = super::super::tests::step(Vec::new(), vec![event], raised);
        ledger.commit(&step).unwrap();
    }
}
