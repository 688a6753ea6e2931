//! Which batches of a gateway's spool are on the station's disk, and which are on their way.
//!
//! A number enters `committed` only when the readings are on disk, and is acknowledged only when
//! the ledger has it too. Must never hold a number whose batch is not stored.

use std::collections::BTreeSet;

use siskin_wire::link::{RANGES_MAX, SeqRange, SeqSet};

/// The batches of one spool.
#[derive(Debug)]
pub(super) struct Book {
    pub(super) spool: String,
    committed: SeqSet,
    /// Received and not stored yet.
    on_the_way: BTreeSet<u64>,
    /// Whether something is committed that was not acknowledged.
    is_news: bool,
}

impl Book {
    /// The book of a spool of which `committed` is known.
    pub(super) fn new(spool: String, committed: impl IntoIterator<Item = SeqRange>) -> Self {
        let committed = SeqSet::of(committed);
        Self { spool, committed, on_the_way: BTreeSet::new(), is_news: false }
    }

    /// A batch has come: whether it must be stored. One that is stored is acknowledged again.
    pub(super) fn receive(&mut self, seq: u64) -> bool {
        if self.committed.contains(seq) {
            self.is_news = true;
            return false;
        }
        self.on_the_way.insert(seq)
    }

    /// A batch is on disk.
    pub(super) fn store(&mut self, seq: u64) {
        self.on_the_way.remove(&seq);
        self.committed.add(seq);
        self.is_news = true;
    }

    /// Batches will never come; that is on disk.
    pub(super) fn settle(&mut self, range: SeqRange) {
        self.committed.insert(range);
        self.is_news = true;
    }

    /// How many batches are on their way to the disk.
    pub(super) fn waiting(&self) -> usize {
        self.on_the_way.len()
    }

    /// What can be told: the lowest ranges, as many as a frame takes. The others are told when the
    /// holes below them are closed.
    pub(super) fn told(&self) -> Vec<SeqRange> {
        self.committed.lowest(RANGES_MAX)
    }

    /// What is to be acknowledged now; nothing where there is no news.
    pub(super) fn news(&mut self) -> Option<Vec<SeqRange>> {
        std::mem::take(&mut self.is_news).then(|| self.told())
    }

    /// The news could not be written: they are news again.
    pub(super) fn again(&mut self) {
        self.is_news = true;
    }

    /// Holes below `first_seq`: the gateway does not hold these batches and has not said why.
    pub(super) fn missing(&self, first_seq: u64, most: usize) -> Vec<SeqRange> {
        let mut missing = self.committed.holes(SeqRange { from: 1, until: first_seq });
        missing.truncate(most);
        missing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(from: u64, until: u64) -> SeqRange {
        SeqRange { from, until }
    }

    #[test]
    fn only_what_is_stored_is_told() {
        let mut book = Book::new("a".to_owned(), [range(1, 4)]);
        assert!(book.receive(4) && book.receive(6));
        assert!(!book.receive(4), "on its way already");
        assert_eq!((book.news(), book.waiting()), (None, 2));
        book.store(6);
        assert_eq!(book.news(), Some(vec![range(1, 4), range(6, 7)]));
        assert_eq!(book.news(), None);
        book.store(4);
        assert_eq!(book.news(), Some(vec![range(1, 5), range(6, 7)]));
        assert!(!book.receive(2), "a batch that comes again is not stored twice");
        assert!(book.news().is_some(), "and is acknowledged again");
    }

    #[test]
    fn what_the_gateway_lacks_is_asked_for() {
        let book = Book::new("a".to_owned(), [range(3, 5), range(7, 9)]);
        assert_eq!(book.missing(12, 9), [range(1, 3), range(5, 7), range(9, 12)]);
        assert_eq!(book.missing(12, 1), [range(1, 3)]);
        assert_eq!(book.missing(8, 9), [range(1, 3), range(5, 7)]);
        assert_eq!(book.missing(1, 9), []);
        let empty = Book::new("b".to_owned(), []);
        assert_eq!(empty.missing(4, 9), [range(1, 4)]);
    }
}
