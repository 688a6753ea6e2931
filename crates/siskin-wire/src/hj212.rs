//! HJ 212: the text protocol by which data loggers (数采仪) report to a platform, in its editions
//! of 2005, 2017 and 2025.
//!
//! Pure: bytes in, frames out. A frame with a wrong length or checksum is never looked into for
//! values; a value without the flag `N` is never good; the time of a reading is the logger's
//! `DataTime`, never invented.
//!
//! [`Splitter`] finds frames in a stream cut anywhere, [`Packet`] is one frame's fields, [`Opener`]
//! decrypts their content, [`Mapping`] makes readings of them, [`ask`] writes what Siskin says to a
//! logger.

pub mod ask;
mod checksum;
mod content;
mod flag;
mod frame;
mod mapping;
pub mod moment;
mod packet;
mod parts;
#[cfg(test)]
mod samples;
mod seal;
pub mod uplink;

pub use checksum::{modbus, standard};
pub use content::{Content, Factor};
pub use frame::{DATA_MAX_BYTES, Frame, FrameError, Splitter, encode};
pub use mapping::{Decoded, Kind, Mapping};
pub use packet::{Packet, PacketError, Part};
pub use parts::{PART_PATIENCE_MS, Parts, UPLOADS_MAX};
pub use seal::{Opener, SealError, Sealer};
