//! A station with one channel and one warning, whose ledger the tests write.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};

use axum::Router;
use siskin_api::{
    AcknowledgeRequest, AlarmEventView, AlarmView, AuditHealthView, Backend, BackendError,
    CallView, CalledPersonView, ChannelValue, CorrectionView, CountersView, EdgeView, HealthView,
    LinkEnds, LiveEvent, PassingView, ProofState, ProofView, QualityView, RuleDiffView,
    RuleVersionDiffView, RuleVersionView, RulesAct, RulesActRequest, RulesEventView,
    RulesHealthView, RulesView, SeriesView, ShadowDifferencesView, ShadowHealthView, ShadowRequest,
    ShadowView, SiteOriginView, SiteView, TextView, TierView, TrimmedView, UplinkMessageView,
    UplinkStateView, UplinkView, WarningChangeView, WarningEventView, WarningScope,
    WarningStateView, WarningView,
};
use siskin_model::{ChannelId, Timestamp, WarningId, Who};
use tokio::sync::{broadcast, mpsc};
use tokio_util::sync::CancellationToken;

mod alarm_records;
mod audit;
mod bureau;
mod devices;
mod drills;
mod duty;
mod incidents;
mod kpi;
mod life;
mod map;
mod messages;
mod people;
mod periods;
mod reports;
mod site;
mod stored;
mod workbench;

pub(crate) use incidents::{EVIDENCE_BYTES, INCIDENT, TORN};

pub(crate) use map::{MAP_BYTES, letter};

pub(crate) use people::PASSWORD;

pub(crate) use duty::SHIFT;

pub(crate) const CHANNEL: &str = "at-101-cl2";
pub(crate) const WARNING: &str = "tank-farm.chlorine.20260101T000000.000Z";
/// The time between its stored readings: an hour of them is more than a stream asks for at once.
pub(crate) const PERIOD_MS: i64 = 250;
/// Another channel, which speaks once an hour.
pub(crate) const SECOND: &str = "at-102-cl2";
/// A channel whose readings cannot be read.
pub(crate) const BROKEN: &str = "broken";
/// A channel whose readings make the backend panic.
pub(crate) const PANICS: &str = "panics";
const NOW_MS: i64 = 1_767_225_600_123;
const AT: &str = "2026-01-01T08:00:00.123+08:00";

/// Holds calls of the backend until it is opened, and tells when one has come.
#[derive(Debug)]
pub(crate) struct Gate {
    shut: Mutex<bool>,
    opened: Condvar,
    came: mpsc::Sender<()>,
}

impl Gate {
    pub(crate) fn set_shut(&self, shut: bool) {
        *self.shut.lock().unwrap() = shut;
        self.opened.notify_all();
    }

    fn pass(&self) {
        let mut shut = self.shut.lock().unwrap();
        if *shut {
            self.came.try_send(()).unwrap();
        }
        while *shut {
            shut = self.opened.wait(shut).unwrap();
        }
    }
}

#[derive(Debug)]
pub(crate) struct Fake {
    pub(crate) live: broadcast::Sender<LiveEvent>,
    pub(crate) ledger: Mutex<Vec<LiveEvent>>,
    pub(crate) ledger_broken: AtomicBool,
    pub(crate) gate: Gate,
    acknowledged: Mutex<Option<(String, String)>>,
    /// Who proposed the shadow set that runs.
    shadow: Mutex<Option<String>>,
    /// Readings of this moment and later cannot be read.
    pub(crate) damaged_from_ms: AtomicI64,
    /// Questions for stored readings so far.
    pub(crate) asked: AtomicI64,
    /// Closes the links of gateways.
    pub(crate) link_closed: CancellationToken,
    /// Sessions that are over.
    pub(crate) signed_out: Mutex<BTreeSet<String>>,
    pub(crate) anonymous_looks: AtomicBool,
    /// Whether everybody who is in has been given other areas.
    pub(crate) moved: AtomicBool,
    /// Whether nobody can sign in yet.
    pub(crate) is_new: AtomicBool,
    /// How many bytes of the map's file can be read; 0: it is not there.
    pub(crate) map_readable: AtomicU64,
}

/// A fake, its router, the token that stops it, and what comes to its gate.
pub(crate) struct Station {
    pub(crate) fake: Arc<Fake>,
    pub(crate) router: Router,
    pub(crate) stop: CancellationToken,
    pub(crate) came: mpsc::Receiver<()>,
}

