//! A park in which everything goes wrong within ten minutes of event time: channel after channel
//! rises through all tiers, each area has its turn, and others are never heard at all.

use std::ops::Range;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::broker::Broker;
use crate::moment;
use crate::publisher::Publisher;
use crate::site::{Analyzer, Link, ORANGE_PPM, Options, RED_PPM, SiteFolder, YELLOW_PPM};
use crate::station::Station;

/// The time over which the channels rise.
pub const SPAN_MS: i64 = 600_000;
/// One alarm for each of these.
pub const RISE_PPM: [f32; 3] = [YELLOW_PPM + 0.5, ORANGE_PPM + 0.5, RED_PPM + 1.0];
/// Readings of clean air, in turns.
const CALM_PPM: [f32; 2] = [0.1, 0.2];
/// The area of those that are never heard.
pub const SILENT: &str = "silent";
/// Longest wait for the last subscription: a large park has thousands.
const READY_MAX: Duration = Duration::from_mins(2);
/// Rule `no-data` raises after so much silence.
const NO_DATA_MS: i64 = 2_000;

/// How many of what.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Areas, each with one warning.
    pub areas: usize,
    /// Channels that rise.
    pub rising: usize,
    /// So many of an area before it is the next area's turn.
    pub block: usize,
    /// Channels that are never heard.
    pub silent: usize,
}

impl Size {
    /// Alarms about gas that there will be.
    pub fn gas_alarms(self) -> usize {
        self.rising * RISE_PPM.len()
    }

    /// All alarms that there will be.
    pub fn alarms(self) -> usize {
        self.gas_alarms() + self.silent
    }
}

/// The park; outlives its stations.
#[derive(Debug)]
pub struct FloodPark {
    size: Size,
    _broker: Broker,
    publisher: Publisher,
    folder: SiteFolder,
    begin_ms: i64,
    calm_ppm: [f32; 2],
}

/// Id of the area that has its first alarm as the `place`-th.
pub fn area(place: usize) -> String {
    format!("area-{place:03}")
}

fn channel(place: usize) -> String {
    format!("at-{place:05}")
}

impl FloodPark {
    /// Writes the site.
    pub fn new(size: Size) -> Result<Self> {
        Self::polled(size, Options::default().poll_ms)
    }

    /// The same with analyzers that are said to be read every `poll_ms`.
    pub fn polled(size: Size, poll_ms: u32) -> Result<Self> {
        let broker = Broker::start()?;
        let areas: Vec<_> = (0..size.areas).map(area).collect();
        let ids: Vec<_> = (0..size.rising).map(channel).collect();
        let silent: Vec<_> = (0..size.silent).map(|place| format!("mute-{place:05}")).collect();
        let turns = areas.iter().cycle().flat_map(|area| std::iter::repeat_n(area, size.block));
        let rising = ids.iter().zip(turns);
        let rising = rising.map(|(id, area)| Analyzer { id, area, link: Link::Mqtt });
        let silent = silent.iter().map(|id| Analyzer { id, area: SILENT, link: Link::Mqtt });
        let analyzers: Vec<_> = rising.chain(silent).collect();
        let options = Options {
            broker_port: Some(broker.port()),
            no_data_ms: (size.silent > 0).then_some(NO_DATA_MS),
            watched_area: (size.silent > 0).then_some(SILENT),
            poll_ms,
            ..Options::default()
        };
        let folder = SiteFolder::write(&analyzers, options)?;
        let publisher = Publisher::connect(broker.port())?;
        // Its end is now: a station believes no stamp of the future.
        let begin_ms = moment::now_ms() - SPAN_MS - 10_000;
        Ok(Self { size, _broker: broker, publisher, folder, begin_ms, calm_ppm: CALM_PPM })
    }

    /// The site's folder.
    pub fn site(&self) -> PathBuf {
        self.folder.site()
    }

    /// The folder of the stores.
    pub fn data(&self) -> PathBuf {
        self.folder.data()
    }

    /// Publishes clean air until every channel that will rise is heard: then none is lost.
    pub fn ready(&mut self, station: &Station) -> Result<()> {
        let rising = self.size.rising;
        station.until("every channel is heard", READY_MAX, |station| {
            let shown = station.get("channels")?;
            let shown = shown.as_array().context("no list")?;
            let heard = shown.iter().filter(|channel| !channel["value"].is_null()).count();
            if heard == rising {
                return Ok(Some(()));
            }
            let clean = (0..rising).map(|place| message(place, self.begin_ms, 0.0));
            self.publisher.send(clean)?;
            self.publisher.settle()?;
            Ok(None)
        })
    }

    /// Publishes one reading of every channel that rises, measured now: `high` says which are above
    /// every limit. Returns when the broker has all of it.
    pub fn round(&mut self, high: impl Fn(usize) -> bool) -> Result<()> {
        let now_ms = moment::now_ms();
        let [.., red_ppm] = RISE_PPM;
        // Calm air is not the same number twice: a value that changes is drawn anew.
        self.calm_ppm.reverse();
        let [calm_ppm, _] = self.calm_ppm;
        let readings = (0..self.size.rising)
            .map(|place| message(place, now_ms, if high(place) { red_ppm } else { calm_ppm }));
        self.publisher.send(readings)?;
        self.publisher.settle()
    }

    /// Lets these channels rise, each at its moment of the ten minutes; the broker has all of it
    /// when this returns.
    pub fn rise(&mut self, places: Range<usize>) -> Result<()> {
        let (begin_ms, all) = (self.begin_ms, self.size.rising.max(1));
        let one = |place: usize| {
            let share = i64::try_from(place).unwrap_or(0) * SPAN_MS;
            let at_ms = begin_ms + 1_000 + share / i64::try_from(all).unwrap_or(1);
            let steps = (0..).step_by(1_000).zip(RISE_PPM);
            steps.map(move |(later_ms, ppm)| message(place, at_ms + later_ms, ppm))
        };
        self.publisher.send(places.flat_map(one))?;
        self.publisher.settle()
    }
}

fn message(place: usize, at_ms: i64, ppm: f32) -> (String, String) {
    let text: Value = json!({ "ts": at_ms, "value": ppm, "unit": "ppm", "status": "ok" });
    (format!("park/{}/reading", channel(place)), text.to_string())
}
