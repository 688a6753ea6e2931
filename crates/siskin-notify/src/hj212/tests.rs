//! What is made when, from a desk in memory; the sending is tested with the real book and a real
//! centre in `tests/tests/uplink`.

use std::collections::BTreeMap;
use std::sync::Mutex;

use siskin_model::site::{Hj212Crc, Hj212Version};
use siskin_model::uplink::{
    UplinkCause, UplinkCursor, UplinkDraft, UplinkFactor, UplinkIntervals, UplinkKind,
    UplinkMessage, UplinkPatience, UplinkState, UplinkSummary,
};
use siskin_model::{ChannelId, ChannelIndex, Quality, Reading};

use super::produce::Maker;
use super::*;

/// 2026-11-29 08:00:00 at +08:00.
const NOW: Timestamp = Timestamp::from_millis(1_795_910_400_000);
const CHINA_S: i32 = 28_800;

#[derive(Default)]
struct Memory {
    readings: Vec<Reading>,
    cursors: Mutex<BTreeMap<UplinkKind, Timestamp>>,
    skipped: Mutex<u64>,
    queued: Mutex<Vec<UplinkDraft>>,
    open: Mutex<UplinkSummary>,
}

impl Desk for Memory {
    fn secrets(&self, _: &Uplink) -> Result<Secrets, DeskFault> {
        Ok(Secrets { password: "123456".into(), key: None })
    }

