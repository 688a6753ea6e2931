//! Between the sources and the spool: every reading is shown to the watch before it is kept, what
//! the watch says goes to the siren first, then to the link, then to the disk. Must never hold a
//! reading back because of a siren.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context;
use serde::{Deserialize, Serialize};
use siskin_collect::link::SharedAlarms;
use siskin_collect::{AlarmBoard, Clock, Intake, Priority};
use siskin_config::Settings;
use siskin_model::{Site, Timestamp};
use siskin_wire::link::EdgeAlarm;
use tokio::sync::{mpsc, watch};
use tokio::time::MissedTickBehavior;

use crate::siren::Order;
use crate::watch::{Kept, Watch};

/// How often readings that wait for their turn are looked at.
const TICK_EVERY: Duration = Duration::from_millis(500);
/// Messages of sources that wait for the watch; beyond it the sources wait.
const WAITING_MAX: usize = 64;
const FILE: &str = "watch.json";

/// What the next start must know.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Memory {
    /// The alarms that are active.
    alarms: Vec<Kept>,
    /// The siren may sound because of this gateway.
    may_sound: bool,
    /// What the station has not noted, oldest first.
    #[serde(default)]
    untold: Vec<EdgeAlarm>,
    /// How many of these were too many.
    #[serde(default)]
    dropped: u64,
}

/// The watch, what it tells, and what it remembers.
#[derive(Debug)]
pub(crate) struct Guard {
    watch: Watch,
    told: SharedAlarms,
    orders: watch::Sender<Order>,
    /// Where the sources see who is in alarm.
    board: AlarmBoard,
    may_sound: Arc<AtomicBool>,
    folder: PathBuf,
    saved: Memory,
}

impl Guard {
    /// Opens what the last run has left in `folder`. None where there is nothing to watch.
    pub(crate) fn open(
        folder: &Path,
        settings: &Settings,
        own: &Site,
        told: SharedAlarms,
        now: Timestamp,
    ) -> anyhow::Result<Option<Self>> {
        let Some(mut watch) = Watch::new(settings, own)? else { return Ok(None) };
        let saved = read(folder)?;
        let ended = watch.restore(&saved.alarms, own, now)?;
        let is_wanted = watch.is_sounding();
        let order = Order { is_wanted, may_sound: saved.may_sound || is_wanted };
        let may_sound = Arc::new(AtomicBool::new(order.may_sound));
        let (orders, folder) = (watch::Sender::new(order), folder.to_owned());
        told.resume(saved.untold.iter().cloned(), saved.dropped);
        told.tell(ended.into_iter().chain(watch.standing()));
        let board = AlarmBoard::new(own);
        board.show(|channel| watch.is_in_alarm(channel));
        Ok(Some(Self { watch, told, orders, board, may_sound, folder, saved }))
    }

    /// Which analyzers the sources are to ask first.
    pub(crate) fn priority(&self) -> Priority {
        self.board.priority()
    }

    /// What the siren should do.
    pub(crate) fn orders(&self) -> watch::Receiver<Order> {
        self.orders.subscribe()
    }

