//! A site: areas, analyzers and channels, as used (already checked by `siskin-config`).
//!
//! Positions are metres east and north of the site's origin; the origin's latitude and longitude
//! belong to the site. Nothing here reads a file.

mod sm4;

use serde::{Deserialize, Serialize};

use crate::{
    AnalyzerId, AreaId, ChannelId, ChannelIndex, Conditions, Gas, GasId, LifePolicy, Text, Tier,
    Unit,
};

pub use sm4::{Hj212Sm4, Sm4Fill, Sm4Key, Sm4Text};

/// A place on the plan.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// Metres east of the origin.
    pub x_m: f64,
    /// Metres north of the origin.
    pub y_m: f64,
}

/// What an area is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AreaKind {
    /// A process unit.
    Unit,
    /// Tanks.
    TankFarm,
    /// The plant's or the park's boundary (厂界).
    FenceLine,
    /// A place to protect: village, school, hospital (敏感目标).
    Receptor,
    /// Anything else, for example roads.
    Other,
}

/// A named part of a site.
#[derive(Debug, Clone, PartialEq)]
pub struct Area {
    /// Its id.
    pub id: AreaId,
    /// Its name.
    pub name: Text,
    /// What it is.
    pub kind: AreaKind,
    /// Its outline, at least three corners.
    pub outline: Vec<Position>,
}

/// How an analyzer is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Connection {
    /// Modbus TCP; several analyzers may share an address with different unit ids.
    ModbusTcp {
        /// Host name or address.
        host: String,
        /// TCP port, 502 by standard.
        port: u16,
        /// Unit id (slave address).
        unit: u8,
    },
    /// Modbus RTU frames through a transparent TCP line (serial server, DTU); several analyzers may
    /// share it.
    ModbusRtuOverTcp {
        /// Host name or address.
        host: String,
        /// TCP port.
        port: u16,
        /// Slave address.
        unit: u8,
    },
    /// Modbus RTU on a serial line; several analyzers may share it.
    ModbusRtu {
        /// The line, the same for all of its analyzers.
        line: SerialLine,
        /// Slave address.
        unit: u8,
    },
    /// Messages on one topic of the site's broker.
    Mqtt {
        /// The topic, without wildcards.
        topic: String,
    },
    /// Sparkplug B at the site's broker: a device of an edge node, or the node itself.
    Sparkplug {
        /// Group id.
        group: String,
        /// Edge node id.
        node: String,
        /// Device id; none: the node's own metrics.
        device: Option<String>,
    },
    /// A data logger that dials in and speaks HJ 212.
    Hj212(Hj212Logger),
}

impl Connection {
    /// The protocol's name in the API and in messages.
    pub fn protocol(&self) -> &'static str {
        match self {
            Self::ModbusTcp { .. } => "modbus-tcp",
            Self::ModbusRtuOverTcp { .. } => "modbus-rtu-over-tcp",
            Self::ModbusRtu { .. } => "modbus-rtu",
            Self::Mqtt { .. } => "mqtt",
            Self::Sparkplug { .. } => "sparkplug-b",
            Self::Hj212(_) => "hj212",
        }
    }
}

/// A serial line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SerialLine {
    /// The device file, for example `/dev/ttyUSB0`.
    pub path: String,
    /// Bits per second.
    pub baud: u32,
    /// Parity bit.
    pub parity: Parity,
    /// Stop bits, 1 or 2.
    pub stop_bits: u8,
}

/// Parity of a serial line; there are always eight data bits, as Modbus RTU asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Parity {
    /// No parity bit.
    None,
    /// Even, the Modbus default.
    Even,
    /// Odd.
    Odd,
}

/// A data logger (数采仪) and what was agreed with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hj212Logger {
    /// Its MN (设备唯一标识).
    pub mn: String,
    /// The PW it must send; none: any.
    pub password: Option<String>,
    /// Which edition it speaks.
    pub version: Hj212Version,
    /// Which checksum it computes.
    pub crc: Hj212Crc,
    /// Whether Siskin sets its clock (CN 1012) when it is wrong.
    pub sets_clock: bool,
    /// How it encrypts the content of its data; none: it does not.
    pub sm4: Option<Hj212Sm4>,
}

