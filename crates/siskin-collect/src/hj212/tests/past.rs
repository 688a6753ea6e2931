//! What was stored before the sources started, and parts of uploads on a real line.

use super::*;

/// The data segment that the station says next.
async fn said(peer: &mut Peer) -> String {
    let mut head = [0; 6];
    let read = tokio::time::timeout(PATIENCE, peer.0.read_exact(&mut head)).await;
    read.expect("nothing was said").unwrap();
    let length: usize = std::str::from_utf8(&head[2..]).unwrap().parse().unwrap();
    let mut rest = vec![0; length + 6];
    tokio::time::timeout(PATIENCE, peer.0.read_exact(&mut rest)).await.unwrap().unwrap();
    String::from_utf8(rest[..length].to_vec()).unwrap()
}

#[tokio::test]
async fn the_gap_since_the_last_stored_reading_is_asked_for() {
    let mut own = spec(0, MN);
    // 07:49:30, ten minutes before the first packet.
    own.live_until = LiveUntil::new(Some(Timestamp::from_millis(NOW_MS - 630_000)));
    let mut station = Station::start(vec![own]).await;
    let mut peer = Peer::dial(&station).await;
    peer.say(&data(MN, "123456", "1", "0.5")).await;
    station.readings().await.1.unwrap().send(()).unwrap();
    peer.hear(&thanks(MN, "1")).await;
    let asked = said(&mut peer).await;
    let cp = "CP=&&BeginTime=20260101074930,EndTime=20260101075930&&";
    assert!(asked.contains(";CN=2051;") && asked.ends_with(cp), "{asked}");
    let mean = |at: &str| {
        format!(
            "QN=9;ST=22;CN=2051;PW=123456;MN={MN};Flag=5;\
             CP=&&DataTime={at};a21022-Avg=7,a21022-Flag=N&&"
        )
    };
    // What was stored before is not taken again, what lies in the gap is, with its time.
    peer.say(&mean("20260101074900")).await;
    peer.say(&mean("20260101075000")).await;
    let (readings, committed) = station.readings().await;
    committed.unwrap().send(()).unwrap();
    assert_eq!((ago_s(&readings[0]), readings[0].value), (600, Some(7.0)));
    assert_eq!(readings[0].quality, Quality::Uncertain);
    // So is what the logger sends again of itself.
    let again = data(MN, "123456", "2", "0.6").replace("20260101075930", "20260101075100");
    peer.say(&again).await;
    let (readings, committed) = station.readings().await;
    committed.unwrap().send(()).unwrap();
    assert_eq!((ago_s(&readings[0]), readings[0].quality), (540, Quality::Good));
    peer.say(&data(MN, "123456", "3", "0.7").replace("20260101075930", "20260101080000")).await;
    station.readings().await.1.unwrap().send(()).unwrap();
    let came = [Origin::Live, Origin::Backlog, Origin::Backlog, Origin::Live];
    assert_eq!(station.origins, came);
}

#[tokio::test]
async fn what_is_too_old_to_be_believed_is_not_asked_for() {
    let profile = PROFILE.replace("fill = \"2051\"", "fill = \"2051\"\nbacklog_max_s = 5400");
    let mut own = spec_of(&profile, 0, MN);
    own.live_until = LiveUntil::new(Some(Timestamp::from_millis(NOW_MS - 365 * 86_400_000)));
    let mut station = Station::start(vec![own]).await;
    let mut peer = Peer::dial(&station).await;
    peer.say(&data(MN, "123456", "1", "0.5")).await;
    station.readings().await.1.unwrap().send(()).unwrap();
    peer.hear(&thanks(MN, "1")).await;
    // Ninety minutes of a year, the newest hour first.
    for span in [("065930", "075930"), ("063000", "065930")] {
        let asked = said(&mut peer).await;
        let cp = format!("BeginTime=20260101{},EndTime=20260101{}&&", span.0, span.1);
        assert!(asked.ends_with(&cp), "{asked}");
        let qn = asked.split(';').next().unwrap();
        peer.say(&format!("{qn};ST=22;CN=9012;PW=123456;MN={MN};Flag=4;CP=&&ExeRtn=100&&")).await;
    }
}

#[tokio::test]
async fn a_part_whose_begin_was_lost_is_never_of_another_upload() {
    let mut station = Station::start(vec![spec(0, MN)]).await;
    let mut peer = Peer::dial(&station).await;
    let part = |qn: u32, number: u8, cp: &str| {
        format!("QN={qn};ST=22;CN=2011;PW=123456;MN={MN};Flag=7;PNUM=2;PNO={number};CP=&&{cp}&&")
    };
    let ours = |ppm: &str| format!("a21022-Rtd={ppm},a21022-Flag=N");
    peer.say(&part(10, 1, "DataTime=20260101075900;a1-Rtd=1")).await;
    peer.say(&part(11, 2, &ours("0.5"))).await;
    // The begin of the next upload was damaged on the way; its end is the one that warns.
    peer.say(&part(21, 2, &ours("40"))).await;
    // The logger did not hear the thanks for the first one.
    peer.say(&part(11, 2, &ours("0.5"))).await;
    let mut got = Vec::new();
    while got.len() < 3 {
        let (readings, _) = station.readings().await;
        got.extend(readings.iter().map(|r| (ago_s(r), r.value)));
    }
    assert_eq!(got, [(60, Some(0.5)), (0, Some(40.0)), (60, Some(0.5))]);
}
