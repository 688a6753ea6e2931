//! A station: sources → intake → series store → engine → ledger → live stream and API.
//!
//! One direction, no way back: who is in alarm is a value that the pipeline shows and the sources
//! look at; it calls nobody. One thread (`pipeline`) owns the engine and decides the order of
//! everything; the API reads `live` and the stores, and what people do goes in by the
//! same door as readings.

mod backend;
pub(crate) mod certificate;
mod clock;
mod hangups;
mod heard;
mod history;
mod life;
mod link;
mod live;
mod mirrors;
mod past;
mod pipeline;
mod recorded;
mod repeats;
mod restore;
pub(crate) mod rules;
mod unsaved;
mod upkeep;
mod views;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Context;
use siskin_api::Transport;
use siskin_collect::{Clock, Past, Sources};
use siskin_config::Settings;
use siskin_store::{ChannelKey, Ledger, Series};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use backend::StationBackend;
use certificate::StationCertificate;
use clock::StationClock;
use link::Links;
use live::Live;
use mirrors::Mirrors;
use pipeline::{Command, Pipeline};
pub(crate) use recorded::Recorded;
use rules::{RulesDesk, RulesNow, SiteTexts};

/// Commands that may wait for the pipeline. At the limit sources wait, and their devices keep the
/// data (MQTT) or are polled later (Modbus; late polls are counted).
const COMMANDS_MAX: usize = 4096;
/// How often silence is looked for.
const TICK: Duration = Duration::from_millis(500);
/// How long the HTTP server may take to stop.
const HTTP_STOP_MAX: Duration = Duration::from_millis(1500);

/// A station that is ready to run.
pub(crate) struct Station {
    settings: Arc<Settings>,
    own_clock: Arc<StationClock>,
    clock: Clock,
    series: Arc<Series>,
    ledger: Arc<Ledger>,
    live: Arc<Live>,
    pipeline: Pipeline,
    past: Past,
    texts: SiteTexts,
    rules: Arc<RulesNow>,
    mirrors: Mirrors,
    certificate: Option<Arc<StationCertificate>>,
    data: PathBuf,
}

impl Station {
    /// Opens the stores in `data` and brings the engine to where it was.
    pub(crate) fn open(
        settings: &Arc<Settings>,
        texts: SiteTexts,
        data: &Path,
        simulated: bool,
    ) -> anyhow::Result<Self> {
        // The stores stay as they are where the port cannot be encrypted as the site says.
        let certificate = certificate::of(settings, texts.folder.as_deref())?.map(Arc::new);
        let (series, ledger) = open_stores(settings, data)?;
        let own_clock = Arc::new(StationClock::new());
        if let Some(newest) = series.last().iter().flatten().map(|r| r.measured_at).max() {
            own_clock.not_before(newest);
        }
        let shared = Arc::clone(&own_clock);
        let clock: Clock = Arc::new(move || shared.now());
        let (settings, rules) = rules::at_start(settings, &texts, &ledger, clock())?;
        let rules = Arc::new(rules);
        let live = Arc::new(Live::new(&settings, simulated, clock()));
        let restored = restore::restore(&settings, &series, &ledger)?;
        let mut pipeline = Pipeline::new(restored, &settings, &series, &ledger, &live, &clock)?;
        pipeline.expect_all();
        pipeline.show_rules(&rules);
        let past = heard::past(&settings.site, &series)?;
        let mirrors = Mirrors::open(&settings, data, &series, &ledger, &clock)?;
        let follows = mirrors.clone();
        pipeline.keep_for(Arc::new(move || follows.followed()));
        let data = data.to_owned();
        Ok(Self {
            settings,
            own_clock,
            clock,
            series,
            ledger,
            live,
            pipeline,
            past,
            texts,
            rules,
            mirrors,
            certificate,
            data,
        })
    }

