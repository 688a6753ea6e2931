//! Readings in order of arrival, and how each came.
//!
//! Must never change the order: of equal stamps the one that came last counts.

use siskin_model::{Origin, Reading};

/// Readings, and runs of them that came in one way.
#[derive(Debug, Default)]
pub(super) struct Runs {
    readings: Vec<Reading>,
    /// Together as long as `readings`; none is empty.
    runs: Vec<(Origin, usize)>,
}

impl Runs {
    /// Readings that came in one way.
    pub(super) fn of(origin: Origin, readings: &[Reading]) -> Self {
        let mut runs = Self::default();
        runs.push(origin, readings);
        runs
    }

    /// Adds what came next.
    pub(super) fn push(&mut self, origin: Origin, readings: &[Reading]) {
        self.readings.extend_from_slice(readings);
        match self.runs.last_mut() {
            Some((last, count)) if *last == origin => *count += readings.len(),
            _ if readings.is_empty() => {}
            _ => self.runs.push((origin, readings.len())),
        }
    }

    /// All of them.
    pub(super) fn readings(&self) -> &[Reading] {
        &self.readings
    }

    /// The oldest `count`, run by run.
    pub(super) fn first(&self, count: usize) -> Vec<(Origin, &[Reading])> {
        let mut rest = self.readings.get(..count).unwrap_or(&self.readings);
        let mut parts = Vec::new();
        for &(origin, length) in &self.runs {
            let (part, after) = rest.split_at(length.min(rest.len()));
            if part.is_empty() {
                break;
            }
            parts.push((origin, part));
            rest = after;
        }
        parts
    }

    /// All of them, run by run.
    pub(super) fn all(&self) -> Vec<(Origin, &[Reading])> {
        self.first(self.readings.len())
    }

    /// Lets the oldest `count` go.
    pub(super) fn forget(&mut self, count: usize) {
        self.readings.drain(..count.min(self.readings.len()));
        let mut left = count;
        self.runs.retain_mut(|(_, length)| {
            let gone = left.min(*length);
            left -= gone;
            *length -= gone;
            *length > 0
        });
    }

    /// Lets those go that are not wanted.
    pub(super) fn retain(&mut self, is_wanted: impl Fn(&Reading) -> bool) {
        if self.readings.iter().all(&is_wanted) {
            return;
        }
        let mut kept = Self::default();
        for (origin, part) in self.all() {
            let wanted: Vec<_> = part.iter().filter(|r| is_wanted(r)).copied().collect();
            kept.push(origin, &wanted);
        }
        *self = kept;
    }
}

#[cfg(test)]
mod tests {
    use siskin_model::{ChannelIndex, Quality, Timestamp};

    use super::*;

    fn at(ms: i64) -> Reading {
        let at = Timestamp::from_millis(ms);
        Reading::new(ChannelIndex(0), at, at, Some(1.0), Quality::Good)
    }

    #[test]
    fn each_keeps_its_place_and_its_way() {
        let check = |act: &dyn Fn(&mut Runs), expected: &[(Origin, &[i64])]| {
            let mut runs = Runs::of(Origin::Live, &[at(1), at(2)]);
            runs.push(Origin::Backlog, &[at(3)]);
            runs.push(Origin::Live, &[at(4)]);
            runs.push(Origin::Backlog, &[]);
            runs.push(Origin::Live, &[at(5)]);
            act(&mut runs);
            let stamps = |(origin, part): &(Origin, &[Reading])| {
                (*origin, part.iter().map(|r| r.measured_at.as_millis()).collect::<Vec<_>>())
            };
            let got: Vec<_> = runs.all().iter().map(stamps).collect();
            let wanted: Vec<_> = expected.iter().map(|(o, ms)| (*o, ms.to_vec())).collect();
            assert_eq!(got, wanted);
            let count: usize = wanted.iter().map(|(_, ms)| ms.len()).sum();
            assert_eq!(runs.readings().len(), count);
        };
        let (live, backlog) = (Origin::Live, Origin::Backlog);
        check(&|_| {}, &[(live, &[1, 2]), (backlog, &[3]), (live, &[4, 5])]);
        check(&|runs| runs.forget(2), &[(backlog, &[3]), (live, &[4, 5])]);
        check(&|runs| runs.forget(4), &[(live, &[5])]);
        check(&|runs| runs.forget(9), &[]);
        let without =
            |ms: i64| move |runs: &mut Runs| runs.retain(|r| r.measured_at.as_millis() != ms);
        check(&without(1), &[(live, &[2]), (backlog, &[3]), (live, &[4, 5])]);
        check(&without(3), &[(live, &[1, 2, 4, 5])]);
    }
}
