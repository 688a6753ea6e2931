//! One bureau: its owner, who starts it again; its messages, made as their time comes; its
//! connection, made again with growing waits.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use siskin_model::uplink::Uplink;
use siskin_model::{Text, Timestamp};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::{MissedTickBehavior, timeout};
use tokio_util::sync::CancellationToken;

use super::Clock;
use super::desk::{Desk, DeskFault};
use super::produce::Maker;
use super::session::{self, Ended};
use super::standing::Standing;
use super::status::{UplinkLink, UplinkStatus, unanswered_ms};

/// The wait before a line that broke is started again.
const RESTART_WAIT: Duration = Duration::from_secs(5);
/// How often it is looked for what is due.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Looks between two times that old messages are deleted.
const LOOKS_A_TRIM: u32 = 60;
/// Messages that are deleted at once.
const TRIM_MAX: u32 = 5000;
/// Messages that have ended are kept for so long.
const KEPT_MS: i64 = 90 * 86_400_000;
/// How long a connection may take.
const CONNECT_MAX: Duration = Duration::from_secs(10);

/// A bureau's uplink.
pub(super) struct Line {
    pub(super) uplink: Uplink,
    pub(super) desk: Arc<dyn Desk>,
    pub(super) clock: Clock,
    pub(super) utc_offset_s: i32,
    /// Messages are in the book, or settings are others.
    pub(super) news: Notify,
    status: Mutex<UplinkStatus>,
}

impl Line {
    pub(super) fn new(
        uplink: Uplink,
        desk: Arc<dyn Desk>,
        clock: Clock,
        utc_offset_s: i32,
    ) -> Self {
        let status = Mutex::new(UplinkStatus::new(&uplink, clock()));
        Self { uplink, desk, clock, utc_offset_s, news: Notify::new(), status }
    }

    /// How it is, with the book's counts.
    pub(super) fn status(&self) -> UplinkStatus {
        let summary = self.desk.summary(&self.uplink.id).ok();
        UplinkStatus { summary, ..self.shown().clone() }
    }

    /// What is shown of it.
    pub(super) fn shown(&self) -> MutexGuard<'_, UplinkStatus> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// What counts now; shown too.
    pub(super) fn standing(&self) -> Result<Standing, DeskFault> {
        let standing = Standing::of(&self.uplink, &*self.desk)?;
        let mut shown = self.shown();
        shown.intervals = standing.intervals;
        shown.patience = standing.patience;
        shown.real_time_stopped = standing.real_time_stopped;
        shown.set_by_centre.clone_from(&standing.set_by_centre);
        Ok(standing)
    }

    pub(super) fn maker<'a>(&'a self, standing: &Standing) -> Maker<'a> {
        Maker {
            uplink: &self.uplink,
            intervals: standing.intervals,
            desk: &*self.desk,
            utc_offset_s: self.utc_offset_s,
        }
    }
}

/// Work that blocks on a disk, off the async threads.
pub(super) async fn off<T: Send + 'static>(
    line: &Arc<Line>,
    work: impl FnOnce(&Line) -> Result<T, DeskFault> + Send + 'static,
) -> Result<T, DeskFault> {
    let line = Arc::clone(line);
    let done = tokio::task::spawn_blocking(move || work(&line)).await;
    done.unwrap_or_else(|_| Err(DeskFault("the work for an uplink panicked".to_owned())))
}

/// Runs a bureau until `stop`, again and again where it breaks.
pub(super) async fn keep(line: Arc<Line>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let ended = tokio::spawn(run(Arc::clone(&line), stop.clone())).await;
        let why = match ended {
            Ok(Ok(())) => continue,
            Ok(Err(fault)) => Text::new(fault.to_string(), fault.to_string()),
            Err(_) => Text::new(
                "上传任务内部出错，已重新启动；请连同日志一起上报",
                "its task failed inside and was started again; hint: report this with the log",
            ),
        };
        tracing::error!(uplink = line.uplink.id, why = why.en, "an uplink broke");
        {
            let mut shown = line.shown();
            shown.linked(UplinkLink::Waiting, (line.clock)());
            shown.broken = Some(why);
        }
        tokio::select! {
            () = tokio::time::sleep(RESTART_WAIT) => {}
            () = stop.cancelled() => {}
        }
    }
}

