//! The link against a station that is played by the test: it commits some of what it gets, cuts the
//! line in the middle, and ends with exactly the readings that were spooled.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use siskin_collect::Intake;
use siskin_collect::link::{self, LinkSettings, SharedAlarms, SharedSiren, SharedStatus};
use siskin_collect::spool::{Policy, SharedSpool, Spool, SpoolSettings, Writer};
use siskin_model::{
    ChannelId, ChannelIndex, Edge as Change, Origin, Quality, Reading, RuleId, Tier, Timestamp,
    WarningId,
};
use siskin_wire::link::{
    Ack, ClockMark, EdgeAlarm, Frame, Gap, Hello, Lane, Noted, RANGES_MAX, Row, SeqRange, SeqSet,
    VERSION, Welcome,
};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_util::sync::CancellationToken;

const PATIENCE: Duration = Duration::from_secs(30);

fn spool(folder: &Path) -> SharedSpool {
    let settings = SpoolSettings {
        folder: folder.to_owned(),
        bytes_max: 1 << 20,
        policy: Policy::DropOldest,
        channels: vec![ChannelId::new("a").unwrap(), ChannelId::new("b").unwrap()],
        highs: BTreeMap::new(),
        entropy: 7,
    };
    SharedSpool::new(Spool::open(settings).unwrap())
}

fn reading(n: i64) -> Reading {
    let at = Timestamp::from_millis(n);
    let channel = ChannelIndex(u32::from(n % 2 == 1));
    Reading::new(channel, at, at.plus_ms(3), Some(n as f64 / 8.0), Quality::Good)
}

struct Edge {
    spool: SharedSpool,
    status: SharedStatus,
    alarms: SharedAlarms,
    out: mpsc::Sender<Intake>,
    writer: Writer,
    link: tokio::task::JoinHandle<()>,
    stop: CancellationToken,
}

impl Edge {
    fn start(folder: &Path, port: u16) -> Self {
        let (spool, status) = (spool(folder), SharedStatus::default());
        let alarms = SharedAlarms::default();
        let (out, intake) = mpsc::channel(64);
        let writer = Writer::start(spool.clone(), intake).unwrap();
        let settings = LinkSettings {
            station: format!("ws://127.0.0.1:{port}"),
            ca_file: None,
            edge: "gw-1".into(),
            token: "secret".into(),
            site: "park".into(),
            boot_id: "boot".into(),
            analyzers: Vec::new(),
            alarms: alarms.clone(),
            siren: SharedSiren::default(),
        };
        let stop = CancellationToken::new();
        let clock: siskin_collect::Clock = Arc::new(|| Timestamp::from_millis(1_000));
        let run = link::run(settings, spool.clone(), status.clone(), clock, stop.clone());
        Self { spool, status, alarms, out, writer, link: tokio::spawn(run), stop }
    }

    /// Hands readings over and waits until they are spooled.
    async fn read(&self, numbers: std::ops::Range<i64>) {
        let (committed, done) = oneshot::channel();
        let readings = numbers.map(reading).collect();
        let intake =
            Intake::Readings { readings, origin: Origin::Live, committed: Some(committed) };
        self.out.send(intake).await.unwrap();
        tokio::time::timeout(PATIENCE, done).await.unwrap().unwrap();
    }

    async fn end(self) {
        drop(self.out);
        tokio::task::spawn_blocking(|| self.writer.join()).await.unwrap();
        self.stop.cancel();
        self.link.await.unwrap();
    }
}

/// What the station has on disk.
#[derive(Default)]
struct Station {
    committed: SeqSet,
    batches: BTreeMap<u64, Vec<Row>>,
}

type Socket = WebSocketStream<TcpStream>;

async fn put(socket: &mut Socket, frame: Frame) {
    socket.send(Message::Binary(frame.encode().unwrap().into())).await.unwrap();
}

async fn get(socket: &mut Socket) -> Frame {
    loop {
        let message = tokio::time::timeout(PATIENCE, socket.next()).await.expect("silence");
        if let Message::Binary(bytes) = message.unwrap().unwrap() {
            return Frame::decode(&bytes).unwrap();
        }
    }
}

