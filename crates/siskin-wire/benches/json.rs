//! What a JSON payload costs: `cargo bench -p siskin-wire --bench json` prints lines
//! `figure <name> <value> <unit>`.
//!
//! Messages with one value (`siskin-json`) and with twenty (`emqx-neuron-values` with its example
//! replaced by tags), from bytes to readings, on one core. The best of several rounds.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a bench may panic and speaks")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::{Duration, Instant};

use siskin_model::site::Range;
use siskin_model::{Quality, Timestamp, Unit};
use siskin_wire::json::Mapping;
use siskin_wire::{DeviceProfile, Slot};

const ONE: &str = include_str!("../../../firmware-configs/devices/siskin-json.toml");
const MANY: &str = include_str!("../../../firmware-configs/devices/emqx-neuron-values.toml");
/// Its example, which the tags replace, and what follows it.
const EXAMPLE: (&str, &str) = ("[json.values.h2s]", "[json.time]");
const TAGS: usize = 20;
const NOW_MS: i64 = 1_767_225_600_000;
const MESSAGES: usize = 10_000;
const ROUNDS: usize = 15;

fn main() {
    let one = |n: usize| {
        let value = number(n);
        format!(r#"{{"ts":{NOW_MS},"value":{value},"unit":"ppm","status":"ok"}}"#)
    };
    measure("json_1", &mapping(ONE, &["value".to_owned()]), one);
    let tags: Vec<_> = (0..TAGS).map(|tag| format!("t{tag}")).collect();
    let (head, rest) = MANY.split_once(EXAMPLE.0).unwrap();
    let (_, tail) = rest.split_once(EXAMPLE.1).unwrap();
    let mut profile = head.to_owned();
    for tag in &tags {
        write!(
            profile,
            "[json.values.{tag}]\npointer = \"/values/{tag}\"\nunit = \"ppm\"\nstatus = {{ \
             pointer = \"/errors/{tag}\", words = {{ 0 = \"good\" }}, absent = \"good\", \
             other = \"fault\" }}\n"
        )
        .unwrap();
    }
    write!(profile, "{}{tail}", EXAMPLE.1).unwrap();
    let many = |n: usize| {
        let value = |tag: usize| format!("\"t{tag}\":{}", number(n * 7 + tag * 17));
        let values: Vec<_> = (0..TAGS).map(value).collect();
        let head = format!(r#""timestamp":{NOW_MS},"node":"modbus","group":"grp""#);
        format!(r#"{{{head},"values":{{{}}},"errors":{{}},"metas":{{}}}}"#, values.join(","))
    };
    measure("json_20", &mapping(&profile, &tags), many);
}

fn number(n: usize) -> String {
    format!("0.{:02}", 30 + n % 40)
}

fn mapping(profile: &str, points: &[String]) -> Mapping {
    let profile: DeviceProfile = toml::from_str(profile).unwrap();
    assert_eq!(profile.check(), []);
    let slot = |point: &String| Slot {
        point: point.clone(),
        unit: Unit::Ppm,
        range: Range { low: 0.0, high: 50.0 },
        factors: vec![(Unit::Ppm, 1.0)],
    };
    Mapping::new(&profile, points.iter().map(slot).collect()).unwrap()
}

/// A round decodes all messages; each must give good readings only.
fn measure(name: &str, mapping: &Mapping, payload: impl Fn(usize) -> String) {
    let payloads: Vec<_> = (0..MESSAGES).map(payload).collect();
    let now = Timestamp::from_millis(NOW_MS);
    let mut best = Duration::MAX;
    for _ in 0..ROUNDS {
        let began = Instant::now();
        for payload in &payloads {
            for record in black_box(mapping.decode(payload.as_bytes(), now, 0).unwrap()) {
                assert!(record.refused.is_empty());
                assert!(record.values.iter().all(|value| value.quality == Quality::Good));
            }
        }
        best = best.min(began.elapsed());
    }
    let bytes = payloads.iter().map(String::len).sum::<usize>() as f64;
    figure(&format!("{name}_message"), best.as_secs_f64() * 1e9 / MESSAGES as f64, "ns");
    figure(&format!("{name}_rate"), bytes / 1e6 / best.as_secs_f64(), "MB/s");
}

fn figure(name: &str, value: f64, unit: &str) {
    println!("figure {name} {value:.0} {unit}");
}