/// An edition of HJ 212.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Hj212Version {
    /// HJ/T 212-2005.
    #[serde(rename = "2005")]
    V2005,
    /// HJ 212-2017.
    #[serde(rename = "2017")]
    V2017,
    /// HJ 212-2025.
    #[serde(rename = "2025")]
    V2025,
}

/// How a logger computes the checksum of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hj212Crc {
    /// As HJ 212-2017, appendix A, says.
    Standard,
    /// As Modbus RTU does; some loggers in the field do.
    Modbus,
}

/// Where data loggers dial in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hj212Intake {
    /// Address and port to listen on.
    pub listen: std::net::SocketAddr,
}

/// A device.
#[derive(Debug, Clone, PartialEq)]
pub struct Analyzer {
    /// Its id, usually the tag on the drawing.
    pub id: AnalyzerId,
    /// Its name.
    pub name: Text,
    /// Where it stands.
    pub area: AreaId,
    /// Where exactly.
    pub position: Position,
    /// Height of the inlet above ground.
    pub height_m: f64,
    /// The id of its device profile (`firmware-configs/devices/<profile>.toml`).
    pub profile: String,
    /// How it is reached.
    pub connection: Connection,
    /// Time between two polls; for MQTT the expected time between two messages.
    pub poll_ms: u32,
    /// Longest wait for one answer.
    pub timeout_ms: u32,
    /// How far out of order its readings may come and still be judged in order. Each reading waits
    /// that long, so it is 0 where Siskin stamps the readings itself.
    pub reorder_window_ms: u32,
    /// The edge gateway that reads it; none: the station itself.
    pub edge: Option<String>,
}

/// A gateway that reads analyzers where the station cannot reach them, and passes their readings
/// on.
#[derive(Clone, PartialEq, Eq)]
pub struct EdgeGateway {
    /// Its id.
    pub id: String,
    /// What it proves itself with. None: this machine does not know it, and the station lets no
    /// gateway of this id in.
    pub token: Option<String>,
}

impl std::fmt::Debug for EdgeGateway {
    /// Without the token: it must not come into a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EdgeGateway").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What a channel measures.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Quantity {
    /// The concentration of a gas.
    Gas(GasId),
    /// Speed of the wind.
    WindSpeed,
    /// Where the wind comes from.
    WindDirection,
    /// Air temperature.
    Temperature,
    /// Air pressure.
    Pressure,
    /// Relative humidity.
    Humidity,
}

impl Quantity {
    /// The gas, where it is one.
    pub fn gas(&self) -> Option<&GasId> {
        match self {
            Self::Gas(gas) => Some(gas),
            _ => None,
        }
    }

    /// The name used in files, the API and the store.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Gas(gas) => gas.as_str(),
            Self::WindSpeed => "wind-speed",
            Self::WindDirection => "wind-direction",
            Self::Temperature => "temperature",
            Self::Pressure => "pressure",
            Self::Humidity => "humidity",
        }
    }
}

/// The measuring range of a channel, in its unit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// Lowest value the device can give.
    pub low: f64,
    /// Highest value; at or beyond it a reading is over-range.
    pub high: f64,
}

/// One measured quantity of an analyzer in one unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Channel {
    /// Its id.
    pub id: ChannelId,
    /// Place of its analyzer in [`Site::analyzers`].
    pub analyzer: usize,
    /// Its area: the analyzer's, kept here because rules ask often.
    pub area: AreaId,
    /// What it measures.
    pub quantity: Quantity,
    /// In which unit.
    pub unit: Unit,
    /// The point of the device profile that holds the value.
    pub point: String,
    /// What the device can measure.
    pub range: Range,
    /// The smallest step the device shows. Rules keep values to a tenth of it.
    pub resolution: f64,
}

