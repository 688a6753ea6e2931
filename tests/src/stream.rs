//! A reader of the live stream (server-sent events) that never waits without a deadline.

use std::io::{BufRead, BufReader, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::Value;

/// Events that may wait to be read; then the reader waits.
const EVENTS_WAITING_MAX: usize = 4096;
/// Events that a failure shows.
const EVENTS_SHOWN_MAX: usize = 12;

/// One event of the stream.
#[derive(Debug, Clone)]
pub struct Event {
    /// `hello`, `warning`, `alarm`, `readings`, `health`, `heartbeat` or `reset`.
    pub name: String,
    /// Its place in the ledger, where it has one.
    pub id: Option<u64>,
    /// What it says.
    pub data: Value,
    /// When it was read, by the machine's clock.
    pub read_at_ms: f64,
}

impl Event {
    /// The value of `channel` in a `readings` event.
    pub fn reading(&self, channel: &str) -> Option<&Value> {
        let values = self.data.as_array().filter(|_| self.name == "readings")?;
        values.iter().find(|value| value["channel"] == channel)
    }
}

/// An open stream.
#[derive(Debug)]
pub struct Stream {
    events: Receiver<Event>,
}

impl Stream {
    /// Reads `body` in the background until it ends or the stream is dropped.
    pub(crate) fn new(body: impl Read + Send + 'static) -> Self {
        let (sender, events) = sync_channel(EVENTS_WAITING_MAX);
        thread::spawn(move || read(body, &sender));
        Self { events }
    }

    /// The next event before `deadline`; the end of the stream is a failure.
    pub fn next(&mut self, deadline: Instant) -> Result<Event> {
        let left = deadline.saturating_duration_since(Instant::now());
        Ok(self.events.recv_timeout(left)?)
    }

    /// The first thing that `find` finds in an event; `what` is awaited for at most `limit`.
    pub fn until<T>(
        &mut self,
        what: &str,
        limit: Duration,
        mut find: impl FnMut(&Event) -> Option<T>,
    ) -> Result<T> {
        let deadline = Instant::now() + limit;
        let mut seen: Vec<String> = Vec::new();
        loop {
            let event = self.next(deadline).with_context(|| {
                let last = seen.iter().rev().take(EVENTS_SHOWN_MAX).rev();
                let last: Vec<_> = last.map(String::as_str).collect();
                format!("not within {limit:?}: {what}; last events:\n{}", last.join("\n"))
            })?;
            if let Some(found) = find(&event) {
                return Ok(found);
            }
            seen.push(format!("{} {:?} {}", event.name, event.id, event.data));
        }
    }

    /// Every event that has come until now.
    pub fn pending(&mut self) -> Vec<Event> {
        self.events.try_iter().collect()
    }

    /// Every event up to the end of the stream.
    pub fn rest(self) -> Vec<Event> {
        self.events.into_iter().collect()
    }
}

/// Lines `event:`, `id:` and `data:` up to an empty line are one event; others are left out.
fn read(body: impl Read, to: &SyncSender<Event>) {
    let (mut name, mut id, mut data) = (String::new(), None, String::new());
    for line in BufReader::new(body).lines() {
        let Ok(line) = line else { return };
        match line.split_once(':') {
            Some(("event", text)) => text.trim().clone_into(&mut name),
            Some(("id", text)) => id = text.trim().parse().ok(),
            Some(("data", text)) => data.push_str(text.trim()),
            _ if line.is_empty() && !name.is_empty() => {
                let event = Event {
                    name: std::mem::take(&mut name),
                    id: id.take(),
                    data: serde_json::from_str(&data).unwrap_or(Value::String(data)),
                    read_at_ms: crate::moment::now_exact_ms(),
                };
                data = String::new();
                if to.send(event).is_err() {
                    return;
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_read_as_written() {
        let text = ": note\nretry: 1000\n\nevent: hello\ndata: {\"seq\":3}\n\nevent: warning\n\
                    id: 4\ndata: {\"change\":\"raised\"}\n\n";
        let mut events = Stream::new(text.as_bytes()).rest().into_iter();
        let hello = events.next().unwrap();
        assert_eq!((hello.name.as_str(), hello.id), ("hello", None));
        assert_eq!(hello.data["seq"], 3);
        let warning = events.next().unwrap();
        assert_eq!((warning.name.as_str(), warning.id), ("warning", Some(4)));
        assert_eq!(warning.data["change"], "raised");
        assert!(events.next().is_none());
    }
}
