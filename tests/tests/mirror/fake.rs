//! An InfluxDB that takes points as the real one does: a point of the same series and stamp is
//! overwritten field by field. It answers by a script, and notes whatever breaks the contract.

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use anyhow::{Context, Result, ensure};
use e2e::gateway::CHANNEL;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::line::{self, Point};
use crate::stored::Curve;

/// What it does with a request.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Act {
    /// This status and nothing taken.
    Status(u16),
    /// Too many requests, with the time to wait in a header.
    Busy,
    /// Nothing is ever answered.
    Hang,
    /// The line is cut before anything is taken.
    Cut,
    /// Everything is taken and the line cut before the answer.
    CutAfterTaking,
}

type Series = (String, BTreeMap<String, String>);

#[derive(Debug, Default)]
struct State {
    script: VecDeque<Act>,
    is_down: bool,
    /// A request with a reading of this stamp is refused whole.
    bad_stamp: Option<i64>,
    held: BTreeMap<(Series, i64), BTreeMap<String, String>>,
    requests: u64,
    broken: Vec<String>,
}

/// The server; its threads end with the test's process.
#[derive(Debug)]
pub(crate) struct Fake {
    port: u16,
    state: Arc<Mutex<State>>,
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Fake {
    pub(crate) fn start() -> Result<Self> {
        Self::listen(None)
    }

    /// The same behind TLS, with `server.crt` and `server.key` of a folder.
    pub(crate) fn start_tls(certificates: &Path) -> Result<Self> {
        let chain = CertificateDer::pem_file_iter(certificates.join("server.crt"))?;
        let chain = chain.collect::<Result<Vec<_>, _>>()?;
        let key = PrivateKeyDer::from_pem_file(certificates.join("server.key"))?;
        let builder = ServerConfig::builder_with_provider(ring::default_provider().into());
        let config = builder.with_safe_default_protocol_versions()?.with_no_client_auth();
        Self::listen(Some(Arc::new(config.with_single_cert(chain, key)?)))
    }

    fn listen(tls: Option<Arc<ServerConfig>>) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (state, tls) = (Arc::clone(&shared), tls.clone());
                thread::spawn(move || {
                    let served = match tls.map(ServerConnection::new) {
                        None => serve(stream, &state),
                        Some(Ok(tls)) => serve(StreamOwned::new(tls, stream), &state),
                        Some(Err(error)) => Err(error.into()),
                    };
                    if let Err(error) = served {
                        lock(&state).broken.push(format!("{error:#}"));
                    }
                });
            }
        });
        Ok(Self { port, state })
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Hangs up on everybody, or not any more.
    pub(crate) fn set_down(&self, is_down: bool) {
        lock(&self.state).is_down = is_down;
    }

    pub(crate) fn play(&self, script: &[Act]) {
        lock(&self.state).script.extend(script);
    }

    pub(crate) fn refuse_stamp(&self, stamp: i64) {
        lock(&self.state).bad_stamp = Some(stamp);
    }

    /// Acts of the script that are not played yet.
    pub(crate) fn script_left(&self) -> usize {
        lock(&self.state).script.len()
    }

    pub(crate) fn requests(&self) -> u64 {
        lock(&self.state).requests
    }

    /// What broke the contract.
    pub(crate) fn broken(&self) -> Vec<String> {
        lock(&self.state).broken.clone()
    }

    /// The readings of the channel, all of whose tags must be those of the site.
    pub(crate) fn curve(&self) -> Result<Curve> {
        let tags = [
            ("site", "e2e"),
            ("area", "tank-farm"),
            ("analyzer", "at-1"),
            ("channel", CHANNEL),
            ("quantity", "chlorine"),
            ("unit", "ppm"),
        ];
        let tags = tags.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        let series = ("reading".to_owned(), tags);
        let mut curve = Curve::new();
        for ((_, stamp), fields) in lock(&self.state).held.iter().filter(|(k, _)| k.0 == series) {
            let value = fields.get("value").map(|text| text.parse()).transpose()?;
            let quality = fields["quality"].trim_end_matches('i').parse()?;
            ensure!(fields.contains_key("origin") && fields.contains_key("received_ms_after"));
            curve.insert(*stamp, (value, quality));
        }
        Ok(curve)
    }

    /// The fields of every point of a measurement, by stamp.
    pub(crate) fn points(&self, measurement: &str) -> Vec<(i64, BTreeMap<String, String>)> {
        let state = lock(&self.state);
        let of_it = state.held.iter().filter(|((series, _), _)| series.0 == measurement);
        of_it.map(|((_, stamp), fields)| (*stamp, fields.clone())).collect()
    }
}

