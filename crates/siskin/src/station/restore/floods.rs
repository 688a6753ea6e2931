//! The floods of the desks as they were before the process ended.
//!
//! A flood that was told to have begun goes on, and its end is told once; calls of the last window
//! count wherever their warnings are by now. Must never tell anything itself.

use siskin_engine::life::flood::{ABOVE, Flood, Flooded, WINDOW_MS};
use siskin_model::LifePolicy;
use siskin_store::ledger::Call;
use siskin_store::{Ledger, StoreError};

/// One for each desk, in the order of the policy.
pub(super) fn floods(policy: &LifePolicy, ledger: &Ledger) -> Result<Vec<Flood>, StoreError> {
    let calls = ledger.calls_of_last(WINDOW_MS)?;
    let told = ledger.floods_on()?;
    let mut floods = Vec::with_capacity(policy.desks.len());
    for (place, desk) in policy.desks.iter().enumerate() {
        let on = match told.iter().find(|one| one.begun.desk == desk.id) {
            None => None,
            Some(one) => {
                let since = ledger.calls_after(one.seq)?.into_iter();
                let own = since.filter(|(area, _)| policy.desk_of(area) == Some(place));
                // The calls of the step that began it have lower numbers.
                let calls = one.begun.calls + own.map(|(_, count)| count).sum::<u64>();
                Some(Flooded { begun_at: one.begun.begun_at, calls })
            }
        };
        let own = calls.iter().filter(|call| policy.desk_of(&call.area) == Some(place));
        let mut own: Vec<&Call> = own.take(ABOVE + 1).collect();
        own.reverse();
        floods.push(Flood::resumed(own.iter().map(|call| call.at.as_millis()), on));
    }
    Ok(floods)
}

#[cfg(test)]
mod tests {
    use siskin_model::life::Desk;
    use siskin_model::{
        AreaId, ChannelId, FloodChange, FloodEvent, GasId, Text, Tier, Timestamp, Warning,
        WarningChange, WarningEvent,
    };
    use siskin_store::Step;

    use super::*;

    fn policy() -> LifePolicy {
        let name = Text { zh: "岗位".to_owned(), en: "desk".to_owned() };
        let areas = |id: &str| vec![AreaId::new(id).unwrap()];
        let desk = |id: &str| Desk { id: id.to_owned(), name: name.clone(), areas: areas(id) };
        LifePolicy { desks: vec![desk("north"), desk("south")], ..LifePolicy::default() }
    }

    /// A warning that was called to and is over by now.
    fn call(area: &str, s: i64) -> WarningEvent {
        let at = Timestamp::from_millis(s * 1000);
        let (area, gas) = (AreaId::new(area).unwrap(), GasId::new("chlorine").unwrap());
        let warning = Warning {
            channels: vec![ChannelId::new("a").unwrap()],
            announced_at: Some(at),
            ..Warning::begun(&area, &gas, Tier::Red, at)
        };
        WarningEvent { change: WarningChange::Raised, at, warning, said: None }
    }

    fn flood(change: FloodChange, s: i64) -> FloodEvent {
        let at = Timestamp::from_millis(s * 1000);
        FloodEvent { change, desk: "north".to_owned(), at, begun_at: at, calls: 11 }
    }

    fn commit(ledger: &Ledger, s: i64, areas: &[&str], floods: Vec<FloodEvent>) {
        let step = Step {
            series_seq: 0,
            recorded_at: Timestamp::from_millis(s * 1000),
            alarms: Vec::new(),
            warnings: areas.iter().map(|area| call(area, s)).collect(),
            corrections: Vec::new(),
            equipment: Vec::new(),
            holds: Vec::new(),
            floods,
            messages: Vec::new(),
            late: Vec::new(),
            audit: Vec::new(),
            pulse: None,
        };
        ledger.commit(&step).unwrap();
    }

    #[test]
    fn a_flood_that_is_on_at_a_restart_goes_on_and_ends_once() {
        let dir = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(dir.path()).unwrap();
        for s in 0..10 {
            commit(&ledger, s, &["north", "south"][..=usize::from(s < 3)], Vec::new());
        }
        commit(&ledger, 10, &["north"], vec![flood(FloodChange::Began, 10)]);
        commit(&ledger, 11, &["north", "south"], Vec::new());
        let mut found = floods(&policy(), &ledger).unwrap();
        let (north, south) = found.split_at_mut(1);
        assert_eq!(north[0].on().map(|on| on.calls), Some(12));
        assert_eq!(north[0].call(12_000), None, "it is not told twice");
        assert_eq!(north[0].look(12_000), None);
        assert_eq!(north[0].look(610_000).map(|on| on.calls), Some(13));
        assert_eq!((south[0].on(), south[0].look(12_000)), (None, None));
        let begun: Vec<_> = (12..20).filter_map(|s| south[0].call(s * 1000)).collect();
        assert_eq!(begun.len(), 1, "four calls before the restart and seven after it");
    }

    #[test]
    fn a_flood_that_ended_does_not_come_back() {
        let dir = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(dir.path()).unwrap();
        commit(&ledger, 10, &["north"], vec![flood(FloodChange::Began, 10)]);
        commit(&ledger, 900, &["north"], vec![flood(FloodChange::Ended, 900)]);
        let found = floods(&policy(), &ledger).unwrap();
        assert_eq!(found[0], Flood::resumed([900_000], None), "older calls are forgotten");
    }
}
