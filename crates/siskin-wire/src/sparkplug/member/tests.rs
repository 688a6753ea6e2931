//! Readings of one analyzer: values, qualities, units, types, the past.

use super::super::payload::Value;
use super::super::testing::{
    at, birth, by_alias, by_name, payload, profile, slot, stamp, text, with_quality, with_unit,
};
use super::*;
use crate::languages::check_text;

const FLOAT: u32 = 9;

fn member(status: bool) -> Member {
    Member::new(("park", "gw", Some("at-1")), &profile(status), vec![slot()]).unwrap()
}

/// Born with 0.5 ppm, then the metrics; what they gave.
fn after_birth(metrics: Vec<Metric>) -> Heard {
    let born = payload(0, vec![birth("gas", 1, FLOAT, 0.5), text("note", "x")]);
    let births = Births::read(&born);
    let mut member = member(false);
    let heard = member.born(&born, &births, at(0));
    assert_eq!(shown(&heard), [(0, Some(0.5), Quality::Good)]);
    assert_eq!(heard.refused, []);
    member.data(&payload(1, metrics), &births, at(0))
}

/// Stamp after `NOW`, value, quality.
fn shown(heard: &Heard) -> Vec<(i64, Option<f64>, Quality)> {
    for refusal in &heard.refused {
        check_text(&refusal.reason);
    }
    let of = |r: &Stamped| (r.measured_at.since_ms(at(0)), r.point.value, r.point.quality);
    heard.readings.iter().map(of).collect()
}

fn check(metric: Metric, want: (Option<f64>, Quality), refused: Option<&str>) {
    let said = format!("{metric:?}");
    let heard = after_birth(vec![metric]);
    assert_eq!(shown(&heard), [(0, want.0, want.1)], "{said}");
    match (refused, heard.refused.as_slice()) {
        (None, []) => {}
        (Some(part), [only]) => assert!(only.reason.en.contains(part), "{only:?}"),
        (wanted, found) => panic!("{wanted:?}: {found:?}"),
    }
}

#[test]
fn numbers_have_the_quality_they_say() {
    use Quality::{CommLost, Fault, Good, OverRange, Uncertain};
    check(by_alias(1, 0.75), (Some(0.75), Good), None);
    check(by_name("gas", 80.0), (Some(80.0), OverRange), None);
    check(with_quality(by_alias(1, 0.75), 192), (Some(0.75), Good), None);
    check(with_quality(by_alias(1, 0.75), 0), (None, Fault), None);
    check(with_quality(by_alias(1, 0.75), 500), (None, CommLost), None);
    check(with_quality(by_alias(1, 0.75), 64), (Some(0.75), Uncertain), None);
}

#[test]
fn null_and_what_is_no_number_never_become_one() {
    let fault = (None, Quality::Fault);
    let null = Metric { is_null: Some(true), ..by_alias(1, 9.0) };
    check(null, fault, Some("is null"));
    check(Metric { value: None, ..by_alias(1, 9.0) }, fault, Some("is null"));
    check(by_alias(1, f32::NAN), fault, Some("no finite number"));
    let word = Metric { value: Some(Value::Text("9".into())), ..by_alias(1, 9.0) };
    check(word, fault, Some("no finite number"));
}

#[test]
fn another_data_type_is_refused_and_does_not_fit() {
    let changed = Metric { datatype: Some(10), ..by_alias(1, 9.0) };
    let heard = after_birth(vec![changed]);
    assert_eq!(shown(&heard), [(0, None, Quality::Fault)]);
    assert!(heard.misfit);
    assert!(heard.refused[0].reason.en.contains("changed from 9 to 10"), "{heard:?}");
    let same = Metric { datatype: Some(FLOAT), ..by_alias(1, 9.0) };
    assert!(!after_birth(vec![same]).misfit);
}

