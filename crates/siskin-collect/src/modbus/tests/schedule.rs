//! When devices are asked.

use std::time::Duration;

use siskin_model::{LinkState, Quality};

use super::bench::{Reply, run, words};

fn times(seen: &[(i64, Option<f64>, Quality)]) -> Vec<i64> {
    seen.iter().map(|(ms, ..)| *ms).collect()
}

#[tokio::test(start_paused = true)]
async fn slow_answers_do_not_make_the_schedule_drift() {
    let slow = Duration::from_millis(200);
    let seen = run(1, 4_100, |_| true, move |asked| Reply::Late(slow, words(5, asked))).await;
    let of = seen.of(0);
    assert_eq!(times(&of), [200, 1_200, 2_200, 3_200]);
    assert!(of.iter().all(|r| (r.1, r.2) == (Some(0.5), Quality::Good)));
    assert_eq!(seen.dialed_ms, [0]);
    assert_eq!(seen.links(0), [LinkState::Unknown, LinkState::Online]);
}

#[tokio::test(start_paused = true)]
async fn polls_that_are_late_are_left_out() {
    let slow = Duration::from_millis(700);
    let script = move |asked| Reply::Late(slow, words(5, asked));
    // Two units of 0.7 s each do not fit into one second: each keeps to whole seconds.
    let seen = run(2, 7_000, |_| true, script).await;
    assert_eq!(times(&seen.of(0)), [700, 2_100, 3_700, 5_100, 6_700]);
    assert_eq!(times(&seen.of(1)), [1_400, 2_800, 4_400, 5_800]);
}

#[tokio::test(start_paused = true)]
async fn a_dead_unit_costs_its_neighbour_next_to_nothing() {
    let script = |asked: super::bench::Asked| match asked.unit {
        2 => Reply::Hang,
        _ => Reply::Words(words(5, asked)),
    };
    let seen = run(2, 120_000, |_| true, script).await;
    let healthy = seen.of(0);
    assert!(healthy.iter().all(|r| r.2 == Quality::Good));
    // One second of timeout and one of period is the longest gap there may be.
    let times = times(&healthy);
    let gaps: Vec<_> = times.windows(2).map(|w| w[1] - w[0]).collect();
    assert!(gaps.iter().all(|gap| *gap <= 2_000), "{gaps:?}");
    // Once when it dies; from then on probes are cut to the spare time, which is nearly the whole
    // second. Once a minute it is heard out.
    let lost = gaps.iter().filter(|gap| **gap > 1_050).count();
    assert!(healthy.len() + lost >= 119 && lost <= 4, "{lost} of {}", healthy.len());
    assert_eq!(seen.of(1), [(1_000, None, Quality::CommLost)]);
    assert!(seen.last_error(1).starts_with("no answer within 990 ms; hint: "));
}

#[tokio::test(start_paused = true)]
async fn a_refused_line_is_tried_less_and_less_often_and_told_once() {
    let seen = run(2, 30_000, |_| false, |_| Reply::Hang).await;
    // Twice as long each time, up to ten seconds, each shorter by up to a quarter.
    let pauses = seen.dialed_ms.windows(2).map(|pair| pair[1] - pair[0]);
    for (pause, longest) in pauses.clone().zip([500, 1_000, 2_000, 4_000, 8_000, 10_000]) {
        assert!((longest * 3 / 4..=longest).contains(&pause), "{:?}", seen.dialed_ms);
    }
    assert_eq!(pauses.count(), 6);
    for index in [0, 1] {
        assert_eq!(seen.of(index), [(0, None, Quality::CommLost)]);
    }
    assert_eq!(seen.links(1), [LinkState::Offline]);
    let error = seen.last_error(1);
    assert!(
        error.starts_with("cannot connect to bench:502: connection refused; hint: "),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn off_and_on_again_works_every_time() {
    // Away during every odd half minute: the door is shut and open lines hang.
    let away = |ms: u64| (ms / 30_000) % 2 == 1;
    let script = move |asked: super::bench::Asked| {
        if away(asked.ms) { Reply::Hang } else { Reply::Words(words(5, asked)) }
    };
    let seen = run(1, 180_000, move |ms| !away(ms), script).await;
    let lost: Vec<_> = seen.of(0);
    let lost = lost.iter().filter(|r| r.2 == Quality::CommLost);
    let lost: Vec<_> = lost.map(|r| r.0 / 30_000).collect();
    assert_eq!(lost, [1, 3, 5]);
    for back in [60_000, 120_000] {
        let first = seen.of(0).into_iter().find(|r| r.0 >= back).unwrap();
        assert_eq!(first.2, Quality::Good);
        assert!(first.0 < back + 10_000, "{first:?}");
    }
}
