//! People as they go over the wire.
//!
//! A password comes in and is never given out; the text of a token is given out once.

use std::fmt;

use serde::{Deserialize, Serialize};
use siskin_model::{AreaScope, Role};
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

impl From<RoleView> for Role {
    fn from(role: RoleView) -> Self {
        match role {
            RoleView::Viewer => Self::Viewer,
            RoleView::Bureau => Self::Bureau,
            RoleView::Operator => Self::Operator,
            RoleView::Engineer => Self::Engineer,
            RoleView::Admin => Self::Admin,
        }
    }
}

/// The ids of the areas of a scope; none: the whole site.
pub fn areas_view(areas: &AreaScope) -> Option<Vec<String>> {
    match areas {
        AreaScope::All => None,
        AreaScope::Some(areas) => Some(areas.iter().map(ToString::to_string).collect()),
    }
}

/// A password, or another text that must not be seen.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, format = Password)]
pub struct SecretText(pub(crate) String);

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText")
    }
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WhoView {
    /// The account's name; `anonymous` where nobody has signed in.
    pub name: String,
    /// What they are.
    pub role: RoleView,
    /// The areas they may act in; none: the whole site.
    pub areas: Option<Vec<String>>,
    /// Whether they have signed in, or show a token.
    pub signed_in: bool,
    /// What they may do: `look`, `act` (on warnings of their areas), `rules`, `people` and so on;
    /// `park`: they see the whole park, and not some areas only.
    pub may: Vec<String>,
    /// For the header `x-siskin-csrf` of every act that is done with the cookie; none for tokens.
    pub csrf: Option<String>,
    /// Whether the first admin has to be set up still.
    pub setup_needed: bool,
}

/// Signing in.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignInRequest {
    /// The account's name.
    pub name: SecretText,
    /// The password.
    pub password: SecretText,
}

/// The first admin.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetupRequest {
    /// The code that the station printed when it started.
    pub code: SecretText,
    /// The account's name: 1 to 32 of a-z, 0-9, `.`, `_`, `-`, a letter first.
    pub name: String,
    /// How people call them, 1 to 64 characters.
    pub display: String,
    /// The password, 15 to 128 characters.
    pub password: SecretText,
}

/// Somebody changes their own password.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordRequest {
    /// The present one.
    pub old: SecretText,
    /// The new one, 15 to 128 characters.
    pub new: SecretText,
}

/// An admin sets the password of a person.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetRequest {
    /// The new one, 15 to 128 characters.
    pub password: SecretText,
}

/// Somebody who shall be able to sign in.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonRequest {
    /// The account's name: 1 to 32 of a-z, 0-9, `.`, `_`, `-`, a letter first.
    pub name: String,
    /// How people call them, 1 to 64 characters.
    pub display: String,
    /// What they shall be.
    pub role: RoleView,
    /// The areas they may act in; left out or none: the whole site.
    #[serde(default)]
    pub areas: Option<Vec<String>>,
    /// The first password, 15 to 128 characters.
    pub password: SecretText,
}

/// What shall be otherwise of a person; what is left out stays.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonChangeRequest {
    /// How people call them, 1 to 64 characters.
    pub display: Option<String>,
    /// What they are.
    pub role: Option<RoleView>,
    /// The areas they may act in.
    pub areas: Option<Vec<String>>,
    /// Whether they may act in the whole site; not together with `areas`.
    #[serde(default)]
    pub whole_site: bool,
    /// Whether they may not come in.
    pub disabled: Option<bool>,
}

/// Somebody who may sign in, or could once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PersonView {
    /// The account's name.
    pub name: String,
    /// How people call them.
    pub display: String,
    /// What they are.
    pub role: RoleView,
    /// The areas they may act in; none: the whole site.
    pub areas: Option<Vec<String>>,
    /// When the account was made.
    pub made_at: String,
    /// Whether they may not come in.
    pub disabled: bool,
    /// On how many browsers they are signed in.
    pub sessions: u32,
}

/// A token that shall be made for the asker.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenRequest {
    /// What it is for, 1 to 64 characters; each of a person's tokens has another name.
    pub name: String,
    /// What it may do; left out: what its owner is.
    pub role: Option<RoleView>,
    /// The areas it may act in; left out: those of its owner.
    pub areas: Option<Vec<String>>,
    /// How many days it holds, 1 to 400.
    pub days: u32,
}

/// A token without its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TokenView {
    /// Its id.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub role: RoleView,
    /// The areas it may act in; none: the whole site.
    pub areas: Option<Vec<String>>,
    /// When it was made.
    pub made_at: String,
    /// When it ends.
    pub expires_at: String,
}

/// A token as it was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TokenMadeView {
    /// The token.
    pub token: TokenView,
    /// Its text for `Authorization: Bearer`. It is not kept and cannot be shown again.
    pub text: String,
}

/// Nothing more is to be said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DoneView {
    /// Always true.
    pub done: bool,
}

/// That the station answers, for those who only watch that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AliveView {
    /// Always true.
    pub alive: bool,
    /// The station's clock.
    pub now: String,
}
