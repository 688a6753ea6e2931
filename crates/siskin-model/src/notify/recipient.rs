//! Somebody who is told, and by which ways.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Call;
use super::ways::{Gateway, GatewayKind, Mail, Mqtt, Siren, SirenOff};
use crate::{AccountName, AreaId, ContactId, DutyRoleId, GasId, Text, Tier};

/// What a recipient is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecipientKind {
    /// An authority.
    Bureau,
    /// One person.
    Person,
    /// Several people behind one address.
    Group,
}

/// A language of texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Language {
    /// Simplified Chinese.
    Zh,
    /// English.
    En,
}

/// A stretch of the day in minutes of local time; it may go over midnight. Begin and end are not
/// the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    /// The first minute.
    pub from_min: u16,
    /// The first minute after it.
    pub to_min: u16,
}

impl Hours {
    /// Whether this minute of the day is in it.
    pub const fn holds(self, minute: u16) -> bool {
        if self.from_min < self.to_min {
            self.from_min <= minute && minute < self.to_min
        } else {
            self.from_min <= minute || minute < self.to_min
        }
    }
}

/// Told only while on duty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnDuty {
    /// As what.
    pub role: DutyRoleId,
    /// Who; none: whenever somebody has this role.
    pub contact: Option<ContactId>,
}

/// A secret: a file that only Siskin may read. Never in a settings file, never in a log.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    /// The file, relative to the site's folder.
    pub file: String,
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret(file {})", self.file)
    }
}

/// Who is trusted, and how Siskin proves itself: files in PEM, relative to the site's folder.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tls {
    /// The certificate authority that signed the receiver's certificate.
    pub ca_file: Option<String>,
    /// Siskin's own certificate and key, where the receiver asks for them.
    pub identity: Option<(String, String)>,
}

/// How a CAP message is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CapProfile {
    /// CAP 1.2 of OASIS.
    Oasis,
    /// The profile of the national release system, as seen in code, not read in the standard.
    CnNational,
}

/// Whose form a webhook has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Robot {
    /// Siskin's own: the whole message as JSON, signed.
    Siskin,
    /// A robot of DingTalk (钉钉).
    Dingtalk,
    /// A robot of WeCom (企业微信).
    Wecom,
    /// A robot of Feishu (飞书).
    Feishu,
}

/// A way to a recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// CAP pushed by HTTPS.
    CapPush {
        /// Where to.
        url: String,
        /// Who is trusted.
        tls: Tls,
        /// How it is written.
        profile: CapProfile,
    },
    /// CAP as files in a folder.
    CapFiles {
        /// The folder, relative to the site's.
        folder: String,
        /// How it is written.
        profile: CapProfile,
    },
    /// A webhook.
    Webhook {
        /// Where to; none where the address itself is secret and stands in `url_file`.
        url: Option<String>,
        /// The file with the address.
        url_file: Option<Secret>,
        /// What the message is signed with.
        secret: Option<Secret>,
        /// Who is trusted.
        tls: Tls,
        /// Whose form it has.
        robot: Robot,
    },
    /// A mail.
    Mail(Mail),
    /// A gateway of text messages or calls.
    Gateway(Gateway),
    /// A siren or beacon.
    Siren(Siren),
    /// A message to a broker.
    Mqtt(Mqtt),
    /// Back to the station itself: the end of its self-proof. No file can name it.
    Loopback,
}

impl Way {
    /// The name in files and the API.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::CapPush { .. } => "cap-push",
            Self::CapFiles { .. } => "cap-files",
            Self::Webhook { .. } => "webhook",
            Self::Mail(_) => "mail",
            Self::Gateway(gateway) => match gateway.kind {
                GatewayKind::Sms => "sms",
                GatewayKind::Voice => "voice",
            },
            Self::Siren(_) => "siren",
            Self::Mqtt(_) => "mqtt",
            Self::Loopback => "loopback",
        }
    }

    /// Whether it rouses people: what changes only the past never goes this way.
    pub const fn is_loud(&self) -> bool {
        match self {
            Self::Siren(_) => true,
            Self::Gateway(gateway) => matches!(gateway.kind, GatewayKind::Voice),
            _ => false,
        }
    }
}

