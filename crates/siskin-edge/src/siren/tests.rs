//! Sirens that answer, that do not, and that answer otherwise; over real sockets.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

/// A siren that notes what it is told, and fails as often as it is asked to.
#[derive(Clone, Default)]
struct Played {
    acts: Arc<Mutex<Vec<&'static str>>>,
    failures: Arc<Mutex<VecDeque<()>>>,
    sounds: Arc<Mutex<bool>>,
    sticks: bool,
}

impl Played {
    fn note(&self, act: &'static str) -> Result<(), Text> {
        self.acts.lock().unwrap().push(act);
        match self.failures.lock().unwrap().pop_front() {
            Some(()) => Err(Text::new("坏", "broken; hint: mend")),
            None => Ok(()),
        }
    }
}

impl Switch for Played {
    async fn switch(&mut self, on: bool) -> Result<bool, Text> {
        self.note(word(on))?;
        if !self.sticks {
            *self.sounds.lock().unwrap() = on;
        }
        self.look_quietly()
    }

    async fn look(&mut self) -> Result<bool, Text> {
        self.note("look")?;
        self.look_quietly()
    }
}

impl Played {
    #[expect(clippy::unnecessary_wraps, reason = "what a switch gives")]
    fn look_quietly(&self) -> Result<bool, Text> {
        Ok(*self.sounds.lock().unwrap())
    }
}

struct Scene {
    played: Played,
    orders: watch::Sender<Order>,
    status: SharedSiren,
    silenced: Arc<AtomicUsize>,
}

impl Scene {
    fn start(played: Played, order: Order) -> Self {
        let (orders, seen) = watch::channel(order);
        let (status, silenced) = (SharedSiren::default(), Arc::<AtomicUsize>::default());
        let (told, count) = (status.clone(), Arc::clone(&silenced));
        let clock = || Timestamp::from_millis(7);
        let run = run(played.clone(), seen, told, clock, move || {
            count.fetch_add(1, Ordering::Relaxed);
        });
        tokio::spawn(run);
        Self { played, orders, status, silenced }
    }

    /// Lets `seconds` pass and gives what the siren was told in them.
    async fn acts(&self, seconds: u64) -> Vec<&'static str> {
        tokio::time::advance(Duration::from_millis(1)).await;
        for _ in 0..seconds * 10 {
            tokio::task::yield_now().await;
            tokio::time::advance(Duration::from_millis(100)).await;
        }
        tokio::task::yield_now().await;
        std::mem::take(&mut self.played.acts.lock().unwrap())
    }
}

const QUIET: Order = Order { is_wanted: false, may_sound: false };
const LOUD: Order = Order { is_wanted: true, may_sound: true };
const OVER: Order = Order { is_wanted: false, may_sound: true };

#[tokio::test(start_paused = true)]
async fn it_sounds_while_it_is_wanted_and_is_told_again_and_off_once_after() {
    let scene = Scene::start(Played::default(), QUIET);
    assert_eq!(scene.acts(5).await, ["look"]);
    scene.orders.send_replace(LOUD);
    assert_eq!(scene.acts(15).await, ["on", "on"]);
    assert_eq!(scene.status.get().unwrap().sounds, Some(true));
    scene.orders.send_replace(OVER);
    assert_eq!(scene.acts(5).await, ["off"]);
    assert_eq!(scene.silenced.load(Ordering::Relaxed), 1);
    assert_eq!(scene.status.get().unwrap().sounds, Some(false));
}

#[tokio::test(start_paused = true)]
async fn a_siren_that_is_not_ours_is_only_looked_at() {
    let played = Played::default();
    *played.sounds.lock().unwrap() = true;
    let scene = Scene::start(played, QUIET);
    assert_eq!(scene.acts(25).await, ["look", "look", "look"]);
    assert_eq!(
        (scene.status.get().unwrap().sounds, scene.status.get().unwrap().failing),
        (Some(true), None)
    );
}

#[tokio::test(start_paused = true)]
async fn it_is_tried_until_it_is_reached_and_health_says_so() {
    let played = Played::default();
    played.failures.lock().unwrap().extend([(), ()]);
    let scene = Scene::start(played, LOUD);
    assert_eq!(scene.acts(3).await, ["on", "on"]);
    let status = scene.status.get().unwrap();
    assert_eq!((status.is_wanted, status.sounds), (true, None));
    assert!(status.failing.unwrap().en.contains("broken"));
    assert_eq!(scene.acts(3).await, ["on"]);
    assert_eq!(
        (scene.status.get().unwrap().failing, scene.status.get().unwrap().sounds),
        (None, Some(true))
    );
}

