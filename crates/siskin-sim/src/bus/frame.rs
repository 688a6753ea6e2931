//! The frames of both kinds from the slave's side. Pure.

/// A request to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ask {
    /// The transaction id; 0 on RTU lines.
    pub id: u16,
    /// The slave.
    pub unit: u8,
    /// The function.
    pub fc: u8,
    /// First address.
    pub addr: u16,
    /// Registers.
    pub len: u16,
}

/// How requests and answers are framed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// Modbus TCP.
    Tcp,
    /// RTU, on whatever line.
    Rtu,
}

/// CRC-16 of Modbus from a table of half bytes, low byte first.
fn crc16(bytes: &[u8]) -> [u8; 2] {
    const TABLE: [u16; 16] = [
        0x0000, 0xCC01, 0xD801, 0x1400, 0xF001, 0x3C00, 0x2800, 0xE401, 0xA001, 0x6C00, 0x7800,
        0xB401, 0x5000, 0x9C01, 0x8801, 0x4400,
    ];
    let step = |crc: u16, half: u8| {
        let at = (crc ^ u16::from(half)) & 0x0F;
        TABLE.get(usize::from(at)).map_or(crc, |entry| entry ^ crc >> 4)
    };
    bytes.iter().fold(0xFFFF, |crc, byte| step(step(crc, byte & 0x0F), byte >> 4)).to_le_bytes()
}

impl Framing {
    /// Takes the first whole request from `bytes`; what cannot begin one is dropped.
    pub fn take(self, bytes: &mut Vec<u8>) -> Option<Ask> {
        loop {
            let (ask, len) = match (self, bytes.as_slice()) {
                (Self::Tcp, &[id_high, id_low, 0, 0, 0, 6, unit, fc, a, b, c, d, ..]) => {
                    (Self::ask(u16::from_be_bytes([id_high, id_low]), unit, fc, [a, b, c, d]), 12)
                }
                (Self::Rtu, &[unit, fc, a, b, c, d, low, high, ..])
                    if crc16(&[unit, fc, a, b, c, d]) == [low, high] =>
                {
                    (Self::ask(0, unit, fc, [a, b, c, d]), 8)
                }
                (Self::Tcp, rest) if rest.len() < 12 => return None,
                (Self::Rtu, rest) if rest.len() < 8 => return None,
                _ => {
                    bytes.remove(0);
                    continue;
                }
            };
            bytes.drain(..len);
            return Some(ask);
        }
    }

    fn ask(id: u16, unit: u8, fc: u8, [a, b, c, d]: [u8; 4]) -> Ask {
        let (addr, len) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
        Ask { id, unit, fc, addr, len }
    }

    /// `pdu` of `unit` in answer to `ask`.
    pub fn answer(self, ask: Ask, unit: u8, pdu: &[u8]) -> Vec<u8> {
        let mut frame = Vec::with_capacity(pdu.len() + 9);
        if self == Self::Tcp {
            frame.extend(ask.id.to_be_bytes());
            frame.extend([0, 0]);
            frame.extend(u16::try_from(pdu.len() + 1).unwrap_or(u16::MAX).to_be_bytes());
        }
        frame.push(unit);
        frame.extend_from_slice(pdu);
        if self == Self::Rtu {
            frame.extend(crc16(&frame));
        }
        frame
    }
}

/// The PDU with the values of `words`.
pub fn values(fc: u8, words: &[u16]) -> Vec<u8> {
    let mut pdu = vec![fc, u8::try_from(words.len() * 2).unwrap_or(u8::MAX)];
    pdu.extend(words.iter().flat_map(|word| word.to_be_bytes()));
    pdu
}

/// The PDU of an exception.
pub const fn exception(fc: u8, code: u8) -> [u8; 2] {
    [fc | 0x80, code]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_printed_request_and_its_answer() {
        // MX 43 manual p.71: slave 2, one register at 2096.
        let mut bytes = vec![0x55, 0x02, 0x03, 0x08, 0x30, 0x00, 0x01, 0x86, 0x56, 0x02];
        let ask = Framing::Rtu.take(&mut bytes).unwrap();
        assert_eq!(ask, Ask { id: 0, unit: 2, fc: 3, addr: 2_096, len: 1 });
        assert_eq!((Framing::Rtu.take(&mut bytes), bytes), (None, vec![2]));
        let answer = Framing::Rtu.answer(ask, 2, &values(3, &[0x0102]));
        assert_eq!(answer[..5], [2, 3, 2, 1, 2]);
        assert_eq!(crc16(&answer[..5]), answer[5..]);
    }

    #[test]
    fn the_same_over_tcp() {
        let mut bytes = vec![9, 8, 0, 0, 0, 6, 2, 4, 0, 1, 0, 2];
        let ask = Framing::Tcp.take(&mut bytes).unwrap();
        assert_eq!(ask, Ask { id: 0x0908, unit: 2, fc: 4, addr: 1, len: 2 });
        let answer = Framing::Tcp.answer(ask, 255, &exception(4, 6));
        assert_eq!(answer, [9, 8, 0, 0, 0, 3, 255, 0x84, 6]);
    }
}
