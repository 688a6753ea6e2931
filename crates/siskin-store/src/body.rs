//! Bytes of a stored body: a version byte and a checksum around a payload, and the numbers in it.
//!
//! `version u8 · crc32 u32 LE over version and payload · payload`. SQLite does not checksum its
//! pages; this does it for what matters, so that a flipped bit is an error and never a reading.

/// Why a body cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BodyError {
    /// It ends before its time.
    #[error("it is too short")]
    Short,
    /// It has bytes after its end.
    #[error("it has {0} bytes too many")]
    Long(usize),
    /// Its bytes are not those that were written.
    #[error("its checksum is wrong")]
    Checksum,
    /// A later Siskin wrote it.
    #[error("its format is {found}, known up to {known}")]
    Version {
        /// The version byte.
        found: u8,
        /// The newest this build reads.
        known: u8,
    },
    /// A field has a value that was never written.
    #[error("its {0} makes no sense")]
    Field(&'static str),
    /// A compressed column does not open.
    #[error("its column of {column} does not open: {why}")]
    Column {
        /// Which one.
        column: &'static str,
        /// The decompressor's words.
        why: String,
    },
}

const HEAD_BYTES: usize = 5;

/// Starts a body; the payload is pushed behind it and [`seal`] completes it.
pub(crate) fn begin(version: u8, capacity: usize) -> Vec<u8> {
    let mut body = Vec::with_capacity(HEAD_BYTES + capacity);
    body.extend([version, 0, 0, 0, 0]);
    body
}

/// Writes the checksum.
pub(crate) fn seal(mut body: Vec<u8>) -> Vec<u8> {
    if let Some((head, payload)) = body.split_first_chunk_mut::<HEAD_BYTES>() {
        let [version, checksum @ ..] = head;
        *checksum = crc32(*version, payload).to_le_bytes();
    }
    body
}

/// The format and the payload of a body that is whole and of a format up to `known`.
pub(crate) fn unseal(body: &[u8], known: u8) -> Result<(u8, Cursor<'_>), BodyError> {
    let (&[version, ref checksum @ ..], payload) =
        body.split_first_chunk::<HEAD_BYTES>().ok_or(BodyError::Short)?;
    if crc32(version, payload) != u32::from_le_bytes(*checksum) {
        return Err(BodyError::Checksum);
    }
    if version == 0 || version > known {
        return Err(BodyError::Version { found: version, known });
    }
    Ok((version, Cursor { rest: payload }))
}

/// Appends `n` in 7-bit groups, lowest first.
pub(crate) fn put_varint(body: &mut Vec<u8>, mut n: u64) {
    loop {
        let [low, ..] = n.to_le_bytes();
        n >>= 7;
        if n == 0 {
            body.push(low & 0x7f);
            return;
        }
        body.push(low | 0x80);
    }
}

/// Appends a signed number so that small ones are short.
pub(crate) fn put_signed(body: &mut Vec<u8>, n: i64) {
    put_varint(body, ((n << 1) ^ (n >> 63)).cast_unsigned());
}

/// Reads a payload from its beginning.
#[derive(Debug)]
pub(crate) struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    pub(crate) fn byte(&mut self) -> Result<u8, BodyError> {
        let (&byte, rest) = self.rest.split_first().ok_or(BodyError::Short)?;
        self.rest = rest;
        Ok(byte)
    }

    pub(crate) fn bytes(&mut self, count: usize) -> Result<&'a [u8], BodyError> {
        let (bytes, rest) = self.rest.split_at_checked(count).ok_or(BodyError::Short)?;
        self.rest = rest;
        Ok(bytes)
    }

    pub(crate) fn float(&mut self) -> Result<f64, BodyError> {
        let (bytes, rest) = self.rest.split_first_chunk().ok_or(BodyError::Short)?;
        self.rest = rest;
        Ok(f64::from_le_bytes(*bytes))
    }

    pub(crate) fn varint(&mut self) -> Result<u64, BodyError> {
        let mut n = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let byte = self.byte()?;
            n |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(n);
            }
        }
        Err(BodyError::Field("number"))
    }

    pub(crate) fn signed(&mut self) -> Result<i64, BodyError> {
        let n = self.varint()?;
        Ok((n >> 1).cast_signed() ^ -(n & 1).cast_signed())
    }

    pub(crate) fn count(&mut self) -> Result<usize, BodyError> {
        usize::try_from(self.varint()?).map_err(|_| BodyError::Field("count"))
    }

    pub(crate) fn end(&self) -> Result<(), BodyError> {
        match self.rest.len() {
            0 => Ok(()),
            more => Err(BodyError::Long(more)),
        }
    }
}

/// CRC-32 as in IEEE 802.3, reflected polynomial EDB88320, one entry per byte value.
const CRC_TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut rest: &mut [u32] = &mut table;
    let mut byte = 0u32;
    while let Some((entry, others)) = rest.split_first_mut() {
        let mut crc = byte;
        let mut bit = 0;
        while bit < 8 {
            crc = (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg());
            bit += 1;
        }
        *entry = crc;
        rest = others;
        byte += 1;
    }
    table
};

fn crc32(version: u8, payload: &[u8]) -> u32 {
    let step = |crc: u32, &byte: &u8| {
        let [low, ..] = crc.to_le_bytes();
        let entry = CRC_TABLE.get(usize::from(low ^ byte)).copied();
        (crc >> 8) ^ entry.unwrap_or_default()
    };
    !payload.iter().fold(step(u32::MAX, &version), step)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_checksum_is_the_one_everybody_uses() {
        // The check value of CRC-32/ISO-HDLC: "123456789".
        assert_eq!(crc32(b'1', b"23456789"), 0xcbf4_3926);
    }

    proptest! {
        #[test]
        fn numbers_go_there_and_back(unsigned: u64, signed: i64, small in -70i64..70) {
            let mut body = begin(1, 30);
            put_varint(&mut body, unsigned);
            put_signed(&mut body, signed);
            put_signed(&mut body, small);
            let body = seal(body);
            let (_, mut cursor) = unseal(&body, 1).unwrap();
            prop_assert_eq!(cursor.varint(), Ok(unsigned));
            prop_assert_eq!(cursor.signed(), Ok(signed));
            prop_assert_eq!(cursor.signed(), Ok(small));
            prop_assert_eq!(cursor.end(), Ok(()));
        }

        #[test]
        fn any_flipped_bit_is_seen(
            payload: Vec<u8>,
            place: prop::sample::Index,
            bit in 0u32..8,
        ) {
            let mut body = begin(1, payload.len());
            body.extend(&payload);
            let mut body = seal(body);
            let at = place.index(body.len());
            body[at] ^= 1 << bit;
            prop_assert_eq!(unseal(&body, 1).unwrap_err(), BodyError::Checksum);
        }
    }

    #[test]
    fn a_newer_or_cut_body_is_refused() {
        let body = seal(begin(2, 0));
        let newer = BodyError::Version { found: 2, known: 1 };
        assert_eq!(unseal(&body, 1).unwrap_err(), newer);
        assert_eq!(unseal(&body[..4], 2).unwrap_err(), BodyError::Short);
    }
}
