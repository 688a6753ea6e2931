//! What the types of a profile cannot keep out: overlaps, missing orders, words nobody says.
//!
//! Finds everything at once; never repairs.

use std::collections::BTreeSet;

use siskin_model::Quality;

use super::{
    DeviceProfile, JsonMapping, PAYLOAD_LIMIT_BYTES, Point, PointType, REGS_MAX, Transport,
};

/// Registers (or bits) a device can have.
const ADDRESSES: u32 = 65_536;
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
    for (name, point) in &profile.points {
        check_place(profile, name, point, out);
        check_bits(name, point, out);
        check_unit(profile, name, point, out);
    }
    check_overlaps(profile, out);
    check_validity(profile, out);
    check_heartbeat(profile, out);
    if let Some(json) = &profile.json {
        check_json(json, out);
    }
    problems
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
    let pauses = [("min_gap_ms", limits.min_gap_ms), ("connect_delay_ms", limits.connect_delay_ms)];
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

fn check_transport(profile: &DeviceProfile, out: &mut Problems) {
    let registers = !profile.points.is_empty();
    let registers = registers || !profile.validity.is_empty() || profile.heartbeat.is_some();
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

fn check_place(profile: &DeviceProfile, name: &str, point: &Point, out: &mut Problems) {
    if point.fc.is_bits() != (point.kind == PointType::Bit) {
        let path = format!("points.{name}.type");
        let hint = "functions 1 and 2 read `bit`, 3 and 4 read registers";
        let message = format!("function {} has no such type", u8::from(point.fc));
        add(out, path, message, hint);
    }
    let end = u32::from(point.addr) + u32::from(point.span());
    if end > ADDRESSES {
        let path = format!("points.{name}.addr");
        let hint = "addresses are counted from 0 and end at 65535";
        add(out, path, "the point ends beyond 65535", hint);
    }
    if point.span() > profile.limits.max_regs {
        let path = format!("points.{name}.type");
        let hint = "raise `limits.max_regs`";
        add(out, path, "the point does not fit into one request", hint);
    }
    let wide = point.span() == 2;
    if wide && point.order.is_none() {
        let path = format!("points.{name}.order");
        let hint = "state ABCD, CDAB, BADC or DCBA and its evidence in `order_evidence`";
        add(out, path, "a 32-bit point has no word order", hint);
    }
    if !wide && (point.order.is_some() || point.order_evidence.is_some()) {
        let path = format!("points.{name}.order");
        let message = "a point of one register has no word order";
        add(out, path, message, "remove it");
    }
    if wide && point.order.is_some() && point.order_evidence.is_none() {
        let path = format!("points.{name}.order_evidence");
        let hint = "say `documented`, `confirmed` or `unverified`";
        add(out, path, "the word order has no evidence", hint);
    }
}

fn check_bits(name: &str, point: &Point, out: &mut Problems) {
    let width = point.kind.width();
    let full = u32::MAX >> (32 - u32::from(width));
    let unsigned = matches!(point.kind, PointType::U16 | PointType::U32);
    if (point.mask.is_some() || point.shift > 0) && !unsigned {
        let path = format!("points.{name}.mask");
        let message = "only unsigned points have a mask or a shift";
        add(out, path, message, "use `u16` or `u32`");
    } else if point.mask.is_some_and(|mask| mask & !full != 0) {
        let path = format!("points.{name}.mask");
        let message = format!("the mask has bits beyond the {width} of the point");
        add(out, path, message, "shorten it");
    } else if point.shift >= width || (point.mask.unwrap_or(full) >> point.shift) == 0 {
        let path = format!("points.{name}.mask");
        let message = "mask and shift leave no bit";
        add(out, path, message, "the mask applies before the shift");
    }
    if !(point.scale.is_finite() && point.scale != 0.0 && point.offset.is_finite()) {
        let path = format!("points.{name}.scale");
        let message = format!("scale {} and offset {}", point.scale, point.offset);
        add(out, path, message, "use finite numbers, the scale not 0");
    }
    let tables = point.is_state() || !point.bits.is_empty() || !point.unit_codes.is_empty();
    if tables && !unsigned {
        let path = format!("points.{name}");
        let message = "only unsigned points have words, bits, ranges or unit codes";
        add(out, path, message, "use `u16` or `u32`");
    }
    for code in point.bits.keys().filter(|c| c.0 >= u32::from(width)) {
        let path = format!("points.{name}.bits.{}", code.0);
        let message = format!("there is no bit {}", code.0);
        add(out, path, message, "bits count from 0, after the shift");
    }
    let mut last: Option<u32> = None;
    let mut ranges: Vec<_> = point.ranges.iter().collect();
    ranges.sort_by_key(|(_, range)| **range);
    for (word, &(from, to)) in ranges {
        if from > to || last.is_some_and(|last| from <= last) {
            let path = format!("points.{name}.ranges.{word}");
            let message = format!("[{from}, {to}] is empty or meets another range");
            add(out, path, message, "write [from, to] without overlaps");
        }
        last = last.max(Some(to));
    }
}

fn check_unit(profile: &DeviceProfile, name: &str, point: &Point, out: &mut Problems) {
    let path = format!("points.{name}.unit_from");
    if point.unit.is_some() && point.unit_from.is_some() {
        let hint = "keep `unit` where it is fixed, `unit_from` where the device says it";
        add(out, path, "both `unit` and `unit_from`", hint);
        return;
    }
    let Some(from) = &point.unit_from else {
        return;
    };
    match profile.points.get(from) {
        None => {
            let message = format!("there is no point `{from}`");
            add(out, path, message, "name a point of this profile");
        }
        Some(code) if code.unit_codes.is_empty() => {
            let message = format!("point `{from}` has no `unit_codes`");
            add(out, path, message, "list its codes and their units");
        }
        Some(_) => {}
    }
}

/// Two points may share a register only when their masks share no bit: manuals that print two
/// values at one place have one of them wrong.
fn check_overlaps(profile: &DeviceProfile, out: &mut Problems) {
    let mut points: Vec<_> = profile.points.iter().collect();
    points.sort_by_key(|(_, p)| (p.fc, p.addr));
    for (i, (name, a)) in points.iter().enumerate() {
        let end = u32::from(a.addr) + u32::from(a.span());
        let after = points.iter().skip(i + 1);
        for (other, b) in after.take_while(|(_, b)| b.fc == a.fc && u32::from(b.addr) < end) {
            let same_place = a.addr == b.addr && a.kind == b.kind;
            let apart = a.mask.zip(b.mask).is_some_and(|(a, b)| a & b == 0);
            if !(same_place && apart) {
                let path = format!("points.{other}.addr");
                let message = format!("`{other}` overlaps `{name}`");
                let hint = "only masks without a common bit may share a register";
                add(out, path, message, hint);
            }
        }
    }
}

fn check_validity(profile: &DeviceProfile, out: &mut Problems) {
    let rules = profile.validity.iter().enumerate();
    for (i, rule) in rules {
        let path = format!("validity[{i}]");
        check_quality(rule.quality, format!("{path}.quality"), out);
        if rule.when.is_empty() {
            let hint = "say which point and words, or use `validity_default`";
            add(out, format!("{path}.when"), "the rule has no condition", hint);
        }
        for (name, words) in &rule.when {
            let path = format!("{path}.when.{name}");
            let Some(point) = profile.points.get(name) else {
                let message = format!("there is no point `{name}`");
                add(out, path, message, "name a point of this profile");
                continue;
            };
            let known: BTreeSet<_> = point.all_words().into_iter().collect();
            if words.is_empty() {
                add(out, path.clone(), "no words", "list at least one word");
            }
            for word in words.iter().filter(|w| !known.contains(w.as_str())) {
                let message = format!("point `{name}` never shows `{word}`");
                let known: Vec<_> = known.iter().copied().collect();
                let hint = format!("its words are: {}", known.join(", "));
                add(out, path.clone(), message, &hint);
            }
        }
    }
    check_quality(profile.validity_default, "validity_default".into(), out);
    if profile.validity_default == Quality::Good && !profile.validity.is_empty() {
        let message = "an unknown state would be good";
        let hint = "add a rule for the good state and leave the default `uncertain`";
        add(out, "validity_default", message, hint);
    }
}

fn check_quality(quality: Quality, path: String, out: &mut Problems) {
    if matches!(quality, Quality::CommLost | Quality::Manual) {
        let message = format!("a device cannot say `{}`", quality.as_str());
        add(out, path, message, "use another quality");
    }
}

fn check_heartbeat(profile: &DeviceProfile, out: &mut Problems) {
    let Some(beat) = &profile.heartbeat else {
        return;
    };
    match profile.points.get(&beat.point) {
        None => {
            let message = format!("there is no point `{}`", beat.point);
            let hint = "name a point of this profile";
            add(out, "heartbeat.point", message, hint);
        }
        Some(point) if point.is_value() => {
            let message = "a measured value is no heartbeat: it may stay the same";
            add(out, "heartbeat.point", message, "name a counter");
        }
        Some(_) => {}
    }
    if beat.stale_after_ms == 0 {
        let hint = "at least three of the device's beats";
        add(out, "heartbeat.stale_after_ms", "stale at once", hint);
    }
}

fn check_json(json: &JsonMapping, out: &mut Problems) {
    let mut pointers = Vec::new();
    for (name, value) in &json.values {
        let path = format!("json.values.{name}");
        pointers.push((format!("{path}.pointer"), &value.pointer));
        if value.unit.is_some() == value.unit_pointer.is_some() {
            let message = "exactly one of `unit` and `unit_pointer` is needed";
            let hint = "state `unit` where payloads do not carry it";
            add(out, format!("{path}.unit"), message, hint);
        }
        if let Some(pointer) = &value.unit_pointer {
            pointers.push((format!("{path}.unit_pointer"), pointer));
        }
    }
    if let Some(time) = &json.time {
        pointers.push(("json.time.pointer".into(), &time.pointer));
        if time.trusted && time.skew_max_ms == 0 {
            let hint = "say how far a disciplined clock may be off";
            add(out, "json.time.skew_max_ms", "no time would fit", hint);
        }
    }
    if let Some(status) = &json.status {
        pointers.push(("json.status.pointer".into(), &status.pointer));
        if status.words.is_empty() {
            let hint = "list the words and their qualities";
            add(out, "json.status.words", "no words", hint);
        }
        for (word, quality) in &status.words {
            check_quality(*quality, format!("json.status.words.{word}"), out);
        }
    }
    for (path, pointer) in pointers {
        if !pointer.starts_with('/') {
            let message = format!("`{pointer}` is no JSON pointer");
            add(out, path, message, "start with `/`, for example `/value`");
        }
    }
}

#[cfg(test)]
mod tests;
