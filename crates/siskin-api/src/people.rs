//! What the API needs to know of people: who asks, and the acts on accounts. Part of
//! [`crate::Backend`], apart from it because none of it has to do with gas.
//!
//! [`People::who`] never waits for a disk. The others may, and those that compute a hash of a
//! password take long by design: the routes call them few at a time.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use siskin_model::{AccountName, AreaId, AreaScope, Role, WarningId, Who};

use crate::backend::BackendError;
use crate::contract::{PersonView, TokenView};

/// What somebody shows to be let in.
#[derive(Clone, PartialEq, Eq)]
pub enum Credential {
    /// The cookie of a session.
    Session(String),
    /// A token.
    Token(String),
}

/// Without the secret.
impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Session(_) => "Session",
            Self::Token(_) => "Token",
        })
    }
}

/// A text that must never be shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// Who was let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The person.
    pub who: Who,
    /// What a page shows together with the cookie of its session; none for a token.
    pub csrf: Option<Secret>,
}

/// A session that has begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    /// For the cookie.
    pub cookie: Secret,
    /// Who signed in, as [`People::who`] will say it.
    pub known: Known,
}

/// What somebody wants to sign in with.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// As typed: it may be no account's name, or even a password in the wrong field.
    pub name: Secret,
    /// The password.
    pub password: Secret,
    /// From where.
    pub remote: IpAddr,
}

/// Somebody who shall be able to sign in.
#[derive(Debug, Clone)]
pub struct NewPerson {
    /// The account's name.
    pub name: AccountName,
    /// How people call them.
    pub display: String,
    /// What they shall be.
    pub role: Role,
    /// For which areas.
    pub areas: AreaScope,
    /// Their first password.
    pub password: Secret,
}

/// What shall be otherwise of a person; what is none stays.
#[derive(Debug, Clone, Default)]
pub struct PersonChange {
    /// How people call them.
    pub display: Option<String>,
    /// What they are.
    pub role: Option<Role>,
    /// For which areas.
    pub areas: Option<AreaScope>,
    /// Whether they may not come in.
    pub disabled: Option<bool>,
}

/// A token that shall be made.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// How its owner calls it.
    pub name: String,
    /// What it shall be; at most what its owner is.
    pub role: Role,
    /// For which areas; at most those of its owner.
    pub areas: AreaScope,
    /// How long it holds.
    pub days: u32,
}

/// Why something about people was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PeopleError {
    /// Name or password is wrong, or the person is disabled: nobody is told which.
    #[error("name or password is wrong")]
    SignInRefused,
    /// Too many sign-ins with this name failed.
    #[error("sign-in with this name is locked")]
    Locked {
        /// For so long.
        wait_s: u64,
    },
    /// The code of the first set-up is wrong, or somebody was set up already.
    #[error("the first set-up is refused")]
    SetupRefused,
    /// No person by this name.
    #[error("there is no person `{0}`")]
    PersonNotFound(String),
    /// No token by this id.
    #[error("there is no token `{0}`")]
    TokenNotFound(String),
    /// The name is or was somebody's.
    #[error("the name `{0}` is taken")]
    NameTaken(String),
    /// No area by this id.
    #[error("there is no area `{0}`")]
    AreaNotFound(String),
    /// Nobody could look after people any more.
    #[error("`{0}` is the last admin for the whole site")]
    LastAdmin(String),
    /// A token may not do more than its owner.
    #[error("a token may not do more than its owner")]
    BeyondOwner,
    /// The password does not fit.
    #[error("the password has {count} characters")]
    PasswordLength {
        /// Characters it has.
        count: usize,
    },
    /// A limit is reached.
    #[error("there may be {0} at most")]
    TooMany(usize),
}

/// The shortest password. Taken from NIST SP 800-63B-4, which asks for 15 characters where a
/// password is the only factor, 8 beside another one [unverified: from memory].
pub const PASSWORD_CHARS_MIN: usize = 15;
/// The longest password; longer ones would only make work.
pub const PASSWORD_CHARS_MAX: usize = 128;
/// The longest life of a token.
pub const TOKEN_DAYS_MAX: u32 = 400;

/// What of an address tells one client from another: a customer of IPv6 has a whole /64.
pub fn network(remote: IpAddr) -> IpAddr {
    match remote.to_canonical() {
        IpAddr::V6(address) => {
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)))
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// The people of a station.
pub trait People: Send + Sync + 'static {
    /// Who shows `credential`; none where it is wrong, over, or of somebody who is disabled.
    /// Using a session keeps it alive.
    fn who(&self, credential: &Credential) -> Option<Known>;
    /// What somebody is who shows nothing; none where everybody has to sign in.
    fn anonymous(&self) -> Option<Who>;
    /// Whether nobody can sign in yet, and the first admin has to be set up.
    fn setup_needed(&self) -> bool;
    /// The area of a warning: who may act on it depends on that.
    fn area_of_warning(&self, id: &WarningId) -> Result<AreaId, BackendError>;
    /// Lets somebody in; on disk when it returns. Computes a hash, for unknown names too.
    fn sign_in(&self, ask: &SignIn) -> Result<Begun, BackendError>;
    /// Ends a session; one that is over already is no error.
    fn sign_out(&self, credential: &Credential) -> Result<(), BackendError>;
    /// Makes the first admin, and lets them in. Computes a hash.
    fn set_up(
        &self,
        code: &Secret,
        person: &NewPerson,
        remote: IpAddr,
    ) -> Result<Begun, BackendError>;
    /// Everybody, by name.
    fn persons(&self) -> Result<Vec<PersonView>, BackendError>;
    /// Makes a person. Computes a hash.
    fn add_person(&self, by: &Who, person: &NewPerson) -> Result<PersonView, BackendError>;
    /// Changes a person. Sessions and tokens of a disabled one end at once.
    fn change_person(
        &self,
        by: &Who,
        name: &str,
        change: &PersonChange,
    ) -> Result<PersonView, BackendError>;
    /// Sets the password of another person; their sessions end. Computes a hash.
    fn reset_password(
        &self,
        by: &Who,
        name: &str,
        password: &Secret,
    ) -> Result<PersonView, BackendError>;
    /// Somebody changes their own password; their other sessions end. Computes two hashes.
    fn change_password(
        &self,
        keep: &Credential,
        ask: &SignIn,
        new: &Secret,
    ) -> Result<(), BackendError>;
    /// The tokens of a person.
    fn tokens(&self, by: &Who) -> Result<Vec<TokenView>, BackendError>;
    /// Makes a token; its text is given once.
    fn add_token(&self, by: &Who, token: &NewToken) -> Result<(TokenView, Secret), BackendError>;
    /// Takes one of the person's own tokens back.
    fn remove_token(&self, by: &Who, id: &str) -> Result<(), BackendError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_of_ipv6_is_one_address() {
        let at = |text: &str| network(text.parse().unwrap());
        assert_eq!(at("2001:db8::1"), at("2001:db8::ffff:1:2:3"));
        assert_ne!(at("2001:db8::1"), at("2001:db8:0:1::1"));
        assert_eq!(at("::ffff:10.0.0.1"), at("10.0.0.1"));
    }
}
