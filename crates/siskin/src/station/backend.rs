//! The station as the API sees it: reads what is shown and stored, passes acts to the pipeline.

use std::cmp::Reverse;
use std::sync::Arc;

use siskin_api::WrittenList;
use siskin_api::backend::{Backend, BackendError, LinkEnds, LiveEvent, RulesAct};
use siskin_api::contract::{
    AcknowledgeRequest, AlarmView, ChannelValue, CorrectionView, EdgeView, HealthView, ProofState,
    RuleVersionDiffView, RuleVersionView, RulesActRequest, RulesView, SeriesView, ShadowRequest,
    ShadowView, SiteView, UplinkMessageView, UplinkStateView, UplinkView, WarningEventView,
    WarningScope, WarningView,
};
use siskin_api::drills::DrillFault;
use siskin_collect::Traces;
use siskin_config::Settings;
use siskin_engine::{Act, Done};
use siskin_model::uplink::UplinkState;
use siskin_model::{
    Alarm, AlarmKind, ChannelId, LinkState, Tier, Timestamp, Warning, WarningId, Who,
};
use siskin_store::{Ledger, LedgerEvent, Series, StoreError};
use tokio::sync::{broadcast, mpsc};

use super::audit::AuditDesk;
use super::certificate::{self, StationCertificate};
use super::clock::{AHEAD_MS_TOLD, StationClock};
use super::devices::LastDue;
use super::incidents::IncidentsDesk;
use super::life::views as life;
use super::link::Links;
use super::listed::{Form, Listed, One};
use super::live::Live;
use super::mirrors::Mirrors;
use super::notify::{self, Messages};
use super::pipeline::Command;
use super::rules::{self, RulesDesk};
use super::uplink::UplinksDesk;
use super::views;
use super::workbench::WorkbenchDesk;
use crate::people::PeopleDesk;

/// The most versions of the rules one answer lists.
const VERSIONS_MAX: usize = 1000;
/// The most warnings one answer lists.
const WARNINGS_MAX: usize = 1000;

/// The parts of a running station that the API reads.
pub(crate) struct StationBackend {
    pub(crate) settings: Arc<Settings>,
    pub(crate) clock: Arc<StationClock>,
    pub(crate) series: Arc<Series>,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) live: Arc<Live>,
    pub(crate) commands: mpsc::Sender<Command>,
    pub(crate) rules: Arc<RulesDesk>,
    pub(crate) workbench: WorkbenchDesk,
    pub(crate) links: Arc<Links>,
    pub(crate) incidents: Arc<IncidentsDesk>,
    pub(crate) mirrors: Mirrors,
    pub(crate) messages: Messages,
    pub(crate) uplinks: UplinksDesk,
    pub(crate) certificate: Option<Arc<StationCertificate>>,
    pub(crate) audit: Arc<AuditDesk>,
    pub(crate) people: Arc<PeopleDesk>,
    pub(crate) traces: Traces,
    pub(crate) due: LastDue,
}

pub(super) fn unavailable(error: &StoreError) -> BackendError {
    BackendError::Unavailable(error.to_string())
}

/// Parts of a list put together; `write` is for those that nobody has written yet.
pub(super) fn written<T>(
    list: &[&One<T>],
    form: Form,
    write: impl Fn(&T) -> serde_json::Result<Vec<u8>>,
) -> Result<WrittenList, BackendError> {
    let parts = list.iter().map(|one| one.json(form, &write)).collect::<Result<Vec<_>, _>>();
    let parts = parts.map_err(|error| BackendError::Unavailable(error.to_string()))?;
    Ok(WrittenList::of_parts(parts))
}

/// Open warnings and those of a drill, as they are listed.
fn in_order<'a>(open: &'a Listed<Warning>, drill: &'a [One<Warning>]) -> Vec<&'a One<Warning>> {
    open.sorted_with(drill, warning_order)
}

/// The highest tier first, then the oldest.
fn warning_order(warning: &Warning) -> (Reverse<Tier>, Timestamp) {
    (Reverse(warning.tier), warning.raised_at)
}

