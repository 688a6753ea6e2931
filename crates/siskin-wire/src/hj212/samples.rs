//! The packets of `tests/fixtures/hj212/packets.txt`, for the tests of this crate.

use super::{Frame, FrameError, Splitter};

const PACKETS: &str = include_str!("../../../../tests/fixtures/hj212/packets.txt");
/// The line between packets that are valid by the standard and those that are not.
const BORDER: &str = "# ===== B.";

fn lines(text: &str) -> Vec<Vec<u8>> {
    let packets = text.lines().filter(|line| line.starts_with("##"));
    packets.map(|line| format!("{line}\r\n").into_bytes()).collect()
}

pub(super) fn all() -> Vec<Vec<u8>> {
    lines(PACKETS)
}

pub(super) fn valid() -> Vec<Vec<u8>> {
    lines(PACKETS.split_once(BORDER).unwrap().0)
}

pub(super) fn invalid() -> Vec<Vec<u8>> {
    lines(PACKETS.split_once(BORDER).unwrap().1)
}

/// The frame of one line.
pub(super) fn frame(line: &[u8]) -> Result<Frame, FrameError> {
    let mut splitter = Splitter::new();
    splitter.push(line);
    splitter.next_frame().unwrap()
}
