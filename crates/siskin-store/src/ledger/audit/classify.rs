//! Walks along the chain and says what is wrong where it breaks.
//!
//! An edit breaks the chain in one place; which one it was follows from which hashes still fit
//! together. Must never call a break something that makes it look smaller than it is: where two
//! explanations fit, the entry itself was edited.

use std::collections::{BTreeMap, BTreeSet};

use super::chain::{self, AuditEntry};
use super::check::{AuditFault, Faults};
use crate::StoreError;

/// Walks over all entries, in the order in which they stand; as often as it is called.
pub(super) type Walk<'a> = &'a dyn Fn(&mut dyn FnMut(AuditEntry) -> bool) -> Result<(), StoreError>;

/// How often all entries are looked through for one that is in the wrong place. Beyond it an entry
/// that is not in its place counts as edited.
const SEEKS_MAX: u32 = 16;

/// Where a walk along the chain is.
pub(super) struct Chain<'a> {
    walk: Walk<'a>,
    /// Hashes that checkpoints signed, by entry, with the checkpoints' numbers.
    signed: &'a BTreeMap<i64, Vec<(i64, [u8; 32])>>,
    faults: &'a mut Faults,
    /// The number that the next entry must have.
    expected: i64,
    /// How far numbers are moved up by entries that were put in.
    shift: i64,
    before: [u8; 32],
    older: [u8; 32],
    /// Up to here the chain is what was signed.
    signed_upto: i64,
    /// The newest entry, by the number it was written with, and its hash: compared with what was
    /// signed once the next one shows that it was not put in.
    unsettled: Option<(i64, [u8; 32])>,
    /// Entries that come later than their place, and are told already.
    moved: BTreeSet<i64>,
    seeks: u32,
    entries: u64,
}

/// What a walk found.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Walked {
    pub(super) entries: u64,
    /// Entries after the newest checkpoint.
    pub(super) unsigned: u64,
}

/// Looks at all entries.
pub(super) fn check(
    walk: Walk<'_>,
    signed: &BTreeMap<i64, Vec<(i64, [u8; 32])>>,
    faults: &mut Faults,
) -> Result<Walked, StoreError> {
    let mut chain = Chain {
        walk,
        signed,
        faults,
        expected: 1,
        shift: 0,
        before: chain::FIRST,
        older: chain::FIRST,
        signed_upto: 0,
        unsettled: None,
        moved: BTreeSet::new(),
        seeks: 0,
        entries: 0,
    };
    let mut waiting: Option<AuditEntry> = None;
    let mut failed = None;
    walk(&mut |next| {
        if let Some(entry) = waiting.take()
            && let Err(error) = chain.take(&entry, Some(&next))
        {
            failed = Some(error);
            return false;
        }
        waiting = Some(next);
        true
    })?;
    if let Some(error) = failed {
        return Err(error);
    }
    if let Some(entry) = waiting {
        chain.take(&entry, None)?;
    }
    Ok(chain.end())
}

impl Chain<'_> {
    fn take(&mut self, entry: &AuditEntry, next: Option<&AuditEntry>) -> Result<(), StoreError> {
        self.entries += 1;
        if entry.number < self.expected {
            if !self.moved.remove(&entry.number) {
                self.faults.tell(AuditFault::Inserted { entry: entry.number });
            }
            return Ok(());
        }
        if entry.number > self.expected {
            return self.gap(entry);
        }
        let number = entry.number - self.shift;
        if entry.follows(&self.before, number) {
            self.accept(entry.number, entry.hash);
            return Ok(());
        }
        self.broken(entry, next)
    }

    /// Numbers are missing before this entry: they come later, or not at all.
    fn gap(&mut self, entry: &AuditEntry) -> Result<(), StoreError> {
        self.settle();
        let missing = self.expected;
        if self.seek(|other| other.number == missing)?.is_some() {
            self.moved.insert(missing);
            self.faults.tell(AuditFault::Moved { entry: missing });
        } else {
            let (from, to) = (missing - self.shift, entry.number - 1 - self.shift);
            self.faults.tell(AuditFault::Removed { from, to });
        }
        // What it followed is not there to be compared with.
        self.accept(entry.number, entry.hash);
        Ok(())
    }

    /// The entry does not follow the one before it.
    fn broken(&mut self, entry: &AuditEntry, next: Option<&AuditEntry>) -> Result<(), StoreError> {
        let number = entry.number - self.shift;
        if number > 1 && entry.follows(&self.older, number - 1) {
            // The one before has a hash that fits, and nothing follows it.
            self.faults.tell(AuditFault::Inserted { entry: entry.number - 1 });
            self.unsettled = None;
            self.shift += 1;
            self.accept(entry.number, entry.hash);
            return Ok(());
        }
        self.settle();
        let next = next.filter(|next| next.number == entry.number + 1);
        let computed = chain::hash(&self.before, number, &entry.fields());
        if next.is_some_and(|next| next.follows(&computed, number + 1)) {
            self.faults.tell(AuditFault::HashEdited { entry: entry.number });
            self.accept(entry.number, computed);
            return Ok(());
        }
        let before = self.before;
        let own = entry.number;
        let found = self.seek(|other| other.number != own && other.follows(&before, number))?;
        match found {
            Some(other) if other.number == own + 1 && !entry.follows(&other.hash, number + 1) => {
                self.faults.tell(AuditFault::Inserted { entry: own });
                self.shift += 1;
                self.expected += 1;
            }
            Some(_) => {
                self.faults.tell(AuditFault::Moved { entry: number });
                self.accept(own, entry.hash);
            }
            None if next.is_some_and(|next| next.follows(&entry.hash, number + 2)) => {
                self.faults.tell(AuditFault::Removed { from: number, to: number });
                self.shift -= 1;
                self.accept(own, entry.hash);
            }
            None => {
                self.faults.tell(AuditFault::Edited { entry: own });
                self.accept(own, entry.hash);
            }
        }
        Ok(())
    }

    /// Goes on from an entry.
    fn accept(&mut self, number: i64, hash: [u8; 32]) {
        self.settle();
        self.older = self.before;
        self.before = hash;
        self.expected = number + 1;
        self.unsettled = Some((number - self.shift, hash));
    }

    /// Compares the newest entry with what was signed.
    fn settle(&mut self) {
        let Some((number, hash)) = self.unsettled.take() else { return };
        let Some(signed) = self.signed.get(&number) else { return };
        for (checkpoint, signed) in signed {
            if *signed != hash {
                let (from, checkpoint) = (self.signed_upto + 1, *checkpoint);
                self.faults.tell(AuditFault::Rewritten { from, to: number, checkpoint });
            }
        }
        self.signed_upto = number;
    }

    fn seek(
        &mut self,
        is_it: impl Fn(&AuditEntry) -> bool,
    ) -> Result<Option<AuditEntry>, StoreError> {
        self.seeks += 1;
        if self.seeks > SEEKS_MAX {
            return Ok(None);
        }
        let mut found = None;
        (self.walk)(&mut |entry| {
            if is_it(&entry) {
                found = Some(entry);
            }
            found.is_none()
        })?;
        Ok(found)
    }

    fn end(mut self) -> Walked {
        self.settle();
        let last = self.expected - 1 - self.shift;
        let signed = self.signed.keys().next_back().copied().unwrap_or(0);
        if signed > last {
            self.faults.tell(AuditFault::Removed { from: last + 1, to: signed });
        }
        let unsigned = u64::try_from(last.saturating_sub(signed)).unwrap_or(0);
        Walked { entries: self.entries, unsigned }
    }
}
