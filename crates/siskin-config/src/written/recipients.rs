//! `recipients.toml` as written: `[notify]` and `[[recipient]]` with its `[[recipient.way]]`.
//!
//! Secrets stand in files of their own and never here: a key that would hold one is refused with
//! the name of the key that names the file.

use siskin_model::notify::{
    Call, CapProfile, GatewayKind, Hours, Language, OnDuty, RecipientKind, Robot, Secret, Tls, Way,
};
use siskin_model::{AccountName, AreaId, GasId, Text, Tier};

use crate::fields::{Fields, FromNode, items};
use crate::node::Node;
use crate::problems::{Draft, Problems};
use crate::sources::{At, Place};
use crate::values::{Millis, PlainId};

/// The file.
#[derive(Debug)]
pub(crate) struct WrittenNotify {
    pub(crate) place: Place,
    pub(crate) sender: Option<At<String>>,
    pub(crate) national_unit: Option<At<String>>,
    pub(crate) national_event_type: Option<At<String>>,
    pub(crate) geocodes: Vec<At<String>>,
    pub(crate) unreceipted_after: Option<At<Millis>>,
    pub(crate) call: Option<Call>,
    pub(crate) recipients: Vec<WrittenRecipient>,
}

/// One `[[recipient]]`.
#[derive(Debug)]
pub(crate) struct WrittenRecipient {
    pub(crate) id: At<PlainId>,
    pub(crate) name: Text,
    pub(crate) kind: RecipientKind,
    pub(crate) tier_min: At<Tier>,
    pub(crate) gases: Vec<At<GasId>>,
    pub(crate) areas: Vec<At<AreaId>>,
    pub(crate) hours: Option<Hours>,
    pub(crate) quiet: Option<Hours>,
    pub(crate) on_duty: Option<OnDuty>,
    pub(crate) languages: Vec<Language>,
    pub(crate) may_supersede: bool,
    pub(crate) drills: bool,
    pub(crate) corrections: Option<bool>,
    pub(crate) accounts: Vec<AccountName>,
    pub(crate) ways: Vec<WrittenWay>,
}

/// One `[[recipient.way]]`.
#[derive(Debug)]
pub(crate) struct WrittenWay {
    pub(crate) place: Place,
    pub(crate) way: Way,
}

#[derive(Debug, Clone, Copy)]
enum WayType {
    CapPush,
    CapFiles,
    Webhook,
    Mail,
    Gateway(GatewayKind),
    Siren,
    Mqtt,
}

impl FromNode for WayType {
    fn from_node(node: &Node, key: &str, problems: &mut Problems) -> Option<Self> {
        let words = [
            ("cap-push", Self::CapPush),
            ("cap-files", Self::CapFiles),
            ("webhook", Self::Webhook),
            ("mail", Self::Mail),
            ("sms", Self::Gateway(GatewayKind::Sms)),
            ("voice", Self::Gateway(GatewayKind::Voice)),
            ("siren", Self::Siren),
            ("mqtt", Self::Mqtt),
        ];
        super::connection::word(node, key, &words, problems)
    }
}

/// `08:00-18:00`.
impl FromNode for Hours {
    fn from_node(node: &Node, key: &str, problems: &mut Problems) -> Option<Self> {
        let text = String::from_node(node, key, problems)?;
        let hours = text.split_once('-').and_then(|(from, to)| {
            let (from_min, to_min) = (minute(from.trim())?, minute(to.trim())?);
            (from_min != to_min).then_some(Self { from_min, to_min })
        });
        if hours.is_none() {
            let message = format!("`{key}` is `{text}`, which is not a stretch of the day");
            let hint = "write two different times, for example \"22:00-06:00\"";
            problems.add(Draft::new(message, hint).at(node.place, "not two times"));
        }
        hours
    }
}

fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let number = |text: &str, below: u16| {
        let is_two = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<u16>().ok().filter(|number| is_two && *number < below)
    };
    Some(number(hour, 24)? * 60 + number(minute, 60)?)
}

