//! A site: areas, analyzers and channels, as used (already checked by `siskin-config`).
//!
//! Positions are metres east and north of the site's origin; the origin's latitude and longitude
//! belong to the site. Nothing here reads a file.

use serde::{Deserialize, Serialize};

use crate::{
    AnalyzerId, AreaId, ChannelId, ChannelIndex, Conditions, Gas, GasId, Text, Tier, Unit,
};

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
    /// Messages on one topic of the site's broker.
    Mqtt {
        /// The topic, without wildcards.
        topic: String,
    },
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