#[tokio::test(start_paused = true)]
async fn one_that_does_not_read_back_as_told_is_a_failure() {
    let scene = Scene::start(Played { sticks: true, ..Played::default() }, LOUD);
    assert_eq!(scene.acts(5).await, ["on", "on", "on"]);
    let failing = scene.status.get().unwrap().failing.unwrap();
    assert!(
        failing.en.contains("does not read back") && failing.zh.contains("回读"),
        "{failing:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_sounded_before_a_restart_is_switched_off() {
    let played = Played::default();
    *played.sounds.lock().unwrap() = true;
    let scene = Scene::start(played, OVER);
    assert_eq!(scene.acts(15).await, ["off", "look"]);
}

/// A relay that answers each connection with the next of `answers` and gives what it was asked.
async fn relay(answers: Vec<Vec<u8>>) -> (coil::Relay, tokio::task::JoinHandle<Vec<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let served = tokio::spawn(async move {
        let mut asked = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = vec![0; 12];
            stream.read_exact(&mut request).await.unwrap();
            asked.push(request);
            stream.write_all(&answer).await.unwrap();
        }
        asked
    });
    (coil::Relay { host: "127.0.0.1".into(), port, unit: 9, coil: 0x0102 }, served)
}

#[tokio::test]
async fn a_coil_is_written_and_read_back() {
    let echo = vec![0, 1, 0, 0, 0, 6, 9, 5, 1, 2, 0xFF, 0];
    let is_on = vec![0, 1, 0, 0, 0, 4, 9, 1, 1, 1];
    let (mut coil, served) = relay(vec![echo.clone(), is_on]).await;
    assert_eq!(coil.switch(true).await, Ok(true));
    let asked = served.await.unwrap();
    assert_eq!(asked, [echo, vec![0, 1, 0, 0, 0, 6, 9, 1, 1, 2, 0, 1]]);
}

async fn check_refused(answer: Vec<u8>, want: &str) {
    let (mut coil, _served) = relay(vec![answer]).await;
    let why = coil.switch(true).await.unwrap_err();
    assert!(why.en.contains(want) && why.en.contains("hint:"), "{why:?}");
    assert!(why.zh.contains("无法控制报警器") && why.zh.contains(want), "{why:?}");
}

#[tokio::test]
async fn an_answer_that_is_not_the_echo_is_no_siren() {
    check_refused(vec![0, 1, 0, 0, 0, 3, 9, 0x85, 2], "exception 2").await;
    check_refused(vec![0, 1, 0, 0, 0, 6, 9, 5, 1, 3, 0xFF, 0], "echoed [01, 03, FF, 00]").await;
    check_refused(vec![0, 1, 0, 0, 0, 6, 8, 5, 1, 2, 0xFF, 0], "something else").await;
    check_refused(b"HTTP/1.1 400 Bad".to_vec(), "no Modbus answer").await;
    check_refused(Vec::new(), "eof").await;
}

#[tokio::test]
async fn a_siren_by_mqtt_is_told_retained_and_reached_with_the_brokers_word() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let text = format!("protocol = \"mqtt\"\nhost = \"127.0.0.1\"\nport = {port}\ntopic = \"s/1\"");
    let Ok(SirenSettings::Mqtt(topic)) = toml::from_str(&text) else { panic!("{text}") };
    let broker = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = [0; 2];
        stream.read_exact(&mut head).await.unwrap();
        let mut rest = vec![0; usize::from(head[1])];
        stream.read_exact(&mut rest).await.unwrap();
        stream.write_all(&[0x20, 2, 0, 0]).await.unwrap();
        stream.read_exact(&mut head).await.unwrap();
        let mut published = vec![0; usize::from(head[1])];
        stream.read_exact(&mut published).await.unwrap();
        stream.write_all(&[0x40, 2, published[5], published[6]]).await.unwrap();
        (head[0], published, stream)
    });
    let mut siren = message::Messages::new(topic, "gw-1");
    assert_eq!(siren.switch(true).await, Ok(true));
    let (head, published, stream) = broker.await.unwrap();
    // Publish, quality of service 1, retained.
    assert_eq!(head, 0x33);
    assert_eq!((&published[..5], &published[7..]), (&b"\0\x03s/1"[..], &b"ON"[..]));
    drop(stream);
    let why = siren.switch(false).await.unwrap_err();
    assert!(why.en.contains("the siren's topic s/1") && why.zh.contains("无法通知"), "{why:?}");
}