    /// To be called when the siren was switched off.
    pub(crate) fn silencer(&self) -> impl Fn() + Send + 'static {
        let may_sound = Arc::clone(&self.may_sound);
        move || may_sound.store(false, Ordering::Relaxed)
    }

    async fn run(mut self, mut from: mpsc::Receiver<Intake>, to: mpsc::Sender<Intake>, now: Clock) {
        let mut ticks = tokio::time::interval(TICK_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                intake = from.recv() => {
                    let Some(intake) = intake else { return };
                    if let Intake::Readings { readings, .. } = &intake {
                        let alarms = self.watch.readings(readings);
                        self.act(alarms);
                    }
                    if to.send(intake).await.is_err() {
                        return;
                    }
                }
                _ = ticks.tick() => {
                    let alarms = self.watch.tick(now());
                    self.board.show(|channel| self.watch.is_in_alarm(channel));
                    self.act(alarms);
                    self.save();
                }
            }
        }
    }

    fn act(&mut self, alarms: Vec<EdgeAlarm>) {
        if alarms.is_empty() {
            return;
        }
        let is_wanted = self.watch.is_sounding();
        if is_wanted {
            self.may_sound.store(true, Ordering::Relaxed);
        }
        let order = Order { is_wanted, may_sound: self.may_sound.load(Ordering::Relaxed) };
        self.orders.send_if_modified(|old| std::mem::replace(old, order) != order);
        for EdgeAlarm { warning, channel, rule, edge, .. } in &alarms {
            tracing::warn!(%warning, %channel, %rule, ?edge, "local alarm");
        }
        self.told.tell(alarms);
        self.save();
    }

    /// Saves what has changed. A disk that takes nothing stops no siren; it is tried again.
    fn save(&mut self) {
        let may_sound = self.may_sound.load(Ordering::Relaxed);
        let (untold, dropped) = self.told.kept();
        let memory = Memory { alarms: self.watch.kept(), may_sound, untold, dropped };
        if memory == self.saved {
            return;
        }
        match write(&self.folder, &memory) {
            Ok(()) => self.saved = memory,
            Err(error) => tracing::warn!(%error, "the watch's state cannot be written"),
        }
    }
}

/// Starts the watch between the sources and the spool, where there is one.
pub(crate) fn start(
    guard: Option<Guard>,
    to_spool: mpsc::Sender<Intake>,
    clock: Clock,
) -> mpsc::Sender<Intake> {
    let Some(guard) = guard else { return to_spool };
    let (out, from_sources) = mpsc::channel(WAITING_MAX);
    // Ends when the sources have: the spool then ends behind it.
    tokio::spawn(guard.run(from_sources, to_spool, clock));
    out
}

/// A file that cannot be understood is no reason to leave a park without a watch.
fn read(folder: &Path) -> anyhow::Result<Memory> {
    let path = folder.join(FILE);
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Memory::default()),
        Err(error) => {
            let hint = "hint: is the folder ours to read?";
            return Err(error).with_context(|| format!("cannot read `{}`; {hint}", path.display()));
        }
    };
    Ok(serde_json::from_slice(&text).unwrap_or_else(|error| {
        tracing::error!(%error, "the watch begins anew: its file is damaged");
        // Better one siren too many switched off by hand than one that nobody may switch off.
        Memory::default()
    }))
}

