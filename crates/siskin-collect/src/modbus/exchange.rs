//! One poll of one device on an open connection, and the words for what can go wrong.

use std::io;
use std::time::Duration;

use siskin_model::Text;
use siskin_wire::modbus::{Answer, Request};
use siskin_wire::profile::ReadFunction;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_modbus::client::{Client, Context};
use tokio_modbus::slave::{Slave, SlaveContext};
use tokio_modbus::{Error, ExceptionCode, Request as Call, Response};

use crate::words::{Words, io_text, no_answer};

/// Why a poll gave no answers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    /// Nothing came in time.
    #[error("{}; hint: check unit id, power and cable of the device", no_answer(*.0).en)]
    Timeout(u128),
    /// The connection broke.
    #[error("the connection broke: {}; hint: look at the network or the gateway", .0.en)]
    Broken(Text),
    /// Something came that is no answer to the request.
    #[error("the answer does not belong to the request: {0}; hint: is another master connected?")]
    Mismatch(String),
    /// The device answered that it cannot.
    #[error("the device answered with exception {code} ({}); hint: {}", .name.en, .hint.en)]
    Exception { code: u8, name: Words, hint: Words },
}

impl Failure {
    /// The message in both languages.
    pub(crate) fn text(&self) -> Text {
        let zh = match self {
            Self::Timeout(ms) => format!("{}；请检查设备地址、供电和通信线路", no_answer(*ms).zh),
            Self::Broken(why) => format!("连接断开（{}）；请检查网络或网关", why.zh),
            Self::Mismatch(what) => {
                format!("应答与请求不符（{what}）；请检查是否还有其他主站接入")
            }
            Self::Exception { code, name, hint } => {
                format!("设备返回异常码 {code}（{}）；{}", name.zh, hint.zh)
            }
        };
        Text::new(zh, self.to_string())
    }

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
            Failure::Broken(Text::new("设备关闭了连接", "the device closed it"))
        }
        Error::Transport(error) => Failure::Broken(io_text(error)),
        Error::Protocol(error) => Failure::Mismatch(error.to_string()),
    }
}

fn exception_of(exception: ExceptionCode) -> Failure {
    let (name, hint) = match u8::from(exception) {
        1 => (["功能码不支持", "illegal function"], COMPARE),
        2 => (["数据地址无效", "illegal data address"], COMPARE),
        3 => (
            ["数据值无效", "illegal data value"],
            ["请调小设备配置文件中的 limits.max_regs", "lower `limits.max_regs` of the profile"],
        ),
        4 => (
            ["设备故障", "device failure"],
            ["请检查设备，或核对设备地址", "look at the device, or check its unit id"],
        ),
        5 => (
            ["已受理", "acknowledge"],
            ["设备忙，将再次询问", "the device is busy; it is asked again"],
        ),
        6 => (
            ["设备忙", "device busy"],
            ["请检查是否还有其他主站接入", "is another master connected?"],
        ),
        8 => (["内存校验错误", "memory parity error"], ["请检查设备", "look at the device"]),
        10 => (
            ["网关路径不可用", "gateway path unavailable"],
            ["请检查网关设置", "look at the gateway's settings"],
        ),
        11 => (
            ["网关后的设备无应答", "gateway target silent"],
            ["请检查设备地址、供电和通信线路", "check unit id, power and cable of the device"],
        ),
        _ => (["未知", "unknown"], ["请查阅设备手册", "look it up in the device's manual"]),
    };
    let words = |[zh, en]: [&'static str; 2]| Words { zh, en };
    Failure::Exception { code: exception.into(), name: words(name), hint: words(hint) }
}

/// The hint for a device that lacks what its profile says it has.
const COMPARE: [&str; 2] = ["请核对设备型号与设备配置文件", "compare the model with its profile"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::check_text;

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
    fn every_failure_is_said_in_both_languages() {
        let exceptions = (0..=255).map(|code| exception_of(ExceptionCode::new(code)));
        let kinds = [
            io::ErrorKind::ConnectionReset,
            io::ErrorKind::BrokenPipe,
            io::ErrorKind::InvalidData,
            io::ErrorKind::WouldBlock,
            io::ErrorKind::Other,
        ];
        let failures = kinds.map(|kind| failure_of(&Error::Transport(kind.into())));
        for failure in exceptions.chain(failures).chain([Failure::Timeout(500)]) {
            assert_eq!(failure.text().en, failure.to_string());
            check_text(&failure.text());
        }
        let timeout = Failure::Timeout(500).text();
        assert_eq!(timeout.zh, "500 ms 内无应答；请检查设备地址、供电和通信线路");
    }

    #[test]
    fn only_busy_and_silent_gateways_are_transient() {
        let transient = |code| exception_of(ExceptionCode::new(code)).is_transient();
        let codes: Vec<u8> = (1..=12).filter(|code| transient(*code)).collect();
        assert_eq!(codes, [5, 6, 10, 11]);
    }
}
