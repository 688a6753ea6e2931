//! A receiver that reads HTTP by itself and answers by a script, then accepts everything; what it
//! knows already it accepts again without taking it twice.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What it does with a request.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Does {
    /// Answers with this status.
    Status(u16),
    /// Answers 200 with this body.
    Body(&'static str),
    /// Closes before it has read anything.
    CutBeforeRead,
    /// Closes after the first bytes of the request.
    CutMidRequest,
    /// Closes in the middle of an answer of 200.
    CutMidAnswer,
    /// Takes the message and closes without an answer.
    AcceptAndCut,
    /// Answers what is no HTTP.
    Garbage,
    /// Reads and never answers.
    Hang,
}

#[derive(Default)]
struct Heard {
    script: VecDeque<Does>,
    keys: Vec<String>,
    accepted: Vec<String>,
}

pub(crate) struct Receiver {
    port: u16,
    heard: Arc<Mutex<Heard>>,
    count: watch::Receiver<usize>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Receiver {
    pub(crate) async fn start(script: &[Does]) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Heard { script: script.iter().copied().collect(), ..Heard::default() };
        let heard = Arc::new(Mutex::new(heard));
        let (counted, count) = watch::channel(0);
        let (shared, counted) = (Arc::clone(&heard), Arc::new(counted));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&shared), Arc::clone(&counted)));
            }
        });
        Self { port, heard, count, task }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hook", self.port)
    }

    /// The keys of all whole requests, in order.
    pub(crate) fn keys(&self) -> Vec<String> {
        self.heard.lock().unwrap().keys.clone()
    }

    /// The keys of what it took, each once.
    pub(crate) fn accepted(&self) -> Vec<String> {
        self.heard.lock().unwrap().accepted.clone()
    }

    /// Waits until it has heard so many whole requests.
    pub(crate) async fn heard(&self, count: usize) {
        self.count.clone().wait_for(|heard| *heard >= count).await.unwrap();
    }
}

async fn serve(
    mut stream: TcpStream,
    heard: Arc<Mutex<Heard>>,
    counted: Arc<watch::Sender<usize>>,
) {
    loop {
        let mut first = [0; 8];
        // A line that is closed between requests takes nothing from the script.
        if stream.peek(&mut first).await.map_or(0, |count| count) == 0 {
            return;
        }
        let does = heard.lock().unwrap().script.pop_front();
        match does {
            Some(Does::CutBeforeRead) => return,
            Some(Does::CutMidRequest) => {
                let _read = stream.read(&mut first).await;
                return;
            }
            _ => {}
        }
        let Some(key) = request(&mut stream).await else { return };
        {
            let mut heard = heard.lock().unwrap();
            heard.keys.push(key.clone());
            let takes = matches!(does, None | Some(Does::AcceptAndCut));
            if takes && !heard.accepted.contains(&key) {
                heard.accepted.push(key.clone());
            }
        }
        counted.send_modify(|count| *count += 1);
        let answer = match does {
            None => with_body(200, &format!("{{\"key\":\"{key}\",\"accepted\":true}}")),
            Some(Does::Status(status)) => with_body(status, "no"),
            Some(Does::Body(body)) => with_body(200, body),
            Some(Does::Garbage) => "SMTP ready\r\n\r\n".to_owned(),
            Some(Does::CutMidAnswer) => {
                let half = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"accep";
                stream.write_all(half.as_bytes()).await.unwrap();
                return;
            }
            Some(Does::Hang) => return std::future::pending().await,
            Some(_) => return,
        };
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

fn with_body(status: u16, body: &str) -> String {
    format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

/// Reads one request whole and gives its key.
async fn request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_lowercase();
            let of = |name: &str| {
                let line = head.lines().find(|line| line.starts_with(name))?;
                Some(line.split_once(':')?.1.trim().to_owned())
            };
            let length: usize = of("content-length")?.parse().ok()?;
            if body.len() >= length {
                return of("idempotency-key");
            }
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}
