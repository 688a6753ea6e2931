//! The header of a PMTiles file, version 3: the first 127 bytes, numbers with the low byte first
//! (github.com/protomaps/PMTiles, spec/v3/spec.md).

use super::fault::GroundFault;

/// How long it is.
pub(super) const HEADER_BYTES: usize = 127;
const MAGIC: &[u8] = b"PMTiles";
/// The root directory ends here at the latest: readers ask for so much at first.
const ROOT_END_MAX: u64 = 16_384;
/// Degrees are written in parts of ten million.
const DEGREE_PARTS: f64 = 1e7;
const VECTOR_TILES: u8 = 1;
/// None and gzip: what the page's reader takes apart in every browser.
const COMPRESSIONS: [u8; 2] = [1, 2];

/// What is taken from it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Header {
    pub(super) bounds: Bounds,
}

/// A box in degrees.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Bounds {
    pub(super) west: f64,
    pub(super) south: f64,
    pub(super) east: f64,
    pub(super) north: f64,
}

impl Bounds {
    pub(super) fn contain(&self, other: &Self) -> bool {
        self.west <= other.west
            && self.south <= other.south
            && self.east >= other.east
            && self.north >= other.north
    }

    /// The box around both.
    pub(super) fn with(&self, other: &Self) -> Self {
        Self {
            west: self.west.min(other.west),
            south: self.south.min(other.south),
            east: self.east.max(other.east),
            north: self.north.max(other.north),
        }
    }
}

impl Header {
    /// Reads the header of a file of `file_bytes` bytes, and holds it against that.
    pub(super) fn read(bytes: &[u8; HEADER_BYTES], file_bytes: u64) -> Result<Self, GroundFault> {
        if !bytes.starts_with(MAGIC) {
            return Err(GroundFault::NoPmtiles);
        }
        match bytes[7] {
            3 => {}
            version => return Err(GroundFault::Version(version)),
        }
        let section = |at: usize| number(bytes, at).checked_add(number(bytes, at + 8));
        let ends = [8, 24, 40, 56].map(section);
        let is_whole = ends.iter().all(|end| end.is_some_and(|end| end <= file_bytes));
        if !is_whole {
            return Err(GroundFault::Torn { bytes: file_bytes });
        }
        let [root_end, ..] = ends;
        if number(bytes, 16) == 0 || root_end.is_none_or(|end| end > ROOT_END_MAX) {
            return Err(GroundFault::Damaged);
        }
        if bytes[99] != VECTOR_TILES {
            return Err(GroundFault::NoVectors);
        }
        if !COMPRESSIONS.contains(&bytes[97]) || !COMPRESSIONS.contains(&bytes[98]) {
            return Err(GroundFault::Compression);
        }
        let [west, south, east, north] = [102, 106, 110, 114].map(|at| degrees(bytes, at));
        if west >= east || south >= north {
            return Err(GroundFault::Damaged);
        }
        Ok(Self { bounds: Bounds { west, south, east, north } })
    }
}

fn number(bytes: &[u8; HEADER_BYTES], at: usize) -> u64 {
    u64::from_le_bytes(taken(bytes, at))
}

fn degrees(bytes: &[u8; HEADER_BYTES], at: usize) -> f64 {
    f64::from(i32::from_le_bytes(taken(bytes, at))) / DEGREE_PARTS
}

/// All places are constants within the header.
fn taken<const N: usize>(bytes: &[u8; HEADER_BYTES], at: usize) -> [u8; N] {
    let found = bytes.get(at..at + N).and_then(|part| part.try_into().ok());
    found.expect("the field lies in the header")
}
