//! The byte stream of a data logger: however it is cut, the same frames; what is decoded is encoded
//! to what decodes the same; encrypted content is opened or refused, and plain one left as it is;
//! never a number that is none.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use siskin_model::site::{
    Hj212Crc, Hj212Logger, Hj212Sm4, Hj212Version, Range, Sm4Fill, Sm4Key, Sm4Text,
};
use siskin_model::{Timestamp, Unit};
use siskin_wire::Slot;
use siskin_wire::hj212::{Frame, FrameError, Kind, Mapping, Opener, Packet, Splitter};
use siskin_wire::profile::{DeviceProfile, Transport};

const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

static MAPPINGS: LazyLock<Vec<Mapping>> = LazyLock::new(|| {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../firmware-configs/devices");
    let files = std::fs::read_dir(folder).expect("the profiles are there");
    let texts = files.flatten().filter(|file| file.path().extension().is_some_and(|e| e == "toml"));
    let texts = texts.map(|file| std::fs::read_to_string(file.path()).expect("a readable profile"));
    let profiles = texts.map(|text| toml::from_str::<DeviceProfile>(&text).expect("a profile"));
    let loggers = profiles.filter(|profile| profile.transport == Transport::Hj212);
    loggers.map(|p| Mapping::new(&p, slots(&p), 28_800).expect("a mapping")).collect()
});

/// One for each way in which a content can be encrypted.
static OPENERS: LazyLock<Vec<Opener>> = LazyLock::new(|| {
    let fills = [Sm4Fill::None, Sm4Fill::Zero, Sm4Fill::Space, Sm4Fill::Pkcs7];
    let ways = [Sm4Text::Hex, Sm4Text::Base64].into_iter().flat_map(|t| fills.map(|f| (t, f)));
    let opener = |(text, fill)| {
        Opener::new(&Hj212Logger {
            mn: "A1".into(),
            password: None,
            version: Hj212Version::V2025,
            crc: Hj212Crc::Standard,
            sets_clock: false,
            sm4: Some(Hj212Sm4 { text, fill, key: Some(Sm4Key([7; 16])) }),
        })
    };
    ways.map(opener).collect()
});

fn slots(profile: &DeviceProfile) -> Vec<Slot> {
    let slot = |point: &str| Slot {
        point: point.to_owned(),
        unit: Unit::MilligramPerM3,
        range: Range { low: 0.0, high: 100.0 },
        factors: vec![(Unit::MilligramPerM3, 1.0), (Unit::Ppm, 2.9)],
    };
    profile.value_points().into_iter().map(slot).collect()
}

fn frames(stream: &[u8], piece: usize) -> Vec<Result<Frame, FrameError>> {
    let (mut splitter, mut found) = (Splitter::new(), Vec::new());
    for bytes in stream.chunks(piece) {
        splitter.push(bytes);
        while let Some(frame) = splitter.next_frame() {
            found.push(frame);
        }
    }
    found
}

fuzz_target!(|bytes: &[u8]| {
    let Some((piece, stream)) = bytes.split_first() else { return };
    let found = frames(stream, usize::from(*piece).max(1));
    assert_eq!(found, frames(stream, 1), "cut in another way");
    for frame in found.iter().flatten() {
        let _standard = frame.check(Hj212Crc::Standard);
        let _modbus = frame.check(Hj212Crc::Modbus);
        let Ok(packet) = Packet::decode(frame.data()) else { continue };
        let again = Packet::decode(packet.encode().as_bytes()).expect("what was encoded decodes");
        assert_eq!(again, packet);
        for opener in OPENERS.iter() {
            if let Ok(opened) = opener.open(&packet) {
                assert!(!opened.is_encrypted(), "still encrypted");
                assert!(packet.is_encrypted() || *opened == packet, "a plain one was changed");
            }
        }
        let both = |mapping| [(mapping, Kind::RealTime), (mapping, Kind::Fill)];
        for (mapping, kind) in MAPPINGS.iter().flat_map(both) {
            if let Ok(decoded) = mapping.decode(&packet, kind, None, NOW) {
                for value in &decoded.values {
                    assert!(value.value.is_none_or(f64::is_finite), "a number that is none");
                }
            }
        }
    }
});
