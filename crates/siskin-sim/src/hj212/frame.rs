//! Frames as a logger writes them, and the fields of what it is told.

/// The checksum of HJ 212-2017, appendix A, bit by bit as the text has it.
pub fn checksum(data: &str) -> u16 {
    let mut register: u16 = 0xFFFF;
    for byte in data.bytes() {
        register >>= 8;
        register ^= u16::from(byte);
        for _ in 0..8 {
            let carry = register & 1;
            register >>= 1;
            if carry == 1 {
                register ^= 0xA001;
            }
        }
    }
    register
}

/// A whole frame with a checksum that is off by `error`.
pub fn frame(data: &str, error: u16) -> Vec<u8> {
    let sum = checksum(data) ^ error;
    format!("##{:04}{data}{sum:04X}\r\n", data.len()).into_bytes()
}

/// The field `name` of a data segment; `CP` is without its `&&`.
pub(super) fn field<'a>(data: &'a str, name: &str) -> Option<&'a str> {
    let (head, content) = data.split_once("CP=&&")?;
    if name == "CP" {
        return content.split_once("&&").map(|(content, _)| content);
    }
    value(head, ';', name)
}

/// The value of `name` among `name=value` items.
pub(super) fn value<'a>(items: &'a str, separator: char, name: &str) -> Option<&'a str> {
    let mut items = items.split(separator).filter_map(|item| item.split_once('='));
    items.find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// The first whole frame of `buffer`, taken out of it: its data segment where the sum is right.
/// What comes from the station is never cut wrongly, so nothing is searched for here.
pub(super) fn next(buffer: &mut Vec<u8>) -> Option<String> {
    let end = buffer.windows(2).position(|pair| pair == b"\r\n")?;
    let line: Vec<u8> = buffer.drain(..end + 2).collect();
    let data = line.get(6..end.checked_sub(4)?)?;
    let data = String::from_utf8(data.to_vec()).ok()?;
    (frame(&data, 0) == line).then_some(data)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standards_example() {
        let data = "QN=20160801085857223;ST=32;CN=1062;PW=100000;\
            MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&";
        assert_eq!(checksum(data), 0x1C80);
        assert_eq!((field(data, "CN"), field(data, "X")), (Some("1062"), None));
        assert_eq!(field(data, "CP"), Some("RtdInterval=30"));
        let mut buffer = frame(data, 0);
        buffer.extend_from_slice(&frame(data, 1));
        assert_eq!(next(&mut buffer).as_deref(), Some(data));
        assert_eq!(next(&mut buffer), None);
        assert!(buffer.is_empty());
    }
}
