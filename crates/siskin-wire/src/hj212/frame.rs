//! Frames: `##`, four digits of length, data, four hex digits of checksum, CR LF.
//!
//! A stream may be cut anywhere and may hold garbage: the same bytes give the same frames and the
//! same errors however they arrive. What is skipped is counted.

use siskin_model::Text;
use siskin_model::site::Hj212Crc;

use super::checksum;

/// The longest data segment: what four digits can say. The standard's 1,024 characters are
/// exceeded in the field (1,623 were seen).
pub const DATA_MAX_BYTES: usize = 9_999;
/// `##` and the length.
const HEAD_BYTES: usize = 6;
const SUM_BYTES: usize = 4;
const END: &[u8] = b"\r\n";

/// A frame whose length is right; its checksum is not compared yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    data: Vec<u8>,
    sum: u16,
}

/// Why a frame was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// The end is not where the stated length puts it.
    #[error(
        "a frame states {stated} bytes and does not end there; \
         hint: check the logger's program and the line"
    )]
    Length {
        /// What the frame says.
        stated: usize,
    },
    /// The checksum differs.
    #[error(
        "a frame has the checksum {found:04X} instead of {wanted:04X}; \
         hint: check the line, or try `crc = \"{other}\"` for this logger"
    )]
    Checksum {
        /// As sent.
        found: u16,
        /// As computed.
        wanted: u16,
        /// The setting that was not tried.
        other: &'static str,
    },
}

impl FrameError {
    /// The same in both languages.
    pub fn text(&self) -> Text {
        let zh = match self {
            Self::Length { stated } => {
                format!("报文声明长度 {stated} 字节，但并未在该处结束；请检查数采仪程序和线路")
            }
            Self::Checksum { found, wanted, other } => format!(
                "报文校验码为 {found:04X}，应为 {wanted:04X}；\
                 请检查线路，或将该数采仪的 crc 设为 \"{other}\""
            ),
        };
        Text::new(zh, self.to_string())
    }
}

impl Frame {
    /// The data segment, not yet trusted.
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// Compares the checksum as the logger was agreed to compute it.
    pub fn check(&self, crc: Hj212Crc) -> Result<(), FrameError> {
        let (wanted, other) = match crc {
            Hj212Crc::Standard => (checksum::standard(&self.data), "modbus"),
            Hj212Crc::Modbus => (checksum::modbus(&self.data), "standard"),
        };
        if self.sum == wanted {
            return Ok(());
        }
        Err(FrameError::Checksum { found: self.sum, wanted, other })
    }
}

/// The frame of a data segment. A segment longer than [`DATA_MAX_BYTES`] has none.
pub fn encode(data: &str, crc: Hj212Crc) -> Option<Vec<u8>> {
    let sum = match crc {
        Hj212Crc::Standard => checksum::standard(data.as_bytes()),
        Hj212Crc::Modbus => checksum::modbus(data.as_bytes()),
    };
    let fits = data.len() <= DATA_MAX_BYTES;
    fits.then(|| format!("##{:04}{data}{sum:04X}\r\n", data.len()).into_bytes())
}

/// Finds frames in a stream of bytes.
///
/// It holds at most one unfinished frame besides what was pushed last: take all frames after each
/// push.
#[derive(Debug, Clone, Default)]
pub struct Splitter {
    buffer: Vec<u8>,
    /// Where the next frame is looked for.
    at: usize,
    /// How far the data of that frame was already searched for its end.
    searched: usize,
    skipped: u64,
}

/// What stands at the begin of the bytes that are left.
enum Look {
    /// More bytes are needed; so many of the data were searched.
    Wait(usize),
    /// So many bytes belong to no frame.
    Garbage(usize),
    /// A head whose frame does not end where it says.
    Broken { stated: usize },
    /// A frame with this much data and this checksum.
    Whole { data_bytes: usize, sum: u16 },
}

impl Splitter {
    /// A splitter at the begin of a stream.
    pub fn new() -> Self {
        Self::default()
    }

