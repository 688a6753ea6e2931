//! The real gateway between a real broker and the real station: nothing that the broker gave away
//! is lost or kept twice when the gateway, the station or the line die; live readings do not wait
//! for a backlog; a full spool is told (invariants 5, 6, 8 and 11).

#![allow(
    clippy::indexing_slicing,
    reason = "a JSON value without the key gives null, it does not panic"
)]

mod feed;
mod park;
mod storm;
mod tls;

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::moment;
use e2e::process::say;
use e2e::wait::poll;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::feed::Feed;
use crate::park::{LATER, Park, view};
use crate::storm::Plan;

/// Where the random values come from.
const SEED: u64 = 20_261_124;
/// A batch that waited as long as this goes in the backlog lane.
const LIVE_MAX: Duration = Duration::from_secs(10);
/// Live news is shown within this, whatever else waits.
const SOON: Duration = Duration::from_secs(10);

#[test]
fn what_the_gateway_reads_is_judged_at_the_station() -> Result<()> {
    let park = Park::new(1)?;
    let station = park.station()?;
    let edge = park.edge(&[])?;
    park.heard(&station)?;
    let at_ms = moment::now_ms();
    park.broker.publish("at-1", &[(at_ms, 6.0)])?;
    station.until("a red warning", SOON, |station| {
        let warnings = station.get("warnings")?;
        Ok((warnings[0]["tier"] == "red").then_some(()))
    })?;
    let warnings = station.get("warnings")?;
    ensure!(moment::millis(&warnings[0]["raised_at"])? == at_ms, "{warnings}");
    let view = view(&station)?;
    ensure!(view["connected"] == true && view["gaps"] == 0, "{view}");
    edge.stop()?;
    station.stop()
}

#[test]
fn kill_9_and_cuts_lose_nothing_and_keep_nothing_twice() -> Result<()> {
    storm::run(&Plan::asked_for()?)
}

#[test]
fn after_a_long_cut_live_news_does_not_wait_for_the_backlog() -> Result<()> {
    let park = Park::new(1)?;
    let station = park.station()?;
    let edge = park.edge(&[])?;
    park.heard(&station)?;
    let before = view(&station)?["readings_backlog"].as_u64();
    ensure!(before == Some(0), "backlog before any cut: {before:?}");
    park.proxy.cut();
    let feed = Feed::start(&park.broker, &park.analyzers)?;
    let began = std::time::Instant::now();
    while began.elapsed() < LIVE_MAX + Duration::from_secs(2) {
        feed.more(50)?;
    }
    park.proxy.mend();
    let mut sent = feed.stop()?;
    let at_ms = moment::now_ms() + 1;
    park.broker.publish("at-1", &[(at_ms, 6.0)])?;
    station.until("the live warning", LATER, |station| {
        let warnings = station.get("warnings")?;
        Ok((warnings[0]["tier"] == "red").then_some(()))
    })?;
    if let Some(sent) = sent.first_mut() {
        sent.insert(at_ms, 6.0);
    }
    park.has_exactly(&station, &sent)?;
    let view = view(&station)?;
    ensure!(view["readings_backlog"].as_u64() > Some(0), "nothing came as backlog: {view}");
    ensure!(view["gaps"] == 0, "{view}");
    edge.stop()?;
    station.stop()
}

/// The smallest spool, a cut line and numbers that cannot be packed: the oldest are dropped,
/// counted and shown; then all goes on.
#[test]
fn a_full_spool_is_told_and_recovers() -> Result<()> {
    const PART: usize = 40_000;
    let mut random = StdRng::seed_from_u64(SEED);
    let park = Park::new(1)?;
    let station = park.station()?;
    let edge = park.edge(&["--spool-mib", "1", "--spool-policy", "drop-oldest"])?;
    park.heard(&station)?;
    park.proxy.cut();
    let origin_ms = moment::now_ms() - 3_600_000;
    let mut at_ms = origin_ms;
    let mut sent = 0_u64;
    let dropped = || -> Result<u64> { Ok(park.spool()?["dropped"].as_u64().unwrap_or(0)) };
    while dropped()? == 0 {
        ensure!(sent < 1_000_000, "a spool of 1 MiB holds {sent} readings");
        let some: Vec<_> = (0..PART)
            .map(|_| {
                at_ms += random.random_range(1..10);
                (at_ms, random.random_range(0.0..0.9))
            })
            .collect();
        park.broker.publish("at-1", &some)?;
        sent += PART as u64;
        // All of it, or live readings would wait at the broker behind what is not read yet.
        poll("the gateway takes it", LATER, || {
            let spool = park.spool()?;
            let taken = spool["readings"].as_u64().zip(spool["dropped"].as_u64());
            Ok(taken.is_some_and(|(held, dropped)| held + dropped >= sent).then_some(()))
        })?;
    }
    park.proxy.mend();
    let view = poll("the loss is told", SOON * 2, || {
        let view = view(&station)?;
        Ok((view["readings_lost"].as_u64() == Some(dropped()?)).then_some(view))
    })
    .with_context(|| format!("{sent} sent: {:?} {:?}", view(&station), park.spool()))?;
    ensure!(view["gaps_newest"][0]["why"] == "spool-full", "{view}");
    let live_ms = moment::now_ms();
    park.broker.publish("at-1", &[(live_ms, 0.5)])?;
    station.until("live readings go on", LATER, |station| {
        let seen = station.channel("at-1-cl2")?;
        Ok((moment::millis(&seen["measured_at"])? == live_ms).then_some(()))
    })?;
    say(&format!("{sent} readings sent: {view}"));
    edge.stop()?;
    station.stop()
}
