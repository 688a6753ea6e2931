//! Settings: everything a station or a replay needs, checked.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::SocketAddr;

use siskin_engine::{Binding, RuleSet};
use siskin_model::due::Interval;
use siskin_model::duty::{Card, Desk};
use siskin_model::incident::{self, GradeRow};
use siskin_model::notify::Notify;
use siskin_model::site::{Analyzer, Channel, Connection, Position, Site};
use siskin_model::uplink::Uplink;
use siskin_model::{AnalyzerId, ChannelId, ChannelIndex, Retention, Text};
use siskin_wire::DeviceProfile;

use crate::Note;

/// The id of the analyzer that stands for a recording.
const REPLAY_ANALYZER: &str = "recording";
/// Rows of a recording may be this far out of order and are still judged in order.
const REORDER_WINDOW_MS: u32 = 10_000;
/// Channels that one recording may have.
const CHANNELS_MAX: usize = 1_000_000;

/// A site as used.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The park.
    pub site: Site,
    /// Its rules, bound to its channels.
    pub rules: RuleSet,
    /// The device profiles by id.
    pub profiles: BTreeMap<String, DeviceProfile>,
    /// What concerns the station's process.
    pub station: Station,
    /// What opens an incident, and who must report it.
    pub incidents: Incidents,
    /// What a channel of a recording is; none where a site has only channels of its own.
    pub template: Option<ChannelTemplate>,
    /// What to do about each gas.
    pub cards: Vec<Card>,
    /// Which desks must never be empty.
    pub duty: Duty,
    /// Who is told of warnings, and by which ways.
    pub notify: Notify,
    /// Which bureaus are told by HJ 212.
    pub uplinks: Vec<Uplink>,
    /// How often which work is done on devices; none: nobody said.
    pub intervals: Vec<Interval>,
    /// The ground of the world below the park.
    pub map: Option<SiteMap>,
    /// Things to know that stop nothing; `siskin check` prints them.
    pub notes: Vec<Note>,
}

/// The ground of the world below the park, from a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteMap {
    /// The PMTiles file; relative paths count from the site's folder.
    pub pmtiles: String,
    /// Whose data it is; stands on the map.
    pub attribution: Text,
    /// Where the file is named, as `site.toml:12:11`.
    pub named_at: String,
}

/// What opens an incident, and who must report it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incidents {
    /// Whether a warning of the top tier opens one without anybody.
    pub opens_by_itself: bool,
    /// Who must report to whom, and the table of grades.
    pub reporting: Reporting,
    /// What reports as documents say of who reports.
    pub office: ReportOffice,
}

/// Who reports, and with which font; what is none is asked for in each report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReportOffice {
    /// The reporting unit (报告单位).
    pub unit: Option<String>,
    /// Who can be asked (联系人).
    pub contact: Option<String>,
    /// Under which number (联系方式).
    pub phone: Option<String>,
    /// The file of a font with Chinese characters; none: one of the usual places.
    pub font: Option<String>,
}

/// Duties of reporting and the table of grades, from one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reporting {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: Text,
    /// Where the table of grades stands.
    pub grades_source: String,
    /// The duties, in order.
    pub duties: Vec<incident::Duty>,
    /// The grades with their criteria.
    pub grades: Vec<GradeRow>,
}

/// Which desks must never be empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duty {
    /// How far ahead gaps of the roster are told.
    pub ahead_ms: i64,
    /// The desks; none where the site has no `duty.toml`.
    pub desks: Vec<DutyDesk>,
}

/// A desk that must never be empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DutyDesk {
    /// Role and position.
    pub desk: Desk,
    /// What people call it.
    pub name: Text,
}

/// What concerns the station's process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Station {
    /// Where the page and the API are served; loopback where a site says nothing.
    pub listen: SocketAddr,
    /// Where readings and events are copied to.
    pub mirrors: Vec<Mirror>,
    /// What the port is encrypted with; none where it speaks plain HTTP.
    pub tls: Option<StationTls>,
    /// How long readings, minutes and hours are kept.
    pub history: Retention,
    /// Who may look without signing in, and how long a session lasts.
    pub access: Access,
}

/// Who may look without signing in, and how long a session lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Access {
    /// Somebody who has not signed in.
    pub anonymous: Anonymous,
    /// A session ends when it was not used for this long.
    pub session_ms: i64,
}

/// What somebody may do who has not signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anonymous {
    /// Nothing.
    Nothing,
    /// Look, and do nothing: for big screens.
    Looks,
}

/// A server that takes InfluxDB's line protocol.
#[derive(Clone, PartialEq, Eq)]
pub struct Mirror {
    /// Its name; how far it has come is kept under it.
    pub name: String,
    /// `http://host:port` or `https://host:port`.
    pub url: String,
    /// The organisation.
    pub org: String,
    /// The bucket.
    pub bucket: String,
    /// The token; none where the server asks for none.
    pub token: Option<String>,
    /// A further certificate authority, a PEM file.
    pub ca_file: Option<String>,
    /// Whether requests are compressed.
    pub gzip: bool,
    /// Where a new mirror begins.
    pub start: MirrorStart,
    /// For so many days a server that is away holds back the deletion of what it does not have.
    pub holds_days: u32,
}

