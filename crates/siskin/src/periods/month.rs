//! What a month of a large park costs: 2,000 channels, 31 days that are summed up and packed. Not
//! part of the other tests, for what it takes to make the readings; prints its figures.

use std::time::Instant;

use siskin_api::contract::PeriodKindView;
use siskin_config::Settings;
use siskin_model::{AnalyzerId, ChannelId, ChannelIndex, Quality, Reading, Timestamp};
use siskin_store::{Ledger, Series};

use super::{Period, Stores, collect, document};
use crate::files;
use crate::report::{Format, load_font};

const CHANNELS: u32 = 2_000;
/// Readings of a channel in an hour: hours are summed up, so that a report reads as many sums
/// whatever their number is.
const READINGS_AN_HOUR: i64 = 2;
const HOUR_MS: i64 = 3_600_000;
const DAYS: i64 = 31;
/// Days of channels that are summed up at once, as in the station.
const PIECE: usize = 20;

fn settings() -> Settings {
    let mut settings = siskin_config::load(&files::demo_park()).unwrap();
    let site = &mut settings.site;
    let (analyzer, channel) = (site.analyzers[0].clone(), site.channels[0].clone());
    site.analyzers.clear();
    site.channels.clear();
    for number in 0..CHANNELS {
        let (mut analyzer, mut channel) = (analyzer.clone(), channel.clone());
        analyzer.id = AnalyzerId::new(&format!("A-{number}")).unwrap();
        analyzer.poll_ms = u32::try_from(HOUR_MS / READINGS_AN_HOUR).unwrap();
        channel.id = ChannelId::new(&format!("A-{number}-gas")).unwrap();
        channel.analyzer = usize::try_from(number).unwrap();
        site.analyzers.push(analyzer);
        site.channels.push(channel);
    }
    settings
}

fn filled(series: &Series, from: Timestamp) {
    for day in 0..DAYS {
        for place in 0..24 * READINGS_AN_HOUR {
            let at = from.plus_ms(day * 24 * HOUR_MS + place * HOUR_MS / READINGS_AN_HOUR);
            let one =
                |channel| Reading::new(ChannelIndex(channel), at, at, Some(0.1), Quality::Good);
            series.append(&(0..CHANNELS).map(one).collect::<Vec<_>>()).unwrap();
        }
        let over = from.plus_ms((day + 1) * 24 * HOUR_MS + HOUR_MS);
        series.roll(over, series.newest_seq()).unwrap();
    }
    let over = from.plus_ms((DAYS + 3) * 24 * HOUR_MS);
    while series.compact(over, PIECE).unwrap().due > 0 {}
}

/// The most memory that this process has held, in KiB.
fn memory_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[test]
#[ignore = "makes three million readings; `cargo test --release -p siskin month_of -- --ignored`"]
fn a_month_of_2000_channels() {
    let (dir, settings) = (tempfile::tempdir().unwrap(), settings());
    let ledger = Ledger::open(dir.path()).unwrap();
    let series = Series::open(dir.path(), &crate::history::export::keys(&settings.site)).unwrap();
    // 2026-10-01 in UTC+8.
    let from = Timestamp::from_millis(1_790_784_000_000);
    let began = Instant::now();
    filled(&series, from);
    println!("made in {:.1} s, {} KiB at most", began.elapsed().as_secs_f64(), memory_kib());
    let now = from.plus_ms(40 * 24 * HOUR_MS);
    let stores = Stores { settings: &settings, series: &series, ledger: &ledger, now };
    let asked = Some("2026-10-15");
    let period = Period::of(PeriodKindView::Month, asked, (&settings.site, &ledger, now)).unwrap();
    let began = Instant::now();
    let figures = collect(&stores, period).unwrap();
    println!("counted in {:.2} s, {} KiB at most", began.elapsed().as_secs_f64(), memory_kib());
    let complete = figures.rates.iter().find(|rate| rate.id == "completeness").unwrap();
    let readings = u64::try_from(DAYS * 24 * READINGS_AN_HOUR).unwrap() * u64::from(CHANNELS);
    assert_eq!((complete.part, complete.whole), (readings, readings));
    let font = load_font(&settings.incidents.office).unwrap();
    for format in [Format::Pdf, Format::Docx] {
        let began = Instant::now();
        let bytes = document(&settings.site, &figures, format, &font).unwrap();
        let (took, kib) = (began.elapsed().as_secs_f64(), memory_kib());
        println!("{}: {} bytes in {took:.2} s, {kib} KiB at most", format.extension(), bytes.len());
    }
}
