//! What the types of a profile cannot keep out: overlaps, missing orders, words nobody says.
//!
//! Finds everything at once; never repairs.

mod groups;
mod json;
mod point;
mod rules;

use std::collections::BTreeSet;

use siskin_model::Quality;

use super::repeat::NUMBER;
use super::{DeviceProfile, PAYLOAD_LIMIT_BYTES, REGS_MAX, Transport};

/// The longest pause a profile may ask for.
const PAUSE_MAX_MS: u32 = 10_000;

/// One thing wrong with a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileProblem {
    /// Dotted path of the key, for example `points.gas.order`.
    pub path: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
}

type Problems = Vec<ProfileProblem>;

fn add(problems: &mut Problems, path: impl Into<String>, message: impl Into<String>, hint: &str) {
    problems.push(ProfileProblem {
        path: path.into(),
        message: message.into(),
        hint: hint.to_owned(),
    });
}

pub(super) fn check(profile: &DeviceProfile) -> Problems {
    let mut problems = Vec::new();
    let out = &mut problems;
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if profile.id.is_empty() || !profile.id.chars().all(allowed) {
        let message = format!("id `{}` is not a profile id", profile.id);
        add(out, "id", message, "use lower-case letters, digits and `-`");
    }
    check_limits(profile, out);
    check_transport(profile, out);
    check_serial(profile, out);
    for (name, point) in &profile.points {
        point::check(profile, name, point, out);
    }
    groups::check(profile, out);
    rules::check(profile, out);
    if let Some(json) = &profile.json {
        json::check_json(json, out);
    }
    // What is wrong with a repeated point is wrong once, in the line that repeats it.
    let mut seen = BTreeSet::new();
    problems.retain(|p| seen.insert((p.path.clone(), unnumbered(p))));
    problems
}

/// The message of a problem; without its numbers where the point repeats.
fn unnumbered(problem: &ProfileProblem) -> String {
    let message = problem.message.chars();
    let repeats = problem.path.contains(NUMBER);
    message.filter(|c| !(repeats && c.is_ascii_digit())).collect()
}

fn check_limits(profile: &DeviceProfile, out: &mut Problems) {
    let limits = &profile.limits;
    if !(1..=REGS_MAX).contains(&limits.max_regs) {
        let message = format!("max_regs is {}", limits.max_regs);
        add(out, "limits.max_regs", message, "use 1 to 125");
    }
    if limits.max_gap >= limits.max_regs {
        let message = format!("max_gap {} does not fit into max_regs", limits.max_gap);
        add(out, "limits.max_gap", message, "use less than max_regs");
    }
    let pauses = [
        ("min_gap_ms", limits.min_gap_ms),
        ("connect_delay_ms", limits.connect_delay_ms),
        ("timeout_ms", limits.timeout_ms.unwrap_or(0)),
    ];
    for (key, pause_ms) in pauses.into_iter().filter(|p| p.1 > PAUSE_MAX_MS) {
        let message = format!("{key} is {pause_ms}");
        add(out, format!("limits.{key}"), message, "use at most 10000");
    }
    if !(1..=PAYLOAD_LIMIT_BYTES).contains(&limits.payload_max_bytes) {
        let message = format!("payload_max_bytes is {}", limits.payload_max_bytes);
        let hint = format!("use 1 to {PAYLOAD_LIMIT_BYTES}");
        add(out, "limits.payload_max_bytes", message, &hint);
    }
}

fn check_serial(profile: &DeviceProfile, out: &mut Problems) {
    let Some(serial) = &profile.serial else {
        return;
    };
    if serial.baud.is_some_and(|baud| !(300..=1_000_000).contains(&baud)) {
        add(out, "serial.baud", "no line has such a speed", "for example 9600");
    }
    if serial.stop_bits.is_some_and(|bits| !(1..=2).contains(&bits)) {
        add(out, "serial.stop_bits", "no line has so many stop bits", "use 1 or 2");
    }
    // Modbus over serial line 1.02, 2.2: 1 to 247 are devices.
    if serial.unit.is_some_and(|unit| !(1..=247).contains(&unit)) {
        add(out, "serial.unit", "no device has this address", "use 1 to 247");
    }
}

fn check_transport(profile: &DeviceProfile, out: &mut Problems) {
    let registers = !profile.points.is_empty();
    let registers = registers || !profile.validity.is_empty() || profile.heartbeat.is_some();
    let registers = registers || profile.identity.is_some() || !profile.atomic.is_empty();
    // The part of the profile that belongs to each transport, and whether it is there.
    let parts = [
        (Transport::Modbus, "points", registers),
        (Transport::MqttJson, "json", profile.json.is_some()),
        (Transport::SparkplugB, "sparkplug", profile.sparkplug.is_some()),
        (Transport::Hj212, "hj212", profile.hj212.is_some()),
    ];
    for (transport, path, is_there) in parts {
        if is_there && transport != profile.transport {
            let message = format!("a `{}` profile has no `{path}`", profile.transport.as_str());
            add(out, path, message, &format!("remove it, or say `{}`", transport.as_str()));
        }
    }
    if profile.value_points().is_empty() {
        let (path, hint) = match profile.transport {
            Transport::Modbus => ("points", "give a point `unit` or `unit_from`"),
            Transport::MqttJson => ("json", "add `[json.values.NAME]`"),
            Transport::SparkplugB => ("sparkplug", "add `[sparkplug.values.NAME]`"),
            Transport::Hj212 => ("hj212", "add `[hj212.values.NAME]`"),
        };
        add(out, path, "no point holds a value", hint);
    }
}

fn check_quality(quality: Quality, path: String, out: &mut Problems) {
    if matches!(quality, Quality::CommLost | Quality::Manual) {
        let message = format!("a device cannot say `{}`", quality.as_str());
        add(out, path, message, "use another quality");
    }
}

#[cfg(test)]
mod tests;
