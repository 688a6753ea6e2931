//! A station in this process and a gateway that says what a test wants.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use siskin_api::LiveEvent;
use siskin_api::contract::EdgeView;
use siskin_config::Settings;
use siskin_model::{ChannelId, ChannelIndex, Origin, Quality, Timestamp};
use siskin_store::{ChannelKey, Series};
use siskin_wire::link::{Data, Frame, Hello, Lane, Row, SeqRange, SeqSet, VERSION, columns};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_util::sync::CancellationToken;

use crate::files;
use crate::station::Station;
use crate::station::live::Live;
use crate::station::rules::SiteTexts;

pub(super) const TOKEN: &str = "a-token-for-tests-only";
pub(super) const HOUR_MS: i64 = 3_600_000;
/// Longest wait for anything.
const SOON: Duration = Duration::from_secs(20);

pub(super) fn row(channel: u32, at_ms: i64, value: f64) -> Row {
    let at = Timestamp::from_millis(at_ms);
    let quality = Quality::Good;
    Row { channel, measured_at: at, received_at: at.plus_ms(3), value: Some(value), quality }
}

/// In order of channels and stamps, as [`Folder::stored`] gives them.
pub(super) fn sorted(rows: &[Row]) -> Vec<Row> {
    let mut rows = rows.to_vec();
    rows.sort_by_key(|row| (row.channel, row.measured_at));
    rows
}

/// A site with `channels` chlorine channels of `gw-1` and one of the station's own behind them.
pub(super) struct Folder {
    dir: TempDir,
    channels: u32,
}

impl Folder {
    pub(super) fn new(channels: u32) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let site = dir.path().join("site");
        std::fs::create_dir_all(site.join("rules")).unwrap();
        let write = |name: &str, text: &str| std::fs::write(site.join(name), text).unwrap();
        write("site.toml", &SITE.replace("TOKEN", TOKEN));
        write("areas.toml", AREAS);
        write("rules/chlorine.toml", RULES);
        let mut text = String::new();
        for n in 0..channels {
            write!(text, "{}", analyzer(&format!("e-{n}"), n % 200 + 1, "edge = \"gw-1\""))
                .unwrap();
        }
        write!(text, "{}", analyzer("own", 250, "")).unwrap();
        write("analyzers.toml", &text);
        Self { dir, channels }
    }

    fn settings(&self) -> (Arc<Settings>, SiteTexts) {
        let folder = self.dir.path().join("site");
        let inputs = files::site(&folder, None).unwrap();
        let settings = siskin_config::load(&inputs).unwrap_or_else(|r| panic!("{}", r.render()));
        let texts = SiteTexts { inputs, folder: Some(folder), firmware_configs: None };
        (Arc::new(settings), texts)
    }

    fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    pub(super) async fn start(&self) -> Running {
        let (settings, texts) = self.settings();
        let station = Station::open(&settings, texts, &self.data(), false).unwrap();
        let (live, clock) = (Arc::clone(&station.live), Arc::clone(&station.clock));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let events = live.subscribe();
        let task = tokio::spawn(station.run(listener, stop.clone()));
        let channels = self.channels;
        Running { address, stop, task, live, clock, events: events.into(), channels }
    }

    /// All readings in the store.
    pub(super) fn stored(&self) -> Vec<Row> {
        self.records().into_iter().map(|(row, _)| row).collect()
    }

    /// All readings in the store and how they came into it.
    pub(super) fn records(&self) -> Vec<(Row, Origin)> {
        let (settings, _) = self.settings();
        let key = |channel: &siskin_model::site::Channel| ChannelKey {
            id: channel.id.clone(),
            quantity: channel.quantity.as_str().to_owned(),
            unit: channel.unit,
        };
        let keys: Vec<_> = settings.site.channels.iter().map(key).collect();
        let series = Series::open(&self.data(), &keys).unwrap();
        let mut rows = Vec::new();
        // The last channel is the station's own; its device is not there.
        for index in 0..self.channels {
            let (from, to) = (Timestamp::from_millis(i64::MIN), Timestamp::from_millis(i64::MAX));
            let records = series.records(ChannelIndex(index), from, to).unwrap();
            rows.extend(records.iter().map(|(reading, how)| (Row::of(reading, index), *how)));
        }
        rows
    }
}

