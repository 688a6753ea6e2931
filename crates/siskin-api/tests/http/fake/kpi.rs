//! Figures of the fake: they say what was asked.

use siskin_api::{
    BackendError, Kpi, KpiFault, KpiFigureView, KpiPositionView, KpiResponseView, KpiSourceView,
    KpiTargetView, KpisView, TextView,
};
use siskin_model::Timestamp;

use super::{AT, Fake};

/// A position with something in each part that a table quotes or leaves empty.
fn position(id: Option<&str>) -> KpiPositionView {
    let name = || TextView { zh: "每小时".to_owned(), en: "per hour".to_owned() };
    KpiPositionView {
        position: id.map(str::to_owned),
        name: None,
        figures: vec![KpiFigureView {
            measure: "per-hour".to_owned(),
            name: name(),
            value: Some(6.5),
            unit: "count".to_owned(),
            standing: "manageable".to_owned(),
            is_met: Some(false),
            target: Some(KpiTargetView {
                limit: "at-most".to_owned(),
                acceptable: 6.0,
                manageable: Some(12.0),
                source: "ISA-18.2, second-hand".to_owned(),
                verified: false,
            }),
        }],
        calls: 13,
        tiers: Vec::new(),
        periods: Vec::new(),
        frequent: Vec::new(),
        chattering: Vec::new(),
        fleeting: Vec::new(),
        stale: vec![KpiSourceView { source: "silent@a".to_owned(), calls: 1 }],
        floods: Vec::new(),
        response: KpiResponseView::default(),
    }
}

impl Kpi for Fake {
    fn kpis(
        &self,
        from: Timestamp,
        to: Timestamp,
        asked: Option<&str>,
    ) -> Result<KpisView, BackendError> {
        if let Some(id) = asked.filter(|id| *id != "control-room") {
            return Err(KpiFault::PositionNotFound(id.to_owned()).into());
        }
        Ok(KpisView {
            from: AT.to_owned(),
            to: AT.to_owned(),
            from_ms: from.as_millis(),
            to_ms: to.as_millis(),
            is_short: true,
            drill_events: 2,
            positions: vec![position(Some("control-room"))],
            site: asked.is_none().then(|| position(None)),
        })
    }
}
