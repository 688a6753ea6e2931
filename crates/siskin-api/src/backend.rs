//! What the API needs from the rest of the station. The binary implements it; tests fake it.
//!
//! Methods may block on a disk: the routes call them off the async threads.

use siskin_model::{ChannelId, Timestamp, WarningId, Who};
use tokio::sync::{broadcast, mpsc};
use tokio_util::sync::CancellationToken;

use crate::access::discreet;
use crate::alarm_records::{AlarmRecords, AlarmRecordsFault};
use crate::audit::Audit;
use crate::bureau::{Bureau, BureauFault};
use crate::contract::{
    AcknowledgeRequest, AlarmEventView, AlarmView, AnalyzerHealthView, ChannelValue,
    CorrectionView, DrillView, EdgeView, EquipmentEventView, FloodEventView, HealthView,
    IncidentSummaryView, PulseView, RuleVersionDiffView, RuleVersionView, RulesActRequest,
    RulesEventView, RulesView, SeriesView, ShadowRequest, ShadowView, SiteView, TierView,
    UplinkMessageView, UplinkStateView, UplinkView, WarningEventView, WarningScope, WarningView,
};
use crate::devices::{DeviceFault, Devices};
use crate::drills::{DrillFault, Drills};
use crate::duty::{Duty, DutyFault};
use crate::history::History;
use crate::incidents::{IncidentFault, Incidents};
use crate::kpi::{Kpi, KpiFault};
use crate::life::{ActFault, Life};
use crate::map::{Map, MapFault};
use crate::messages::Messages;
use crate::people::{People, PeopleError};
use crate::periods::{PeriodFault, Periods};
use crate::reports::Reports;
use crate::workbench::{Workbench, WorkbenchFault};
use crate::written::WrittenList;

/// Something that happened, as it goes out on the live stream.
#[derive(Debug, Clone)]
pub enum LiveEvent {
    /// A warning changed; on disk already.
    Warning(Box<WarningEventView>),
    /// An alarm began or ended; on disk already.
    Alarm(AlarmEventView),
    /// Late readings changed the record of the past; on disk already.
    Correction(CorrectionView),
    /// Other rules run; on disk already.
    Rules(RulesEventView),
    /// An alarm about equipment changed; on disk already.
    Equipment(Box<EquipmentEventView>),
    /// A flood began or ended; on disk already.
    Flood(FloodEventView),
    /// Channels with a new latest reading.
    Readings(Vec<ChannelValue>),
    /// Analyzers whose health changed.
    Health(Vec<AnalyzerHealthView>),
    /// Edge gateways that changed.
    Edges(Vec<EdgeView>),
    /// A pulse of the self-proof came through; on disk already.
    Pulse(PulseView),
    /// An incident changed, or a clock of it rang; on disk already.
    Incident(IncidentSummaryView),
    /// A drill began or ended; on disk already.
    Drill(DrillView),
}

/// The station's ends of the link of one edge gateway. Both queues are short: who is not listened
/// to waits.
#[derive(Debug)]
pub struct LinkEnds {
    /// What the gateway says, one frame a message.
    pub to_station: mpsc::Sender<Vec<u8>>,
    /// What the station says.
    pub from_station: mpsc::Receiver<Vec<u8>>,
    /// Fires when the link must be closed.
    pub closed: CancellationToken,
}

impl LiveEvent {
    /// Place in the ledger, for events that can be resumed.
    pub fn seq(&self) -> Option<u64> {
        match self {
            Self::Warning(event) => Some(event.seq),
            Self::Alarm(event) => Some(event.seq),
            Self::Correction(event) => Some(event.seq),
            Self::Rules(event) => Some(event.seq),
            Self::Readings(_)
            | Self::Health(_)
            | Self::Edges(_)
            | Self::Pulse(_)
            | Self::Incident(_)
            | Self::Drill(_) => None,
            Self::Equipment(event) => Some(event.seq),
            Self::Flood(event) => Some(event.seq),
        }
    }
}

/// How a person changes the live rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RulesAct {
    /// Reads the site's files again.
    Reload,
    /// Makes the shadow set the live one.
    Promote,
    /// Goes back to the version before.
    Rollback,
}