    /// Runs until `stop`: in order the sources, the pipeline and the HTTP server end.
    pub(crate) async fn run(
        self,
        listener: TcpListener,
        stop: CancellationToken,
    ) -> anyhow::Result<()> {
        let (commands, inbox) = mpsc::channel(COMMANDS_MAX);
        let pipeline = self.pipeline;
        let priority = pipeline.priority();
        let thread = on_a_thread(pipeline, inbox)?;
        let (intake, arrivals) = mpsc::channel(COMMANDS_MAX);
        let site = Arc::new(self.settings.site.clone());
        let profiles = Arc::new(self.settings.profiles.clone());
        let clock = Arc::clone(&self.clock);
        let (past, stop_all) = (self.past, stop.clone());
        let sources = Sources::resume(site, profiles, past, intake, clock, priority, stop_all)?;
        let rules = Arc::new(RulesDesk {
            texts: self.texts,
            settings: Arc::clone(&self.settings),
            series: Arc::clone(&self.series),
            ledger: Arc::clone(&self.ledger),
            clock: Arc::clone(&self.clock),
            now: self.rules,
            commands: commands.clone(),
            copy: self.data.join("rules").join("active"),
            acting: Mutex::new(()),
        });
        let watching = tokio::spawn(rules::watch(Arc::clone(&rules), stop.clone()));
        let forward = tokio::spawn(forward(arrivals, commands.clone(), stop.clone()));
        let (links, lane) = Links::new(
            &self.settings,
            &self.clock,
            &self.ledger,
            &self.live,
            commands.clone(),
            &stop,
        )?;
        let lane = tokio::spawn(lane.run());
        let mirroring = tokio::spawn(self.mirrors.clone().run(stop.clone()));
        let backend = Arc::new(StationBackend {
            settings: Arc::clone(&self.settings),
            clock: Arc::clone(&self.own_clock),
            series: Arc::clone(&self.series),
            ledger: Arc::clone(&self.ledger),
            live: Arc::clone(&self.live),
            commands: commands.clone(),
            rules,
            links: Arc::new(links),
            mirrors: self.mirrors,
            certificate: self.certificate.clone(),
        });
        let transport = self.certificate.as_ref().map_or(Transport::Plain, |one| one.transport());
        let renewing = self.certificate.map(|certificate| {
            let clock = Arc::clone(&self.clock);
            tokio::spawn(certificate::watch(certificate, clock, stop.clone()))
        });
        let http = tokio::spawn(serve(listener, transport, backend, stop.clone()));
        drop(commands);
        watch(stop.clone(), thread).await?;
        sources.stopped().await;
        forward.await.context("the task that passes readings on failed")?;
        lane.await.context("the task that takes late batches failed")?;
        watching.await.context("the task that watches the rules failed")?;
        mirroring.await.context("the task that owns the mirrors failed")?;
        if let Some(renewing) = renewing {
            renewing.await.context("the task that watches the certificate failed")?;
        }
        if let Ok(ended) = tokio::time::timeout(HTTP_STOP_MAX, http).await {
            ended.context("the HTTP server's task failed")??;
        } else {
            tracing::warn!("the HTTP server did not stop in time, connections are cut");
        }
        Ok(())
    }
}

/// Starts the pipeline on its own thread.
fn on_a_thread(
    pipeline: Pipeline,
    inbox: mpsc::Receiver<Command>,
) -> anyhow::Result<std::thread::JoinHandle<anyhow::Result<()>>> {
    let thread = std::thread::Builder::new().name("siskin-pipeline".to_owned());
    thread.spawn(move || pipeline.run(inbox)).context("cannot start the pipeline's thread")
}

/// Opens or makes the two stores in `data`.
fn open_stores(settings: &Settings, data: &Path) -> anyhow::Result<(Arc<Series>, Arc<Ledger>)> {
    std::fs::create_dir_all(data).with_context(|| {
        format!("cannot make the data folder `{}`; hint: check its rights", data.display())
    })?;
    let channels = settings.site.channels.iter();
    let keys = channels.map(|channel| ChannelKey {
        id: channel.id.clone(),
        quantity: channel.quantity.as_str().to_owned(),
        unit: channel.unit,
    });
    let series = Series::open(data, &keys.collect::<Vec<_>>())?;
    Ok((Arc::new(series), Arc::new(Ledger::open(data)?)))
}

/// Serves the page and the API. A station that nobody can see any more stops loudly rather than
/// going on unseen.
async fn serve(
    listener: TcpListener,
    transport: Transport,
    backend: Arc<StationBackend>,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let router = siskin_api::router(backend, stop.clone());
    let ended = siskin_api::serve(listener, transport, router, stop.clone()).await;
    let early = !stop.is_cancelled();
    stop.cancel();
    ended.context("the HTTP server failed")?;
    anyhow::ensure!(!early, "the HTTP server ended without being asked to");
    Ok(())
}

/// Waits until the pipeline's thread has ended. It ends on `stop`; if it ends before, something is
/// badly wrong and the whole station stops loudly rather than going on without judging.
async fn watch(
    stop: CancellationToken,
    thread: std::thread::JoinHandle<anyhow::Result<()>>,
) -> anyhow::Result<()> {
    let ended = tokio::task::spawn_blocking(move || thread.join()).await;
    let early = !stop.is_cancelled();
    stop.cancel();
    match ended.context("the task that waits for the pipeline failed")? {
        Ok(result) => result.context("the pipeline stopped")?,
        Err(_) => anyhow::bail!("the pipeline panicked; hint: the log above says where"),
    }
    anyhow::ensure!(!early, "the pipeline ended without being asked to");
    Ok(())
}

/// Passes what the sources send to the pipeline, and tells it that time passes. Ends when the
/// sources have ended, so that everything they sent is stored.
async fn forward(
    mut arrivals: mpsc::Receiver<siskin_collect::Intake>,
    commands: mpsc::Sender<Command>,
    stop: CancellationToken,
) {
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    // Where gateways read every analyzer no source is here: the station goes on until it is
    // stopped.
    let mut is_open = true;
    loop {
        let command = tokio::select! {
            arrival = arrivals.recv(), if is_open => {
                let Some(intake) = arrival else {
                    is_open = false;
                    continue;
                };
                Command::Intake(intake)
            }
            _ = ticks.tick(), if !stop.is_cancelled() => Command::Tick,
            () = stop.cancelled(), if !is_open => break,
        };
        if commands.send(command).await.is_err() {
            break;
        }
    }
    // The pipeline may be gone already; then there is nobody to tell.
    let _gone = commands.send(Command::Stop).await;
}
