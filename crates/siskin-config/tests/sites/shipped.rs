//! The sites that are shipped load without a problem and say what they should.

use crate::reading;

use siskin_config::{Inputs, Settings, load};
use siskin_engine::RuleKind;
use siskin_engine::rule::{Side, TrendMethod};
use siskin_model::site::Connection;
use siskin_model::{ChannelId, Tier};

fn inputs(site: &str) -> Inputs {
    let above = reading::root().join("../..");
    Inputs {
        site: reading::folder(&above.join(site)),
        gases: reading::folder(&above.join("firmware-configs/gases")),
        devices: reading::folder(&above.join("firmware-configs/devices")),
        ..Inputs::default()
    }
}

fn settings(site: &str) -> Settings {
    load(&inputs(site)).unwrap_or_else(|report| panic!("{}", report.render()))
}

fn demo() -> Settings {
    settings("firmware-configs/sites/demo-park")
}

/// Where a rule raises on a channel, in the channel's unit.
fn raises_at(settings: &Settings, rule: &str, channel: &str) -> f64 {
    let (index, _) =
        settings.rules.rules.iter().enumerate().find(|(_, r)| r.id.as_str() == rule).unwrap();
    let on = settings.site.index_of(&ChannelId::new(channel).unwrap()).unwrap();
    let bindings = &settings.rules.bindings;
    let binding = bindings.iter().find(|b| b.rule == index && b.channel == on).unwrap();
    match settings.rules.rules[index].kind {
        RuleKind::Threshold { raise_at, .. } | RuleKind::WindowMean { raise_at, .. } => {
            raise_at * binding.factor
        }
        RuleKind::Trend { target, .. } => target * binding.factor,
        _ => panic!("`{rule}` has no limit"),
    }
}

#[test]
fn the_demo_park_is_as_it_was_laid_out() {
    let Settings { site, rules, .. } = demo();
    let gas = site.channels.iter().filter(|c| c.quantity.gas().is_some());
    assert_eq!(gas.count(), 24);
    assert_eq!(site.channels.len(), 29);
    assert_eq!(site.areas.len(), 8);
    assert_eq!(site.gases.len(), 6);
    assert_eq!(site.tiers, Tier::ALL);
    let is_mqtt =
        |a: &&siskin_model::site::Analyzer| matches!(a.connection, Connection::Mqtt { .. });
    assert_eq!(site.analyzers.iter().filter(is_mqtt).count(), 12);
    assert_eq!(site.analyzers.len(), 24);
    let silence =
        rules.rules.iter().position(|r| matches!(r.kind, RuleKind::NoData { .. })).unwrap();
    assert_eq!(rules.bindings.iter().filter(|b| b.rule == silence).count(), 29);
}

#[test]
fn set_points_come_out_of_the_catalogue_by_hand() {
    let settings = demo();
    // Chlorine: 70.906 g/mol, 24.465 l/mol at 25 °C: mg/m³ · 24.465 / 70.906.
    let check = |rule, channel, expected: f64| {
        let got = raises_at(&settings, rule, channel);
        assert!((got / expected - 1.0).abs() < 1e-3, "{rule}: {got}, not {expected}");
    };
    check("chlorine-yellow", "at-101-cl2", 0.345);
    check("chlorine-orange", "at-401-cl2", 2.001);
    check("chlorine-red", "at-104-cl2", 20.01);
    check("chlorine-blue", "at-101-cl2", 0.345);
    check("ammonia-red", "at-105-nh3", 300.0);
    check("ammonia-stel", "at-105-nh3", 43.10);
    check("sulfur-dioxide-yellow", "at-412-so2", 0.7638);
    // At the fence line the channel is in ppb: 10 mg/m³ of 34.0809 g/mol.
    check("fence-h2s-red", "at-301-h2s", 7_178.0);
}

