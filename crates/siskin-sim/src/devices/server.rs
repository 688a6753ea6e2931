//! One Modbus TCP device: a port on loopback, answering from the latest snapshot.
//!
//! A dead device keeps its connections open and never answers. Nothing can be written. What a
//! client does wrong is answered by an exception and never ends the device.

use std::future::{Ready, ready};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use siskin_model::AnalyzerId;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_modbus::server::Service;
use tokio_modbus::server::tcp::Server;
use tokio_modbus::{ExceptionCode, Request, Response, SlaveRequest};
use tokio_util::sync::CancellationToken;

use super::{Face, Model};
use crate::scenario::DeviceState;

/// Connections a device serves at a time; more are closed at once, as small devices do.
const CONNECTIONS_MAX: usize = 8;
/// Registers of one request, by the Modbus specification.
const REGISTERS_MAX: u16 = 125;
/// Bits of one request, by the Modbus specification.
const BITS_MAX: u16 = 2000;
/// Wait before listening again after accepting has failed (no free file descriptor).
const LISTEN_AGAIN: Duration = Duration::from_millis(200);

/// What a device is made of.
pub(crate) struct Device {
    pub(crate) id: AnalyzerId,
    pub(crate) model: Model,
    pub(crate) unit: u8,
    /// What it shows now.
    pub(crate) face: Box<dyn Fn() -> Face + Send + Sync>,
}

/// One connection of a device. Its place is free again when this is dropped.
struct Session {
    device: Arc<Device>,
    _place: OwnedSemaphorePermit,
}

/// Serves `device` at `listener` until `stop`.
pub(crate) async fn serve(device: Device, listener: TcpListener, stop: CancellationToken) {
    let device = Arc::new(device);
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let server = Server::new(listener);
    let on_connected = |stream: TcpStream, from: SocketAddr| {
        let place = Arc::clone(&places).try_acquire_owned().ok();
        if place.is_none() {
            let analyzer = &device.id;
            tracing::warn!(target: "siskin_sim", %analyzer, %from, "all places are taken");
        }
        let session = place.map(|place| Session { device: Arc::clone(&device), _place: place });
        ready(Ok(session.map(|session| (session, stream))))
    };
    let on_error = |error| tracing::debug!(target: "siskin_sim", %error, "a connection ended");
    let serve_on = async {
        loop {
            let ended = server.serve(&on_connected, on_error).await;
            tracing::warn!(target: "siskin_sim", analyzer = %device.id, ?ended, "cannot accept");
            tokio::time::sleep(LISTEN_AGAIN).await;
        }
    };
    stop.run_until_cancelled(serve_on).await;
}

impl Service for Session {
    type Request = SlaveRequest<'static>;
    type Response = Option<Response>;
    type Exception = ExceptionCode;
    type Future = Ready<Result<Option<Response>, ExceptionCode>>;

    fn call(&self, request: Self::Request) -> Self::Future {
        let face = (self.device.face)();
        if face.state == DeviceState::Dead {
            return ready(Ok(None));
        }
        if request.slave != self.device.unit {
            // Nobody with that address on this line.
            return ready(Err(ExceptionCode::GatewayTargetDevice));
        }
        ready(self.device.answer(&face, &request.request).map(Some))
    }
}

impl Device {
    fn answer(&self, face: &Face, request: &Request<'_>) -> Result<Response, ExceptionCode> {
        let map = self.model.registers(face);
        let absent = ExceptionCode::IllegalDataAddress;
        match *request {
            Request::ReadDiscreteInputs(address, count) => {
                within(count, BITS_MAX)?;
                let bits = map.discrete.read(address, count).ok_or(absent)?;
                Ok(Response::ReadDiscreteInputs(bits))
            }
            Request::ReadHoldingRegisters(address, count) => {
                within(count, REGISTERS_MAX)?;
                let words = map.holding.read(address, count).ok_or(absent)?;
                Ok(Response::ReadHoldingRegisters(words))
            }
            Request::ReadInputRegisters(address, count) => {
                within(count, REGISTERS_MAX)?;
                let words = map.input.read(address, count).ok_or(absent)?;
                Ok(Response::ReadInputRegisters(words))
            }
            _ => Err(ExceptionCode::IllegalFunction),
        }
    }
}

fn within(count: u16, most: u16) -> Result<(), ExceptionCode> {
    if (1..=most).contains(&count) { Ok(()) } else { Err(ExceptionCode::IllegalDataValue) }
}