/// A running station.
pub(super) struct Running {
    pub(super) address: SocketAddr,
    stop: CancellationToken,
    task: tokio::task::JoinHandle<anyhow::Result<()>>,
    pub(super) live: Arc<Live>,
    clock: siskin_collect::Clock,
    events: std::sync::Mutex<broadcast::Receiver<LiveEvent>>,
    pub(super) channels: u32,
}

impl Running {
    pub(super) fn now_ms(&self) -> i64 {
        (self.clock)().as_millis()
    }

    /// The newest that was told of the gateway.
    pub(super) fn view(&self) -> EdgeView {
        let body = ureq::get(format!("http://{}/api/v1/edges", self.address));
        let text = body.call().unwrap().body_mut().read_to_string().unwrap();
        let views: Vec<EdgeView> = serde_json::from_str(&text).unwrap();
        views.into_iter().next().unwrap()
    }

    /// Waits for events about the gateway until it is as `is_so` wants it.
    pub(super) async fn until(&self, is_so: impl Fn(&EdgeView) -> bool) -> EdgeView {
        let mut events = self.live.subscribe();
        let look = async {
            loop {
                let view = self.view();
                if is_so(&view) {
                    return view;
                }
                events.recv().await.unwrap();
            }
        };
        tokio::time::timeout(SOON, look).await.unwrap()
    }

    /// Events since the start.
    pub(super) fn events(&self) -> broadcast::Receiver<LiveEvent> {
        self.events.lock().unwrap().resubscribe()
    }

    pub(super) async fn stop(self) {
        self.stop.cancel();
        tokio::time::timeout(SOON, self.task).await.unwrap().unwrap().unwrap();
    }
}

/// A gateway.
pub(super) struct Client {
    socket: WebSocketStream<TcpStream>,
    pub(super) committed: Vec<SeqRange>,
}

type Socket = WebSocketStream<TcpStream>;

async fn dial(station: &Running, edge: &str, token: &str) -> Result<Socket, Error> {
    let address = station.address;
    let mut request = format!("ws://{address}/api/v1/link").into_client_request().unwrap();
    let headers = request.headers_mut();
    headers.insert("siskin-edge", edge.parse().unwrap());
    headers.insert("authorization", format!("Bearer {token}").parse().unwrap());
    let tcp = TcpStream::connect(address).await.unwrap();
    tokio_tungstenite::client_async(request, tcp).await.map(|(socket, _)| socket)
}

impl Client {
    /// The status that says no.
    pub(super) async fn refused(station: &Running, edge: &str, token: &str) -> u16 {
        match dial(station, edge, token).await {
            Err(Error::Http(response)) => response.status().as_u16(),
            other => panic!("{other:?}"),
        }
    }

    pub(super) async fn connect(
        station: &Running,
        spool: &str,
        channels: u32,
        first_seq: u64,
        next_seq: u64,
    ) -> Self {
        let ids: Vec<String> = (0..channels).map(|n| format!("e-{n}-cl2")).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        Self::connect_as(station, spool, &ids, first_seq, next_seq).await
    }

    pub(super) async fn connect_as(
        station: &Running,
        spool: &str,
        channels: &[&str],
        first_seq: u64,
        next_seq: u64,
    ) -> Self {
        let socket = dial(station, "gw-1", TOKEN).await.unwrap();
        let mut client = Self { socket, committed: Vec::new() };
        let hello = Hello {
            version: VERSION,
            edge: "gw-1".to_owned(),
            site: "link-test".to_owned(),
            boot_id: "boot".to_owned(),
            spool: spool.to_owned(),
            clock_ms: 0,
            channels: channels.iter().map(|id| ChannelId::new(id).unwrap()).collect(),
            first_seq,
            next_seq,
        };
        client.say(Frame::Hello(hello)).await;
        let Frame::Welcome(welcome) = client.next(|_| true).await else { panic!("no Welcome") };
        client.committed = welcome.committed;
        client
    }

    pub(super) fn has(&self, seq: u64) -> bool {
        SeqSet::of(self.committed.iter().copied()).contains(seq)
    }

