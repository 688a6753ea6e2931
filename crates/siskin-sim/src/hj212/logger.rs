//! The logger: what it keeps, what it sends, what it answers.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use siskin_model::site::Hj212Sm4;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use super::frame::{field, frame, next, value};
use super::seal::{is_sealed, seal};

/// Samples that are kept for requests of history; the oldest are forgotten.
const KEPT_MAX: usize = 100_000;
/// How long a thank is waited for before the packet is sent again.
const THANK_PATIENCE: Duration = Duration::from_secs(10);
/// The pause before it dials again.
const REDIAL_PAUSE: Duration = Duration::from_millis(500);

/// What a logger is.
#[derive(Debug, Clone)]
pub struct LoggerSpec {
    /// Whom it calls.
    pub address: SocketAddr,
    /// Its MN.
    pub mn: String,
    /// Its PW.
    pub password: String,
    /// How it encrypts; none: it does not.
    pub sm4: Option<Hj212Sm4>,
    /// What it does badly.
    pub faults: Faults,
}

/// What a logger does badly.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    /// Every frame leaves in pieces of so many bytes.
    pub piece_bytes: Option<usize>,
    /// Every n-th frame first goes out with a wrong checksum.
    pub wrong_sum_every: Option<u32>,
    /// The line is cut after so many frames, once.
    pub cut_after: Option<u32>,
    /// Bytes of noise before every frame.
    pub noise: Vec<u8>,
}

/// What was measured at a moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// Local time, `yyyyMMddHHmmss`.
    pub data_time: String,
    /// Factor, number and flag.
    pub values: Vec<(String, f64, char)>,
}

/// A logger with its memory, which outlives its connections.
#[derive(Debug)]
pub struct Logger {
    spec: LoggerSpec,
    kept: VecDeque<Sample>,
    unthanked: VecDeque<Sample>,
    frames: u32,
    number: u64,
    /// The last time it was told to be, as it came.
    clock: Option<String>,
}

impl Logger {
    /// A logger that has measured nothing yet.
    pub fn new(spec: LoggerSpec) -> Self {
        let (kept, unthanked) = (VecDeque::new(), VecDeque::new());
        Self { spec, kept, unthanked, frames: 0, number: 0, clock: None }
    }

    /// Something was measured: it is kept, and sent until somebody thanks for it.
    pub fn measured(&mut self, sample: Sample) {
        self.unthanked.push_back(sample.clone());
        self.remembers(sample);
    }

    /// Something was measured that is in the memory only, as after a long cut.
    pub fn remembers(&mut self, sample: Sample) {
        if self.kept.len() >= KEPT_MAX {
            self.kept.pop_front();
        }
        self.kept.push_back(sample);
    }

    /// The time it was last told to have.
    pub fn clock(&self) -> Option<&str> {
        self.clock.as_deref()
    }

    /// How much nobody has thanked for yet.
    pub fn unthanked(&self) -> usize {
        self.unthanked.len()
    }

    /// Dials, sends what nobody has thanked for, and dials again when the line breaks, until all
    /// of it was thanked for.
    pub async fn deliver(&mut self) {
        while !self.unthanked.is_empty() {
            if let Err(error) = self.session().await {
                tracing::debug!(target: "siskin::sim", %error, "a simulated logger lost its line");
                tokio::time::sleep(REDIAL_PAUSE).await;
            }
        }
    }

    /// Measures with `measure` every `period` and delivers, until `stop`.
    pub async fn run(
        mut self,
        period: Duration,
        mut measure: impl FnMut() -> Sample,
        stop: CancellationToken,
    ) {
        let mut turns = tokio::time::interval(period);
        let work = async {
            loop {
                turns.tick().await;
                self.measured(measure());
                self.deliver().await;
            }
        };
        stop.run_until_cancelled(work).await;
    }

    async fn session(&mut self) -> io::Result<()> {
        let mut stream = TcpStream::connect(self.spec.address).await?;
        let mut buffer = Vec::new();
        while let Some(sample) = self.unthanked.front().cloned() {
            let qn = self.send_sample(&mut stream, 2011, "Rtd", &sample).await?;
            let thanked = self.serve_until(&mut stream, &mut buffer, "9014", &qn);
            match tokio::time::timeout(THANK_PATIENCE, thanked).await {
                Ok(thanked) => thanked?,
                Err(_) => continue,
            }
            self.unthanked.pop_front();
        }
        Ok(())
    }

