//! Kills of the gateway and of the station and cuts of the line at random moments under load; at
//! the end the station has exactly what was sent. Short in the tests, long by `make soak-edge`.
//!
//! Kills and cuts know nothing of each other: gateways die while the line is cut, while they drain
//! what a cut has left, and while they start.

use std::sync::mpsc::{self, RecvTimeoutError, SyncSender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::edge::Edge;
use e2e::process::say;
use e2e::proxy::Proxy;
use e2e::station::Station;
use e2e::wait::poll;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::feed::{Feed, Sent};
use crate::park::{Park, view};

/// Kills between two lines about how far it is.
const TOLD_EVERY: u32 = 10;
/// One kill in so many comes while the gateway starts.
const STARTING_EVERY: u32 = 4;
/// After so many kills of the gateway, on average, the station is killed.
const STATION_EVERY: u32 = 5;
/// A starting gateway is killed within this.
const START_MAX: Duration = Duration::from_millis(300);
/// The shortest cut.
const CUT_MIN_S: f64 = 1.0;
/// The line stands for up to this part of the longest cut, and for a minute at most.
const STANDS_PART: u32 = 10;
const STANDS_MAX: Duration = Duration::from_mins(1);
/// How long the last backlog may take.
const DRAIN_MAX: Duration = Duration::from_mins(10);

/// How long and how hard.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    seed: u64,
    kills: u32,
    analyzers: usize,
    /// The time between two kills is anything up to this.
    kill_every_max: Duration,
    /// Cuts take from one second to this, in equal parts of its logarithm; one takes all of it.
    cut_max: Duration,
}

impl Plan {
    /// A short one, but for what the environment says.
    pub(crate) fn asked_for() -> Result<Self> {
        Ok(Self {
            seed: setting("EDGE_SEED", 20_261_124)?,
            kills: u32::try_from(setting("EDGE_KILLS", 5)?)?,
            analyzers: usize::try_from(setting("EDGE_ANALYZERS", 3)?)?,
            kill_every_max: Duration::from_secs(setting("EDGE_KILL_EVERY_MAX_S", 2)?),
            cut_max: Duration::from_secs(setting("EDGE_CUT_MAX_S", 2)?),
        })
    }
}

fn setting(name: &str, default: u64) -> Result<u64> {
    let text = std::env::var(name);
    text.map_or(Ok(default), |text| text.parse().with_context(|| format!("`{name}` is `{text}`")))
}

/// Readings that stations took in either lane before they ended.
#[derive(Debug, Default)]
struct Lanes {
    live: u64,
    backlog: u64,
}

impl Lanes {
    fn add(&mut self, station: &Station) -> Result<()> {
        let view = view(station)?;
        let of = |key: &str| view[key].as_u64().with_context(|| format!("no `{key}` in {view}"));
        let (all, backlog) = (of("readings")?, of("readings_backlog")?);
        self.backlog += backlog;
        self.live += all.saturating_sub(backlog);
        Ok(())
    }
}

/// One storm.
pub(crate) fn run(plan: &Plan) -> Result<()> {
    say(&format!("{plan:?}"));
    let park = Park::new(plan.analyzers)?;
    let station = park.station()?;
    let edge = park.edge(&[])?;
    park.heard(&station)?;
    let feed = Feed::start(&park.broker, &park.analyzers)?;
    let cuts = Cuts::start(park.proxy.clone(), plan);
    let mut storm = Storm { park: &park, feed: &feed, plan, lanes: Lanes::default(), stations: 0 };
    let (station, edge) = storm.blow(station, edge)?;
    let Storm { mut lanes, stations, .. } = storm;
    let cuts = cuts.over()?;
    let sent = feed.stop()?;
    let count: usize = sent.iter().map(Sent::len).sum();
    let longest = cuts.iter().max().copied().unwrap_or_default();
    say(&format!(
        "{count} readings sent; {} kills of the gateway, {stations} of the station; {} cuts, the \
         longest of {longest:?}, together {:?}",
        plan.kills,
        cuts.len(),
        cuts.iter().sum::<Duration>()
    ));
    drained(&station)?;
    park.has_exactly(&station, &sent)?;
    lanes.add(&station)?;
    let view = view(&station)?;
    ensure!(view["gaps"] == 0 && view["readings_lost"] == 0 && view["refused"] == 0, "{view}");
    say(&format!("exactly these are kept; seen in the lanes: {lanes:?}"));
    ensure!(lanes.live > 0 && lanes.backlog > 0, "a lane was not used: {lanes:?}");
    edge.stop()?;
    station.stop()
}

