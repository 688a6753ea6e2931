//! Waits of live readings: from a reading's stamp at the gateway to its event on the station's
//! live stream. A reading that is never shown would hide its wait; such ones are counted.

use std::collections::BTreeMap;
use std::sync::mpsc::{self, Receiver, SyncSender, TryRecvError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use e2e::moment;
use e2e::station::Station;
use e2e::stream::Event;

/// Readings of so long before the end are left out.
const LAST_MS: i64 = 1000;
/// The stream says something at least this often.
const EVENT_MAX: Duration = Duration::from_secs(30);

/// A reader of the live stream in a thread of its own, until it is asked for what it saw.
pub(crate) struct Meter {
    ending: SyncSender<()>,
    thread: JoinHandle<Result<Vec<Seen>>>,
    from_ms: i64,
}

/// A reading: its stamp and when it was shown.
struct Seen {
    measured_ms: i64,
    wait_ms: f64,
}

/// Sorted waits in ms, and how many of the readings of that time were seen.
pub(crate) struct Waits {
    sorted: Vec<f64>,
    pub(crate) share_seen: f64,
}

impl Meter {
    /// From now on.
    pub(crate) fn start(station: &Station) -> Result<Self> {
        let mut stream = station.stream(None)?;
        let (ending, ended) = mpsc::sync_channel(1);
        let thread = thread::spawn(move || {
            let (mut seen, mut newest) = (Vec::new(), BTreeMap::new());
            while is_wanted(&ended) {
                let event =
                    stream.next(Instant::now() + EVENT_MAX).context("the stream is still")?;
                look(&event, &mut newest, &mut seen)?;
            }
            Ok(seen)
        });
        Ok(Self { ending, thread, from_ms: moment::now_ms() })
    }

    /// The waits of all readings that were measured since the start; `channels` speak at 1 Hz.
    pub(crate) fn waits(self, channels: usize) -> Result<Waits> {
        // What is measured in the last moments is shown after the end.
        let to_ms = moment::now_ms() - LAST_MS;
        drop(self.ending);
        let seen = self.thread.join().map_err(|_| anyhow::anyhow!("the meter panicked"))??;
        let inside = seen.iter().filter(|one| (self.from_ms..to_ms).contains(&one.measured_ms));
        let mut sorted: Vec<f64> = inside.map(|one| one.wait_ms).collect();
        sorted.sort_by(f64::total_cmp);
        let wanted = (to_ms - self.from_ms) as f64 / 1000.0 * channels as f64;
        Ok(Waits { share_seen: sorted.len() as f64 / wanted, sorted })
    }
}

fn is_wanted(ended: &Receiver<()>) -> bool {
    ended.try_recv() == Err(TryRecvError::Empty)
}

/// Takes every reading that is newer than what its channel showed before.
fn look(event: &Event, newest: &mut BTreeMap<String, i64>, seen: &mut Vec<Seen>) -> Result<()> {
    let Some(values) = event.data.as_array().filter(|_| event.name == "readings") else {
        return Ok(());
    };
    for value in values {
        let text = |key: &str| value.get(key).and_then(serde_json::Value::as_str);
        let (Some(channel), Some("good")) = (text("channel"), text("quality")) else { continue };
        let measured = value.get("measured_at").context("no moment")?;
        let measured_ms = moment::millis(measured)?;
        let before = newest.insert(channel.to_owned(), measured_ms);
        if before.is_none_or(|before| before < measured_ms) {
            seen.push(Seen { measured_ms, wait_ms: event.read_at_ms - measured_ms as f64 });
        }
    }
    Ok(())
}

impl Waits {
    /// The wait below which `per_mille` of a thousand readings stay.
    pub(crate) fn at(&self, per_mille: usize) -> f64 {
        let last = self.sorted.len().saturating_sub(1);
        self.sorted.get(last * per_mille / 1000).copied().unwrap_or(f64::NAN)
    }
}
