//! The fake's drills: number 1 runs, number 2 is over, and a site with one area.

use siskin_api::{
    BackendError, DrillEndView, DrillFault, DrillPersonView, DrillReportView, DrillRequest,
    DrillRungView, DrillStepView, DrillView, DrillWarningView, Drills, DrillsView, TierView,
    WarningChangeView, WarningStateView,
};
use siskin_model::Who;

use super::Fake;

fn drill(number: u64, by: &str) -> DrillView {
    let ended =
        DrillEndView { at_ms: 9_000, reason: "preempted".into(), by: None, note: "w".into() };
    DrillView {
        number,
        state: if number == 1 { "running" } else { "ended" }.to_owned(),
        area: "tank-farm".to_owned(),
        gas: "chlorine".to_owned(),
        peak: 20.0,
        unit: "ppm".to_owned(),
        rise_ms: 1_000,
        hold_ms: 2_000,
        decay_ms: 3_500,
        channels: Vec::new(),
        release_at_ms: 2_000,
        begun_at_ms: 1_000,
        ends_at_ms: 99_000,
        begun_by: by.to_owned(),
        note: "季度 | 演练".to_owned(),
        ended: (number != 1).then_some(ended),
    }
}

/// As the live stream tells it.
pub(super) fn event() -> DrillView {
    drill(1, "li")
}

fn known(number: u64) -> Result<DrillView, BackendError> {
    if number > 2 {
        return Err(DrillFault::NotFound(number.to_string()).into());
    }
    Ok(drill(number, "li"))
}

fn warning() -> DrillWarningView {
    let step = |change, after_ms, by: Option<&str>, to: Option<&str>| DrillStepView {
        change,
        at_ms: after_ms,
        told_at_ms: after_ms,
        after_ms,
        tier: TierView::Red,
        by: by.map(str::to_owned),
        note: by.map(|_| "看见".to_owned()),
        to: to.map(str::to_owned),
    };
    DrillWarningView {
        id: "drill-2.tank-farm.chlorine.20260101T000000.000Z".to_owned(),
        area: "tank-farm".to_owned(),
        gas: "chlorine".to_owned(),
        tier_peak: TierView::Red,
        state: WarningStateView::Normal,
        raised_at_ms: 2_500,
        raised_after_ms: 500,
        acknowledged_by: Some("li".to_owned()),
        acknowledged_after_ms: Some(61_250),
        steps: vec![
            step(WarningChangeView::Raised, 0, None, None),
            step(WarningChangeView::PassedOn, 60_000, None, Some("leader")),
            step(WarningChangeView::Acknowledged, 61_250, Some("li"), None),
        ],
        ladder: vec![DrillRungView {
            tier: TierView::Red,
            to: "leader".to_owned(),
            due_ms: 60_000,
            called_ms: Some(60_100),
        }],
    }
}

impl Drills for Fake {
    fn drills(&self) -> Result<DrillsView, BackendError> {
        Ok(DrillsView {
            running: Some(drill(1, "li")),
            drills: vec![drill(2, "li"), drill(1, "li")],
        })
    }

    fn drill(&self, number: u64) -> Result<DrillView, BackendError> {
        known(number)
    }

    fn begin_drill(&self, who: &Who, request: &DrillRequest) -> Result<DrillView, BackendError> {
        match request.area.as_str() {
            "tank-farm" => Ok(drill(1, &who.name)),
            "jetty" => Err(DrillFault::RealWarning("jetty.chlorine.x".to_owned()).into()),
            "busy" => Err(DrillFault::Runs(1).into()),
            _ => {
                Err(DrillFault::Unfit { en: "no area".to_owned(), zh: "没有区域".to_owned() }
                    .into())
            }
        }
    }

    fn end_drill(&self, who: &Who, number: u64, note: &str) -> Result<DrillView, BackendError> {
        if known(number)?.ended.is_some() {
            return Err(DrillFault::Over(number).into());
        }
        let (by, reason) = (Some(who.name.clone()), "by-hand".to_owned());
        let ended = Some(DrillEndView { at_ms: 5, reason, by, note: note.to_owned() });
        Ok(DrillView { ended, ..drill(number, "li") })
    }

    fn drill_report(&self, number: u64) -> Result<DrillReportView, BackendError> {
        let person = DrillPersonView {
            person: "li".to_owned(),
            acts: 3,
            acknowledged: 1,
            half_ms: Some(61_250),
            nine_tenths_ms: Some(61_250),
            longest_ms: None,
        };
        let warnings = if number == 2 { vec![warning()] } else { Vec::new() };
        Ok(DrillReportView { drill: known(number)?, warnings, people: vec![person] })
    }
}
