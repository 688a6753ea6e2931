//! What is refused, and what a profile's extras do.

use siskin_model::site::Range;

use super::*;
use crate::languages::check_text;
use crate::modbus::Shown;
use crate::{DeviceProfile, Slot};

const PROFILE: &str = r#"
id = "acme-3"
version = 1
status = "documented"
vendor = "Acme"
model = "Three"
transport = "modbus"
source = { doc = "Acme Three manual", pages = "1" }
[points.gas]
fc = 3
addr = 0
manual_ref = "40001"
type = "u16"
unit_from = "unit"
[points.unit]
fc = 3
addr = 1
manual_ref = "40002"
type = "u16"
unit_codes = { 1 = "ppm", 2 = "furlong" }
"#;

fn plan() -> Plan {
    let profile: DeviceProfile = toml::from_str(PROFILE).unwrap();
    let range = Range { low: 0.0, high: 50.0 };
    let factors = vec![(Unit::Ppm, 1.0)];
    let slot = Slot { point: "gas".into(), unit: Unit::Ppm, range, factors };
    Plan::new(&profile, vec![slot]).unwrap()
}

/// Why `plan` has no value when the device shows `words`.
fn check(plan: &Plan, words: &[u16], want: &str) {
    let decoded = plan.decode(&[Answer::Registers(words.to_vec())]).unwrap();
    let [refusal] = &decoded.refused[..] else { panic!("{decoded:?}") };
    assert!(refusal.reason.en.contains(want), "{refusal:?}");
    check_text(&refusal.reason);
}

#[test]
fn what_is_refused_is_said_in_both_languages() {
    check(&plan(), &[5, 9], "unit code 9");
    check(&plan(), &[5, 2], "`furlong`, which cannot be converted");
    let mut plan = plan();
    plan.points.remove("unit");
    check(&plan, &[5, 1], "point `unit` was not read");
    plan.points.clear();
    check(&plan, &[5, 1], "point `gas` was not read");
}

#[test]
fn answers_that_cannot_be_read_are_said_in_both_languages() {
    let error = |answers: &[Answer]| plan().decode(answers).unwrap_err();
    for error in [error(&[]), error(&[Answer::Registers(vec![1])])] {
        assert_eq!(error.text().en, error.to_string());
        check_text(&error.text());
    }
}

/// A controller with two channels: state (0), value (1), decimals and sign (2) and a text (4, 5)
/// for each, ten registers apart; it says what it is in register 30.
const TWO: &str = r#"
id = "acme-4"
version = 1
status = "documented"
vendor = "Acme"
model = "Four"
transport = "modbus"
source = { doc = "Acme Four manual", pages = "1" }
identity = { point = "id", mask = 0xFF00, equals = [0x2400, 0x2500] }
atomic = [["gas-{n}", "state-{n}", "places-{n}", "sign-{n}"]]
validity = [
  { when = { "state-{n}" = ["inhibit"] }, quality = "maintenance" },
  { when = { "state-{n}" = ["ok"] }, quality = "good" },
]
[limits]
max_regs = 8
[points."state-{n}"]
fc = 3
addr = 0
manual_ref = "4000{n}"
type = "u16"
enum = { 1 = "ok", 2 = "inhibit" }
repeat = { count = 2, stride = 10 }
[points."gas-{n}"]
fc = 3
addr = 1
manual_ref = "value {n}"
type = "u16"
scale_point = "places-{n}"
sign_point = "sign-{n}"
unit_from = "unit-{n}"
range = [-5, 300]
repeat = { count = 2, stride = 10 }
[points."places-{n}"]
fc = 3
addr = 2
manual_ref = "low byte"
type = "u16"
mask = 0x00FF
repeat = { count = 2, stride = 10 }
[points."sign-{n}"]
fc = 3
addr = 2
manual_ref = "high byte"
type = "u16"
mask = 0xFF00
shift = 8
repeat = { count = 2, stride = 10 }
[points."unit-{n}"]
fc = 3
addr = 4
manual_ref = "text {n}"
type = "text"
len = 2
unit_texts = { PPM = "ppm", "%LEL" = "%LEL" }
repeat = { count = 2, stride = 10 }
[points.id]
fc = 3
addr = 30
manual_ref = "40031"
type = "u16"
"#;

