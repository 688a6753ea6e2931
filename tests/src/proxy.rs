//! A line that can be cut: a TCP proxy on loopback whose far end may move.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use anyhow::Result;

/// Bytes that are passed on at once.
const PIECE_BYTES: usize = 64 * 1024;

#[derive(Debug, Default)]
struct Line {
    /// Where it leads; none as long as nobody has said so.
    to: Option<u16>,
    is_cut: bool,
    open: Vec<TcpStream>,
}

/// The near end of the line; copies are the same line. Its threads end with the test's process.
#[derive(Debug, Clone)]
pub struct Proxy {
    port: u16,
    line: Arc<Mutex<Line>>,
}

impl Proxy {
    /// A line that leads nowhere yet.
    pub fn start() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        let line = Arc::new(Mutex::new(Line::default()));
        let shared = Arc::clone(&line);
        thread::spawn(move || {
            for near in listener.incoming().flatten() {
                // A caller whose line leads nowhere is hung up on.
                let _refused = connect(&shared, near);
            }
        });
        Ok(Self { port, line })
    }

    /// Its near end.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Leads new connections to a port of 127.0.0.1; a line that is cut stays cut.
    pub fn lead(&self, to: u16) {
        lock(&self.line).to = Some(to);
    }

    /// Connections can be made again.
    pub fn mend(&self) {
        lock(&self.line).is_cut = false;
    }

    /// Cuts every connection, and refuses new ones until it is mended.
    pub fn cut(&self) {
        let mut line = lock(&self.line);
        line.is_cut = true;
        for stream in line.open.drain(..) {
            // It may be closed already.
            let _closed = stream.shutdown(Shutdown::Both);
        }
    }
}

fn lock(line: &Mutex<Line>) -> MutexGuard<'_, Line> {
    line.lock().unwrap_or_else(PoisonError::into_inner)
}

fn connect(line: &Mutex<Line>, near: TcpStream) -> Result<()> {
    // Held until the streams are known, so that a cut finds every one of them.
    let mut line = lock(line);
    let Some(to) = line.to.filter(|_| !line.is_cut) else { return Ok(()) };
    // Those that have ended by themselves: hundreds of kills would fill the table of files.
    line.open.retain(|stream| stream.peer_addr().is_ok());
    let far = TcpStream::connect((Ipv4Addr::LOCALHOST, to))?;
    line.open.extend([near.try_clone()?, far.try_clone()?]);
    let (near_again, far_again) = (near.try_clone()?, far.try_clone()?);
    thread::spawn(move || pass(near, far));
    thread::spawn(move || pass(far_again, near_again));
    Ok(())
}

fn pass(mut from: TcpStream, mut to: TcpStream) {
    let mut piece = vec![0; PIECE_BYTES];
    while let Ok(length @ 1..) = from.read(&mut piece) {
        if piece.get(..length).is_none_or(|bytes| to.write_all(bytes).is_err()) {
            break;
        }
    }
    // Either end is the end of both.
    let _closed = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}
