//! A list as it is shown: its elements are shared with whoever reads it, and each is written as
//! JSON once, by the first who needs it.
//!
//! In a flood a list has thousands of elements, and one step changes one of them. Must never show
//! an element that is not as the engine has it.

use std::sync::{Arc, OnceLock};

/// Elements that may have left the list between two that stayed; where more did, those after them
/// are written anew.
const LEFT_MAX: usize = 64;

/// How an element is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Whole,
    /// For who may not see people's names.
    Discreet,
}

/// An element.
#[derive(Debug)]
pub(crate) struct One<T> {
    value: T,
    whole: OnceLock<Vec<u8>>,
    discreet: OnceLock<Vec<u8>>,
}

/// The elements in the engine's order; a copy is a snapshot that costs nothing.
#[derive(Debug)]
pub(crate) struct Listed<T>(Arc<[Arc<One<T>>]>);

impl<T> Clone for Listed<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self(Arc::new([]))
    }
}

impl<T> One<T> {
    pub(crate) fn new(value: T) -> Self {
        Self { value, whole: OnceLock::new(), discreet: OnceLock::new() }
    }

    pub(crate) fn value(&self) -> &T {
        &self.value
    }

    /// The element as JSON, by `write` where nobody has written it yet.
    pub(crate) fn json(
        &self,
        form: Form,
        write: impl FnOnce(&T) -> serde_json::Result<Vec<u8>>,
    ) -> serde_json::Result<&[u8]> {
        let kept = match form {
            Form::Whole => &self.whole,
            Form::Discreet => &self.discreet,
        };
        if let Some(json) = kept.get() {
            return Ok(json);
        }
        let made = write(&self.value)?;
        Ok(kept.get_or_init(|| made))
    }
}

impl<T: Clone + PartialEq> Listed<T> {
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter().map(|one| one.value())
    }

    /// Its elements in another order.
    pub(crate) fn sorted<K: Ord>(&self, key: impl Fn(&T) -> K) -> Vec<&One<T>> {
        self.sorted_with(&[], key)
    }

    /// Its elements and `others` in another order.
    pub(crate) fn sorted_with<'a, K: Ord>(
        &'a self,
        others: &'a [One<T>],
        key: impl Fn(&T) -> K,
    ) -> Vec<&'a One<T>> {
        let mut all: Vec<&One<T>> = self.0.iter().map(AsRef::as_ref).chain(others).collect();
        all.sort_by_key(|one| key(&one.value));
        all
    }

    /// The list as it is now; elements that are as they were stay as they are written. `is_same`
    /// says whether two are of the same thing, which are in the same order in both lists.
    pub(crate) fn renew<'a>(
        &mut self,
        now: impl Iterator<Item = &'a T>,
        is_same: impl Fn(&T, &T) -> bool,
    ) where
        T: 'a,
    {
        let mut before = self.0.as_ref();
        let mut is_changed = false;
        let one = |value: &T| {
            let ahead = before.iter().take(LEFT_MAX);
            let found = ahead.enumerate().find(|(_, one)| is_same(&one.value, value));
            if let Some((place, one)) = found {
                before = before.get(place + 1..).unwrap_or_default();
                is_changed |= place > 0;
                if one.value == *value {
                    return Arc::clone(one);
                }
            }
            is_changed = true;
            Arc::new(One::new(value.clone()))
        };
        let renewed: Vec<Arc<One<T>>> = now.map(one).collect();
        if is_changed || renewed.len() != self.0.len() {
            self.0 = renewed.into();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Pair = (u32, &'static str);

    /// Lists one after the other; after the last, which elements had to be written again.
    fn check(lists: &[&[Pair]], written: &[u32]) {
        let mut listed = Listed::default();
        let mut again = Vec::new();
        for list in lists {
            listed.renew(list.iter(), |a: &Pair, b| a.0 == b.0);
            assert!(listed.iter().eq(list.iter()), "{list:?} is shown");
            again.clear();
            for one in listed.sorted(|(id, _)| *id) {
                let write = |value: &Pair| {
                    again.push(value.0);
                    Ok(value.1.as_bytes().to_vec())
                };
                assert_eq!(one.json(Form::Whole, write).unwrap(), one.value().1.as_bytes());
            }
        }
        assert_eq!(again, written);
        assert_eq!(listed.len(), lists.last().unwrap().len());
    }

    #[test]
    fn only_what_changed_is_written_again() {
        check(&[&[(1, "a"), (2, "b")], &[(1, "a"), (2, "b")]], &[]);
        check(&[&[(1, "a"), (2, "b")], &[(1, "a"), (2, "c")]], &[2]);
        check(&[&[(1, "a"), (3, "c")], &[(1, "a"), (2, "b"), (3, "c")]], &[2]);
        check(&[&[(1, "a"), (2, "b"), (3, "c")], &[(1, "a"), (3, "c")]], &[]);
        check(&[&[(1, "a"), (2, "b")], &[(2, "b")]], &[]);
        check(&[&[(1, "a"), (2, "b")], &[(1, "a")]], &[]);
        check(&[&[(1, "a")], &[], &[(1, "a")]], &[1]);
    }

    #[test]
    fn a_snapshot_stays_as_it_was() {
        let mut listed = Listed::default();
        listed.renew([(1, "a")].iter(), |a: &Pair, b| a.0 == b.0);
        let before = listed.clone();
        listed.renew([(1, "b")].iter(), |a: &Pair, b| a.0 == b.0);
        assert_eq!(before.iter().collect::<Vec<_>>(), [&(1, "a")]);
    }
}
