//! Recipients: what they name must exist, each can be reached, and no address is open or secret.

use std::ops::RangeInclusive;

use siskin_model::notify::{CapProfile, National, Notify, Recipient, RecipientKind, Robot, Way};

use super::{Context, Written, names, sirens, site, ways};
use crate::problems::{Draft, Problems};
use crate::written::recipients::{WrittenNotify, WrittenRecipient, WrittenWay};

/// The most recipients of a site: each has a task of its own.
const RECIPIENTS_MAX: usize = 200;
/// The most ways of one.
const WAYS_MAX: usize = 5;
/// How long nothing may be accepted before it is told, in milliseconds.
const UNRECEIPTED_MS: RangeInclusive<i64> = 10_000..=86_400_000;

/// Checks all of them and makes the settings.
pub(super) fn check(written: &Written, context: &Context<'_>, problems: &mut Problems) -> Notify {
    let Some(notify) = &written.recipients else {
        return Notify::default();
    };
    let ids = notify.recipients.iter().map(|one| (one.id.value.0.as_str(), one.id.place));
    names::unique("recipient", ids, problems);
    if notify.recipients.len() > RECIPIENTS_MAX {
        let message = format!("a site has at most {RECIPIENTS_MAX} recipients");
        let draft = Draft::new(message, "give people one group's address");
        problems.add(draft.at(notify.place, "too many"));
    }
    let national = national(notify, problems);
    for one in &notify.recipients {
        refers(one, context, problems);
        let needs_geo = reach(one, national.is_some(), problems);
        if needs_geo && context.site.is_some_and(|site| site.origin.is_none()) {
            let message = format!("`{}` gets CAP without a place on the map", one.id.value.0);
            let hint = "set [origin] in site.toml, so that areas have latitude and longitude";
            problems.note(Draft::new(message, hint).at(one.id.place, ""));
        }
    }
    Notify {
        sender: sender(notify, context, problems),
        national,
        geocodes: notify.geocodes.iter().map(|code| code.value.clone()).collect(),
        unreceipted_ms: unreceipted(notify, problems),
        call: notify.call.clone(),
        recipients: notify.recipients.iter().map(model).collect(),
    }
}

fn sender(notify: &WrittenNotify, context: &Context<'_>, problems: &mut Problems) -> String {
    let Some(sender) = &notify.sender else {
        let id = context.site.and_then(|site| site.id.as_ref());
        return id.map_or_else(|| "siskin".to_owned(), |id| format!("siskin@{}", id.0));
    };
    // CAP 1.2, 3.2.1: no spaces, commas or restricted characters.
    if !sender.value.bytes().all(|b| b.is_ascii_graphic() && !b",<&".contains(&b)) {
        let message = "`sender` must be plain letters without blanks, commas, `<` and `&`";
        let hint = "write for example \"siskin@park.example.cn\"";
        problems.add(Draft::new(message, hint).at(sender.place, "not fit for CAP"));
    }
    sender.value.clone()
}

fn unreceipted(notify: &WrittenNotify, problems: &mut Problems) -> i64 {
    let Some(after) = &notify.unreceipted_after else {
        return Notify::UNRECEIPTED_MS;
    };
    if !UNRECEIPTED_MS.contains(&after.value.0) {
        let message = "`unreceipted_after_s` must be from 10 s to a day";
        let draft = Draft::new(message, "three minutes leave time to call: 180");
        problems.add(draft.at(after.place, "out of range"));
    }
    after.value.0
}

fn national(notify: &WrittenNotify, problems: &mut Problems) -> Option<National> {
    let (unit, event) = match (&notify.national_unit, &notify.national_event_type) {
        (None, None) => return None,
        (Some(unit), Some(event)) => (unit, event),
        (Some(one), None) | (None, Some(one)) => {
            let message = "`national_unit` and `national_event_type` belong together";
            let draft = Draft::new(message, "both are given by the release system");
            problems.add(draft.at(one.place, "only one of them"));
            return None;
        }
    };
    if unit.value.len() != 14 || !unit.value.bytes().all(|byte| byte.is_ascii_digit()) {
        let draft = Draft::new("`national_unit` must have 14 digits", "ask the release system");
        problems.add(draft.at(unit.place, "not 14 digits"));
    }
    Some(National { unit: unit.value.clone(), event_type: event.value.clone() })
}

fn refers(one: &WrittenRecipient, context: &Context<'_>, problems: &mut Problems) {
    for area in &one.areas {
        context.names.areas.known(area, "area", problems);
    }
    for gas in &one.gases {
        if !context.catalogue.has_gas(gas.value.as_str()) {
            let known = context.catalogue.gases.keys().map(String::as_str);
            names::unknown(gas.value.as_str(), gas.place, "gas", known, problems);
        }
    }
    site::known_tier(one.tier_min, context.tiers, context.site, problems);
}

