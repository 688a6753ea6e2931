//! One poll of one device on an open connection, and the words for what can go wrong.

use std::io;
use std::time::Duration;

use siskin_wire::modbus::{Answer, Request};
use siskin_wire::profile::ReadFunction;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_modbus::client::{Client, Context};
use tokio_modbus::slave::{Slave, SlaveContext};
use tokio_modbus::{Error, ExceptionCode, Request as Call, Response};

/// Why a poll gave no answers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    /// Nothing came in time.
    #[error("no answer within {0} ms; hint: check unit id, power and cable of the device")]
    Timeout(u128),
    /// The connection broke.
    #[error("the connection broke: {0}; hint: look at the network or the gateway")]
    Broken(String),
    /// Something came that is no answer to the request.
    #[error("the answer does not belong to the request: {0}; hint: is another master connected?")]
    Mismatch(String),
    /// The device answered that it cannot.
    #[error("the device answered with exception {code} ({name}); hint: {hint}")]
    Exception { code: u8, name: &'static str, hint: &'static str },
}

impl Failure {
    /// Whether the connection can no longer be trusted.
    pub(crate) const fn is_line(&self) -> bool {
        !matches!(self, Self::Exception { .. })
    }

    /// Whether the device may be asked again soon: the exceptions of busy devices and of gateways
    /// whose device is silent.
    pub(crate) const fn is_transient(&self) -> bool {
        matches!(self, Self::Exception { code: 5 | 6 | 10 | 11, .. })
    }
}

/// An open connection.
pub(crate) struct Wire {
    context: Context,
    /// Whether anything was answered on it.
    pub(crate) answered: bool,
    /// No request before this moment.
    quiet_until: Instant,
}

/// How one device wants to be asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manner {
    pub(crate) unit: u8,
    pub(crate) timeout: Duration,
    pub(crate) gap: Duration,
}

impl Wire {
    pub(crate) fn new(context: Context, connect_delay: Duration) -> Self {
        Self { context, answered: false, quiet_until: Instant::now() + connect_delay }
    }

    /// Sends `requests` one after the other; the first failure ends the poll.
    pub(crate) async fn poll(
        &mut self,
        manner: Manner,
        requests: &[Request],
    ) -> Result<Vec<Answer>, Failure> {
        self.context.set_slave(Slave(manner.unit));
        let mut answers = Vec::with_capacity(requests.len());
        for request in requests {
            sleep_until(self.quiet_until).await;
            let answer = self.ask(manner.timeout, *request).await;
            self.quiet_until = Instant::now() + manner.gap;
            self.answered |= answer.as_ref().map_or_else(|f| !f.is_line(), |_| true);
            answers.push(answer?);
        }
        Ok(answers)
    }

    async fn ask(&mut self, patience: Duration, request: Request) -> Result<Answer, Failure> {
        let (addr, len) = (request.addr, request.len);
        let asked = match request.fc {
            ReadFunction::Coils => Call::ReadCoils(addr, len),
            ReadFunction::DiscreteInputs => Call::ReadDiscreteInputs(addr, len),
            ReadFunction::HoldingRegisters => Call::ReadHoldingRegisters(addr, len),
            ReadFunction::InputRegisters => Call::ReadInputRegisters(addr, len),
        };
        match timeout(patience, self.context.call(asked)).await {
            Err(_) => Err(Failure::Timeout(patience.as_millis())),
            Ok(Ok(Ok(response))) => answer_of(response, len),
            Ok(Ok(Err(exception))) => Err(exception_of(exception)),
            Ok(Err(error)) => Err(failure_of(&error)),
        }
    }
}

/// The library's own readers panic in debug builds when a device sends too few registers, so the
/// answer is opened here; how many there are is checked when it is decoded.
fn answer_of(response: Response, len: u16) -> Result<Answer, Failure> {
    match response {
        Response::ReadCoils(mut bits) | Response::ReadDiscreteInputs(mut bits) => {
            // Bits come in whole bytes.
            bits.truncate(usize::from(len));
            Ok(Answer::Bits(bits))
        }
        Response::ReadHoldingRegisters(words) | Response::ReadInputRegisters(words) => {
            Ok(Answer::Registers(words))
        }
        other => Err(Failure::Mismatch(format!("{other:?}"))),
    }
}

fn failure_of(error: &Error) -> Failure {
    match error {
        Error::Transport(error) if error.kind() == io::ErrorKind::InvalidData => {
            Failure::Mismatch(error.to_string())
        }
        // The library reports the end of the stream as whatever the last system error was.
        Error::Transport(error)
            if error.raw_os_error() == Some(0) || error.kind() == io::ErrorKind::WouldBlock =>
        {
            Failure::Broken("the device closed it".into())
        }
        Error::Transport(error) => Failure::Broken(error.to_string()),
        Error::Protocol(error) => Failure::Mismatch(error.to_string()),
    }
}

fn exception_of(exception: ExceptionCode) -> Failure {
    let (name, hint) = match u8::from(exception) {
        1 => ("illegal function", "compare the model with its profile"),
        2 => ("illegal data address", "compare the model with its profile"),
        3 => ("illegal data value", "lower `limits.max_regs` of the profile"),
        4 => ("device failure", "look at the device, or check its unit id"),
        5 => ("acknowledge", "the device is busy; it is asked again"),
        6 => ("device busy", "is another master connected?"),
        8 => ("memory parity error", "look at the device"),
        10 => ("gateway path unavailable", "look at the gateway's settings"),
        11 => ("gateway target silent", "check unit id, power and cable of the device"),
        _ => ("unknown", "look it up in the device's manual"),
    };
    Failure::Exception { code: exception.into(), name, hint }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_beyond_those_asked_for_are_padding() {
        let bits = [true, false, false, false, true, false, false, false].to_vec();
        let answer = answer_of(Response::ReadDiscreteInputs(bits.clone()), 5);
        assert_eq!(answer, Ok(Answer::Bits(bits[..5].to_vec())));
        // Too few stay too few: the decoder refuses them.
        let short = answer_of(Response::ReadCoils(bits.clone()), 9);
        assert_eq!(short, Ok(Answer::Bits(bits)));
        let other = answer_of(Response::WriteSingleRegister(0, 1), 1);
        assert!(matches!(other, Err(Failure::Mismatch(_))));
    }

    #[test]
    fn only_busy_and_silent_gateways_are_transient() {
        let transient = |code| exception_of(ExceptionCode::new(code)).is_transient();
        let codes: Vec<u8> = (1..=12).filter(|code| transient(*code)).collect();
        assert_eq!(codes, [5, 6, 10, 11]);
    }
}