/// Somebody who is told of warnings.
#[derive(Debug, Clone, PartialEq)]
pub struct Receiver {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// The lowest tier that is told.
    pub tier_min: Tier,
    /// The areas it is told about; empty means all.
    pub areas: Vec<AreaId>,
    /// Telephone, shown beside the warning.
    pub phone: Option<String>,
}

/// The site's MQTT broker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broker {
    /// Host name or address.
    pub host: String,
    /// TCP port, 1883 by standard.
    pub port: u16,
    /// Client id, also the name of the session the broker keeps.
    pub client_id: String,
    /// User name and password, where the broker asks for them.
    pub login: Option<(String, String)>,
    /// Which MQTT is spoken.
    pub version: MqttVersion,
    /// TLS; none: plain TCP.
    pub tls: Option<BrokerTls>,
    /// The id under which Siskin is a Sparkplug host application.
    pub sparkplug_host: String,
}

impl Broker {
    /// A broker without login and TLS, by MQTT 3.1.1.
    pub fn plain(host: &str, port: u16, client_id: &str) -> Self {
        Self {
            host: host.into(),
            port,
            client_id: client_id.into(),
            login: None,
            version: MqttVersion::V311,
            tls: None,
            sparkplug_host: client_id.into(),
        }
    }
}

/// A version of MQTT.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum MqttVersion {
    /// MQTT 3.1.1.
    #[serde(rename = "3.1.1")]
    V311,
    /// MQTT 5.0.
    #[serde(rename = "5.0")]
    V5,
}

/// How the broker is trusted, and how it trusts Siskin: files in PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokerTls {
    /// The certificate authority that signed the broker's certificate.
    pub ca_file: String,
    /// Siskin's own certificate and key, where the broker asks for them.
    pub identity: Option<(String, String)>,
}

/// A park.
#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// Local time: seconds east of UTC.
    pub utc_offset_s: i32,
    /// Latitude and longitude of the origin in degrees (CGCS2000), where stated.
    pub origin: Option<(f64, f64)>,
    /// State of the air at which ppm and mg/m³ are converted.
    pub conditions: Conditions,
    /// The tiers this site uses, rising, two to four.
    pub tiers: Vec<Tier>,
    /// Its areas.
    pub areas: Vec<Area>,
    /// Its analyzers.
    pub analyzers: Vec<Analyzer>,
    /// Its channels; [`ChannelIndex`] is the place here.
    pub channels: Vec<Channel>,
    /// The gases its channels measure.
    pub gases: Vec<Gas>,
    /// Who is told.
    pub receivers: Vec<Receiver>,
    /// The broker; none where no analyzer speaks MQTT.
    pub broker: Option<Broker>,
    /// Where HJ 212 data loggers dial in; none where there are none.
    pub hj212: Option<Hj212Intake>,
    /// Its edge gateways.
    pub edges: Vec<EdgeGateway>,
    /// What it decided about the lives of warnings.
    pub life: LifePolicy,
}

impl Site {
    /// The channel at `index`.
    pub fn channel(&self, index: ChannelIndex) -> Option<&Channel> {
        self.channels.get(index.get())
    }

    /// The channels with their indexes.
    pub fn indexed(&self) -> impl Iterator<Item = (ChannelIndex, &Channel)> {
        (0u32..).map(ChannelIndex).zip(&self.channels)
    }

    /// The index of the channel called `id`.
    pub fn index_of(&self, id: &ChannelId) -> Option<ChannelIndex> {
        self.indexed().find(|(_, channel)| channel.id == *id).map(|(index, _)| index)
    }

    /// The gas called `id`.
    pub fn gas(&self, id: &GasId) -> Option<&Gas> {
        self.gases.iter().find(|gas| gas.id == *id)
    }

    /// The area called `id`.
    pub fn area(&self, id: &AreaId) -> Option<&Area> {
        self.areas.iter().find(|area| area.id == *id)
    }
}