    pub(super) async fn bytes(&mut self, bytes: &[u8]) {
        self.socket.send(Message::Binary(bytes.to_vec().into())).await.unwrap();
    }

    pub(super) async fn say(&mut self, frame: Frame) {
        self.bytes(&frame.encode().unwrap()).await;
    }

    pub(super) async fn data(&mut self, lane: Lane, seq: u64, rows: &[Row]) {
        let batch = columns::encode(rows).unwrap();
        self.say(Frame::Data(Data { lane, seq, batch })).await;
    }

    /// The next frame that `is_it`.
    pub(super) async fn next(&mut self, is_it: impl Fn(&Frame) -> bool) -> Frame {
        let look = async {
            loop {
                if let Message::Binary(bytes) = self.socket.next().await.unwrap().unwrap() {
                    let frame = Frame::decode(&bytes).unwrap();
                    if is_it(&frame) {
                        return frame;
                    }
                }
            }
        };
        tokio::time::timeout(SOON, look).await.unwrap()
    }

    /// Waits for an acknowledgement that says this.
    pub(super) async fn acked(&mut self, committed: &[SeqRange]) {
        let is_it = |f: &Frame| matches!(f, Frame::Ack(ack) if ack.committed == committed);
        self.next(is_it).await;
    }

    /// Waits for any acknowledgement.
    pub(super) async fn some_ack(&mut self) -> Vec<SeqRange> {
        let Frame::Ack(ack) = self.next(|f| matches!(f, Frame::Ack(_))).await else { panic!() };
        ack.committed
    }

    /// Waits until the station has closed the line.
    pub(super) async fn ended(&mut self) {
        let look = async {
            while let Some(Ok(message)) = self.socket.next().await {
                if message.is_close() {
                    return;
                }
            }
        };
        tokio::time::timeout(SOON, look).await.unwrap();
    }
}

fn analyzer(id: &str, unit: u32, more: &str) -> String {
    format!(
        "[[analyzer]]
id = \"{id}\"
name = {{ zh = \"{id}\", en = \"{id}\" }}
area = \"unit\"
position = {{ x_m = 10.0, y_m = 40.0 }}
profile = \"honeywell-midas\"
modbus = {{ host = \"{id}.invalid\", port = 502, unit = {unit} }}
{more}

[[analyzer.channel]]
id = \"{id}-cl2\"
gas = \"chlorine\"
unit = \"ppm\"
point = \"gas\"
range = {{ low = 0.0, high = 50.0 }}
resolution = 0.01

"
    )
}

const SITE: &str = r#"
id = "link-test"
name = { zh = "测试", en = "Test" }
utc_offset = "+08:00"
tiers = ["yellow", "red"]

[station]
listen = "127.0.0.1:0"

[access]
anonymous = "viewer"

[[edge]]
id = "gw-1"
token = "TOKEN"

[[edge]]
id = "gw-silent"
"#;

const AREAS: &str = r#"
[[area]]
id = "unit"
name = { zh = "装置", en = "Unit" }
kind = "unit"
outline = [{ x_m = 0.0, y_m = 0.0 }, { x_m = 80.0, y_m = 0.0 }, { x_m = 80.0, y_m = 80.0 }]
"#;

const RULES: &str = r#"
[[rule]]
id = "chlorine-red"
name = { zh = "氯气", en = "Chlorine" }
kind = "threshold"
gas = "chlorine"
tier = "red"
unit = "ppm"
raise_at = 45.0
clear_below = 40.0
on_delay_s = 5.0
off_delay_s = 30.0
source = "made for tests"

[[rule]]
id = "chlorine-mean"
name = { zh = "氯气均值", en = "Mean" }
kind = "window-mean"
gas = "chlorine"
tier = "yellow"
unit = "ppm"
window_s = 900.0
samples_min = 10
raise_at = 30.0
clear_below = 25.0
on_delay_s = 0.0
off_delay_s = 60.0
source = "made for tests"

[[rule]]
id = "no-data"
name = { zh = "无数据", en = "No data" }
kind = "no-data"
all = true
after_s = 30
source = "made for tests"
"#;
