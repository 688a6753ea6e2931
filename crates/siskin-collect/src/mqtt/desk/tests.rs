//! Messages as the broker hands them over.

use siskin_model::site::Range;
use siskin_model::{AnalyzerId, ChannelIndex, Unit};
use siskin_wire::{DeviceProfile, Slot};

use super::super::Alive;
use super::*;
use crate::health::HealthCell;
use crate::trace::Frame;
use crate::words::check_text;

const NOW_MS: i64 = 1_767_225_600_000;
const PROFILE: &str = include_str!("../../../../../firmware-configs/devices/siskin-json.toml");

fn at(off_ms: i64) -> Timestamp {
    Timestamp::from_millis(NOW_MS + off_ms)
}

fn spec(index: u32, topic: &str) -> TopicSpec {
    // Without trust in a backlog, so that only what the broker kept is believed.
    let profile: DeviceProfile =
        toml::from_str(&PROFILE.replace("backlog_max_s = 86400", "")).unwrap();
    let slot = Slot {
        point: "value".into(),
        unit: Unit::Ppm,
        range: Range { low: 0.0, high: 50.0 },
        factors: vec![(Unit::Ppm, 1.0)],
    };
    let id = AnalyzerId::new(&format!("at-{index}")).unwrap();
    let health = HealthCell::new(usize::try_from(index).unwrap(), id, at(0));
    TopicSpec::new(topic, &profile, vec![ChannelIndex(index)], vec![slot], health).unwrap()
}

fn desk() -> Desk {
    Desk::new(&[spec(0, "park/at-0/reading"), spec(1, "park/at-1/reading")])
}

fn payload(off_ms: i64, rest: &str) -> String {
    format!("{{\"ts\":{},\"unit\":\"ppm\",{rest}}}", NOW_MS + off_ms)
}

/// The last failure in both languages.
fn told(health: &AnalyzerHealth) -> Text {
    let (zh, en) = (health.last_error_zh.clone(), health.last_error.clone());
    Text::new(zh.unwrap(), en.unwrap())
}

fn gone() -> Text {
    Text::new("断了；请查看", "gone; hint: look")
}

/// What a payload on the first topic gives: (off, value, quality) and the link after it.
fn check(payload: &str, want: Option<(i64, Option<f64>, Quality)>, link: LinkState) {
    let mut desk = desk();
    let taken = desk.take("park/at-0/reading", payload.as_bytes(), false, at(0), 0);
    let got: Vec<_> = taken
        .readings
        .iter()
        .map(|r| (r.measured_at.since_ms(at(0)), r.value, r.quality))
        .collect();
    assert_eq!(got, Vec::from_iter(want), "{payload}");
    let [health] = &taken.health[..] else { panic!("{payload}: {:?}", taken.health) };
    assert_eq!((health.analyzer, health.link), (0, link), "{payload}");
    if link == LinkState::Degraded {
        assert_eq!(health.refused, 1);
        check_text(&told(health));
    } else {
        assert_eq!((health.refused, health.exchanges_ok), (0, 1));
    }
}

