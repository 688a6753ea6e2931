//! People: who acts, in which role, and for which areas.
//!
//! Must never hold a secret: passwords and tokens live in the ledger as hashes only.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::AreaId;

/// What somebody is to the park. What each role may do is one table, in `siskin-api`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Looks, and does nothing.
    Viewer,
    /// An authority: looks, and sees what was sent to it.
    Bureau,
    /// Runs the control room: acknowledges, shelves, hands over.
    Operator,
    /// Tunes rules and devices.
    Engineer,
    /// Looks after people and their rights.
    Admin,
}

impl Role {
    /// Every role, the least first.
    pub const ALL: [Self; 5] =
        [Self::Viewer, Self::Bureau, Self::Operator, Self::Engineer, Self::Admin];

    /// The wire name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Bureau => "bureau",
            Self::Operator => "operator",
            Self::Engineer => "engineer",
            Self::Admin => "admin",
        }
    }

    /// Whether who has this role may do all that `other` may: a token is no more than its owner.
    pub fn covers(self, other: Self) -> bool {
        self == other || self == Self::Admin || other == Self::Viewer
    }

    /// The role of a wire name.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }
}

/// For which areas somebody may act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AreaScope {
    /// The whole site.
    All,
    /// These only.
    Some(BTreeSet<AreaId>),
}

impl AreaScope {
    /// Whether `area` is among them.
    pub fn has(&self, area: &AreaId) -> bool {
        match self {
            Self::All => true,
            Self::Some(areas) => areas.contains(area),
        }
    }

    /// Whether all areas of `other` are among them.
    pub fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::All, _) => true,
            (Self::Some(_), Self::All) => false,
            (Self::Some(areas), Self::Some(others)) => others.is_subset(areas),
        }
    }

    /// The areas that are in both.
    #[must_use]
    pub fn within(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::All, scope) | (scope, Self::All) => scope.clone(),
            (Self::Some(a), Self::Some(b)) => Self::Some(a.intersection(b).cloned().collect()),
        }
    }
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    /// The account's name: it stands in the record, and two names are two persons.
    pub name: String,
    /// What they are.
    pub role: Role,
    /// For which areas.
    pub areas: AreaScope,
}

impl Who {
    /// Whether they may act in `area`.
    pub fn may_act_in(&self, area: &AreaId) -> bool {
        self.areas.has(area)
    }
}

/// The longest name of an account.
const ACCOUNT_LEN_MAX: usize = 32;
/// What the record says where no account acted.
const NOT_PERSONS: [&str; 5] = ["local", "station", "anonymous", "unknown", "terminal"];

/// The name of an account. One spelling only, so that two names are two persons.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountName(String);

/// Why a text is no name of an account.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no name of an account; hint: 1 to 32 of a-z, 0-9, `.`, `_` and `-`, a letter first"
)]
pub struct AccountNameError(String);

impl AccountName {
    /// Checks a text.
    pub fn new(text: &str) -> Result<Self, AccountNameError> {
        let known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
        let is_sound = text.len() <= ACCOUNT_LEN_MAX
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.chars().all(known)
            && !NOT_PERSONS.contains(&text);
        if is_sound { Ok(Self(text.to_owned())) } else { Err(AccountNameError(text.to_owned())) }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for AccountName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_has_its_areas_and_no_others() {
        let (yard, jetty) = (AreaId::new("yard").unwrap(), AreaId::new("jetty").unwrap());
        let some = AreaScope::Some([yard.clone()].into());
        assert!(AreaScope::All.has(&jetty) && some.has(&yard) && !some.has(&jetty));
        assert!(!AreaScope::Some(BTreeSet::new()).has(&yard));
    }

    #[test]
    fn scopes_cover_and_meet_each_other() {
        let area = |id| AreaId::new(id).unwrap();
        let yard = AreaScope::Some([area("yard")].into());
        let both = AreaScope::Some([area("yard"), area("jetty")].into());
        assert!(AreaScope::All.covers(&both) && both.covers(&yard) && yard.covers(&yard));
        assert!(!both.covers(&AreaScope::All) && !yard.covers(&both));
        assert_eq!((AreaScope::All.within(&yard), both.within(&yard)), (yard.clone(), yard));
    }

    fn check(text: &str, is_name: bool) {
        assert_eq!(AccountName::new(text).is_ok(), is_name, "{text:?}");
    }

    #[test]
    fn an_account_has_one_spelling() {
        check("li.lei-2", true);
        check(&"a".repeat(32), true);
        for text in ["", "Li", "li lei", "李雷", "1li", "-li", "station", "local", "l\u{456}"] {
            check(text, false);
        }
        check(&"a".repeat(33), false);
        assert!(Role::ALL.iter().all(|role| Role::from_word(role.as_str()) == Some(*role)));
        assert_eq!(Role::from_word("root"), None);
        assert!(Role::ALL.iter().all(|role| Role::Admin.covers(*role)));
        assert!(Role::Operator.covers(Role::Viewer) && Role::Operator.covers(Role::Operator));
        assert!(!Role::Operator.covers(Role::Engineer) && !Role::Engineer.covers(Role::Admin));
    }
}
