//! Content that is encrypted, that should be and is not, and that nobody can read.

use siskin_model::site::{Hj212Sm4, Sm4Fill, Sm4Key, Sm4Text};

use super::*;

const KEY: &str = "0123456789abcdeffedcba9876543210";
const OTHER_KEY: &str = "fedcba98765432100123456789abcdef";

fn sm4(text: Sm4Text, fill: Sm4Fill, key: &str) -> Hj212Sm4 {
    Hj212Sm4 { text, fill, key: Sm4Key::parse(key) }
}

fn agreed(sm4: Option<Hj212Sm4>) -> LoggerSpec {
    let mut spec = spec(0, MN);
    spec.agreed.version = Hj212Version::V2025;
    spec.agreed.sm4 = sm4;
    spec.opener = Opener::new(&spec.agreed);
    spec
}

fn sealing(address: SocketAddr, sm4: Option<Hj212Sm4>) -> Logger {
    let (mn, password) = (MN.into(), "123456".into());
    Logger::new(SimSpec { address, mn, password, sm4, faults: Faults::default() })
}

/// Reads of a logger until it was thanked for two samples.
async fn delivered(agreed_sm4: Option<Hj212Sm4>, of_logger: Option<Hj212Sm4>) -> Station {
    let mut station = Station::start(vec![agreed(agreed_sm4)]).await;
    let mut logger = sealing(station.address, of_logger);
    logger.measured(sample(60, 0.5, 'N'));
    logger.measured(sample(30, 60.0, 'T'));
    let deliver = tokio::spawn(async move { logger.deliver().await });
    let mut got = Vec::new();
    for _ in 0..2 {
        let (readings, committed) = station.readings().await;
        got.extend(readings.iter().map(|r| (ago_s(r), r.value, r.quality)));
        committed.unwrap().send(()).unwrap();
    }
    let want = [(60, Some(0.5), Quality::Good), (30, Some(60.0), Quality::OverRange)];
    assert_eq!(got, want);
    tokio::time::timeout(PATIENCE, deliver).await.unwrap().unwrap();
    station
}

#[tokio::test]
async fn encrypted_readings_are_read_in_every_form_that_can_be_agreed() {
    for text in [Sm4Text::Hex, Sm4Text::Base64] {
        for fill in [Sm4Fill::None, Sm4Fill::Zero, Sm4Fill::Space, Sm4Fill::Pkcs7] {
            let sm4 = Some(sm4(text, fill, KEY));
            let station = delivered(sm4.clone(), sm4).await;
            let refused = station.health.iter().map(|health| health.refused).max();
            assert_eq!(refused, Some(0), "{text:?} {fill:?}: {:?}", station.health);
        }
    }
}

/// A reading that is thrown away may be the one that warns.
#[tokio::test]
async fn plain_readings_are_taken_where_encryption_was_agreed_and_that_is_said() {
    let mut station = delivered(Some(sm4(Sm4Text::Hex, Sm4Fill::Zero, KEY)), None).await;
    station
        .told(|health| {
            let why = health.last_error.as_deref().unwrap_or_default();
            health.link == LinkState::Degraded
                && health.exchanges_ok > 0
                && health.refused > 0
                && why.contains("not encrypted though")
        })
        .await;
}

#[tokio::test]
async fn what_cannot_be_decrypted_is_no_reading_not_thanked_and_said() {
    let sealed = sm4(Sm4Text::Hex, Sm4Fill::Zero, KEY);
    let no_key = Hj212Sm4 { key: None, ..sealed.clone() };
    for (own, words) in [
        (None, "which was not agreed"),
        (Some(no_key), "its key is not known here"),
        (Some(sm4(Sm4Text::Hex, Sm4Fill::Zero, OTHER_KEY)), "makes no sense after decryption"),
        (Some(sm4(Sm4Text::Hex, Sm4Fill::Pkcs7, KEY)), "makes no sense after decryption"),
    ] {
        let mut station = Station::start(vec![agreed(own)]).await;
        let mut logger = sealing(station.address, Some(sealed.clone()));
        logger.measured(sample(30, 0.5, 'N'));
        let deliver = tokio::spawn(async move { logger.deliver().await });
        loop {
            let Intake::Health(health) = station.next().await else { panic!("{words}: a reading") };
            let why = health.last_error.unwrap_or_default();
            if why.contains(words) {
                assert!(why.contains(MN) && why.contains("hint: "), "{why}");
                assert_eq!((health.refused, health.exchanges_ok), (1, 0), "{words}");
                assert_eq!(health.exchanges_failed, 1, "{words}");
                break;
            }
        }
        assert!(!deliver.is_finished(), "{words}: it was thanked");
        deliver.abort();
    }
}

#[tokio::test]
async fn commands_of_2025_whose_form_is_not_known_are_refused_by_name() {
    for (cn, words) in
        [("1001", "network entry"), ("1002", "network entry"), ("1014", "key change")]
    {
        let mut station = Station::start(vec![agreed(None)]).await;
        let mut peer = Peer::dial(&station).await;
        let say = |mn: &str, pw: &str| {
            format!("QN=1;ST=22;CN={cn};PW={pw};MN={mn};Flag=9;CP=&&CPUID=1,NewKey=2&&")
        };
        // Of a logger that the site does not have yet, and of one that it has.
        for data in [say("000000000000000000000000", ""), say(MN, "123456")] {
            peer.say(&data).await;
            station
                .told(|health| {
                    let why = health.last_error.as_deref().unwrap_or_default();
                    why.contains(cn) && why.contains(words)
                })
                .await;
            station.health.clear();
        }
        // It was not answered, and the next packet is: the answer to it is the first.
        peer.say(&data(MN, "123456", "2", "0.5")).await;
        station.readings().await.1.unwrap().send(()).unwrap();
        peer.hear(&thanks(MN, "2").replace("Flag=4", "Flag=8")).await;
    }
}
