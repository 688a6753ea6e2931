//! Uploads in several packets (PNUM, PNO).
//!
//! A logger may wait for the answer to one part before it sends the next, and an answer is given
//! only for what is on disk: so each part is taken for itself, as soon as it is there. What parts
//! need from each other is the `DataTime` of the first, which is kept here, within limits. A part
//! is never given the time of another upload, as far as numbers and QNs tell them apart: where its
//! own begin did not come, it has none.

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
    /// The parts that came, each number once, with their QN; at most as many as PNUM can say.
    came: Vec<(u16, Option<String>)>,
}

impl Begun {
    fn is_of(&self, packet: &Packet) -> bool {
        let total = packet.part.map(|part| part.total);
        self.st == packet.st && self.cn == packet.cn && total == Some(self.total)
    }

    /// Whether `packet` came before as part `number`, under the same QN: it is sent again.
    fn has(&self, packet: &Packet, number: u16) -> bool {
        packet.qn.is_some() && self.came.iter().any(|(n, qn)| *n == number && *qn == packet.qn)
    }

    /// Whether part `number` is still to come and `packet` is not older than what came: the parts
    /// of an upload have rising QNs (HJ 212-2017, appendix C).
    fn lacks(&self, packet: &Packet, number: u16) -> bool {
        let begin = self.came.first().and_then(|(_, qn)| qn.as_ref());
        let is_later = |(begin, own): (&String, &String)| (begin.len(), begin) <= (own.len(), own);
        begin.zip(packet.qn.as_ref()).is_none_or(is_later)
            && self.came.iter().all(|(n, _)| *n != number)
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
        let came = (part.number, packet.qn.clone());
        let Some(own) = own else {
            let of_packet = || self.begun.iter().enumerate().filter(|(_, b)| b.is_of(packet));
            let again = of_packet().find(|(_, begun)| begun.has(packet, part.number));
            if let Some((_, begun)) = again {
                return Some(begun.data_time.clone());
            }
            let (place, _) = of_packet().rfind(|(_, begun)| begun.lacks(packet, part.number))?;
            let begun = self.begun.get_mut(place)?;
            begun.came.push(came);
            return Some(begun.data_time.clone());
        };
        let is_same = |begun: &Begun| begun.is_of(packet) && begun.data_time == own;
        let known = self.begun.iter_mut().find(|begun| is_same(begun));
        if let Some(begun) = known.filter(|begun| begun.has(packet, part.number)) {
            begun.at = now;
            return Some(own.to_owned());
        }
        // Sent once more from its begin, under other QNs.
        self.begun.retain(|begun| !is_same(begun));
        if self.begun.len() >= UPLOADS_MAX {
            self.begun.pop_front();
        }
        self.begun.push_back(Begun {
            st: packet.st.clone(),
            cn: packet.cn,
            total: part.total,
            data_time: own.to_owned(),
            at: now,
            came: vec![came],
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
        let first = parts.data_time(&part(2061, 3, 1), Some("20160801080000"), at(0));
        assert_eq!(first.as_deref(), Some("20160801080000"));
        let later = |parts: &mut Parts, cn, total, number, ms| {
            parts.data_time(&part(cn, total, number), None, at(ms)).is_some()
        };
        assert!(later(&mut parts, 2061, 3, 2, PART_PATIENCE_MS));
        assert!(!later(&mut parts, 2051, 3, 3, 10));
        assert!(!later(&mut parts, 2061, 4, 3, 10));
        assert!(!later(&mut parts, 2061, 3, 3, PART_PATIENCE_MS + 1));
        assert_eq!(parts.data_time(&Packet::default(), None, at(0)), None);
    }

    /// What comes, as `(upload, part)`, and which upload's time each later part is given. QNs rise
    /// as the parts were made, where the logger sends them.
    fn check(order: &[(u8, u16)], with_qn: bool, want: &[Option<u8>]) {
        let mut parts = Parts::default();
        let mut got = Vec::new();
        for (upload, number) in order {
            let qn = with_qn.then(|| format!("{upload}{number}"));
            let packet = Packet { qn, ..part(2011, 3, *number) };
            let own = (*number == 1).then(|| format!("{upload}"));
            let given = parts.data_time(&packet, own.as_deref(), at(0));
            if *number > 1 {
                got.push(given.map(|time| time.parse().unwrap()));
            }
        }
        assert_eq!(got, want, "{order:?}, QNs: {with_qn}");
    }

    #[test]
    fn parts_in_every_order_have_their_own_time_or_none() {
        for with_qn in [true, false] {
            check(&[(1, 1), (1, 2), (1, 3)], with_qn, &[Some(1), Some(1)]);
            check(&[(1, 1), (1, 3), (1, 2)], with_qn, &[Some(1), Some(1)]);
            // Before its begin, and without it.
            check(&[(1, 2), (1, 1), (1, 3)], with_qn, &[None, Some(1)]);
            check(&[(1, 3), (1, 2)], with_qn, &[None, None]);
            // The begin of the second upload is lost.
            let lost = [(1, 1), (1, 2), (1, 3), (2, 2), (2, 3)];
            check(&lost, with_qn, &[Some(1), Some(1), None, None]);
            // A part of the first is lost, the second is whole.
            let lost = [(1, 1), (1, 3), (2, 1), (2, 2), (2, 3)];
            check(&lost, with_qn, &[Some(1), Some(2), Some(2)]);
        }
        // Sent again, because the answer was lost: at once, and after the next upload began.
        check(&[(1, 1), (1, 2), (1, 2)], true, &[Some(1), Some(1)]);
        check(&[(1, 1), (1, 1), (1, 2), (1, 2)], true, &[Some(1), Some(1)]);
        check(&[(1, 1), (1, 2), (2, 1), (1, 2), (2, 2)], true, &[Some(1), Some(1), Some(2)]);
        // It came for the first time only then.
        check(&[(1, 1), (2, 1), (1, 2), (2, 2)], true, &[Some(1), Some(2)]);
        // Without QNs one that is sent again cannot be told from one of another upload.
        check(&[(1, 1), (1, 2), (1, 2)], false, &[Some(1), None]);
    }

    #[test]
    fn an_upload_that_is_sent_once_more_under_other_numbers_is_the_same() {
        let mut parts = Parts::default();
        for qn in ["11", "21"] {
            let first = Packet { qn: Some(qn.into()), ..part(2011, 2, 1) };
            parts.data_time(&first, Some("20160801080000"), at(0));
            let second = Packet { qn: Some(format!("{qn}0")), ..part(2011, 2, 2) };
            assert!(parts.data_time(&second, None, at(0)).is_some(), "{qn}");
        }
        assert_eq!(parts.begun.len(), 1);
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
