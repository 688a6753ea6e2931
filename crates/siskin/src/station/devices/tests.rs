//! What is said of devices, and which entries of the log are kept.

use siskin_api::contract::MaintenanceKindView;
use siskin_model::site::{Connection, Hj212Crc, Hj212Logger, Hj212Version, Parity, SerialLine};
use siskin_model::{AreaScope, Role, Timestamp};
use siskin_store::Ledger;

use super::log::Log;
use super::*;
use crate::files;

const NOW_MS: i64 = 1_796_054_400_000;

fn settings() -> Settings {
    siskin_config::load(&files::demo_park()).unwrap()
}

fn who(areas: AreaScope) -> Who {
    Who { name: "wang".to_owned(), role: Role::Operator, areas }
}

fn calibration() -> MaintenanceRequest {
    MaintenanceRequest {
        kind: MaintenanceKindView::Calibration,
        at_ms: NOW_MS - 60_000,
        standard: Some(5.0),
        before: Some(4.6),
        after: Some(5.0),
        next_due_ms: Some(NOW_MS + 1),
        note: String::new(),
    }
}

#[test]
fn an_address_has_no_secret() {
    let settings = settings();
    let check = |connection: Connection, expected: &str| {
        assert_eq!(address::of(&settings, &connection), expected);
    };
    let (host, port, unit) = ("10.0.0.7".to_owned(), 502, 3);
    check(Connection::ModbusTcp { host, port, unit }, "10.0.0.7:502 · 3");
    let path = "/dev/ttyUSB0".to_owned();
    let line = SerialLine { path, baud: 9600, parity: Parity::Even, stop_bits: 1 };
    check(Connection::ModbusRtu { line, unit }, "/dev/ttyUSB0 9600 8E1 · 3");
    let logger = Hj212Logger {
        mn: "88888".to_owned(),
        password: Some("123456".to_owned()),
        version: Hj212Version::V2017,
        crc: Hj212Crc::Standard,
        sets_clock: false,
        sm4: None,
    };
    check(Connection::Hj212(logger), "MN 88888");
}

#[test]
fn every_device_is_listed_whether_it_was_heard_or_not() {
    let settings = settings();
    let mut health = AnalyzerHealth::unknown(1, Timestamp::from_millis(NOW_MS));
    health.link = LinkState::Offline;
    health.last_error = Some("gone".to_owned());
    let listed = all(&settings, &[health], &Traces::default());
    assert_eq!(listed.len(), settings.site.analyzers.len());
    let states: Vec<_> = listed.iter().take(2).map(|device| device.state).collect();
    assert_eq!(states, [DeviceState::Unknown, DeviceState::Silent]);
    let error = listed[1].last_error.as_ref().unwrap();
    assert_eq!((error.zh.as_str(), error.en.as_str()), ("gone", "gone"));
    assert!(listed.iter().all(|device| !device.vendor.is_empty()), "the profile says who made it");
}

#[test]
fn a_device_without_a_trace_is_read_at_a_gateway_and_one_without_a_frame_said_nothing() {
    use siskin_api::contract::NoFrame::{AtGateway, NothingYet};
    let settings = settings();
    let analyzer = &settings.site.analyzers[0];
    assert_eq!(frame::view(&settings, analyzer, None).none, Some(AtGateway));
    let view = frame::view(&settings, analyzer, Some(Trace::default()));
    assert_eq!((view.none, view.heard_at), (Some(NothingYet), None));
}