/// Whether it can be reached; gives whether it gets CAP.
fn reach(one: &WrittenRecipient, has_national: bool, problems: &mut Problems) -> bool {
    let (id, place) = (&one.id.value.0, one.id.place);
    if !(1..=WAYS_MAX).contains(&one.ways.len()) {
        let message = format!("`{id}` has {} ways, not 1 to {WAYS_MAX}", one.ways.len());
        let draft = Draft::new(message, "add a [[recipient.way]] with a `type`");
        problems.add(draft.at(place, "cannot be reached"));
    }
    if one.languages.is_empty() {
        let draft = Draft::new(format!("`{id}` has no language"), "write [\"zh\", \"en\"]");
        problems.add(draft.at(place, "no language"));
    }
    let mut is_cap = false;
    for written in &one.ways {
        match &written.way {
            Way::CapPush { url, tls, profile } => {
                is_cap = true;
                address(url, tls.ca_file.is_some(), written, problems);
                profiled(*profile, has_national, written, problems);
            }
            Way::CapFiles { profile, .. } => {
                is_cap = true;
                profiled(*profile, has_national, written, problems);
            }
            Way::Webhook { .. } => webhook(written, problems),
            Way::Mail(mail) => ways::mail(mail, written, problems),
            Way::Gateway(gateway) => ways::gateway(gateway, written, problems),
            Way::Siren(siren) => sirens::check(siren, written, problems),
            Way::Mqtt(mqtt) => ways::mqtt(mqtt, written, problems),
            // No type of a way in a file is this one.
            Way::Loopback => {}
        }
    }
    sirens::first(one, problems);
    is_cap
}

fn profiled(profile: CapProfile, has_national: bool, way: &WrittenWay, problems: &mut Problems) {
    if profile != CapProfile::CnNational {
        return;
    }
    if !has_national {
        let message = "the profile `cn-national` needs to know who the site is there";
        let hint = "set `national_unit` and `national_event_type` under [notify]";
        problems.add(Draft::new(message, hint).at(way.place, "this way"));
    }
    let message = "the profile `cn-national` is a template that was not read in the standard";
    let hint = "let the receiving system confirm a message before it is relied on";
    problems.note(Draft::new(message, hint).at(way.place, ""));
}

/// Encrypted, or on this machine. What is wrong is said without the address: it may hold a secret.
pub(super) fn address(url: &str, has_ca: bool, way: &WrittenWay, problems: &mut Problems) {
    let here = ["http://127.0.0.1", "http://localhost", "http://[::1]"];
    let is_here = here.iter().any(|begin| {
        let rest = url.strip_prefix(begin);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
    });
    let host = url.strip_prefix("https://").map(|rest| rest.split('/').next().unwrap_or(""));
    let is_tls = host.is_some_and(|host| !host.is_empty() && !host.contains('@'));
    let is_plain = url.bytes().all(|byte| byte.is_ascii_graphic());
    if !is_plain || !(is_tls || is_here) {
        let message = "`url` must be https://host/path; plain http goes to this machine only";
        let draft = Draft::new(message, "ask the receiver for its encrypted address");
        problems.add(draft.at(way.place, "the way with this url"));
    } else if is_tls && !has_ca {
        needs_ca(way, problems);
    }
}

pub(super) fn needs_ca(way: &WrittenWay, problems: &mut Problems) {
    let hint = "name the receiver's own authority; for a public one the system's list, \
                for example /etc/ssl/certs/ca-certificates.crt";
    let draft = Draft::new("an encrypted way needs `ca_file`: who is trusted", hint);
    problems.add(draft.at(way.place, "nobody is trusted"));
}

fn webhook(written: &WrittenWay, problems: &mut Problems) {
    let Way::Webhook { url, url_file, secret, tls, robot } = &written.way else {
        return;
    };
    match (url, url_file) {
        (Some(url), None) if *robot == Robot::Siskin => {
            address(url, tls.ca_file.is_some(), written, problems);
        }
        (None, Some(_)) => {
            if tls.ca_file.is_none() {
                needs_ca(written, problems);
            }
        }
        (Some(_), None) => {
            let message = "the address of a robot is a secret and must not stand here";
            let hint = "write it into a file of mode 600 and name that: `url_file`";
            problems.add(Draft::new(message, hint).at(written.place, "has a `url`"));
        }
        _ => {
            let message = "a webhook has either `url` or `url_file`";
            let draft = Draft::new(message, "say where it goes, once");
            problems.add(draft.at(written.place, "none or both"));
        }
    }
    if *robot == Robot::Siskin && secret.is_none() {
        let message = "this webhook is not signed: its receiver cannot tell who sent it";
        let draft = Draft::new(message, "name a `secret_file` that both sides have");
        problems.add(draft.at(written.place, "no `secret_file`"));
    }
}

fn model(written: &WrittenRecipient) -> Recipient {
    Recipient {
        id: written.id.value.0.clone(),
        name: written.name.clone(),
        kind: written.kind,
        tier_min: written.tier_min.value,
        gases: written.gases.iter().map(|gas| gas.value.clone()).collect(),
        areas: written.areas.iter().map(|area| area.value.clone()).collect(),
        hours: written.hours,
        quiet: written.quiet,
        on_duty: written.on_duty.clone(),
        languages: written.languages.clone(),
        may_supersede: written.may_supersede,
        drills: written.drills,
        // What a bureau filed must be as it was; others are told what goes on now.
        corrections: written.corrections.unwrap_or(written.kind == RecipientKind::Bureau),
        accounts: written.accounts.clone(),
        ways: written.ways.iter().map(|one| one.way.clone()).collect(),
    }
}
