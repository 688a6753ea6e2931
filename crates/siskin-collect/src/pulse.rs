//! A pulse once a minute by the way of all readings: what follows from it proves that the way is
//! open.
//!
//! Must never overtake readings that wait, nor wait for anything itself: it takes its place in the
//! same queue, and a full queue makes it late, which is what it is for.

use std::time::Duration;

use siskin_model::Timestamp;
use tokio::sync::mpsc;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::{Clock, Intake};

/// Time between two pulses.
pub const PULSE_MS: u32 = 60_000;

/// One pulse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pulse {
    /// Counted from the start of the station, from 1 on.
    pub number: u64,
    /// When it was sent, by the station's clock.
    pub sent_at: Timestamp,
}

/// Sends a pulse at once and then every [`PULSE_MS`], until `stop` or until nobody listens.
pub async fn pulses(out: mpsc::Sender<Intake>, clock: Clock, stop: CancellationToken) {
    let sending = async {
        let mut turns = tokio::time::interval(Duration::from_millis(PULSE_MS.into()));
        turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for number in 1.. {
            turns.tick().await;
            let pulse = Pulse { number, sent_at: clock() };
            if out.send(Intake::Pulse(pulse)).await.is_err() {
                return;
            }
        }
    };
    stop.run_until_cancelled(sending).await;
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn pulses_come_at_once_and_every_minute_and_end_with_the_station() {
        let (out, mut queue) = mpsc::channel(8);
        let begin = tokio::time::Instant::now();
        let clock: Clock = Arc::new(move || {
            Timestamp::from_millis(i64::try_from(begin.elapsed().as_millis()).unwrap())
        });
        let stop = CancellationToken::new();
        let task = tokio::spawn(pulses(out, clock, stop.clone()));
        for (number, sent_ms) in [(1, 0), (2, 60_000), (3, 120_000)] {
            let Some(Intake::Pulse(pulse)) = queue.recv().await else { panic!("no pulse") };
            assert_eq!(pulse, Pulse { number, sent_at: Timestamp::from_millis(sent_ms) });
        }
        stop.cancel();
        task.await.unwrap();
        assert!(queue.recv().await.is_none());
    }
}