#[test]
fn the_last_payload_is_kept_right_or_wrong_and_the_clock_where_it_is_believed() {
    let specs = [spec(0, "t"), spec(1, "t"), spec(2, "other")];
    let cells: Vec<_> = specs.iter().map(|spec| spec.health.clone()).collect();
    let mut desk = Desk::new(&specs);
    let kept = |place: usize| {
        let heard = cells[place].trace().last?;
        let Frame::Message { topic, payload } = &heard.frame else { panic!("{heard:?}") };
        Some((topic.clone(), String::from_utf8(payload.clone()).unwrap()))
    };
    let right = payload(-40, r#""value":0.5,"status":"ok""#);
    desk.take("t", right.as_bytes(), false, at(0), 0);
    assert_eq!((kept(0), kept(1)), (Some(("t".into(), right.clone())), Some(("t".into(), right))));
    assert_eq!((kept(2), cells[2].trace().clock), (None, None));
    assert_eq!(cells[0].trace().clock.map(|clock| clock.skew_ms), Some(-40));
    desk.take("t", b"no json", false, at(1_000), 0);
    assert_eq!(kept(0), Some(("t".into(), "no json".into())));
    // Of any age: neither a frame nor a clock.
    desk.take("t", payload(-9, r#""value":1,"status":"ok""#).as_bytes(), true, at(2_000), 0);
    assert_eq!(kept(0), Some(("t".into(), "no json".into())));
    assert_eq!(cells[0].trace().clock.map(|clock| clock.skew_ms), Some(-40));
}

#[test]
fn payloads_right_and_wrong() {
    use LinkState::{Degraded, Online};
    use Quality::{Fault, Good, OverRange};
    let ok = payload(-40, r#""value":0.5,"status":"ok""#);
    check(&ok, Some((-40, Some(0.5), Good)), Online);
    let over = payload(0, r#""value":61.2,"status":"ok""#);
    check(&over, Some((0, Some(61.2), OverRange)), Online);
    let fault = payload(0, r#""value":null,"status":"fault""#);
    check(&fault, Some((0, None, Fault)), Online);
    let clock = payload(-90_000, r#""value":0.5,"status":"ok""#);
    check(&clock, Some((0, Some(0.5), Good)), Degraded);
    let text = payload(0, r#""value":"0.5","status":"ok""#);
    check(&text, Some((0, None, Fault)), Degraded);
    check(&payload(0, r#""value":NaN,"status":"ok""#), None, Degraded);
    check("{\"value\":", None, Degraded);
    check("", None, Degraded);
}

#[test]
fn a_retained_message_is_never_fresh() {
    let mut desk = desk();
    let ok = payload(0, r#""value":0.5,"status":"ok""#);
    let taken = desk.take("park/at-0/reading", ok.as_bytes(), true, at(0), 0);
    assert_eq!(taken.readings, []);
    let health = &taken.health[0];
    assert_eq!((health.link, health.refused), (LinkState::Unknown, 1));
    assert_eq!(health.last_ok_at, None);
    assert_eq!(told(health), stale());
    check_text(&stale());
}

#[test]
fn a_wrong_payload_touches_only_its_own_analyzer() {
    let mut desk = desk();
    let _ = desk.take("park/at-0/reading", b"\xFF\xFE", false, at(0), 0);
    let ok = payload(0, r#""value":0.5,"status":"ok""#);
    let taken = desk.take("park/at-1/reading", ok.as_bytes(), false, at(1), 0);
    assert_eq!(taken.readings[0].channel, ChannelIndex(1));
    let health = &taken.health[0];
    assert_eq!((health.analyzer, health.link), (1, LinkState::Online));
    let nobody = desk.take("park/at-9/reading", ok.as_bytes(), false, at(1), 0);
    assert!(nobody.readings.is_empty() && nobody.health.is_empty());
}

#[test]
fn analyzers_that_share_a_topic_are_all_told() {
    let mut desk = Desk::new(&[spec(0, "park/all"), spec(1, "park/all")]);
    assert_eq!(desk.topics().collect::<Vec<_>>(), ["park/all"]);
    let ok = payload(0, r#""value":0.5,"status":"ok""#);
    let taken = desk.take("park/all", ok.as_bytes(), false, at(0), 0);
    let channels: Vec<_> = taken.readings.iter().map(|r| r.channel.0).collect();
    assert_eq!(channels, [0, 1]);
}

#[test]
fn a_lost_broker_is_said_once_and_online_only_after_a_message() {
    let mut desk = desk();
    let lost = desk.lost(&gone(), at(0));
    let said: Vec<_> = lost.readings.iter().map(|r| (r.value, r.quality)).collect();
    assert_eq!(said, [(None, Quality::CommLost); 2]);
    assert!(lost.health.iter().all(|h| h.link == LinkState::Offline));
    assert_eq!(desk.lost(&gone(), at(500)).readings, []);
    let back = desk.connected(at(900));
    assert!(back.readings.is_empty());
    assert!(back.health.iter().all(|h| h.link == LinkState::Unknown && h.connects == 1));
    let ok = payload(1_000, r#""value":0.5,"status":"ok""#);
    let heard = desk.take("park/at-1/reading", ok.as_bytes(), false, at(1_000), 0);
    assert_eq!(heard.health[0].link, LinkState::Online);
    // The other one is still silent: nothing new to say when the broker is lost again.
    let again = desk.lost(&gone(), at(2_000));
    let channels: Vec<_> = again.readings.iter().map(|r| r.channel.0).collect();
    assert_eq!(channels, [1]);
}

#[test]
fn a_refused_subscription_is_seen() {
    let mut desk = desk();
    let denied = desk.denied("park/at-1/reading", at(0));
    assert_eq!(denied.readings.len(), 1);
    let health = &denied.health[0];
    assert_eq!((health.analyzer, health.link), (1, LinkState::Degraded));
    assert_eq!(told(health), refused());
    check_text(&refused());
}

#[test]
fn messages_kept_by_the_broker_keep_their_time() {
    let mut desk = desk();
    let old = payload(-60_000, r#""value":0.5,"status":"ok""#);
    let kept = desk.take("park/at-0/reading", old.as_bytes(), false, at(0), 600_000);
    assert_eq!(kept.readings[0].measured_at, at(-60_000));
    let live = desk.take("park/at-0/reading", old.as_bytes(), false, at(0), 0);
    assert_eq!(live.readings[0].measured_at, at(0));
}

#[test]
fn without_a_clock_what_the_broker_kept_is_doubted() {
    let mut desk = desk();
    let untimed = r#"{"value":0.5,"unit":"ppm","status":"ok"}"#.as_bytes();
    let kept = desk.take("park/at-0/reading", untimed, false, at(0), 600_000);
    let reading = &kept.readings[0];
    let want = (at(0), Some(0.5), Quality::Uncertain);
    assert_eq!((reading.measured_at, reading.value, reading.quality), want);
    let live = desk.take("park/at-0/reading", untimed, false, at(1), 0);
    assert_eq!(live.readings[0].quality, Quality::Good);
}

#[test]
fn a_topic_on_which_nothing_comes_is_spoken_of() {
    let mut desk = desk();
    let _ = desk.connected(at(0));
    let ok = payload(0, r#""value":0.5,"status":"ok""#);
    let _ = desk.take("park/at-0/reading", ok.as_bytes(), false, at(100), 0);
    let quiet = desk.quiet(at(30_000));
    let [health] = &quiet.health[..] else { panic!("{quiet:?}") };
    assert_eq!((health.analyzer, health.link, health.refused), (1, LinkState::Unknown, 0));
    assert!(told(health).en.contains("park/at-1/reading for 30 s"), "{health:?}");
    check_text(&told(health));
}

#[test]
fn the_last_will_of_a_device_is_a_lost_line_and_its_birth_is_no_reading() {
    let text = PROFILE.replace(
        "[json.values.value]",
        "[json.alive]\nlast_level = \"LWT\"\ngone = [\"Offline\"]\n[json.values.value]",
    );
    let profile: DeviceProfile = toml::from_str(&text).unwrap();
    assert_eq!(profile.check(), []);
    let health = HealthCell::new(0, AnalyzerId::new("at-0").unwrap(), at(0));
    let mut spec = spec(0, "tele/gas/SENSOR");
    spec.alive =
        profile.json.and_then(|json| json.alive).map(|a| Alive::new(&a, "tele/gas/SENSOR"));
    spec.health = health;
    let mut desk = Desk::new(&[spec]);
    assert_eq!(desk.topics().collect::<Vec<_>>(), ["tele/gas/SENSOR", "tele/gas/LWT"]);
    let born = desk.take("tele/gas/LWT", b"Online", true, at(0), 0);
    assert!(born.readings.is_empty() && born.health.is_empty(), "{born:?}");
    // Wills are kept by the broker: retained is how they come to a station that starts later.
    let died = desk.take("tele/gas/LWT", b"Offline", true, at(1), 0);
    let said: Vec<_> = died.readings.iter().map(|r| (r.value, r.quality)).collect();
    assert_eq!(said, [(None, Quality::CommLost)]);
    assert_eq!(died.health[0].link, LinkState::Offline);
    check_text(&told(&died.health[0]));
    assert!(desk.take("tele/gas/LWT", b"Offline", false, at(2), 0).readings.is_empty());
}
