//! The demo park's air, seed by seed, without sockets.
//!
//! The limits are those the demo's rules rest on, in ppm at 25 °C and 1013.25 hPa.

use super::*;
use crate::demo_site::demo_site;

const SEEDS: std::ops::RangeInclusive<u64> = 1..=10;
const STEPS_PER_SECOND: u32 = 10;
/// GBZ 2.1 MAC of 1 mg/m³, HJ 169 end-points 2 (5.8 mg/m³) and 1 (58 mg/m³).
const CHLORINE: [f64; 3] = [0.345, 2.0, 20.0];
/// HJ 169 end-points 2 (38 mg/m³) and 1 (70 mg/m³).
const HYDROGEN_SULFIDE: [f64; 2] = [27.3, 50.2];
/// Half of the first limit of each other gas: GBZ 2.1 PC-TWA of CO 20 mg/m³, NH3 20 mg/m³,
/// SO2 5 mg/m³, benzene 3 mg/m³, MAC of H2S 10 mg/m³.
const QUIET: [(&str, f64); 5] =
    [("-co", 8.7), ("-nh3", 14.0), ("-so2", 0.95), ("-c6h6", 0.47), ("-h2s", 3.5)];

/// Every second of the demo with `seed`.
fn run(seed: u64, seconds: u32) -> Vec<Snapshot> {
    let mut world = World::new(demo_site(), Scenario::demo(), seed).unwrap();
    let steps = 0..=seconds * STEPS_PER_SECOND;
    let all = steps.map(|i| world.step(f64::from(i) / f64::from(STEPS_PER_SECOND)));
    all.step_by(STEPS_PER_SECOND as usize).collect()
}

fn place(id: &str) -> usize {
    let site = demo_site();
    let found = site.channels.iter().position(|c| c.id.as_str() == id);
    found.unwrap_or_else(|| panic!("no channel {id}"))
}

/// Places of the channels whose id ends in `end`, with their ids.
fn ending(end: &str) -> Vec<(usize, String)> {
    let site = demo_site();
    let channels = site.channels.iter().enumerate();
    let channels = channels.filter(|(_, c)| c.id.as_str().ends_with(end));
    channels.map(|(at, c)| (at, c.id.to_string())).collect()
}

/// The first second at which one of `channels` shows at least `limit`.
fn crossing(run: &[Snapshot], channels: &[&str], limit: f64) -> Option<f64> {
    let places: Vec<_> = channels.iter().map(|id| place(id)).collect();
    let high = |s: &&Snapshot| places.iter().any(|p| s.shown[*p] >= limit);
    run.iter().find(high).map(|s| s.t_s)
}

/// The highest value `channel` shows.
fn highest(run: &[Snapshot], channel: usize) -> f64 {
    run.iter().map(|s| s.shown[channel]).fold(f64::MIN, f64::max)
}

#[test]
fn chlorine_rises_through_the_tiers_on_both_protocols() {
    for seed in SEEDS {
        let run = run(seed, 120);
        for channels in [["at-101-cl2", "at-102-cl2"], ["at-401-cl2", "at-402-cl2"]] {
            let at = CHLORINE.map(|limit| crossing(&run, &channels, limit));
            let [Some(yellow), Some(orange), Some(red)] = at else {
                panic!("seed {seed}: {channels:?} {at:?}");
            };
            assert!(yellow > 20.0 && yellow < orange && orange < red, "seed {seed}: {at:?}");
            assert!(red - yellow >= 2.0, "seed {seed}: {at:?}");
            // The leak begins at 20 s; within a minute, 10 s of it left for delays.
            assert!(red <= 70.0, "seed {seed}: {at:?}");
        }
    }
}

#[test]
fn it_is_quiet_before_the_leak_and_elsewhere() {
    for seed in SEEDS {
        let run = run(seed, 120);
        for (channel, id) in ending("-cl2") {
            assert!(highest(&run[..=20], channel) < 0.2, "seed {seed}: {id}");
        }
        for far in ["at-103-cl2", "at-403-cl2", "at-104-cl2"] {
            assert!(highest(&run, place(far)) < CHLORINE[0], "seed {seed}: {far}");
        }
        let known = ["at-105-nh3", "at-203-h2s", "at-204-h2s", "at-406-h2s"];
        for (end, limit) in QUIET {
            for (channel, id) in ending(end) {
                let ppb = if id.starts_with("at-301") { 1000.0 } else { 1.0 };
                let quiet = highest(&run, channel) < limit * ppb;
                assert!(quiet || known.contains(&id.as_str()), "seed {seed}: {id}");
            }
        }
    }
}