impl Station {
    pub(crate) fn new() -> Self {
        Self::with_queue(2048)
    }

    /// With room for `events_max` events that a reader of the stream is behind.
    pub(crate) fn with_queue(events_max: usize) -> Self {
        let (gate_came, came) = mpsc::channel(1024);
        let fake = Arc::new(Fake {
            live: broadcast::channel(events_max).0,
            ledger: Mutex::new(Vec::new()),
            ledger_broken: AtomicBool::new(false),
            gate: Gate { shut: Mutex::new(false), opened: Condvar::new(), came: gate_came },
            acknowledged: Mutex::new(None),
            shadow: Mutex::new(None),
            damaged_from_ms: AtomicI64::new(i64::MAX),
            asked: AtomicI64::new(0),
            link_closed: CancellationToken::new(),
            signed_out: Mutex::default(),
            anonymous_looks: AtomicBool::new(false),
            moved: AtomicBool::new(false),
            is_new: AtomicBool::new(false),
            map_readable: AtomicU64::new(MAP_BYTES),
        });
        let stop = CancellationToken::new();
        let router = siskin_api::router(fake.clone(), stop.clone());
        Self { fake, router, stop, came }
    }
}

impl Drop for Station {
    /// A call that still waits at the gate would keep the test's runtime from ending.
    fn drop(&mut self) {
        self.fake.gate.set_shut(false);
    }
}

impl Fake {
    /// Writes events into the ledger without telling anyone.
    pub(crate) fn commit(&self, seqs: impl IntoIterator<Item = u64>) {
        self.ledger.lock().unwrap().extend(seqs.into_iter().map(event));
    }

    /// Sends events that are in the ledger.
    pub(crate) fn send(&self, seqs: impl IntoIterator<Item = u64>) {
        for seq in seqs {
            self.live.send(event(seq)).unwrap();
        }
    }

    /// Sends an event without a place in the ledger.
    pub(crate) fn send_readings(&self) {
        self.live.send(LiveEvent::Readings(vec![value()])).unwrap();
    }

    /// Sends one of each further kind of event, all about the fake's area; the last one is not.
    pub(crate) fn tell_all(&self) {
        let all = [
            LiveEvent::Correction(correction(3)),
            LiveEvent::Equipment(Box::new(life::equipment_event(4))),
            LiveEvent::Flood(life::flood_event(5)),
            LiveEvent::Incident(incidents::event()),
            LiveEvent::Drill(drills::event()),
            LiveEvent::Readings(vec![value()]),
            LiveEvent::Health(vec![site::analyzer_health()]),
            LiveEvent::Edges(self.edges().unwrap()),
            LiveEvent::Rules(RulesEventView {
                seq: 6,
                version: 3,
                at: AT.to_owned(),
                source: "api".to_owned(),
                by: "li".to_owned(),
            }),
        ];
        for event in all {
            self.live.send(event).unwrap();
        }
    }

    pub(crate) fn acknowledgement(&self) -> Option<(String, String)> {
        self.acknowledged.lock().unwrap().clone()
    }
}

/// The event of the ledger at `seq`: alarms at even places, warnings at odd ones.
pub(crate) fn event(seq: u64) -> LiveEvent {
    if seq.is_multiple_of(2) {
        LiveEvent::Alarm(AlarmEventView {
            seq,
            edge: "raise".to_owned(),
            at: AT.to_owned(),
            alarm: alarm(),
        })
    } else {
        LiveEvent::Warning(Box::new(warning_event(seq)))
    }
}

pub(crate) fn correction(seq: u64) -> CorrectionView {
    CorrectionView {
        seq,
        change: "added".to_owned(),
        found_at: AT.to_owned(),
        edge: "raise".to_owned(),
        at: AT.to_owned(),
        alarm: alarm(),
    }
}

fn version(number: u64, by: &str) -> RuleVersionView {
    RuleVersionView {
        number,
        at: AT.to_owned(),
        source: "promotion".to_owned(),
        by: by.to_owned(),
        note: String::new(),
        proposed_by: None,
        differs_from_site: true,
    }
}

