//! The demo park for tests, as its layout states it: built by hand, so that no file is needed.

use std::sync::Arc;

use siskin_model::site::{Analyzer, Broker, Channel, Connection, Position, Quantity, Range, Site};
use siskin_model::{AnalyzerId, AreaId, ChannelId, Conditions, Gas, GasId, Text, Tier, Unit};

use Unit::{Ppb, Ppm};

/// Gas, what its channels end in, molar mass in g/mol.
const GASES: [(&str, &str, f64); 6] = [
    ("chlorine", "cl2", 70.906),
    ("hydrogen-sulfide", "h2s", 34.081),
    ("ammonia", "nh3", 17.031),
    ("carbon-monoxide", "co", 28.010),
    ("sulfur-dioxide", "so2", 64.064),
    ("benzene", "c6h6", 78.114),
];

/// Analyzer, position, area, profile, gas by the end of its channel.
type Row = (&'static str, f64, f64, &'static str, &'static str, &'static str);

const MIDAS: &str = "honeywell-midas";
const XNX: &str = "honeywell-xnx";
const JSON: &str = "siskin-json";

const SINGLE: [Row; 22] = [
    ("at-101", 960.0, 340.0, "chlorine-tank-farm", MIDAS, "cl2"),
    ("at-102", 1040.0, 420.0, "chlorine-tank-farm", MIDAS, "cl2"),
    ("at-103", 960.0, 560.0, "chlor-alkali-unit", MIDAS, "cl2"),
    ("at-104", 1400.0, 420.0, "fence-line-east", MIDAS, "cl2"),
    ("at-105", 640.0, 620.0, "ammonia-synthesis", MIDAS, "nh3"),
    ("at-201", 320.0, 580.0, "coal-gasification", XNX, "co"),
    ("at-202", 430.0, 690.0, "coal-gasification", XNX, "co"),
    ("at-203", 300.0, 350.0, "desulfurization", XNX, "h2s"),
    ("at-204", 420.0, 420.0, "desulfurization", XNX, "h2s"),
    ("at-205", 720.0, 700.0, "ammonia-synthesis", XNX, "nh3"),
    ("at-401", 1000.0, 320.0, "chlorine-tank-farm", JSON, "cl2"),
    ("at-402", 1080.0, 360.0, "chlorine-tank-farm", JSON, "cl2"),
    ("at-403", 1080.0, 660.0, "chlor-alkali-unit", JSON, "cl2"),
    ("at-404", 280.0, 720.0, "coal-gasification", JSON, "co"),
    ("at-405", 600.0, 740.0, "ammonia-synthesis", JSON, "co"),
    ("at-406", 360.0, 330.0, "desulfurization", JSON, "h2s"),
    ("at-407", 470.0, 560.0, "coal-gasification", JSON, "h2s"),
    ("at-408", 780.0, 580.0, "ammonia-synthesis", JSON, "nh3"),
    ("at-409", 460.0, 320.0, "desulfurization", JSON, "so2"),
    ("at-410", 620.0, 350.0, "benzene-hydrogenation", JSON, "c6h6"),
    ("at-411", 740.0, 430.0, "benzene-hydrogenation", JSON, "c6h6"),
    ("at-412", 1540.0, 500.0, "village-east", JSON, "so2"),
];

/// The park.
pub(crate) fn demo_site() -> Arc<Site> {
    park(|_| true)
}

/// The devices of the park that speak Modbus.
pub(crate) fn wired_site() -> Arc<Site> {
    park(|profile| profile != JSON)
}

fn park(has: impl Fn(&str) -> bool) -> Arc<Site> {
    let mut site = Site {
        id: "demo-park".into(),
        name: Text::new("演示园区", "Demo park"),
        utc_offset_s: 8 * 3600,
        origin: None,
        conditions: Conditions::REFERENCE,
        tiers: Tier::ALL.to_vec(),
        areas: Vec::new(),
        analyzers: Vec::new(),
        channels: Vec::new(),
        gases: GASES.iter().map(|(id, _, mass)| gas(id, *mass)).collect(),
        receivers: Vec::new(),
        broker: Some(Broker::plain("127.0.0.1", 1883, "siskin")),
        hj212: None,
        edges: Vec::new(),
        life: siskin_model::LifePolicy::default(),
    };
    let rows = SINGLE.into_iter().filter(|(_, _, _, _, profile, _)| has(profile));
    for (id, x_m, y_m, area, profile, suffix) in rows {
        let channel = gas_channel(id, suffix, Ppm);
        add(&mut site, (id, x_m, y_m, area, profile), vec![channel]);
    }
    let fence = vec![gas_channel("at-301", "so2", Ppb), gas_channel("at-301", "h2s", Ppb)];
    add(&mut site, ("at-301", 1400.0, 600.0, "fence-line-east", "teledyne-t102"), fence);
    add(&mut site, ("ws-001", 700.0, 500.0, "ammonia-synthesis", "vaisala-wxt530"), weather());
    Arc::new(site)
}