fn serve(stream: impl Read + Write, state: &Mutex<State>) -> Result<()> {
    let mut reader = BufReader::new(stream);
    loop {
        if lock(state).is_down {
            return Ok(());
        }
        // A client that was killed ends in the middle of a request.
        let Ok(Some((head, body))) = request(&mut reader) else { return Ok(()) };
        if lock(state).is_down {
            return Ok(());
        }
        let points = checked(&head, &body)?;
        let act = {
            let mut state = lock(state);
            state.requests += 1;
            state.script.pop_front()
        };
        match act {
            Some(Act::Status(status)) => {
                answer(reader.get_mut(), status, "", "said so by the script");
            }
            Some(Act::Busy) => answer(reader.get_mut(), 429, "Retry-After: 1\r\n", "too many"),
            Some(Act::Hang) => {
                // Until the other end gives up.
                let _given_up = reader.read(&mut [0]);
                return Ok(());
            }
            Some(Act::Cut) => return Ok(()),
            Some(Act::CutAfterTaking) => {
                take(&mut lock(state), points);
                return Ok(());
            }
            None => {
                let mut state = lock(state);
                let is_bad =
                    |p: &Point| p.measurement == "reading" && Some(p.stamp) == state.bad_stamp;
                if points.iter().any(is_bad) {
                    drop(state);
                    answer(reader.get_mut(), 400, "", "unable to parse");
                } else {
                    take(&mut state, points);
                    drop(state);
                    answer(reader.get_mut(), 204, "", "");
                }
            }
        }
    }
}

fn take(state: &mut State, points: Vec<Point>) {
    let bad_stamp = state.bad_stamp;
    for point in points {
        if point.measurement == "reading" && Some(point.stamp) == bad_stamp {
            continue;
        }
        let key = ((point.measurement, point.tags), point.stamp);
        state.held.entry(key).or_default().extend(point.fields);
    }
}

/// Head in small letters but for the first line, and the body; none at the end.
fn request(reader: &mut impl BufRead) -> Result<Option<(Vec<String>, Vec<u8>)>> {
    let mut head: Vec<String> = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        match line.split_once(": ") {
            Some((key, value)) => head.push(format!("{}: {value}", key.to_lowercase())),
            None => head.push(line.to_owned()),
        }
    }
    let mut body = Vec::new();
    if let Some(length) = header(&head, "content-length") {
        body.resize(length.parse()?, 0);
        reader.read_exact(&mut body)?;
    } else {
        loop {
            let mut size = String::new();
            reader.read_line(&mut size)?;
            let size = usize::from_str_radix(size.trim(), 16).context("no size of a chunk")?;
            let mut chunk = vec![0; size + 2];
            reader.read_exact(&mut chunk)?;
            if size == 0 {
                break;
            }
            body.extend_from_slice(&chunk[..size]);
        }
    }
    Ok(Some((head, body)))
}

fn header<'a>(head: &'a [String], key: &str) -> Option<&'a str> {
    head.iter().find_map(|line| line.strip_prefix(key)?.strip_prefix(": "))
}

/// The points of a request that keeps the contract.
fn checked(head: &[String], body: &[u8]) -> Result<Vec<Point>> {
    let first = head.first().context("no head")?;
    let target = first.split(' ').nth(1).unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or_default();
    ensure!(first.starts_with("POST ") && path == "/api/v2/write", "{first}");
    for part in ["bucket=air", "org=park+1", "precision=ms"] {
        ensure!(query.split('&').any(|one| one == part), "no {part} in {query}");
    }
    ensure!(header(head, "authorization") == Some("Token e2e-token"), "{head:?}");
    ensure!(header(head, "content-encoding") == Some("gzip"), "{head:?}");
    let mut file = tempfile::NamedTempFile::new()?;
    file.write_all(body)?;
    let unpacked = Command::new("gzip").arg("-dc").arg("--").stdin(file.reopen()?).output()?;
    ensure!(unpacked.status.success(), "not gzip");
    let text = String::from_utf8(unpacked.stdout)?;
    ensure!(text.ends_with('\n') && text.lines().count() <= 5_000, "{} bytes", text.len());
    text.lines().map(line::parse).collect()
}

fn answer(stream: &mut impl Write, status: u16, headers: &str, text: &str) {
    let length = text.len();
    let head = format!("HTTP/1.1 {status} X\r\n{headers}Content-Length: {length}\r\n\r\n{text}");
    // 204 has no body and no length.
    let head = if status == 204 { "HTTP/1.1 204 No Content\r\n\r\n".to_owned() } else { head };
    // Whoever has hung up meanwhile asks again.
    let _gone = stream.write_all(head.as_bytes()).and_then(|()| stream.flush());
}
