//! The command line of `siskin probe`, and the line to the device that it describes.

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{ArgGroup, Args};
use siskin_collect::probe::Pace;
use siskin_model::site::{Connection, Parity, SerialLine};
use siskin_wire::DeviceProfile;

/// Answers are waited for this long where neither profile nor caller says more.
const TIMEOUT_MS: u32 = 1000;
/// The longest pause between two looks.
const WATCH_S_MAX: i64 = 3600;
/// Modbus over serial line 1.02, 3.3: the speed every device has.
const BAUD: u32 = 9600;

/// Arguments of `siskin probe`.
#[derive(Debug, Clone, Args)]
#[command(group(ArgGroup::new("line").required(true).args(["tcp", "serial"])))]
pub(crate) struct ProbeArgs {
    /// The profile's name, or a profile's file (`.toml`). (设备配置名称或文件)
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: String,
    /// Address of the device or gateway. (设备或网关地址)
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) tcp: Option<String>,
    /// Send RTU frames through the TCP line, as serial servers and DTUs want it. (透传 RTU)
    #[arg(long, requires = "tcp")]
    pub(crate) rtu: bool,
    /// Serial line. (串口)
    #[arg(long, value_name = "PATH")]
    pub(crate) serial: Option<String>,
    /// Bits a second; without it as the profile says, else 9600. (波特率)
    #[arg(long, requires = "serial")]
    pub(crate) baud: Option<u32>,
    /// `none`, `even` or `odd`; without it as the profile says, else `even`. (校验)
    #[arg(long, requires = "serial", value_parser = parity)]
    pub(crate) parity: Option<Parity>,
    /// Stop bits; without them as the profile says, else what Modbus asks for. (停止位)
    #[arg(long, requires = "serial", value_parser = clap::value_parser!(u8).range(1..=2))]
    pub(crate) stop_bits: Option<u8>,
    /// Unit id (slave address); without it as the profile says, else 1. (从站地址)
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=247))]
    pub(crate) unit: Option<u8>,
    /// Longest wait for an answer, in milliseconds. (超时，毫秒)
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=60_000))]
    pub(crate) timeout_ms: Option<u32>,
    /// Look again every so many seconds until Ctrl-C. (每隔几秒重读)
    #[arg(
        long,
        value_name = "SECONDS",
        value_parser = clap::value_parser!(u16).range(1..=WATCH_S_MAX)
    )]
    pub(crate) watch: Option<u16>,
    /// The unit a channel wants of a point, for example `gas=ppm`; may be repeated. (通道单位)
    #[arg(long = "channel", value_name = "POINT=UNIT")]
    pub(crate) channels: Vec<String>,
    /// Device profiles; without it those inside the program are used.
    #[arg(long, value_name = "DIR")]
    pub(crate) firmware_configs: Option<PathBuf>,
}

fn parity(text: &str) -> Result<Parity, String> {
    match text {
        "none" => Ok(Parity::None),
        "even" => Ok(Parity::Even),
        "odd" => Ok(Parity::Odd),
        _ => Err("expected a parity; hint: use `none`, `even` or `odd`".to_owned()),
    }
}

impl ProbeArgs {
    /// The line to the device; what is not said is taken from the profile.
    pub(crate) fn connection(&self, profile: &DeviceProfile) -> anyhow::Result<Connection> {
        let serial = profile.serial.as_ref();
        let unit = self.unit.or(serial.and_then(|serial| serial.unit)).unwrap_or(1);
        if let Some(address) = &self.tcp {
            let (host, port) = host_and_port(address)?;
            return Ok(if self.rtu {
                Connection::ModbusRtuOverTcp { host, port, unit }
            } else {
                Connection::ModbusTcp { host, port, unit }
            });
        }
        let Some(path) = self.serial.clone() else {
            bail!("no line was named; hint: use `--tcp HOST:PORT` or `--serial PATH`");
        };
        let parity = self.parity.or(serial.and_then(|serial| serial.parity));
        let parity = parity.unwrap_or(Parity::Even);
        // Without a parity bit a second stop bit takes its place (serial line 1.02, 2.5.1).
        let spare = if parity == Parity::None { 2 } else { 1 };
        let stop_bits = self.stop_bits.or(serial.and_then(|serial| serial.stop_bits));
        let baud = self.baud.or(serial.and_then(|serial| serial.baud)).unwrap_or(BAUD);
        let line = SerialLine { path, baud, parity, stop_bits: stop_bits.unwrap_or(spare) };
        Ok(Connection::ModbusRtu { line, unit })
    }

    /// How the device wants to be asked.
    pub(crate) fn pace(&self, profile: &DeviceProfile) -> Pace {
        Pace {
            timeout_ms: self.timeout_ms.or(profile.limits.timeout_ms).unwrap_or(TIMEOUT_MS),
            min_gap_ms: profile.limits.min_gap_ms,
            connect_delay_ms: profile.limits.connect_delay_ms,
        }
    }
}

fn host_and_port(address: &str) -> anyhow::Result<(String, u16)> {
    let wrong =
        || format!("`{address}` is no address; hint: write HOST:PORT, port 502 by standard");
    let (host, port) = address.rsplit_once(':').with_context(wrong)?;
    let port = port.parse().with_context(wrong)?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    anyhow::ensure!(!host.is_empty(), wrong());
    Ok((host.to_owned(), port))
}
