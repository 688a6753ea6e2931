//! A small site and short rules for the engine's tests and benchmarks.

use siskin_engine::{Rule, RuleKind};
use siskin_model::site::{Analyzer, Channel, Connection, Position, Quantity, Range};
use siskin_model::{
    AnalyzerId, AreaId, ChannelId, Conditions, GasId, RuleId, Site, Text, Tier, Unit,
};

/// As in a real park: a warning gathers the channels of its area.
const CHANNELS_PER_AREA: u32 = 10;
/// A silence longer than this breaks delays.
pub(crate) const GAP_MS: i64 = 30_000;

/// A site of `channels` chlorine channels called `0`, `1` … ten to an area, 0..1000 ppm in 0.01,
/// whose readings come in order.
#[allow(dead_code, reason = "each test takes its part")]
pub(crate) fn site(channels: u32) -> Site {
    site_reordering(channels, 0)
}

/// As [`site`], for readings that come out of order within a window.
pub(crate) fn site_reordering(channels: u32, reorder_window_ms: u32) -> Site {
    let analyzer = Analyzer {
        id: AnalyzerId::new("analyzer").unwrap(),
        name: Text::new("", ""),
        area: AreaId::new("area-0").unwrap(),
        position: Position { x_m: 0.0, y_m: 0.0 },
        height_m: 0.0,
        profile: String::new(),
        connection: Connection::Mqtt { topic: "test".into() },
        poll_ms: 1000,
        timeout_ms: 1000,
        reorder_window_ms,
        edge: None,
    };
    let channel = |n: u32| Channel {
        id: ChannelId::new(&n.to_string()).unwrap(),
        analyzer: 0,
        area: AreaId::new(&format!("area-{}", n / CHANNELS_PER_AREA)).unwrap(),
        quantity: Quantity::Gas(GasId::new("chlorine").unwrap()),
        unit: Unit::Ppm,
        point: String::new(),
        range: Range { low: 0.0, high: 1000.0 },
        resolution: 0.01,
    };
    Site {
        id: "test".into(),
        name: Text::new("", ""),
        utc_offset_s: 0,
        origin: None,
        conditions: Conditions::REFERENCE,
        tiers: Tier::ALL.to_vec(),
        areas: Vec::new(),
        analyzers: vec![analyzer],
        channels: (0..channels).map(channel).collect(),
        gases: Vec::new(),
        receivers: Vec::new(),
        broker: None,
        hj212: None,
        edges: Vec::new(),
        life: siskin_model::LifePolicy::default(),
    }
}

/// A rule with delays in seconds.
pub(crate) fn rule(id: &str, tier: Option<Tier>, kind: RuleKind, on_s: i64, off_s: i64) -> Rule {
    Rule {
        id: RuleId::new(id).unwrap(),
        name: Text::new(id, id),
        kind,
        tier,
        unit: Unit::Ppm,
        on_delay_ms: on_s * 1000,
        off_delay_ms: off_s * 1000,
        gap_ms: GAP_MS,
        source: "test".into(),
        suppressed_by: None,
    }
}

/// A threshold beyond what any test's channel says.
#[allow(dead_code, reason = "each test takes its part")]
pub(crate) fn never() -> RuleKind {
    RuleKind::Threshold { side: siskin_engine::rule::Side::High, raise_at: 1e6, clear_at: 9e5 }
}
