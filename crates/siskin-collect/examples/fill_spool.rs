//! Fills the spool of a gateway as if its line had been cut for hours: a batch every tenth of a
//! second, every channel at 1 Hz. For `make bench ONLY=edge`, which uses none of our crates itself.
//!
//! `fill_spool FOLDER SECONDS FROM_MS CHANNEL...`: channels in the order of the site. Must never be
//! used on the spool of a running gateway.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a tool of a benchmark that ends at its first problem"
)]

use std::collections::BTreeMap;

use siskin_collect::spool::{Policy, Spool, SpoolSettings};
use siskin_model::{ChannelId, Quality, Timestamp};
use siskin_wire::link::Row;

/// Batches of one second, as many as a running gateway makes.
const PARTS: usize = 10;
const PART_MS: i64 = 100;
/// Far more than a day takes.
const BYTES_MAX: u64 = 64 << 30;

/// Hundredths between 0.30 and 0.99: below every limit, noisy, another on every channel.
fn ppm(channel: usize, second: i64) -> f64 {
    let mixed = second.cast_unsigned().wrapping_add(channel as u64 * 7_919);
    let noise = mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58;
    f64::from(30 + u32::try_from(noise).unwrap_or_default()) / 100.0
}

/// What is read in one tenth of a second: every tenth channel, spread over it.
fn part(channels: usize, from_ms: i64, second: i64, part: usize) -> Vec<Row> {
    let own = (0..channels).filter(|channel| channel % PARTS == part);
    let begin_ms = from_ms + second * 1000 + i64::try_from(part).unwrap() * PART_MS;
    let row = |(place, channel): (usize, usize)| {
        let measured_at = begin_ms + i64::try_from(place).unwrap() % PART_MS;
        Row {
            channel: u32::try_from(channel).unwrap(),
            measured_at: Timestamp::from_millis(measured_at),
            received_at: Timestamp::from_millis(measured_at),
            value: Some(ppm(channel, second)),
            quality: Quality::Good,
        }
    };
    own.enumerate().map(row).collect()
}

fn main() {
    let mut words = std::env::args().skip(1);
    let mut word = || words.next().expect("fill_spool FOLDER SECONDS FROM_MS CHANNEL...");
    let (folder, seconds, from_ms) = (word(), word(), word());
    let (seconds, from_ms): (i64, i64) = (seconds.parse().unwrap(), from_ms.parse().unwrap());
    let channels: Vec<_> = words.map(|id| ChannelId::new(&id).unwrap()).collect();
    let settings = SpoolSettings {
        folder: folder.into(),
        bytes_max: BYTES_MAX,
        policy: Policy::DropOldest,
        channels: channels.clone(),
        highs: BTreeMap::new(),
        entropy: 1,
    };
    let mut spool = Spool::open(settings).unwrap();
    for second in 0..seconds {
        for number in 0..PARTS {
            spool.append(&part(channels.len(), from_ms, second, number)).unwrap();
        }
    }
    spool.sync().unwrap();
    println!("{} bytes in batches up to {}", spool.bytes(), spool.next_seq());
}
