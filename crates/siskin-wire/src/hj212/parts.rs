//! Uploads in several packets (PNUM, PNO).
//!
//! A logger may wait for the answer to one part before it sends the next, and an answer is given
//! only for what is on disk: so each part is taken for itself, as soon as it is there. What parts
//! need from each other is the `DataTime` of the first, which is kept here, within limits.

use std::collections::VecDeque;

use siskin_model::Timestamp;

use super::Packet;

/// Uploads of one logger that may be under way; at the limit the oldest is forgotten.
pub const UPLOADS_MAX: usize = 8;
/// How long the begin of an upload is kept for its other parts: three tries of ten seconds, twice.
pub const PART_PATIENCE_MS: i64 = 60_000;

/// The uploads of one logger that are under way.
#[derive(Debug, Clone, Default)]
pub struct Parts {
    begun: VecDeque<Begun>,
}

#[derive(Debug, Clone)]
struct Begun {
    st: String,
    cn: u16,
    total: u16,
    data_time: String,
    at: Timestamp,
}

impl Begun {
    fn is_of(&self, packet: &Packet) -> bool {
        let total = packet.part.map(|part| part.total);
        self.st == packet.st && self.cn == packet.cn && total == Some(self.total)
    }
}

impl Parts {
    /// The `DataTime` of `packet`: its own, or that of the upload it is a part of.
    pub fn data_time(
        &mut self,
        packet: &Packet,
        own: Option<&str>,
        now: Timestamp,
    ) -> Option<String> {
        self.begun.retain(|begun| {
            let age_ms = now.since_ms(begun.at);
            (0..=PART_PATIENCE_MS).contains(&age_ms)
        });
        let Some(part) = packet.part else {
            return own.map(str::to_owned);
        };
        let Some(own) = own else {
            let found = self.begun.iter().find(|begun| begun.is_of(packet));
            return found.map(|begun| begun.data_time.clone());
        };
        self.begun.retain(|begun| !begun.is_of(packet));
        if self.begun.len() >= UPLOADS_MAX {
            self.begun.pop_front();
        }
        self.begun.push_back(Begun {
            st: packet.st.clone(),
            cn: packet.cn,
            total: part.total,
            data_time: own.to_owned(),
            at: now,
        });
        Some(own.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hj212::Part;

    fn part(cn: u16, total: u16, number: u16) -> Packet {
        Packet { cn, part: Some(Part { total, number }), ..Packet::default() }
    }

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millis(ms)
    }

    #[test]
    fn later_parts_have_the_time_of_the_first_for_a_while() {
        let mut parts = Parts::default();
        let first = parts.data_time(&part(2061, 2, 1), Some("20160801080000"), at(0));
        assert_eq!(first.as_deref(), Some("20160801080000"));
        let second = |parts: &mut Parts, cn, total, ms| {
            parts.data_time(&part(cn, total, 2), None, at(ms)).is_some()
        };
        assert!(second(&mut parts, 2061, 2, PART_PATIENCE_MS));
        assert!(!second(&mut parts, 2051, 2, 10));
        assert!(!second(&mut parts, 2061, 3, 10));
        assert!(!second(&mut parts, 2061, 2, PART_PATIENCE_MS + 1));
        assert_eq!(parts.data_time(&Packet::default(), None, at(0)), None);
    }

    #[test]
    fn the_oldest_upload_is_forgotten_at_the_limit() {
        let mut parts = Parts::default();
        for cn in (2000..).take(UPLOADS_MAX + 1) {
            parts.data_time(&part(cn, 2, 1), Some("20160801080000"), at(0));
        }
        assert_eq!(parts.data_time(&part(2000, 2, 2), None, at(1)), None);
        assert!(parts.data_time(&part(2001, 2, 2), None, at(1)).is_some());
    }
}