#[test]
fn hydrogen_sulfide_reaches_orange_and_never_red() {
    for seed in SEEDS {
        let run = run(seed, 600);
        let orange = crossing(&run, &["at-203-h2s"], HYDROGEN_SULFIDE[0]);
        assert!(orange.is_some_and(|at| (50.0..120.0).contains(&at)), "seed {seed}: {orange:?}");
        // Second level of GB/T 50493 (twice the MAC) at the other detector.
        let second = crossing(&run, &["at-406-h2s"], 14.3);
        assert!(second.is_some_and(|at| (50.0..150.0).contains(&at)), "seed {seed}: {second:?}");
        for (channel, id) in ending("-h2s").into_iter().filter(|(_, id)| id != "at-301-h2s") {
            let highest = highest(&run, channel);
            assert!(highest < HYDROGEN_SULFIDE[1], "seed {seed}: {id} {highest}");
        }
    }
}

#[test]
fn the_leaks_end_and_the_near_detectors_return() {
    let run = run(1, 900);
    for id in ["at-101-cl2", "at-401-cl2", "at-203-h2s", "at-406-h2s"] {
        let last = run.last().unwrap().shown[place(id)];
        assert!(last < 0.3, "{id}: {last}");
    }
}

#[test]
fn one_device_dies_and_one_shows_span_gas() {
    let site = demo_site();
    let analyzer = |id: &str| site.analyzers.iter().position(|a| a.id.as_str() == id).unwrap();
    let run = run(1, 60);
    let state = |id: &str, second: usize| run[second].states[analyzer(id)];
    assert_eq!(state("at-201", 29), DeviceState::Normal);
    assert_eq!(state("at-201", 30), DeviceState::Dead);
    assert_eq!(state("at-202", 60), DeviceState::Normal);
    assert_eq!(state("at-105", 9), DeviceState::Normal);
    assert_eq!(state("at-105", 10), DeviceState::Calibration);
    let shown = run[60].shown[place("at-105-nh3")];
    assert!((25.0..50.0).contains(&shown), "{shown}");
    let truth = run[60].truth[place("at-105-nh3")];
    assert!(truth < 5.0, "span gas is not in the air: {truth}");
}

#[test]
fn the_same_seed_gives_the_same_park_bit_by_bit() {
    let bits = |run: &[Snapshot]| -> Vec<u64> {
        run.iter().flat_map(|s| s.shown.iter().map(|v| v.to_bits())).collect()
    };
    assert_eq!(bits(&run(3, 60)), bits(&run(3, 60)));
    assert_ne!(bits(&run(3, 60)), bits(&run(4, 60)));
}

#[test]
fn every_value_is_a_number_within_its_range() {
    let site = demo_site();
    for snapshot in run(2, 300) {
        for (value, channel) in snapshot.shown.iter().zip(&site.channels) {
            let range = channel.range;
            assert!((range.low..=range.high).contains(value), "{}: {value}", channel.id);
        }
    }
}

#[test]
fn time_never_goes_back() {
    let mut world = World::new(demo_site(), Scenario::demo(), 1).unwrap();
    assert!((world.step(5.0).t_s - 5.0).abs() < 1e-9);
    assert!((world.step(4.0).t_s - 5.0).abs() < 1e-9);
}

#[test]
fn what_does_not_fit_the_site_is_refused() {
    let check = |change: fn(&mut Scenario), expected: &str| {
        let mut scenario = Scenario::demo();
        change(&mut scenario);
        let error = World::new(demo_site(), scenario, 1).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    };
    check(|s| s.sensors.retain(|m| m.measures != "benzene"), "measures `benzene`");
    check(|s| s.wind.speed_m_s = f64::NAN, "`wind.speed_m_s`");
    let stranger = |s: &mut Scenario| {
        for happening in &mut s.happenings {
            if let Happening::State { analyzer, .. } = happening {
                *analyzer = siskin_model::AnalyzerId::new("at-999").unwrap();
            }
        }
    };
    check(stranger, "`at-999`");
}
