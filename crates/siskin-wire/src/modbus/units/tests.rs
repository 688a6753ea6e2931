//! A unit that changes.

use siskin_model::site::Range;

use super::*;
use crate::languages::check_text;
use crate::modbus::Answer;
use crate::{DeviceProfile, Slot};

const PROFILE: &str = r#"
id = "acme-3"
version = 1
status = "documented"
vendor = "Acme"
model = "Three"
transport = "modbus"
source = { doc = "Acme Three manual", pages = "1" }
validity_default = "good"
points.gas = { fc = 3, addr = 0, manual_ref = "1", type = "u16", unit_from = "unit" }
[points.unit]
fc = 3
addr = 1
manual_ref = "2"
type = "u16"
unit_codes = { 1 = "ppm", 2 = "ppb" }
"#;

#[test]
fn values_in_another_unit_are_faults_until_it_is_back() {
    let profile: DeviceProfile = toml::from_str(PROFILE).unwrap();
    let range = Range { low: 0.0, high: 50.0 };
    let factors = vec![(Unit::Ppm, 1.0), (Unit::Ppb, 1e-3)];
    let slot = Slot { point: "gas".into(), unit: Unit::Ppm, range, factors };
    let plan = Plan::new(&profile, vec![slot]).unwrap();
    let mut watch = UnitWatch::new(&plan);
    let mut says = |words: [u16; 2]| {
        let mut decoded = plan.decode(&[Answer::Registers(words.to_vec())]).unwrap();
        watch.observe(&mut decoded);
        for refusal in &decoded.refused {
            check_text(&refusal.reason);
        }
        (decoded.values[0].value, decoded.values[0].quality, decoded.refused.len())
    };
    assert_eq!(says([5, 9]), (None, Quality::Fault, 1), "no unit yet");
    assert_eq!(says([5, 2]), (Some(0.005), Quality::Good, 0));
    assert_eq!(says([5, 1]), (None, Quality::Fault, 1));
    assert_eq!(says([5, 1]), (None, Quality::Fault, 1));
    assert_eq!(says([6, 2]), (Some(0.006), Quality::Good, 0));
}
