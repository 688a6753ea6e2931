//! The devices of this station as people look at them, and the log of what was done to them.
//!
//! Reads what sources keep of each device; must never ask a device anything. Entries of the log go
//! straight to the ledger, each with its audit entry in one transaction; the pipeline never waits
//! for them.

mod address;
mod due;
mod frame;
mod log;
#[cfg(test)]
mod tests;

use siskin_api::Devices;
use siskin_api::backend::BackendError;
use siskin_api::contract::{
    DeviceClockView, DeviceErrorsView, DeviceFrameView, DeviceState, DeviceView,
    MaintenanceDueView, MaintenanceHealthView, MaintenanceRequest, MaintenanceView,
};
use siskin_api::devices::DeviceFault;
use siskin_collect::{Trace, Traces};
use siskin_config::Settings;
use siskin_model::site::Analyzer;
use siskin_model::{AnalyzerHealth, ChannelId, LinkState, Text, Who};

use super::backend::StationBackend;
use super::views;
pub(crate) use due::LastDue;

impl Devices for StationBackend {
    fn devices(&self) -> Vec<DeviceView> {
        all(&self.settings, &self.live.shown().health, &self.traces)
    }

    fn device_frame(&self, id: &str) -> Result<DeviceFrameView, BackendError> {
        let analyzers = &self.settings.site.analyzers;
        let place = analyzers.iter().position(|analyzer| analyzer.id.as_str() == id);
        let found = place.and_then(|place| Some((place, analyzers.get(place)?)));
        let (place, analyzer) = found.ok_or_else(|| DeviceFault::NotFound(id.to_owned()))?;
        Ok(frame::view(&self.settings, analyzer, self.traces.of(place)))
    }

    fn maintenance(
        &self,
        channel: &ChannelId,
        limit: usize,
    ) -> Result<Vec<MaintenanceView>, BackendError> {
        self.log().of(channel, limit)
    }

    fn maintenance_newest(&self) -> Result<Vec<MaintenanceView>, BackendError> {
        self.log().newest()
    }

    fn maintain(
        &self,
        channel: &ChannelId,
        who: &Who,
        request: &MaintenanceRequest,
    ) -> Result<MaintenanceView, BackendError> {
        let made = self.log().put(channel, who, request);
        self.due.forget();
        made
    }

    fn maintenance_due(&self) -> Result<Vec<MaintenanceDueView>, BackendError> {
        self.log().due_views()
    }
}

impl StationBackend {
    /// How many channels have work that is due.
    pub(super) fn maintenance_health(&self) -> MaintenanceHealthView {
        self.due.health(&self.log())
    }

    fn log(&self) -> log::Log<'_> {
        log::Log { settings: &self.settings, ledger: &self.ledger, now: self.clock.now() }
    }
}

fn all(settings: &Settings, health: &[AnalyzerHealth], traces: &Traces) -> Vec<DeviceView> {
    let analyzers = settings.site.analyzers.iter().enumerate();
    let device = |(place, analyzer): (usize, &Analyzer)| {
        let health = health.iter().find(|health| health.analyzer == place);
        device(settings, analyzer, health, traces.of(place).as_ref())
    };
    analyzers.map(device).collect()
}

fn device(
    settings: &Settings,
    analyzer: &Analyzer,
    health: Option<&AnalyzerHealth>,
    trace: Option<&Trace>,
) -> DeviceView {
    let offset_s = settings.site.utc_offset_s;
    let profile = settings.profiles.get(&analyzer.profile);
    let clock = trace.and_then(|trace| trace.clock);
    DeviceView {
        id: analyzer.id.to_string(),
        name: views::text(&analyzer.name),
        area: analyzer.area.to_string(),
        protocol: analyzer.connection.protocol().to_owned(),
        address: address::of(settings, &analyzer.connection),
        profile: analyzer.profile.clone(),
        vendor: profile.map_or_else(String::new, |profile| profile.vendor.clone()),
        model: profile.map_or_else(String::new, |profile| profile.model.clone()),
        edge: analyzer.edge.clone(),
        state: health.map_or(DeviceState::Unknown, |health| state(health.link)),
        since: health.map(|health| health.since.rfc3339(offset_s)),
        last_ok_at: health.and_then(|one| one.last_ok_at).map(|at| at.rfc3339(offset_s)),
        last_error: health.and_then(last_error),
        exchanges_ok: health.map_or(0, |health| health.exchanges_ok),
        errors: errors(health, trace),
        poll_ms: analyzer.poll_ms,
        interval_ms: trace.and_then(Trace::interval_ms),
        jitter_ms: trace.and_then(Trace::jitter_ms),
        clock: clock.map(|clock| DeviceClockView {
            heard_at: clock.at.rfc3339(offset_s),
            skew_ms: clock.skew_ms,
        }),
    }
}

fn state(link: LinkState) -> DeviceState {
    match link {
        LinkState::Unknown => DeviceState::Unknown,
        LinkState::Online => DeviceState::Answering,
        LinkState::Degraded => DeviceState::Faulty,
        LinkState::Offline => DeviceState::Silent,
    }
}

fn last_error(health: &AnalyzerHealth) -> Option<siskin_api::contract::TextView> {
    let en = health.last_error.as_ref()?;
    let zh = health.last_error_zh.as_ref().unwrap_or(en);
    Some(views::text(&Text::new(zh.as_str(), en.as_str())))
}

fn errors(health: Option<&AnalyzerHealth>, trace: Option<&Trace>) -> DeviceErrorsView {
    DeviceErrorsView {
        exchanges: health.map_or(0, |health| health.exchanges_failed),
        unanswered: trace.map(|trace| trace.unanswered),
        unusable: trace.map(|trace| trace.unusable),
        refused: health.map_or(0, |health| health.refused),
        polls_late: health.map_or(0, |health| health.polls_late),
    }
}
