//! A gateway that keeps what its analyzer measured and sends it when it can: in any order, late,
//! twice. Its stamps lie in the past from the start, so that no test waits for a reorder window.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::json;

use crate::binary;
use crate::broker::Broker;
use crate::moment;
use crate::site::{Analyzer, Link, Options, SiteFolder};
use crate::station::Station;

/// Its one analyzer, in area `tank-farm`, and the channel of it.
pub const ANALYZER: &str = "at-1";
/// The channel of [`ANALYZER`].
pub const CHANNEL: &str = "at-1-cl2";
/// Second 0 of a gateway lies this long before the test's begin.
const ORIGIN_AGO_MS: i64 = 600_000;
/// Further than this from the arrival no stamp is believed. `siskin-json` has 5 s.
const BELIEVED_MS: u32 = 7_200_000;
/// Longest wait for the first reading.
const HEARD_MAX: Duration = Duration::from_secs(30);

/// A broker, a site and what it is to be read with; they outlive the stations.
#[derive(Debug)]
pub struct Gateway {
    broker: Broker,
    folder: SiteFolder,
    origin_ms: i64,
}

impl Gateway {
    /// A gateway whose second 0 is ten minutes ago.
    pub fn start(options: Options) -> Result<Self> {
        Self::start_at(moment::now_ms() - ORIGIN_AGO_MS, options)
    }

    /// A gateway whose second 0 is `origin_ms`.
    pub fn start_at(origin_ms: i64, options: Options) -> Result<Self> {
        let broker = Broker::start()?;
        let analyzer = Analyzer { id: ANALYZER, area: "tank-farm", link: Link::Gateway };
        let broker_port = Some(broker.port());
        // Stamps of ten minutes ago are a silence of ten minutes.
        let options = Options { poll_ms: 1000, broker_port, no_data_ms: None, ..options };
        let folder = SiteFolder::write(&[analyzer], options)?;
        write_configs(&folder.path().join("firmware-configs"))?;
        Ok(Self { broker, folder, origin_ms })
    }

    /// The site's folder, and the one where other files of the test may go.
    pub fn folders(&self) -> (PathBuf, &Path) {
        (self.folder.site(), self.folder.path())
    }

    /// Adds tables to its `site.toml`.
    pub fn add_to_site(&self, tables: &str) -> Result<()> {
        let path = self.folder.site().join("site.toml");
        let text = fs::read_to_string(&path)?;
        Ok(fs::write(path, format!("{text}\n{tables}"))?)
    }

    /// A station that reads it; the same folders every time.
    pub fn station(&self) -> Result<Station> {
        let configs = self.folder.path().join("firmware-configs");
        Station::run_with(&self.folder.site(), &self.folder.data(), &configs)
    }

    /// A first station, once it hears the gateway: readings of 0.1 ppm before second 0 were sent
    /// until its subscription stood.
    pub fn first_station(&self) -> Result<Station> {
        let station = self.station()?;
        let mut second = -300;
        station.until("the gateway is heard", HEARD_MAX, |station| {
            let seen = station.channel(CHANNEL)?["measured_at"].clone();
            if !seen.is_null() && moment::millis(&seen)? == self.moment_ms(second) {
                return Ok(Some(()));
            }
            second += 1;
            ensure!(second < 0, "not heard with so many readings");
            self.send(&[(second, 0.1)])?;
            Ok(None)
        })?;
        Ok(station)
    }

    /// A second of this gateway in ms since 1970.
    pub fn moment_ms(&self, second: i64) -> i64 {
        self.origin_ms + second * 1000
    }

    /// The second of this gateway at a moment in ms since 1970; none between two seconds.
    pub fn second(&self, at_ms: i64) -> Option<i64> {
        let from_ms = at_ms - self.origin_ms;
        (from_ms % 1000 == 0).then_some(from_ms / 1000)
    }

    /// Sends ppm at its seconds, in this order; the broker has them when it returns.
    pub fn send(&self, readings: &[(i64, f64)]) -> Result<()> {
        let payload = |(second, ppm): &(i64, f64)| {
            let ts = self.moment_ms(*second);
            json!({ "ts": ts, "value": ppm, "unit": "ppm", "status": "ok" }).to_string()
        };
        let payloads: Vec<_> = readings.iter().map(payload).collect();
        self.broker.publish_all(&format!("park/{ANALYZER}/reading"), &payloads)
    }
}

/// Writes what is shipped, and the profile `gateway-json`, into the new folder `configs`.
pub fn write_configs(configs: &Path) -> Result<()> {
    let shipped = binary::root().join("firmware-configs");
    fs::create_dir_all(configs.join("devices"))?;
    for name in ["gases", "rule-sets"] {
        symlink(shipped.join(name), configs.join(name))?;
    }
    for profile in fs::read_dir(shipped.join("devices"))? {
        let profile = profile?;
        symlink(profile.path(), configs.join("devices").join(profile.file_name()))?;
    }
    Ok(fs::write(configs.join("devices/gateway-json.toml"), profile()?)?)
}

/// `siskin-json` as it is shipped, but with a longer trust in the device's clock.
fn profile() -> Result<String> {
    let shipped = binary::root().join("firmware-configs/devices/siskin-json.toml");
    let text = fs::read_to_string(shipped)?;
    let (id, skew) = ("id = \"siskin-json\"", "skew_max_ms = 5000");
    ensure!(text.contains(id) && text.contains(skew), "siskin-json.toml reads otherwise:\n{text}");
    let longer = format!("skew_max_ms = {BELIEVED_MS}");
    Ok(text.replace(id, "id = \"gateway-json\"").replace(skew, &longer))
}
