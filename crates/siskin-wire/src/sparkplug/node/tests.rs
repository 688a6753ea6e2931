//! Sessions: births, deaths, the order of messages, requests for births.

use super::super::payload::{Metric, Value};
use super::super::testing::{at, birth, by_alias, by_name, payload, profile, slot};
use super::*;

struct Bench(Node);

/// What came out, in short: `0.5` a good reading, `0.5?` an uncertain one, `lost`, `aside`,
/// `refused`, `rebirth`.
fn short(effects: &[Effect]) -> Vec<String> {
    let mut out = Vec::new();
    for effect in effects {
        match effect {
            Effect::Heard { readings, refused, .. } => {
                out.extend(readings.iter().map(|r| {
                    let doubt = if r.point.quality.is_judged() { "" } else { "!" };
                    let unsure = r.point.quality == siskin_model::Quality::Uncertain;
                    let mark = if unsure { "?" } else { doubt };
                    format!("{}{mark}", r.point.value.unwrap_or(-1.0))
                }));
                out.extend(refused.iter().map(|_| "refused".to_owned()));
            }
            Effect::Lost { .. } => out.push("lost".into()),
            Effect::Aside { .. } => out.push("aside".into()),
            Effect::Rebirth { .. } => out.push("rebirth".into()),
        }
    }
    out
}

fn bd(number: u64) -> Metric {
    let (name, value) = (Some("bdSeq".into()), Some(Value::Long(number)));
    Metric { name, datatype: Some(8), value, ..Metric::default() }
}

impl Bench {
    /// One analyzer on the device `at-1`, one on the node itself; the broker connected.
    fn new() -> Self {
        let mut node = Node::new("park", "gw");
        for (place, device) in [Some("at-1"), None].into_iter().enumerate() {
            let member = Member::new(("park", "gw", device), &profile(false), vec![slot()]);
            node.add(place, member.unwrap());
        }
        let mut out = Vec::new();
        node.connected(at(0), &mut out);
        assert_eq!(short(&out), ["rebirth"]);
        Self(node)
    }

    /// Born at 0 ms with bdSeq 4; the node and the device say 0.5 and 1.5.
    fn alive() -> Self {
        let mut bench = Self::new();
        assert_eq!(bench.nbirth(4, 0), ["0.5"]);
        let born = payload(1, vec![birth("gas", 7, 9, 1.5)]);
        assert_eq!(bench.take(Kind::Birth, Some("at-1"), born, 0), ["1.5"]);
        bench
    }

    fn take(&mut self, kind: Kind, device: Option<&str>, p: Payload, ms: i64) -> Vec<String> {
        let mut out = Vec::new();
        let p = Payload { timestamp: super::super::testing::stamp(ms), ..p };
        self.0.take(kind, device, p, at(ms), &mut out);
        short(&out)
    }

    fn nbirth(&mut self, bd_seq: u64, ms: i64) -> Vec<String> {
        let metrics = vec![bd(bd_seq), birth("gas", 7, 9, 0.5)];
        self.take(Kind::Birth, None, payload(0, metrics), ms)
    }

    fn ndeath(&mut self, bd_seq: u64, ms: i64) -> Vec<String> {
        self.take(Kind::Death, None, payload(0, vec![bd(bd_seq)]), ms)
    }

    /// Data of the device by its alias.
    fn data(&mut self, seq: u64, ppm: f32, ms: i64) -> Vec<String> {
        self.take(Kind::Data, Some("at-1"), payload(seq, vec![by_alias(7, ppm)]), ms)
    }

    fn tick(&mut self, ms: i64) -> Vec<String> {
        let mut out = Vec::new();
        self.0.tick(at(ms), &mut out);
        short(&out)
    }
}

#[test]
fn data_in_order_is_read_through_the_end_of_the_count() {
    let mut bench = Bench::alive();
    for step in 2_u16..600 {
        let seq = u64::from(step % 256);
        assert_eq!(bench.data(seq, f32::from(step % 8), i64::from(step)).len(), 1, "{step}");
    }
    assert_eq!(bench.tick(5_000), [""; 0]);
}

#[test]
fn before_the_birth_nothing_is_taken_and_it_is_asked_for() {
    let mut bench = Bench::new();
    assert_eq!(bench.data(5, 9.0, 1_000), ["aside"]);
    assert_eq!(bench.data(6, 9.0, 10_000), ["aside", "rebirth"]);
    assert_eq!(bench.tick(19_999), [""; 0]);
    assert_eq!(bench.tick(30_000), ["rebirth"]);
    assert_eq!(bench.nbirth(4, 31_000), ["0.5"]);
    assert_eq!(bench.tick(40_999), [""; 0]);
    // The device's own birth is still missing.
    assert_eq!(bench.data(1, 9.0, 40_999), ["aside"]);
    assert_eq!(bench.tick(41_000), ["lost"]);
}

