//! The people of a station: accounts, sessions, tokens, and who may come in.
//!
//! [`PeopleDesk`] is used by the running station and by `siskin people`, so that both keep to the
//! same rules. Must never log, print or keep a secret but where somebody is given theirs once.

mod book;
pub(crate) mod command;
mod desk;
mod secrets;
mod sign_in;
#[cfg(test)]
mod tests;
mod views;

pub(crate) use desk::{PeopleDesk, PeopleRules};
pub(crate) use secrets::random_password;
