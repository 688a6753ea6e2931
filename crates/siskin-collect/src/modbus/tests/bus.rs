//! Many slaves on one bus, some of them sick: the others must not notice. Moments are those in the
//! log of the bus.

use std::sync::Arc;
use std::time::Duration;

use siskin_model::{LinkState, Quality};
use siskin_sim::bus::{Bus, Fault, Framing, Slave};
use tokio::sync::watch;

use super::super::Priority;
use super::bench::{Seen, run_bus};

/// The longest pause between two probes, and so the longest wait for a device that is back is
/// twice this.
const PROBE_CAP_MS: u64 = 10_000;

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// Units 1 to `count`, each with its own value, answering after 10 ms.
fn slaves(count: u8) -> Vec<Slave> {
    (1..=count).map(|unit| Slave::new(unit, ms(10), u16::from(unit))).collect()
}

/// Gives `unit` one more fault.
fn spoil(slaves: &mut [Slave], unit: u8, when: std::ops::Range<u64>, fault: Fault) {
    let slave = slaves.iter_mut().find(|slave| slave.unit == unit).unwrap();
    *slave = slave.clone().with(when, fault);
}

/// How far the steps between the polls of `unit` are from one second, sorted, in microseconds;
/// from second `from_s` on.
fn jitter_us(bus: &Bus, unit: u8, from_s: u64) -> Vec<u64> {
    let asked = bus.asked_us(unit);
    let asked: Vec<_> = asked.into_iter().filter(|us| *us >= from_s * 1_000_000).collect();
    let mut jitter: Vec<_> =
        asked.windows(2).map(|pair| (pair[1] - pair[0]).abs_diff(1_000_000)).collect();
    jitter.sort_unstable();
    jitter
}

fn good_ms(seen: &Seen, unit: u8) -> Vec<i64> {
    let of = seen.of(u32::from(unit) - 1).into_iter();
    of.filter(|r| r.2 == Quality::Good).map(|r| r.0).collect()
}

