//! The way of a stream through the history: hour by hour, in each hour channel by channel.
//!
//! Must never read more at once than a piece may hold, and never count what did not go out.

use std::num::NonZeroUsize;

use siskin_model::{ChannelId, Timestamp};

use super::lines::Form;
use crate::backend::{Backend, BackendError};
use crate::contract::{RecordLineView, RecordsCountView, RecordsEndView, TrimmedView};

/// A piece is sent once it has this many bytes.
const PIECE_BYTES: usize = 256 * 1024;
/// Readings of one question; with it a piece stays under 2 MB.
const READINGS_MAX: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();
/// Questions of one piece: a long silence is walked through in many short turns.
const QUESTIONS_MAX: usize = 256;
const HOUR_MS: i64 = 3_600_000;

/// Where a stream is.
#[derive(Debug)]
pub(super) struct Walk {
    channels: Vec<(ChannelId, RecordsCountView)>,
    /// The channel that is next.
    at: usize,
    /// What is next of it.
    begin: Timestamp,
    /// Begin of the part of the present hour that was asked for.
    hour: Timestamp,
    to: Timestamp,
    form: Form,
}

/// A piece of the stream.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) bytes: Vec<u8>,
    pub(super) is_last: bool,
}

impl Walk {
    pub(super) fn new(
        channels: Vec<(ChannelId, String)>,
        from: Timestamp,
        to: Timestamp,
        form: Form,
    ) -> Self {
        let count = |(id, unit): (ChannelId, String)| {
            let count = RecordsCountView {
                channel: id.to_string(),
                unit,
                readings: 0,
                trimmed: Vec::new(),
            };
            (id, count)
        };
        let channels = channels.into_iter().map(count).collect();
        Self { channels, at: 0, begin: from, hour: from, to, form }
    }

    pub(super) fn form(&self) -> Form {
        self.form
    }

    /// The next piece; with the last reading comes the line that says that these were all.
    pub(super) fn piece(&mut self, backend: &dyn Backend) -> Result<Piece, BackendError> {
        let mut bytes = Vec::new();
        for _ in 0..QUESTIONS_MAX {
            if self.is_over() {
                let written = self.form.end(&mut bytes, &self.end());
                written.map_err(|e| BackendError::Unavailable(e.to_string()))?;
                return Ok(Piece { bytes, is_last: true });
            }
            self.ask(backend, &mut bytes)?;
            if bytes.len() >= PIECE_BYTES {
                break;
            }
        }
        Ok(Piece { bytes, is_last: false })
    }

    /// What the last line says when these were all.
    pub(super) fn end(&self) -> RecordsEndView {
        let channels: Vec<_> = self.channels.iter().map(|(_, count)| count.clone()).collect();
        let readings = channels.iter().map(|count| count.readings).sum();
        RecordsEndView { complete: true, readings, channels, error: None }
    }

    fn is_over(&self) -> bool {
        self.hour >= self.to || self.channels.is_empty()
    }

    fn ask(&mut self, backend: &dyn Backend, out: &mut Vec<u8>) -> Result<(), BackendError> {
        let hour_end = hour_end(self.hour).min(self.to);
        let Some((id, count)) = self.channels.get_mut(self.at) else {
            (self.at, self.hour, self.begin) = (0, hour_end, hour_end);
            return Ok(());
        };
        let page = backend.records(id, self.begin, hour_end, READINGS_MAX)?;
        let channel = count.channel.clone();
        for record in page.records {
            let line = RecordLineView { channel: channel.clone(), record };
            let written = self.form.reading(out, &line);
            written.map_err(|e| BackendError::Unavailable(e.to_string()))?;
            count.readings += 1;
        }
        join(&mut count.trimmed, page.trimmed);
        (self.at, self.begin) = page.next_after_ms.map_or((self.at + 1, self.hour), |after_ms| {
            (self.at, Timestamp::from_millis(after_ms).plus_ms(1))
        });
        Ok(())
    }
}

/// Adds spans that are not before those that are there; what touches becomes one.
fn join(spans: &mut Vec<TrimmedView>, more: Vec<TrimmedView>) {
    for span in more {
        match spans.last_mut() {
            Some(last) if span.from_ms <= last.to_ms => last.to_ms = last.to_ms.max(span.to_ms),
            _ => spans.push(span),
        }
    }
}

fn hour_end(at: Timestamp) -> Timestamp {
    let ms = at.as_millis();
    Timestamp::from_millis(ms.saturating_sub(ms.rem_euclid(HOUR_MS)).saturating_add(HOUR_MS))
}
