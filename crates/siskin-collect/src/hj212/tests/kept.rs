//! What is kept of a logger for people: its last packet without the password, and its clock.

use super::*;
use crate::trace::Frame;

#[tokio::test]
async fn the_last_packet_is_kept_without_its_password() {
    let spec = spec(0, MN);
    let cell = spec.health.clone();
    assert_eq!(cell.trace().last, None);
    let mut station = Station::start(vec![spec]).await;
    let mut logger = sim(station.address, Faults::default());
    logger.measured(sample(30, 1.5, 'N'));
    let deliver = tokio::spawn(async move { logger.deliver().await });
    let (readings, committed) = station.readings().await;
    assert_eq!(readings.first().and_then(|reading| reading.value), Some(1.5));
    if let Some(committed) = committed {
        committed.send(()).unwrap();
    }
    tokio::time::timeout(PATIENCE, deliver).await.unwrap().unwrap();
    let heard = cell.trace().last.unwrap();
    let Frame::Hj212(text) = &heard.frame else { panic!("{heard:?}") };
    assert!(text.contains("PW=******;") && text.contains(MN), "{text}");
    assert!(!text.contains("123456"), "{text}");
    assert_eq!((heard.at.as_millis(), heard.is_cut()), (NOW_MS, false));
}