#[test]
fn the_red_chlorine_alarm_waits_three_seconds() {
    let settings = demo();
    let red = settings.rules.rules.iter().find(|r| r.id.as_str() == "chlorine-red").unwrap();
    assert_eq!((red.on_delay_ms, red.off_delay_ms), (3_000, 30_000));
    assert_eq!(red.tier, Some(Tier::Red));
}

#[test]
fn every_gas_channel_climbs_all_four_tiers() {
    let Settings { site, rules, .. } = demo();
    for (index, channel) in site.indexed().filter(|(_, c)| c.quantity.gas().is_some()) {
        let on = rules.bindings.iter().filter(|b| b.channel == index);
        let mut tiers: Vec<Tier> = on.filter_map(|b| rules.rules[b.rule].tier).collect();
        tiers.sort_unstable();
        tiers.dedup();
        assert_eq!(tiers, Tier::ALL, "{}", channel.id);
    }
}

#[test]
fn unverified_limits_are_noted_with_their_place() {
    let notes = demo().notes;
    let yellow = notes.iter().find(|n| n.message.contains("`chlorine-yellow`")).unwrap();
    assert_eq!(yellow.file, "rules/chlorine.toml");
    assert!(yellow.line > 1, "{yellow}");
    assert!(yellow.message.contains("oel.mac of chlorine, which is unverified"), "{yellow}");
    let orange = notes.iter().find(|n| n.message.contains("`chlorine-orange`"));
    assert_eq!(orange, None);
}

#[test]
fn the_standard_workload_makes_a_channel_for_every_id() {
    let settings = settings("tests/fixtures/sites/standard-workload");
    assert!(settings.site.channels.is_empty());
    let ids: Vec<_> = ["0", "1", "17"].map(|id| ChannelId::new(id).unwrap()).to_vec();
    let replay = settings.for_channels(&ids).unwrap();
    let made: Vec<_> = replay.site.channels.iter().map(|c| c.id.clone()).collect();
    assert_eq!(made, ids);
    assert_eq!(replay.rules.bindings.len(), 18);
    assert!(replay.rules.bindings.iter().all(|b| (b.factor - 1.0).abs() < f64::EPSILON));
    assert!(replay.site.channels.iter().all(|c| c.analyzer < replay.site.analyzers.len()));
    let rules: Vec<_> = replay.rules.rules.iter().map(|r| r.id.as_str()).collect();
    assert_eq!(rules, ["R1", "R2", "R3", "R4", "R5", "R6"]);
    let r1 = &replay.rules.rules[0];
    assert_eq!((r1.on_delay_ms, r1.off_delay_ms, r1.gap_ms), (5_000, 30_000, 30_000));
    assert_eq!(r1.kind, RuleKind::Threshold { side: Side::High, raise_at: 10.0, clear_at: 9.0 });
    let r5 = RuleKind::Trend {
        method: TrendMethod::LeastSquares,
        window_ms: 300_000,
        samples_min: 225,
        target: 20.0,
        horizon_ms: 600_000,
        significance: 4.0,
    };
    assert_eq!(replay.rules.rules[4].kind, r5);
    assert_eq!(replay.rules.rules[5].kind, RuleKind::NoData { after_ms: 30_000 });
}

#[test]
fn a_recording_of_known_channels_keeps_their_rules() {
    let settings = demo();
    let id = ChannelId::new("at-401-cl2").unwrap();
    let replay = settings.for_channels(std::slice::from_ref(&id)).unwrap();
    assert_eq!(replay.site.channels.len(), 1);
    assert!((raises_at(&replay, "chlorine-red", "at-401-cl2") - 20.01).abs() < 0.02);
    let twice = settings.for_channels(&[id.clone(), id]).unwrap_err().to_string();
    assert_eq!(twice, "channel `at-401-cl2` is listed twice; hint: name each channel once");
    let unknown = ChannelId::new("7").unwrap();
    let unknown = settings.for_channels(&[unknown]).unwrap_err().to_string();
    assert!(unknown.contains("no channel `7` and no template"), "{unknown}");
}