/// Gas first, then the highest tier, then the oldest.
fn alarm_order(alarm: &Alarm) -> (bool, Reverse<Option<Tier>>, Timestamp) {
    (alarm.kind != AlarmKind::Gas, Reverse(alarm.tier), alarm.since)
}

impl StationBackend {
    pub(super) fn offset_s(&self) -> i32 {
        self.settings.site.utc_offset_s
    }

    fn live_event(&self, seq: u64, event: &LedgerEvent) -> LiveEvent {
        match event {
            LedgerEvent::Alarm(event) => {
                LiveEvent::Alarm(views::alarm_event(seq, event, self.offset_s()))
            }
            LedgerEvent::Correction(event) => {
                LiveEvent::Correction(views::correction(seq, event, self.offset_s()))
            }
            LedgerEvent::Rules(event) => {
                LiveEvent::Rules(views::rules_event(seq, event, self.offset_s()))
            }
            LedgerEvent::Equipment(event) => {
                LiveEvent::Equipment(Box::new(life::equipment_event(seq, event, self.offset_s())))
            }
            LedgerEvent::Flood(event) => {
                LiveEvent::Flood(life::flood_event(seq, event, self.offset_s()))
            }
            LedgerEvent::Warning(event) => {
                LiveEvent::Warning(Box::new(views::warning_event(seq, event, self.offset_s())))
            }
        }
    }
}

impl StationBackend {
    /// Open warnings, and those of the drill that runs.
    fn open_warnings(&self) -> (Listed<Warning>, Vec<One<Warning>>) {
        let shown = self.live.shown();
        let drill = shown.drill.iter().flat_map(|drill| &drill.warnings).cloned().map(One::new);
        (shown.warnings.clone(), drill.collect())
    }
}

impl Backend for StationBackend {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn utc_offset_s(&self) -> i32 {
        self.offset_s()
    }

    fn site(&self) -> SiteView {
        views::site(&self.settings, &self.rules.now.rules(), self.live.simulated)
    }

    fn channels(&self) -> Vec<ChannelValue> {
        let shown = self.live.shown();
        let channels = self.settings.site.channels.iter().zip(&shown.latest);
        channels.map(|(channel, l)| views::channel_value(channel, l, self.offset_s())).collect()
    }

    fn series(
        &self,
        channel: &ChannelId,
        from: Timestamp,
        to: Timestamp,
        points_max: u32,
    ) -> Result<SeriesView, BackendError> {
        self.stored().series(channel, from, to, points_max)
    }

    fn warnings(&self, scope: WarningScope) -> Result<Vec<WarningView>, BackendError> {
        let view = |warning: &Warning| views::warning(warning, self.offset_s());
        Ok(match scope {
            WarningScope::Open => {
                let (open, drill) = self.open_warnings();
                in_order(&open, &drill).iter().map(|one| view(one.value())).collect()
            }
            WarningScope::All => {
                let all = self.ledger.warnings_all(WARNINGS_MAX).map_err(|e| unavailable(&e))?;
                all.iter().map(view).collect()
            }
        })
    }

    fn warnings_written(
        &self,
        scope: WarningScope,
        with_people: bool,
    ) -> Result<WrittenList, BackendError> {
        let discreet = |mut view: WarningView| {
            if !with_people {
                siskin_api::without_people(&mut view);
            }
            view
        };
        if scope == WarningScope::All {
            let all: Vec<_> = self.warnings(scope)?.into_iter().map(discreet).collect();
            return WrittenList::of(&all);
        }
        let (open, drill) = self.open_warnings();
        let form = if with_people { Form::Whole } else { Form::Discreet };
        let write =
            |one: &Warning| serde_json::to_vec(&discreet(views::warning(one, self.offset_s())));
        written(&in_order(&open, &drill), form, write)
    }

