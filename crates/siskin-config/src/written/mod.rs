//! The files as written: each key read and of the right type, nothing yet compared with anything.
//!
//! What each key means is said in `firmware-configs/README.md`; what the whole must fulfil is the
//! business of `crate::checks`.

mod access;
pub(crate) mod analyzers;
pub(crate) mod areas;
pub(crate) mod broker;
pub(crate) mod cards;
pub(crate) mod channel;
mod connection;
pub(crate) mod duty;
pub(crate) mod edges;
pub(crate) mod history;
pub(crate) mod hj212;
pub(crate) mod incidents;
pub(crate) mod maintenance;
pub(crate) mod map;
pub(crate) mod mirrors;
pub(crate) mod receivers;
pub(crate) mod recipients;
pub(crate) mod reporting;
pub(crate) mod rule_set;
pub(crate) mod rules;
pub(crate) mod setpoint;
mod sirens;
pub(crate) mod site;
pub(crate) mod station;
pub(crate) mod uplinks;
pub(crate) mod warnings;
mod ways;
