//! Appends while threads ask for ever, beside appends while nobody asks. Rounds of both take turns,
//! so that what else the machine does is in both.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use siskin_model::ChannelIndex;
use siskin_store::{BucketStep, Series};

use crate::day::hour_begin;
use crate::feed::{Appended, Roller, append_all};
use crate::measure::{figure, percentile, percentiles};
use crate::park::{Park, Random};

const ROUNDS: u32 = 6;
const ROUND_S: u32 = 500;

pub(crate) fn run(series: &Series, park: &mut Park, channels: u32, hours: usize) {
    let (mut idle, mut loaded) = (Vec::new(), Vec::new());
    let (done, asked) = (AtomicBool::new(false), AtomicU64::new(0));
    // One processor is left to the appends.
    let threads = std::thread::available_parallelism().unwrap().get().saturating_sub(1).max(1);
    for _ in 0..ROUNDS {
        idle.extend(round(series, park));
        done.store(false, Ordering::Relaxed);
        std::thread::scope(|scope| {
            for seed in 1..=threads as u64 {
                let (done, asked) = (&done, &asked);
                scope.spawn(move || ask(series, seed, (channels, hours), done, asked));
            }
            loaded.extend(round(series, park));
            done.store(true, Ordering::Relaxed);
        });
    }
    percentiles("store_append_idle", &mut idle);
    percentiles("store_append_under_queries", &mut loaded);
    let ratio = percentile(&mut loaded, 99) / percentile(&mut idle, 99);
    figure("store_append_p99_under_queries_by_idle", ratio, "ratio");
    figure("store_query_threads", threads as f64, "threads");
    figure("store_queries_meanwhile", asked.load(Ordering::Relaxed) as f64, "queries");
}

fn round(series: &Series, park: &mut Park) -> Vec<Duration> {
    let batches: Vec<_> = (0..ROUND_S).map(|_| park.second()).collect();
    let at_turn = AtomicBool::new(false);
    let mut appended = Appended::default();
    std::thread::scope(|scope| {
        let roller = Roller::start(scope, series, &at_turn);
        append_all(series, &batches, &roller, &at_turn, &mut appended);
        roller.end();
    });
    appended.times
}

/// Hours of readings, days in minutes and last values, until it is done.
fn ask(
    series: &Series,
    seed: u64,
    (channels, hours): (u32, usize),
    done: &AtomicBool,
    asked: &AtomicU64,
) {
    let mut random = Random::new(seed);
    while !done.load(Ordering::Relaxed) {
        let channel = ChannelIndex(u32::try_from(random.below(u64::from(channels))).unwrap());
        let hour = usize::try_from(random.below(hours as u64)).unwrap();
        series.range(channel, hour_begin(hour), hour_begin(hour + 1)).unwrap();
        series.last();
        let minute = BucketStep::MINUTE;
        series.buckets(channel, hour_begin(0), hour_begin(hours), minute).unwrap();
        asked.fetch_add(3, Ordering::Relaxed);
    }
}
