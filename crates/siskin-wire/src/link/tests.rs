//! Frames go there and back, and no bytes do harm.

use proptest::prelude::*;
use siskin_model::{LinkState, Quality};

use super::*;

fn row() -> impl Strategy<Value = Row> {
    let value = prop_oneof![
        Just(None),
        any::<f64>().prop_map(|v| Some(v).filter(|v| v.is_finite())),
        any::<f32>().prop_map(|v| Some(f64::from(v)).filter(|v| v.is_finite())),
        (0i32..5_000).prop_map(|v| Some(f64::from(v) / 100.0)),
    ];
    let times = prop_oneof![(0i64..90_000, 0i64..500), (any::<i64>(), any::<i64>()),];
    (0u32..8_192, times, value, 0u8..9).prop_map(|(channel, (measured, delay), value, code)| {
        let measured_at = Timestamp::from_millis(measured);
        let received_at = Timestamp::from_millis(measured.wrapping_add(delay));
        let quality = Quality::from_code(code).unwrap();
        let quality = match (value, quality) {
            (None, Quality::Good | Quality::Uncertain | Quality::Manual) => Quality::Fault,
            (_, quality) => quality,
        };
        Row { channel, measured_at, received_at, value, quality }
    })
}

fn bits(rows: &[Row]) -> Vec<(u32, i64, i64, Option<u64>, Quality)> {
    let view = |r: &Row| {
        let (measured, received) = (r.measured_at.as_millis(), r.received_at.as_millis());
        (r.channel, measured, received, r.value.map(f64::to_bits), r.quality)
    };
    rows.iter().map(view).collect()
}

proptest! {
    #[test]
    fn batches_come_back_to_the_bit(rows in prop::collection::vec(row(), 0..300), seq in 0u64..9) {
        let batch = columns::encode(&rows).unwrap();
        prop_assert_eq!(columns::count(&batch).unwrap(), rows.len());
        let frame = Frame::Data(Data { lane: Lane::Backlog, seq, batch });
        let Frame::Data(back) = Frame::decode(&frame.clone().encode().unwrap()).unwrap() else {
            panic!("no data");
        };
        prop_assert_eq!(&Frame::Data(back.clone()), &frame);
        prop_assert_eq!(bits(&back.rows().unwrap()), bits(&rows));
    }

    #[test]
    fn random_bytes_are_refused_or_read_and_never_panic(
        mut bytes in prop::collection::vec(any::<u8>(), 0..400),
        kind in 0u8..4,
    ) {
        if let Some(first) = bytes.first_mut() {
            *first = kind;
        }
        if let Ok(Frame::Data(data)) = Frame::decode(&bytes)
            && let Ok(rows) = data.rows()
        {
            prop_assert!(rows.len() <= ROWS_MAX);
        }
    }

    #[test]
    fn damaged_batches_never_give_what_is_no_number(
        rows in prop::collection::vec(row(), 1..60),
        at in any::<prop::sample::Index>(),
        with in 1u8..,
        cut in any::<prop::sample::Index>(),
    ) {
        let whole = columns::encode(&rows).unwrap();
        prop_assert!(columns::decode(&whole[..cut.index(whole.len())]).is_err());
        let mut damaged = whole;
        let at = at.index(damaged.len());
        damaged[at] ^= with;
        if let Ok(rows) = columns::decode(&damaged) {
            prop_assert!(rows.iter().all(|r| r.value.is_none_or(f64::is_finite)));
        }
    }
}

fn check(frame: &Frame) {
    let bytes = frame.clone().encode().unwrap();
    assert_eq!(Frame::decode(&bytes).unwrap(), *frame);
}

fn hello() -> Hello {
    Hello {
        version: VERSION,
        edge: "gw-1".into(),
        site: "park".into(),
        boot_id: "b".into(),
        spool: "s".into(),
        clock_ms: 5,
        channels: vec![ChannelId::new("at-101-cl2").unwrap()],
        first_seq: 3,
        next_seq: 9,
    }
}

