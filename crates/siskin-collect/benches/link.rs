//! Figures of the link: batches packed and unpacked on one core, the spool's appends with their
//! syncs, and reading a backlog back. Prints `figure NAME VALUE UNIT` lines.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark")]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use siskin_collect::spool::{Cursor, Policy, Room, Spool, SpoolSettings};
use siskin_model::{ChannelId, Quality, Timestamp};
use siskin_wire::link::{Data, Frame, Lane, Row, SeqRange};

/// Each figure is measured for about this long.
const TIME: Duration = Duration::from_secs(2);
const CHANNELS: u32 = 500;

/// `size` readings of a park at 1 Hz, in hundredths, polls spread over the second.
fn batch(number: u32, size: u32) -> Vec<Row> {
    let row = |i: u32| {
        let n = u64::from(number) * u64::from(size) + u64::from(i);
        let channel = u32::try_from(n % u64::from(CHANNELS)).unwrap();
        let at = Timestamp::from_millis(1_767_225_600_000 + i64::try_from(n * 2).unwrap());
        let noise = (n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as f64;
        let value = Some((f64::from(channel) * 3.0 + noise).round() / 100.0);
        let received_at = at.plus_ms(i64::from(i % 7));
        Row { channel, measured_at: at, received_at, value, quality: Quality::Good }
    };
    (0..size).map(row).collect()
}

/// Readings per second of `work`, which tells how many it did.
fn rate(mut work: impl FnMut(u32) -> u64) -> f64 {
    let (began, mut done) = (Instant::now(), 0);
    for turn in 0.. {
        done += work(turn);
        if began.elapsed() > TIME {
            break;
        }
    }
    done as f64 / began.elapsed().as_secs_f64()
}

fn figure(name: &str, value: f64, unit: &str) {
    println!("figure {name} {value:.2} {unit}");
}

fn frames() {
    for size in [50, 500, 5_000] {
        let batches: Vec<_> = (0..20).map(|n| batch(n, size)).collect();
        let pack = |rows: &[Row]| {
            let packed = siskin_wire::link::columns::encode(rows).unwrap();
            Frame::Data(Data { lane: Lane::Live, seq: 1, batch: packed }).encode().unwrap()
        };
        let packed: Vec<_> = batches.iter().map(|rows| pack(rows)).collect();
        let bytes: usize = packed.iter().map(Vec::len).sum();
        let per = bytes as f64 / (20.0 * f64::from(size));
        figure(&format!("link_frame_{size}_bytes"), per, "bytes/reading");
        let of = |turn: u32| usize::try_from(turn % 20).unwrap();
        let encode = rate(|turn| {
            std::hint::black_box(pack(batches.get(of(turn)).unwrap()));
            u64::from(size)
        });
        figure(&format!("link_encode_{size}"), encode, "readings/s/core");
        let decode = rate(|turn| match Frame::decode(packed.get(of(turn)).unwrap()).unwrap() {
            Frame::Data(data) => data.rows().unwrap().len() as u64,
            _ => 0,
        });
        figure(&format!("link_decode_{size}"), decode, "readings/s/core");
    }
}

fn spool() {
    let folder = tempfile::tempdir().unwrap();
    let id = |n| ChannelId::new(&format!("c-{n}")).unwrap();
    let settings = SpoolSettings {
        folder: folder.path().to_owned(),
        bytes_max: 4 << 30,
        policy: Policy::DropOldest,
        channels: (0..CHANNELS).map(id).collect(),
        highs: BTreeMap::new(),
        entropy: 1,
    };
    let mut spool = Spool::open(settings).unwrap();
    let mut synced = 0;
    let append = rate(|turn| {
        spool.append(&batch(turn, 50)).unwrap();
        // As with 500 readings a second and a sync every 100 ms, only faster.
        spool.sync().unwrap();
        synced += 1;
        50
    });
    figure("spool_append_50_each_synced", append, "readings/s");
    let append = rate(|turn| {
        spool.append(&batch(turn, 50)).unwrap();
        50
    });
    spool.sync().unwrap();
    figure("spool_append_50", append, "readings/s");
    figure("spool_held", spool.report().bytes as f64 / 1e6, "MB");
    let (began, mut cursor, mut readings) = (Instant::now(), Cursor::default(), 0);
    loop {
        let room = Room { live: 0, backlog: 16, backlog_bytes: 256 << 10 };
        let turn = spool.take(&mut cursor, room).unwrap();
        let Some((_, last)) = turn.last() else { break };
        let committed = [SeqRange { from: 0, until: last.seq + 1 }];
        readings += turn.iter().map(|(_, r)| u64::from(r.readings)).sum::<u64>();
        cursor.landed(&committed);
        spool.acknowledge(&committed).unwrap();
    }
    figure("spool_drain", readings as f64 / began.elapsed().as_secs_f64(), "readings/s");
}

fn main() {
    frames();
    spool();
}