/// A shadow set whose texts have `bytes`.
fn shadow(by: &str, bytes: usize) -> ShadowView {
    ShadowView {
        number: 1,
        begun_at: AT.to_owned(),
        by: by.to_owned(),
        note: bytes.to_string(),
        health: ShadowHealthView::default(),
        diff: Vec::new(),
        alarms: vec![alarm()],
        differences: ShadowDifferencesView::default(),
        files: Vec::new(),
    }
}

/// A step of a ladder that reached somebody.
fn call() -> CallView {
    CallView {
        to: "leader".to_owned(),
        at: AT.to_owned(),
        found: "on-duty".to_owned(),
        is_gap: false,
        text: TextView { zh: "呼叫".to_owned(), en: "called".to_owned() },
        people: vec![CalledPersonView {
            id: "li".to_owned(),
            name: "李雷".to_owned(),
            phone: Some("8101".to_owned()),
        }],
        by: None,
    }
}

fn warning_event(seq: u64) -> WarningEventView {
    WarningEventView {
        seq,
        change: WarningChangeView::Raised,
        at: AT.to_owned(),
        warning: warning(None),
        by: None,
        note: None,
        call: Some(Box::new(call())),
    }
}

pub(crate) fn value() -> ChannelValue {
    ChannelValue {
        channel: CHANNEL.to_owned(),
        measured_at: Some(AT.to_owned()),
        received_at: Some(AT.to_owned()),
        value: Some(1.5),
        quality: Some(QualityView::Good),
        tier: Some(TierView::Red),
        no_data: false,
    }
}

fn alarm() -> AlarmView {
    AlarmView {
        rule: "chlorine-red".to_owned(),
        channel: CHANNEL.to_owned(),
        kind: "gas".to_owned(),
        tier: Some(TierView::Red),
        since: AT.to_owned(),
        value: Some(1.5),
        limit: Some(1.0),
        unit: "ppm".to_owned(),
        forecast: None,
    }
}

fn warning(by: Option<&(String, String)>) -> WarningView {
    WarningView {
        id: WARNING.to_owned(),
        gas: "chlorine".to_owned(),
        area: "tank-farm".to_owned(),
        tier: TierView::Red,
        tier_peak: TierView::Red,
        state: match by {
            Some(_) => WarningStateView::ActiveAcknowledged,
            None => WarningStateView::ActiveUnacknowledged,
        },
        raised_at: AT.to_owned(),
        changed_at: AT.to_owned(),
        returned_at: None,
        acknowledged_by: by.map(|(by, _)| by.clone()),
        acknowledged_at: by.map(|_| AT.to_owned()),
        acknowledged_note: by.map(|(_, note)| note.clone()),
        alarms: vec![alarm()],
        channels: vec![CHANNEL.to_owned()],
        acknowledged_reason: None,
        announced_at: Some(AT.to_owned()),
        falls_at: None,
        chattering: Vec::new(),
        is_owed: false,
        shelf: None,
        passing: Some(Box::new(PassingView {
            told: vec!["leader".to_owned()],
            next_to: None,
            next_at: None,
            next_at_ms: None,
            calls: vec![call()],
        })),
        exercise: None,
    }
}

