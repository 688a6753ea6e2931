//! Resume under every interleaving of the ledger with the opening of a stream: no gap, no double.

use std::io::Write;
mod bureau;
mod map;
mod messages;
mod people;
mod periods;
mod reports;
mod workbench;

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::Request;
use proptest::prelude::*;
use siskin_api::{
    AcknowledgeRequest, ActDoneView, AlarmCursor, AlarmExportForm, AlarmRecordView, AlarmRecords,
    AlarmRecordsView, AlarmView, AlarmsAsked, Audit, AuditExport, AuditQuery, AuditView, Backend,
    BackendError, ChannelBucketsView, ChannelValue, CompletenessView, CorrectionView, EdgeView,
    EquipmentView, ExportLang, FloodView, GapsView, HealthView, History, HoldScope, HoldView,
    IncidentAct, IncidentView, Incidents, IncidentsView, Kpi, KpisView, Life, LifeAct, LinkEnds,
    LiveEvent, OpenIncidentRequest, RecordsView, RuleVersionDiffView, RuleVersionView, RulesAct,
    RulesActRequest, RulesView, SeriesView, ShadowRequest, ShadowView, SiteView, UplinkMessageView,
    UplinkStateView, UplinkView, WarningEventView, WarningScope, WarningView,
};
use siskin_model::{ChannelId, Timestamp, WarningId, Who};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use crate::ask::Frames;
use crate::fake::{event, value};

/// Moments of the opening between which the ledger may move on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Moment {
    BeforeAll,
    BeforeSubscribing,
    AfterSubscribing,
    BeforeSeq,
    AfterSeq,
    BeforeReplay,
    AfterReplay,
    AfterOpening,
}

const MOMENTS: [Moment; 8] = [
    Moment::BeforeAll,
    Moment::BeforeSubscribing,
    Moment::AfterSubscribing,
    Moment::BeforeSeq,
    Moment::AfterSeq,
    Moment::BeforeReplay,
    Moment::AfterReplay,
    Moment::AfterOpening,
];

/// An event, when it is on disk, and when it is sent (not before).
#[derive(Debug, Clone, Copy)]
struct Step {
    seq: u64,
    on_disk: Moment,
    sent: Moment,
}

/// A ledger that moves on at the moments of a script.
pub(crate) struct Scripted {
    script: Vec<Step>,
    /// How many events are on disk, and how many are sent.
    done: Mutex<(usize, usize)>,
    live: broadcast::Sender<LiveEvent>,
}

impl Scripted {
    fn reach(&self, moment: Moment) {
        let mut done = self.done.lock().unwrap();
        done.0 = self.script.iter().filter(|step| step.on_disk <= moment).count();
        let sent = self.script.iter().filter(|step| step.sent <= moment).count();
        for step in &self.script[done.1..sent] {
            // Nobody listens before the subscription: those events are gone, as they would be.
            drop(self.live.send(event(step.seq)));
        }
        done.1 = sent;
    }

    fn on_disk(&self) -> Vec<u64> {
        let count = self.done.lock().unwrap().0;
        self.script[..count].iter().map(|step| step.seq).collect()
    }
}

impl Audit for Scripted {
    fn audit(&self, _: &AuditQuery, _: usize) -> Result<AuditView, BackendError> {
        unreachable!("a stream of events does not ask for the audit")
    }

    fn begin_audit_export(&self, _: &Who) -> Result<Box<dyn AuditExport>, BackendError> {
        unreachable!("a stream of events does not export the audit")
    }
}

impl Life for Scripted {
    fn act(&self, _: &LifeAct, _: &Who, _: &str) -> Result<ActDoneView, BackendError> {
        unreachable!("a stream of events does nothing")
    }

    fn holds(&self, _: HoldScope) -> Result<Vec<HoldView>, BackendError> {
        unreachable!("a stream of events does not ask for holds")
    }

    fn equipment(&self) -> Vec<EquipmentView> {
        unreachable!("a stream of events does not ask for equipment")
    }

    fn floods(&self) -> Vec<FloodView> {
        unreachable!("a stream of events does not ask for floods")
    }
}

impl AlarmRecords for Scripted {
    fn alarm_records(
        &self,
        _: &AlarmsAsked,
        _: Option<&AlarmCursor>,
        _: usize,
    ) -> Result<AlarmRecordsView, BackendError> {
        unreachable!("a stream of events does not ask for the record of alarms")
    }

    fn alarms_ranked(&self, _: &AlarmsAsked) -> Result<AlarmRecordsView, BackendError> {
        unreachable!("a stream of events does not ask for the record of alarms")
    }

    fn alarm_file(
        &self,
        _: &Who,
        _: &AlarmsAsked,
        _: &[AlarmRecordView],
        _: AlarmExportForm,
        _: ExportLang,
    ) -> Result<Vec<u8>, BackendError> {
        unreachable!("a stream of events exports nothing")
    }
}

