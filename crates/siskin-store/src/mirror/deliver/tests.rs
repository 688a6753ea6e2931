//! Every answer a target may give.

use std::collections::VecDeque;

use siskin_model::Timestamp;

use super::*;

/// Answers by a script, then as a target that refuses lines with `bad` in them.
#[derive(Default)]
struct Fake {
    script: VecDeque<Answer>,
    bytes_max: Option<usize>,
    refuses_all: bool,
    held: Vec<String>,
    requests: usize,
}

impl Writer for &mut Fake {
    async fn write(&mut self, body: &str) -> Answer {
        self.requests += 1;
        if let Some(answer) = self.script.pop_front() {
            return answer;
        }
        if self.bytes_max.is_some_and(|max| body.len() > max) {
            return Answer::of_status(413, "too large");
        }
        if self.refuses_all || body.contains("bad") {
            return Answer::of_status(400, "field type conflict");
        }
        self.held.extend(body.lines().map(str::to_owned));
        Answer::Accepted
    }
}

fn lines(names: &[&str]) -> Lines {
    let mut lines = Lines::default();
    for (ms, name) in (0..).zip(names) {
        lines.put(format_args!("{name} v=1"));
        lines.stamp(Timestamp::from_millis(ms));
    }
    lines
}

async fn delivered(fake: &mut Fake, lines: &Lines) -> (Delivered, HealthCell) {
    let (health, stop) = (HealthCell::default(), CancellationToken::new());
    let mut deliverer = Deliverer::new(fake, "t", &health, &stop);
    (deliverer.deliver(lines).await.unwrap(), health)
}

fn later(status: u16) -> Answer {
    Answer::of_status(status, "busy")
}

#[tokio::test(start_paused = true)]
async fn bad_lines_are_found_and_the_others_go_on() {
    let mut fake = Fake::default();
    let names = ["a", "b", "bad1", "c", "d", "e", "bad2"];
    let (done, _) = delivered(&mut fake, &lines(&names)).await;
    let refused: Vec<_> = done.refused.iter().map(|one| one.line.as_str()).collect();
    assert_eq!(refused, ["bad1 v=1 2", "bad2 v=1 6"]);
    assert!(done.refused.iter().all(|one| one.reason == "HTTP 400: field type conflict"));
    assert_eq!(fake.held, ["a v=1 0", "b v=1 1", "c v=1 3", "d v=1 4", "e v=1 5"]);
}

#[tokio::test(start_paused = true)]
async fn a_target_that_is_down_or_closed_gets_everything_later() {
    let blocked = [401, 403, 404, 302, 200].map(|status| Answer::of_status(status, "no"));
    let script = [429, 500, 503, 408].map(later).into_iter().chain(blocked).collect();
    let mut fake = Fake { script, ..Fake::default() };
    let (done, health) = delivered(&mut fake, &lines(&["a", "b"])).await;
    assert_eq!(done, Delivered::default());
    assert_eq!((fake.held.len(), fake.requests), (2, 10));
    let health = health.now();
    assert_eq!((health.state, health.failures), (MirrorState::Ok, 9));
    assert_eq!(health.last_error.as_deref(), Some("HTTP 200: no"));
}

#[tokio::test(start_paused = true)]
async fn smaller_requests_where_large_ones_are_refused() {
    // And one that came alone is too large for a proxy at first.
    let script = VecDeque::from(vec![Answer::of_status(413, "too large"); 4]);
    let mut fake = Fake { script, bytes_max: Some(20), ..Fake::default() };
    let names = ["a", "b", "c", "d", "e", "f", "g"];
    let (done, health) = delivered(&mut fake, &lines(&names)).await;
    assert_eq!(done, Delivered::default());
    assert_eq!((fake.held.len(), health.now().failures), (7, 1));
    assert!(fake.held.is_sorted_by_key(|line| line.split(' ').next_back().map(str::to_owned)));
}

#[tokio::test(start_paused = true)]
async fn no_line_is_given_up_where_all_are_refused() {
    let mut fake = Fake { refuses_all: true, ..Fake::default() };
    let (health, stop) = (HealthCell::default(), CancellationToken::new());
    let names = vec!["a"; 200];
    let lines = lines(&names);
    let mut deliverer = Deliverer::new(&mut fake, "t", &health, &stop);
    let patience = Duration::from_mins(10);
    tokio::time::timeout(patience, deliverer.deliver(&lines)).await.unwrap_err();
    assert_eq!(health.now().state, MirrorState::Blocked);
    let mut mended = Fake::default();
    let mut deliverer = Deliverer::new(&mut mended, "t", &health, &stop);
    assert_eq!(deliverer.deliver(&lines).await, Ok(Delivered::default()));
    assert_eq!(mended.held.len(), 200);
}

#[tokio::test(start_paused = true)]
async fn what_is_older_than_the_bucket_keeps_is_no_bad_line() {
    let text = "partial write: points beyond retention policy dropped=1";
    let script = VecDeque::from([Answer::of_status(422, text)]);
    let mut fake = Fake { script, ..Fake::default() };
    let (done, health) = delivered(&mut fake, &lines(&["a", "b"])).await;
    assert_eq!((done.refused.len(), fake.requests), (0, 1));
    assert_eq!(health.now().requests_too_old, 1);
}

#[tokio::test(start_paused = true)]
async fn a_stop_ends_the_waiting() {
    let mut fake = Fake { script: vec![later(503); 1000].into(), ..Fake::default() };
    let (health, stop) = (HealthCell::default(), CancellationToken::new());
    let mut deliverer = Deliverer::new(&mut fake, "t", &health, &stop);
    stop.cancel();
    assert_eq!(deliverer.deliver(&lines(&["a"])).await, Err(Stopped));
}