/// Somebody who is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// What it is.
    pub kind: RecipientKind,
    /// The lowest tier that is told.
    pub tier_min: Tier,
    /// The gases it is told about; empty: all.
    pub gases: Vec<GasId>,
    /// The areas it is told about; empty: all.
    pub areas: Vec<AreaId>,
    /// Told only in these hours; none: at any.
    pub hours: Option<Hours>,
    /// Not told in these hours, but of the top tier.
    pub quiet: Option<Hours>,
    /// Told only while on duty.
    pub on_duty: Option<OnDuty>,
    /// The languages of its texts, the first one first; at least one.
    pub languages: Vec<Language>,
    /// Whether an update that was overtaken by a newer one may be left out.
    pub may_supersede: bool,
    /// Whether it is told of drills too, as exercises.
    pub drills: bool,
    /// Whether it is told what late readings change.
    pub corrections: bool,
    /// The accounts that may say that they read its messages.
    pub accounts: Vec<AccountName>,
    /// The ways to it, the first one first; at least one.
    pub ways: Vec<Way>,
}

impl Recipient {
    /// Whether an acknowledgement ends what it began: a siren that is set so.
    pub fn ends_by_acknowledgement(&self) -> bool {
        let ends = |way: &Way| matches!(way, Way::Siren(one) if one.off == SirenOff::Acknowledged);
        self.ways.iter().any(ends)
    }

    /// Whether corrections go to it: it asks for them, and has a way that rouses nobody.
    pub fn takes_corrections(&self) -> bool {
        self.corrections && self.ways.iter().any(|way| !way.is_loud())
    }

    /// A bureau that is told of everything real, at any time, in Chinese and then English; named by
    /// its id.
    pub fn of_all(id: &str, ways: Vec<Way>) -> Self {
        Self {
            id: id.to_owned(),
            name: Text::new(id, id),
            kind: RecipientKind::Bureau,
            tier_min: Tier::Blue,
            gases: Vec::new(),
            areas: Vec::new(),
            hours: None,
            quiet: None,
            on_duty: None,
            languages: vec![Language::Zh, Language::En],
            may_supersede: false,
            drills: false,
            corrections: true,
            accounts: Vec::new(),
            ways,
        }
    }
}

/// Who a site is in the national release system: both were given to it by that system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct National {
    /// The 14 digits of the unit.
    pub unit: String,
    /// The code of the kind of event (GB/T 35561).
    pub event_type: String,
}

/// What a site decided about messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notify {
    /// Who CAP messages are from: no blanks, commas, `<` and `&`.
    pub sender: String,
    /// What the national profile needs, where the site has it.
    pub national: Option<National>,
    /// The administrative codes of the site, for the national profile.
    pub geocodes: Vec<String>,
    /// Not accepted for so long: told as a failure of its own.
    pub unreceipted_ms: i64,
    /// Who is to be called, where no card says it.
    pub call: Option<Call>,
    /// Who is told.
    pub recipients: Vec<Recipient>,
}

/// Nobody is told.
impl Default for Notify {
    fn default() -> Self {
        Self {
            sender: "siskin".to_owned(),
            national: None,
            geocodes: Vec::new(),
            unreceipted_ms: Self::UNRECEIPTED_MS,
            call: None,
            recipients: Vec::new(),
        }
    }
}

impl Notify {
    /// Three minutes: long enough for a receiver that restarts, short enough to call by telephone.
    pub const UNRECEIPTED_MS: i64 = 180_000;

    /// The recipient with this id.
    pub fn recipient(&self, id: &str) -> Option<&Recipient> {
        self.recipients.iter().find(|one| one.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_may_go_over_midnight() {
        let check = |from_min, to_min, minute, expected| {
            let hours = Hours { from_min, to_min };
            assert_eq!(hours.holds(minute), expected, "{from_min}-{to_min} {minute}");
        };
        check(480, 1080, 480, true);
        check(480, 1080, 1079, true);
        check(480, 1080, 1080, false);
        check(480, 1080, 0, false);
        check(1320, 360, 1320, true);
        check(1320, 360, 0, true);
        check(1320, 360, 359, true);
        check(1320, 360, 360, false);
        check(1320, 360, 720, false);
    }
}