fn add(site: &mut Site, device: (&str, f64, f64, &str, &str), channels: Vec<Channel>) {
    let (id, x_m, y_m, area, profile) = device;
    let place = site.analyzers.len();
    let connection = if profile == JSON {
        Connection::Mqtt { topic: format!("park/{id}/reading") }
    } else {
        Connection::ModbusTcp { host: "127.0.0.1".into(), port: 502, unit: 1 }
    };
    site.analyzers.push(Analyzer {
        id: AnalyzerId::new(id).unwrap(),
        name: Text::new(id, id),
        area: AreaId::new(area).unwrap(),
        position: Position { x_m, y_m },
        height_m: if id == "ws-001" { 10.0 } else { 1.5 },
        profile: profile.into(),
        connection,
        poll_ms: 1000,
        reorder_window_ms: 0,
        edge: None,
        timeout_ms: 500,
    });
    let area = AreaId::new(area).unwrap();
    site.channels.extend(channels.into_iter().map(|channel| Channel {
        analyzer: place,
        area: area.clone(),
        ..channel
    }));
}

fn gas(id: &str, molar_mass_g_mol: f64) -> Gas {
    Gas {
        id: GasId::new(id).unwrap(),
        name: Text::new(id, id),
        cas: None,
        formula: id.into(),
        molar_mass_g_mol: Some(molar_mass_g_mol),
        hj_code: None,
        source: "molar mass: sum of standard atomic weights".into(),
        oel: siskin_model::gas::OccupationalLimits::default(),
        hj169: siskin_model::gas::EndPoints::default(),
        acute: siskin_model::gas::Toxicity::default(),
    }
}

fn gas_channel(analyzer: &str, suffix: &str, unit: Unit) -> Channel {
    let (id, _, _) = GASES.iter().find(|(_, end, _)| *end == suffix).unwrap();
    let (high, resolution) = match (suffix, unit) {
        (_, Ppb) => (10_000.0, 1.0),
        ("h2s", _) => (200.0, 0.1),
        ("nh3", _) => (500.0, 0.1),
        ("co", _) => (1000.0, 1.0),
        ("c6h6", _) => (200.0, 0.01),
        _ => (50.0, 0.01),
    };
    let point = if unit == Ppb { suffix } else { "gas" };
    channel(
        (&format!("{analyzer}-{suffix}"), point),
        Quantity::Gas(GasId::new(id).unwrap()),
        unit,
        (0.0, high, resolution),
    )
}

fn channel(
    (id, point): (&str, &str),
    quantity: Quantity,
    unit: Unit,
    (low, high, resolution): (f64, f64, f64),
) -> Channel {
    Channel {
        id: ChannelId::new(id).unwrap(),
        analyzer: 0,
        area: AreaId::new("none").unwrap(),
        quantity,
        unit,
        point: point.into(),
        range: Range { low, high },
        resolution,
    }
}

fn weather() -> Vec<Channel> {
    let one = |end: &str, point, quantity, unit, scale| {
        channel((&format!("ws-001-{end}"), point), quantity, unit, scale)
    };
    let speed = (0.0, 60.0, 0.1);
    let turn = (0.0, 360.0, 0.1);
    vec![
        one("wind-speed", "wind_speed", Quantity::WindSpeed, Unit::MetrePerSecond, speed),
        one("wind-direction", "wind_direction", Quantity::WindDirection, Unit::Degree, turn),
        one("temperature", "temperature", Quantity::Temperature, Unit::Celsius, (-52.0, 60.0, 0.1)),
        one("pressure", "pressure", Quantity::Pressure, Unit::Hectopascal, (500.0, 1100.0, 0.1)),
        one("humidity", "humidity", Quantity::Humidity, Unit::PercentHumidity, (0.0, 100.0, 0.1)),
    ]
}