/// An account by its name; whether there is such a one is not the files' to know.
impl FromNode for AccountName {
    fn from_node(node: &Node, key: &str, problems: &mut Problems) -> Option<Self> {
        let text = String::from_node(node, key, problems)?;
        let name = Self::new(&text);
        if name.is_err() {
            let message = format!("`{text}` in `{key}` is no name of an account");
            let hint = "1 to 32 of a-z, 0-9, `.`, `_` and `-`, a letter first";
            problems.add(Draft::new(message, hint).at(node.place, "no account"));
        }
        name.ok()
    }
}

/// Reads the file; recipients with a problem are left out.
pub(crate) fn read(root: &Node, file: &str, problems: &mut Problems) -> Option<WrittenNotify> {
    let mut fields = Fields::of(root, file, problems)?;
    let mut written = WrittenNotify {
        place: fields.place(),
        sender: None,
        national_unit: None,
        national_event_type: None,
        geocodes: Vec::new(),
        unreceipted_after: None,
        call: None,
        recipients: Vec::new(),
    };
    if let Some(node) = fields.node("notify") {
        notify(node, &mut written, problems);
    }
    let found = items(&mut fields, "recipient", problems);
    written.recipients = found.iter().filter_map(|node| recipient(node, problems)).collect();
    fields.finish(problems);
    Some(written)
}

fn notify(node: &Node, written: &mut WrittenNotify, problems: &mut Problems) {
    let Some(mut fields) = Fields::of(node, "[notify]", problems) else {
        return;
    };
    written.place = fields.place();
    written.sender = fields.optional("sender", problems);
    written.national_unit = fields.optional("national_unit", problems);
    written.national_event_type = fields.optional("national_event_type", problems);
    written.geocodes = fields.or("geocodes", Vec::new(), problems).unwrap_or_default();
    written.unreceipted_after = fields.optional("unreceipted_after_s", problems);
    written.call = fields.optional("call", problems);
    fields.finish(problems);
}

impl FromNode for Call {
    fn from_node(node: &Node, key: &str, problems: &mut Problems) -> Option<Self> {
        let mut fields = Fields::of(node, key, problems)?;
        let who = fields.required("who", problems);
        let phones = fields.required("phones", problems);
        fields.finish(problems);
        Some(Self { who: who?, phones: phones? })
    }
}

impl FromNode for OnDuty {
    fn from_node(node: &Node, key: &str, problems: &mut Problems) -> Option<Self> {
        let mut fields = Fields::of(node, key, problems)?;
        let role = fields.required("role", problems);
        let has_contact = fields.has("contact");
        let contact = fields.optional("contact", problems);
        fields.finish(problems);
        if has_contact && contact.is_none() {
            return None;
        }
        Some(Self { role: role?, contact })
    }
}

fn recipient(node: &Node, problems: &mut Problems) -> Option<WrittenRecipient> {
    let before = problems.count();
    let mut fields = Fields::of(node, "[[recipient]]", problems)?;
    let id = fields.required("id", problems);
    let name = fields.required("name", problems);
    let kind = fields.required("kind", problems);
    let tier_min = fields.required("tier_min", problems);
    let gases = fields.or("gases", Vec::new(), problems);
    let areas = fields.or("areas", Vec::new(), problems);
    let hours = fields.optional("hours", problems);
    let quiet = fields.optional("quiet", problems);
    let on_duty = fields.optional("on_duty", problems);
    let languages = fields.or("languages", vec![Language::Zh, Language::En], problems);
    let may_supersede = fields.or("may_supersede", false, problems);
    let drills = fields.or("drills", false, problems);
    let corrections = fields.optional("corrections", problems);
    let accounts = fields.or("accounts", Vec::new(), problems);
    let found = items(&mut fields, "way", problems);
    let ways = found.iter().filter_map(|node| way(node, problems)).collect();
    fields.finish(problems);
    // A key that is wrong and may be left out must not become one that was left out.
    (problems.count() == before).then_some(())?;
    Some(WrittenRecipient {
        id: id?,
        name: name?,
        kind: kind?,
        tier_min: tier_min?,
        gases: gases?,
        areas: areas?,
        hours,
        quiet,
        on_duty,
        languages: languages?,
        may_supersede: may_supersede?,
        drills: drills?,
        corrections,
        accounts: accounts?,
        ways,
    })
}

