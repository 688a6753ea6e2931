//! Means and flags computed by hand, and against a plain count.

use proptest::prelude::*;
use siskin_model::{ChannelId, ChannelIndex};

use super::*;

const BEGIN: Timestamp = Timestamp::from_millis(1_795_881_600_000);

fn factor() -> UplinkFactor {
    UplinkFactor {
        channel: ChannelIndex(0),
        channel_id: ChannelId::new("a").unwrap(),
        code: "a21028".into(),
        unit: "mg/m3".into(),
        factor: 1.0,
        decimals: 3,
        range_high: 50.0,
        poll_ms: 5000,
        is_direction: false,
        cou_per_h: None,
        serial: None,
    }
}

fn at(s: i64, value: Option<f64>, quality: Quality) -> Reading {
    let at = BEGIN.plus_ms(s * 1000);
    Reading::new(ChannelIndex(0), at, at, value, quality)
}

fn good(s: i64, value: f64) -> Reading {
    at(s, Some(value), Quality::Good)
}

/// A mean as its texts: flag, then least, mean and greatest.
fn said(mean: Mean) -> (char, Option<[String; 3]>) {
    let texts = mean.numbers.map(|n| [n.min, n.mean, n.max].map(|n| n.text(3)));
    (mean.flag.letter(), texts)
}

fn check(mean: Mean, flag: char, want: Option<[&str; 3]>) {
    assert_eq!(said(mean), (flag, want.map(|texts| texts.map(str::to_owned))));
}

/// Twelve readings of 5 s: 1, 2 … 12 have the sum 78 and the mean 6.5.
#[test]
fn a_minute_by_hand() {
    let all: Vec<_> = (0..12i32).map(|i| good(i64::from(i) * 5, f64::from(i + 1))).collect();
    check(of_readings(&all, MINUTE_MS, &factor()), 'N', Some(["1.000", "6.500", "12.000"]));
    // 9 of 12 are enough (1 to 9: mean 5); 8 are not, and the four that are missing are a cut line.
    check(of_readings(&all[..9], MINUTE_MS, &factor()), 'N', Some(["1.000", "5.000", "9.000"]));
    check(of_readings(&all[..8], MINUTE_MS, &factor()), 'B', Some(["1.000", "4.500", "8.000"]));
    check(of_readings(&[], MINUTE_MS, &factor()), 'B', None);
}

#[test]
fn units_are_converted_before_the_sum() {
    // 1 ppm of hydrogen sulfide is 34.08 / 24.465 = 1.393 mg/m³.
    let factor = UplinkFactor { factor: 34.08 / 24.465, ..factor() };
    let all: Vec<_> = (0..12).map(|i| good(i * 5, 2.0)).collect();
    check(of_readings(&all, MINUTE_MS, &factor), 'N', Some(["2.786", "2.786", "2.786"]));
}

/// What has no valid number is never 0, whatever the number beside the flag was.
#[test]
fn what_is_not_valid_has_its_flag_and_no_number() {
    let cases = [
        (Quality::Fault, 'D'),
        (Quality::CommLost, 'B'),
        (Quality::Calibration, 'C'),
        (Quality::Maintenance, 'M'),
        (Quality::WarmUp, 'F'),
        (Quality::Manual, 'S'),
    ];
    for (quality, flag) in cases {
        let all: Vec<_> = (0..12).map(|i| at(i * 5, Some(0.0), quality)).collect();
        check(of_readings(&all, MINUTE_MS, &factor()), flag, None);
    }
    let nan: Vec<_> = (0..12).map(|i| at(i * 5, Some(f64::NAN), Quality::Good)).collect();
    check(of_readings(&nan, MINUTE_MS, &factor()), 'D', None);
    let huge: Vec<_> = (0..12).map(|i| good(i * 5, 1e300)).collect();
    check(of_readings(&huge, MINUTE_MS, &factor()), 'D', None);
}

#[test]
fn a_part_that_is_not_valid_is_left_out_of_the_mean() {
    let mut all: Vec<_> = (0..9).map(|i| good(i * 5, 2.0)).collect();
    all.extend((9..12).map(|i| at(i * 5, Some(40.0), Quality::Calibration)));
    check(of_readings(&all, MINUTE_MS, &factor()), 'N', Some(["2.000", "2.000", "2.000"]));
    let mut most = all.clone();
    most[8] = at(40, Some(40.0), Quality::Calibration);
    check(of_readings(&most, MINUTE_MS, &factor()), 'C', Some(["2.000", "2.000", "2.000"]));
}

/// One reading above the range of 50: it counts as 50 at least, and its flag is never lost.
#[test]
fn above_the_range_is_high_and_said() {
    let mut all: Vec<_> = (0..12).map(|i| good(i * 5, 2.0)).collect();
    all[3] = at(15, None, Quality::OverRange);
    // 11 · 2 + 50 = 72; 72 / 12 = 6.
    check(of_readings(&all, MINUTE_MS, &factor()), 'T', Some(["2.000", "6.000", "50.000"]));
    all[3] = at(15, Some(62.0), Quality::OverRange);
    check(of_readings(&all, MINUTE_MS, &factor()), 'T', Some(["2.000", "7.000", "62.000"]));
    let alone = [at(0, Some(50.0), Quality::OverRange)];
    check(of_readings(&alone, MINUTE_MS, &factor()), 'T', Some(["50.000", "50.000", "50.000"]));
}