/// Both halves; the first that breaks ends the other.
async fn run(line: Arc<Line>, stop: CancellationToken) -> Result<(), DeskFault> {
    off(&line, Line::standing).await?;
    line.shown().broken = None;
    tokio::select! {
        made = makes(Arc::clone(&line), stop.clone()) => made,
        sent = connects(Arc::clone(&line), stop.clone()) => sent,
    }
}

/// Makes messages as their time comes.
async fn makes(line: Arc<Line>, stop: CancellationToken) -> Result<(), DeskFault> {
    let mut looks = tokio::time::interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let (mut look, mut told) = (0u32, false);
    loop {
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            _ = looks.tick() => {}
        }
        let trims = look.is_multiple_of(LOOKS_A_TRIM);
        look = look.wrapping_add(1);
        let made = off(&line, move |line| step(line, trims)).await?;
        if made > 0 {
            line.news.notify_one();
        }
        told = off(&line, move |line| tell_unanswered(line, told)).await?;
    }
}

fn step(line: &Line, trims: bool) -> Result<usize, DeskFault> {
    let now = line.now();
    let standing = line.standing()?;
    if trims {
        line.desk.trim(&line.uplink.id, now.plus_ms(-KEPT_MS), TRIM_MAX)?;
    }
    line.maker(&standing).due(standing.real_time_stopped, now)
}

/// Once for each time that answers stay away, and once when they come again.
fn tell_unanswered(line: &Line, told: bool) -> Result<bool, DeskFault> {
    let status = line.status();
    let waited_ms = unanswered_ms(&status, line.now());
    let is_late = waited_ms > line.uplink.unanswered_max_ms;
    if is_late == told {
        return Ok(told);
    }
    let id = line.uplink.id.as_str();
    let act = if is_late { "uplink.unanswered" } else { "uplink.answered" };
    let open = status.summary.map_or(0, |summary| summary.open);
    tracing::warn!(uplink = id, waited_ms, open, act, "answers of a bureau");
    let told = [("waited_ms", waited_ms.to_string()), ("open", open.to_string())];
    line.desk.audit(id, act, &told)?;
    Ok(is_late)
}

/// Connects, speaks, waits.
async fn connects(line: Arc<Line>, stop: CancellationToken) -> Result<(), DeskFault> {
    let (min_ms, max_ms) =
        (line.uplink.patience.backoff_min_ms, line.uplink.patience.backoff_max_ms);
    let mut wait_ms = min_ms;
    loop {
        // Before the first connection too: a station that was killed has left some.
        off(&line, |line| {
            let why = "the connection ended before it was answered: the centre may ask again";
            line.desk.fail_asked(&line.uplink.id, why, line.now())
        })
        .await?;
        line.shown().linked(UplinkLink::Connecting, line.now());
        let address = (line.uplink.host.as_str(), line.uplink.port);
        let connected = tokio::select! {
            () = stop.cancelled() => return Ok(()),
            connected = timeout(CONNECT_MAX, TcpStream::connect(address)) => connected,
        };
        let why = match connected {
            Ok(Ok(stream)) => {
                {
                    let mut shown = line.shown();
                    shown.linked(UplinkLink::Connected, line.now());
                    shown.connections += 1;
                }
                let Ended { why, accepted } = session::run(&line, stream, &stop).await?;
                if accepted {
                    wait_ms = min_ms;
                }
                why
            }
            Ok(Err(error)) => unreachable(&line.uplink, &error.to_string()),
            Err(_) => unreachable(&line.uplink, "no answer to the connection"),
        };
        if stop.is_cancelled() {
            return Ok(());
        }
        tracing::warn!(uplink = line.uplink.id, why = why.en, wait_ms, "no line to a bureau");
        {
            let mut shown = line.shown();
            shown.linked(UplinkLink::Waiting, line.now());
            shown.last_error = Some(why);
        }
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            () = tokio::time::sleep(Duration::from_millis(wait_ms)) => {}
        }
        wait_ms = wait_ms.saturating_mul(2).min(max_ms);
    }
}

fn unreachable(uplink: &Uplink, why: &str) -> Text {
    let (host, port) = (&uplink.host, uplink.port);
    Text::new(
        format!("无法连接 {host}:{port}（{why}）；请检查地址、端口和专线"),
        format!("cannot connect to {host}:{port} ({why}); hint: check address, port and the line"),
    )
}