    /// The next bytes of the stream.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.drain(..self.at);
        self.at = 0;
        self.buffer.extend_from_slice(bytes);
    }

    /// Bytes that belonged to no frame so far.
    pub fn skipped_bytes(&self) -> u64 {
        self.skipped
    }

    /// The next frame or broken frame; none until more bytes are pushed. After a broken frame the
    /// search goes on behind its `##`: a frame inside it is found.
    pub fn next_frame(&mut self) -> Option<Result<Frame, FrameError>> {
        loop {
            let rest = self.buffer.get(self.at..).unwrap_or_default();
            match look(rest, self.searched) {
                Look::Wait(searched) => {
                    self.searched = searched;
                    return None;
                }
                Look::Garbage(bytes) => self.skip(bytes),
                Look::Broken { stated } => {
                    self.skip(2);
                    return Some(Err(FrameError::Length { stated }));
                }
                Look::Whole { data_bytes, sum } => {
                    let data = rest.get(HEAD_BYTES..HEAD_BYTES + data_bytes);
                    let data = data.unwrap_or_default().to_vec();
                    self.at += HEAD_BYTES + data_bytes + SUM_BYTES + END.len();
                    self.searched = 0;
                    return Some(Ok(Frame { data, sum }));
                }
            }
        }
    }

    fn skip(&mut self, bytes: usize) {
        self.at += bytes;
        self.searched = 0;
        self.skipped += bytes as u64;
    }
}

fn look(rest: &[u8], searched: usize) -> Look {
    match rest.iter().position(|byte| *byte == b'#') {
        None if rest.is_empty() => return Look::Wait(0),
        None => return Look::Garbage(rest.len()),
        Some(0) => {}
        Some(begin) => return Look::Garbage(begin),
    }
    let head = rest.get(..rest.len().min(HEAD_BYTES)).unwrap_or_default();
    let fits =
        |(at, byte): (usize, &u8)| if at < 2 { *byte == b'#' } else { byte.is_ascii_digit() };
    if !head.iter().enumerate().all(fits) {
        return Look::Garbage(1);
    }
    if head.len() < HEAD_BYTES {
        return Look::Wait(0);
    }
    let digits = head.iter().skip(2).map(|digit| usize::from(digit - b'0'));
    let stated = digits.fold(0, |length, digit| length * 10 + digit);
    let body = rest.get(HEAD_BYTES..).unwrap_or_default();
    look_for_end(body, stated, searched)
}

/// No data segment holds CR LF: one before the stated end proves the length wrong at once, so
/// that a false head cannot swallow the frames behind it.
fn look_for_end(body: &[u8], stated: usize, searched: usize) -> Look {
    let wanted = stated + SUM_BYTES;
    let within = body.get(..body.len().min(wanted + END.len())).unwrap_or_default();
    let unsearched = within.get(searched..).unwrap_or_default();
    match unsearched.windows(END.len()).position(|pair| pair == END) {
        Some(at) if searched + at == wanted => {
            let sum = body.get(stated..wanted).and_then(sum_of);
            sum.map_or(Look::Broken { stated }, |sum| Look::Whole { data_bytes: stated, sum })
        }
        Some(_) => Look::Broken { stated },
        None if within.len() == wanted + END.len() => Look::Broken { stated },
        // The last byte may be the CR of an end whose LF has not come.
        None => Look::Wait(within.len().saturating_sub(1)),
    }
}