impl Kpi for Scripted {
    fn kpis(&self, _: Timestamp, _: Timestamp, _: Option<&str>) -> Result<KpisView, BackendError> {
        unreachable!("a stream of events does not ask for figures")
    }
}

impl History for Scripted {
    fn channel_units(&self) -> Vec<(ChannelId, String)> {
        unreachable!("a stream of events does not ask for units")
    }

    fn records(
        &self,
        _: &ChannelId,
        _: Timestamp,
        _: Timestamp,
        _: NonZeroUsize,
    ) -> Result<RecordsView, BackendError> {
        unreachable!("a stream of events does not ask for stored readings")
    }

    fn buckets(
        &self,
        _: &ChannelId,
        _: Timestamp,
        _: Timestamp,
        _: i64,
    ) -> Result<ChannelBucketsView, BackendError> {
        unreachable!("a stream of events does not ask for steps")
    }

    fn completeness(
        &self,
        _: &ChannelId,
        _: Timestamp,
        _: Timestamp,
        _: Option<i64>,
    ) -> Result<CompletenessView, BackendError> {
        unreachable!("a stream of events does not ask for completeness")
    }

    fn gaps(
        &self,
        _: &ChannelId,
        _: Timestamp,
        _: Timestamp,
        _: Option<i64>,
        _: NonZeroUsize,
    ) -> Result<GapsView, BackendError> {
        unreachable!("a stream of events does not ask for gaps")
    }
}

impl Incidents for Scripted {
    fn incidents(&self, _: bool) -> Result<IncidentsView, BackendError> {
        unreachable!("a stream of events does not ask for incidents")
    }

    fn incident(&self, _: &str, _: u64) -> Result<IncidentView, BackendError> {
        unreachable!("a stream of events does not ask for an incident")
    }

    fn open_incident(
        &self,
        _: &Who,
        _: &OpenIncidentRequest,
    ) -> Result<IncidentView, BackendError> {
        unreachable!("a stream of events opens nothing")
    }

    fn act_on_incident(
        &self,
        _: &Who,
        _: &str,
        _: &IncidentAct,
    ) -> Result<IncidentView, BackendError> {
        unreachable!("a stream of events does nothing")
    }

    fn attach_file(
        &self,
        _: &Who,
        _: &str,
        _: &str,
        _: &[u8],
    ) -> Result<IncidentView, BackendError> {
        unreachable!("a stream of events attaches nothing")
    }

    fn incident_file(&self, _: &str, _: &str) -> Result<Vec<u8>, BackendError> {
        unreachable!("a stream of events does not ask for files")
    }

    fn evidence(&self, _: &Who, _: &str, _: &mut dyn Write) -> Result<(), BackendError> {
        unreachable!("a stream of events does not ask for evidence")
    }
}

impl Backend for Scripted {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(0)
    }

    fn utc_offset_s(&self) -> i32 {
        0
    }

    fn seq(&self) -> u64 {
        self.reach(Moment::BeforeSeq);
        let seq = self.on_disk().last().copied().unwrap_or(0);
        self.reach(Moment::AfterSeq);
        seq
    }

    fn events_after(&self, seq: u64, limit: usize) -> Result<Vec<LiveEvent>, BackendError> {
        self.reach(Moment::BeforeReplay);
        let after = self.on_disk().into_iter().filter(|place| *place > seq);
        let events = after.take(limit).map(event).collect();
        self.reach(Moment::AfterReplay);
        Ok(events)
    }

    fn subscribe(&self) -> broadcast::Receiver<LiveEvent> {
        self.reach(Moment::BeforeSubscribing);
        let receiver = self.live.subscribe();
        self.reach(Moment::AfterSubscribing);
        receiver
    }

    fn site(&self) -> SiteView {
        unreachable!("a stream does not ask for the site")
    }

    fn channels(&self) -> Vec<ChannelValue> {
        unreachable!("a stream does not ask for channels")
    }

    fn series(
        &self,
        _: &ChannelId,
        _: Timestamp,
        _: Timestamp,
        _: u32,
    ) -> Result<SeriesView, BackendError> {
        unreachable!("a stream does not ask for readings")
    }

    fn warnings(&self, _: WarningScope) -> Result<Vec<WarningView>, BackendError> {
        unreachable!("a stream does not ask for warnings")
    }

    fn warning_events(&self, _: &WarningId) -> Result<Vec<WarningEventView>, BackendError> {
        unreachable!("a stream does not ask for one warning")
    }

    fn alarms(&self) -> Vec<AlarmView> {
        unreachable!("a stream does not ask for alarms")
    }

    fn acknowledge(
        &self,
        _: &WarningId,
        _: &Who,
        _: &AcknowledgeRequest,
    ) -> Result<WarningView, BackendError> {
        unreachable!("a stream does not acknowledge")
    }

    fn rules(&self) -> Result<RulesView, BackendError> {
        unreachable!("a stream does not ask for rules")
    }

    fn rule_versions(&self) -> Result<Vec<RuleVersionView>, BackendError> {
        unreachable!("a stream does not ask for versions")
    }

    fn rule_version(&self, _: u64) -> Result<RuleVersionDiffView, BackendError> {
        unreachable!("a stream does not ask for one version")
    }

    fn change_rules(
        &self,
        _: RulesAct,
        _: &Who,
        _: &RulesActRequest,
    ) -> Result<RuleVersionView, BackendError> {
        unreachable!("a stream does not change rules")
    }

    fn shadow(&self) -> Result<Option<ShadowView>, BackendError> {
        unreachable!("a stream does not ask for the shadow set")
    }

    fn begin_shadow(&self, _: &Who, _: &ShadowRequest) -> Result<ShadowView, BackendError> {
        unreachable!("a stream does not begin a shadow set")
    }

    fn end_shadow(&self, _: &Who) -> Result<(), BackendError> {
        unreachable!("a stream does not end a shadow set")
    }

    fn corrections(&self, _: u64, _: usize) -> Result<Vec<CorrectionView>, BackendError> {
        unreachable!("a stream does not ask for corrections")
    }

    fn uplinks(&self) -> Result<Vec<UplinkView>, BackendError> {
        unreachable!("a stream does not ask for uplinks")
    }

    fn uplink_messages(
        &self,
        _: &str,
        _: Option<UplinkStateView>,
        _: Option<i64>,
        _: u32,
    ) -> Result<Vec<UplinkMessageView>, BackendError> {
        unreachable!("a stream does not ask for messages")
    }

    fn edges(&self) -> Result<Vec<EdgeView>, BackendError> {
        unreachable!("a stream does not ask for gateways")
    }

    fn open_link(&self, _: &str, _: &str) -> Result<LinkEnds, BackendError> {
        unreachable!("a stream opens no link")
    }

    fn health(&self) -> HealthView {
        unreachable!("a stream does not ask for health")
    }
}