/// An hour of 45 valid minutes is valid, one of 44 is not. Minutes count alike, however many
/// readings they have.
#[test]
fn an_hour_by_its_minutes() {
    let minute = |m: i64, count: i64, value: f64| {
        (0..count).map(move |i| good(m * 60 + i * 5, value)).collect::<Vec<_>>()
    };
    let full: Vec<_> = (0..45).flat_map(|m| minute(m, 12, 4.0)).collect();
    check(hour(&full, BEGIN, &factor()), 'N', Some(["4.000", "4.000", "4.000"]));
    let short: Vec<_> = (0..44).flat_map(|m| minute(m, 12, 4.0)).collect();
    check(hour(&short, BEGIN, &factor()), 'B', Some(["4.000", "4.000", "4.000"]));
    // 30 minutes of 12 readings of 1 and 30 minutes of 9 readings of 2: the mean is 1.5, not
    // (360 + 540) / 630.
    let mut mixed: Vec<_> = (0..30).flat_map(|m| minute(m, 12, 1.0)).collect();
    mixed.extend((30..60).flat_map(|m| minute(m, 9, 2.0)));
    check(hour(&mixed, BEGIN, &factor()), 'N', Some(["1.000", "1.500", "2.000"]));
    check(hour(&[], BEGIN, &factor()), 'B', None);
}

#[test]
fn a_day_by_its_hours() {
    let value = |v: f64| Nano::of(v).unwrap();
    let good = |v: f64| Mean {
        flag: Flag::Normal,
        numbers: Some(Numbers { min: value(v), mean: value(v), max: value(v + 1.0) }),
    };
    let bad = Mean { flag: Flag::Maintenance, numbers: None };
    // Twelve hours of 1 and eight of 2: 28 / 20 = 1.4.
    let mut hours = vec![good(1.0); 12];
    hours.extend(vec![good(2.0); 8]);
    hours.extend(vec![bad; 4]);
    check(day(&hours, &factor()), 'N', Some(["1.000", "1.400", "3.000"]));
    hours[0] = bad;
    check(day(&hours, &factor()), 'M', Some(["1.000", "1.421", "3.000"]));
    check(day(&[bad; 24], &factor()), 'M', None);
}

#[test]
fn winds_around_north_have_their_mean_there() {
    let factor = UplinkFactor { is_direction: true, poll_ms: 30_000, ..factor() };
    let mean = of_readings(&[good(0, 350.0), good(30, 20.0)], MINUTE_MS, &factor);
    assert_eq!(mean.numbers.unwrap().mean.text(1), "5.0");
    let none = of_readings(&[good(0, 0.0), good(30, 180.0)], MINUTE_MS, &factor);
    assert_eq!(none.numbers, None);
}

#[test]
fn a_total_is_the_mean_over_its_hours() {
    let factor = UplinkFactor { cou_per_h: Some(0.002), ..factor() };
    let all: Vec<_> = (0..12).map(|i| good(i * 5, 30.0)).collect();
    let minute = of_readings(&all, MINUTE_MS, &factor);
    // 30 · 1/60 h · 0.002.
    assert_eq!(total(&minute, MINUTE_MS, &factor).unwrap().text(3), "0.001");
    assert_eq!(total(&minute, HOUR_MS, &factor).unwrap().text(3), "0.060");
    let short = of_readings(&all[..3], MINUTE_MS, &factor);
    assert_eq!(total(&short, MINUTE_MS, &factor), None);
}

#[test]
fn a_moment_has_the_newest_reading_that_is_not_too_old() {
    let all = [good(0, 1.0), good(10, 2.0), at(20, Some(0.0), Quality::Calibration)];
    let spot_at = |s: i64| {
        let spot = spot(&all, BEGIN.plus_ms(s * 1000), 15_000, &factor());
        (spot.value.map(|value| value.text(1)), spot.flag.letter())
    };
    assert_eq!(spot_at(9), (Some("1.0".into()), 'N'));
    assert_eq!(spot_at(10), (Some("2.0".into()), 'N'));
    assert_eq!(spot_at(30), (Some("0.0".into()), 'C'));
    assert_eq!(spot_at(36), (None, 'B'));
    assert_eq!(spot_at(-1), (None, 'B'));
    let broken = [at(0, Some(3.0), Quality::Fault)];
    let failed = spot(&broken, BEGIN, 15_000, &factor());
    assert_eq!((failed.value, failed.flag), (None, Flag::Fault));
}

fn quality() -> impl Strategy<Value = Quality> {
    proptest::sample::select(&Quality::ALL[..])
}

proptest! {
    /// By a plain count: valid means enough judged readings, a number needs one at least, and every
    /// number lies between the least and the greatest judged reading.
    #[test]
    fn numbers_come_of_valid_readings_only(
        all in proptest::collection::vec((0.0..40.0f64, quality()), 0..15),
    ) {
        let readings: Vec<_> = (0..)
            .zip(&all)
            .map(|(i, (value, quality))| at(i * 4, Some(*value), *quality))
            .collect();
        let mean = of_readings(&readings, MINUTE_MS, &factor());
        let judged: Vec<f64> = all
            .iter()
            .filter(|(_, quality)| quality.is_judged())
            .map(|(v, quality)| if *quality == Quality::OverRange { 50.0 } else { *v })
            .collect();
        prop_assert_eq!(mean.numbers.is_some(), !judged.is_empty());
        let over = all.iter().any(|(_, quality)| *quality == Quality::OverRange);
        prop_assert_eq!(mean.flag == Flag::OverRange, over);
        prop_assert_eq!(mean.flag == Flag::Normal, !over && judged.len() >= 9);
        if let Some(numbers) = mean.numbers {
            let plain = judged.iter().sum::<f64>() / judged.len() as f64;
            prop_assert!((numbers.mean.value() - plain).abs() < 1e-6);
            prop_assert!(numbers.min <= numbers.mean && numbers.mean <= numbers.max);
        }
    }
}