fn two() -> Plan {
    let profile: DeviceProfile = toml::from_str(TWO).unwrap();
    assert_eq!(profile.check(), []);
    let range = Range { low: 0.0, high: 500.0 };
    let factors = vec![(Unit::Ppm, 1.0), (Unit::PercentLel, 20.0)];
    let slot = |point: &str| Slot {
        point: point.into(),
        unit: Unit::Ppm,
        range,
        factors: factors.clone(),
    };
    Plan::new(&profile, vec![slot("gas-1"), slot("gas-2")]).unwrap()
}

/// State, value, decimals and sign, and the text of one channel.
type Words = [u16; 5];

/// 18.9 ppm: 189, one decimal, plus, `PPM ` as 50 50 4D 20.
const FINE: Words = [1, 189, 0x0001, 0x5050, 0x4D20];

fn answers(id: u16, one: Words, two: Words) -> [Answer; 5] {
    let plan = self::two();
    let starts: Vec<_> = plan.requests().iter().map(|r| (r.addr, r.len)).collect();
    assert_eq!(starts, [(0, 3), (4, 2), (10, 3), (14, 2), (30, 1)]);
    let part = |words: &[u16]| Answer::Registers(words.to_vec());
    [part(&one[..3]), part(&one[3..]), part(&two[..3]), part(&two[3..]), part(&[id])]
}

fn says(answers: &[Answer]) -> (Vec<(Option<f64>, Quality)>, Vec<String>) {
    let decoded = two().decode(answers).unwrap();
    for refusal in &decoded.refused {
        check_text(&refusal.reason);
    }
    let values = decoded.values.iter().map(|v| (v.value, v.quality)).collect();
    (values, decoded.refused.into_iter().map(|r| r.reason.en).collect())
}

fn one_says(words: Words) -> ((Option<f64>, Quality), Vec<String>) {
    let (values, refused) = says(&answers(0x2401, words, FINE));
    assert_eq!(values[1], (Some(18.9), Quality::Good), "the other channel");
    (values[0], refused)
}

#[test]
fn decimals_sign_and_text_unit_of_each_channel() {
    assert_eq!(one_says(FINE), ((Some(18.9), Quality::Good), vec![]));
    // Minus 0.3 is zero drift; minus 189 is below all that the device can say.
    let drift = [1, 3, 0x0101, 0x5050, 0x4D20];
    assert_eq!(one_says(drift).0, (Some(-0.3), Quality::Good));
    let (value, refused) = one_says([1, 189, 0x0100, 0x5050, 0x4D20]);
    assert_eq!(value, (None, Quality::Fault));
    assert!(refused[0].contains("gives -189, outside the -5 to 300"), "{refused:?}");
    // `%LEL` is 25 4C 45 4C; 18.9 %LEL at 20 ppm each.
    let lel = [1, 189, 0x0001, 0x254C, 0x454C];
    assert_eq!(one_says(lel).0, (Some(378.0), Quality::Good));
    let (value, refused) = one_says([1, 189, 0x0001, 0x5050, 0x4220]);
    assert_eq!(value, (None, Quality::Fault));
    assert!(refused[0].contains("unit code PPB"), "{refused:?}");
    let (value, refused) = one_says([1, 189, 0x000D, 0x5050, 0x4D20]);
    assert_eq!(value, (None, Quality::Fault));
    assert!(refused[0].contains("says 13 as its `places-1` instead of 0–12"), "{refused:?}");
    let (value, refused) = one_says([1, 189, 0x0201, 0x5050, 0x4D20]);
    assert_eq!(value, (None, Quality::Fault));
    assert!(refused[0].contains("says 2 as its `sign-1` instead of 0–1"), "{refused:?}");
}

#[test]
fn above_all_that_the_device_can_say_a_gas_is_over_range() {
    // 301 is above the device's 300 and below the channel's 500.
    let over = [1, 301, 0x0000, 0x5050, 0x4D20];
    assert_eq!(one_says(over).0, (Some(301.0), Quality::OverRange));
    let inhibited = [2, 301, 0x0000, 0x5050, 0x4D20];
    assert_eq!(one_says(inhibited).0, (Some(301.0), Quality::Maintenance));
}

#[test]
fn the_state_of_one_channel_says_nothing_about_the_other() {
    let [_, value, places, a, b] = FINE;
    assert_eq!(one_says([2, value, places, a, b]).0, (Some(18.9), Quality::Maintenance));
    assert_eq!(one_says([7, value, places, a, b]).0, (Some(18.9), Quality::Uncertain));
}

