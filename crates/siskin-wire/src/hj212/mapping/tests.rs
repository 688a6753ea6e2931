//! Packets as loggers send them, right and wrong.

use proptest::prelude::*;
use siskin_model::site::Range;

use super::*;
use crate::languages::check_text;

/// 2026-01-01T08:00:00+08:00.
const NOW_MS: i64 = 1_767_225_600_000;
const NOW: &str = "20260101080000";
const EAST_S: i32 = 28_800;

const PROFILE: &str = r#"
id = "acme-logger"
version = 1
status = "documented"
vendor = "Acme"
model = "Logger"
transport = "hj212"
source = { doc = "HJ 212-2017", pages = "table B.2" }
[hj212]
fill = "2051"
backlog_max_s = 3600
[hj212.values.so2]
factor = "a21026"
unit = "ppb"
[hj212.values.co]
factor = "a21005"
unit = "ppm"
"#;

fn mapping(profile: &str) -> Mapping {
    let profile: DeviceProfile = toml::from_str(profile).unwrap();
    assert_eq!(profile.check(), []);
    let slot = |point: &str| Slot {
        point: point.into(),
        unit: Unit::Ppm,
        range: Range { low: 0.0, high: 50.0 },
        factors: vec![(Unit::Ppm, 1.0), (Unit::Ppb, 1e-3)],
    };
    Mapping::new(&profile, vec![slot("so2"), slot("co")], EAST_S).unwrap()
}

fn read(cp: &str, kind: Kind, data_time: Option<&str>) -> Result<Decoded, Refusal> {
    let packet = Packet { cp: cp.into(), ..Packet::default() };
    let got = mapping(PROFILE).decode(&packet, kind, data_time, Timestamp::from_millis(NOW_MS));
    let refused = got.as_ref().map_or_else(std::slice::from_ref, |got| &got.refused);
    for refusal in refused {
        check_text(&refusal.reason);
    }
    got
}

fn check(item: &str, want: (Option<f64>, Quality), refused: usize) {
    let got = read(item, Kind::RealTime, Some(NOW)).unwrap();
    let [reading] = got.values[..] else { panic!("{item}: {got:?}") };
    assert_eq!((reading.value, reading.quality), want, "{item}");
    assert_eq!(got.refused.len(), refused, "{item}: {:?}", got.refused);
    assert_eq!((got.measured_at.as_millis(), got.is_time_believed), (NOW_MS, true));
}

#[test]
fn flags_become_qualities_and_what_was_not_measured_is_no_number() {
    use Quality::{Calibration, CommLost, Fault, Good, Maintenance, Manual, OverRange, Uncertain};
    for (flag, value, quality) in [
        ("N", Some(0.5), Good),
        ("T", Some(0.5), OverRange),
        ("C", Some(0.5), Calibration),
        ("M", Some(0.5), Maintenance),
        ("S", Some(0.5), Manual),
        ("X", Some(0.5), Uncertain),
        ("F", None, Fault),
        ("D", None, Fault),
        ("P", None, Fault),
        ("B", None, CommLost),
    ] {
        check(&format!("a21026-Rtd=500,a21026-Flag={flag}"), (value, quality), 0);
    }
    check("a21026-Rtd=500", (Some(0.5), Uncertain), 0);
    check("a21026-Rtd=60000,a21026-Flag=N", (Some(60.0), OverRange), 0);
    check("a21026-Flag=T", (None, OverRange), 0);
}

#[test]
fn what_is_no_number_is_a_fault_with_a_reason() {
    let fault = (None, Quality::Fault);
    for value in ["", "NaN", "inf", "--", "1e9", "0.5ppm"] {
        check(&format!("a21026-Rtd={value},a21026-Flag=N"), fault, 1);
    }
    check("a21026-Flag=N", fault, 1);
    check("a21026-Avg=3,a21026-Flag=N", fault, 1);
    check("a21026-Rtd=1,a21026-Rtd=2,a21026-Flag=N", fault, 1);
}

#[test]
fn a_logger_without_flags_is_good_only_where_the_profile_says_so() {
    let profile = PROFILE.replacen("[hj212]", "[hj212]\nflag_missing = \"good\"", 1);
    let packet =
        Packet { cp: "a21005-Rtd=3;a21026-Rtd=1,a21026-Flag=X".into(), ..Packet::default() };
    let now = Timestamp::from_millis(NOW_MS);
    let got = mapping(&profile).decode(&packet, Kind::RealTime, Some(NOW), now).unwrap();
    let qualities: Vec<_> = got.values.iter().map(|value| value.quality).collect();
    assert_eq!(qualities, [Quality::Uncertain, Quality::Good]);
}

#[test]
fn times_are_the_loggers_and_never_now_for_what_is_old() {
    let live = |time: Option<&str>| {
        let got = read("a21005-Rtd=3", Kind::RealTime, time).unwrap();
        let off_ms = got.measured_at.as_millis() - NOW_MS;
        (off_ms, got.is_time_believed, got.refused.len())
    };
    assert_eq!(live(Some("20260101075930")), (-30_000, true, 0));
    assert_eq!(live(Some("20260101070000")), (-3_600_000, true, 0));
    assert_eq!(live(Some("20260101080005")), (5_000, true, 0));
    assert_eq!(live(Some("20260101080006")), (0, false, 1));
    assert_eq!(live(Some("20260101065959")), (0, false, 1));
    assert_eq!(live(Some("x")), (0, false, 1));
    assert_eq!(live(None), (0, false, 1));
    for time in [Some("20260101065959"), Some("20260101080006"), None] {
        assert!(read("a21005-Avg=3", Kind::Fill, time).is_err(), "{time:?}");
        let packet = Packet { cp: "a21005-Rtd=3".into(), is_resent: true, ..Packet::default() };
        let now = Timestamp::from_millis(NOW_MS);
        assert!(mapping(PROFILE).decode(&packet, Kind::RealTime, time, now).is_err());
    }
}

#[test]
fn averages_are_told_from_instant_values() {
    let got = read("a21005-Avg=3,a21005-Max=40,a21005-Flag=N", Kind::Fill, Some(NOW)).unwrap();
    assert_eq!((got.values[0].value, got.values[0].quality), (Some(3.0), Quality::Uncertain));
    let mapping = mapping(PROFILE);
    let kinds = [2011, 2051, 2061, 2031, 2021, 9014].map(|cn| mapping.kind(cn));
    assert_eq!(kinds, [Some(Kind::RealTime), Some(Kind::Fill), None, None, None, None]);
}

#[test]
fn a_packet_without_our_factors_says_which_it_has() {
    let got = read("a34004-Rtd=9", Kind::RealTime, Some(NOW)).unwrap();
    assert!(got.values.is_empty() && got.refused[0].reason.en.contains("it has: a34004;"));
    let refused = read("681EDF34D206965E86B3E94F536E4246", Kind::RealTime, Some(NOW)).unwrap_err();
    assert!(refused.reason.en.contains("SM4"));
}

proptest! {
    #[test]
    fn no_content_makes_a_number_that_is_none(
        cp in "(a21026|a21005|x)?-?(Rtd|Flag|Avg)?[=,;]?[0-9NaTinf.;,=-]{0,20}",
        time in proptest::option::of("[0-9]{12,17}"),
    ) {
        if let Ok(got) = read(&cp, Kind::RealTime, time.as_deref()) {
            prop_assert!(got.values.iter().all(|v| v.value.is_none_or(f64::is_finite)));
            let is_told = |v: &PointReading| v.value.is_some() || v.quality != Quality::Good;
            prop_assert!(got.values.iter().all(is_told));
        }
    }
}
