//! Identity, groups, holes, companions, texts and repeats.

use super::{DeviceProfile, MODBUS, check, problems};

/// The base with `more` before its limits.
fn with(more: &str, want: &str) {
    let to = format!("{more}\n[limits]");
    check(MODBUS, "[limits]", &to, want);
}

fn right(more: &str) {
    let text = MODBUS.replacen("[limits]", &format!("{more}\n[limits]"), 1);
    assert_eq!(problems(&text), [""; 0]);
}

#[test]
fn identities() {
    right("identity = { point = \"unit\", mask = 0xF0, equals = 0x20 }");
    right("identity = { point = \"unit\", equals = [4, 5] }");
    with("identity = { point = \"id\", equals = 1 }", "identity.point: there is no point `id`");
    with("identity = { point = \"gas\", equals = 1 }", "identity.point: point `gas` shows no code");
    with(
        "identity = { point = \"unit\", mask = 0xF0, equals = 0x21 }",
        "identity.equals: 0x21 has bits that the mask takes away",
    );
    with("identity = { point = \"unit\", equals = [] }", "identity.equals: no code would be right");
}

#[test]
fn groups() {
    right("atomic = [[\"gas\", \"state\"], [\"state\", \"beat\"]]");
    with("atomic = [[\"gas\"]]", "atomic[0]: a group has at least two points");
    with("atomic = [[\"gas\", \"mode\", \"beat\"]]", "atomic[0]: there is no point `mode`");
    check(
        MODBUS,
        "[limits]\nmax_regs = 20",
        "atomic = [[\"gas\", \"beat\"]]\n[limits]\nmax_regs = 5",
        "atomic[0]: the group spans 6 of 5",
    );
    check(
        MODBUS,
        "[limits]",
        "atomic = [[\"gas\", \"beat\"]]\n[limits]\nno_read = [{ fc = 3, from = 6, to = 6 }]",
        "atomic[0]: the group spans an address that is never read",
    );
    let peak = "[points.peak]\nfc = 3\naddr = 6\nmanual_ref = \"1\"\ntype = \"u16\"\n\
                read_side_effect = true\n[points.beat]";
    let group = "atomic = [[\"gas\", \"beat\"]]\n[limits]";
    let text = MODBUS.replacen("[points.beat]", peak, 1).replacen("[limits]", group, 1);
    let want = "atomic[0]: to read the group would read `peak` and its side effect";
    assert_eq!(problems(&text), [want]);
}

#[test]
fn holes_and_lines() {
    let hole = |hole: &str, want: &str| {
        check(MODBUS, "max_gap = 4", &format!("max_gap = 4\nno_read = [{hole}]"), want);
    };
    let beat = "limits.no_read[0]: point `beat` lies in it";
    hole("{ fc = 3, from = 6, to = 7 }", beat);
    hole("{ fc = 3, from = 9, to = 8 }", "limits.no_read[0]: 9 to 8 is empty");
    with(
        "serial = { unit = 0, evidence = \"documented\" }",
        "serial.unit: no device has this address",
    );
    with(
        "serial = { stop_bits = 3, evidence = \"documented\" }",
        "serial.stop_bits: no line has so many stop bits",
    );
    with(
        "serial = { baud = 0, evidence = \"documented\" }",
        "serial.baud: no line has such a speed",
    );
    right("serial = { baud = 9600, parity = \"even\", unit = 126, evidence = \"documented\" }");
}

#[test]
fn a_second_look_at_a_register_says_so() {
    let overlap = "points.beat.addr: `beat` overlaps `gas`";
    check(MODBUS, "addr = 7", "addr = 3", overlap);
    let text = MODBUS.replacen("addr = 7", "addr = 3\nalias = true", 1);
    assert_eq!(problems(&text), [""; 0]);
}

#[test]
fn companions_and_ranges() {
    let gas =
        |more: &str, want: &str| check(MODBUS, "addr = 2", &format!("addr = 2\n{more}"), want);
    gas("scale_point = \"places\"", "points.gas.scale_point: there is no point `places`");
    gas("sign_point = \"gas\"", "points.gas.sign_point: point `gas` shows no code");
    gas("range = [5, 5]", "points.gas.range: [5, 5] is no range");
    gas(
        "invalid = [0x7FFFFFFF]\nlen = 2",
        "points.gas.len: a text has a length, nothing else has one",
    );
    check(
        MODBUS,
        "addr = 7",
        "addr = 7\nrange = [0, 5]",
        "points.beat.range: only a value has a range",
    );
    check(
        MODBUS,
        "addr = 7",
        "addr = 7\ninvalid = [0x7FFFFFFF]",
        "points.beat.invalid: 0x7FFFFFFF has bits beyond the 16 of the point",
    );
    check(
        MODBUS,
        "addr = 7",
        "addr = 7\nscale_point = \"unit\"",
        "points.beat.scale_point: only a value has decimals and a sign",
    );
}

