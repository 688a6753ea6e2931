//! What is stored of one channel against what counts as its last measurement.

use siskin_model::{ChannelId, Reading, Unit};
use siskin_store::ChannelKey;

use super::*;

const CHANNEL: ChannelIndex = ChannelIndex(0);
const HOUR_S: i64 = 3_600;

fn at(s: i64) -> Timestamp {
    Timestamp::from_millis(s * 1000)
}

fn check(stored: &[(i64, Quality)], end_s: i64, want: Option<i64>) {
    let folder = tempfile::tempdir().unwrap();
    let id = ChannelId::new("at-1-cl2").unwrap();
    let key = ChannelKey { id, quantity: "chlorine".into(), unit: Unit::Ppm };
    let series = Series::open(folder.path(), &[key]).unwrap();
    for (s, quality) in stored {
        let value = (*quality == Quality::Good).then_some(0.5);
        series.append(&[Reading::new(CHANNEL, at(*s), at(*s), value, *quality)]).unwrap();
    }
    let found = measured_before(&series, CHANNEL, at(end_s)).unwrap();
    assert_eq!(found, want.map(at), "{stored:?}");
}

#[test]
fn a_loss_of_the_line_is_no_measurement_and_a_fault_is_one() {
    use Quality::{CommLost, Fault, Good};
    let now = 40 * 24 * HOUR_S;
    check(&[], now, None);
    check(&[(now - 60, CommLost)], now, None);
    check(&[(now - 90, Good), (now - 60, CommLost)], now, Some(now - 90));
    check(&[(now - 90, Good), (now - 60, Fault)], now, Some(now - 60));
    check(&[(now - 5 * HOUR_S, Good), (now - 60, CommLost)], now, Some(now - 5 * HOUR_S));
    let days = 20 * 24 * HOUR_S;
    check(&[(now - days, Good)], now, Some(now - days));
    check(&[(now - 2 * days + HOUR_S, Good)], now, None);
}
