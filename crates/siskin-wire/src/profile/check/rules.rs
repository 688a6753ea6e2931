//! What rules, heartbeat and identity name.

use std::collections::BTreeSet;

use siskin_model::Quality;

use super::{Problems, add, check_quality};
use crate::profile::{DeviceProfile, ValidityRule};

pub(super) fn check(profile: &DeviceProfile, out: &mut Problems) {
    for (place, rule) in profile.rules() {
        check_rule(profile, &format!("validity[{place}]"), &rule, out);
    }
    for (place, rule) in profile.validity.iter().enumerate() {
        check_quality(rule.quality, format!("validity[{place}].quality"), out);
    }
    check_quality(profile.validity_default, "validity_default".into(), out);
    if profile.validity_default == Quality::Good && !profile.validity.is_empty() {
        let message = "an unknown state would be good";
        let hint = "add a rule for the good state and leave the default `uncertain`";
        add(out, "validity_default", message, hint);
    }
    check_heartbeat(profile, out);
    check_identity(profile, out);
}

fn check_rule(profile: &DeviceProfile, path: &str, rule: &ValidityRule, out: &mut Problems) {
    if rule.when.is_empty() {
        let hint = "say which point and words, or use `validity_default`";
        add(out, format!("{path}.when"), "the rule has no condition", hint);
    }
    for (name, words) in &rule.when {
        let Some(point) = profile.points.get(name) else {
            let message = format!("there is no point `{name}`");
            add(out, format!("{path}.when.{name}"), message, "name a point of this profile");
            continue;
        };
        let name = point.written_name(name);
        let path = format!("{path}.when.{name}");
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
    for name in &rule.values {
        if !profile.points.get(name).is_some_and(|point| point.is_value()) {
            let message = format!("there is no value `{name}`");
            add(out, format!("{path}.values"), message, "name value points of this profile");
        }
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

fn check_identity(profile: &DeviceProfile, out: &mut Problems) {
    let Some(identity) = &profile.identity else {
        return;
    };
    match profile.points.get(&identity.point) {
        None => {
            let message = format!("there is no point `{}`", identity.point);
            add(out, "identity.point", message, "name a point of this profile");
        }
        Some(point) if !point.is_code() => {
            let message = format!("point `{}` shows no code", identity.point);
            add(out, "identity.point", message, "name a `u16` or `u32`");
        }
        Some(_) => {}
    }
    let codes = identity.equals.as_slice();
    if codes.is_empty() {
        add(out, "identity.equals", "no code would be right", "list at least one");
    }
    for code in codes.iter().filter(|code| identity.masked(**code) != **code) {
        let message = format!("{code:#X} has bits that the mask takes away");
        add(out, "identity.equals", message, "compare `identity.mask`");
    }
}
