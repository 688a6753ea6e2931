//! What is asked for, and what happens when the device refuses it.

use siskin_model::Unit;
use siskin_model::site::Range;

use super::*;
use crate::modbus::Answer;

const HEAD: &str = r#"
id = "acme-5"
version = 1
status = "documented"
vendor = "Acme"
model = "Five"
transport = "modbus"
source = { doc = "Acme Five manual", pages = "1" }
validity_default = "good"
"#;

/// A device with one value in each of the registers 0 to 7, and `more`.
fn profile(more: &str) -> DeviceProfile {
    let value = "points.\"v-{n}\" = { fc = 3, addr = 0, manual_ref = \"1\", type = \"u16\", \
                 unit = \"ppm\", repeat = { count = 8, stride = 1, from = 0 } }";
    let profile: DeviceProfile = toml::from_str(&format!("{HEAD}{more}\n{value}")).unwrap();
    assert_eq!(profile.check(), []);
    profile
}

fn slots(names: &[&str]) -> Vec<Slot> {
    let slot = |name: &&str| Slot {
        point: (*name).into(),
        unit: Unit::Ppm,
        range: Range { low: 0.0, high: 1e9 },
        factors: vec![(Unit::Ppm, 1.0)],
    };
    names.iter().map(slot).collect()
}

fn all() -> Vec<Slot> {
    slots(&["v-0", "v-1", "v-2", "v-3", "v-4", "v-5", "v-6", "v-7"])
}

fn asked(plan: &Plan) -> Vec<(u16, u16)> {
    plan.requests().iter().map(|r| (r.addr, r.len)).collect()
}

/// Asks until nothing is refused by a device without the registers `holes`; how often it refused.
fn settle(plan: &mut Plan, holes: &[u16]) -> usize {
    for refusals in 0..100 {
        let hit = |r: &&Request| holes.iter().any(|h| (r.addr..r.addr + r.len).contains(h));
        let Some(request) = plan.requests().iter().find(hit).copied() else {
            return refusals;
        };
        assert_ne!(plan.refused(request), Refused::Unknown);
    }
    panic!("it does not end");
}

#[test]
fn a_refused_request_is_split_until_the_hole_is_found() {
    let mut plan = Plan::new(&profile(""), all()).unwrap();
    assert_eq!(asked(&plan), [(0, 8)]);
    let whole = plan.requests()[0];
    assert_eq!(plan.refused(whole), Refused::Split);
    assert_eq!(asked(&plan), [(0, 4), (4, 4)]);
    assert_eq!(plan.refused(whole), Refused::Unknown);
    assert_eq!(plan.refused(plan.requests()[1]), Refused::Split);
    assert_eq!(plan.refused(plan.requests()[1]), Refused::Split);
    assert_eq!(asked(&plan), [(0, 4), (4, 1), (5, 1), (6, 2)]);
    assert_eq!(plan.refused(plan.requests()[2]), Refused::Lost(vec!["v-5".into()]));
    // What was cut to find it is whole again.
    assert_eq!(asked(&plan), [(0, 5), (6, 2)]);
    assert_eq!(plan.lost(), ["v-5"]);
}

#[test]
fn the_other_values_go_on() {
    let mut plan = Plan::new(&profile(""), all()).unwrap();
    assert_eq!(settle(&mut plan, &[5]), 4);
    let answers = [vec![10, 11, 12, 13, 14], vec![16, 17]].map(Answer::Registers);
    let decoded = plan.decode(&answers).unwrap();
    let values: Vec<_> = decoded.values.iter().map(|v| v.value).collect();
    let some = |v: f64| Some(v);
    let want =
        [some(10.0), some(11.0), some(12.0), some(13.0), some(14.0), None, some(16.0), some(17.0)];
    assert_eq!(values, want);
    assert_eq!(decoded.values[5].quality, Quality::Fault);
    let [refusal] = &decoded.refused[..] else { panic!("{decoded:?}") };
    assert!(refusal.reason.en.contains("no address for point `v-5` (Modbus exception 2)"));
    crate::languages::check_text(&refusal.reason);
}

#[test]
fn a_refused_gap_costs_a_request_and_no_value() {
    let mut plan = Plan::new(&profile("limits.max_gap = 3"), slots(&["v-0", "v-4"])).unwrap();
    assert_eq!(asked(&plan), [(0, 5)]);
    assert_eq!(settle(&mut plan, &[2]), 1);
    assert_eq!(asked(&plan), [(0, 1), (4, 1)]);
    assert!(plan.lost().is_empty());
}

#[test]
fn a_device_that_refuses_everything_is_asked_again() {
    let mut plan = Plan::new(&profile(""), all()).unwrap();
    settle(&mut plan, &[0, 1, 2, 3, 4, 5, 6, 7]);
    assert_eq!((plan.requests().len(), plan.lost().len()), (0, 8));
    let decoded = plan.decode(&[]).unwrap();
    assert_eq!(decoded.refused.len(), 8);
    assert!(decoded.values.iter().all(|v| v.quality == Quality::Fault && v.value.is_none()));
    plan.retry_lost();
    assert_eq!(asked(&plan), [(0, 8)]);
    assert!(plan.lost().is_empty());
}

#[test]
fn a_group_is_lost_as_a_whole() {
    let mut plan = Plan::new(&profile("atomic = [[\"v-1\", \"v-3\"]]"), all()).unwrap();
    settle(&mut plan, &[3]);
    // v-2 lies between them and shares their request.
    let mut lost = plan.lost();
    lost.sort_unstable();
    assert_eq!(lost, ["v-1", "v-2", "v-3"]);
    assert_eq!(asked(&plan), [(0, 1), (4, 4)]);
}

#[test]
fn what_changes_by_being_read_is_read_only_when_it_is_wanted() {
    let touchy = "limits.max_gap = 3\npoints.peak = { fc = 3, addr = 9, manual_ref = \"1\", \
                  type = \"u16\", unit = \"ppm\", read_side_effect = true }\n\
                  points.last = { fc = 3, addr = 10, manual_ref = \"1\", type = \"u16\", \
                  unit = \"ppm\" }";
    let asked_for = |names: &[&str]| asked(&Plan::new(&profile(touchy), slots(names)).unwrap());
    assert_eq!(asked_for(&["v-7", "last"]), [(7, 1), (10, 1)]);
    assert_eq!(asked_for(&["v-7", "last", "peak"]), [(7, 4)]);
    assert_eq!(asked(&Plan::whole(&profile(touchy)).unwrap()), [(0, 8), (10, 1)]);
}

#[test]
fn a_listed_hole_is_never_read() {
    let profile = profile(
        "limits.max_gap = 3\nlimits.no_read = [{ fc = 3, from = 8, to = 9 }]\n\
                           points.last = { fc = 3, addr = 10, manual_ref = \"1\", type = \"u16\", \
                  unit = \"ppm\" }",
    );
    let plan = Plan::new(&profile, slots(&["v-7", "last"])).unwrap();
    assert_eq!(asked(&plan), [(7, 1), (10, 1)]);
}
