//! Topics of Sparkplug B 3.0, chapter 4, and the two messages a host sends.

use prost::Message;

use super::payload::{Metric, Payload, Value};

/// The namespace, first level of every topic.
const NAMESPACE: &str = "spBv1.0";
/// The metric by which a node is asked to say all its births again (5.12 of the standard).
const REBIRTH: &str = "Node Control/Rebirth";
/// Code of the type Boolean.
const BOOLEAN: u32 = 11;

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The birth of a node or device.
    Birth,
    /// Its death.
    Death,
    /// Its data.
    Data,
}

/// Whose message it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Topic<'a> {
    /// Group.
    pub group: &'a str,
    /// Edge node.
    pub node: &'a str,
    /// Device; none: the node's own.
    pub device: Option<&'a str>,
    /// What it is.
    pub kind: Kind,
}

impl<'a> Topic<'a> {
    /// Takes a topic apart; none for commands, states and what is not Sparkplug.
    pub fn parse(topic: &'a str) -> Option<Self> {
        let mut levels = topic.split('/');
        if levels.next() != Some(NAMESPACE) {
            return None;
        }
        let (group, word, node) = (levels.next()?, levels.next()?, levels.next()?);
        let device = levels.next();
        if levels.next().is_some() {
            return None;
        }
        let kind = match (word, device.is_some()) {
            ("NBIRTH", false) | ("DBIRTH", true) => Kind::Birth,
            ("NDEATH", false) | ("DDEATH", true) => Kind::Death,
            ("NDATA", false) | ("DDATA", true) => Kind::Data,
            _ => return None,
        };
        Some(Self { group, node, device, kind })
    }
}

/// What to subscribe to for all that a node and its devices say.
pub fn filters(group: &str, node: &str) -> [String; 2] {
    let own = format!("{NAMESPACE}/{group}/+/{node}");
    [own.clone(), format!("{own}/+")]
}

/// Where a host says whether it is there (3.0: inside the namespace; 2.2 had it outside).
pub fn state(host: &str) -> String {
    format!("{NAMESPACE}/STATE/{host}")
}

/// What a host says there. `since_ms` is the same in the will and in what follows the connection.
pub fn state_payload(online: bool, since_ms: i64) -> Vec<u8> {
    format!("{{\"online\":{online},\"timestamp\":{since_ms}}}").into_bytes()
}

/// Whether a state message says that the host is away.
pub fn says_offline(payload: &[u8]) -> bool {
    let said = serde_json::from_slice::<serde_json::Value>(payload).ok();
    said.and_then(|said| said.get("online")?.as_bool()) == Some(false)
}

/// The topic and payload that ask a node for its births.
pub fn rebirth(group: &str, node: &str, now_ms: i64) -> (String, Vec<u8>) {
    let timestamp = u64::try_from(now_ms).ok();
    let metric = Metric {
        name: Some(REBIRTH.into()),
        timestamp,
        datatype: Some(BOOLEAN),
        value: Some(Value::Boolean(true)),
        ..Metric::default()
    };
    let payload = Payload { timestamp, metrics: vec![metric], seq: None };
    (format!("{NAMESPACE}/{group}/NCMD/{node}"), payload.encode_to_vec())
}

#[cfg(test)]
mod tests {
    use super::super::payload::decode;
    use super::*;

    fn check(topic: &str, want: Option<(Option<&str>, Kind)>) {
        let parsed = Topic::parse(topic);
        assert_eq!(parsed.map(|t| (t.device, t.kind)), want, "{topic}");
        if let Some(parsed) = parsed {
            assert_eq!((parsed.group, parsed.node), ("park", "gw-1"));
        }
    }

    #[test]
    fn topics_are_taken_apart_and_others_left() {
        check("spBv1.0/park/NBIRTH/gw-1", Some((None, Kind::Birth)));
        check("spBv1.0/park/NDEATH/gw-1", Some((None, Kind::Death)));
        check("spBv1.0/park/NDATA/gw-1", Some((None, Kind::Data)));
        check("spBv1.0/park/DBIRTH/gw-1/at-1", Some((Some("at-1"), Kind::Birth)));
        check("spBv1.0/park/DDEATH/gw-1/at-1", Some((Some("at-1"), Kind::Death)));
        check("spBv1.0/park/DDATA/gw-1/at-1", Some((Some("at-1"), Kind::Data)));
        check("spBv1.0/park/NBIRTH/gw-1/at-1", None);
        check("spBv1.0/park/DDATA/gw-1", None);
        check("spBv1.0/park/DDATA/gw-1/at-1/x", None);
        check("spBv1.0/park/NCMD/gw-1", None);
        check("spBv1.0/STATE/scada", None);
        check("spAv1.0/park/NDATA/gw-1", None);
        check("park", None);
    }

    #[test]
    fn the_filters_take_a_nodes_own_and_its_devices_messages() {
        assert_eq!(filters("park", "gw-1"), ["spBv1.0/park/+/gw-1", "spBv1.0/park/+/gw-1/+"]);
    }

    #[test]
    fn the_state_is_that_of_3_0() {
        assert_eq!(state("siskin"), "spBv1.0/STATE/siskin");
        assert_eq!(state_payload(true, 5), b"{\"online\":true,\"timestamp\":5}");
        assert!(says_offline(&state_payload(false, 5)));
        assert!(!says_offline(&state_payload(true, 5)));
        assert!(!says_offline(b"OFFLINE"));
    }

    #[test]
    fn a_rebirth_is_asked_for_by_one_boolean() {
        let (topic, bytes) = rebirth("park", "gw-1", 7);
        assert_eq!(topic, "spBv1.0/park/NCMD/gw-1");
        let payload = decode(&bytes).unwrap();
        assert_eq!((payload.timestamp, payload.seq), (Some(7), None));
        let [metric] = payload.metrics.as_slice() else { panic!("{payload:?}") };
        assert_eq!(metric.name.as_deref(), Some(REBIRTH));
        assert_eq!(metric.value, Some(Value::Boolean(true)));
    }
}
