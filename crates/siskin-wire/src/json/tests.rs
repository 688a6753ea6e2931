//! Payloads as devices and gateways send them, right and wrong.

use proptest::prelude::*;
use siskin_model::Unit;
use siskin_model::site::Range;

use super::*;
use crate::languages::check_text;

const NOW_MS: i64 = 1_767_225_600_000;

const PROFILE: &str = r#"
id = "acme-json"
version = 1
status = "documented"
vendor = "Acme"
model = "Two"
transport = "mqtt-json"
source = { doc = "Acme Two manual", pages = "1" }
limits = { payload_max_bytes = 300 }
[json.values.value]
pointer = "/value"
unit_pointer = "/unit"
unit_words = { PPM = "ppm" }
[json.values.second]
pointer = "/more/second"
unit = "ppm"
numeric_strings = true
[json.time]
pointer = "/ts"
unit = "ms"
trusted = true
skew_max_ms = 5000
[json.status]
pointer = "/status"
words = { ok = "good", fault = "fault", cal = "calibration", over = "over-range", 0 = "good" }
"#;

fn slot(point: &str) -> Slot {
    Slot {
        point: point.into(),
        unit: Unit::Ppm,
        range: Range { low: 0.0, high: 50.0 },
        factors: vec![(Unit::Ppm, 1.0), (Unit::Ppb, 1e-3)],
    }
}

fn profile() -> DeviceProfile {
    let profile: DeviceProfile = toml::from_str(PROFILE).unwrap();
    assert_eq!(profile.check(), []);
    profile
}

fn decode(payload: &str, points: &[&str]) -> Result<Decoded, Refusal> {
    let slots = points.iter().map(|point| slot(point)).collect();
    let mapping = Mapping::new(&profile(), slots).unwrap();
    one(mapping.decode(payload.as_bytes(), Timestamp::from_millis(NOW_MS), 0))
}

/// The only record.
fn one(decoded: Result<Vec<Decoded>, Refusal>) -> Result<Decoded, Refusal> {
    let mut records = decoded?;
    assert_eq!(records.len(), 1);
    Ok(records.remove(0))
}

/// The first slot's value and quality, and the refusals, of `payload` with a right time.
fn check(payload: &str, want: (Option<f64>, Quality), refused: &[&str]) {
    let payload = payload.replacen('{', &format!("{{\"ts\":{NOW_MS},"), 1);
    let got = decode(&payload, &["value"]).unwrap();
    let [reading] = got.values[..] else { panic!("{got:?}") };
    assert_eq!((reading.value, reading.quality), want, "{payload}");
    assert_eq!(got.refused.len(), refused.len(), "{:?}", got.refused);
    for (refusal, want) in got.refused.iter().zip(refused) {
        check_reason(&refusal.reason, want);
    }
}

fn check_reason(reason: &Text, want: &str) {
    assert!(reason.en.contains(want) && reason.en.contains("hint: "), "{reason:?}");
    check_text(reason);
}