fn sum_of(digits: &[u8]) -> Option<u16> {
    let text = std::str::from_utf8(digits).ok()?;
    let hex = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    hex.then(|| u16::from_str_radix(text, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::hj212::samples;
    use crate::languages::check_text;

    type Found = Vec<Result<Frame, FrameError>>;

    fn whole(stream: &[u8]) -> (Found, u64) {
        pieces(&[stream])
    }

    fn pieces(pieces: &[&[u8]]) -> (Found, u64) {
        let mut splitter = Splitter::new();
        let mut found = Vec::new();
        for piece in pieces {
            splitter.push(piece);
            while let Some(frame) = splitter.next_frame() {
                found.push(frame);
            }
        }
        (found, splitter.skipped_bytes())
    }

    fn texts(found: &Found) -> Vec<String> {
        let text = |frame: &Result<Frame, FrameError>| match frame {
            Ok(frame) => String::from_utf8_lossy(frame.data()).into_owned(),
            Err(error) => error.to_string(),
        };
        found.iter().map(text).collect()
    }

    #[test]
    fn garbage_and_false_heads_cost_no_frame() {
        let small = encode("CP=&&&&", Hj212Crc::Standard).unwrap();
        for garbage in ["", "#", "###", "\r\n", "##00", "##12x", "##9999", "##0000", "##0007abc"] {
            let stream = [garbage.as_bytes(), &small, &small].concat();
            let (found, _) = whole(&stream);
            let frames: Vec<_> = found.iter().filter_map(|frame| frame.as_ref().ok()).collect();
            assert_eq!(frames.len(), 2, "{garbage}: {found:?}");
            assert!(frames.iter().all(|frame| frame.data() == b"CP=&&&&"), "{garbage}");
        }
    }

    #[test]
    fn a_wrong_length_is_said_as_soon_as_the_end_is_seen() {
        let (found, skipped) = whole(b"##0012CP=&&&&0140\r\n");
        assert_eq!(found, [Err(FrameError::Length { stated: 12 })]);
        assert_eq!(skipped, 19);
        let (found, _) = whole(b"##0003CP=&&&&0140\r\n");
        assert_eq!(found, [Err(FrameError::Length { stated: 3 })]);
        check_text(&found[0].as_ref().unwrap_err().text());
    }

    #[test]
    fn checksums_are_compared_as_agreed() {
        for crc in [Hj212Crc::Standard, Hj212Crc::Modbus] {
            let bytes = encode("QN=1;CP=&&&&", crc).unwrap();
            let lower = bytes.to_ascii_lowercase();
            let frame = whole(&bytes).0.remove(0).unwrap();
            assert_eq!(frame.check(crc), Ok(()));
            let other = if crc == Hj212Crc::Modbus { Hj212Crc::Standard } else { Hj212Crc::Modbus };
            let error = frame.check(other).unwrap_err();
            check_text(&error.text());
            // Upper and lower case of the checksum are the same number.
            let sum = lower.get(lower.len() - 6..).unwrap();
            let mixed = [bytes.get(..bytes.len() - 6).unwrap(), sum].concat();
            assert_eq!(whole(&mixed).0.remove(0).unwrap(), frame);
        }
    }

    #[test]
    fn every_cut_of_the_sample_stream_gives_the_same_frames() {
        let stream: Vec<u8> = samples::all().concat();
        let want = whole(&stream);
        assert_eq!(want.0.iter().filter(|frame| frame.is_ok()).count(), 20);
        for cut in 0..=stream.len() {
            let (first, second) = stream.split_at(cut);
            assert_eq!(texts(&pieces(&[first, second]).0), texts(&want.0), "cut at {cut}");
        }
        let bytes: Vec<&[u8]> = stream.chunks(1).collect();
        assert_eq!(pieces(&bytes), want);
    }

    proptest! {
        #[test]
        fn pieces_give_what_the_whole_gives(
            parts in proptest::collection::vec("[#0-9A-F\r\n&a;=]{0,12}", 0..8),
            data in "[ -~]{0,40}",
            sizes in proptest::collection::vec(1..9usize, 1..40),
        ) {
            let frame = encode(&data, Hj212Crc::Standard).unwrap();
            let mut stream = parts.concat().into_bytes();
            stream.extend_from_slice(&frame);
            stream.extend_from_slice(parts.concat().as_bytes());
            let mut cut = Vec::new();
            let mut rest = stream.as_slice();
            for size in sizes.iter().cycle() {
                if rest.is_empty() {
                    break;
                }
                let (piece, left) = rest.split_at(rest.len().min(*size));
                cut.push(piece);
                rest = left;
            }
            prop_assert_eq!(pieces(&cut), whole(&stream));
        }

        #[test]
        fn what_is_encoded_is_found(data in "[ -\u{7E}\u{4E00}-\u{4E20}]{0,200}") {
            let bytes = encode(&data, Hj212Crc::Modbus).unwrap();
            let (found, skipped) = whole(&bytes);
            let [Ok(frame)] = found.as_slice() else { panic!("{found:?}") };
            prop_assert_eq!(frame.data(), data.as_bytes());
            prop_assert_eq!((frame.check(Hj212Crc::Modbus), skipped), (Ok(()), 0));
        }

        #[test]
        fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let (_, skipped) = whole(&bytes);
            prop_assert!(skipped <= bytes.len() as u64);
        }
    }
}
