//! `siskin-edge run` and `check`: from a site's folder to running sources, spool and link.

use std::collections::BTreeMap;
use std::fs::File;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context;
use siskin_collect::link::{self, LinkSettings, SharedAlarms, SharedSiren, SharedStatus};
use siskin_collect::spool::{SharedSpool, Spool, SpoolSettings, Writer};
use siskin_collect::{Clock, Priority, Sources};
use siskin_config::Settings;
use siskin_model::{Site, Timestamp};
use siskin_wire::DeviceProfile;
use siskin_wire::link::SirenReport;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::cli::{CheckArgs, EXIT_BAD_SITE, RunArgs, say};
use crate::guard::{self, Guard};
use crate::siren::message::Messages;
use crate::siren::{self, SirenSettings};
use crate::watch::Watch;
use crate::written::{self, Gateway, Running};
use crate::{files, gateway, status};

/// Messages of sources that wait for the spool; beyond it the sources wait.
const INTAKE_MAX: usize = 1024;
/// How often the state is written for `siskin-edge status`.
const STATUS_EVERY: Duration = Duration::from_secs(2);
/// The spool's folder and the lock file inside the data folder.
pub(crate) const SPOOL: &str = "spool";
const LOCK: &str = "lock";

/// Reads and passes on until SIGINT or SIGTERM.
pub(crate) fn run(args: &RunArgs) -> anyhow::Result<ExitCode> {
    let gateway = written::gateway(&args.site)?;
    let running = written::running(args.site.config.as_deref(), &args.link)?;
    let Some(settings) = load(&gateway)? else { return Ok(ExitCode::from(EXIT_BAD_SITE)) };
    let own = Arc::new(gateway::own_site(&settings.site, &gateway.edge)?);
    let link = link_settings(&gateway, &running, &settings, &own)?;
    std::fs::create_dir_all(&running.data)
        .with_context(|| format!("cannot make `{}`", running.data.display()))?;
    let _lock = lock(&running.data)?;
    let spool = SharedSpool::new(Spool::open(spool_settings(&running, &settings, &own))?);
    let guard = Guard::open(&running.data, &settings, &own, link.alarms.clone(), now())?;
    let channels = gateway::channel_count(&own);
    say(&format!("{}: {channels} channels → {}", gateway.edge, running.station));
    // One thread is enough, and every further one costs memory that gateways do not have.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.context("cannot start the IO thread")?;
    let profiles = gateway::own_profiles(settings, &own);
    let parts = Parts { own, profiles, link, spool, guard, siren: gateway.siren };
    runtime.block_on(serve(parts, &running.data))?;
    say("已停止 · stopped");
    Ok(ExitCode::SUCCESS)
}

/// What runs.
struct Parts {
    own: Arc<Site>,
    profiles: BTreeMap<String, DeviceProfile>,
    link: LinkSettings,
    spool: SharedSpool,
    guard: Option<Guard>,
    siren: Option<SirenSettings>,
}

async fn serve(parts: Parts, data: &Path) -> anyhow::Result<()> {
    let Parts { own, profiles, link, spool, guard, siren } = parts;
    let stop = CancellationToken::new();
    stop_on_signals(&stop)?;
    let clock: Clock = Arc::new(now);
    let (to_spool, intake) = mpsc::channel(INTAKE_MAX);
    let writer = Writer::start(spool.clone(), intake).context("cannot start the spool")?;
    start_siren(siren, guard.as_ref(), &link)?;
    let (siren, alarms) = (link.siren.clone(), link.alarms.clone());
    let priority = guard.as_ref().map_or_else(Priority::nobody, Guard::priority);
    let out = guard::start(guard, to_spool, Arc::clone(&clock));
    let (profiles, now) = (Arc::new(profiles), Arc::clone(&clock));
    let sources = Sources::start(own, profiles, out, now, priority, stop.clone())?;
    let state = SharedStatus::default();
    // The link goes on while the last readings are written.
    let (link_stop, told) = (CancellationToken::new(), state.clone());
    let linked = tokio::spawn(link::run(link, spool.clone(), told, clock, link_stop.child_token()));
    let mut turns = tokio::time::interval(STATUS_EVERY);
    while stop.run_until_cancelled(turns.tick()).await.is_some() {
        let spool = spool.lock().report();
        let (untold, dropped) = alarms.kept();
        let alarms = status::Alarms { waiting: untold.len(), dropped };
        let state = status::State { spool, link: state.get(), siren: siren.get(), alarms };
        if let Err(error) = status::write(data, &state) {
            tracing::warn!(%error, "the state cannot be written");
        }
    }
    sources.stopped().await;
    tokio::task::spawn_blocking(move || writer.join()).await.context("the spool failed")?;
    link_stop.cancel();
    linked.await.context("the link failed")
}

