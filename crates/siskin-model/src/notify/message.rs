//! What is said of one transition of a warning, with everything that the words are made of.
//!
//! A message is a snapshot: it is made once, in the moment of the transition, and its texts can be
//! made from it again, byte by byte, after any restart.

use serde::{Deserialize, Serialize};

use crate::{AreaId, GasId, RuleId, Text, Tier, Timestamp, Unit, Warning, WarningId};

/// What a message is to whoever gets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MessageKind {
    /// The first of this warning.
    Alert,
    /// Something about it changed.
    Update,
    /// It was told in error.
    Cancel,
    /// It is over.
    AllClear,
    /// A person acknowledged it: told to sirens that end by that, and to nobody else.
    Acknowledged,
    /// Late readings changed what is known of it.
    Correction,
}

impl MessageKind {
    /// All kinds.
    pub const ALL: [Self; 6] = [
        Self::Alert,
        Self::Update,
        Self::Cancel,
        Self::AllClear,
        Self::Acknowledged,
        Self::Correction,
    ];

    /// The wire name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Alert => "alert",
            Self::Update => "update",
            Self::Cancel => "cancel",
            Self::AllClear => "all-clear",
            Self::Acknowledged => "acknowledged",
            Self::Correction => "correction",
        }
    }

    /// The kind with this wire name.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// Whether it is the last word about a warning.
    pub const fn is_end(self) -> bool {
        matches!(self, Self::Cancel | Self::AllClear)
    }

    /// Whether a newer message of the same warning may take its place. Only what changes may: an
    /// alert, a cancellation and an all-clear are always told.
    pub const fn may_be_superseded(self) -> bool {
        matches!(self, Self::Update)
    }
}

/// Whether it is real.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Show {
    /// It is.
    Real,
    /// A drill, by its id.
    Exercise(String),
    /// A person tries whether a recipient can be reached.
    Test,
}

impl Show {
    /// Whether it is not real.
    pub const fn is_mock(&self) -> bool {
        !matches!(self, Self::Real)
    }
}

/// Where an area is on the globe.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Geo {
    /// Its corners as latitude and longitude in degrees, not closed.
    pub corners: Vec<(f64, f64)>,
    /// The circle around them: latitude, longitude, radius in metres.
    pub circle: (f64, f64, f64),
}

/// Who is to be called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// Name or desk.
    pub who: String,
    /// Telephone numbers; may be empty.
    pub phones: Vec<String>,
}

/// What is said of one channel's alarm: the highest one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Said {
    /// The rule that raised.
    pub rule: RuleId,
    /// On which channel.
    pub channel: String,
    /// What the rule judged when it raised.
    pub value: Option<f64>,
    /// Against which limit.
    pub limit: Option<f64>,
    /// Unit of both.
    pub unit: Unit,
    /// Since when, in event time.
    pub since: Timestamp,
}

/// What late readings changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Corrected {
    /// As it stood in the record; none: nothing was known.
    pub before: Option<Course>,
    /// As it stands now; none: by what is known now it was not.
    pub after: Option<Course>,
}

/// Begin, end and height of what alarms say together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Course {
    /// When the first alarm began, in event time.
    pub begin: Timestamp,
    /// When the last one ended; none: one is active.
    pub end: Option<Timestamp>,
    /// The highest tier.
    pub peak: Tier,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Of which warning.
    pub warning: WarningId,
    /// Its number among the messages of this warning, from 1; given by the ledger.
    pub transition: u32,
    /// What it is to those who were told before.
    pub kind: MessageKind,
    /// Whether it is real.
    pub show: Show,
    /// The site's id and name.
    pub site: String,
    /// The site's name.
    pub site_name: Text,
    /// Seconds east of UTC: times are written in the park's own.
    pub utc_offset_s: i32,
    /// Which gas.
    pub gas: GasId,
    /// Its name.
    pub gas_name: Text,
    /// Its CAS number, where it has one.
    pub cas: Option<String>,
    /// Where.
    pub area: AreaId,
    /// Its name.
    pub area_name: Text,
    /// Where that is; none where the site has no origin.
    pub geo: Option<Geo>,
    /// The tier now; of an all-clear the last one.
    pub tier: Tier,
    /// The highest tier it ever had.
    pub tier_peak: Tier,
    /// When its first alarm was raised, in event time.
    pub raised_at: Timestamp,
    /// When this happened, in event time or by the station's clock.
    pub at: Timestamp,
    /// When it was written by the station's clock; the time that is told as sent.
    pub made_at: Timestamp,
    /// The highest alarm; none where none is active.
    pub said: Option<Said>,
    /// Whether an alarm is active.
    pub is_active: bool,
    /// Whether a person has acknowledged the present tier.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_acknowledged: bool,
    /// Of a cancellation: why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Of a correction: what was told before, and what is known now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrected: Option<Corrected>,
    /// How many channels are in alarm.
    pub alarms: u32,
    /// The version of the rules, where it is known.
    pub rules_version: Option<u64>,
    /// What to do, in this order.
    pub actions: Vec<Text>,
    /// Who is to be called.
    pub call: Vec<Call>,
}

/// What a message calls the places and the gas it speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The site's id.
    pub site: String,
    /// The site.
    pub site_name: Text,
    /// The area.
    pub area: Text,
    /// The gas.
    pub gas: Text,
}

impl Message {
    /// The first message of a warning that has just begun, with what is known without its alarms.
    pub fn begun(warning: &Warning, named: Named, show: Show) -> Self {
        let at = warning.raised_at;
        Self {
            warning: warning.id.clone(),
            transition: 1,
            kind: MessageKind::Alert,
            show,
            site: named.site,
            site_name: named.site_name,
            utc_offset_s: 0,
            gas: warning.gas.clone(),
            gas_name: named.gas,
            cas: None,
            area: warning.area.clone(),
            area_name: named.area,
            geo: None,
            tier: warning.tier,
            tier_peak: warning.tier_peak,
            raised_at: at,
            at,
            made_at: at,
            said: None,
            is_active: true,
            is_acknowledged: false,
            reason: None,
            corrected: None,
            alarms: 1,
            rules_version: None,
            actions: Vec::new(),
            call: Vec::new(),
        }
    }

    /// The key under which `recipient` takes it once. It has only letters, digits, `-`, `_`, `.`.
    pub fn key(&self, recipient: &str) -> String {
        format!("{}.{}.{recipient}", self.warning, self.transition)
    }

    /// The name of this message for everybody, in the feed.
    pub fn public_key(&self) -> String {
        format!("{}.{}", self.warning, self.transition)
    }
}