fn way(node: &Node, problems: &mut Problems) -> Option<WrittenWay> {
    let mut fields = Fields::of(node, "[[recipient.way]]", problems)?;
    let place = fields.place();
    let kind: WayType = fields.required("type", problems)?;
    let way = match kind {
        WayType::CapPush => push(&mut fields, problems),
        WayType::CapFiles => files(&mut fields, problems),
        WayType::Webhook => webhook(&mut fields, problems),
        WayType::Mail => super::ways::mail(&mut fields, problems),
        WayType::Gateway(kind) => super::ways::gateway(kind, &mut fields, problems),
        WayType::Siren => super::sirens::siren(&mut fields, problems),
        WayType::Mqtt => super::ways::mqtt(&mut fields, problems),
    };
    let is_sound = holds_no_secret(&mut fields, problems);
    fields.finish(problems);
    is_sound.then_some(())?;
    Some(WrittenWay { place, way: way? })
}

/// A secret in the file is refused at its table: its own line must not be shown.
fn holds_no_secret(fields: &mut Fields<'_>, problems: &mut Problems) -> bool {
    let mut is_sound = true;
    for key in ["secret", "token", "password", "key", "access_token"] {
        if fields.node(key).is_some() {
            let message = format!("`{key}` would be a secret in a settings file");
            let hint = "write it into a file of mode 600 and name that: `secret_file`";
            problems.add(Draft::new(message, hint).at(fields.place(), "this way"));
            is_sound = false;
        }
    }
    is_sound
}

fn push(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Way> {
    let url = fields.required("url", problems);
    let tls = tls(fields, problems);
    let profile = fields.or("profile", CapProfile::Oasis, problems);
    Some(Way::CapPush { url: url?, tls: tls?, profile: profile? })
}

fn files(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Way> {
    let folder = fields.required("folder", problems);
    let profile = fields.or("profile", CapProfile::Oasis, problems);
    Some(Way::CapFiles { folder: folder?, profile: profile? })
}

fn webhook(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Way> {
    let url: Option<String> = fields.optional("url", problems);
    let secret = |file: String| Secret { file };
    let url_file = fields.optional("url_file", problems).map(secret);
    let secret = fields.optional("secret_file", problems).map(secret);
    let tls = tls(fields, problems);
    let robot = fields.or("form", Robot::Siskin, problems);
    Some(Way::Webhook { url, url_file, secret, tls: tls?, robot: robot? })
}

/// None where only one half of Siskin's own certificate is named.
pub(super) fn tls(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Tls> {
    let ca_file = fields.optional("ca_file", problems);
    let certificate = fields.optional("certificate_file", problems);
    let key: Option<At<String>> = fields.optional("key_file", problems);
    match (certificate, key) {
        (Some(certificate), Some(key)) => {
            Some(Tls { ca_file, identity: Some((certificate, key.value)) })
        }
        (None, None) => Some(Tls { ca_file, identity: None }),
        (Some(_), None) | (None, Some(_)) => {
            let message = "`certificate_file` and `key_file` belong together";
            let draft = Draft::new(message, "name both, or none where the receiver asks for none");
            problems.add(draft.at(fields.place(), "only one of them"));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_the_day() {
        let check = |text: &str, expected| assert_eq!(minute(text), expected, "{text}");
        check("00:00", Some(0));
        check("23:59", Some(1439));
        check("24:00", None);
        check("8:00", None);
        check("08:60", None);
        check("+8:00", None);
        check("0800", None);
    }
}