    fn readings(
        &self,
        _: ChannelIndex,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Reading>, DeskFault> {
        let is_in = |one: &&Reading| from <= one.measured_at && one.measured_at < to;
        Ok(self.readings.iter().filter(is_in).copied().collect())
    }

    fn cursor(&self, _: &str, kind: UplinkKind) -> Result<Option<Timestamp>, DeskFault> {
        Ok(self.cursors.lock().unwrap().get(&kind).copied())
    }

    fn queue(
        &self,
        _: &str,
        drafts: &[(UplinkDraft, Timestamp)],
        cursor: Option<UplinkCursor>,
        _: Timestamp,
    ) -> Result<Vec<i64>, DeskFault> {
        if let Some(cursor) = cursor {
            self.cursors.lock().unwrap().insert(cursor.kind, cursor.upto);
            *self.skipped.lock().unwrap() += cursor.skipped;
        }
        self.queued.lock().unwrap().extend(drafts.iter().map(|(draft, _)| draft.clone()));
        Ok(drafts.iter().map(|_| 0).collect())
    }

    fn qn(&self, _: &str, now: Timestamp) -> Result<Timestamp, DeskFault> {
        Ok(now)
    }

    fn next(&self, _: &str, _: Timestamp) -> Result<Option<UplinkMessage>, DeskFault> {
        Ok(None)
    }

    fn of_qn(&self, _: &str, _: Timestamp) -> Result<Option<UplinkMessage>, DeskFault> {
        Ok(None)
    }

    fn sent(&self, _: i64, _: Timestamp) -> Result<(), DeskFault> {
        Ok(())
    }

    fn ended(&self, _: i64, _: UplinkState, _: &str, _: Timestamp) -> Result<(), DeskFault> {
        Ok(())
    }

    fn fail_asked(&self, _: &str, _: &str, _: Timestamp) -> Result<(), DeskFault> {
        Ok(())
    }

    fn give_up(
        &self,
        _: &str,
        _: UplinkKind,
        keep: u32,
        _: &str,
        _: Timestamp,
    ) -> Result<usize, DeskFault> {
        self.open.lock().unwrap().open_real_time = keep.into();
        Ok(1)
    }

    fn trim(&self, _: &str, _: Timestamp, _: u32) -> Result<usize, DeskFault> {
        Ok(0)
    }

    fn summary(&self, _: &str) -> Result<UplinkSummary, DeskFault> {
        Ok(self.open.lock().unwrap().clone())
    }

    fn settings(&self, _: &str) -> Result<BTreeMap<String, String>, DeskFault> {
        Ok(BTreeMap::new())
    }

    fn set(&self, _: &str, _: &str, _: &str) -> Result<(), DeskFault> {
        Ok(())
    }

    fn audit(&self, _: &str, _: &str, _: &[(&str, String)]) -> Result<(), DeskFault> {
        Ok(())
    }
}

fn uplink(sends: &[UplinkKind]) -> Uplink {
    let factor = UplinkFactor {
        channel: ChannelIndex(0),
        channel_id: ChannelId::new("a").unwrap(),
        code: "a21028".into(),
        unit: "mg/m3".into(),
        factor: 1.0,
        decimals: 2,
        range_high: 50.0,
        poll_ms: 30_000,
        is_direction: false,
        cou_per_h: None,
        serial: None,
    };
    Uplink {
        id: "town".into(),
        name: Text::new("县局", "County bureau"),
        host: "127.0.0.1".into(),
        port: 9,
        version: Hj212Version::V2017,
        crc: Hj212Crc::Standard,
        mn: "UP_TOWN_01".into(),
        st: "22".into(),
        password_file: "pw".into(),
        intervals: UplinkIntervals { real_time_s: 30, minute_min: 10 },
        sends: sends.to_vec(),
        patience: UplinkPatience {
            over_time_s: 1,
            re_count: 1,
            backoff_min_ms: 100,
            backoff_max_ms: 1000,
        },
        factors: vec![factor],
        settle_ms: 15_000,
        unanswered_max_ms: 600_000,
        asks_time: false,
        marks_resent: false,
        heartbeat_ms: None,
        sm4: None,
    }
}

fn due(uplink: &Uplink, desk: &Memory, real_time_stopped: bool, now: Timestamp) -> usize {
    let intervals = uplink.intervals;
    let maker = Maker { uplink, intervals, desk, utc_offset_s: CHINA_S };
    maker.due(real_time_stopped, now).unwrap()
}

fn contents(desk: &Memory) -> Vec<String> {
    std::mem::take(&mut *desk.queued.lock().unwrap()).into_iter().map(|one| one.cp).collect()
}

fn good(at: Timestamp, value: f64) -> Reading {
    Reading::new(ChannelIndex(0), at, at, Some(value), Quality::Good)
}

/// Two readings a minute of 1 and 2 over an hour before [`NOW`] and ten minutes after it.
fn measured() -> Memory {
    let reading = |i: i32| good(NOW.plus_ms(i64::from(i) * 30_000), f64::from(1 + i.rem_euclid(2)));
    Memory { readings: (-120..20).map(reading).collect(), ..Memory::default() }
}

#[test]
fn nothing_from_before_the_first_start_is_sent_by_itself() {
    let (uplink, desk) = (uplink(&UplinkKind::ALL), measured());
    assert_eq!(due(&uplink, &desk, false, NOW.plus_ms(5000)), 0);
    assert_eq!(due(&uplink, &desk, false, NOW.plus_ms(9000)), 0);
    // The hour that was just over and not settled at the first start is the first one.
    assert_eq!(due(&uplink, &desk, false, NOW.plus_ms(16_000)), 2);
    let average = "a21028-Min=1.00,a21028-Avg=1.50,a21028-Max=2.00,a21028-Flag=N";
    let want = ["DataTime=20261129075000", "DataTime=20261129070000"];
    assert_eq!(contents(&desk), want.map(|head| format!("{head};{average}")));
    assert_eq!(due(&uplink, &desk, false, NOW.plus_ms(17_000)), 0, "each period once");
    assert_eq!(due(&uplink, &desk, false, NOW.plus_ms(31_000)), 1);
    assert_eq!(contents(&desk), ["DataTime=20261129080030;a21028-Rtd=2.00,a21028-Flag=N"]);
}

/// The station runs over midnight: its clock goes on by a second a look, as its task looks. Every
/// period is made by itself, once, when it is over and settled, with the averages of its readings.
#[test]
fn every_turn_of_a_period_is_made_by_itself_once() {
    let uplink = uplink(&[UplinkKind::Minute, UplinkKind::Hour, UplinkKind::Day]);
    // Two readings a minute of 1 and 2 over all of the day and ten minutes of the next.
    let midnight = NOW.plus_ms(16 * 3_600_000);
    let reading =
        |i: i32| good(midnight.plus_ms(i64::from(i) * 30_000), f64::from(1 + i.rem_euclid(2)));
    let desk = Memory { readings: (-2880..20).map(reading).collect(), ..Memory::default() };
    let start = midnight.plus_ms(-65_000);
    let mut made = Vec::new();
    for second in 0..=65 + 660 {
        let now = start.plus_ms(second * 1000);
        due(&uplink, &desk, false, now);
        made.extend(contents(&desk).into_iter().map(|cp| (now.since_ms(midnight), cp)));
    }
    let average = "a21028-Min=1.00,a21028-Avg=1.50,a21028-Max=2.00,a21028-Flag=N";
    let want = [
        // Settled 15 s after midnight: the last ten minutes, the last hour, the day.
        (15_000, "20261129235000"),
        (15_000, "20261129230000"),
        (15_000, "20261129000000"),
        (615_000, "20261130000000"),
    ];
    let want = want.map(|(ms, begin)| (ms, format!("DataTime={begin};{average}")));
    assert_eq!(made, want);
}

#[test]
fn what_was_missed_is_made_up_for_and_what_is_too_old_is_counted() {
    let (uplink, desk) = (uplink(&[UplinkKind::Hour]), measured());
    let kind = UplinkKind::Hour;
    desk.cursors.lock().unwrap().insert(kind, NOW.plus_ms(-3 * 3_600_000));
    let later = NOW.plus_ms(20_000);
    assert_eq!(due(&uplink, &desk, false, later), 3);
    let all = contents(&desk);
    assert_eq!(all[0], "DataTime=20261129050000;a21028-Flag=B");
    assert!(all[2].starts_with("DataTime=20261129070000;a21028-Min=1.00"), "{all:?}");
    // 750 hours: 30 of them are passed over, the others come in steps of 50.
    desk.cursors.lock().unwrap().insert(kind, NOW.plus_ms(-750 * 3_600_000));
    let made: Vec<_> = (0..16).map(|_| due(&uplink, &desk, false, later)).collect();
    assert_eq!(made.iter().sum::<usize>(), 720, "{made:?}");
    assert!(made.iter().all(|made| *made <= 50));
    assert_eq!(*desk.skipped.lock().unwrap(), 30);
}

#[test]
fn a_centre_that_stopped_real_time_data_gets_none_and_no_backlog_of_them() {
    let (uplink, desk) = (uplink(&[UplinkKind::RealTime]), measured());
    due(&uplink, &desk, false, NOW);
    assert_eq!(due(&uplink, &desk, true, NOW.plus_ms(95_000)), 0);
    assert_eq!(due(&uplink, &desk, false, NOW.plus_ms(121_000)), 1);
    assert_eq!(contents(&desk), ["DataTime=20261129080200;a21028-Rtd=1.00,a21028-Flag=N"]);
}

/// A bureau that answers nothing: averages wait in the store, real-time data go on.
#[test]
fn a_backlog_has_a_limit() {
    let (uplink, desk) = (uplink(&UplinkKind::ALL), measured());
    for kind in UplinkKind::ALL {
        desk.cursors.lock().unwrap().insert(kind, NOW.plus_ms(-3_600_000));
    }
    let full = UplinkSummary { open: 20_000, open_real_time: 9000, ..UplinkSummary::default() };
    *desk.open.lock().unwrap() = full;
    assert_eq!(due(&uplink, &desk, false, NOW.plus_ms(20_000)), 50);
    assert!(contents(&desk).iter().all(|one| one.contains("-Rtd=")));
    assert_eq!(desk.open.lock().unwrap().open_real_time, 2880, "the oldest are given up");
}

#[test]
fn a_request_brings_whole_periods_that_are_over() {
    let (uplink, desk) = (uplink(&UplinkKind::ALL), measured());
    let maker =
        Maker { uplink: &uplink, intervals: uplink.intervals, desk: &desk, utc_offset_s: CHINA_S };
    let ask = |kind, from_min: i64, to_min: i64| {
        let span = (NOW.plus_ms(from_min * 60_000), NOW.plus_ms(to_min * 60_000));
        maker.asked(kind, span, NOW.plus_ms(20_000)).unwrap()
    };
    let begins = |made: Option<Vec<(UplinkDraft, Timestamp)>>| -> Vec<i64> {
        let made = made.unwrap();
        assert!(made.iter().all(|(draft, _)| draft.cause == UplinkCause::Asked));
        made.iter().map(|(draft, _)| draft.data_time.since_ms(NOW) / 60_000).collect()
    };
    assert_eq!(begins(ask(UplinkKind::Minute, -25, 5)), [-20, -10]);
    assert_eq!(begins(ask(UplinkKind::Minute, -20, -20)), [-20]);
    assert_eq!(begins(ask(UplinkKind::Hour, -60, 0)), [-60]);
    assert_eq!(begins(ask(UplinkKind::Hour, -600, -120)), [0_i64; 0], "nothing is stored");
    assert_eq!(begins(ask(UplinkKind::RealTime, -1, 0)), [-1, 0, 0]);
    assert!(ask(UplinkKind::Minute, -60_000, 0).is_none());
}

#[test]
fn people_are_told_in_both_languages() {
    let uplink = uplink(&UplinkKind::ALL);
    let mut status = UplinkStatus::new(&uplink, NOW);
    assert_eq!(Uplinks::notices(&uplink, &status, NOW), []);
    let oldest_open_at = Some(NOW.plus_ms(-660_000));
    status.summary =
        Some(UplinkSummary { open: 3, oldest_open_at, skipped: 2, ..UplinkSummary::default() });
    status.clock_off_ms = Some(-61_000);
    status.real_time_stopped = true;
    let told = Uplinks::notices(&uplink, &status, NOW);
    let en: Vec<_> = told.iter().map(|text| text.en.as_str()).collect();
    assert_eq!(
        en[0],
        "County bureau has not answered for 11 min, 3 messages wait: it does not answer"
    );
    assert!(en[1].contains("61 s ahead of that of County bureau"), "{en:?}");
    assert_eq!(told.len(), 4);
    assert!(told.iter().all(|text| text.zh.contains("县局")), "{told:?}");
}
