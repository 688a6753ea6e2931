//! Each point for itself: its place, its bits, and the points it needs.

use super::{Problems, add};
use crate::profile::point::TEXT_REGS_MAX;
use crate::profile::{DeviceProfile, Point, PointType};

/// Registers (or bits) a device can have.
const ADDRESSES: u32 = 65_536;

pub(super) fn check(profile: &DeviceProfile, name: &str, point: &Point, out: &mut Problems) {
    let shown = point.written_name(name);
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
    if name.is_empty() || !name.chars().all(allowed) {
        let message = format!("`{shown}` is not a name of a point");
        let hint = "use lower-case letters, digits, `-` and `_`";
        add(out, format!("points.{shown}"), message, hint);
    }
    check_place(profile, shown, point, out);
    check_order(shown, point, out);
    check_text(shown, point, out);
    check_bits(shown, point, out);
    check_tables(shown, point, out);
    check_number(shown, point, out);
    check_unit(profile, shown, point, out);
    check_companions(profile, shown, point, out);
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
}

fn check_order(name: &str, point: &Point, out: &mut Problems) {
    let wide = point.kind.span() == 2;
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

fn check_text(name: &str, point: &Point, out: &mut Problems) {
    let is_text = point.kind == PointType::Text;
    if is_text != point.len.is_some() {
        let path = format!("points.{name}.len");
        let message = "a text has a length, nothing else has one";
        add(out, path, message, "for example `type = \"text\"`, `len = 4` (registers)");
    }
    if point.len.is_some_and(|len| !(1..=TEXT_REGS_MAX).contains(&len)) {
        let path = format!("points.{name}.len");
        let hint = format!("use 1 to {TEXT_REGS_MAX} registers");
        add(out, path, "no text has so many registers", &hint);
    }
    if is_text && (point.is_value() || !point.invalid.is_empty()) {
        let path = format!("points.{name}");
        add(out, path, "a text is no value", "remove `unit`, `unit_from` and `invalid`");
    }
    if !is_text && !point.unit_texts.is_empty() {
        let path = format!("points.{name}.unit_texts");
        add(out, path, "only a text shows texts", "use `unit_codes`");
    }
}

fn check_bits(name: &str, point: &Point, out: &mut Problems) {
    let width = point.kind.width();
    let full = u32::MAX >> (32 - u32::from(width));
    let path = format!("points.{name}.mask");
    if (point.mask.is_some() || point.shift > 0) && !point.is_code() {
        let message = "only unsigned points have a mask or a shift";
        add(out, path, message, "use `u16` or `u32`");
    } else if point.mask.is_some_and(|mask| mask & !full != 0) {
        let message = format!("the mask has bits beyond the {width} of the point");
        add(out, path, message, "shorten it");
    } else if point.shift >= width || (point.mask.unwrap_or(full) >> point.shift) == 0 {
        let message = "mask and shift leave no bit";
        add(out, path, message, "the mask applies before the shift");
    }
    for invalid in point.invalid.iter().filter(|bits| **bits & !full != 0) {
        let message = format!("{invalid:#X} has bits beyond the {width} of the point");
        let hint = "write the bits as they are read, for example -9999 as 0xD8F1";
        add(out, format!("points.{name}.invalid"), message, hint);
    }
    for code in point.bits.keys().filter(|c| c.0 >= u32::from(width)) {
        let path = format!("points.{name}.bits.{}", code.0);
        let message = format!("there is no bit {}", code.0);
        add(out, path, message, "bits count from 0, after the shift");
    }
}

fn check_tables(name: &str, point: &Point, out: &mut Problems) {
    let tables = point.is_state() || !point.bits.is_empty() || !point.unit_codes.is_empty();
    if tables && !point.is_code() {
        let path = format!("points.{name}");
        let message = "only unsigned points have words, bits, ranges or unit codes";
        add(out, path, message, "use `u16` or `u32`");
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

fn check_number(name: &str, point: &Point, out: &mut Problems) {
    if !(point.scale.is_finite() && point.scale != 0.0 && point.offset.is_finite()) {
        let path = format!("points.{name}.scale");
        let message = format!("scale {} and offset {}", point.scale, point.offset);
        add(out, path, message, "use finite numbers, the scale not 0");
    }
    let Some((low, high)) = point.range else {
        return;
    };
    let path = format!("points.{name}.range");
    if !(low.is_finite() && high.is_finite() && low < high) {
        let message = format!("[{low}, {high}] is no range");
        add(out, path, message, "write [lowest, highest]");
    } else if !point.is_value() {
        add(out, path, "only a value has a range", "give it a unit, or use `ranges`");
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
        Some(code) if code.unit_codes.is_empty() && code.unit_texts.is_empty() => {
            let message = format!("point `{from}` has no `unit_codes`");
            add(out, path, message, "list its codes (or `unit_texts`) and their units");
        }
        Some(_) => {}
    }
}

/// Decimals and sign are codes.
fn check_companions(profile: &DeviceProfile, name: &str, point: &Point, out: &mut Problems) {
    let companions = [("scale_point", &point.scale_point), ("sign_point", &point.sign_point)];
    for (key, companion) in companions {
        let Some(companion) = companion else {
            continue;
        };
        let path = format!("points.{name}.{key}");
        if !point.is_value() {
            add(out, path.clone(), "only a value has decimals and a sign", "remove it");
        }
        match profile.points.get(companion) {
            None => {
                let message = format!("there is no point `{companion}`");
                add(out, path, message, "name a point of this profile");
            }
            Some(code) if !code.is_code() => {
                let message = format!("point `{companion}` shows no code");
                add(out, path, message, "name a `u16` or `u32`");
            }
            Some(_) => {}
        }
    }
}
