//! One broken profile per check.

mod registers;

use super::super::DeviceProfile;

const MODBUS: &str = r#"
id = "acme-1"
version = 1
status = "documented"
vendor = "Acme"
model = "One"
transport = "modbus"
source = { doc = "Acme One manual", pages = "1" }
validity = [{ when = { state = ["ok"] }, quality = "good" }]
heartbeat = { point = "beat", stale_after_ms = 15000 }
[limits]
max_regs = 20
max_gap = 4
[points.gas]
fc = 3
addr = 2
manual_ref = "40003"
type = "f32"
order = "ABCD"
order_evidence = "documented"
unit_from = "unit"
[points.unit]
fc = 3
addr = 4
manual_ref = "40005"
type = "u16"
mask = 0xFF00
shift = 8
unit_codes = { 4 = "ppm" }
[points.state]
fc = 3
addr = 4
manual_ref = "40005"
type = "u16"
mask = 0x00FF
enum = { 1 = "ok" }
[points.beat]
fc = 3
addr = 7
manual_ref = "40008"
type = "u16"
"#;

const JSON: &str = r#"
id = "acme-json"
version = 1
status = "documented"
vendor = "Acme"
model = "Two"
transport = "mqtt-json"
source = { doc = "Acme Two manual", pages = "1" }
[json.values.value]
pointer = "/value"
unit_pointer = "/unit"
[json.time]
pointer = "/ts"
unit = "ms"
trusted = true
skew_max_ms = 5000
[json.status]
pointer = "/status"
words = { ok = "good" }
"#;

fn problems(text: &str) -> Vec<String> {
    let profile: DeviceProfile = toml::from_str(text).unwrap();
    let problems = profile.check().into_iter();
    problems
        .map(|p| {
            assert!(!p.hint.is_empty(), "{p:?}");
            format!("{}: {}", p.path, p.message)
        })
        .collect()
}

/// Replaces the first `from` of `base` by `to` and expects exactly the problem `want`.
fn check(base: &str, from: &str, to: &str, want: &str) {
    assert!(base.contains(from), "{from}");
    assert_eq!(problems(&base.replacen(from, to, 1)), [want]);
}

#[test]
fn the_bases_are_right() {
    assert_eq!(problems(MODBUS), [""; 0]);
    assert_eq!(problems(JSON), [""; 0]);
}

#[test]
fn places() {
    let gas_end = "points.gas.addr: the point ends beyond 65535";
    check(MODBUS, "addr = 2", "addr = 65535", gas_end);
    check(
        MODBUS,
        "order = \"ABCD\"\norder_evidence = \"documented\"",
        "",
        "points.gas.order: a 32-bit point has no word order",
    );
    check(
        MODBUS,
        "order_evidence = \"documented\"",
        "",
        "points.gas.order_evidence: the word order has no evidence",
    );
    check(
        MODBUS,
        "addr = 7",
        "order = \"ABCD\"\naddr = 7",
        "points.beat.order: a point of one register has no word order",
    );
    check(
        MODBUS,
        "fc = 3\naddr = 7",
        "fc = 2\naddr = 7",
        "points.beat.type: function 2 has no such type",
    );
    let overlap = "points.gas.addr: `gas` overlaps `beat`";
    check(MODBUS, "addr = 2", "addr = 7", overlap);
    let half = "points.beat.addr: `beat` overlaps `gas`";
    check(MODBUS, "addr = 7", "addr = 3", half);
    check(MODBUS, "mask = 0x00FF", "mask = 0x01FF", "points.unit.addr: `unit` overlaps `state`");
}

#[test]
fn bits_and_tables() {
    let nothing_left = "points.unit.mask: mask and shift leave no bit";
    check(MODBUS, "mask = 0xFF00", "mask = 0", nothing_left);
    check(MODBUS, "shift = 8", "shift = 16", nothing_left);
    check(
        MODBUS,
        "mask = 0xFF00",
        "mask = 0x1FF00",
        "points.unit.mask: the mask has bits beyond the 16 of the point",
    );
    check(
        MODBUS,
        "order = \"ABCD\"",
        "mask = 1\norder = \"ABCD\"",
        "points.gas.mask: only unsigned points have a mask or a shift",
    );
    check(MODBUS, "addr = 7", "scale = 0.0\naddr = 7", "points.beat.scale: scale 0 and offset 0");
    check(
        MODBUS,
        "addr = 7",
        "bits = { 16 = \"fault\" }\naddr = 7",
        "points.beat.bits.16: there is no bit 16",
    );
    check(
        MODBUS,
        "addr = 7",
        "ranges = { a = [0, 5], b = [5, 9] }\naddr = 7",
        "points.beat.ranges.b: [5, 9] is empty or meets another range",
    );
}