    fn warning_events(&self, id: &WarningId) -> Result<Vec<WarningEventView>, BackendError> {
        let events = self.ledger.warning_events(id).map_err(|e| unavailable(&e))?;
        if events.is_empty() {
            return Err(BackendError::WarningNotFound(id.to_string()));
        }
        let view = |(seq, event): &(u64, _)| views::warning_event(*seq, event, self.offset_s());
        Ok(events.iter().map(view).collect())
    }

    fn alarms(&self) -> Vec<AlarmView> {
        let active = self.live.shown().alarms.clone();
        let view = |one: &&One<Alarm>| views::alarm(one.value(), self.offset_s());
        active.sorted(alarm_order).iter().map(view).collect()
    }

    fn alarms_written(&self) -> Result<WrittenList, BackendError> {
        let active = self.live.shown().alarms.clone();
        let write = |one: &Alarm| serde_json::to_vec(&views::alarm(one, self.offset_s()));
        written(&active.sorted(alarm_order), Form::Whole, write)
    }

    fn acknowledge(
        &self,
        id: &WarningId,
        who: &Who,
        act: &AcknowledgeRequest,
    ) -> Result<WarningView, BackendError> {
        // A warning that is over may still be asked about: then the ledger knows who ended it.
        let over = self.ledger.warning(id).map_err(|e| unavailable(&e))?;
        let seen = act.tier.map(views::seen_tier);
        let wanted = Act::Acknowledge(id.clone(), seen, act.reason.clone());
        match (self.do_act(wanted, &who.name, &act.note), over) {
            (
                Err(BackendError::WarningNotFound(_)),
                Some(Warning { exercise: Some(drill), .. }),
            ) => Err(DrillFault::Over(drill.0).into()),
            (Err(BackendError::WarningNotFound(id)), Some(warning)) => {
                let by = warning.acknowledged.map_or_else(String::new, |act| act.by);
                Err(BackendError::AlreadyAcknowledged { id, by })
            }
            (Ok(Done::Warning(warning)), _) => Ok(views::warning(&warning, self.offset_s())),
            (Ok(_), _) => Err(BackendError::WarningNotFound(id.to_string())),
            (Err(error), _) => Err(error),
        }
    }

    fn rules(&self) -> Result<RulesView, BackendError> {
        Ok(rules::views::rules(&self.rules.now, self.offset_s()))
    }

    fn rule_versions(&self) -> Result<Vec<RuleVersionView>, BackendError> {
        let versions = self.ledger.rule_versions(VERSIONS_MAX).map_err(|e| unavailable(&e))?;
        Ok(versions.iter().map(|one| rules::views::version(one, self.offset_s())).collect())
    }

    fn rule_version(&self, number: u64) -> Result<RuleVersionDiffView, BackendError> {
        let version = self.ledger.rule_version(number).map_err(|e| unavailable(&e))?;
        let version = version.ok_or(BackendError::RuleVersionNotFound(number))?;
        Ok(rules::views::version_diff(&version, self.offset_s()))
    }

    fn change_rules(
        &self,
        act: RulesAct,
        who: &Who,
        request: &RulesActRequest,
    ) -> Result<RuleVersionView, BackendError> {
        let version = self.rules.change(act, who, request)?;
        Ok(rules::views::version(&version, self.offset_s()))
    }

    fn shadow(&self) -> Result<Option<ShadowView>, BackendError> {
        let Some(shadow) = self.rules.now.shadow() else {
            return Ok(None);
        };
        let now = &self.rules.now;
        let view = rules::views::shadow(&shadow, now, &self.ledger, self.offset_s());
        view.map(Some).map_err(|e| unavailable(&e))
    }

    fn begin_shadow(&self, who: &Who, request: &ShadowRequest) -> Result<ShadowView, BackendError> {
        self.rules.begin_shadow(who, request)?;
        self.shadow()?.ok_or(BackendError::NoShadow)
    }

    fn end_shadow(&self, who: &Who) -> Result<(), BackendError> {
        self.rules.end_shadow(who)
    }

