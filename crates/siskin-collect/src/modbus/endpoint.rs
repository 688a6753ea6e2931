//! The task of one address: opens the connection, polls its devices in turn, drops the connection
//! at the first doubt.

use siskin_model::{Text, Timestamp};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_modbus::client::tcp;
use tokio_modbus::slave::Slave;

use super::Line;
use super::device::{Device, Told};
use super::dial::Dial;
use super::exchange::{Failure, Wire};
use crate::Clock;
use crate::backoff::Backoff;
use crate::outlet::{Closed, Outlet};
use crate::words::{io_text, no_answer};

/// Tries of one poll: the second only when a connection that had worked was found closed, as
/// devices do with idle ones.
const ATTEMPTS_MAX: u32 = 2;

/// One address being polled.
pub(crate) struct Endpoint<D> {
    host: String,
    port: u16,
    devices: Vec<Device>,
    dial: D,
    wire: Option<Wire>,
    backoff: Backoff,
    out: Outlet,
    clock: Clock,
}

impl<D: Dial> Endpoint<D> {
    pub(crate) fn new(line: &Line, dial: D, out: Outlet, clock: Clock) -> Self {
        Self {
            host: line.host.clone(),
            port: line.port,
            devices: line.devices.iter().cloned().map(Device::new).collect(),
            dial,
            wire: None,
            backoff: Backoff::new(),
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

    /// Waits for the device that is due first and polls it.
    async fn turn(&mut self) -> Result<(), Closed> {
        let due = self.devices.iter().enumerate().min_by_key(|(_, d)| d.due);
        let Some((index, due)) = due.map(|(index, device)| (index, device.due)) else {
            return Err(Closed);
        };
        sleep_until(due).await;
        for attempt in 1..=ATTEMPTS_MAX {
            if self.wire.is_none() && !self.open(index).await? {
                return Ok(());
            }
            let Some(failure) = self.poll(index).await? else {
                return Ok(());
            };
            let had_worked = self.wire.take().is_some_and(|wire| wire.answered);
            let idle_close = had_worked && matches!(failure, Failure::Broken(_));
            if idle_close && attempt < ATTEMPTS_MAX {
                continue;
            }
            self.give_up(index, &failure, had_worked).await?;
            return Ok(());
        }
        Ok(())
    }

    /// Opens the connection. When that fails, every device of the address is lost and none is
    /// asked before the next try.
    async fn open(&mut self, index: usize) -> Result<bool, Closed> {
        let Some(device) = self.devices.get(index) else {
            return Ok(false);
        };
        let (patience, delay) = (device.spec.manner.timeout, device.spec.connect_delay);
        let why = match timeout(patience, self.dial.dial(&self.host, self.port)).await {
            Ok(Ok(stream)) => {
                let context = tcp::attach_slave(stream, Slave(0));
                self.wire = Some(Wire::new(context, delay));
                return self.opened().await.map(|()| true);
            }
            Ok(Err(error)) => io_text(&error),
            Err(_) => no_answer(patience.as_millis()),
        };
        let (host, port, Text { zh, en }) = (&self.host, self.port, why);
        let why = Text::new(
            format!("无法连接 {host}:{port}（{zh}）；请检查地址和供电"),
            format!("cannot connect to {host}:{port}: {en}; hint: check address and power"),
        );
        let again = Instant::now() + self.backoff.pause();
        let now = (self.clock)();
        let told: Vec<_> = self.devices.iter_mut().map(|d| d.lost(&why, now)).collect();
        for device in &mut self.devices {
            device.due = device.due.max(again);
        }
        self.tell(told).await.map(|()| false)
    }

    async fn opened(&mut self) -> Result<(), Closed> {
        let now = (self.clock)();
        let devices = self.devices.iter();
        let told: Vec<_> = devices.filter_map(|d| d.spec.health.connected(now)).collect();
        self.out.health(told).await
    }

    /// Polls the device at `index` on the open connection; gives the failure that makes the
    /// connection useless.
    async fn poll(&mut self, index: usize) -> Result<Option<Failure>, Closed> {
        let (Some(wire), Some(device)) = (&mut self.wire, self.devices.get_mut(index)) else {
            return Ok(None);
        };
        let polled = wire.poll(device.spec.manner, device.plan().requests()).await;
        let now: Timestamp = (self.clock)();
        let told = match polled {
            Ok(answers) => device.answered(&answers, now),
            Err(failure) if failure.is_line() => return Ok(Some(failure)),
            Err(failure) => device.failed(&failure, now),
        };
        device.schedule();
        self.backoff.reset();
        self.tell([told]).await.map(|()| None)
    }

    /// After a failure that cost the connection.
    async fn give_up(
        &mut self,
        index: usize,
        failure: &Failure,
        had_worked: bool,
    ) -> Result<(), Closed> {
        let now = (self.clock)();
        let Some(device) = self.devices.get_mut(index) else {
            return Ok(());
        };
        let told = device.failed(failure, now);
        device.put_off();
        // A silent unit may have healthy neighbours, so only its own probes are spread out. A line
        // that breaks before anybody answered is left alone by all.
        if !had_worked && !matches!(failure, Failure::Timeout(_)) {
            let again = Instant::now() + self.backoff.pause();
            for device in &mut self.devices {
                device.due = device.due.max(again);
            }
        }
        self.tell([told]).await
    }

    async fn tell(&mut self, told: impl IntoIterator<Item = Told>) -> Result<(), Closed> {
        for (readings, health) in told {
            self.out.readings(readings, None).await?;
            self.out.health(health).await?;
        }
        Ok(())
    }
}
