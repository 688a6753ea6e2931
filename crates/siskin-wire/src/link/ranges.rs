//! Which batches: ranges of sequence numbers. Both sides of the link keep what is committed as
//! such a set; it must never hold a number that nobody put into it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Numbers from `from` up to, not including, `until`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeqRange {
    /// The first.
    pub from: u64,
    /// The one after the last.
    pub until: u64,
}

/// A set of numbers, kept as ranges that do not touch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SeqSet {
    /// End by begin.
    ranges: BTreeMap<u64, u64>,
}

impl SeqSet {
    /// A set of these ranges; they may overlap, empty ones hold nothing.
    pub fn of(ranges: impl IntoIterator<Item = SeqRange>) -> Self {
        let mut set = Self::default();
        for range in ranges {
            set.insert(range);
        }
        set
    }

    /// Puts all of `range` in.
    pub fn insert(&mut self, range: SeqRange) {
        let SeqRange { mut from, mut until } = range;
        if from >= until {
            return;
        }
        // The newest range that begins at or before the end swallows or is swallowed, again and
        // again until one ends before this one begins.
        while let Some((&begin, &end)) = self.ranges.range(..=until).next_back() {
            if end < from {
                break;
            }
            from = from.min(begin);
            until = until.max(end);
            self.ranges.remove(&begin);
        }
        self.ranges.insert(from, until);
    }

    /// Puts one number in.
    pub fn add(&mut self, seq: u64) {
        self.insert(SeqRange { from: seq, until: seq.saturating_add(1) });
    }

    /// Whether `seq` is in it.
    pub fn contains(&self, seq: u64) -> bool {
        self.ranges.range(..=seq).next_back().is_some_and(|(_, end)| seq < *end)
    }

    /// Whether all of `range` is in it.
    pub fn covers(&self, range: SeqRange) -> bool {
        let holding = self.ranges.range(..=range.from).next_back();
        range.from >= range.until || holding.is_some_and(|(_, end)| range.until <= *end)
    }

    /// What of `range` is not in it, rising.
    pub fn holes(&self, range: SeqRange) -> Vec<SeqRange> {
        let mut holes = Vec::new();
        let mut from = range.from;
        for held in self.iter().skip_while(|held| held.until <= range.from) {
            if held.from >= range.until {
                break;
            }
            if from < held.from {
                holes.push(SeqRange { from, until: held.from });
            }
            from = held.until;
        }
        if from < range.until {
            holes.push(SeqRange { from, until: range.until });
        }
        holes
    }

    /// The ranges, rising.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = SeqRange> + '_ {
        self.ranges.iter().map(|(from, until)| SeqRange { from: *from, until: *until })
    }

    /// The lowest `most` ranges: what a frame can carry. What is left out is told later, when the
    /// holes below it are closed.
    pub fn lowest(&self, most: usize) -> Vec<SeqRange> {
        self.iter().take(most).collect()
    }

    /// How many ranges there are.
    pub fn len(&self) -> usize {
        self.ranges.len()
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_holds_what_was_put_in_and_nothing_else(
            ranges in prop::collection::vec((0u64..60, 0u64..9), 0..20),
        ) {
            let ranges = ranges.into_iter().map(|(from, n)| SeqRange { from, until: from + n });
            let ranges: Vec<_> = ranges.collect();
            let plain: BTreeSet<u64> = ranges.iter().flat_map(|r| r.from..r.until).collect();
            let set = SeqSet::of(ranges);
            for seq in 0..80 {
                prop_assert_eq!(set.contains(seq), plain.contains(&seq), "{}", seq);
                let all = (seq..seq + 5).all(|seq| plain.contains(&seq));
                let five = SeqRange { from: seq, until: seq + 5 };
                prop_assert_eq!(set.covers(five), all);
                let holes = set.holes(five);
                prop_assert!(holes.windows(2).all(|w| w[0].until < w[1].from), "{:?}", holes);
                let open: BTreeSet<u64> = holes.iter().flat_map(|r| r.from..r.until).collect();
                let plain = (seq..seq + 5).filter(|seq| !plain.contains(seq));
                prop_assert_eq!(open, plain.collect::<BTreeSet<u64>>());
            }
            let told: Vec<_> = set.iter().collect();
            prop_assert!(told.iter().all(|r| r.from < r.until));
            prop_assert!(told.windows(2).all(|w| w[0].until < w[1].from), "{:?}", told);
            prop_assert_eq!(SeqSet::of(told), set);
        }
    }

    #[test]
    fn neighbours_become_one() {
        let mut set = SeqSet::default();
        for seq in [4, 2, 3, 9] {
            set.add(seq);
        }
        assert_eq!(set.lowest(1), [SeqRange { from: 2, until: 5 }]);
        assert_eq!(set.len(), 2);
    }
}
