//! The two checksums seen in the field. Neither is ever guessed: the site says which.

/// The polynomial of both, reflected.
const POLYNOMIAL: u16 = 0xA001;

/// HJ 212-2017, appendix A: the low byte of the register is thrown away before each byte, which
/// makes it another sum than Modbus' with the same polynomial.
pub fn standard(data: &[u8]) -> u16 {
    data.iter().fold(0xFFFF, |sum, byte| shifted((sum >> 8) ^ u16::from(*byte)))
}

/// CRC-16 of Modbus RTU as some loggers print it: low byte first.
pub fn modbus(data: &[u8]) -> u16 {
    data.iter().fold(0xFFFF, |sum, byte| shifted(sum ^ u16::from(*byte))).swap_bytes()
}

fn shifted(sum: u16) -> u16 {
    let shift = |sum: u16, _| if sum & 1 == 1 { (sum >> 1) ^ POLYNOMIAL } else { sum >> 1 };
    (0..8).fold(sum, shift)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standards_own_example() {
        let data = b"QN=20160801085857223;ST=32;CN=1062;PW=100000;\
            MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&";
        assert_eq!(data.len(), 101);
        // Appendix A; the `1C08` in its explanation is a misprint.
        assert_eq!(standard(data), 0x1C80);
        assert_eq!(modbus(data), 0x5907);
    }
}
