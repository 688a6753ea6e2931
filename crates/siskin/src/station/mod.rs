//! A station: sources → intake → series store → engine → ledger → live stream and API.
//!
//! One direction, no way back: who is in alarm is a value that the pipeline shows and the sources
//! look at; it calls nobody. One thread (`pipeline`) owns the engine and decides the order of
//! everything; the API reads `live` and the stores, and what people do goes in by the
//! same door as readings.

mod alarm_records;
pub(crate) mod audit;
mod backend;
mod bureau;
pub(crate) mod certificate;
mod clock;
mod devices;
mod drills;
mod duty;
pub(crate) mod ground;
mod hangups;
mod heard;
mod history;
mod incidents;
mod kpi;
pub(crate) mod life;
mod link;
mod listed;
mod live;
mod mirrors;
pub(crate) mod notify;
mod past;
mod people;
mod periods;
mod pipeline;
mod proof;
mod recorded;
mod repeats;
mod restore;
pub(crate) mod rules;
mod runs;
mod thinned;
mod unsaved;
mod upkeep;
pub(crate) mod uplink;
pub(crate) mod views;
mod workbench;

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
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use audit::AuditDesk;
use backend::StationBackend;
use certificate::StationCertificate;
use clock::StationClock;
use incidents::IncidentsDesk;
pub(crate) use incidents::{FOLDER as INCIDENTS_FOLDER, files as incident_file};
use link::Links;
use live::Live;
use mirrors::Mirrors;
use notify::{Bell, Messages};
use pipeline::{Command, Pipeline};
pub(crate) use recorded::Recorded;
use rules::{RulesDesk, RulesNow, SiteTexts};
use uplink::UplinksDesk;
use workbench::WorkbenchDesk;

