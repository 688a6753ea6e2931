//! The task of one line: opens it, polls its devices when the schedule says so, drops it at the
//! first doubt.

use std::time::Duration;

use siskin_model::{Text, Timestamp};
use siskin_wire::modbus::{Answer, Request};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, sleep_until, timeout};

use super::device::{Device, Told};
use super::dial::{Address, Dial};
use super::exchange::{Failure, exception_of};
use super::pdu::Said;
use super::schedule::{Job, Rank, Turn, turn};
use super::wire::{Framing, Manner, Wire};
use super::{Line, Priority};
use crate::Clock;
use crate::backoff::Backoff;
use crate::outlet::{Closed, Outlet};
use crate::words::{io_text, no_answer};

/// Tries of one poll: the second only when a connection that had worked was found closed, as
/// devices do with idle ones.
const ATTEMPTS_MAX: u32 = 2;
/// Polls in a row without any answer after which an RTU line is opened again: a TCP line may be
/// half open, a serial adapter may have been plugged anew.
const UNANSWERED_MAX: u32 = 3;
/// Times a poll is begun anew because the device lacks registers it was asked for; the search for
/// them goes on with the next poll.
const REFUSALS_MAX: u32 = 8;
/// The share of the shortest period on a line by which a poll may delay its neighbours.
const SLOW_SHARE: u32 = 20;
/// No poll shorter than this is called slow.
const SLOW_MIN: Duration = Duration::from_millis(50);

/// The exception of an address that does not exist.
const ILLEGAL_ADDRESS: u8 = 2;

/// One line being polled.
pub(crate) struct Endpoint<D: Dial> {
    address: Address,
    devices: Vec<Device>,
    dial: D,
    wire: Wire<D::Stream>,
    /// A poll longer than this is slow.
    slow: Duration,
    /// Polls in a row without any answer.
    unanswered: u32,
    backoff: Backoff,
    priority: Priority,
    /// Urgent polls without another in between.
    urgent_run: u32,
    out: Outlet,
    clock: Clock,
}

/// What a poll became.
enum Polled {
    /// One answer for each request, and the requests that there are no registers for.
    Answered(Vec<Answer>, Vec<Request>),
    Failed(Failure),
}

impl<D: Dial> Endpoint<D> {
    pub(crate) fn new(line: &Line, dial: D, out: Outlet, clock: Clock, priority: Priority) -> Self {
        let silence = line.address.silence();
        let device = |mut spec: super::DeviceSpec| {
            spec.manner.gap = spec.manner.gap.max(silence);
            Device::new(spec)
        };
        let shortest = line.devices.iter().map(|device| device.period).min();
        Self {
            address: line.address.clone(),
            devices: line.devices.iter().cloned().map(device).collect(),
            dial,
            wire: Wire::new(Framing::of(&line.address)),
            slow: SLOW_MIN.max(shortest.unwrap_or_default() / SLOW_SHARE),
            unanswered: 0,
            backoff: Backoff::spread(&line.address.to_string()),
            priority,
            urgent_run: 0,
            out,
            clock,
        }
    }

    /// Polls until the station no longer listens. Dropping the future ends it at once.
    pub(crate) async fn run(mut self) -> Closed {
        loop {
            if let Err(closed) = self.turn().await {
                return closed;
            }
        }
    }

    /// Does what the schedule says now.
    async fn turn(&mut self) -> Result<(), Closed> {
        for device in &mut self.devices {
            device.is_urgent = self.priority.has(device.spec.analyzer);
        }
        let jobs: Vec<Job> = self.devices.iter().map(|device| device.job(self.slow)).collect();
        let turn = turn(&jobs, Instant::now(), self.urgent_run);
        let is_urgent = |index: usize| jobs.get(index).is_some_and(|job| job.rank == Rank::Urgent);
        self.urgent_run = match turn {
            Turn::Poll(index) if is_urgent(index) => self.urgent_run.saturating_add(1),
            _ => 0,
        };
        match turn {
            Turn::Never => Err(Closed),
            Turn::Poll(index) => {
                let patience = self.devices.get(index).map(|device| device.spec.manner.timeout);
                self.serve(index, patience.unwrap_or_default()).await
            }
            Turn::Probe(index, patience) => self.serve(index, patience).await,
            Turn::Wait(moment) => {
                tokio::select! {
                    () = sleep_until(moment) => {}
                    () = self.priority.changed() => {}
                }
                Ok(())
            }
        }
    }

    /// Polls the device at `index`; its first answer is waited for no longer than `patience`.
    async fn serve(&mut self, index: usize, patience: Duration) -> Result<(), Closed> {
        for attempt in 1..=ATTEMPTS_MAX {
            if !self.wire.is_open() && !self.open(index).await? {
                return Ok(());
            }
            let Some(device) = self.devices.get_mut(index) else {
                return Ok(());
            };
            let began = Instant::now().max(self.wire.ready_at());
            let had_worked = self.wire.answered;
            let polled = poll(&mut self.wire, device, patience).await;
            if let Polled::Failed(Failure::Broken(_)) = polled {
                self.wire.close();
                if had_worked && attempt < ATTEMPTS_MAX {
                    continue;
                }
            }
            let now: Timestamp = (self.clock)();
            let told = match polled {
                Polled::Answered(answers, refused) => {
                    let told = device.answered(&answers, now);
                    device.keep(answers, now);
                    device.refused(&refused);
                    device.succeeded(began);
                    self.line_answered();
                    told
                }
                Polled::Failed(failure) => {
                    let told = device.failed(&failure, now);
                    if failure.is_line() || failure.is_silence() {
                        device.was_silent(began, patience);
                    } else {
                        device.succeeded(began);
                    }
                    self.line_failed(&failure, had_worked);
                    told
                }
            };
            return self.tell([told]).await;
        }
        Ok(())
    }

