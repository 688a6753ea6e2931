//! All nodes together, from topics and bytes; and anything at all.

use proptest::prelude::*;

use super::super::payload::Payload;
use super::super::testing::{at, birth, by_alias, bytes, payload, profile, slot};
use super::*;

fn host() -> Host {
    let ids = [("park", "gw-1", Some("at-1")), ("park", "gw-2", None)];
    let member = |id| Member::new(id, &profile(false), vec![slot()]).unwrap();
    Host::new(ids.map(member).to_vec())
}

#[test]
fn each_node_is_subscribed_to_and_asked() {
    let mut host = host();
    let filters = host.filters();
    assert_eq!(filters.len(), 4);
    assert_eq!(filters.first().map(String::as_str), Some("spBv1.0/park/+/gw-1"));
    let asked = host.connected(at(0));
    let want =
        ["gw-1", "gw-2"].map(|node| Effect::Rebirth { group: "park".into(), node: node.into() });
    assert_eq!(asked, want);
}

#[test]
fn one_node_does_not_stop_another() {
    let mut host = host();
    host.connected(at(0));
    let broken = host.take("spBv1.0/park/NBIRTH/gw-1", &[0xFF], false, at(0));
    assert_eq!(broken, []);
    let broken = host.take("spBv1.0/park/DBIRTH/gw-1/at-1", &[0xFF], false, at(0));
    assert!(matches!(broken.as_slice(), [Effect::Aside { member: 0, .. }]), "{broken:?}");
    let born = bytes(&payload(0, vec![birth("gas", 1, 9, 0.5)]));
    let heard = host.take("spBv1.0/park/NBIRTH/gw-2", &born, false, at(0));
    let [Effect::Heard { member: 1, readings, refused }] = heard.as_slice() else {
        panic!("{heard:?}")
    };
    assert_eq!((readings.len(), refused.len()), (1, 0));
}

#[test]
fn retained_messages_and_strangers_are_not_taken() {
    let mut host = host();
    let born = bytes(&payload(0, vec![birth("gas", 1, 9, 0.5)]));
    let old = host.take("spBv1.0/park/NBIRTH/gw-2", &born, true, at(0));
    let [Effect::Aside { member: 1, why }] = old.as_slice() else { panic!("{old:?}") };
    assert!(why.en.contains("retained"), "{why:?}");
    assert_eq!(host.take("spBv1.0/park/NBIRTH/gw-3", &born, false, at(0)), []);
    assert_eq!(host.take("spBv1.0/park/NCMD/gw-2", &born, false, at(0)), []);
    assert_eq!(host.take("park/at-1/reading", b"{}", false, at(0)), []);
}

#[derive(Debug, Clone)]
enum Step {
    Send(&'static str, Payload),
    Noise(&'static str, Vec<u8>),
    Wait(i64),
}

fn step() -> impl Strategy<Value = Step> {
    let topic = prop::sample::select(vec![
        "spBv1.0/park/NBIRTH/gw-1",
        "spBv1.0/park/NDEATH/gw-1",
        "spBv1.0/park/NDATA/gw-1",
        "spBv1.0/park/DBIRTH/gw-1/at-1",
        "spBv1.0/park/DDEATH/gw-1/at-1",
        "spBv1.0/park/DDATA/gw-1/at-1",
        "spBv1.0/park/NBIRTH/gw-2",
        "spBv1.0/park/NDATA/gw-2",
    ]);
    let metric = (0_u64..3, any::<bool>(), -1.0_f32..60.0).prop_map(|(alias, named, ppm)| {
        if named { birth("gas", alias, 9, ppm) } else { by_alias(alias, ppm) }
    });
    let message = (0_u64..300, prop::collection::vec(metric, 0..4));
    let message = message.prop_map(|(seq, metrics)| payload(seq, metrics));
    prop_oneof![
        8 => (topic.clone(), message).prop_map(|(topic, payload)| Step::Send(topic, payload)),
        1 => (topic, prop::collection::vec(any::<u8>(), 0..40))
            .prop_map(|(topic, bytes)| Step::Noise(topic, bytes)),
        3 => (0_i64..8_000).prop_map(Step::Wait),
    ]
}

proptest! {
    /// Whatever comes: no panic, no more than one request in ten seconds to each node, and every
    /// number is one that some message had.
    #[test]
    fn any_traffic_keeps_the_rules(steps in prop::collection::vec(step(), 0..120)) {
        let mut host = host();
        let mut now_ms = 0;
        let mut asked: BTreeMap<String, i64> = BTreeMap::new();
        let mut effects = host.connected(at(0));
        for step in steps {
            for effect in effects {
                if let Effect::Rebirth { node, .. } = effect {
                    let before = asked.insert(node, now_ms);
                    prop_assert!(before.is_none_or(|before| now_ms - before >= 10_000));
                } else if let Effect::Heard { readings, .. } = effect {
                    for reading in readings {
                        let value = reading.point.value;
                        prop_assert!(value.is_none_or(|v| (-1.0..60.0).contains(&v)));
                    }
                }
            }
            effects = match step {
                Step::Send(topic, payload) => host.take(topic, &bytes(&payload), false, at(now_ms)),
                Step::Noise(topic, bytes) => host.take(topic, &bytes, false, at(now_ms)),
                Step::Wait(ms) => {
                    now_ms += ms;
                    host.tick(at(now_ms))
                }
            };
        }
    }
}