use crate::people::PeopleDesk;

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
    messages: Messages,
    uplinks: UplinksDesk,
    incidents: Arc<IncidentsDesk>,
    certificate: Option<Arc<StationCertificate>>,
    audit: Arc<AuditDesk>,
    people: Arc<PeopleDesk>,
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
        let audit = Arc::new(AuditDesk::open(data, &ledger, &clock));
        audit.started(&texts, simulated)?;
        let people_rules = people::rules(settings);
        let people = PeopleDesk::open(Arc::clone(&ledger), Arc::clone(&clock), people_rules)?;
        let (settings, rules) = rules::at_start(settings, &texts, &ledger, clock())?;
        let rules = Arc::new(rules);
        let live = Arc::new(Live::new(&settings, simulated, clock()));
        let folder = texts.folder.as_deref();
        let (teller, messages) =
            Messages::new(&settings, (&ledger, &rules, &live), &clock, folder, simulated);
        drills::end_after_restart(&ledger, Some(&teller), clock())?;
        let restored = restore::restore(&settings, &series, &ledger)?;
        let stores = (&series, &ledger);
        let mut pipeline = Pipeline::new(restored, &settings, stores, &live, &clock, Some(teller))?;
        pipeline.expect_all();
        pipeline.show_rules(&rules);
        let past = heard::past(&settings.site, &series)?;
        let mirrors = Mirrors::open(&settings, data, &series, &ledger, &clock)?;
        let folder = texts.folder.as_deref();
        let uplinks = UplinksDesk::open(&settings, folder, data, &series, &ledger, &clock)?;
        let incidents = IncidentsDesk::new(&settings, &ledger, &live, &clock, data);
        pipeline.keep_for(Arc::new(mirrors.clone()));
        ground::at_start(&settings, folder);
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
            messages,
            uplinks,
            incidents: Arc::new(incidents),
            certificate,
            audit,
            people: Arc::new(people),
            data,
        })
    }

    /// Its people.
    pub(crate) fn people(&self) -> &PeopleDesk {
        &self.people
    }

    /// Runs until `stop`: in order the sources, the pipeline and the HTTP server end.
    pub(crate) async fn run(
        self,
        listener: TcpListener,
        stop: CancellationToken,
    ) -> anyhow::Result<()> {
        let (commands, inbox) = mpsc::channel(COMMANDS_MAX);
        let priority = self.pipeline.priority();
        let thread = on_a_thread(self.pipeline, inbox)?;
        let (intake, arrivals) = mpsc::channel(COMMANDS_MAX);
        let proving = proof::start(&self.live, &self.ledger, &self.clock, &intake, &stop);
        let (site, clock) = (Arc::new(self.settings.site.clone()), Arc::clone(&self.clock));
        let (profiles, past) = (Arc::new(self.settings.profiles.clone()), self.past);
        let sources = Sources::resume(site, profiles, past, intake, clock, priority, stop.clone())?;
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
        let workbench = WorkbenchDesk::new(&rules, self.data.clone());
        let (clock, ledger) = (&self.clock, &self.ledger);
        let (links, lane) =
            Links::new(&self.settings, clock, ledger, &self.live, commands.clone(), &stop)?;
        let bell = Bell { live: Arc::clone(&self.live), commands: commands.clone() };
        let watching = incidents::watch(self.incidents.clone(), stop.clone());
        let mut tasks = vec![
            ("passes readings on", tokio::spawn(forward(arrivals, commands.clone(), stop.clone()))),
            ("takes late batches", tokio::spawn(lane.run())),
            ("watches the rules", tokio::spawn(rules::watch(Arc::clone(&rules), stop.clone()))),
            ("owns the uplinks", tokio::spawn(self.uplinks.clone().run(stop.clone()))),
            ("owns the mirrors", tokio::spawn(self.mirrors.clone().run(stop.clone()))),
            ("watches over incidents", tokio::spawn(watching)),
            ("sends messages", tokio::spawn(self.messages.clone().run(bell, stop.clone()))),
            ("signs the audit", tokio::spawn(audit::run(Arc::clone(&self.audit), stop.clone()))),
            ("makes backtests", tokio::spawn(Arc::clone(&workbench.backtests).run(stop.clone()))),
            ("ends sessions", tokio::spawn(people::keep(Arc::clone(&self.people), stop.clone()))),
        ];
        let backend = Arc::new(StationBackend {
            settings: Arc::clone(&self.settings),
            clock: Arc::clone(&self.own_clock),
            series: Arc::clone(&self.series),
            ledger: Arc::clone(&self.ledger),
            live: Arc::clone(&self.live),
            commands: commands.clone(),
            rules,
            workbench,
            links: Arc::new(links),
            incidents: self.incidents,
            mirrors: self.mirrors,
            messages: self.messages,
            uplinks: self.uplinks,
            certificate: self.certificate.clone(),
            audit: Arc::clone(&self.audit),
            people: Arc::clone(&self.people),
            traces: sources.traces(),
            due: devices::LastDue::default(),
        });
        let transport = self.certificate.as_ref().map_or(Transport::Plain, |one| one.transport());
        let watched = self.certificate.map(|one| certificate::watch(one, self.clock, stop.clone()));
        tasks.extend(watched.map(|task| ("watches the certificate", tokio::spawn(task))));
        let http = tokio::spawn(serve(listener, transport, backend, stop.clone()));
        drop(commands);
        watch(stop.clone(), thread).await?;
        sources.stopped().await;
        proving.wait().await;
        ended(tasks).await?;
        http_stopped(http).await?;
        signed(self.audit).await
    }
}

/// Waits for tasks that were told to stop.
async fn ended(tasks: Vec<(&'static str, JoinHandle<()>)>) -> anyhow::Result<()> {
    for (does, task) in tasks {
        task.await.with_context(|| format!("the task that {does} failed"))?;
    }
    Ok(())
}

/// Last of all: what others did while they stopped is signed too.
async fn signed(audit: Arc<AuditDesk>) -> anyhow::Result<()> {
    let stopped = tokio::task::spawn_blocking(move || audit.stopped()).await;
    stopped.context("the task that signs the audit failed")
}

/// Waits for the HTTP server, not for ever.
async fn http_stopped(http: JoinHandle<anyhow::Result<()>>) -> anyhow::Result<()> {
    if let Ok(ended) = tokio::time::timeout(HTTP_STOP_MAX, http).await {
        return ended.context("the HTTP server's task failed")?;
    }
    tracing::warn!("the HTTP server did not stop in time, connections are cut");
    Ok(())
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