#[test]
fn units_of_birth_and_profile_must_agree() {
    let value = |unit| SparkplugValue {
        metric: "gas".into(),
        unit,
        unit_words: [("ppmv".to_owned(), Unit::Ppm)].into(),
    };
    let check = |wanted, said, want: Result<Unit, &str>| {
        let got = super::unit("gas", &value(wanted), said);
        if let Err(text) = &got {
            check_text(text);
        }
        match (got, want) {
            (Ok(got), Ok(want)) => assert_eq!(got, want),
            (Err(text), Err(part)) => assert!(text.en.contains(part), "{text:?}"),
            (got, want) => panic!("{got:?} {want:?}"),
        }
    };
    check(Some(Unit::Ppm), None, Ok(Unit::Ppm));
    check(Some(Unit::Ppm), Some("ppm"), Ok(Unit::Ppm));
    check(Some(Unit::Ppm), Some("ppmv"), Ok(Unit::Ppm));
    check(None, Some("ppb"), Ok(Unit::Ppb));
    check(Some(Unit::Ppm), Some("ppb"), Err("the profile says ppm"));
    check(Some(Unit::Ppm), Some("bar"), Err("none of ours"));
    check(None, None, Err("has no unit"));
}

#[test]
fn the_unit_of_the_birth_converts_its_values() {
    let mut profile = profile(false);
    profile.sparkplug.as_mut().unwrap().values.get_mut("gas").unwrap().unit = None;
    let mut member = Member::new(("park", "gw", None), &profile, vec![slot()]).unwrap();
    let born = payload(0, vec![with_unit(birth("gas", 1, FLOAT, 500.0), "ppb")]);
    let heard = member.born(&born, &Births::read(&born), at(0));
    assert_eq!(shown(&heard), [(0, Some(0.5), Quality::Good)]);
}

#[test]
fn what_was_kept_comes_at_its_own_time_and_never_as_now() {
    let past = |after_ms, ppm| Metric {
        is_historical: Some(true),
        timestamp: stamp(after_ms),
        ..by_alias(1, ppm)
    };
    let heard = after_birth(vec![past(-3_600_000, 9.0), past(-3_599_000, 8.0), by_alias(1, 0.25)]);
    assert_eq!(
        shown(&heard),
        [
            (-3_600_000, Some(9.0), Quality::Good),
            (-3_599_000, Some(8.0), Quality::Good),
            (0, Some(0.25), Quality::Good),
        ]
    );
    let heard = after_birth(vec![past(-90_000_000_000, 9.0)]);
    assert_eq!(shown(&heard), []);
    assert!(heard.refused[0].reason.en.contains("it is not taken"), "{heard:?}");
}

#[test]
fn a_birth_without_the_metric_is_said() {
    let born = payload(0, vec![birth("other", 1, FLOAT, 0.5)]);
    let heard = member(false).born(&born, &Births::read(&born), at(0));
    assert_eq!(shown(&heard), []);
    assert!(heard.refused[0].reason.en.contains("no metric `gas`"), "{heard:?}");
}

#[test]
fn the_devices_own_word_decides_and_what_stands_is_judged_by_it() {
    use Quality::{Calibration, Good, Uncertain};
    let born = payload(0, vec![birth("gas", 1, FLOAT, 0.5), text("state", "ok")]);
    let births = Births::read(&born);
    let mut member = member(true);
    assert_eq!(shown(&member.born(&born, &births, at(0))), [(0, Some(0.5), Good)]);
    let mut data = |metrics| shown(&member.data(&payload(1, metrics), &births, at(0)));
    // The word comes after the value and counts for it.
    let both = vec![by_alias(1, 30.0), text("state", "cal")];
    assert_eq!(data(both), [(0, Some(30.0), Calibration)]);
    assert_eq!(data(vec![text("state", "cal")]), []);
    assert_eq!(data(vec![text("state", "ok")]), [(0, Some(30.0), Good)]);
    assert_eq!(data(vec![text("state", "?")]), [(0, Some(30.0), Uncertain)]);
}

#[test]
fn what_was_kept_has_the_state_that_was_kept_with_it() {
    use Quality::{Calibration, Good, Uncertain};
    let born = payload(0, vec![birth("gas", 1, FLOAT, 0.5), text("state", "ok")]);
    let births = Births::read(&born);
    let mut member = member(true);
    member.born(&born, &births, at(0));
    let past = |metric| Metric { is_historical: Some(true), timestamp: stamp(-60_000), ..metric };
    let kept = vec![past(by_alias(1, 9.0)), past(text("state", "cal")), past(by_alias(1, 8.0))];
    let heard = member.data(&payload(1, kept), &births, at(0));
    let qualities: Vec<_> = shown(&heard).into_iter().map(|(_, _, q)| q).collect();
    assert_eq!(qualities, [Uncertain, Calibration]);
    let heard = member.data(&payload(2, vec![by_alias(1, 1.0)]), &births, at(0));
    assert_eq!(shown(&heard), [(0, Some(1.0), Good)]);
}