impl Backend for Fake {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(NOW_MS)
    }

    fn utc_offset_s(&self) -> i32 {
        8 * 3600
    }

    fn site(&self) -> SiteView {
        SiteView {
            id: "park".to_owned(),
            name: TextView { zh: "园区".to_owned(), en: "Park".to_owned() },
            utc_offset_s: 8 * 3600,
            origin: Some(SiteOriginView { latitude_deg: 37.0, longitude_deg: 118.0 }),
            map: None,
            tiers: vec![TierView::Blue, TierView::Red],
            areas: site::areas(),
            analyzers: vec![site::analyzer()],
            channels: vec![site::channel()],
            gases: Vec::new(),
            receivers: Vec::new(),
            shelves: Vec::new(),
            simulated: true,
        }
    }

    fn channels(&self) -> Vec<ChannelValue> {
        vec![value()]
    }

    fn series(
        &self,
        channel: &ChannelId,
        from: Timestamp,
        to: Timestamp,
        points_max: u32,
    ) -> Result<SeriesView, BackendError> {
        self.gate.pass();
        match channel.as_str() {
            CHANNEL => Ok(SeriesView {
                channel: CHANNEL.to_owned(),
                unit: "ppm".to_owned(),
                from_ms: from.as_millis(),
                to_ms: to.as_millis(),
                slice_ms: Some(i64::from(points_max)),
                points: Vec::new(),
                trimmed: vec![TrimmedView { from_ms: from.as_millis(), to_ms: to.as_millis() }],
            }),
            BROKEN => Err(BackendError::Unavailable("the disk is gone".to_owned())),
            PANICS => panic!("a fake panic for a test"),
            other => Err(BackendError::ChannelNotFound(other.to_owned())),
        }
    }

    fn warnings(&self, scope: WarningScope) -> Result<Vec<WarningView>, BackendError> {
        let by = self.acknowledgement();
        let count = match scope {
            WarningScope::Open => 1,
            WarningScope::All => 2,
        };
        Ok(vec![warning(by.as_ref()); count])
    }

    fn warning_events(&self, id: &WarningId) -> Result<Vec<WarningEventView>, BackendError> {
        match id.as_str() {
            WARNING => Ok(vec![warning_event(1)]),
            other => Err(BackendError::WarningNotFound(other.to_owned())),
        }
    }

    fn alarms(&self) -> Vec<AlarmView> {
        vec![alarm()]
    }

    fn acknowledge(
        &self,
        id: &WarningId,
        who: &Who,
        act: &AcknowledgeRequest,
    ) -> Result<WarningView, BackendError> {
        if let Some(seen) = act.tier
            && seen < TierView::Red
        {
            return Err(BackendError::Risen { id: id.to_string(), tier: TierView::Red });
        }
        match id.as_str() {
            WARNING => {}
            BROKEN => return Err(BackendError::Unavailable("the disk is full".to_owned())),
            other => return Err(BackendError::WarningNotFound(other.to_owned())),
        }
        let mut kept = self.acknowledged.lock().unwrap();
        if let Some((by, _)) = kept.as_ref() {
            return Err(BackendError::AlreadyAcknowledged { id: id.to_string(), by: by.clone() });
        }
        *kept = Some((who.name.clone(), act.note.clone()));
        Ok(warning(kept.as_ref()))
    }

    fn uplinks(&self) -> Result<Vec<UplinkView>, BackendError> {
        Ok(vec![UplinkView { uplink: "county".into(), unanswered: 2, ..UplinkView::default() }])
    }

    fn uplink_messages(
        &self,
        id: &str,
        state: Option<UplinkStateView>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<UplinkMessageView>, BackendError> {
        if id != "county" {
            return Err(BackendError::UplinkNotFound(id.to_owned()));
        }
        assert!(state.is_none_or(|state| state == UplinkStateView::Failed));
        let id = before.unwrap_or(i64::from(limit)) - 1;
        Ok(vec![UplinkMessageView { id, ..UplinkMessageView::default() }])
    }

    fn edges(&self) -> Result<Vec<EdgeView>, BackendError> {
        Ok(vec![EdgeView {
            edge: "gw-1".into(),
            connected: true,
            since: "2026-11-24T08:00:00+08:00".into(),
            last_frame_at: None,
            last_error: None,
            last_error_zh: None,
            committed: Vec::new(),
            next_seq: 9,
            batches_behind: 2,
            readings: 40,
            readings_backlog: 4,
            refused: 0,
            skew_ms: Some(-7),
            skew_error_ms: Some(3),
            gaps: 0,
            readings_lost: 0,
            gaps_newest: Vec::new(),
            spool: None,
            siren: None,
            alarms: vec![site::edge_alarm()],
            alarm_events: Vec::new(),
        }])
    }

    fn open_link(&self, edge: &str, token: &str) -> Result<LinkEnds, BackendError> {
        if (edge, token) != ("gw-1", "right") {
            return Err(BackendError::LinkRefused);
        }
        // What comes goes back: enough to see that the bytes pass.
        let (to_station, mut inbox) = mpsc::channel(1);
        let (out, from_station) = mpsc::channel(1);
        tokio::spawn(async move {
            while let Some(bytes) = inbox.recv().await {
                out.send(bytes).await.unwrap();
            }
        });
        Ok(LinkEnds { to_station, from_station, closed: self.link_closed.clone() })
    }

    fn health(&self) -> HealthView {
        self.gate.pass();
        HealthView {
            status: "ok".to_owned(),
            now: AT.to_owned(),
            started_at: AT.to_owned(),
            version: "0".to_owned(),
            seq: self.seq(),
            analyzers: vec![site::analyzer_health()],
            counters: CountersView::default(),
            storage_error: None,
            clock_ahead_ms: 0,
            rules: RulesHealthView {
                version: 2,
                source: "promotion".to_owned(),
                differs_from_site: true,
                refused: None,
                restart_needed: Vec::new(),
                shadow: None,
            },
            mirrors: Vec::new(),
            certificate: None,
            self_proof: ProofView {
                state: ProofState::Ok,
                last_at: Some(AT.to_owned()),
                age_ms: Some(7),
                way_ms: Some(1),
                receipted_at: Some(AT.to_owned()),
                receipt_age_ms: Some(7),
                broken_at: None,
            },
            audit: AuditHealthView::default(),
            messages: siskin_api::MessagesHealthView::default(),
            maintenance: siskin_api::MaintenanceHealthView::default(),
        }
    }

    fn rules(&self) -> Result<RulesView, BackendError> {
        Ok(RulesView { version: version(2, "李雷"), rules: Vec::new() })
    }

    fn rule_versions(&self) -> Result<Vec<RuleVersionView>, BackendError> {
        Ok(vec![version(2, "李雷"), version(1, "")])
    }

    fn rule_version(&self, number: u64) -> Result<RuleVersionDiffView, BackendError> {
        if number > 2 {
            return Err(BackendError::RuleVersionNotFound(number));
        }
        let diff = RuleDiffView {
            rule: "chlorine-red".to_owned(),
            change: "added".to_owned(),
            old: None,
            new: Some("raise_at = 1".to_owned()),
        };
        Ok(RuleVersionDiffView {
            version: version(number, "李雷"),
            diff: vec![diff],
            files: Vec::new(),
        })
    }

    fn change_rules(
        &self,
        act: RulesAct,
        who: &Who,
        request: &RulesActRequest,
    ) -> Result<RuleVersionView, BackendError> {
        match act {
            RulesAct::Reload if request.note == BROKEN => {
                Err(BackendError::RulesRefused("rules/a.toml:3:1: no".to_owned()))
            }
            RulesAct::Rollback if request.note == BROKEN => Err(BackendError::NothingBefore),
            RulesAct::Promote => {
                let proposed_by = self.shadow.lock().unwrap().take();
                let proposed_by = proposed_by.ok_or(BackendError::NoShadow)?;
                if proposed_by == who.name {
                    return Err(BackendError::SamePerson(proposed_by));
                }
                Ok(version(3, &who.name))
            }
            RulesAct::Reload | RulesAct::Rollback => Ok(version(3, &who.name)),
        }
    }

    fn shadow(&self) -> Result<Option<ShadowView>, BackendError> {
        Ok(self.shadow.lock().unwrap().as_ref().map(|by| shadow(by, 0)))
    }

    fn begin_shadow(&self, who: &Who, request: &ShadowRequest) -> Result<ShadowView, BackendError> {
        *self.shadow.lock().unwrap() = Some(who.name.clone());
        Ok(shadow(&who.name, request.files.values().map(String::len).sum()))
    }

    fn end_shadow(&self, _who: &Who) -> Result<(), BackendError> {
        let ended = self.shadow.lock().unwrap().take();
        ended.map(drop).ok_or(BackendError::NoShadow)
    }

    fn corrections(&self, seq: u64, limit: usize) -> Result<Vec<CorrectionView>, BackendError> {
        Ok(vec![correction(seq + 1); limit.min(3)])
    }

    fn seq(&self) -> u64 {
        self.gate.pass();
        let ledger = self.ledger.lock().unwrap();
        ledger.last().and_then(LiveEvent::seq).unwrap_or(0)
    }

    fn events_after(&self, seq: u64, limit: usize) -> Result<Vec<LiveEvent>, BackendError> {
        if self.ledger_broken.load(Ordering::SeqCst) {
            return Err(BackendError::Unavailable("the ledger is gone".to_owned()));
        }
        let ledger = self.ledger.lock().unwrap();
        let after = ledger.iter().filter(|event| event.seq() > Some(seq));
        Ok(after.take(limit).cloned().collect())
    }

    fn subscribe(&self) -> broadcast::Receiver<LiveEvent> {
        self.live.subscribe()
    }
}