    /// Serves requests on an open line until the packet `cn` with `qn` comes.
    async fn serve_until(
        &mut self,
        stream: &mut TcpStream,
        buffer: &mut Vec<u8>,
        cn: &str,
        qn: &str,
    ) -> io::Result<()> {
        loop {
            while let Some(told) = next(buffer) {
                if field(&told, "CN") == Some(cn) && field(&told, "QN") == Some(qn) {
                    return Ok(());
                }
                self.told(stream, &told).await?;
            }
            if stream.read_buf(buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    /// Dials, says that it is there, and serves requests until `enough` says that it was asked
    /// what it should be.
    pub async fn serve(&mut self, enough: impl Fn(&str) -> bool) -> io::Result<()> {
        let mut stream = TcpStream::connect(self.spec.address).await?;
        let mut buffer = Vec::new();
        self.number += 1;
        let qn = format!("{:017}", self.number);
        self.send(&mut stream, &self.data(&qn, "91", "1013", 5, "")).await?;
        loop {
            while let Some(told) = next(&mut buffer) {
                self.told(&mut stream, &told).await?;
                if enough(&told) {
                    return Ok(());
                }
            }
            if stream.read_buf(&mut buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    async fn told(&mut self, stream: &mut TcpStream, told: &str) -> io::Result<()> {
        let (Some(qn), Some(cn)) = (field(told, "QN"), field(told, "CN")) else {
            return Ok(());
        };
        let content = field(told, "CP").unwrap_or_default();
        match cn {
            "1012" => self.clock = value(content, ',', "SystemTime").map(str::to_owned),
            "2051" => {}
            _ => return Ok(()),
        }
        self.send(stream, &self.data(qn, "22", "9011", 4, "QnRtn=1")).await?;
        if cn == "2051" {
            self.send_history(stream, content).await?;
        }
        self.send(stream, &self.data(qn, "22", "9012", 4, "ExeRtn=1")).await
    }

    /// The kept samples of a span, each as the average of its minute.
    async fn send_history(&mut self, stream: &mut TcpStream, span: &str) -> io::Result<()> {
        let begin = value(span, ',', "BeginTime").unwrap_or_default().to_owned();
        let end = value(span, ',', "EndTime").unwrap_or_default().to_owned();
        let is_asked = |sample: &&Sample| begin <= sample.data_time && sample.data_time <= end;
        let asked: Vec<Sample> = self.kept.iter().filter(is_asked).cloned().collect();
        for sample in asked {
            self.send_sample(stream, 2051, "Avg", &sample).await?;
        }
        Ok(())
    }

    async fn send_sample(
        &mut self,
        stream: &mut TcpStream,
        cn: u16,
        name: &str,
        sample: &Sample,
    ) -> io::Result<String> {
        let mut content = format!("DataTime={}", sample.data_time);
        for (factor, number, flag) in &sample.values {
            write!(content, ";{factor}-{name}={number},{factor}-Flag={flag}")
                .expect("a string takes what is written");
        }
        self.number += 1;
        let qn = format!("{:017}", self.number);
        self.send(stream, &self.data(&qn, "22", &cn.to_string(), 5, &content)).await?;
        Ok(qn)
    }

    fn data(&self, qn: &str, st: &str, cn: &str, flag: u8, content: &str) -> String {
        let LoggerSpec { mn, password, sm4, .. } = &self.spec;
        let sm4 = sm4.as_ref().filter(|_| is_sealed(cn));
        let content = sm4.map_or_else(|| content.to_owned(), |sm4| seal(content, sm4));
        format!("QN={qn};ST={st};CN={cn};PW={password};MN={mn};Flag={flag};CP=&&{content}&&")
    }

    async fn send(&mut self, stream: &mut TcpStream, data: &str) -> io::Result<()> {
        self.frames += 1;
        let faults = &mut self.spec.faults;
        if faults.cut_after.is_some_and(|after| self.frames > after) {
            faults.cut_after = None;
            let bytes = frame(data, 0);
            let half = bytes.get(..bytes.len() / 2).unwrap_or_default();
            stream.write_all(half).await?;
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        let mut bytes = faults.noise.clone();
        if faults.wrong_sum_every.is_some_and(|every| self.frames.is_multiple_of(every)) {
            bytes.extend(frame(data, 1));
        }
        bytes.extend(frame(data, 0));
        for piece in bytes.chunks(faults.piece_bytes.unwrap_or(bytes.len()).max(1)) {
            stream.write_all(piece).await?;
            stream.flush().await?;
        }
        Ok(())
    }
}
