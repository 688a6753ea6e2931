//! Where a bus can be reached: a TCP port on loopback, a pseudo-terminal. Never listens anywhere
//! else.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};
use tokio_serial::{SerialPort, SerialStream};

use super::line::Bus;

/// Connections at a time; more are closed at once, as serial servers do.
const CONNECTIONS_MAX: usize = 8;

/// A bus behind a TCP port. It closes when this is dropped.
#[derive(Debug)]
pub struct TcpPort {
    /// Where it listens.
    pub addr: SocketAddr,
    task: JoinHandle<()>,
}

/// A bus behind a pseudo-terminal. It closes when this is dropped.
#[derive(Debug)]
pub struct Terminal {
    /// The device file to open.
    pub path: String,
    task: JoinHandle<()>,
    /// The other side stays open, or the terminal would hang up between two openings.
    _slave: SerialStream,
}

impl TcpPort {
    /// Opens a free port on loopback.
    pub async fn open(bus: Bus) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let addr = listener.local_addr()?;
        Ok(Self { addr, task: tokio::spawn(accept(listener, bus)) })
    }
}

async fn accept(listener: TcpListener, bus: Bus) {
    let mut sessions = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        while sessions.try_join_next().is_some() {}
        if sessions.len() < CONNECTIONS_MAX && stream.set_nodelay(true).is_ok() {
            let bus = bus.clone();
            sessions.spawn(async move { bus.serve(stream).await });
        }
    }
}

impl Terminal {
    /// Opens a pair and serves one side of it.
    pub fn open(bus: Bus) -> io::Result<Self> {
        let (master, slave) = SerialStream::pair()?;
        let path = slave.name().ok_or_else(|| io::Error::other("the terminal has no name"))?;
        let task = tokio::spawn(async move { bus.serve(master).await });
        Ok(Self { path, task, _slave: slave })
    }
}

impl Drop for TcpPort {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.task.abort();
    }
}
