//! People as they go over the wire.

use serde::{Deserialize, Serialize};
use siskin_model::{AreaScope, Role, Who};
use utoipa::ToSchema;

/// What somebody is to the park.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum RoleView {
    /// Looks, and does nothing.
    Viewer,
    /// An authority: looks, and sees what was sent to it.
    Bureau,
    /// Runs the control room.
    Operator,
    /// Tunes rules and devices.
    Engineer,
    /// Looks after people and their rights.
    Admin,
}

impl From<Role> for RoleView {
    fn from(role: Role) -> Self {
        match role {
            Role::Viewer => Self::Viewer,
            Role::Bureau => Self::Bureau,
            Role::Operator => Self::Operator,
            Role::Engineer => Self::Engineer,
            Role::Admin => Self::Admin,
        }
    }
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WhoView {
    /// The account's name.
    pub name: String,
    /// What they are.
    pub role: RoleView,
    /// The areas they may act in; none: the whole site.
    pub areas: Option<Vec<String>>,
}

impl From<&Who> for WhoView {
    fn from(who: &Who) -> Self {
        let areas = match &who.areas {
            AreaScope::All => None,
            AreaScope::Some(areas) => Some(areas.iter().map(ToString::to_string).collect()),
        };
        Self { name: who.name.clone(), role: who.role.into(), areas }
    }
}
