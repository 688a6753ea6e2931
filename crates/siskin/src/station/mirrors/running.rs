//! Threads of mirrors, and how they are.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use siskin_api::contract::{MirrorHealthView, TextView};
use siskin_collect::Clock;
use siskin_config::{Mirror as Written, MirrorStart as WrittenStart, Settings};
use siskin_model::Timestamp;
use siskin_store::mirror::{
    Mirror, MirrorBook, MirrorHealth, MirrorPlace, MirrorPlaces, MirrorSources, MirrorStart,
    MirrorTarget,
};
use siskin_store::series::TrimmedDay;
use siskin_store::{Ledger, Series};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::station::upkeep::Followers;

/// The wait before a mirror that broke is started again.
const RESTART_WAIT: Duration = Duration::from_secs(5);

const DAY_MS: i64 = 24 * 3_600_000;

/// All mirrors of a station.
#[derive(Clone)]
pub(crate) struct Mirrors(Arc<[Mirror]>);

impl Mirrors {
    /// Prepares the mirrors of the site; `mirror.db` is made where there are any.
    pub(crate) fn open(
        settings: &Settings,
        data: &Path,
        series: &Arc<Series>,
        ledger: &Arc<Ledger>,
        clock: &Clock,
    ) -> anyhow::Result<Self> {
        if settings.station.mirrors.is_empty() {
            return Ok(Self(Arc::new([])));
        }
        let book = Arc::new(MirrorBook::open(data)?);
        let now = Arc::clone(clock);
        let sources = MirrorSources {
            site: settings.site.id.clone(),
            places: Arc::new(places(settings)),
            series: Arc::clone(series),
            ledger: Arc::clone(ledger),
            book,
            now: Arc::new(move || now()),
        };
        let mirror = |written| Ok(Mirror::new(target(written)?, sources.clone()));
        let all: anyhow::Result<Vec<_>> = settings.station.mirrors.iter().map(mirror).collect();
        Ok(Self(all?.into()))
    }

    /// Runs every mirror until `stop`.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let tasks = TaskTracker::new();
        for place in 0..self.0.len() {
            tasks.spawn(kept_running(Arc::clone(&self.0), place, stop.clone()));
        }
        tasks.close();
        tasks.wait().await;
    }

    /// How they are at `now`.
    pub(crate) fn health(&self, now: Timestamp, offset_s: i32) -> Vec<MirrorHealthView> {
        self.0.iter().map(|mirror| view(mirror, now, offset_s)).collect()
    }
}

impl Followers for Mirrors {
    fn followed(&self) -> u64 {
        // Each of them: one that lets go says so.
        self.0.iter().map(Mirror::followed).min().unwrap_or(u64::MAX)
    }

    fn deleted(&self, days: &[TrimmedDay]) {
        for mirror in self.0.iter() {
            if let Err(error) = mirror.deleted(days) {
                tracing::error!(mirror = mirror.name(), %error, ?days, "days it missed are lost");
            }
        }
    }
}

async fn kept_running(all: Arc<[Mirror]>, place: usize, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let (mirrors, stopping) = (Arc::clone(&all), stop.clone());
        let run = move || mirrors.get(place).map_or(Ok(()), |mirror| mirror.run(&stopping));
        let why = match tokio::task::spawn_blocking(run).await {
            Ok(Ok(())) => continue,
            Ok(Err(error)) => format!("{:#}", anyhow::Error::from(error)),
            Err(_) => "the mirror panicked; hint: the log says where".to_owned(),
        };
        if let Some(mirror) = all.get(place) {
            mirror.broke(&why);
        }
        tokio::select! {
            () = tokio::time::sleep(RESTART_WAIT) => {}
            () = stop.cancelled() => {}
        }
    }
}

fn places(settings: &Settings) -> MirrorPlaces {
    let site = &settings.site;
    let place = |channel: &siskin_model::site::Channel| {
        let analyzer = site.analyzers.get(channel.analyzer);
        let place = MirrorPlace {
            area: channel.area.to_string(),
            analyzer: analyzer.map_or_else(String::new, |analyzer| analyzer.id.to_string()),
        };
        (channel.id.to_string(), place)
    };
    site.channels.iter().map(place).collect()
}

fn target(written: &Written) -> anyhow::Result<MirrorTarget> {
    let ca_pem = written.ca_file.as_ref().map(|file| {
        std::fs::read(file).with_context(|| {
            format!(
                "cannot read `{file}`, the `ca_file` of the mirror `{}`; \
                 hint: check its path and that Siskin may read it",
                written.name
            )
        })
    });
    Ok(MirrorTarget {
        name: written.name.clone(),
        url: written.url.clone(),
        org: written.org.clone(),
        bucket: written.bucket.clone(),
        token: written.token.clone(),
        ca_pem: ca_pem.transpose()?,
        gzip: written.gzip,
        start: match written.start {
            WrittenStart::Beginning => MirrorStart::Beginning,
            WrittenStart::Now => MirrorStart::Now,
        },
        holds_ms: i64::from(written.holds_days) * DAY_MS,
    })
}

fn view(mirror: &Mirror, now: Timestamp, offset_s: i32) -> MirrorHealthView {
    let health = mirror.health();
    let waiting_ms = health.oldest_waiting_at.map_or(0, |at| now.since_ms(at));
    let shown = |at: Option<Timestamp>| at.map(|at| at.rfc3339(offset_s));
    let note = note(mirror.name(), &health);
    MirrorHealthView {
        mirror: mirror.name().to_owned(),
        state: health.state.as_str().to_owned(),
        last_error: health.last_error,
        failures: health.failures,
        failures_in_a_row: health.failures_in_a_row,
        restarts: health.restarts,
        readings: health.readings,
        events: health.events,
        lines_accepted: health.lines_accepted,
        refused: health.refused,
        refused_kept: health.refused_kept,
        requests_too_old: health.requests_too_old,
        damaged: health.damaged,
        batches_behind: health.batches_behind,
        chunks_behind: health.chunks_behind,
        oldest_waiting_ms: u64::try_from(waiting_ms).unwrap_or(0),
        written_at: shown(health.written_at),
        missed_days: health.missed_days,
        note,
        newest_received_at: shown(health.newest_received_at),
        complete_at: shown(health.complete_at),
    }
}

/// What a person must know of readings that the target will never have.
fn note(name: &str, health: &MirrorHealth) -> Option<TextView> {
    let days = health.missed_days;
    let missed = |lead_zh: &str, lead_en: &str| TextView {
        zh: format!(
            "{lead_zh}镜像 `{name}` 缺少 {days} 天的读数：目标收到之前已按保存期删除；\
             提示：这些天的分钟和小时数据仍在本站，见 `/api/v1/buckets`"
        ),
        en: format!(
            "{lead_en}mirror `{name}` missed {days} days of readings: they were over their time \
             and deleted before it had them; hint: `/api/v1/buckets` still has the minutes \
             and hours of these days"
        ),
    };
    match (health.is_let_go, days) {
        (false, 0) => None,
        (false, _) => Some(missed("", "")),
        (true, _) => Some(missed(
            "离线已超过 `holds_days`，到期数据不再为它保留。",
            "away for longer than `holds_days`: what is over its time is deleted without it. ",
        )),
    }
}
