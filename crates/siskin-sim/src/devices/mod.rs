//! The registers of the simulated Modbus devices, written from the makers' tables.
//!
//! Pure: a [`Face`] (what a device shows at a moment) gives a [`RegisterMap`]. Nothing here looks
//! at a device profile: what a profile decodes is encoded here a second time.

mod map;
mod midas;
mod server;
mod teledyne;
mod wxt530;
mod xnx;

use siskin_model::site::{Quantity, Range};
use siskin_model::{Timestamp, Unit};

use crate::scenario::DeviceState;

pub(crate) use map::RegisterMap;
pub(crate) use server::{Device, serve};

/// One quantity on a device's face.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Shown {
    pub(crate) quantity: Quantity,
    pub(crate) value: f64,
    pub(crate) unit: Unit,
    pub(crate) range: Range,
    pub(crate) resolution: f64,
}

/// What a device shows at a moment.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Face {
    pub(crate) state: DeviceState,
    pub(crate) shown: Vec<Shown>,
    /// Seconds since the device was switched on.
    pub(crate) uptime_s: f64,
    /// The device's clock.
    pub(crate) now: Timestamp,
    /// Its address on the bus.
    pub(crate) unit: u8,
}

/// A simulated product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Model {
    Midas,
    Xnx,
    Teledyne,
    Wxt530,
}

impl Model {
    const ALL: [(&'static str, Self); 4] = [
        ("honeywell-midas", Self::Midas),
        ("honeywell-xnx", Self::Xnx),
        ("teledyne-t102", Self::Teledyne),
        ("vaisala-wxt530", Self::Wxt530),
    ];

    /// The product a device profile describes.
    pub(crate) fn of(profile: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(name, _)| *name == profile);
        found.map(|(_, model)| *model)
    }

    /// The profiles that have a product.
    pub(crate) fn known() -> String {
        Self::ALL.map(|(name, _)| name).join(", ")
    }

    /// Whether the product can show a quantity in `unit`.
    pub(crate) fn shows(self, unit: Unit) -> bool {
        match self {
            Self::Midas => midas::unit_code(unit).is_some(),
            Self::Xnx => xnx::unit_code(unit).is_some(),
            Self::Teledyne => unit == Unit::Ppb,
            Self::Wxt530 => !unit.is_concentration(),
        }
    }

    /// The registers of a device of this product.
    pub(crate) fn registers(self, face: &Face) -> RegisterMap {
        match self {
            Self::Midas => midas::registers(face),
            Self::Xnx => xnx::registers(face),
            Self::Teledyne => teledyne::registers(face),
            Self::Wxt530 => wxt530::registers(face),
        }
    }
}

impl Face {
    /// The first quantity, for devices that have one.
    fn first(&self) -> Option<&Shown> {
        self.shown.first()
    }

    /// The gas called `id`, for devices that have several.
    fn gas(&self, id: &str) -> Option<&Shown> {
        self.shown.iter().find(|s| s.quantity.gas().is_some_and(|gas| gas.as_str() == id))
    }
}

#[cfg(test)]
pub(crate) mod decoded;
#[cfg(test)]
pub(crate) mod testing;