#[test]
fn every_kind_of_frame_goes_there_and_back() {
    let ranges = vec![SeqRange { from: 0, until: 4 }, SeqRange { from: 5, until: u64::MAX }];
    check(&Frame::Hello(hello()));
    let (version, clock_ms) = (VERSION, -1);
    check(&Frame::Welcome(Welcome { version, clock_ms, committed: ranges.clone() }));
    check(&Frame::Ack(Ack { committed: ranges.clone() }));
    check(&Frame::Request(ranges[0]));
    check(&Frame::Noted(Noted { gaps: 3, alarms: 0 }));
    check(&Frame::Clock(ClockMark { sent_ms: 7, echo_ms: Some(6) }));
    let (from_seq, until_seq, why) = (1, 4, GapCause::SpoolFull);
    check(&Frame::Gap(Gap { from_seq, until_seq, readings: 40, from_ms: 1, to_ms: 9, why }));
    let id = AnalyzerId::new("at-101").unwrap();
    let mut health = AnalyzerHealth::unknown(3, Timestamp::from_millis(4));
    health.link = LinkState::Offline;
    let analyzers = vec![AnalyzerReport { id, health }];
    let failing = Some(Text::new("断线", "cut; hint: mend"));
    let siren = Some(SirenReport { is_wanted: true, failing, ..SirenReport::default() });
    check(&Frame::Health(Health { analyzers, spool: SpoolReport::default(), siren }));
    check(&Frame::Alarm(EdgeAlarm {
        warning: WarningId::from_text("tank-farm.chlorine.20260101T000000.123Z"),
        channel: ChannelId::new("at-101-cl2").unwrap(),
        rule: RuleId::new("chlorine-red").unwrap(),
        tier: Tier::Red,
        edge: Edge::Raise,
        at: Timestamp::from_millis(1_767_225_600_123),
        value: Some(3.25),
    }));
}

fn refused(frame: Frame, words: &str) {
    let error = frame.encode().unwrap_err().to_string();
    assert!(error.contains(words) && error.contains("; hint: "), "{error}");
}

#[test]
fn limits_hold_in_both_directions() {
    let channels = vec![ChannelId::new("a").unwrap(); CHANNELS_MAX + 1];
    refused(Frame::Hello(Hello { channels, ..hello() }), "number of channels is `8193`");
    let range = |i: u64| SeqRange { from: i * 2, until: i * 2 + 1 };
    let committed: Vec<_> = (0..1_025).map(range).collect();
    refused(Frame::Ack(Ack { committed }), "number of ranges is `1025`, at most 1024");
    let touching = vec![SeqRange { from: 0, until: 2 }, SeqRange { from: 2, until: 3 }];
    refused(Frame::Ack(Ack { committed: touching }), "`ranges`");
    refused(Frame::Request(SeqRange { from: 3, until: 3 }), "`ranges`");
    let batch = vec![0; FRAME_BYTES_MAX];
    refused(Frame::Data(Data { lane: Lane::Live, seq: 0, batch }), "length in bytes");
    assert_eq!(Frame::decode(&[]), Err(FrameError::Empty));
    assert_eq!(Frame::decode(&[9]), Err(FrameError::Kind(9)));
    let unknown = b"\x01{\"clock\":{\"sent_ms\":1,\"echo_ms\":null,\"more\":1}}";
    assert!(matches!(Frame::decode(unknown), Err(FrameError::Json(_))));
}

#[test]
fn the_largest_batch_fits_into_a_frame() {
    // Worst case: nothing can be compressed.
    let mut seed = 7u64;
    let mut next = move || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        seed ^ (seed >> 31)
    };
    let mut row = || Row {
        channel: u32::try_from(next() % 8_192).unwrap(),
        measured_at: Timestamp::from_millis(next().cast_signed()),
        received_at: Timestamp::from_millis(next().cast_signed()),
        value: Some(f64::from_bits(next() & !(1 << 62))),
        quality: Quality::ALL[usize::try_from(next() % 9).unwrap()],
    };
    let rows: Vec<_> = (0..ROWS_MAX).map(|_| row()).collect();
    let batch = columns::encode(&rows).unwrap();
    check(&Frame::Data(Data { lane: Lane::Live, seq: 1, batch }));
}
