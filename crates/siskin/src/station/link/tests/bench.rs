//! How fast a backlog drains, and what live readings feel of it. Run by hand, in a release build:
//! `cargo test --release -p siskin backlog_drains -- --ignored --nocapture`.

use std::time::{Duration, Instant};

use siskin_api::LiveEvent;
use siskin_wire::link::{Frame, Lane, Row};
use tokio::sync::{broadcast, mpsc};

use super::harness::{Client, Folder, HOUR_MS, Running, row};

const CHANNELS: u32 = 500;
/// Seconds of readings in one late batch.
const BATCH_S: i64 = 2;
/// Late batches that may wait for their acknowledgement.
const WINDOW: u64 = 256;
const IDLE: Duration = Duration::from_secs(20);

fn second(at_ms: i64) -> Vec<Row> {
    let value = |channel: u32| f64::from((channel * 7 + u32::try_from(at_ms % 97).unwrap()) % 50);
    (0..CHANNELS).map(|channel| row(channel, at_ms, value(channel) / 10.0)).collect()
}

/// When each live second was shown, by its stamp.
async fn shown(mut events: broadcast::Receiver<LiveEvent>, out: mpsc::Sender<(String, Instant)>) {
    loop {
        match events.recv().await {
            Ok(LiveEvent::Readings(values)) => {
                let newest = values.iter().filter_map(|value| value.measured_at.clone()).max();
                if let Some(at) = newest
                    && out.send((at, Instant::now())).await.is_err()
                {
                    return;
                }
            }
            Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => {}
            Err(broadcast::error::RecvError::Closed) => return,
        }
    }
}

struct Load {
    edge: Client,
    next_seq: u64,
    stamps: mpsc::Receiver<(String, Instant)>,
    waits_ms: Vec<f64>,
    sent: Vec<(String, Instant)>,
}

impl Load {
    /// One live second; a tenth of a second between two, so that there are enough to count.
    async fn live(&mut self, station: &Running) {
        let at_ms = station.now_ms();
        let rows = second(at_ms);
        let stamp = siskin_model::Timestamp::from_millis(at_ms).rfc3339(28_800);
        self.sent.push((stamp, Instant::now()));
        self.edge.data(Lane::Live, self.next_seq, &rows).await;
        self.next_seq += 1;
    }

    fn collect(&mut self) {
        while let Ok((stamp, at)) = self.stamps.try_recv() {
            if let Some(place) = self.sent.iter().position(|(sent, _)| *sent == stamp) {
                let (_, began) = self.sent.swap_remove(place);
                self.waits_ms.push(at.duration_since(began).as_secs_f64() * 1000.0);
            }
        }
    }

    fn p99(&mut self, what: &str) {
        self.collect();
        let mut waits = std::mem::take(&mut self.waits_ms);
        waits.sort_by(f64::total_cmp);
        let at = |per_mille: usize| waits[(waits.len() - 1) * per_mille / 1000];
        println!(
            "figure link live {what}: n {} p50 {:.1} ms p99 {:.1} ms max {:.1} ms",
            waits.len(),
            at(500),
            at(990),
            at(1000)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement"]
#[allow(
    clippy::print_stdout,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "its output is its figures"
)]
async fn backlog_drains() {
    let hours: i64 = std::env::var("HOURS").map_or(1, |hours| hours.parse().unwrap());
    let folder = Folder::new(CHANNELS);
    let station = folder.start().await;
    let (out, stamps) = mpsc::channel(100_000);
    tokio::spawn(shown(station.events(), out));
    let edge = Client::connect(&station, "s", station.channels, 1, 1).await;
    let late = u64::try_from(hours * 3_600 / BATCH_S).unwrap();
    let mut load =
        Load { edge, next_seq: late + 1, stamps, waits_ms: Vec::new(), sent: Vec::new() };
    let mut ticks = tokio::time::interval(Duration::from_millis(200));
    let began = Instant::now();
    while began.elapsed() < IDLE {
        ticks.tick().await;
        load.live(&station).await;
        load.collect();
    }
    load.p99("idle");
    let from_ms = station.now_ms() - hours * HOUR_MS - 60_000;
    let began = Instant::now();
    let (mut sent, mut acked) = (0u64, 0u64);
    while acked < late {
        while sent < late && sent - acked < WINDOW {
            sent += 1;
            let at_ms = from_ms + i64::try_from(sent).unwrap() * BATCH_S * 1000;
            let rows: Vec<Row> = (0..BATCH_S).flat_map(|s| second(at_ms + s * 1000)).collect();
            load.edge.data(Lane::Backlog, sent, &rows).await;
            if tokio::time::timeout(Duration::ZERO, ticks.tick()).await.is_ok() {
                load.live(&station).await;
            }
        }
        tokio::select! {
            _ = ticks.tick() => load.live(&station).await,
            frame = load.edge.next(|f| matches!(f, Frame::Ack(_))) => {
                let Frame::Ack(ack) = frame else { continue };
                let first = ack.committed.first();
                acked = first.filter(|r| r.from == 1).map_or(0, |r| r.until - 1).min(late);
            }
        }
        load.collect();
    }
    let stored_s = began.elapsed().as_secs_f64();
    let readings = late as f64 * f64::from(CHANNELS) * BATCH_S as f64;
    println!(
        "figure link backlog: {readings:.0} readings stored in {stored_s:.1} s, {:.0} a second; \
         24 h would take {:.1} min",
        readings / stored_s,
        stored_s / 60.0 * 24.0 / hours as f64
    );
    while station.live.gathering.wants_judging() || station.live.gathering.holds() {
        ticks.tick().await;
        load.live(&station).await;
        load.collect();
    }
    println!("figure link backlog judged after {:.1} s", began.elapsed().as_secs_f64());
    load.p99("while a backlog drains");
    station.stop().await;
}
