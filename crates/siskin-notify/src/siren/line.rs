//! A line to a siren's controller: opened for one letter, every request with a limit.

use std::io;
use std::time::Duration;

use siskin_model::notify::Siren;
use tokio::net::TcpStream;
use tokio_modbus::client::{Context, tcp};
use tokio_modbus::prelude::{Reader, Writer};
use tokio_modbus::slave::Slave;

/// How long a line may take to open.
const CONNECT_PATIENCE: Duration = Duration::from_secs(5);
/// How long an answer may take.
const ANSWER_PATIENCE: Duration = Duration::from_secs(2);

/// The line.
pub(super) struct Line(Context);

impl Line {
    pub(super) async fn open(siren: &Siren) -> Result<Self, String> {
        let opening = TcpStream::connect((siren.host.as_str(), siren.port));
        let stream = tokio::time::timeout(CONNECT_PATIENCE, opening).await;
        let late = |_| format!("cannot connect: nothing in {} s", CONNECT_PATIENCE.as_secs());
        let stream = stream.map_err(late)?.map_err(|why| format!("cannot connect: {why}"))?;
        Ok(Self(tcp::attach_slave(stream, Slave(siren.unit))))
    }

    pub(super) async fn coil(&mut self, address: u16) -> Result<bool, String> {
        one(&answered(self.0.read_coils(address, 1)).await?)
    }

    pub(super) async fn input(&mut self, address: u16) -> Result<bool, String> {
        one(&answered(self.0.read_discrete_inputs(address, 1)).await?)
    }

    pub(super) async fn switch(&mut self, address: u16, is_on: bool) -> Result<(), String> {
        answered(self.0.write_single_coil(address, is_on)).await
    }
}

async fn answered<T>(asking: impl Future<Output = tokio_modbus::Result<T>>) -> Result<T, String> {
    let late = |_| format!("no answer within {} s", ANSWER_PATIENCE.as_secs());
    let answer = tokio::time::timeout(ANSWER_PATIENCE, asking).await.map_err(late)?;
    let broken = |why: tokio_modbus::Error| match why {
        tokio_modbus::Error::Transport(why) if why.kind() == io::ErrorKind::UnexpectedEof => {
            "the line was cut".to_owned()
        }
        why => format!("no answer: {why}"),
    };
    let refused = |why| format!("the controller refuses: {why}");
    answer.map_err(broken)?.map_err(refused)
}

fn one(read: &[bool]) -> Result<bool, String> {
    read.first().copied().ok_or_else(|| "the answer is empty".to_owned())
}
