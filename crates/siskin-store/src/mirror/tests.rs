//! A mirror from its stores to a target in memory that fails now and then.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};

use siskin_model::{ChannelId, ChannelIndex, Quality, Reading, Unit};

use super::deliver::Answer;
use super::*;
use crate::ChannelKey;

const DAY_MS: i64 = 24 * 3_600_000;

/// A target that keeps the last word on each series and moment, and fails at every third request.
#[derive(Default)]
struct Held {
    points: BTreeMap<(String, String), String>,
    requests: usize,
}

struct Fake<'a> {
    held: &'a std::sync::Mutex<Held>,
    /// Stops the mirror once this many requests were accepted.
    stop_after: usize,
    stop: CancellationToken,
}

impl Writer for Fake<'_> {
    async fn write(&mut self, body: &str) -> Answer {
        let mut held = self.held.lock().unwrap();
        held.requests += 1;
        if held.requests.is_multiple_of(3) {
            return Answer::of_status(503, "not now");
        }
        for line in body.lines() {
            let mut parts = line.splitn(3, ' ');
            let mut part = || parts.next().unwrap().to_owned();
            let (series, fields, stamp) = (part(), part(), part());
            held.points.insert((series, stamp), fields);
        }
        self.stop_after = self.stop_after.saturating_sub(1);
        if self.stop_after == 0 {
            self.stop.cancel();
        }
        Answer::Accepted
    }
}

fn target(start: MirrorStart) -> MirrorTarget {
    MirrorTarget {
        name: "t".to_owned(),
        url: "http://127.0.0.1:1".to_owned(),
        org: "o".to_owned(),
        bucket: "b".to_owned(),
        token: Some("secret".to_owned()),
        ca_pem: None,
        gzip: false,
        start,
        holds_ms: 400 * DAY_MS,
    }
}

fn sources(dir: &std::path::Path) -> MirrorSources {
    let key = ChannelKey {
        id: ChannelId::new("at-1-cl2").unwrap(),
        quantity: "chlorine".to_owned(),
        unit: Unit::Ppm,
    };
    MirrorSources {
        site: "park".to_owned(),
        places: Arc::default(),
        series: Arc::new(Series::open(dir, &[key]).unwrap()),
        ledger: Arc::new(Ledger::open(dir).unwrap()),
        book: Arc::new(MirrorBook::open(dir).unwrap()),
        now: Arc::new(|| Timestamp::from_millis(0)),
    }
}

fn reading(ms: i64, value: f64) -> Reading {
    let at = Timestamp::from_millis(ms);
    Reading::new(ChannelIndex(0), at, at, Some(value), Quality::Good)
}

async fn run(mirror: &Mirror, held: &std::sync::Mutex<Held>, stop_after: usize) {
    let stop = CancellationToken::new();
    let fake = Fake { held, stop_after, stop: stop.clone() };
    mirror.follow(fake, &stop).await.unwrap();
}

/// An hour of simulated time in which the target is down, then corrected and rolled, with
/// restarts of the mirror after each request.
#[tokio::test(start_paused = true)]
async fn the_target_ends_equal_to_the_store() {
    let dir = tempfile::tempdir().unwrap();
    let sources = sources(dir.path());
    let second = |s: i64| reading(s * 1000, s as f64 / 10.0);
    for first in (0..3_600).step_by(60) {
        let batch: Vec<_> = (first..first + 60).map(second).collect();
        sources.series.append(&batch).unwrap();
    }
    sources.series.append(&[reading(5_000, 99.5)]).unwrap();
    let held = std::sync::Mutex::new(Held::default());
    let mirror = Mirror::new(target(MirrorStart::Beginning), sources.clone());
    run(&mirror, &held, 1).await;
    let now = Timestamp::from_millis(3 * 3_600_000);
    sources.series.roll(now, sources.series.newest_seq()).unwrap();
    sources.series.append(&[reading(7_000, 77.5), reading(3_600_000, 1.0)]).unwrap();
    sources.series.roll(now, sources.series.newest_seq()).unwrap();
    run(&mirror, &held, 1).await;
    let stored = sources.series.range(ChannelIndex(0), Timestamp::from_millis(0), now).unwrap();
    let held = held.into_inner().unwrap();
    assert_eq!(held.points.len(), 3_601);
    for one in stored {
        let series =
            "reading,site=park,area=-,analyzer=-,channel=at-1-cl2,quantity=chlorine,unit=ppm"
                .to_owned();
        let fields = &held.points[&(series, one.measured_at.as_millis().to_string())];
        let value = format!("value={:?},", one.value.unwrap());
        assert!(fields.starts_with(&value), "{fields} and not {value}");
    }
    let health = mirror.health();
    assert_eq!((health.batches_behind, health.chunks_behind), (0, 0));
    // What it has may be deleted; of a mirror that has not begun, nothing.
    assert!(mirror.followed() > 0);
    let other = |start| {
        Mirror::new(MirrorTarget { name: "other".into(), ..target(start) }, sources.clone())
    };
    assert_eq!(other(MirrorStart::Beginning).followed(), 0);
    assert_eq!(other(MirrorStart::Now).followed(), u64::MAX);
}

