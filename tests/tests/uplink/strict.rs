//! Everything that a centre captured, read again: by Siskin's own strict receiver, by the tests'
//! sum of appendix A (`centre::Call::hear`), and by the same sum in another language.

use std::io::Write as _;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use e2e::binary;
use siskin_model::site::Hj212Crc;
use siskin_wire::hj212::{Content, Packet, Splitter};

use crate::centre::Centre;

/// What the receiver is given at once: frames are cut anywhere.
const PIECE_BYTES: usize = 7;

/// How many frames came, and how many of their sums begin with a zero.
pub(crate) fn every_frame(centre: &Centre) -> Result<(usize, usize)> {
    let lines = centre.lines.lock().expect("nobody panics with it").clone();
    ensure!(lines.len() > 3, "{} frames", lines.len());
    let stream = lines.concat();
    let (mut splitter, mut count) = (Splitter::new(), 0);
    for piece in stream.as_bytes().chunks(PIECE_BYTES) {
        splitter.push(piece);
        while let Some(frame) = splitter.next_frame() {
            let frame = frame?;
            frame.check(Hj212Crc::Standard)?;
            let packet = Packet::decode(frame.data())?;
            ensure!(packet.encode().as_bytes() == frame.data(), "written otherwise: {packet:?}");
            ensure!(packet.others.is_empty(), "fields of no edition: {packet:?}");
            numbers(&packet)?;
            count += 1;
        }
    }
    ensure!((count, splitter.skipped_bytes()) == (lines.len(), 0), "{count} of {}", lines.len());
    in_another_language(&stream)?;
    let zeros = |line: &&String| line.trim_end().chars().rev().nth(3) == Some('0');
    Ok((count, lines.iter().filter(zeros).count()))
}

/// Every factor has its flag; what is a number is one, and a flag that says that nothing was
/// measured has none beside it.
fn numbers(packet: &Packet) -> Result<()> {
    if packet.is_encrypted() {
        return Ok(());
    }
    let content = Content::of(&packet.cp);
    ensure!(content.broken == 0, "{packet:?}");
    if !matches!(packet.cn, 2011 | 2031 | 2051 | 2061) {
        return Ok(());
    }
    ensure!(content.data_time().is_some() && packet.cp.len() <= 950, "{packet:?}");
    for group in packet.cp.split(';').skip(1) {
        let mut flag = None;
        for item in group.split(',') {
            let (name, value) = item.split_once('=').context("an item without `=`")?;
            match name.rsplit_once('-').map(|(_, field)| field) {
                Some("Flag") => flag = value.chars().next(),
                Some("Rtd" | "Min" | "Avg" | "Max" | "Cou") => {
                    ensure!(value.parse::<f64>()?.is_finite(), "{item}");
                }
                _ => bail!("`{item}` is no field of data"),
            }
        }
        let flag = flag.with_context(|| format!("no flag: {group}"))?;
        ensure!("NFMSDCTB".contains(flag), "{group}");
    }
    Ok(())
}

/// The sum of appendix A once more.
fn in_another_language(stream: &str) -> Result<()> {
    let script = binary::root().join("tests/python/hj212_sum.py");
    let mut check = Command::new(binary::python()?).arg(script).stdin(Stdio::piped()).spawn()?;
    let mut input = check.stdin.take().context("no input")?;
    input.write_all(stream.as_bytes())?;
    drop(input);
    ensure!(check.wait()?.success(), "a frame has another sum");
    Ok(())
}