#[test]
fn a_message_that_is_a_little_late_is_put_in_order() {
    let mut bench = Bench::alive();
    assert_eq!(bench.data(4, 4.0, 100), [""; 0]);
    assert_eq!(bench.data(3, 3.0, 200), [""; 0]);
    assert_eq!(bench.data(2, 2.0, 1_900), ["2", "3", "4"]);
    assert_eq!(bench.tick(60_000), ["lost"; 0]);
}

#[test]
fn a_lost_message_is_a_doubt_and_costs_no_reading() {
    let mut bench = Bench::alive();
    assert_eq!(bench.data(3, 3.0, 10_000), [""; 0]);
    let named = payload(4, vec![by_name("gas", 4.0)]);
    assert_eq!(bench.take(Kind::Data, Some("at-1"), named, 10_100), [""; 0]);
    assert_eq!(bench.tick(11_999), [""; 0]);
    assert_eq!(bench.tick(12_000), ["aside", "aside", "3?", "4", "rebirth"]);
    assert_eq!(bench.data(5, 5.0, 12_100), ["5?"]);
    // What is late after all is a reading too.
    assert_eq!(bench.data(2, 2.0, 12_200), ["2?"]);
    assert_eq!(bench.nbirth(4, 12_300), ["0.5"]);
    let born = payload(1, vec![birth("gas", 7, 9, 1.5)]);
    assert_eq!(bench.take(Kind::Birth, Some("at-1"), born, 12_300), ["1.5"]);
    assert_eq!(bench.data(2, 6.0, 12_400), ["6"]);
}

#[test]
fn no_more_than_the_limit_waits() {
    let mut bench = Bench::alive();
    let mut said = Vec::new();
    for seq in 3..=(3 + u64::try_from(WAITING_MAX).unwrap()) {
        said.extend(bench.data(seq, 1.0, 10_000));
    }
    assert_eq!(said.len(), 2 + WAITING_MAX + 1 + 1, "{said:?}");
    assert_eq!(said.last().map(String::as_str), Some("rebirth"));
}

#[test]
fn a_death_counts_for_its_own_birth_only() {
    let mut bench = Bench::alive();
    assert_eq!(bench.ndeath(3, 10_000), ["rebirth"]);
    assert_eq!(bench.data(2, 2.0, 10_100), ["2"]);
    assert_eq!(bench.ndeath(4, 10_200), ["lost", "lost"]);
    assert_eq!(bench.data(3, 3.0, 30_000), ["aside", "rebirth"]);
    assert_eq!(bench.nbirth(5, 30_100), ["0.5"]);
    assert_eq!(bench.tick(60_000), ["lost"]);
}

#[test]
fn a_death_of_another_number_counts_when_nothing_follows() {
    let mut bench = Bench::alive();
    assert_eq!(bench.ndeath(3, 20_000), ["rebirth"]);
    assert_eq!(bench.tick(24_999), [""; 0]);
    assert_eq!(bench.tick(25_000), ["lost", "lost"]);
    assert_eq!(bench.tick(99_000), [""; 0]);
}

#[test]
fn a_birth_that_its_own_death_overtook_is_asked_for_again() {
    let mut bench = Bench::alive();
    assert_eq!(bench.ndeath(4, 10_000), ["lost", "lost"]);
    assert_eq!(bench.nbirth(4, 10_100), ["0.5", "rebirth"]);
    assert_eq!(bench.nbirth(4, 10_200), ["0.5"]);
}

#[test]
fn a_device_dies_alone() {
    let mut bench = Bench::alive();
    assert_eq!(bench.take(Kind::Death, Some("at-1"), payload(2, vec![]), 10_000), ["lost"]);
    let own = payload(3, vec![by_alias(7, 0.75)]);
    assert_eq!(bench.take(Kind::Data, None, own, 10_100), ["0.75"]);
    assert_eq!(bench.data(4, 9.0, 10_200), ["aside", "rebirth"]);
}

#[test]
fn other_devices_count_in_the_order_and_say_nothing() {
    let mut bench = Bench::alive();
    let other = |seq| payload(seq, vec![by_alias(9, 9.0)]);
    assert_eq!(bench.take(Kind::Birth, Some("x"), other(2), 100), [""; 0]);
    assert_eq!(bench.take(Kind::Data, Some("x"), other(3), 100), [""; 0]);
    assert_eq!(bench.data(4, 2.0, 200), ["2"]);
}

#[test]
fn a_metric_that_was_not_born_asks_for_the_births() {
    let mut bench = Bench::alive();
    let strange = payload(2, vec![by_alias(8, 9.0), by_alias(7, 2.0)]);
    let said = bench.take(Kind::Data, Some("at-1"), strange, 10_000);
    assert_eq!(said, ["2", "refused", "rebirth"]);
}

#[test]
fn a_message_without_a_place_is_read_and_doubted() {
    let mut bench = Bench::alive();
    for seq in [None, Some(256)] {
        let message = Payload { seq, ..payload(0, vec![by_alias(7, 2.0)]) };
        let said = bench.take(Kind::Data, Some("at-1"), message, 100);
        assert_eq!(said, ["aside", "2?"]);
    }
}
