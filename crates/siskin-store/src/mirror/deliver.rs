//! Lines to one target, until it has accepted or refused each of them.
//!
//! A target that is down, slow or busy is asked again, later and later. One that lets nobody in is
//! asked again slowly and loudly. A line that it refuses is found by halving and handed back; the
//! others go on (invariants 6 and 8). Where it refuses everything, the fault is not in the lines:
//! then none of them is given up.

use std::ops::Range;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::book::RefusedLine;
use super::health::{HealthCell, MirrorState};
use super::lines::Lines;

/// Lines of one request at first. An answer of 413 halves it until the next start.
pub const LINES_MAX: usize = 5_000;
/// The first wait after a failure; doubled after each further one.
const RETRY_FIRST: Duration = Duration::from_millis(500);
/// The longest wait after a failure.
const RETRY_MAX: Duration = Duration::from_secs(30);
/// How long to wait where waiting alone does not help: somebody must act.
const BLOCKED_WAIT: Duration = Duration::from_secs(10);
/// So many lines refused one after another, and none accepted before, are no bad lines: a field has
/// another type in the bucket, or the target speaks another protocol.
const REFUSED_IN_A_ROW_MAX: usize = 64;

/// What a target said to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It has all lines.
    Accepted,
    /// It does not want at least one of the lines.
    Refused(String),
    /// It has what is younger than it keeps, and dropped the rest.
    TooOld(String),
    /// The request is too large for it.
    TooLarge(String),
    /// It may take the request later.
    Later(String),
    /// It will not take any request before somebody acts.
    Blocked(String),
}

impl Answer {
    /// The answer that a status other than 204 is.
    pub(crate) fn of_status(status: u16, text: &str) -> Self {
        let why = format!("HTTP {status}: {text}");
        match status {
            // InfluxDB 2 writes the other points and names those it dropped.
            400 | 422 if text.contains("beyond retention policy") => Self::TooOld(why),
            400 | 422 => Self::Refused(why),
            413 => Self::TooLarge(why),
            408 | 425 | 429 | 500..=599 => Self::Later(why),
            // 401, 403: the token. 404: the bucket, or no such address. All others, redirects and
            // 200 among them, come from something that is not the write address of a target.
            _ => Self::Blocked(why),
        }
    }
}

/// Where lines are written to.
pub(crate) trait Writer {
    /// One request.
    async fn write(&mut self, body: &str) -> Answer;
}

/// The station stops; what was not accepted stays where it was.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Stopped;

/// What became of lines that were delivered.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Delivered {
    /// Lines that the target did not take.
    pub(crate) refused: Vec<RefusedLine>,
}

/// Delivers to one target.
#[derive(Debug)]
pub(crate) struct Deliverer<W> {
    writer: W,
    name: String,
    lines_max: usize,
    health: HealthCell,
    stop: CancellationToken,
}

impl<W: Writer> Deliverer<W> {
    pub(crate) fn new(
        writer: W,
        name: &str,
        health: &HealthCell,
        stop: &CancellationToken,
    ) -> Self {
        let (health, stop) = (health.clone(), stop.clone());
        Self { writer, name: name.to_owned(), lines_max: LINES_MAX, health, stop }
    }

    /// Returns when every line was accepted or refused, in order; a line that is sent again after
    /// a later one is sent again with all that follow it.
    pub(crate) async fn deliver(&mut self, lines: &Lines) -> Result<Delivered, Stopped> {
        let impossible = lines
            .impossible
            .iter()
            .map(|(line, reason)| RefusedLine { line: line.clone(), reason: (*reason).to_owned() });
        let mut refused: Vec<RefusedLine> = impossible.collect();
        loop {
            match self.attempt(lines).await? {
                Ok(more) => {
                    refused.extend(more);
                    return Ok(Delivered { refused });
                }
                Err(why) => self.wait_blocked(why).await?,
            }
        }
    }

    /// The refused lines; or why all were refused, when nothing of them counts.
    async fn attempt(
        &mut self,
        lines: &Lines,
    ) -> Result<Result<Vec<RefusedLine>, String>, Stopped> {
        let (mut refused, mut in_a_row, mut is_any_accepted) = (Vec::new(), 0, false);
        let mut open: Vec<_> = std::iter::once(0..lines.len()).collect();
        while let Some(range) = open.pop() {
            let first = range.start..range.end.min(range.start.saturating_add(self.lines_max));
            if first.end < range.end {
                open.push(first.end..range.end);
            }
            if first.is_empty() {
                continue;
            }
            let body = lines.of(&first);
            match self.send(body).await? {
                Answer::Refused(_) if first.len() > 1 => halve(&first, &mut open),
                Answer::TooLarge(_) if first.len() > 1 => {
                    self.lines_max = first.len().div_ceil(2);
                    open.push(first);
                }
                Answer::TooLarge(why) => {
                    // No line is too long for a sound target: something before it is set wrongly.
                    self.wait_blocked(why).await?;
                    open.push(first);
                }
                Answer::Refused(reason) => {
                    in_a_row += 1;
                    if in_a_row >= REFUSED_IN_A_ROW_MAX && !is_any_accepted {
                        return Ok(Err(reason));
                    }
                    refused.push(RefusedLine { line: body.trim_end().to_owned(), reason });
                }
                Answer::TooOld(reason) => {
                    is_any_accepted = true;
                    self.note_too_old(&first, &reason);
                }
                _ => {
                    is_any_accepted = true;
                    self.health.edit(|health| health.lines_accepted += first.len() as u64);
                }
            }
        }
        Ok(Ok(refused))
    }

    fn note_too_old(&self, range: &Range<usize>, reason: &str) {
        let lines = range.len();
        tracing::warn!(mirror = self.name, lines, reason, "older than the target keeps");
        self.health.edit(|health| health.requests_too_old += 1);
    }

    /// Sends a request until the target has decided.
    async fn send(&mut self, body: &str) -> Result<Answer, Stopped> {
        let mut wait = RETRY_FIRST;
        loop {
            let answer = tokio::select! {
                answer = self.writer.write(body) => answer,
                () = self.stop.cancelled() => return Err(Stopped),
            };
            match answer {
                Answer::Later(why) => {
                    self.health.failed(&self.name, MirrorState::Retrying, &why);
                    self.wait(wait).await?;
                    wait = RETRY_MAX.min(wait * 2);
                }
                Answer::Blocked(why) => self.wait_blocked(why).await?,
                decided => {
                    self.health.answered(&self.name);
                    return Ok(decided);
                }
            }
        }
    }

    async fn wait_blocked(&self, why: String) -> Result<(), Stopped> {
        self.health.failed(&self.name, MirrorState::Blocked, &why);
        self.wait(BLOCKED_WAIT).await
    }

    async fn wait(&self, time: Duration) -> Result<(), Stopped> {
        tokio::select! {
            () = tokio::time::sleep(time) => Ok(()),
            () = self.stop.cancelled() => Err(Stopped),
        }
    }
}

/// The first half is the next one.
fn halve(range: &Range<usize>, open: &mut Vec<Range<usize>>) {
    let middle = range.start + range.len() / 2;
    open.extend([middle..range.end, range.start..middle]);
}

#[cfg(test)]
mod tests;