#[tokio::test(start_paused = true)]
async fn a_new_store_under_an_old_book_is_not_waited_for() {
    let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let book = Arc::new(MirrorBook::open(old.path()).unwrap());
    let sources = MirrorSources { book, ..sources(new.path()) };
    let series = crate::series::FollowCursor { seq: 50, arrival: 9 };
    let far = MirrorCursor { series, event_seq: 4, received_at: None };
    sources.book.begin("t", "http://127.0.0.1:1 o b", far, Timestamp::from_millis(0)).unwrap();
    let mirror = Mirror::new(target(MirrorStart::Now), sources.clone());
    // Every opening of a store leaves numbers of chunks out: none up to the old cursor comes again.
    let begun = mirror.begin().unwrap();
    assert_eq!((begun.series.seq, begun.event_seq), (0, 0));
    sources.series.append(&[reading(0, 1.0)]).unwrap();
    let held = std::sync::Mutex::new(Held::default());
    run(&mirror, &held, 1).await;
    assert_eq!(held.into_inner().unwrap().points.len(), 1);
}

#[test]
fn what_is_shown_of_a_target_has_no_token() {
    let shown = format!("{:?}", target(MirrorStart::Now));
    assert!(!shown.contains("secret"), "{shown}");
}

/// A target that is away until somebody mends it.
struct Away;

impl Writer for Away {
    async fn write(&mut self, _: &str) -> Answer {
        Answer::of_status(503, "not now")
    }
}

/// Runs `mirror` to a target that is away until it has noticed.
async fn run_away(mirror: &Mirror) {
    let stop = CancellationToken::new();
    let noticed = async {
        while !mirror.health().state.is_away() {
            tokio::task::yield_now().await;
        }
        // The time stands still but for this: the lag is looked at again.
        tokio::time::sleep(2 * LAG_EVERY).await;
        stop.cancel();
    };
    let (ended, ()) = tokio::join!(mirror.follow(Away, &stop), noticed);
    ended.unwrap();
}

#[tokio::test(start_paused = true)]
async fn how_far_a_target_is_behind_is_said_while_it_is_away() {
    let dir = tempfile::tempdir().unwrap();
    let sources = sources(dir.path());
    let mirror = Mirror::new(target(MirrorStart::Beginning), sources.clone());
    sources.series.append(&[reading(1_000, 1.0)]).unwrap();
    let held = std::sync::Mutex::new(Held::default());
    run(&mirror, &held, 1).await;
    let seen = |mirror: &Mirror| {
        let health = mirror.health();
        let oldest = health.oldest_waiting_at.map(Timestamp::as_millis);
        (health.batches_behind, health.chunks_behind, oldest, health.failures_in_a_row > 0)
    };
    sources.series.append(&[reading(2_000, 1.0)]).unwrap();
    sources.series.append(&[reading(3_000, 1.0)]).unwrap();
    run_away(&mirror).await;
    assert_eq!(seen(&mirror), (2, 0, Some(2_000), true));
    // Rolled away, the hour has what the target had before: that is not what it waits for.
    let now = Timestamp::from_millis(3 * 3_600_000);
    sources.series.roll(now, sources.series.newest_seq()).unwrap();
    let again = Mirror::new(target(MirrorStart::Beginning), sources.clone());
    run_away(&again).await;
    assert_eq!(seen(&again), (2, 1, Some(1_000), true));
    let health = again.health();
    assert_eq!((health.lines_accepted, health.missed_days), (0, 0));
    let stop = CancellationToken::new();
    let mended = async {
        while again.health().complete_at.is_none() {
            tokio::task::yield_now().await;
        }
        stop.cancel();
    };
    let fake = Fake { held: &held, stop_after: usize::MAX, stop: CancellationToken::new() };
    let (ended, ()) = tokio::join!(again.follow(fake, &stop), mended);
    ended.unwrap();
    assert_eq!(seen(&again), (0, 0, None, false));
    assert_eq!(again.health().lines_accepted, 3);
}

#[tokio::test(start_paused = true)]
async fn a_target_holds_deletion_back_only_for_so_long() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(AtomicI64::new(0));
    let told = Arc::clone(&clock);
    let now = Arc::new(move || Timestamp::from_millis(told.load(Ordering::Relaxed)));
    let sources = MirrorSources { now, ..sources(dir.path()) };
    let mirror = Mirror::new(target(MirrorStart::Beginning), sources.clone());
    sources.series.append(&[reading(0, 1.0)]).unwrap();
    let at_ms = |ms| Timestamp::from_millis(ms);
    sources.series.roll(at_ms(DAY_MS), sources.series.newest_seq()).unwrap();
    run_away(&mirror).await;
    let held_after = |days: i64| {
        clock.store(days * DAY_MS, Ordering::Relaxed);
        mirror.followed()
    };
    assert_eq!((held_after(0), held_after(400)), (0, 0));
    assert_eq!(held_after(401), u64::MAX);
    assert!(mirror.health().is_let_go);
    let newest = sources.series.follow_newest().unwrap().arrival;
    let gone = |day, newest_arrival| TrimmedDay { day, newest_arrival };
    mirror.deleted(&[gone(0, newest), gone(0, newest), gone(1, newest), gone(2, 0)]).unwrap();
    assert_eq!(mirror.health().missed_days, 2);
    // A station that comes back asks before it gives up; what was missed stays known.
    let again = Mirror::new(target(MirrorStart::Beginning), sources.clone());
    again.begin().unwrap();
    assert_eq!((again.followed(), again.health().missed_days), (0, 2));
    // Once the target takes something it is waited for again.
    run(&again, &std::sync::Mutex::new(Held::default()), 1).await;
    sources.series.append(&[reading(500 * DAY_MS, 1.0)]).unwrap();
    run_away(&again).await;
    assert!(again.followed() < u64::MAX && !again.health().is_let_go);
}