#[test]
fn another_device_has_no_values() {
    let (values, refused) = says(&answers(0x26FF, FINE, FINE));
    assert_eq!(values, [(None, Quality::Fault); 2]);
    assert_eq!(refused.len(), 2);
    let want = "the device says 0x2600 as its `id` instead of 0x2400 or 0x2500";
    assert!(refused[0].starts_with(want), "{refused:?}");
    assert_eq!(says(&answers(0x25FF, FINE, FINE)).0, [(Some(18.9), Quality::Good); 2]);
}

#[test]
fn what_was_not_answered_is_a_fault_of_its_points_only() {
    let nothing = || Answer::Nothing(Text::new("异常码 4；请检查设备", "exception 4; hint: look"));
    let mut answers = answers(0x2400, FINE, FINE);
    answers[0] = nothing();
    let (values, refused) = says(&answers);
    assert_eq!(values, [(None, Quality::Fault), (Some(18.9), Quality::Good)]);
    assert_eq!(refused, ["exception 4; hint: look"]);
    // Nobody knows what the device is.
    answers[4] = nothing();
    let (values, refused) = says(&answers);
    assert_eq!(values, [(None, Quality::Fault); 2]);
    assert!(refused[0].starts_with("the device did not say what it is: exception 4"));
}

#[test]
fn a_value_without_its_state_or_heartbeat_is_not_good() {
    let text = TWO.replace("{ count = 2, stride = 10 }", "{ count = 1, stride = 10 }");
    let text = text.replace("atomic", "heartbeat = { point = \"id\", stale_after_ms = 9 }\n#");
    let profile: DeviceProfile = toml::from_str(&text).unwrap();
    assert_eq!(profile.check(), []);
    let slot = two().slots.remove(0);
    let mut plan = Plan::new(&profile, vec![slot]).unwrap();
    let good = [Answer::Registers(vec![1, 189, 1]), Answer::Registers(vec![0x5050, 0x4D20])];
    let [gas, unit] = good;
    let id = Answer::Registers(vec![0x2400]);
    let decoded = plan.decode(&[gas.clone(), unit.clone(), id.clone()]).unwrap();
    assert_eq!((decoded.values[0].quality, decoded.heartbeat), (Quality::Good, Some(0x2400)));
    plan.identity = None;
    let mute = Answer::Nothing(Text::new("无", "none"));
    let decoded = plan.decode(&[gas, unit, mute]).unwrap();
    assert_eq!((decoded.values[0].quality, decoded.heartbeat), (Quality::Uncertain, None));
}

#[test]
fn people_see_every_register_and_what_it_says() {
    let profile: DeviceProfile = toml::from_str(TWO).unwrap();
    let plan = Plan::whole(&profile).unwrap();
    let answers = answers(0x2401, FINE, [7, 9, 0x000D, 0x5050, 0x4D20]);
    let looks = plan.looks(&answers).unwrap();
    let look = |name: &str| looks.iter().find(|look| look.point == name).unwrap();
    let number = Shown::Number { number: 18.9, unit: Ok(Unit::Ppm) };
    assert_eq!((&look("gas-1").shown, look("gas-1").quality), (&number, Some(Quality::Good)));
    assert!(matches!(&look("gas-2").shown, Shown::Nothing(why) if why.en.contains("13")));
    assert_eq!(look("gas-2").registers, [9]);
    assert_eq!(look("unit-1").shown, Shown::Text("PPM".into()));
    assert_eq!(look("id").shown, Shown::Code(0x2401));
    let unknown = Shown::Words { words: vec![], is_unknown: true };
    assert_eq!(look("state-2").shown, unknown);
    assert_eq!(looks.len(), 11);
    let asked: Vec<_> = plan.requests().to_vec();
    let exchanges: Vec<_> = asked.into_iter().zip(answers).collect();
    assert_eq!(plan.looks_of(&exchanges), looks, "whoever asked");
    assert_eq!(plan.looks_of(&[]), []);
    let one = plan.looks_of(&exchanges[..1]);
    assert!(!one.is_empty() && one.len() < 11, "only what was asked for: {one:?}");
    assert!(one.iter().all(|look| looks.iter().any(|whole| whole.point == look.point)));
}