/// Up to ten events in order, on disk and sent in that order, with holes in the numbering.
fn scripts() -> impl Strategy<Value = Vec<Step>> {
    let step = (1..4u64, 0..MOMENTS.len(), 0..MOMENTS.len());
    prop::collection::vec(step, 0..10).prop_map(|mut steps| {
        let mut on_disk: Vec<usize> = steps.iter().map(|step| step.1).collect();
        on_disk.sort_unstable();
        let (mut seq, mut sent) = (0, 0);
        steps
            .iter_mut()
            .zip(on_disk)
            .map(|((hole, _, later), on_disk)| {
                seq += *hole;
                sent = sent.max(on_disk).max(*later);
                Step { seq, on_disk: MOMENTS[on_disk], sent: MOMENTS[sent] }
            })
            .collect()
    })
}

/// What a client that resumes after `after` sees: `hello.seq`, and the ids until all are sent.
async fn seen(script: &[Step], after: Option<u64>) -> (u64, Vec<u64>) {
    let ledger = Arc::new(Scripted {
        script: script.to_vec(),
        done: Mutex::new((0, 0)),
        live: broadcast::channel(64).0,
    });
    ledger.reach(Moment::BeforeAll);
    let router = siskin_api::router(ledger.clone(), CancellationToken::new());
    let mut request = Request::get("/api/v1/events");
    if let Some(after) = after {
        request = request.header("last-event-id", after);
    }
    let mut frames = Frames::open(&router, request.body(Body::empty()).unwrap()).await;
    ledger.reach(Moment::AfterOpening);
    ledger.live.send(LiveEvent::Readings(vec![value()])).unwrap();
    let hello = frames.expect("hello").await;
    let mut ids = Vec::new();
    loop {
        let frame = frames.next_news().await.unwrap();
        match frame.id {
            Some(id) => ids.push(id),
            None if frame.event == "readings" => break,
            None => panic!("{frame:?} after {after:?}"),
        }
    }
    (hello.data["seq"].as_u64().unwrap(), ids)
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(work)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn resuming_gives_every_event_once_and_in_order(script in scripts(), pick in 0..10usize) {
        // A client can only have seen what was on disk before it came.
        let old: Vec<u64> = script
            .iter()
            .filter(|step| step.on_disk == Moment::BeforeAll)
            .map(|step| step.seq)
            .collect();
        let after = pick.checked_sub(1).and_then(|place| old.get(place).copied()).unwrap_or(0);
        let expected: Vec<u64> = script
            .iter()
            .map(|step| step.seq)
            .filter(|seq| *seq > after)
            .collect();
        let (_, ids) = block_on(seen(&script, Some(after)));
        prop_assert_eq!(ids, expected);
    }

    #[test]
    fn a_fresh_stream_misses_nothing_after_its_hello(script in scripts()) {
        let (hello, ids) = block_on(seen(&script, None));
        prop_assert!(ids.is_sorted_by(|a, b| a < b), "{:?}", ids);
        for step in script.iter().filter(|step| step.seq > hello) {
            prop_assert!(ids.contains(&step.seq), "{} is not in {:?}", step.seq, ids);
        }
    }
}
