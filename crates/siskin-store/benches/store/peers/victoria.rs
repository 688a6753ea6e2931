//! A real VictoriaMetrics, fed with the lines that the mirror writes: value, quality and delay.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use siskin_model::Reading;

use super::http::{asked, escaped};
use super::{Minutes, Peer, Row, hundredths, whole};
use crate::measure::{cpu_s, figure, folder_bytes, memory_max_mib};

const BINARY: &str = "victoria-metrics";
const START_MAX: Duration = Duration::from_secs(30);
const MERGE_MAX: Duration = Duration::from_mins(5);
const POLL: Duration = Duration::from_millis(500);
/// Its files have their size when they keep it for so many looks.
const LOOKS: u32 = 6;

pub(crate) struct Victoria {
    child: Child,
    port: u16,
    folder: PathBuf,
}

pub(crate) fn is_there() -> bool {
    let quiet = Stdio::null;
    let asked = Command::new(BINARY).arg("-version").stdout(quiet()).stderr(quiet()).status();
    asked.is_ok_and(|status| status.success())
}

impl Victoria {
    pub(crate) fn start(folder: &Path) -> Self {
        let held = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = held.local_addr().unwrap().port();
        drop(held);
        let child = Command::new(BINARY)
            .arg(format!("-storageDataPath={}", folder.display()))
            .arg(format!("-httpListenAddr=127.0.0.1:{port}"))
            .args(["-retentionPeriod=10y", "-search.disableCache", "-search.maxQueryLen=1MB"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let start = Instant::now();
        while asked(port, "GET", "/health", "").is_none() {
            assert!(start.elapsed() < START_MAX, "VictoriaMetrics does not listen");
            std::thread::sleep(POLL);
        }
        Self { child, port, folder: folder.to_owned() }
    }

    fn get(&self, path: &str) -> String {
        asked(self.port, "GET", path, "").unwrap()
    }

    fn query(&self, path: &str) -> Vec<Value> {
        let answer: Value = serde_json::from_str(&self.get(path)).unwrap();
        answer.pointer("/data/result").and_then(Value::as_array).cloned().unwrap()
    }

    fn merges(&self) -> f64 {
        let metrics = self.get("/metrics");
        let active = metrics.lines().filter(|line| line.starts_with("vm_active"));
        let merges = active.filter(|line| line.contains("merges"));
        merges.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
    }
}

impl Peer for Victoria {
    fn name(&self) -> &'static str {
        "victoria"
    }

    fn append(&mut self, readings: &[Reading]) {
        let mut lines = String::with_capacity(readings.len() * 160);
        for reading in readings {
            let (channel, quality) = (reading.channel.0, reading.quality.code());
            let (value, ms) = (reading.value.unwrap(), reading.measured_at.as_millis());
            let delay_ms = reading.received_at.since_ms(reading.measured_at);
            writeln!(
                lines,
                "reading,site=bench,area=a,analyzer=at-{channel},channel={channel},\
                 quantity=chlorine,unit=ppm value={value:?},quality={quality}i,\
                 received_ms_after={delay_ms}i {ms}"
            )
            .unwrap();
        }
        asked(self.port, "POST", "/api/v2/write?precision=ms", &lines).unwrap();
    }

    fn settle(&mut self, _end_ms: i64) {
        self.get("/internal/force_flush");
        self.get("/internal/force_merge");
        let (start, mut size, mut same) = (Instant::now(), 0, 0);
        while same < LOOKS {
            assert!(start.elapsed() < MERGE_MAX, "VictoriaMetrics merges for ever");
            std::thread::sleep(POLL);
            let now = folder_bytes(&self.folder);
            same = if now == size && self.merges() == 0.0 { same + 1 } else { 0 };
            size = now;
        }
    }

    fn cpu_elsewhere_s(&self) -> f64 {
        cpu_s(&self.child.id().to_string())
    }

    fn range(&mut self, channel: u32, from_ms: i64, to_ms: i64) -> Vec<Row> {
        let filter = escaped(&format!("{{channel=\"{channel}\"}}"));
        let (from, to) = (from_ms as f64 / 1000.0, (to_ms - 1) as f64 / 1000.0);
        let path = format!("/api/v1/export?match%5B%5D={filter}&start={from}&end={to}");
        let mut rows: BTreeMap<i64, Row> = BTreeMap::new();
        for line in self.get(&path).lines() {
            let series: Value = serde_json::from_str(line).unwrap();
            let list = |name: &str| series.get(name).and_then(Value::as_array).unwrap().iter();
            let name = series.pointer("/metric/__name__").and_then(Value::as_str).unwrap();
            for (stamp, value) in list("timestamps").zip(list("values")) {
                let (stamp, value) = (stamp.as_i64().unwrap(), value.as_f64().unwrap());
                let row = rows.entry(stamp).or_insert((stamp, -1, -1, u8::MAX));
                match name {
                    "reading_value" => row.2 = hundredths(value),
                    "reading_quality" => row.3 = u8::try_from(whole(value)).unwrap(),
                    "reading_received_ms_after" => row.1 = whole(value),
                    _ => panic!("the series `{name}` was never written"),
                }
            }
        }
        rows.into_values().collect()
    }

    fn minutes(&mut self, channels: &[u32], from_ms: i64, to_ms: i64) -> Minutes {
        let any: Vec<_> = channels.iter().map(u32::to_string).collect();
        let any = any.join("|");
        let query = escaped(&format!("max_over_time(reading_value{{channel=~\"{any}\"}}[1m])"));
        // Its window is open at the begin and closed at the end.
        let last_ms = |ms: i64| (ms - 1) as f64 / 1000.0;
        let (start, end) = (last_ms(from_ms + 60_000), last_ms(to_ms));
        let path = format!("/api/v1/query_range?query={query}&start={start}&end={end}&step=60s");
        let mut minutes = Minutes::new();
        for series in self.query(&format!("{path}&nocache=1")) {
            let channel = channel_of(&series);
            for pair in series.get("values").and_then(Value::as_array).unwrap() {
                let at = pair.get(0).and_then(Value::as_f64).unwrap();
                let begin_ms = whole(at * 1000.0) + 1 - 60_000;
                minutes.insert((channel, begin_ms), number(pair));
            }
        }
        minutes
    }

    fn last(&mut self, end_ms: i64) -> BTreeMap<u32, i64> {
        let (query, at) = (escaped("last_over_time(reading_value[10m])"), end_ms / 1000);
        let found = self.query(&format!("/api/v1/query?query={query}&time={at}&nocache=1"));
        found
            .iter()
            .map(|series| (channel_of(series), number(series.get("value").unwrap())))
            .collect()
    }

    fn end(mut self: Box<Self>) {
        let pid = self.child.id().to_string();
        figure("store_peers_victoria_memory", memory_max_mib(&pid), "MiB");
        let asked = Command::new("kill").args(["-TERM", &pid]).status().unwrap();
        assert!(asked.success());
        self.child.wait().unwrap();
    }
}

impl Drop for Victoria {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn channel_of(series: &Value) -> u32 {
    series.pointer("/metric/channel").and_then(Value::as_str).unwrap().parse().unwrap()
}

/// The number of a pair of stamp and text, in hundredths.
fn number(pair: &Value) -> i64 {
    hundredths(pair.get(1).and_then(Value::as_str).unwrap().parse().unwrap())
}