#[test]
fn status_words_become_qualities() {
    use Quality::{Calibration, Fault, Good, OverRange, Uncertain};
    let with = |status: &str| format!(r#"{{"value":0.5,"unit":"ppm"{status}}}"#);
    check(&with(r#","status":"ok""#), (Some(0.5), Good), &[]);
    check(&with(r#","status":0"#), (Some(0.5), Good), &[]);
    check(&with(r#","status":"cal""#), (Some(0.5), Calibration), &[]);
    check(&with(r#","status":"over""#), (Some(0.5), OverRange), &[]);
    check(&with(r#","status":"fault""#), (Some(0.5), Fault), &[]);
    check(&with(r#","status":"OK""#), (Some(0.5), Uncertain), &[]);
    check(&with(r#","status":null"#), (Some(0.5), Uncertain), &[]);
    check(&with(""), (Some(0.5), Uncertain), &[]);
}

#[test]
fn values_that_are_no_numbers_are_faults_with_a_reason() {
    let fault = (None, Quality::Fault);
    let with = |value: &str| format!(r#"{{"value":{value},"unit":"ppm","status":"ok"}}"#);
    check(&with("\"0.5\""), fault, &["is \"0.5\", not a number"]);
    check(&with("true"), fault, &["is true, not a number"]);
    check(&with("[0.5]"), fault, &["is [0.5], not a number"]);
    check(&with("null"), fault, &["`/value` is null"]);
    check(r#"{"unit":"ppm","status":"ok"}"#, fault, &["there is no `/value`"]);
    check(r#"{"unit":"ppm","status":"fault"}"#, fault, &[]);
    check(r#"{"unit":"ppm"}"#, fault, &["there is no `/value`"]);
    let over = r#"{"value":null,"unit":"ppm","status":"over"}"#;
    check(over, (None, Quality::OverRange), &[]);
}

#[test]
fn units_are_converted_or_refused() {
    let fault = (None, Quality::Fault);
    let with = |unit: &str| format!(r#"{{"value":500,"status":"ok"{unit}}}"#);
    check(&with(r#","unit":"ppb""#), (Some(0.5), Quality::Good), &[]);
    let over = (Some(500.0), Quality::OverRange);
    check(&with(r#","unit":"PPM""#), over, &[]);
    check(&with(r#","unit":"%LEL""#), fault, &["the device says %LEL"]);
    check(&with(r#","unit":"Ppm""#), fault, &["says the unit `Ppm`"]);
    check(&with(r#","unit":4"#), fault, &["there is no unit"]);
    check(&with(""), fault, &["there is no unit"]);
}

#[test]
fn what_is_no_payload_is_refused_whole() {
    let refused = |payload: &str, want: &str| {
        let reason = decode(payload, &["value"]).unwrap_err().reason;
        check_reason(&reason, want);
    };
    refused("", "not JSON");
    refused("{\"value\":0.5", "not JSON");
    refused("{\"value\":NaN}", "no number `NaN`");
    refused("{\"value\":-Infinity}", "no number `Infinity`");
    refused("{\"value\":1e999}", "number out of range");
    refused("{\"value\":0.5} trailing", "not JSON");
    refused("0.5", "no object");
    refused("[{\"value\":0.5}]", "no object");
    refused(&format!("{{\"a\":\"{}\"}}", "x".repeat(300)), "allows 300");
    refused(&"[".repeat(299), "not JSON");
}

#[test]
fn times_are_believed_near_the_arrival_only() {
    let at = |ts: &str, backlog_ms: u32| {
        let payload = format!(r#"{{{ts}"value":1,"unit":"ppm","status":"ok"}}"#);
        let mapping = Mapping::new(&profile(), vec![slot("value")]).unwrap();
        let now = Timestamp::from_millis(NOW_MS);
        let got = one(mapping.decode(payload.as_bytes(), now, backlog_ms)).unwrap();
        assert_eq!(got.values[0].value, Some(1.0));
        for refusal in &got.refused {
            check_text(&refusal.reason);
        }
        (got.measured_at.as_millis() - NOW_MS, got.refused.len())
    };
    let ts = |off_ms: i64| format!("\"ts\":{},", NOW_MS + off_ms);
    assert_eq!(at(&ts(-5_000), 0), (-5_000, 0));
    assert_eq!(at(&ts(5_000), 0), (5_000, 0));
    assert_eq!(at(&ts(-5_001), 0), (0, 1));
    assert_eq!(at(&ts(5_001), 0), (0, 1));
    assert_eq!(at(&ts(-60_000), 60_000), (-60_000, 0));
    assert_eq!(at(&ts(5_001), 60_000), (0, 1));
    assert_eq!(at("", 0), (0, 1));
    assert_eq!(at("\"ts\":0,", 0), (0, 1));
    assert_eq!(at("\"ts\":\"x\",", 0), (0, 1));
    assert_eq!(at("\"ts\":-9223372036854775808,", 60_000), (0, 1));
    assert_eq!(at("\"ts\":1e300,", 0), (0, 1));
}

#[test]
fn other_ways_to_write_a_time() {
    let at = |unit: &str, ts: &str| {
        let text = PROFILE.replacen("\"ms\"", &format!("\"{unit}\""), 1);
        let profile: DeviceProfile = toml::from_str(&text).unwrap();
        let mapping = Mapping::new(&profile, vec![slot("value")]).unwrap();
        let payload = format!(r#"{{"ts":{ts},"value":1,"unit":"ppm","status":"ok"}}"#);
        let now = Timestamp::from_millis(NOW_MS);
        let got = one(mapping.decode(payload.as_bytes(), now, 0)).unwrap();
        (got.measured_at.as_millis() - NOW_MS, got.refused.len())
    };
    assert_eq!(at("s", "1767225600"), (0, 0));
    assert_eq!(at("s", "1767225599.25"), (-750, 0));
    assert_eq!(at("iso8601", "\"2026-01-01T08:00:01+08:00\""), (1_000, 0));
    assert_eq!(at("iso8601", "\"2025-12-31T23:59:59.5Z\""), (-500, 0));
    assert_eq!(at("iso8601", "\"2026-01-01T00:00:00\""), (0, 1));
    assert_eq!(at("iso8601", "\"1970-01-01T00:00:12Z\""), (0, 1));
    assert_eq!(at("ms", "\"1767225599000\""), (-1_000, 0));
    assert_eq!(at("s", "\"1767225599.5\""), (-500, 0));
    assert_eq!(at("s", "\"NaN\""), (0, 1));
    // Without an offset a local time is no moment.
    assert_eq!(at("compact", "\"20260101080000\""), (0, 1));
}

#[test]
fn local_times_need_the_offset_of_the_profile() {
    let at = |unit: &str, ts: &str| {
        let unit = format!("\"{unit}\"\nutc_offset_min = 480");
        let profile: DeviceProfile = toml::from_str(&PROFILE.replacen("\"ms\"", &unit, 1)).unwrap();
        assert_eq!(profile.check(), []);
        let mapping = Mapping::new(&profile, vec![slot("value")]).unwrap();
        let payload = format!(r#"{{"ts":{ts},"value":1,"unit":"ppm","status":"ok"}}"#);
        let now = Timestamp::from_millis(NOW_MS);
        let got = one(mapping.decode(payload.as_bytes(), now, 0)).unwrap();
        (got.measured_at.as_millis() - NOW_MS, got.refused.len())
    };
    assert_eq!(at("compact", "\"20260101080001\""), (1_000, 0));
    assert_eq!(at("compact", "\"20260101075959250\""), (-750, 0));
    assert_eq!(at("compact", "20260101080000"), (0, 0));
    assert_eq!(at("compact", "\"20261301080000\""), (0, 1));
    assert_eq!(at("compact", "\"2026010108000\""), (0, 1));
    assert_eq!(at("iso8601", "\"2026-01-01T08:00:01\""), (1_000, 0));
    assert_eq!(at("iso8601", "\"2026-01-01T00:00:01Z\""), (1_000, 0));
}

#[test]
fn records_beyond_the_limit_are_refused_and_said() {
    let text = PROFILE.replacen("payload_max_bytes = 300", "payload_max_bytes = 262144", 1);
    let text =
        text.replacen("[json.values.value]", "[json]\nrecords = \"\"\n[json.values.value]", 1);
    let profile: DeviceProfile = toml::from_str(&text).unwrap();
    assert_eq!(profile.check(), []);
    let mapping = Mapping::new(&profile, vec![slot("value")]).unwrap();
    let record = format!(r#"{{"ts":{NOW_MS},"value":1,"unit":"ppm","status":"ok"}}"#);
    let payload = format!("[{}]", vec![record; shape::RECORDS_MAX + 1].join(","));
    let got = mapping.decode(payload.as_bytes(), Timestamp::from_millis(NOW_MS), 0).unwrap();
    assert_eq!(got.len(), shape::RECORDS_MAX);
    let refused: Vec<_> = got.iter().flat_map(|record| &record.refused).collect();
    let [refused] = refused[..] else { panic!("{refused:?}") };
    check_reason(&refused.reason, "has 2001 records");
    assert_eq!(mapping.decode(b"[]", Timestamp::from_millis(NOW_MS), 0).unwrap(), []);
}

#[test]
fn an_untrusted_clock_is_never_used_and_never_refused() {
    let text = PROFILE.replacen("trusted = true", "trusted = false", 1);
    let profile: DeviceProfile = toml::from_str(&text).unwrap();
    let mapping = Mapping::new(&profile, vec![slot("value")]).unwrap();
    let payload = format!(r#"{{"ts":{},"value":1,"unit":"ppm","status":"ok"}}"#, NOW_MS - 9);
    let now = Timestamp::from_millis(NOW_MS);
    let got = one(mapping.decode(payload.as_bytes(), now, 0)).unwrap();
    assert_eq!((got.measured_at, got.refused.len()), (now, 0));
}

#[test]
fn partial_messages_speak_only_of_what_they_hold() {
    let both = ["value", "second"];
    let part = format!(r#"{{"ts":{NOW_MS},"status":"ok","more":{{"second":" 2.5 "}}}}"#);
    let got = decode(&part, &both).unwrap();
    assert_eq!(got.values.len(), 1);
    assert_eq!((got.values[0].slot, got.values[0].value), (1, Some(2.5)));
    let none = format!(r#"{{"ts":{NOW_MS},"status":"ok"}}"#);
    let got = decode(&none, &both).unwrap();
    let qualities: Vec<_> = got.values.iter().map(|v| v.quality).collect();
    assert_eq!(qualities, [Quality::Fault, Quality::Fault]);
    assert_eq!(got.refused.len(), 2);
}

#[test]
fn numeric_strings_still_have_to_be_numbers() {
    for text in ["NaN", "inf", "", "0x10", "1e999", "1,5"] {
        let payload = format!(r#"{{"ts":{NOW_MS},"status":"ok","more":{{"second":"{text}"}}}}"#);
        let got = decode(&payload, &["second"]).unwrap();
        assert_eq!(got.values[0].value, None, "{text}");
        assert_eq!(got.values[0].quality, Quality::Fault, "{text}");
        for refusal in &got.refused {
            check_text(&refusal.reason);
        }
    }
}

#[test]
fn a_slot_needs_a_value_of_the_mapping() {
    let error = Mapping::new(&profile(), vec![slot("third")]).unwrap_err();
    let text = error.to_string();
    assert!(text.ends_with("its value points are: second, value"), "{text}");
}

proptest! {
    #[test]
    fn bytes_never_panic_and_never_make_a_number_that_is_none(
        payload in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let mapping = Mapping::new(&profile(), vec![slot("value")]).unwrap();
        if let Ok(got) = mapping.decode(&payload, Timestamp::from_millis(NOW_MS), 0) {
            let mut values = got.iter().flat_map(|record| &record.values);
            prop_assert!(values.all(|v| v.value.is_none_or(f64::is_finite)));
        }
    }

    #[test]
    fn numbers_come_out_as_they_were_sent(value in -1e6..1e6f64) {
        let payload = format!(r#"{{"ts":{NOW_MS},"value":{value:?},"unit":"ppm","status":"ok"}}"#);
        let got = decode(&payload, &["value"]).unwrap();
        prop_assert_eq!(got.values[0].value, Some(value));
    }
}