#[test]
fn a_message_is_shown_as_text_where_it_is_one() {
    let settings = settings();
    let analyzer = &settings.site.analyzers[0];
    let check = |payload: &[u8], bytes: usize, text: Option<&str>, hex: Option<&str>| {
        let frame = siskin_collect::Frame::Message { topic: "t".into(), payload: payload.to_vec() };
        let heard = siskin_collect::Heard { at: Timestamp::from_millis(NOW_MS), frame, bytes };
        let mut trace = Trace::default();
        trace.last = Some(heard.into());
        let view = frame::view(&settings, analyzer, Some(trace));
        assert_eq!((view.text.as_deref(), view.hex.as_deref()), (text, hex), "{payload:?}");
        assert_eq!((view.topic.as_deref(), view.bytes), (Some("t"), bytes as u64));
    };
    check("{\"氯\":1}".as_bytes(), 9, Some("{\"氯\":1}"), None);
    check(&[0x08, 0xFF], 2, None, Some("08 FF"));
    check(b"a\x00", 2, None, Some("61 00"));
    let cut = "氯".as_bytes();
    check(&cut[..2], 9_999, Some(""), None);
    check(&cut[..2], 2, None, Some("E6 B0"));
}

#[test]
fn an_entry_is_kept_in_the_areas_of_who_writes_it() {
    let (settings, dir) = (settings(), tempfile::tempdir().unwrap());
    let ledger = Ledger::open(dir.path()).unwrap();
    let log = |ms| Log { settings: &settings, ledger: &ledger, now: Timestamp::from_millis(ms) };
    let channel = settings.site.channels[0].id.clone();
    let put = |who: &Who, request: &MaintenanceRequest| log(NOW_MS).put(&channel, who, request);
    let elsewhere = who(AreaScope::Some([siskin_model::AreaId::new("moon").unwrap()].into()));
    assert!(matches!(put(&elsewhere, &calibration()), Err(BackendError::OtherArea(_))));
    let broken = MaintenanceRequest { standard: None, ..calibration() };
    let refused = put(&who(AreaScope::All), &broken);
    assert!(matches!(refused, Err(BackendError::Device(DeviceFault::Maintenance(_)))));
    let nowhere = ChannelId::new("at-999").unwrap();
    let unknown = log(NOW_MS).put(&nowhere, &who(AreaScope::All), &calibration());
    assert!(matches!(unknown, Err(BackendError::ChannelNotFound(_))));
    assert_eq!(log(NOW_MS).newest().unwrap(), [], "nothing of what was refused is kept");
    let made = put(&who(AreaScope::All), &calibration()).unwrap();
    assert_eq!((made.number, made.by.as_str(), made.is_overdue), (1, "wang", false));
    assert_eq!(log(NOW_MS).of(&channel, 10).unwrap(), [made]);
    assert!(log(NOW_MS + 1).newest().unwrap()[0].is_overdue);
}

#[test]
fn what_the_site_asks_and_nobody_wrote_has_no_record_until_somebody_does() {
    let (mut settings, dir) = (settings(), tempfile::tempdir().unwrap());
    let channel = settings.site.channels[0].clone();
    settings.intervals = vec![siskin_model::due::Interval {
        kind: siskin_model::MaintenanceKind::Calibration,
        every_days: 90,
        source: "made for tests".to_owned(),
        gas: channel.quantity.gas().cloned(),
        profile: None,
    }];
    let same = settings.site.channels.iter().filter(|one| one.quantity == channel.quantity).count();
    let ledger = Ledger::open(dir.path()).unwrap();
    let log = |ms| Log { settings: &settings, ledger: &ledger, now: Timestamp::from_millis(ms) };
    let last = LastDue::default();
    let told = last.health(&log(NOW_MS));
    assert_eq!((told.no_record as usize, told.overdue, told.soon), (same, 0, 0));
    let due = log(NOW_MS).due_views().unwrap();
    assert_eq!((due.len(), due[0].every_days, due[0].done_at.as_ref()), (same, Some(90), None));
    log(NOW_MS).put(&channel.id, &who(AreaScope::All), &calibration()).unwrap();
    assert_eq!(last.health(&log(NOW_MS)), told, "looked at once a minute");
    last.forget();
    let now = last.health(&log(NOW_MS));
    assert_eq!((now.no_record as usize, now.overdue, now.soon), (same - 1, 0, 1));
    assert_eq!(last.health(&log(NOW_MS + 60_000)).overdue, 1, "its date has passed");
}