/// Without the token.
impl fmt::Debug for Mirror {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, url, org, bucket, token: _, ca_file, gzip, start, holds_days } = self;
        f.debug_struct("Mirror")
            .field("name", name)
            .field("url", url)
            .field("org", org)
            .field("bucket", bucket)
            .field("ca_file", ca_file)
            .field("gzip", gzip)
            .field("start", start)
            .field("holds_days", holds_days)
            .finish_non_exhaustive()
    }
}

/// Where a new mirror begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MirrorStart {
    /// With everything that is stored.
    Beginning,
    /// With what comes.
    Now,
}

/// Files of the station's own certificate, relative to the site's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StationTls {
    /// The chain, PEM, the station's own certificate first.
    pub certificate: String,
    /// Its private key, PEM.
    pub key: String,
}

/// What each channel of a recording is.
#[derive(Debug, Clone, PartialEq)]
pub struct ChannelTemplate {
    /// The channel but for its id and analyzer.
    pub channel: Channel,
    /// Time between two readings.
    pub poll_ms: u32,
    /// The rules that judge it: place in [`RuleSet::rules`] and factor of the units.
    pub rules: Vec<(usize, f64)>,
}

/// Why a recording does not fit a site.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChannelsError {
    /// The site does not know the channel and cannot make it.
    #[error(
        "the site has no channel `{0}` and no template for further ones; \
         hint: choose the site of the recording, or add [channel_template] to site.toml"
    )]
    Unknown(String),
    /// A channel stands twice in the list.
    #[error("channel `{0}` is listed twice; hint: name each channel once")]
    Twice(String),
    /// More than the limit.
    #[error("a recording of {0} channels is too large; hint: at most {CHANNELS_MAX}")]
    TooMany(usize),
}

impl Settings {
    /// The settings with exactly the channels `ids`, in this order: those that the site has are
    /// kept with their rules, the others are made from the template.
    pub fn for_channels(&self, ids: &[ChannelId]) -> Result<Self, ChannelsError> {
        if ids.len() > CHANNELS_MAX {
            return Err(ChannelsError::TooMany(ids.len()));
        }
        let known: BTreeMap<&ChannelId, (ChannelIndex, &Channel)> =
            self.site.indexed().map(|(index, channel)| (&channel.id, (index, channel))).collect();
        let mut of_channel: BTreeMap<ChannelIndex, Vec<(usize, f64)>> = BTreeMap::new();
        for binding in &self.rules.bindings {
            let rules = of_channel.entry(binding.channel).or_default();
            rules.push((binding.rule, binding.factor));
        }
        let mut settings = self.clone();
        settings.site.channels.clear();
        settings.rules.bindings.clear();
        let mut seen = BTreeSet::new();
        for (index, id) in (0u32..).map(ChannelIndex).zip(ids) {
            if !seen.insert(id) {
                return Err(ChannelsError::Twice(id.to_string()));
            }
            let (channel, rules) = if let Some((old, channel)) = known.get(id) {
                let rules = of_channel.get(old).cloned().unwrap_or_default();
                ((*channel).clone(), rules)
            } else {
                let template = self.template.as_ref();
                let template = template.ok_or_else(|| ChannelsError::Unknown(id.to_string()))?;
                let channel = recorded(&mut settings.site, template, id);
                (channel, template.rules.clone())
            };
            settings.site.channels.push(channel);
            let bind = |(rule, factor)| Binding { rule, channel: index, factor };
            settings.rules.bindings.extend(rules.into_iter().map(bind));
        }
        Ok(settings)
    }
}

/// The template's channel as `id`, of the analyzer that stands for the recording.
fn recorded(site: &mut Site, template: &ChannelTemplate, id: &ChannelId) -> Channel {
    let found = site.analyzers.iter().position(|a| a.profile == REPLAY_ANALYZER);
    let analyzer = found.unwrap_or_else(|| {
        site.analyzers.push(recording(template));
        site.analyzers.len() - 1
    });
    Channel { id: id.clone(), analyzer, ..template.channel.clone() }
}

/// The analyzer that stands for a recording: it is never connected.
fn recording(template: &ChannelTemplate) -> Analyzer {
    let id = AnalyzerId::new(REPLAY_ANALYZER).expect("the constant has only letters");
    Analyzer {
        id,
        name: Text::new("记录", "Recording"),
        area: template.channel.area.clone(),
        position: Position { x_m: 0.0, y_m: 0.0 },
        height_m: 0.0,
        profile: REPLAY_ANALYZER.to_owned(),
        connection: Connection::Mqtt { topic: REPLAY_ANALYZER.to_owned() },
        poll_ms: template.poll_ms,
        timeout_ms: template.poll_ms,
        reorder_window_ms: REORDER_WINDOW_MS,
        edge: None,
    }
}
