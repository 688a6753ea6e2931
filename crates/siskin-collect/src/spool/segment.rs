//! A segment file: a mark, then records, each with its length and checksum.
//!
//! `length u32 · crc32 u32 · seq u64 · from_ms i64 · to_ms i64 · readings u32 · batch`, little
//! endian; the checksum is over everything behind it. Never trusts a length before the checksum.

use siskin_wire::link::FRAME_BYTES_MAX;

/// How every segment begins.
pub(super) const MARK: &[u8; 8] = b"siskspl1";
/// Bytes before a record's payload.
const HEAD_BYTES: usize = 8;
/// Bytes of a payload before its batch.
const FIELDS_BYTES: usize = 28;
/// The shortest record.
pub(super) const RECORD_BYTES_MIN: u64 = 36;

const CRC: crc::Crc<u32, crc::Table<16>> =
    crc::Crc::<u32, crc::Table<16>>::new(&crc::CRC_32_ISO_HDLC);

/// One batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its number.
    pub seq: u64,
    /// When its oldest reading was measured.
    pub from_ms: i64,
    /// When its newest reading was measured.
    pub to_ms: i64,
    /// How many readings it has.
    pub readings: u32,
    /// The readings, packed.
    pub batch: Vec<u8>,
}

impl Record {
    /// Bytes on disk.
    pub(super) fn size(&self) -> u64 {
        (HEAD_BYTES + FIELDS_BYTES + self.batch.len()) as u64
    }

    pub(super) fn write_to(&self, out: &mut Vec<u8>) {
        let mut payload = Vec::with_capacity(FIELDS_BYTES + self.batch.len());
        payload.extend(self.seq.to_le_bytes());
        payload.extend(self.from_ms.to_le_bytes());
        payload.extend(self.to_ms.to_le_bytes());
        payload.extend(self.readings.to_le_bytes());
        payload.extend(&self.batch);
        let length = u32::try_from(payload.len()).expect("a batch is no longer than a frame");
        out.extend(length.to_le_bytes());
        out.extend(CRC.checksum(&payload).to_le_bytes());
        out.extend(payload);
    }
}

/// What a file holds.
#[derive(Debug, Default)]
pub(super) struct Scan {
    /// The sound records, in order.
    pub(super) records: Vec<Record>,
    /// Bytes up to the end of the last sound one.
    pub(super) sound_bytes: u64,
}

/// Reads a segment up to the first byte that is not sound.
pub(super) fn scan(bytes: &[u8]) -> Scan {
    let Some(mut rest) = bytes.strip_prefix(MARK) else {
        return Scan::default();
    };
    let mut records: Vec<Record> = Vec::new();
    while let Some((record, after)) = record(rest) {
        if records.last().is_some_and(|last| last.seq >= record.seq) {
            break;
        }
        records.push(record);
        rest = after;
    }
    Scan { records, sound_bytes: (bytes.len() - rest.len()) as u64 }
}

fn record(bytes: &[u8]) -> Option<(Record, &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (checksum, rest) = rest.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    if length > FIELDS_BYTES + FRAME_BYTES_MAX {
        return None;
    }
    let (payload, after) = rest.split_at_checked(length)?;
    if CRC.checksum(payload) != u32::from_le_bytes(*checksum) {
        return None;
    }
    let (seq, rest) = payload.split_first_chunk::<8>()?;
    let (from_ms, rest) = rest.split_first_chunk::<8>()?;
    let (to_ms, rest) = rest.split_first_chunk::<8>()?;
    let (readings, batch) = rest.split_first_chunk::<4>()?;
    let record = Record {
        seq: u64::from_le_bytes(*seq),
        from_ms: i64::from_le_bytes(*from_ms),
        to_ms: i64::from_le_bytes(*to_ms),
        readings: u32::from_le_bytes(*readings),
        batch: batch.to_vec(),
    };
    Some((record, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_cut_or_damaged_anywhere_gives_only_whole_records() {
        let mut bytes = MARK.to_vec();
        let mut ends = vec![bytes.len()];
        for seq in 5..9u8 {
            let batch = vec![seq; usize::from(seq)];
            let record = Record { seq: seq.into(), from_ms: -1, to_ms: 2, readings: 3, batch };
            record.write_to(&mut bytes);
            ends.push(bytes.len());
            let all = u64::try_from(bytes.len()).unwrap();
            assert_eq!(scan(&bytes).records.last(), Some(&record));
            assert_eq!(scan(&bytes).sound_bytes, all);
        }
        for at in 0..bytes.len() {
            let whole = ends.iter().filter(|end| **end <= at).count().saturating_sub(1);
            assert_eq!(scan(&bytes[..at]).records.len(), whole, "cut at {at}");
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x40;
            assert_eq!(scan(&damaged).records.len(), whole, "damaged at {at}");
        }
    }
}