/// Starts what switches the siren. It ends with the process, and leaves the siren as it is: an
/// alarm that is active must not fall silent because a gateway is started anew.
fn start_siren(
    siren: Option<SirenSettings>,
    guard: Option<&Guard>,
    link: &LinkSettings,
) -> anyhow::Result<()> {
    let Some(siren) = siren else { return Ok(()) };
    let guard = guard.context(
        "报警器没有规则 · a siren is set, but no threshold with a tier is on this gateway's \
         channels; hint: look at the site's rules, or take `[siren]` out",
    )?;
    let status = link.siren.clone();
    // There is one, and nobody has reached it yet: that is told too.
    status.set(SirenReport { since: now(), ..SirenReport::default() });
    let (orders, silenced) = (guard.orders(), guard.silencer());
    match siren {
        SirenSettings::ModbusTcp(coil) => {
            tokio::spawn(siren::run(coil, orders, status, now, silenced));
        }
        SirenSettings::Mqtt(topic) => {
            let messages = Messages::new(topic, &link.edge);
            tokio::spawn(siren::run(messages, orders, status, now, silenced));
        }
    }
    Ok(())
}

fn link_settings(
    gateway: &Gateway,
    running: &Running,
    settings: &Settings,
    own: &Site,
) -> anyhow::Result<LinkSettings> {
    Ok(LinkSettings {
        station: running.station.clone(),
        ca_file: running.ca_file.as_ref().map(|file| file.display().to_string()),
        edge: gateway.edge.clone(),
        token: gateway::token(&settings.site, &gateway.edge)?,
        site: own.id.clone(),
        boot_id: format!("{:016x}", random()),
        analyzers: own.analyzers.iter().map(|analyzer| analyzer.id.clone()).collect(),
        alarms: SharedAlarms::default(),
        siren: SharedSiren::default(),
    })
}

/// Prints every problem and ends non-zero when there is one.
pub(crate) fn check(args: &CheckArgs) -> anyhow::Result<ExitCode> {
    let gateway = written::gateway(&args.site)?;
    let Some(settings) = load(&gateway)? else { return Ok(ExitCode::from(EXIT_BAD_SITE)) };
    let own = gateway::own_site(&settings.site, &gateway.edge)?;
    gateway::token(&settings.site, &gateway.edge)?;
    for analyzer in own.analyzers.iter().filter(|analyzer| analyzer.edge.is_none()) {
        say(&format!("{} · {}", analyzer.id, analyzer.connection.protocol()));
    }
    say(&format!("`{}` reads {} channels", gateway.edge, gateway::channel_count(&own)));
    if let Some(watch) = Watch::new(&settings, &own)? {
        let siren =
            if gateway.siren.is_some() { "报警器 siren" } else { "无报警器 no siren" };
        say(&format!("本地报警 local alarm: {} · {siren}", watch.top().as_str()));
    }
    Ok(ExitCode::SUCCESS)
}

fn load(gateway: &Gateway) -> anyhow::Result<Option<Settings>> {
    let inputs = files::site(&gateway.site, gateway.firmware_configs.as_deref())?;
    match siskin_config::load(&inputs) {
        Ok(settings) => Ok(Some(settings)),
        Err(report) => {
            say(&report.render());
            Ok(None)
        }
    }
}

fn spool_settings(running: &Running, settings: &Settings, own: &Site) -> SpoolSettings {
    SpoolSettings {
        folder: running.data.join(SPOOL),
        bytes_max: running.spool_mib << 20,
        policy: running.spool_policy,
        channels: own.channels.iter().map(|channel| channel.id.clone()).collect(),
        highs: settings.lowest_highs(),
        entropy: u128::from(random()) << 64 | u128::from(random()),
    }
}

/// Two processes on one spool would use the same numbers twice.
fn lock(data: &Path) -> anyhow::Result<File> {
    let path = data.join(LOCK);
    let about = || format!("cannot lock `{}`", path.display());
    let file = File::create(&path).with_context(about)?;
    file.try_lock().with_context(|| {
        format!("{}; hint: is another siskin-edge running on this folder?", about())
    })?;
    Ok(file)
}

/// Random enough for a name: the seeds of the standard library's hash maps.
fn random() -> u64 {
    let mut hasher = RandomState::new().build_hasher();
    hasher.write_i64(now().as_millis());
    hasher.finish()
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

fn stop_on_signals(stop: &CancellationToken) -> anyhow::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for SIGINT")?;
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    let stop = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        stop.cancel();
    });
    Ok(())
}