fn write(folder: &Path, memory: &Memory) -> anyhow::Result<()> {
    let fresh = folder.join(format!("{FILE}.new"));
    let mut file = File::create(&fresh)?;
    file.write_all(&serde_json::to_vec(memory)?)?;
    file.sync_data()?;
    fs::rename(&fresh, folder.join(FILE))?;
    File::open(folder)?.sync_all()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use siskin_model::{ChannelIndex, Edge, Origin, Quality, Reading};

    use super::*;

    const LATER: Timestamp = Timestamp::from_millis(5_000_000);

    fn park() -> (Settings, Site) {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../firmware-configs/sites/demo-park");
        let inputs = crate::files::site(Path::new(folder), None).unwrap();
        let settings = siskin_config::load(&inputs).unwrap();
        let own = settings.site.clone();
        (settings, own)
    }

    fn rows(seconds: std::ops::Range<i64>, value: f64) -> Intake {
        let reading = |s: i64| {
            let at = Timestamp::from_millis(s * 1_000);
            Reading::new(ChannelIndex(0), at, at, Some(value), Quality::Good)
        };
        Intake::Readings {
            readings: seconds.map(reading).collect(),
            origin: Origin::Live,
            committed: None,
        }
    }

    #[tokio::test]
    async fn readings_pass_and_the_siren_is_ordered_and_a_restart_remembers_it() {
        let folder = tempfile::tempdir().unwrap();
        let (settings, own) = park();
        let open = || {
            let told = SharedAlarms::default();
            Guard::open(folder.path(), &settings, &own, told, LATER).unwrap().unwrap()
        };
        let guard = open();
        let orders = guard.orders();
        assert_eq!(*orders.borrow(), Order { is_wanted: false, may_sound: false });
        let (to_spool, mut spooled) = mpsc::channel(8);
        let clock: Clock = Arc::new(|| Timestamp::from_millis(0));
        let out = start(Some(guard), to_spool, clock);
        out.send(rows(0..400, 45.0)).await.unwrap();
        let Some(Intake::Readings { readings, .. }) = spooled.recv().await else { panic!("none") };
        assert_eq!(readings.len(), 400);
        assert_eq!(*orders.borrow(), Order { is_wanted: true, may_sound: true });
        drop(out);
        assert!(spooled.recv().await.is_none());

        let guard = open();
        let orders = guard.orders();
        assert_eq!(*orders.borrow(), Order { is_wanted: true, may_sound: true });
        assert!(guard.priority().now().contains(&0), "asked first at once");
        let (to_spool, mut spooled) = mpsc::channel(8);
        let out = start(Some(guard), to_spool, Arc::new(|| Timestamp::from_millis(0)));
        out.send(rows(500..3_000, 0.0)).await.unwrap();
        assert!(spooled.recv().await.is_some());
        assert_eq!(*orders.borrow(), Order { is_wanted: false, may_sound: true });
        drop(out);
        assert!(spooled.recv().await.is_none());

        // Ended before it was switched off: the next start does it.
        let guard = open();
        assert_eq!(*guard.orders().borrow(), Order { is_wanted: false, may_sound: true });
        guard.silencer()();
        assert!(!guard.may_sound.load(Ordering::Relaxed));
    }

    #[test]
    fn a_damaged_file_is_no_reason_to_watch_nothing() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE), "{").unwrap();
        let (settings, own) = park();
        let told = SharedAlarms::default();
        assert!(Guard::open(folder.path(), &settings, &own, told, LATER).unwrap().is_some());
    }

    #[tokio::test]
    async fn a_clear_that_the_station_does_not_know_is_told_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let (settings, own) = park();
        let open = || {
            let told = SharedAlarms::default();
            let guard = Guard::open(folder.path(), &settings, &own, told.clone(), LATER);
            (guard.unwrap().unwrap(), told)
        };
        let pass = async |guard, intake| {
            let (to_spool, mut spooled) = mpsc::channel(8);
            let out = start(Some(guard), to_spool, Arc::new(|| Timestamp::from_millis(0)));
            out.send(intake).await.unwrap();
            drop(out);
            while spooled.recv().await.is_some() {}
        };
        let edges = |told: &SharedAlarms| {
            told.kept().0.into_iter().map(|alarm| alarm.edge).collect::<Vec<_>>()
        };
        pass(open().0, rows(0..400, 45.0)).await;
        let (guard, told) = open();
        assert_eq!(edges(&told), [Edge::Raise], "it stands and is kept: told once");
        pass(guard, rows(500..3_000, 0.0)).await;
        let (_, told) = open();
        assert_eq!(edges(&told), [Edge::Raise, Edge::Clear]);
    }

    #[tokio::test]
    async fn an_alarm_whose_rule_was_taken_out_ends_with_the_restart() {
        let folder = tempfile::tempdir().unwrap();
        let (mut settings, own) = park();
        let open = |settings: &Settings, told: &SharedAlarms| {
            Guard::open(folder.path(), settings, &own, told.clone(), LATER).unwrap().unwrap()
        };
        let (to_spool, mut spooled) = mpsc::channel(8);
        let out = start(
            Some(open(&settings, &SharedAlarms::default())),
            to_spool,
            Arc::new(|| Timestamp::from_millis(0)),
        );
        out.send(rows(0..400, 45.0)).await.unwrap();
        drop(out);
        while spooled.recv().await.is_some() {}
        settings.rules.bindings.retain(|binding| binding.channel != ChannelIndex(0));
        let told = SharedAlarms::default();
        let guard = open(&settings, &told);
        assert!(!guard.orders().borrow().is_wanted);
        let last = told.kept().0.pop().unwrap();
        assert_eq!((last.edge, last.at), (Edge::Clear, LATER));
    }
}
