//! How a line is opened: TCP and serial ports in the station, memory in tests.

use std::fmt::{self, Debug, Display};
use std::future::Future;
use std::io;
use std::time::Duration;

use siskin_model::site::{Connection, Parity, SerialLine};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_serial::SerialPortBuilderExt;

/// Bits of one character on a serial line: start, eight data, parity or second stop, stop.
const BITS_PER_CHAR: u64 = 11;
/// Above this rate the standard fixes the silence between frames.
const BAUD_FIXED: u32 = 19_200;
/// The silence between frames above it.
const SILENCE_FIXED: Duration = Duration::from_micros(1_750);

/// Where a line goes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Address {
    /// Modbus TCP: host and port.
    Tcp(String, u16),
    /// RTU frames through TCP: host and port.
    RtuOverTcp(String, u16),
    /// RTU on a serial port.
    Serial(SerialLine),
}

impl Address {
    /// Where a Modbus device is reached, and its unit id; none for other protocols.
    pub(crate) fn of(connection: &Connection) -> Option<(Self, u8)> {
        match connection {
            Connection::ModbusTcp { host, port, unit } => {
                Some((Self::Tcp(host.clone(), *port), *unit))
            }
            Connection::ModbusRtuOverTcp { host, port, unit } => {
                Some((Self::RtuOverTcp(host.clone(), *port), *unit))
            }
            Connection::ModbusRtu { line, unit } => Some((Self::Serial(line.clone()), *unit)),
            Connection::Mqtt { .. } | Connection::Sparkplug { .. } | Connection::Hj212(_) => None,
        }
    }

    /// The silence that must be between two frames.
    pub(crate) fn silence(&self) -> Duration {
        match self {
            Self::Serial(line) if line.baud > BAUD_FIXED => SILENCE_FIXED,
            // Three and a half characters.
            Self::Serial(line) => {
                let bits_us = BITS_PER_CHAR * 3_500_000;
                Duration::from_micros(bits_us / u64::from(line.baud.max(1)))
            }
            Self::Tcp(..) | Self::RtuOverTcp(..) => Duration::ZERO,
        }
    }
}

impl Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(host, port) | Self::RtuOverTcp(host, port) => write!(f, "{host}:{port}"),
            Self::Serial(line) => f.write_str(&line.path),
        }
    }
}

/// Opens lines.
pub(crate) trait Dial: Clone + Send + Sync + 'static {
    type Stream: AsyncRead + AsyncWrite + Debug + Send + Unpin + 'static;

    fn dial(&self, address: &Address) -> impl Future<Output = io::Result<Self::Stream>> + Send;
}

/// Bytes both ways.
pub(crate) trait Bytes: AsyncRead + AsyncWrite + Debug + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Debug + Send + Unpin> Bytes for T {}

/// Real lines.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Real;

impl Dial for Real {
    type Stream = Box<dyn Bytes>;

    async fn dial(&self, address: &Address) -> io::Result<Self::Stream> {
        match address {
            Address::Tcp(host, port) | Address::RtuOverTcp(host, port) => {
                let stream = TcpStream::connect((host.as_str(), *port)).await?;
                stream.set_nodelay(true)?;
                Ok(Box::new(stream))
            }
            Address::Serial(line) => Ok(Box::new(open(line)?)),
        }
    }
}

fn open(line: &SerialLine) -> io::Result<tokio_serial::SerialStream> {
    let parity = match line.parity {
        Parity::None => tokio_serial::Parity::None,
        Parity::Even => tokio_serial::Parity::Even,
        Parity::Odd => tokio_serial::Parity::Odd,
    };
    let stop = match line.stop_bits {
        2 => tokio_serial::StopBits::Two,
        _ => tokio_serial::StopBits::One,
    };
    let port = tokio_serial::new(&line.path, line.baud)
        .data_bits(tokio_serial::DataBits::Eight)
        .flow_control(tokio_serial::FlowControl::None)
        .parity(parity)
        .stop_bits(stop);
    Ok(port.open_native_async()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_silence_between_frames() {
        let check = |baud, micros| {
            let path = "/dev/ttyS0".into();
            let line = SerialLine { path, baud, parity: Parity::Even, stop_bits: 1 };
            assert_eq!(Address::Serial(line).silence().as_micros(), micros, "{baud}");
        };
        // 3.5 characters of 11 bits: 38.5 bits.
        check(9_600, 4_010);
        check(19_200, 2_005);
        check(115_200, 1_750);
        assert_eq!(Address::Tcp("a".into(), 502).silence(), Duration::ZERO);
    }
}