fn drained(station: &Station) -> Result<()> {
    poll("the last backlog is taken", DRAIN_MAX, || {
        let view = view(station)?;
        Ok((view["connected"] == true && view["batches_behind"] == 0).then_some(()))
    })
    .with_context(|| format!("{:?}", view(station)))
}

struct Storm<'a> {
    park: &'a Park,
    feed: &'a Feed,
    plan: &'a Plan,
    lanes: Lanes,
    stations: u32,
}

impl Storm<'_> {
    /// All kills; what runs after the last one.
    fn blow(&mut self, mut station: Station, mut edge: Edge) -> Result<(Station, Edge)> {
        let mut random = StdRng::seed_from_u64(self.plan.seed);
        let mut kills = 0;
        while kills < self.plan.kills {
            self.feed.during(random.random_range(Duration::ZERO..self.plan.kill_every_max))?;
            edge.kill()?;
            kills += 1;
            if random.random_ratio(1, STARTING_EVERY) && kills < self.plan.kills {
                let starting = self.park.edge_begins()?;
                self.feed.during(random.random_range(Duration::ZERO..START_MAX))?;
                starting.kill()?;
                kills += 1;
            }
            if random.random_ratio(1, STATION_EVERY) {
                self.lanes.add(&station)?;
                station.kill()?;
                self.stations += 1;
                edge = self.park.edge(&[])?;
                self.feed.during(random.random_range(Duration::ZERO..self.plan.kill_every_max))?;
                station = self.park.station()?;
            } else {
                edge = self.park.edge(&[])?;
            }
            if kills % TOLD_EVERY == 0 {
                let rounds = self.feed.rounds();
                say(&format!("{kills} kills, {rounds} readings of each analyzer sent"));
            }
        }
        Ok((station, edge))
    }
}

/// What cuts the line, in a thread of its own, until `ending` is dropped.
struct Cuts {
    ending: SyncSender<()>,
    thread: JoinHandle<Vec<Duration>>,
}

impl Cuts {
    fn start(proxy: Proxy, plan: &Plan) -> Self {
        let (ending, ended) = mpsc::sync_channel(1);
        let mut random = StdRng::seed_from_u64(plan.seed + 1);
        let longest = plan.cut_max;
        let stands = (longest / STANDS_PART).min(STANDS_MAX);
        let thread = thread::spawn(move || {
            let mut cuts = Vec::new();
            loop {
                let waited = ended.recv_timeout(random.random_range(Duration::ZERO..stands));
                // The longest comes second, and an end waits for it.
                if waited != Err(RecvTimeoutError::Timeout) && cuts.len() >= 2 {
                    return cuts;
                }
                let random_s = CUT_MIN_S * longest.as_secs_f64().powf(random.random::<f64>());
                let cut = if cuts.len() == 1 { longest } else { Duration::from_secs_f64(random_s) };
                proxy.cut();
                thread::sleep(cut);
                proxy.mend();
                say(&format!("the line was cut for {cut:.1?}"));
                cuts.push(cut);
            }
        });
        Self { ending, thread }
    }

    /// Ends after the cut that runs; how long each took.
    fn over(self) -> Result<Vec<Duration>> {
        drop(self.ending);
        self.thread.join().map_err(|_| anyhow::anyhow!("the thread of the cuts panicked"))
    }
}
