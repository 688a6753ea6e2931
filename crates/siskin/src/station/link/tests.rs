//! A whole station on loopback, spoken to by the frames of the link.

mod bench;
mod harness;

use std::time::Duration;

use siskin_model::{ChannelId, Edge, Origin, Quality, RuleId, Tier, Timestamp, WarningId};
use siskin_wire::link::{ClockMark, EdgeAlarm, Frame, Gap, GapCause, Lane, Noted, Row, SeqRange};

use harness::{Client, Folder, HOUR_MS, row};

fn range(from: u64, until: u64) -> SeqRange {
    SeqRange { from, until }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_token_is_not_let_in() {
    let folder = Folder::new(1);
    let station = folder.start().await;
    for (edge, token) in [
        ("gw-1", "wrong-wrong-wrong-wrong"),
        ("gw-2", harness::TOKEN),
        ("gw-1", ""),
        // It is in the site and has no token here.
        ("gw-silent", ""),
    ] {
        let status = Client::refused(&station, edge, token).await;
        assert_eq!(status, 401, "{edge} with `{token}`");
    }
    station.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_acknowledged_is_stored_once_and_outlives_the_station() {
    let folder = Folder::new(2);
    let station = folder.start().await;
    let mut edge = Client::connect(&station, "spool-a", 2, 1, 6).await;
    assert_eq!(edge.committed, []);
    let now_ms = station.now_ms();
    let early_ms = now_ms - HOUR_MS;
    let mut sent = Vec::new();
    for seq in [5u64, 1, 2, 3, 4] {
        let at_ms = if seq == 5 { now_ms } else { early_ms + i64::try_from(seq).unwrap() * 1000 };
        let rows = [row(0, at_ms, seq as f64 / 10.0), row(1, at_ms, 0.1 + 0.2)];
        let lane = if seq == 5 { Lane::Live } else { Lane::Backlog };
        edge.data(lane, seq, &rows).await;
        sent.extend(rows);
    }
    edge.acked(&[range(1, 6)]).await;
    // The same number again, even with other content, is a batch that is stored already.
    edge.data(Lane::Backlog, 3, &[row(0, early_ms + 77, 9.0)]).await;
    edge.acked(&[range(1, 6)]).await;
    drop(edge);
    station.stop().await;
    assert_eq!(folder.stored(), harness::sorted(&sent));
    for (row, origin) in folder.records() {
        let is_late = row.measured_at.as_millis() < now_ms;
        assert_eq!(origin, if is_late { Origin::Backlog } else { Origin::Live }, "{row:?}");
    }

    let station = folder.start().await;
    let edge = Client::connect(&station, "spool-a", 2, 1, 6).await;
    assert_eq!(edge.committed, [range(1, 6)]);
    drop(edge);
    let edge = Client::connect(&station, "spool-b", 2, 1, 6).await;
    assert_eq!(edge.committed, [], "a new spool has nothing stored");
    drop(edge);
    station.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_writes_its_own_channels_only() {
    let folder = Folder::new(1);
    let station = folder.start().await;
    let now_ms = station.now_ms();
    // The second channel of its table is the station's own, the third one nobody's.
    let mut edge = Client::connect_as(&station, "s", &["e-0-cl2", "own-cl2", "no"], 1, 2).await;
    let rows = [row(0, now_ms, 0.5), row(1, now_ms, 9.0), row(2, now_ms, 9.0), row(7, now_ms, 1.)];
    edge.data(Lane::Live, 1, &rows).await;
    edge.acked(&[range(1, 2)]).await;
    let view = station.view();
    assert_eq!((view.readings, view.refused, view.batches_behind), (1, 3, 0));
    drop(edge);
    station.stop().await;
    assert_eq!(folder.stored(), harness::sorted(&rows[..1]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_ahead_is_set_aside_and_does_not_make_true_readings_late() {
    let folder = Folder::new(1);
    let station = folder.start().await;
    let now_ms = station.now_ms();
    let mut edge = Client::connect(&station, "s", 1, 1, 3).await;
    edge.data(Lane::Live, 1, &[row(0, now_ms + HOUR_MS, 1.0)]).await;
    edge.data(Lane::Live, 2, &[row(0, now_ms, 2.0)]).await;
    edge.acked(&[range(1, 3)]).await;
    let counters = station.live.shown().counters.clone();
    assert_eq!((counters.quarantined, counters.late), (1, 0));
    drop(edge);
    station.stop().await;
    assert_eq!(folder.stored(), harness::sorted(&[row(0, now_ms, 2.0)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_session_wins() {
    let folder = Folder::new(1);
    let station = folder.start().await;
    let mut older = Client::connect(&station, "s", 1, 1, 1).await;
    let mut newer = Client::connect(&station, "s", 1, 1, 2).await;
    older.ended().await;
    newer.data(Lane::Live, 1, &[row(0, station.now_ms(), 1.0)]).await;
    newer.acked(&[range(1, 2)]).await;
    assert!(station.view().connected, "the end of the older one is not the end of the newer");
    drop(newer);
    station.until(|view| !view.connected).await;
    // That its analyzers are not seen goes through the pipeline, after what the view says.
    let why = || station.live.shown().health.first().and_then(|one| one.last_error.clone());
    station.until(|_| why().is_some_and(|why| why.contains("gw-1"))).await;
    station.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn gaps_clocks_and_missing_batches() {
    let folder = Folder::new(1);
    let station = folder.start().await;
    let mut edge = Client::connect(&station, "s", 1, 4, 8).await;
    assert_eq!(edge.next(|f| matches!(f, Frame::Request(_))).await, Frame::Request(range(1, 4)));
    let gap = Gap {
        from_seq: 1,
        until_seq: 4,
        readings: 300,
        from_ms: 1_000,
        to_ms: 9_000,
        why: GapCause::SpoolFull,
    };
    edge.say(Frame::Gap(gap.clone())).await;
    edge.acked(&[range(1, 4)]).await;
    edge.say(Frame::Gap(gap)).await;
    edge.acked(&[range(1, 4)]).await;
    edge.say(Frame::Clock(ClockMark { sent_ms: 5, echo_ms: None })).await;
    let is_answer = |f: &Frame| matches!(f, Frame::Clock(ClockMark { echo_ms: Some(5), .. }));
    edge.next(is_answer).await;
    let (asked, skew_ms) = (station.now_ms(), -3_600_000);
    let echo_ms = Some(asked);
    edge.say(Frame::Clock(ClockMark { sent_ms: asked + skew_ms, echo_ms })).await;
    let view = station.until(|view| view.skew_ms.is_some()).await;
    assert!((view.skew_ms.unwrap() - skew_ms).abs() <= 1_000, "{view:?}");
    assert_eq!((view.gaps, view.readings_lost, view.batches_behind), (1, 300, 4));
    assert_eq!(view.gaps_newest[0].why, "spool-full");
    drop(edge);
    station.stop().await;
}

/// Waits until so many gaps and alarms of the session are noted.
async fn noted(edge: &mut Client, gaps: u64, alarms: u64) {
    let all = Frame::Noted(Noted { gaps, alarms });
    edge.next(|frame| *frame == all).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn losses_and_alarms_are_noted_when_they_are_in_the_ledger_and_count_once() {
    let folder = Folder::new(1);
    let station = folder.start().await;
    let alarm = |channel: &str, change, at_ms| EdgeAlarm {
        warning: WarningId::from_text("w"),
        channel: ChannelId::new(channel).unwrap(),
        rule: RuleId::new("chlorine-red").unwrap(),
        tier: Tier::Red,
        edge: change,
        at: Timestamp::from_millis(at_ms),
        value: None,
    };
    let (from_ms, to_ms, why) = (1_000, 9_000, GapCause::DiskFull);
    let lost = Gap { from_seq: 5, until_seq: 6, readings: 30, from_ms, to_ms, why };
    let raise = alarm("e-0-cl2", Edge::Raise, 1_000);
    let mut edge = Client::connect(&station, "s", 1, 1, 7).await;
    edge.say(Frame::Alarm(raise.clone())).await;
    // One of a channel of others is noted as well: it must not be told for ever.
    edge.say(Frame::Alarm(alarm("own-cl2", Edge::Raise, 1_000))).await;
    edge.say(Frame::Gap(lost.clone())).await;
    noted(&mut edge, 1, 2).await;
    // The empty batch that stands for what the disk did not take.
    edge.data(Lane::Live, 5, &[]).await;
    edge.data(Lane::Backlog, 6, &[]).await;
    edge.acked(&[range(5, 7)]).await;
    drop(edge);
    station.stop().await;

    // The gateway has not heard it, has raised and cleared once more, and its loss has grown.
    let station = folder.start().await;
    assert_eq!(station.view().alarms.len(), 1);
    let mut edge = Client::connect(&station, "s", 1, 1, 8).await;
    let rest = [(Edge::Clear, 2_000), (Edge::Raise, 3_000), (Edge::Clear, 4_000)];
    edge.say(Frame::Alarm(raise)).await;
    for (change, at_ms) in rest {
        edge.say(Frame::Alarm(alarm("e-0-cl2", change, at_ms))).await;
    }
    edge.say(Frame::Gap(lost.clone())).await;
    edge.say(Frame::Gap(Gap { until_seq: 7, readings: 50, ..lost })).await;
    noted(&mut edge, 2, 4).await;
    let view = station.view();
    assert_eq!((view.gaps, view.readings_lost, view.alarms.len()), (1, 50, 0));
    let changes: Vec<_> = view.alarm_events.iter().map(|e| e.change.as_str()).collect();
    assert_eq!(changes, ["clear", "raise", "clear", "raise"]);
    drop(edge);
    station.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nonsense_ends_the_session_and_nothing_else() {
    let folder = Folder::new(1);
    let station = folder.start().await;
    for bytes in [&b""[..], b"\x07what", b"\x01{\"hello\":7}", b"\x02\x00\x01"] {
        let mut edge = Client::connect(&station, "s", 1, 1, 1).await;
        edge.bytes(bytes).await;
        edge.ended().await;
    }
    let mut edge = Client::connect(&station, "s", 1, 1, 2).await;
    let row = Row { value: None, quality: Quality::CommLost, ..row(0, station.now_ms(), 0.0) };
    edge.data(Lane::Live, 1, &[row]).await;
    edge.acked(&[range(1, 2)]).await;
    drop(edge);
    station.stop().await;
    assert_eq!(folder.stored(), harness::sorted(&[row]));
}

#[tokio::test(flavor = "multi_thread")]
async fn stations_that_are_cut_off_end_with_exactly_what_was_sent() {
    // Sessions are cut after some frames, and the station is started anew after some sessions; the
    // gateway sends again what was not acknowledged, live batches before late ones.
    let folder = Folder::new(3);
    let total = 60u64;
    let mut station = folder.start().await;
    let begin_ms = station.now_ms() - 1_000 * i64::try_from(total).unwrap();
    let rows_of = |seq: u64| {
        let at_ms = begin_ms + 1_000 * i64::try_from(seq).unwrap();
        [row(0, at_ms, seq as f64 / 9.0), row(1, at_ms, -(seq as f64)), row(2, at_ms, 1.0 / 3.0)]
    };
    for round in 1u64.. {
        let mut edge = Client::connect(&station, "s", 3, 1, total + 1).await;
        let open: Vec<u64> = (1..=total).filter(|seq| !edge.has(*seq)).collect();
        if open.is_empty() {
            break;
        }
        assert!(round < 50, "{open:?} are never stored");
        let (newest, oldest) = open.split_at(open.len().min(usize::try_from(round % 4).unwrap()));
        for (lane, seqs) in [(Lane::Live, newest), (Lane::Backlog, oldest)] {
            for seq in seqs.iter().take(12) {
                edge.data(lane, *seq, &rows_of(*seq)).await;
            }
        }
        if round % 2 == 0 {
            // Long enough for some of them, and cut in the middle of what is on its way.
            edge.some_ack().await;
        }
        drop(edge);
        if round % 3 == 0 {
            station.stop().await;
            station = folder.start().await;
        } else {
            tokio::time::timeout(Duration::from_secs(9), station.until(|v| !v.connected))
                .await
                .unwrap();
        }
    }
    station.stop().await;
    let sent: Vec<Row> = (1..=total).flat_map(rows_of).collect();
    assert_eq!(folder.stored(), harness::sorted(&sent));
}