    fn line_answered(&mut self) {
        self.unanswered = 0;
        self.backoff.reset();
    }

    /// What a failure means for the line.
    fn line_failed(&mut self, failure: &Failure, had_worked: bool) {
        if !failure.is_line() {
            self.line_answered();
            return;
        }
        self.unanswered += 1;
        let is_tcp = matches!(self.address, Address::Tcp(..));
        if is_tcp || self.unanswered >= UNANSWERED_MAX {
            self.wire.close();
            self.unanswered = 0;
        }
        // A silent unit may have healthy neighbours, so only its own probes are spread out. A line
        // that breaks before anybody answered is left alone by all.
        if !had_worked && !matches!(failure, Failure::Timeout { .. }) {
            self.hold();
        }
    }

    /// Leaves the whole line alone for a while.
    fn hold(&mut self) {
        let again = Instant::now() + self.backoff.pause();
        for device in &mut self.devices {
            device.hold(again);
        }
    }

    /// Opens the line. When that fails, every device on it is lost and none is asked before the
    /// next try.
    async fn open(&mut self, index: usize) -> Result<bool, Closed> {
        let Some(device) = self.devices.get(index) else {
            return Ok(false);
        };
        let (patience, delay) = (device.spec.manner.timeout, device.spec.connect_delay);
        let why = match timeout(patience, self.dial.dial(&self.address)).await {
            Ok(Ok(stream)) => {
                self.wire.attach(stream, delay);
                return self.opened().await.map(|()| true);
            }
            Ok(Err(error)) => io_text(&error),
            Err(_) => no_answer(patience.as_millis()),
        };
        let why = cannot_open(&self.address, &why);
        let now = (self.clock)();
        let told: Vec<_> = self.devices.iter_mut().map(|d| d.lost(&why, now)).collect();
        self.hold();
        self.tell(told).await.map(|()| false)
    }

    async fn opened(&mut self) -> Result<(), Closed> {
        let now = (self.clock)();
        let devices = self.devices.iter();
        let told: Vec<_> = devices.filter_map(|d| d.spec.health.connected(now)).collect();
        self.out.health(told).await
    }

    async fn tell(&mut self, told: impl IntoIterator<Item = Told>) -> Result<(), Closed> {
        for (readings, health) in told {
            self.out.readings(readings, None).await?;
            self.out.health(health).await?;
        }
        Ok(())
    }
}

/// Polls `device`; where it lacks registers, at once again without them.
async fn poll<S: AsyncRead + AsyncWrite + Unpin>(
    wire: &mut Wire<S>,
    device: &mut Device,
    patience: Duration,
) -> Polled {
    let manner = device.spec.manner;
    let mut patience = patience;
    for _ in 0..REFUSALS_MAX {
        let requests = device.requests();
        match ask_all(wire, manner, patience, &requests).await {
            Polled::Answered(_, refused) if device.refused(&refused) => patience = manner.timeout,
            polled => return polled,
        }
    }
    let requests = device.requests();
    ask_all(wire, manner, manner.timeout, &requests).await
}

/// Sends `requests` one after the other; the first that nobody answers ends the poll. Only the
/// first answer is hurried: whoever gives it is there.
async fn ask_all<S: AsyncRead + AsyncWrite + Unpin>(
    wire: &mut Wire<S>,
    manner: Manner,
    patience: Duration,
    requests: &[Request],
) -> Polled {
    let (mut answers, mut refused) = (Vec::with_capacity(requests.len()), Vec::new());
    let (mut patience, mut said_no) = (patience, None);
    for request in requests {
        match wire.ask(manner, patience, *request).await {
            Ok(Said::Answer(answer)) => answers.push(answer),
            Ok(Said::Exception(code)) => {
                let failure = exception_of(code);
                if failure.is_transient() {
                    return Polled::Failed(failure);
                }
                answers.push(Answer::Nothing(failure.text()));
                if code == ILLEGAL_ADDRESS {
                    refused.push(*request);
                }
                said_no = Some(failure);
            }
            Err(failure) => return Polled::Failed(failure),
        }
        patience = manner.timeout;
    }
    let is_mute = answers.iter().all(|answer| matches!(answer, Answer::Nothing(_)));
    match said_no.filter(|_| is_mute && refused.is_empty()) {
        Some(failure) => Polled::Failed(failure),
        None => Polled::Answered(answers, refused),
    }
}

/// Why a line could not be opened, for people.
pub(crate) fn cannot_open(address: &Address, Text { zh, en }: &Text) -> Text {
    if matches!(address, Address::Serial(_)) {
        return Text::new(
            format!("无法打开串口 {address}（{zh}）；请检查接线和访问权限"),
            format!("cannot open {address}: {en}; hint: check the adapter and who may open it"),
        );
    }
    Text::new(
        format!("无法连接 {address}（{zh}）；请检查地址和供电"),
        format!("cannot connect to {address}: {en}; hint: check address and power"),
    )
}
