//! Payloads: every type, the limits, and bytes of any kind.

use proptest::prelude::*;

use super::*;
use crate::languages::check_text;

/// The number of a metric whose birth said `datatype`.
fn check(datatype: u32, value: Value, want: Option<f64>) {
    let metric = Metric { value: Some(value), ..Metric::default() };
    assert_eq!(metric.number(datatype), want, "{datatype} {metric:?}");
}

#[test]
fn every_numeric_type_is_read_and_no_other() {
    check(1, Value::Int(251), Some(-5.0));
    check(1, Value::Int(0xFFFF_FFFB), Some(-5.0));
    check(2, Value::Int(0xFFFE), Some(-2.0));
    check(3, Value::Int(u32::MAX), Some(-1.0));
    check(3, Value::Long(u64::MAX), Some(-1.0));
    check(3, Value::Int(7), Some(7.0));
    check(4, Value::Long(u64::MAX), Some(-1.0));
    check(5, Value::Int(251), Some(251.0));
    check(7, Value::Int(u32::MAX), Some(4_294_967_295.0));
    check(7, Value::Long(5), Some(5.0));
    check(8, Value::Long(1 << 40), Some(1_099_511_627_776.0));
    check(9, Value::Float(0.5), Some(0.5));
    check(10, Value::Double(0.52), Some(0.52));
    check(9, Value::Float(f32::NAN), None);
    check(10, Value::Double(f64::INFINITY), None);
    check(9, Value::Int(1), None);
    check(3, Value::Float(1.0), None);
    check(11, Value::Boolean(true), None);
    check(12, Value::Text("1".into()), None);
    check(13, Value::Long(1), None);
    check(0, Value::Double(1.0), None);
    check(16, Value::DataSet(vec![]), None);
    check(19, Value::Template(vec![]), None);
}

#[test]
fn words_of_a_state_are_texts_whole_numbers_and_booleans() {
    let word = |datatype, value| Metric { value: Some(value), ..Metric::default() }.word(datatype);
    assert_eq!(word(12, Value::Text("ok".into())).as_deref(), Some("ok"));
    assert_eq!(word(3, Value::Int(u32::MAX)).as_deref(), Some("-1"));
    assert_eq!(word(11, Value::Boolean(true)).as_deref(), Some("true"));
    assert_eq!(word(9, Value::Float(1.0)), None);
}

/// A length-delimited field.
fn field(tag: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![tag << 3 | 2];
    prost::encoding::encode_varint(u64::try_from(body.len()).unwrap(), &mut out);
    out.extend_from_slice(body);
    out
}

#[test]
fn too_much_is_refused_before_it_is_made() {
    let metrics = |count: usize| field(2, &[]).repeat(count);
    assert_eq!(decode(&metrics(METRICS_MAX)).unwrap().metrics.len(), METRICS_MAX);
    let why = decode(&metrics(METRICS_MAX + 1)).unwrap_err();
    assert!(why.en.contains("4097 metrics"), "{why:?}");
    check_text(&why);
    let values = field(2, &[]).repeat(PROPERTIES_MAX + 1);
    let why = decode(&field(2, &field(9, &values))).unwrap_err();
    assert!(why.en.contains("16385 properties"), "{why:?}");
    let why = decode(&vec![0; PAYLOAD_LIMIT_BYTES + 1]).unwrap_err();
    assert!(why.en.contains("262145 bytes"), "{why:?}");
    check_text(&why);
}

#[test]
fn broken_bytes_are_refused_with_a_hint() {
    for bytes in
        [&[0x12, 5, 1][..], &[0xFF], &[0x0B], &[0x12, 2, 0x0A, 9], &[0x12, 3, 0x0A, 1, 0xFF]]
    {
        let why = decode(bytes).unwrap_err();
        assert!(why.en.contains("cannot be decoded"), "{bytes:?}: {why:?}");
    }
    assert_eq!(decode(&[]).unwrap(), Payload::default());
}

/// Written by hand from the field numbers of the definition: a DDATA with `seq` 5 and the metric
/// `gas` = 0.5 (float), alias 300, stamp 1000, historical, unit ppm.
#[test]
fn a_payload_written_by_hand_is_read() {
    let property = field(1, b"engUnit");
    let value = field(2, &field(8, b"ppm"));
    let mut metric = field(1, b"gas");
    metric.extend([0x10, 0xAC, 0x02, 0x18, 0xE8, 0x07, 0x20, 9, 0x28, 1]);
    metric.extend(field(9, &[property, value].concat()));
    metric.extend([0x65, 0, 0, 0, 0x3F]);
    let mut bytes = vec![0x08, 0xE8, 0x07];
    bytes.extend(field(2, &metric));
    bytes.extend([0x18, 5]);
    let payload = decode(&bytes).unwrap();
    assert_eq!((payload.timestamp, payload.seq), (Some(1000), Some(5)));
    let [metric] = payload.metrics.as_slice() else { panic!("{payload:?}") };
    assert_eq!((metric.name.as_deref(), metric.alias), (Some("gas"), Some(300)));
    assert_eq!((metric.timestamp, metric.number(9)), (Some(1000), Some(0.5)));
    assert!(metric.is_past());
    assert_eq!(metric.property("engUnit").unwrap().text.as_deref(), Some("ppm"));
    assert_eq!(metric.property("Quality"), None);
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<u32>().prop_map(Value::Int),
        any::<u64>().prop_map(Value::Long),
        any::<f32>().prop_filter("NaN is not itself", |n| !n.is_nan()).prop_map(Value::Float),
        any::<f64>().prop_filter("NaN is not itself", |n| !n.is_nan()).prop_map(Value::Double),
        any::<bool>().prop_map(Value::Boolean),
        ".{0,8}".prop_map(Value::Text),
        proptest::collection::vec(any::<u8>(), 0..8).prop_map(Value::Template),
    ]
}

fn metric() -> impl Strategy<Value = Metric> {
    let ids = (proptest::option::of(".{0,8}"), any::<Option<u64>>(), any::<Option<u64>>());
    let flags = (any::<Option<u32>>(), any::<Option<bool>>(), any::<Option<bool>>());
    (ids, flags, proptest::option::of(value())).prop_map(|(ids, flags, value)| Metric {
        name: ids.0,
        alias: ids.1,
        timestamp: ids.2,
        datatype: flags.0,
        is_historical: flags.1,
        is_null: flags.2,
        properties: None,
        value,
    })
}

proptest! {
    #[test]
    fn what_is_encoded_is_decoded(
        metrics in proptest::collection::vec(metric(), 0..8),
        timestamp: Option<u64>,
        seq: Option<u64>,
    ) {
        let payload = Payload { timestamp, metrics, seq };
        prop_assert_eq!(decode(&payload.encode_to_vec()).unwrap(), payload);
    }

    /// Bytes of any kind, and whole payloads with a few bytes changed.
    #[test]
    fn no_bytes_panic_and_no_number_is_not_finite(
        noise in proptest::collection::vec(any::<u8>(), 0..64),
        metrics in proptest::collection::vec(metric(), 0..4),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        datatype in 0_u32..40,
    ) {
        let mut bytes = Payload { metrics, ..Payload::default() }.encode_to_vec();
        for (at, byte) in changes {
            if !bytes.is_empty() {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
        }
        for bytes in [noise, bytes] {
            if let Ok(payload) = decode(&bytes) {
                for metric in &payload.metrics {
                    prop_assert!(metric.number(datatype).is_none_or(f64::is_finite));
                }
            }
        }
    }
}
