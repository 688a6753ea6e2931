//! Frames of the link: bytes never panic, and what is decoded is encoded to what decodes the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use siskin_wire::link::Frame;

fuzz_target!(|bytes: &[u8]| {
    let Ok(frame) = Frame::decode(bytes) else { return };
    if let Frame::Data(data) = &frame
        && let Ok(rows) = data.rows()
    {
        for row in &rows {
            assert!(row.value.is_none_or(f64::is_finite), "a number that is none: {row:?}");
        }
    }
    if let Ok(again) = frame.clone().encode() {
        assert_eq!(Frame::decode(&again).expect("what was encoded decodes"), frame);
    }
});
