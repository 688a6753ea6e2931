//! What devices do wrong, and what is made of it.

use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use siskin_model::{LinkState, Quality};

use super::bench::{Asked, Reply, Seen, run, words};

const GOOD: (Option<f64>, Quality) = (Some(0.5), Quality::Good);

fn values(seen: &Seen) -> Vec<(Option<f64>, Quality)> {
    let mut values: Vec<_> = seen.of(0).into_iter().map(|r| (r.1, r.2)).collect();
    values.dedup();
    values
}

/// A device that does `wrong` from second 3 to second 6 and is right otherwise.
async fn check(wrong: Reply, quality: Quality, link: LinkState, why: &str) -> Seen {
    let script = move |asked: Asked| match asked.ms {
        3_000..6_000 => wrong.clone(),
        _ => Reply::Words(words(5, asked)),
    };
    let seen = run(1, 20_000, |_| true, script).await;
    assert_eq!(values(&seen), [GOOD, (None, quality), GOOD]);
    let silent = seen.of(0).into_iter().filter(|r| r.1.is_none()).count();
    assert_eq!(silent, 1, "told once");
    let links = seen.links(0);
    assert_eq!(links, [LinkState::Unknown, LinkState::Online, link, LinkState::Online]);
    let error = seen.last_error(0);
    assert!(error.contains(why) && error.contains("; hint: "), "{error}");
    seen
}

#[tokio::test(start_paused = true)]
async fn an_exception_is_trouble_of_the_device_and_the_line_stays() {
    let degraded = LinkState::Degraded;
    for (code, quality, why) in [
        (1, Quality::Fault, "exception 1 (illegal function)"),
        (4, Quality::Fault, "exception 4 (device failure)"),
        (6, Quality::CommLost, "exception 6 (device busy)"),
        (11, Quality::CommLost, "exception 11 (gateway target silent)"),
    ] {
        let seen = check(Reply::Exception(code), quality, degraded, why).await;
        assert_eq!(seen.dialed_ms, [0], "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_device_without_its_registers_is_asked_again() {
    let script = |asked: Asked| match asked.ms {
        3_000..6_000 => Reply::Exception(2),
        _ => Reply::Words(words(5, asked)),
    };
    let seen = run(1, 20_000, |_| true, script).await;
    assert_eq!(values(&seen), [GOOD, (None, Quality::Fault), GOOD]);
    assert_eq!(seen.links(0)[1..], [LinkState::Online, LinkState::Degraded, LinkState::Online]);
    let back = seen.of(0).into_iter().find(|r| r.0 > 6_000 && r.1.is_some()).unwrap();
    assert_eq!((back.0, seen.dialed_ms), (7_000, vec![0]));
}

#[tokio::test(start_paused = true)]
async fn what_is_no_answer_costs_the_line() {
    let lost = Quality::CommLost;
    let offline = LinkState::Offline;
    // A gateway's heartbeat text, and a frame with a wrong protocol id.
    let text = Reply::Garbage(b"DTU-HEARTBEAT-0123456789\r\n".to_vec());
    let garbage = Reply::Garbage(vec![0, 0, 9, 9, 0, 3, 1, 0x83, 2]);
    for (wrong, why) in [
        (Reply::Hang, "no answer within 1000 ms"),
        (Reply::Close, "the connection broke"),
        (Reply::WrongUnit, "the answer does not belong to the request"),
        (text, "no answer within 1000 ms"),
        (garbage, "no answer within 1000 ms, 9 stray bytes"),
    ] {
        let seen = check(wrong.clone(), lost, offline, why).await;
        assert!((2..=5).contains(&seen.dialed_ms.len()), "{wrong:?}: {:?}", seen.dialed_ms);
    }
}

#[tokio::test(start_paused = true)]
async fn a_short_answer_is_an_error_and_never_a_value() {
    let why = "has 1 values instead of 2";
    check(Reply::Words(vec![9]), Quality::Fault, LinkState::Degraded, why).await;
}

#[tokio::test(start_paused = true)]
async fn a_late_answer_is_never_taken_for_the_next_one() {
    let count = AtomicU16::new(0);
    let script = move |asked: Asked| {
        let n = count.fetch_add(1, Ordering::SeqCst);
        // The third answer comes after the timeout of 1 s.
        let pause = Duration::from_millis(if n == 2 { 1_400 } else { 10 });
        Reply::Late(pause, words(n, asked))
    };
    let seen = run(1, 10_000, |_| true, script).await;
    let tenths: Vec<_> = seen.of(0).iter().filter_map(|r| r.1).collect();
    assert_eq!(tenths[..5], [0.0, 0.1, 0.3, 0.4, 0.5]);
    assert_eq!(seen.dialed_ms.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_device_that_closes_idle_lines_is_no_fault() {
    let seen = run(1, 10_500, |_| true, |asked| Reply::LastWords(words(5, asked))).await;
    assert_eq!(values(&seen), [GOOD]);
    assert_eq!(seen.of(0).len(), 11);
    assert_eq!(seen.dialed_ms.len(), 11);
}

#[tokio::test(start_paused = true)]
async fn a_heartbeat_that_stands_still_is_a_fault() {
    let script = |asked: Asked| {
        let frozen = (5_000..25_000).contains(&asked.ms);
        let beat = if frozen { 5 } else { asked.ms / 1_000 };
        Reply::Words(vec![5, u16::try_from(beat).unwrap()])
    };
    let seen = run(1, 30_500, |_| true, script).await;
    assert_eq!(values(&seen), [GOOD, (None, Quality::Fault), GOOD]);
    let fault: Vec<_> = seen.of(0).into_iter().filter(|r| r.1.is_none()).collect();
    // Seen first at 5 s, allowed to stand for 10 s.
    assert_eq!(fault, [(16_000, None, Quality::Fault)]);
    assert!(seen.last_error(0).contains("heartbeat"));
}

#[tokio::test(start_paused = true)]
async fn a_sentinel_is_refused_and_counted() {
    let seen = run(1, 6_500, |_| true, |asked| Reply::Words(words(0x7FFF, asked))).await;
    assert_eq!(values(&seen), [(None, Quality::Fault)]);
    assert_eq!(seen.of(0).len(), 7);
    let last = seen.health.last().unwrap();
    assert_eq!((last.link, last.exchanges_ok), (LinkState::Degraded, 0));
    assert!(last.refused >= 6, "{last:?}");
}