#[test]
fn texts() {
    let text = |len: &str, more: &str| {
        format!(
            "[points.name]\nfc = 3\naddr = 12\nmanual_ref = \"1\"\n\
             type = \"text\"\n{len}\n{more}\n[points.beat]"
        )
    };
    let wrong = |len: &str, more: &str, want: &str| {
        check(MODBUS, "[points.beat]", &text(len, more), want);
    };
    wrong("", "", "points.name.len: a text has a length, nothing else has one");
    wrong("len = 0", "", "points.name.len: no text has so many registers");
    wrong("len = 4", "unit = \"ppm\"", "points.name: a text is no value");
    wrong(
        "len = 4",
        "enum = { 1 = \"a\" }",
        "points.name: only unsigned points have words, bits, ranges or unit codes",
    );
}

const TWICE: &str = r#"
id = "acme-2"
version = 1
status = "documented"
vendor = "Acme"
model = "Two"
transport = "modbus"
source = { doc = "Acme Two manual", pages = "1" }
validity = [{ when = { "state-{n}" = ["ok"] }, quality = "good" }]
[points."gas-{n}"]
fc = 3
addr = 0
manual_ref = "4000{n}"
type = "u16"
unit = "ppm"
repeat = { count = 3, stride = 2 }
[points."state-{n}"]
fc = 3
addr = 1
manual_ref = "4010{n}"
type = "u16"
enum = { 1 = "ok" }
repeat = { count = 3, stride = 2 }
"#;

#[test]
fn repeats_are_spread_out() {
    assert_eq!(problems(TWICE), [""; 0]);
    let profile: DeviceProfile = toml::from_str(TWICE).unwrap();
    assert_eq!(profile.value_points(), ["gas-1", "gas-2", "gas-3"]);
    let third = &profile.points["gas-3"];
    assert_eq!((third.addr, third.manual_ref.as_str()), (4, "40003"));
    let rules = profile.rules();
    let second = &rules[1].1;
    assert!(second.when.contains_key("state-2"));
    assert_eq!(second.values, ["gas-2"]);
    assert_eq!(rules.len(), 3);
}

#[test]
fn a_state_of_a_channel_without_value_speaks_for_nobody() {
    let text = TWICE.replacen("count = 3", "count = 2", 1);
    let profile: DeviceProfile = toml::from_str(&text).unwrap();
    assert_eq!(profile.rules().len(), 2);
}

#[test]
fn what_is_wrong_with_repeats_is_said_once_and_by_the_written_name() {
    check(
        TWICE,
        "stride = 2",
        "stride = 1",
        "points.state-{n}.addr: `state-{n}` overlaps `gas-{n}`",
    );
    check(
        TWICE,
        "[\"ok\"]",
        "[\"fine\"]",
        "validity[0].when.state-{n}: point `state-{n}` never shows `fine`",
    );
    check(
        TWICE,
        "unit = \"ppm\"",
        "unit_from = \"unit-{n}\"",
        "points.gas-{n}.unit_from: there is no point `unit-1`",
    );
}

#[test]
fn repeats_that_cannot_be_are_not_read() {
    let refused = |from: &str, to: &str, want: &str| {
        let text = TWICE.replacen(from, to, 1);
        assert_ne!(text, TWICE);
        let error = toml::from_str::<DeviceProfile>(&text).unwrap_err().to_string();
        assert!(error.contains(want) && error.contains("; hint: "), "{error}");
    };
    refused("gas-{n}", "gas", "the name of the repeated point `gas` has no number");
    refused("repeat = { count = 3, stride = 2 }", "", "does not say how often it repeats");
    refused("count = 3", "count = 0", "point `gas-{n}` repeats");
    refused("count = 3", "count = 1025", "point `gas-{n}` repeats");
    refused("stride = 2", "stride = 40000", "end beyond 65535");
}