/// Why the station could not do what was asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum BackendError {
    /// No channel by this id.
    #[error("there is no channel `{0}`")]
    ChannelNotFound(String),
    /// No warning by this id.
    #[error("there is no warning `{0}`")]
    WarningNotFound(String),
    /// No message by this name.
    #[error("there is no message `{0}`")]
    MessageNotFound(String),
    /// No uplink by this id.
    #[error("there is no uplink `{0}`")]
    UplinkNotFound(String),
    /// The present tier is acknowledged already.
    #[error("warning `{id}` was already acknowledged by `{by}`")]
    AlreadyAcknowledged {
        /// The warning.
        id: String,
        /// By whom.
        by: String,
    },
    /// The warning has risen above the tier that the person saw.
    #[error("warning `{id}` has risen to {}", tier_word(*tier))]
    Risen {
        /// The warning.
        id: String,
        /// Its tier now.
        tier: TierView,
    },
    /// The rules have problems; the set that runs goes on.
    #[error("the rules have problems:\n{0}")]
    RulesRefused(String),
    /// No rule set by this number.
    #[error("there is no version {0} of the rules")]
    RuleVersionNotFound(u64),
    /// No shadow set runs.
    #[error("no shadow set runs")]
    NoShadow,
    /// Who proposed a set may not promote it.
    #[error("`{0}` proposed the shadow set")]
    SamePerson(String),
    /// The first version has none before it.
    #[error("there is no version of the rules to go back to")]
    NothingBefore,
    /// No gateway by this id, or another token.
    #[error("the link is refused")]
    LinkRefused,
    /// An act on an incident was not done.
    #[error(transparent)]
    Incident(#[from] IncidentFault),
    /// The act is on an area that is not one of the person's.
    #[error("the area `{0}` is not one of theirs")]
    OtherArea(String),
    /// Something about people was refused.
    #[error(transparent)]
    People(#[from] PeopleError),
    /// What people did about duty does not fit.
    #[error(transparent)]
    Duty(#[from] DutyFault),
    /// An act about drills is not possible.
    #[error(transparent)]
    Drill(#[from] DrillFault),
    /// A person's act is not possible.
    #[error(transparent)]
    Act(#[from] ActFault),
    /// A bureau does not get what it asked for.
    #[error(transparent)]
    Bureau(#[from] BureauFault),
    /// There is no such report.
    #[error(transparent)]
    Period(#[from] PeriodFault),
    /// The record of alarms is not given.
    #[error(transparent)]
    AlarmRecords(#[from] AlarmRecordsFault),
    /// The map's file, or a part of it, is not given.
    #[error(transparent)]
    Map(#[from] MapFault),
    /// Figures cannot be told.
    #[error(transparent)]
    Kpi(#[from] KpiFault),
    /// Something about a device is refused.
    #[error(transparent)]
    Device(#[from] DeviceFault),
    /// The workbench of the rules does not do it.
    #[error(transparent)]
    Workbench(#[from] WorkbenchFault),
    /// A disk or a thread failed. An act may still be recorded once the disk takes it again: look
    /// before trying again.
    #[error("{0}")]
    Unavailable(String),
}

/// The word of a tier on the wire.
pub(crate) fn tier_word(tier: TierView) -> &'static str {
    match tier {
        TierView::Blue => "blue",
        TierView::Yellow => "yellow",
        TierView::Orange => "orange",
        TierView::Red => "red",
    }
}

/// The station as the API sees it.
pub trait Backend:
    History
    + Incidents
    + Reports
    + Audit
    + People
    + Duty
    + Life
    + Kpi
    + AlarmRecords
    + Map
    + Drills
    + Messages
    + Bureau
    + Periods
    + Devices
    + Workbench
{
    /// The station's clock.
    fn now(&self) -> Timestamp;
    /// Local time: seconds east of UTC.
    fn utc_offset_s(&self) -> i32;
    /// The site as configured.
    fn site(&self) -> SiteView;
    /// The latest reading of every channel.
    fn channels(&self) -> Vec<ChannelValue>;
    /// Readings of a channel in [from, to), thinned to at most `points_max` points.
    fn series(
        &self,
        channel: &ChannelId,
        from: Timestamp,
        to: Timestamp,
        points_max: u32,
    ) -> Result<SeriesView, BackendError>;
    /// Warnings, highest tier first and then oldest first.
    fn warnings(&self, scope: WarningScope) -> Result<Vec<WarningView>, BackendError>;
    /// The same, written; `with_people`: for who may see whom a step of a ladder reached.
    fn warnings_written(
        &self,
        scope: WarningScope,
        with_people: bool,
    ) -> Result<WrittenList, BackendError> {
        let mut found = self.warnings(scope)?;
        if !with_people {
            found.iter_mut().for_each(discreet::warning);
        }
        WrittenList::of(&found)
    }
    /// The life of one warning in order.
    fn warning_events(&self, id: &WarningId) -> Result<Vec<WarningEventView>, BackendError>;
    /// Active alarms, gas first, highest tier first.
    fn alarms(&self) -> Vec<AlarmView>;
    /// The same, written.
    fn alarms_written(&self) -> Result<WrittenList, BackendError> {
        WrittenList::of(&self.alarms())
    }
    /// Acknowledges in the name of `who`; returns once it is on disk. The fields of `act` have
    /// been checked, and that the warning's area is one of theirs.
    fn acknowledge(
        &self,
        id: &WarningId,
        who: &Who,
        act: &AcknowledgeRequest,
    ) -> Result<WarningView, BackendError>;
    /// The rules that run now.
    fn rules(&self) -> Result<RulesView, BackendError>;
    /// Versions of the rules, newest first.
    fn rule_versions(&self) -> Result<Vec<RuleVersionView>, BackendError>;
    /// One version with its text and what it changed.
    fn rule_version(&self, number: u64) -> Result<RuleVersionDiffView, BackendError>;
    /// Changes the live rules; returns once the change is on disk and they run. The fields of
    /// `request` have been checked.
    fn change_rules(
        &self,
        act: RulesAct,
        who: &Who,
        request: &RulesActRequest,
    ) -> Result<RuleVersionView, BackendError>;
    /// The shadow set that runs.
    fn shadow(&self) -> Result<Option<ShadowView>, BackendError>;
    /// Begins a shadow set; one that runs already ends.
    fn begin_shadow(&self, who: &Who, request: &ShadowRequest) -> Result<ShadowView, BackendError>;
    /// Ends the shadow set.
    fn end_shadow(&self, who: &Who) -> Result<(), BackendError>;
    /// Corrections after `seq` in order, at most `limit`.
    fn corrections(&self, seq: u64, limit: usize) -> Result<Vec<CorrectionView>, BackendError>;
    /// Edge gateways as they are, in order of the site.
    fn edges(&self) -> Result<Vec<EdgeView>, BackendError>;
    /// Uplinks to bureaus, in order of the site.
    fn uplinks(&self) -> Result<Vec<UplinkView>, BackendError>;
    /// Messages to a bureau before number `before`, newest first, at most `limit`.
    fn uplink_messages(
        &self,
        id: &str,
        state: Option<UplinkStateView>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<UplinkMessageView>, BackendError>;
    /// Opens the link of the gateway `edge` if `token` is its own; a link that is open already is
    /// closed. Called inside a tokio runtime.
    fn open_link(&self, edge: &str, token: &str) -> Result<LinkEnds, BackendError>;
    /// How the station is.
    fn health(&self) -> HealthView;
    /// Place of the newest event in the ledger.
    fn seq(&self) -> u64;
    /// Events after `seq` in order, at most `limit`.
    fn events_after(&self, seq: u64, limit: usize) -> Result<Vec<LiveEvent>, BackendError>;
    /// A receiver of all events from now on. An event that has a place in the ledger is sent once,
    /// in the order of the ledger, after it is on disk and after the other methods show what it
    /// did: who fetches everything after receiving an event sees at least that event.
    fn subscribe(&self) -> broadcast::Receiver<LiveEvent>;
}
