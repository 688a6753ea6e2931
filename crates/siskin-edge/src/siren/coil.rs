//! A relay's coil by Modbus TCP: written with function 5, read back with function 1. Each act has a
//! connection of its own, so that no late answer is taken for another's. Must never write anything
//! but the one coil it was made for.

use std::fmt::Display;

use serde::Deserialize;
use siskin_model::Text;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{PATIENCE, Switch};

const READ_COILS: u8 = 1;
const WRITE_COIL: u8 = 5;
/// Set in the function code of an exception.
const EXCEPTION: u8 = 0x80;
/// Transaction, protocol and length; the unit and the function follow.
const HEAD_LEN: usize = 6;
/// The longest answer that is believed: unit, function, address and value.
const BODY_MAX: usize = 6;

/// Where the relay is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Relay {
    /// Host or address.
    pub(crate) host: String,
    /// Port.
    #[serde(default = "modbus_port")]
    pub(crate) port: u16,
    /// Unit id.
    #[serde(default = "first_unit")]
    pub(crate) unit: u8,
    /// Address of the coil, from 0.
    pub(crate) coil: u16,
}

const fn modbus_port() -> u16 {
    502
}

const fn first_unit() -> u8 {
    1
}

impl Switch for Relay {
    async fn switch(&mut self, on: bool) -> Result<bool, Text> {
        let value = if on { 0xFF00 } else { 0 };
        let echo = self.exchange(WRITE_COIL, value).await?;
        if echo != [self.coil.to_be_bytes(), u16::to_be_bytes(value)].concat() {
            return Err(self.failed(&format_args!("wrote one thing, echoed {echo:02X?}")));
        }
        self.look().await
    }

    async fn look(&mut self) -> Result<bool, Text> {
        match self.exchange(READ_COILS, 1).await?.as_slice() {
            [1, bits] => Ok(bits & 1 == 1),
            other => Err(self.failed(&format_args!("the coil reads as {other:02X?}"))),
        }
    }
}

impl Relay {
    /// Sends a request about the coil; gives what follows the function code of the answer.
    async fn exchange(&self, function: u8, value: u16) -> Result<Vec<u8>, Text> {
        match timeout(PATIENCE, self.ask(function, value)).await {
            Err(_) => Err(self.failed(&format_args!("no answer within {} s", PATIENCE.as_secs()))),
            Ok(Err(error)) => Err(self.failed(&error)),
            Ok(Ok(body)) => match body.as_slice() {
                [unit, fc, rest @ ..] if (*unit, *fc) == (self.unit, function) => Ok(rest.to_vec()),
                [_, fc, code] if *fc == function | EXCEPTION => {
                    Err(self.failed(&format_args!("exception {code}")))
                }
                other => {
                    Err(self.failed(&format_args!("an answer to something else {other:02X?}")))
                }
            },
        }
    }

    async fn ask(&self, function: u8, value: u16) -> std::io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect((self.host.as_str(), self.port)).await?;
        let ([a, b], [c, d]) = (self.coil.to_be_bytes(), value.to_be_bytes());
        // The connection is new: its first transaction is the only one.
        stream.write_all(&[0, 1, 0, 0, 0, 6, self.unit, function, a, b, c, d]).await?;
        let mut head = [0; HEAD_LEN];
        stream.read_exact(&mut head).await?;
        let [0, 1, 0, 0, 0, length] = head else {
            return Err(std::io::Error::other(format!("no Modbus answer: {head:02X?}")));
        };
        let mut body = vec![0; usize::from(length).min(BODY_MAX)];
        stream.read_exact(&mut body).await?;
        Ok(body)
    }

    fn failed(&self, why: &dyn Display) -> Text {
        let Self { host, port, unit, coil } = self;
        let place = format!("{host}:{port} unit {unit} coil {coil}");
        Text::new(
            format!("无法控制报警器 {place}（{why}）；请检查继电器电源、网络与线圈地址"),
            format!("the siren at {place}: {why}; hint: look at its power, network and address"),
        )
    }
}