#[tokio::test(start_paused = true)]
async fn sick_slaves_do_not_slow_the_healthy() {
    const SICK: [u8; 3] = [5, 9, 13];
    for framing in [Framing::Rtu, Framing::Tcp] {
        let mut slaves = slaves(32);
        let always = 0..u64::MAX;
        spoil(&mut slaves, 5, always.clone(), Fault::Hang);
        spoil(&mut slaves, 9, always.clone(), Fault::Delay(ms(290)));
        spoil(&mut slaves, 13, always, Fault::Garbage(b"\x0d\x03\x04??????????".to_vec()));
        let bus = Bus::new(framing, slaves);
        let seen = run_bus(&bus, framing, 32, 350, 300_000, Priority::nobody()).await;
        for unit in (1..=32).filter(|unit| !SICK.contains(unit)) {
            let jitter = jitter_us(&bus, unit, 10);
            let p99 = jitter[jitter.len() * 99 / 100];
            assert!(*jitter.last().unwrap() <= 50_000, "{framing:?} {unit}: {jitter:?}");
            assert!(p99 <= 20_000, "{framing:?} {unit}: {p99}");
            assert_eq!(jitter.len(), 289, "{framing:?} {unit}");
            assert!(good_ms(&seen, unit).len() >= 298, "{framing:?} {unit}");
        }
        // The slow one keeps its period, too: there is time enough.
        assert!(good_ms(&seen, 9).len() >= 298, "{framing:?}");
        for sick in [5, 13] {
            assert_eq!(good_ms(&seen, sick), [0_i64; 0], "{framing:?} {sick}");
            // Probed again and again, with long pauses.
            let probes = bus.asked_us(sick).len();
            assert!((25..45).contains(&probes), "{framing:?} {sick}: {probes}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_slave_that_is_back_is_found_every_time() {
    for framing in [Framing::Rtu, Framing::Tcp] {
        let away = [20_000..50_000, 80_000..110_000, 140_000..170_000, 200_000..300_000];
        let mut slaves = slaves(16);
        for when in &away {
            spoil(&mut slaves, 7, when.clone(), Fault::Hang);
        }
        let bus = Bus::new(framing, slaves);
        let seen = run_bus(&bus, framing, 16, 500, 330_000, Priority::nobody()).await;
        let good = good_ms(&seen, 7);
        for when in away {
            let back_ms = i64::try_from(when.end).unwrap();
            let first = good.iter().find(|ms| **ms >= back_ms).unwrap() - back_ms;
            assert!(first <= 2 * i64::try_from(PROBE_CAP_MS).unwrap(), "{framing:?}: {first}");
        }
        let lost = seen.of(6).into_iter().filter(|r| r.2 == Quality::CommLost).count();
        assert_eq!(lost, 4, "told once each time");
        assert_eq!(seen.links(6).last(), Some(&LinkState::Online));
    }
}

#[tokio::test(start_paused = true)]
async fn a_slave_too_slow_for_the_spare_time_is_heard_all_the_same() {
    // 24 healthy slaves of 30 ms take 0.72 s of each second; the slow one needs 0.4 s.
    let mut slaves: Vec<_> = (1..=24).map(|unit| Slave::new(unit, ms(30), 5)).collect();
    slaves.push(Slave::new(25, ms(400), 5));
    let bus = Bus::new(Framing::Rtu, slaves);
    let seen = run_bus(&bus, Framing::Rtu, 25, 800, 120_000, Priority::nobody()).await;
    let good = good_ms(&seen, 25);
    assert!(good.windows(2).all(|pair| pair[1] - pair[0] <= 3_000), "{good:?}");
    assert!(good_ms(&seen, 1).len() >= 118);
}

/// Runs an overloaded line of 32 slaves, 60 ms each, on which the analyzers at `alarmed` are in
/// alarm up to second 30 of 60.
async fn run_overloaded(framing: Framing, alarmed: std::ops::Range<usize>) -> (Bus, Seen) {
    let slaves = (1..=32).map(|unit| Slave::new(unit, ms(60), 5)).collect();
    let bus = Bus::new(framing, slaves);
    let (alarms, following) = watch::channel(Arc::new(alarmed.collect()));
    let run = run_bus(&bus, framing, 32, 500, 60_000, Priority::following(following));
    let clear = async {
        tokio::time::sleep(ms(30_000)).await;
        alarms.send(Arc::default()).unwrap();
        std::future::pending::<()>().await;
    };
    let seen = tokio::select! {
        seen = run => seen,
        () = clear => unreachable!("it never ends"),
    };
    (bus, seen)
}

/// The longest pause between two good readings of `unit` in these seconds.
fn longest_pause_ms(seen: &Seen, unit: u8, seconds: std::ops::Range<i64>) -> i64 {
    let mut good = good_ms(seen, unit);
    good.retain(|ms| seconds.contains(&(ms / 1_000)));
    assert!(good.len() > 1, "{unit}: {good:?}");
    good.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap()
}

#[tokio::test(start_paused = true)]
async fn who_is_in_alarm_keeps_its_period_on_an_overloaded_line() {
    for framing in [Framing::Rtu, Framing::Tcp] {
        // 32 of 60 ms do not fit into one second: somebody must wait, but not unit 32.
        let (bus, seen) = run_overloaded(framing, 31..32).await;
        let mut asked = bus.asked_us(32);
        asked.retain(|us| (2_000_000..30_000_000).contains(us));
        let steps: Vec<_> = asked.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(steps.iter().all(|us| us.abs_diff(1_000_000) <= 80_000), "{framing:?} {steps:?}");
        assert_eq!(steps.len(), 27, "{framing:?}");
        // No longer in alarm, it waits as everybody does.
        let after = good_ms(&seen, 32).into_iter().filter(|ms| *ms >= 32_000).count();
        assert!(after <= 20, "{framing:?}: {after}");
        for unit in 1..=31 {
            let pause_ms = longest_pause_ms(&seen, unit, 2..60);
            assert!(pause_ms <= 3_200, "{framing:?} {unit}: {pause_ms}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn more_alarms_than_a_line_carries_leave_nobody_blind() {
    for framing in [Framing::Rtu, Framing::Tcp] {
        let (_, seen) = run_overloaded(framing, 0..20).await;
        for unit in 1..=20 {
            let pause_ms = longest_pause_ms(&seen, unit, 2..30);
            assert!(pause_ms <= 3_000, "{framing:?} {unit}: {pause_ms}");
        }
        for unit in 21..=32 {
            let pause_ms = longest_pause_ms(&seen, unit, 2..30);
            assert!(pause_ms <= 6_000, "{framing:?} {unit}: {pause_ms}");
        }
    }
}

/// One slave that does `fault` from second 10 to second 20, behind a chattering DTU, with a healthy
/// neighbour; gives what was seen of it.
async fn check(framing: Framing, fault: Fault, worst: Option<Quality>) {
    let mut slaves = slaves(2);
    spoil(&mut slaves, 1, 10_000..20_000, fault.clone());
    let bus = Bus::new(framing, slaves).chattering(ms(700), b"+HEARTBEAT:123456\r\n");
    let seen = run_bus(&bus, framing, 2, 300, 60_000, Priority::nobody()).await;
    let what = format!("{framing:?} {fault:?}");
    let values: Vec<_> = seen.of(0).into_iter().filter_map(|r| r.1).collect();
    assert!(values.iter().all(|v| (*v - 0.1).abs() < 1e-9), "{what}: {values:?}");
    let mut bad: Vec<_> = seen.of(0).into_iter().map(|r| r.2).collect();
    bad.retain(|quality| *quality != Quality::Good);
    bad.dedup();
    assert_eq!(bad, worst.into_iter().collect::<Vec<_>>(), "{what}");
    let last = *good_ms(&seen, 1).last().unwrap();
    assert!(last >= 58_000, "{what}: {last}");
    let neighbour = good_ms(&seen, 2);
    assert!(neighbour.windows(2).all(|pair| pair[1] - pair[0] <= 1_700), "{what}: {neighbour:?}");
}

#[tokio::test(start_paused = true)]
async fn no_fault_becomes_a_number_or_stays() {
    let lost = Some(Quality::CommLost);
    let fault = Some(Quality::Fault);
    let noise = || b"\x01\x03\x04noise".to_vec();
    for framing in [Framing::Rtu, Framing::Tcp] {
        check(framing, Fault::Hang, lost).await;
        check(framing, Fault::Delay(ms(200)), None).await;
        check(framing, Fault::Delay(ms(350)), lost).await;
        check(framing, Fault::Twice(ms(40)), None).await;
        check(framing, Fault::WrongUnit(9), lost).await;
        check(framing, Fault::Exception(2), fault).await;
        check(framing, Fault::Exception(4), fault).await;
        check(framing, Fault::Exception(6), lost).await;
        check(framing, Fault::Exception(11), lost).await;
        check(framing, Fault::GatewayException(6), lost).await;
        check(framing, Fault::Garbage(noise()), lost).await;
        check(framing, Fault::Before(noise()), None).await;
        check(framing, Fault::After(noise()), None).await;
        check(framing, Fault::Half, lost).await;
        check(framing, Fault::Close, lost).await;
        check(framing, Fault::ClockJump(-400), None).await;
        check(framing, Fault::NoRegisters(50..60), None).await;
    }
    // TCP has its own sums.
    check(Framing::Rtu, Fault::Damaged, lost).await;
}

#[tokio::test(start_paused = true)]
async fn a_half_open_line_is_opened_again() {
    for framing in [Framing::Rtu, Framing::Tcp] {
        let mut slaves = slaves(3);
        spoil(&mut slaves, 2, 10_000..10_900, Fault::HalfOpen);
        let bus = Bus::new(framing, slaves);
        let seen = run_bus(&bus, framing, 3, 300, 30_000, Priority::nobody()).await;
        assert_eq!(seen.dialed_ms.len(), 2, "{framing:?}: {:?}", seen.dialed_ms);
        for unit in 1..=3 {
            let good = good_ms(&seen, unit);
            assert!(good.len() >= 26 && *good.last().unwrap() > 28_000, "{framing:?}: {good:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_register_that_is_not_there_does_not_take_the_others() {
    let mut slaves = slaves(1);
    spoil(&mut slaves, 1, 10_000..100_000, Fault::NoRegisters(0..1));
    let bus = Bus::new(Framing::Rtu, slaves);
    let seen = run_bus(&bus, Framing::Rtu, 1, 300, 200_000, Priority::nobody()).await;
    let readings = seen.of(0);
    assert_eq!(readings.len(), 200, "one a second, whatever the search takes");
    let is_wrong = |r: &&(i64, Option<f64>, Quality)| (r.1.is_none()) != (r.2 == Quality::Fault);
    assert_eq!(readings.iter().find(is_wrong), None);
    let good = good_ms(&seen, 1);
    assert_eq!((good.len(), good[10] / 1_000), (10 + 92, 108), "{good:?}");
    // The hole is remembered: all is asked for again 1 s, 2 s, 4 s … 30 s after it was
    // found.
    let whole = bus.log().into_iter().filter(|asked| asked.ask.len == 2);
    let whole: Vec<_> = whole.map(|asked| asked.at_us / 1_000_000).collect();
    assert_eq!(whole[9..18], [9, 10, 12, 15, 20, 29, 46, 77, 108]);
}