#[test]
fn units() {
    check(
        MODBUS,
        "unit_from = \"unit\"",
        "unit_from = \"units\"",
        "points.gas.unit_from: there is no point `units`",
    );
    check(
        MODBUS,
        "unit_from = \"unit\"",
        "unit_from = \"state\"",
        "points.gas.unit_from: point `state` has no `unit_codes`",
    );
    check(
        MODBUS,
        "unit_from = \"unit\"",
        "unit_from = \"unit\"\nunit = \"ppm\"",
        "points.gas.unit_from: both `unit` and `unit_from`",
    );
    check(MODBUS, "unit_from = \"unit\"", "", "points: no point holds a value");
}

#[test]
fn words_and_heartbeat() {
    check(
        MODBUS,
        "when = { state = [\"ok\"] }",
        "when = { mode = [\"ok\"] }",
        "validity[0].when.mode: there is no point `mode`",
    );
    check(
        MODBUS,
        "when = { state = [\"ok\"] }",
        "when = { state = [\"fine\"] }",
        "validity[0].when.state: point `state` never shows `fine`",
    );
    check(
        MODBUS,
        "when = { state = [\"ok\"] }",
        "when = {}",
        "validity[0].when: the rule has no condition",
    );
    check(
        MODBUS,
        "quality = \"good\"",
        "quality = \"comm-lost\"",
        "validity[0].quality: a device cannot say `comm-lost`",
    );
    check(
        MODBUS,
        "version = 1",
        "version = 1\nvalidity_default = \"good\"",
        "validity_default: an unknown state would be good",
    );
    check(
        MODBUS,
        "point = \"beat\"",
        "point = \"pulse\"",
        "heartbeat.point: there is no point `pulse`",
    );
    check(
        MODBUS,
        "point = \"beat\"",
        "point = \"gas\"",
        "heartbeat.point: a measured value is no heartbeat: it may stay the same",
    );
    check(
        MODBUS,
        "stale_after_ms = 15000",
        "stale_after_ms = 0",
        "heartbeat.stale_after_ms: stale at once",
    );
}

#[test]
fn limits_and_transport() {
    check(MODBUS, "id = \"acme-1\"", "id = \"Acme 1\"", "id: id `Acme 1` is not a profile id");
    let regs = "limits.max_regs: max_regs is 126";
    check(MODBUS, "max_regs = 20", "max_regs = 126", regs);
    let gap = "limits.max_gap: max_gap 20 does not fit into max_regs";
    check(MODBUS, "max_gap = 4", "max_gap = 20", gap);
    check(MODBUS, "max_gap = 4", "min_gap_ms = 10001", "limits.min_gap_ms: min_gap_ms is 10001");
    check(
        MODBUS,
        "max_regs = 20\nmax_gap = 4",
        "max_regs = 1",
        "points.gas.type: the point does not fit into one request",
    );
    check(JSON, "mqtt-json", "modbus", "json: a `modbus` profile has no `json`");
    check(MODBUS, "modbus", "mqtt-json", "points: a `mqtt-json` profile has no `points`");
}

#[test]
fn json_mappings() {
    check(
        JSON,
        "pointer = \"/value\"",
        "pointer = \"value\"",
        "json.values.value.pointer: `value` is no JSON pointer",
    );
    check(
        JSON,
        "unit_pointer = \"/unit\"",
        "",
        "json.values.value.unit: exactly one of `unit` and `unit_pointer` is needed",
    );
    check(
        JSON,
        "skew_max_ms = 5000",
        "skew_max_ms = 0",
        "json.time.skew_max_ms: no time would fit",
    );
    check(JSON, "words = { ok = \"good\" }", "words = {}", "json.status.words: no words");
    check(
        JSON,
        "words = { ok = \"good\" }",
        "words = { ok = \"manual\" }",
        "json.status.words.ok: a device cannot say `manual`",
    );
    check(
        JSON,
        "[json.time]",
        "[limits]\npayload_max_bytes = 0\n[json.time]",
        "limits.payload_max_bytes: payload_max_bytes is 0",
    );
}
