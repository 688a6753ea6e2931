//! A device that answers but no longer measures: its heartbeat stands still.

use crate::profile::Heartbeat;

/// Watches the heartbeat of one device.
#[derive(Debug, Clone)]
pub struct HeartbeatWatch {
    stale_after_ms: u64,
    last: Option<(u32, u64)>,
}

impl HeartbeatWatch {
    /// A watch that has not seen anything.
    pub fn new(heartbeat: &Heartbeat) -> Self {
        Self { stale_after_ms: u64::from(heartbeat.stale_after_ms), last: None }
    }

    /// Takes note of `beat` at `now_ms` of any steady clock; says for how long it has stood still
    /// when that is too long.
    pub fn observe(&mut self, beat: u32, now_ms: u64) -> Option<u64> {
        match self.last {
            Some((last, since_ms)) if last == beat => {
                let age_ms = now_ms.saturating_sub(since_ms);
                (age_ms > self.stale_after_ms).then_some(age_ms)
            }
            _ => {
                self.last = Some((beat, now_ms));
                None
            }
        }
    }

    /// Forgets what was seen, after the line was lost.
    pub fn reset(&mut self) {
        self.last = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_stale_only_after_standing_still_for_longer_than_allowed() {
        let heartbeat = Heartbeat { point: "beat".into(), stale_after_ms: 6_000 };
        let mut watch = HeartbeatWatch::new(&heartbeat);
        let seen = [(7, 0), (7, 6_000), (7, 6_001), (8, 7_000), (8, 13_000), (8, 13_500)];
        let stale = seen.map(|(beat, now_ms)| watch.observe(beat, now_ms));
        assert_eq!(stale, [None, None, Some(6_001), None, None, Some(6_500)]);
        watch.reset();
        assert_eq!(watch.observe(8, 90_000), None);
    }
}
