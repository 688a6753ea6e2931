//! The fake's site: two areas, and what stands in the first.

use siskin_api::{
    AnalyzerHealthView, AnalyzerView, AreaView, ChannelView, EdgeAlarmView, PositionView, TextView,
};

use super::people::AREA;
use super::{AT, CHANNEL, WARNING};

const ANALYZER: &str = "at-101";

fn name() -> TextView {
    TextView { zh: "名称".to_owned(), en: "name".to_owned() }
}

pub(super) fn areas() -> Vec<AreaView> {
    let area = |id: &str| AreaView {
        id: id.to_owned(),
        name: name(),
        kind: "unit".to_owned(),
        outline: Vec::new(),
    };
    vec![area(AREA), area("jetty")]
}

pub(super) fn analyzer() -> AnalyzerView {
    AnalyzerView {
        id: ANALYZER.to_owned(),
        name: name(),
        area: AREA.to_owned(),
        position: PositionView { x_m: 0.0, y_m: 0.0 },
        height_m: 1.0,
        profile: "acme".to_owned(),
        protocol: "modbus-tcp".to_owned(),
        poll_ms: 1000,
    }
}

pub(super) fn channel() -> ChannelView {
    ChannelView {
        id: CHANNEL.to_owned(),
        analyzer: ANALYZER.to_owned(),
        area: AREA.to_owned(),
        quantity: "chlorine".to_owned(),
        is_gas: true,
        unit: "ppm".to_owned(),
        range_low: 0.0,
        range_high: 10.0,
        resolution: 0.1,
        rules: Vec::new(),
    }
}

pub(super) fn analyzer_health() -> AnalyzerHealthView {
    AnalyzerHealthView {
        analyzer: ANALYZER.to_owned(),
        link: "online".to_owned(),
        since: AT.to_owned(),
        last_ok_at: None,
        last_error: None,
        last_error_zh: None,
        exchanges_ok: 0,
        exchanges_failed: 0,
        connects: 0,
        refused: 0,
        polls_late: 0,
    }
}

pub(super) fn edge_alarm() -> EdgeAlarmView {
    EdgeAlarmView {
        warning: WARNING.to_owned(),
        channel: CHANNEL.to_owned(),
        rule: "mac".to_owned(),
        since: AT.to_owned(),
    }
}
