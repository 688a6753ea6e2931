//! The listener: one task for each connection, within limits.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use siskin_model::Text;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::Line;
use super::connection::Connection;
use super::register::{Owner, Register};
use super::words;
use crate::Clock;
use crate::backoff::Backoff;
use crate::outlet::{Closed, Outlet};
use crate::words::io_text;

/// Connections at one time; further ones are closed at once and logged.
const CONNECTIONS_MAX: usize = 256;

/// The listener of a site.
pub(crate) struct Server {
    line: Line,
    register: Arc<Register>,
    out: Outlet,
    clock: Clock,
    tasks: JoinSet<Result<(), Closed>>,
    next: u64,
}

impl Server {
    pub(crate) fn new(line: &Line, out: Outlet, clock: Clock) -> Self {
        let register = Arc::new(Register::new(&line.loggers));
        Self { line: line.clone(), register, out, clock, tasks: JoinSet::new(), next: 0 }
    }

    /// Listens until the station no longer does. Dropping the future ends every connection.
    pub(crate) async fn run(mut self) -> Closed {
        let mut backoff = Backoff::new();
        loop {
            let listener = match TcpListener::bind(self.line.listen).await {
                Ok(listener) => listener,
                Err(error) => {
                    if self.not_listening(&io_text(&error)).await.is_err() {
                        return Closed;
                    }
                    tokio::time::sleep(backoff.pause()).await;
                    continue;
                }
            };
            let address = self.line.listen;
            tracing::info!(target: "siskin::collect", %address, "loggers can dial in");
            return self.serve(listener).await;
        }
    }

    async fn not_listening(&self, cause: &Text) -> Result<(), Closed> {
        let why = words::cannot_listen(&self.line.listen.to_string(), cause);
        tracing::error!(target: "siskin::collect", why = why.en, "loggers cannot dial in");
        let taken = self.register.closed(&why, (self.clock)());
        self.out.readings(taken.readings, None).await?;
        self.out.health(taken.health).await
    }

    /// Accepts connections from `listener`.
    pub(crate) async fn serve(&mut self, listener: TcpListener) -> Closed {
        let mut backoff = Backoff::new();
        loop {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => {
                        backoff.reset();
                        self.accept(stream);
                    }
                    // Out of open files, for example: those that are open go on.
                    Err(error) => {
                        let why = error.to_string();
                        tracing::error!(target: "siskin::collect", why, "cannot accept a logger");
                        tokio::time::sleep(backoff.pause()).await;
                    }
                },
                Some(ended) = self.tasks.join_next(), if !self.tasks.is_empty() => {
                    if let Ok(Err(Closed)) = ended {
                        return Closed;
                    }
                }
            }
        }
    }

    fn accept(&mut self, stream: TcpStream) {
        if self.tasks.len() >= CONNECTIONS_MAX {
            let limit = CONNECTIONS_MAX;
            tracing::error!(target: "siskin::collect", limit, "too many loggers, one was refused");
            return;
        }
        // Answers are small and awaited; a failure to say so costs time only.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(target: "siskin::collect", %error, "no TCP_NODELAY");
        }
        self.next += 1;
        let me = Owner { id: self.next, replaced: CancellationToken::new() };
        let (register, out) = (Arc::clone(&self.register), self.out.clone());
        let clock = Arc::clone(&self.clock);
        let id = me.id;
        let connection =
            Connection::new(stream, me, Arc::clone(&register), out.clone(), Arc::clone(&clock));
        self.tasks.spawn(async move {
            let talk = AssertUnwindSafe(connection.run()).catch_unwind().await;
            let why = if let Ok(why) = talk {
                why?
            } else {
                tracing::error!(target: "siskin::collect", "a logger's task panicked");
                words::gone(&words::ended())
            };
            let taken = register.ended(id, &why, clock());
            out.readings(taken.readings, None).await?;
            out.health(taken.health).await
        });
    }
}