    fn corrections(&self, seq: u64, limit: usize) -> Result<Vec<CorrectionView>, BackendError> {
        let found = self.ledger.corrections_after(seq, limit).map_err(|e| unavailable(&e))?;
        let view = |(seq, one): &(u64, _)| views::correction(*seq, one, self.offset_s());
        Ok(found.iter().map(view).collect())
    }

    fn edges(&self) -> Result<Vec<EdgeView>, BackendError> {
        Ok(self.links.views())
    }

    fn uplinks(&self) -> Result<Vec<UplinkView>, BackendError> {
        Ok(self.uplinks.views(self.now()))
    }

    fn uplink_messages(
        &self,
        id: &str,
        state: Option<UplinkStateView>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<UplinkMessageView>, BackendError> {
        let state = state.map(|state| match state {
            UplinkStateView::Queued => UplinkState::Queued,
            UplinkStateView::Sent => UplinkState::Sent,
            UplinkStateView::Accepted => UplinkState::Accepted,
            UplinkStateView::Failed => UplinkState::Failed,
        });
        let found = self.uplinks.messages(id, state, before, limit);
        let found = found.map_err(|error| unavailable(&error))?;
        found.ok_or_else(|| BackendError::UplinkNotFound(id.to_owned()))
    }

    fn open_link(&self, edge: &str, token: &str) -> Result<LinkEnds, BackendError> {
        self.links.open(edge, token)
    }

    fn health(&self) -> HealthView {
        let rules = rules::views::health(&self.rules.now, self.offset_s());
        let ahead_ms = self.clock.ahead_ms();
        let mirrors = self.mirrors.health(self.now(), self.offset_s());
        let certificate =
            self.certificate.as_ref().map(|one| one.view(self.now(), self.offset_s()));
        let self_proof = self.live.proof.view(self.now(), self.offset_s());
        let is_broken = self_proof.state == ProofState::Broken;
        let audit = self.audit.health();
        let messages = self.messages.health();
        let shown = self.live.shown();
        let site = &self.settings.site;
        let offline = shown.health.iter().any(|one| one.link != LinkState::Online);
        let silent = shown.latest.iter().any(|latest| latest.no_data);
        let status = match (
            &shown.storage_error,
            rules.refused.is_some()
                || offline
                || silent
                || shown.counters.damaged > 0
                || mirrors
                    .iter()
                    .any(|mirror| mirror.state == "retrying" || mirror.state == "blocked")
                || self.uplinks.has_notices(self.now())
                || ahead_ms > AHEAD_MS_TOLD
                || self.incidents.failure().is_some()
                || audit.failure.is_some()
                || !notify::is_well(&messages)
                || certificate.as_ref().is_some_and(|one| !certificate::is_well(one)),
        ) {
            (Some(_), _) => "failed",
            _ if is_broken => "failed",
            (None, true) => "degraded",
            (None, false) => "ok",
        };
        HealthView {
            status: status.to_owned(),
            now: self.now().rfc3339(self.offset_s()),
            started_at: self.live.started_at.rfc3339(self.offset_s()),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            seq: self.ledger.newest_seq(),
            analyzers: shown
                .health
                .iter()
                .filter_map(|h| views::analyzer_health(site, h))
                .collect(),
            counters: shown.counters.clone(),
            storage_error: shown.storage_error.clone(),
            clock_ahead_ms: ahead_ms,
            rules,
            mirrors,
            certificate,
            self_proof,
            audit,
            messages,
            maintenance: self.maintenance_health(),
        }
    }

    fn seq(&self) -> u64 {
        self.ledger.newest_seq()
    }

    fn events_after(&self, seq: u64, limit: usize) -> Result<Vec<LiveEvent>, BackendError> {
        let events = self.ledger.events_after(seq, limit).map_err(|e| unavailable(&e))?;
        Ok(events.iter().map(|(seq, event)| self.live_event(*seq, event)).collect())
    }

    fn subscribe(&self) -> broadcast::Receiver<LiveEvent> {
        self.live.subscribe()
    }
}