impl Station {
    #[allow(clippy::result_large_err, reason = "the signature is the library's")]
    async fn welcome(&self, listener: &TcpListener) -> (Socket, Hello) {
        let (stream, _) = tokio::time::timeout(PATIENCE, listener.accept()).await.unwrap().unwrap();
        let look = |request: &Request, response: Response| {
            assert_eq!(request.uri().path(), "/api/v1/link");
            assert_eq!(request.headers()["authorization"], "Bearer secret");
            assert_eq!(request.headers()["siskin-edge"], "gw-1");
            Ok(response)
        };
        let mut socket = tokio_tungstenite::accept_hdr_async(stream, look).await.unwrap();
        let Frame::Hello(hello) = get(&mut socket).await else { panic!("no hello") };
        assert_eq!((hello.version, hello.channels.len()), (VERSION, 2));
        let committed = self.committed.lowest(RANGES_MAX);
        put(&mut socket, Frame::Welcome(Welcome { version: VERSION, clock_ms: 0, committed }))
            .await;
        (socket, hello)
    }

    /// Takes the next batch; the same number never brings other content.
    async fn batch(&mut self, socket: &mut Socket) -> (Lane, u64) {
        loop {
            if let Frame::Data(data) = get(socket).await {
                let rows = data.rows().unwrap();
                let before = self.batches.insert(data.seq, rows.clone());
                assert!(before.is_none_or(|before| before == rows), "batch {}", data.seq);
                return (data.lane, data.seq);
            }
        }
    }

    async fn ack(&mut self, socket: &mut Socket, seq: u64) {
        self.committed.add(seq);
        let committed = self.committed.lowest(RANGES_MAX);
        put(socket, Frame::Ack(Ack { committed })).await;
    }

    fn stamps(&self) -> Vec<i64> {
        let rows = self.batches.values().flatten();
        let mut stamps: Vec<_> = rows.map(|row| row.measured_at.as_millis()).collect();
        stamps.sort_unstable();
        stamps
    }
}

