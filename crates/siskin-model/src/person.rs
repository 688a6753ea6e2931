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
}
