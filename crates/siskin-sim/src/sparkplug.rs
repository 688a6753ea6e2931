//! A simulated Sparkplug B edge node: births, deaths by will, aliases, and faults on demand.
//!
//! Its bytes are written here a second time, from the field numbers of the definition, so that the
//! decoder cannot agree with itself. It does what a test tells it; it makes no values of its own.

mod bytes;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rumqttc::{AsyncClient, Event, EventLoop, LastWill, MqttOptions, Packet, QoS};
use siskin_model::Timestamp;
use tokio::task::JoinHandle;

pub use bytes::Metric;

use bytes::{Kind, payload};

/// Messages that may wait for the broker; what does not fit is dropped, as a node without a memory
/// does.
const QUEUE_MAX: usize = 1_024;
/// Longest silence on the connection.
const KEEP_ALIVE: Duration = Duration::from_secs(5);
/// What a command for births holds.
const REBIRTH: &[u8] = b"Node Control/Rebirth";

/// What a node is called, and where its broker is.
#[derive(Debug, Clone)]
pub struct NodeSpec {
    /// Port of the broker on 127.0.0.1.
    pub port: u16,
    /// Group.
    pub group: String,
    /// Node.
    pub node: String,
    /// The number that joins this session's death to its birth.
    pub bd_seq: u64,
    /// The metrics of each device, with the values its births say.
    pub devices: BTreeMap<String, Vec<Metric>>,
}

/// A running node.
#[derive(Debug)]
pub struct EdgeNode {
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    client: AsyncClient,
    spec: NodeSpec,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    seq: u8,
    /// How often the births were said.
    births: u64,
    /// Commands are not heard.
    deaf: bool,
}

impl EdgeNode {
    /// Connects in the background; the births follow the connection.
    pub fn start(spec: NodeSpec) -> Self {
        let id = format!("{}-{}-{}", spec.group, spec.node, spec.bd_seq);
        let mut options = MqttOptions::new(id, "127.0.0.1", spec.port);
        options.set_keep_alive(KEEP_ALIVE);
        let death = payload(None, None, &[Metric::bd_seq(spec.bd_seq)], Kind::Birth);
        let will = LastWill::new(spec.topic("NDEATH", None), death, QoS::AtLeastOnce, false);
        options.set_last_will(will);
        let (client, events) = AsyncClient::new(options, QUEUE_MAX);
        let shared = Arc::new(Shared { client, spec, state: Mutex::default() });
        let task = tokio::spawn(drive(events, Arc::clone(&shared)));
        Self { shared, task }
    }

    /// Data of a device, metrics by their aliases.
    pub fn data(&self, device: &str, metrics: &[Metric], now: Timestamp) {
        let mut state = self.shared.lock();
        let bytes = payload(Some(now), Some(state.next_seq()), metrics, Kind::Data);
        self.shared.send("DDATA", Some(device), bytes);
    }

    /// Two messages of a device that overtake each other.
    pub fn data_swapped(&self, device: &str, first: &[Metric], second: &[Metric], now: Timestamp) {
        let mut state = self.shared.lock();
        let (one, two) = (state.next_seq(), state.next_seq());
        for (seq, metrics) in [(two, second), (one, first)] {
            let bytes = payload(Some(now), Some(seq), metrics, Kind::Data);
            self.shared.send("DDATA", Some(device), bytes);
        }
    }

    /// A message that is lost on its way.
    pub fn lose_one(&self) {
        self.shared.lock().next_seq();
    }

    /// A device goes away.
    pub fn device_death(&self, device: &str, now: Timestamp) {
        let mut state = self.shared.lock();
        let bytes = payload(Some(now), Some(state.next_seq()), &[], Kind::Data);
        self.shared.send("DDEATH", Some(device), bytes);
    }

    /// From now on commands are heard or not.
    pub fn set_deaf(&self, deaf: bool) {
        self.shared.lock().deaf = deaf;
    }

    /// How often the births were said.
    pub fn births(&self) -> u64 {
        self.shared.lock().births
    }

    /// Drops the line without a word: the broker tells the will.
    pub async fn crash(self) {
        self.task.abort();
        if self.task.await.is_ok() {
            tracing::debug!(target: "siskin_sim", "the node had ended before");
        }
    }
}

impl NodeSpec {
    fn topic(&self, word: &str, device: Option<&str>) -> String {
        let tail = device.map_or_else(String::new, |device| format!("/{device}"));
        format!("spBv1.0/{}/{word}/{}{tail}", self.group, self.node)
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn send(&self, word: &str, device: Option<&str>, bytes: Vec<u8>) {
        let topic = self.spec.topic(word, device);
        if self.client.try_publish(topic, QoS::AtMostOnce, false, bytes).is_err() {
            tracing::warn!(target: "siskin_sim", "the queue to the broker is full");
        }
    }

    /// The birth of the node and then of its devices, from 0 on; no data comes in between.
    fn say_births(&self) {
        let mut state = self.lock();
        state.seq = 0;
        state.births += 1;
        let now = crate::park::now();
        let own = [Metric::bd_seq(self.spec.bd_seq), Metric::rebirth()];
        let bytes = payload(Some(now), Some(state.next_seq()), &own, Kind::Birth);
        self.send("NBIRTH", None, bytes);
        for (device, metrics) in &self.spec.devices {
            let bytes = payload(Some(now), Some(state.next_seq()), metrics, Kind::Birth);
            self.send("DBIRTH", Some(device), bytes);
        }
    }
}

impl State {
    fn next_seq(&mut self) -> u8 {
        let seq = self.seq;
        self.seq = seq.wrapping_add(1);
        seq
    }
}

/// Keeps the connection, says the births and hears the command for them.
async fn drive(mut events: EventLoop, shared: Arc<Shared>) {
    let commands = shared.spec.topic("NCMD", None);
    loop {
        match events.poll().await {
            Ok(Event::Incoming(Packet::ConnAck(_))) => {
                if shared.client.try_subscribe(&commands, QoS::AtLeastOnce).is_err() {
                    tracing::warn!(target: "siskin_sim", "the queue to the broker is full");
                }
                shared.say_births();
            }
            Ok(Event::Incoming(Packet::Publish(command))) => {
                let wanted = command.payload.windows(REBIRTH.len()).any(|part| part == REBIRTH);
                if wanted && command.topic == commands && !shared.lock().deaf {
                    shared.say_births();
                }
            }
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(target: "siskin_sim", %error, "the broker is away");
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        }
    }
}