async fn listen() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_is_cut_again_and_again_loses_and_doubles_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (listener, port) = listen().await;
    let edge = Edge::start(folder.path(), port);
    let mut station = Station::default();
    for turn in 0..4 {
        for part in 0..5 {
            let from = turn * 100 + part * 20;
            edge.read(from..from + 20).await;
        }
        let (mut socket, _) = station.welcome(&listener).await;
        // Two are committed, one is received and forgotten with the line.
        for _ in 0..2 {
            let (_, seq) = station.batch(&mut socket).await;
            station.ack(&mut socket, seq).await;
        }
        let (_, lost) = station.batch(&mut socket).await;
        station.batches.remove(&lost);
    }
    let (mut socket, hello) = station.welcome(&listener).await;
    while station.committed.iter().map(|r| r.until - r.from).sum::<u64>() < hello.next_seq {
        let (_, seq) = station.batch(&mut socket).await;
        station.ack(&mut socket, seq).await;
    }
    assert_eq!(station.stamps(), (0..400).collect::<Vec<_>>());
    assert_eq!(station.committed.lowest(2), [SeqRange { from: 0, until: hello.next_seq }]);
    assert_eq!(edge.status.get().connects, 5);
    edge.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_restart_the_rest_is_backlog_and_what_is_new_goes_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let (listener, port) = listen().await;
    let edge = Edge::start(folder.path(), 9);
    for from in 0..40 {
        edge.read(from * 10..from * 10 + 10).await;
    }
    edge.end().await;
    let edge = Edge::start(folder.path(), port);
    let mut station = Station::default();
    let (mut socket, hello) = station.welcome(&listener).await;
    assert_eq!((hello.first_seq, hello.next_seq), (0, 40));
    let first = station.batch(&mut socket).await;
    assert_eq!(first, (Lane::Backlog, 0));
    edge.read(400..410).await;
    let mut order = vec![first];
    while order.len() < 41 {
        order.push(station.batch(&mut socket).await);
    }
    assert!(order.contains(&(Lane::Live, 40)), "{order:?}");
    let backlog = order.iter().filter(|(lane, _)| *lane == Lane::Backlog).map(|(_, seq)| *seq);
    assert_eq!(backlog.collect::<Vec<_>>(), (0..40).collect::<Vec<_>>());
    assert_eq!(station.stamps(), (0..410).collect::<Vec<_>>());
    // What is asked for again comes again.
    put(&mut socket, Frame::Request(SeqRange { from: 7, until: 9 })).await;
    assert_eq!(station.batch(&mut socket).await.1, 7);
    assert_eq!(station.batch(&mut socket).await.1, 8);
    // Its clock is answered, and so is ours.
    put(&mut socket, Frame::Clock(ClockMark { sent_ms: 5, echo_ms: None })).await;
    loop {
        match get(&mut socket).await {
            Frame::Clock(ClockMark { sent_ms, echo_ms: Some(echo) }) => {
                assert_eq!((sent_ms, echo), (1_000, 5));
                break;
            }
            Frame::Clock(_) | Frame::Health(_) => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(edge.spool.lock().first_seq(), 0);
    edge.end().await;
}

fn alarm(edge: Change, at_ms: i64) -> EdgeAlarm {
    EdgeAlarm {
        warning: WarningId::from_text("w"),
        channel: ChannelId::new("a").unwrap(),
        rule: RuleId::new("red").unwrap(),
        tier: Tier::Red,
        edge,
        at: Timestamp::from_millis(at_ms),
        value: None,
    }
}

/// The next `count` alarms.
async fn alarms(socket: &mut Socket, count: usize) -> Vec<EdgeAlarm> {
    let mut all = Vec::new();
    while all.len() < count {
        if let Frame::Alarm(alarm) = get(socket).await {
            all.push(alarm);
        }
    }
    all
}

async fn gap(socket: &mut Socket) -> Gap {
    loop {
        if let Frame::Gap(gap) = get(socket).await {
            return gap;
        }
    }
}

/// Until the station's clock is answered, so that what was said before has been heard.
async fn heard(socket: &mut Socket) -> Vec<Frame> {
    put(socket, Frame::Clock(ClockMark { sent_ms: 5, echo_ms: None })).await;
    let mut before = Vec::new();
    loop {
        match get(socket).await {
            Frame::Clock(ClockMark { echo_ms: Some(_), .. }) => return before,
            other => before.push(other),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_raised_and_cleared_during_a_cut_is_told_in_order_until_it_is_noted() {
    let folder = tempfile::tempdir().unwrap();
    let (listener, port) = listen().await;
    let edge = Edge::start(folder.path(), port);
    let told = [alarm(Change::Raise, 1), alarm(Change::Clear, 2), alarm(Change::Raise, 3)];
    edge.alarms.tell(told.clone());
    let station = Station::default();
    let (mut socket, _) = station.welcome(&listener).await;
    assert_eq!(alarms(&mut socket, 3).await, told);
    put(&mut socket, Frame::Noted(Noted { gaps: 0, alarms: 1 })).await;
    heard(&mut socket).await;
    assert_eq!(edge.alarms.kept().0, told[1..]);
    // The line is cut before the others are noted: they come again, and what is new behind them.
    drop(socket);
    edge.alarms.tell([alarm(Change::Clear, 4)]);
    let (mut socket, _) = station.welcome(&listener).await;
    let rest = [told[1].clone(), told[2].clone(), alarm(Change::Clear, 4)];
    assert_eq!(alarms(&mut socket, 3).await, rest);
    put(&mut socket, Frame::Noted(Noted { gaps: 0, alarms: 3 })).await;
    heard(&mut socket).await;
    assert_eq!(edge.alarms.kept(), (Vec::new(), 0));
    // Who notes what was never told is no station of ours.
    put(&mut socket, Frame::Noted(Noted { gaps: 1, alarms: 3 })).await;
    let (mut socket, _) = station.welcome(&listener).await;
    assert!(heard(&mut socket).await.iter().all(|frame| !matches!(frame, Frame::Alarm(_))));
    edge.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_loss_is_told_in_every_session_until_it_is_noted() {
    let folder = tempfile::tempdir().unwrap();
    let (listener, port) = listen().await;
    let edge = Edge::start(folder.path(), port);
    edge.read(0..20).await;
    assert!(edge.spool.lock().give_way().unwrap());
    let lost = edge.spool.lock().gaps().to_vec();
    assert_eq!(lost.iter().map(|gap| gap.readings).collect::<Vec<_>>(), [20]);
    let station = Station::default();
    for _ in 0..2 {
        let (mut socket, _) = station.welcome(&listener).await;
        assert_eq!(gap(&mut socket).await, lost[0]);
    }
    let (mut socket, _) = station.welcome(&listener).await;
    assert_eq!(gap(&mut socket).await, lost[0]);
    put(&mut socket, Frame::Noted(Noted { gaps: 1, alarms: 0 })).await;
    heard(&mut socket).await;
    assert!(edge.spool.lock().gaps().is_empty());
    edge.end().await;
}
