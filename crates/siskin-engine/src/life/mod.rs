//! Alarms to warnings: one gas in one area, tier = the highest active alarm, and the life of a
//! warning after ISA-18.2.
//!
//! [`table`] says which state follows; `book` keeps the open warnings and what feeds them, `step`
//! changes one warning, `timers` lets tiers fall, chatter end and ladders go on, `acts` does what
//! people do, `cancel` takes back what was a mistake, `holds` keeps alarms from people for a time,
//! `equipment` does the same for alarms about equipment, `escalate` goes up a ladder before its
//! time, [`flood`] counts what operators are called to.
//!
//! Must never close, acknowledge or silence anything by itself (invariant 7), and never delay the
//! first word of an alarm.

mod acts;
#[cfg(test)]
mod apart_tests;
mod book;
mod cancel;
mod chatter;
mod equipment;
mod escalate;
pub mod flood;
mod holds;
mod step;
pub mod table;
#[cfg(test)]
mod tests;
mod timers;

pub use acts::{Act, ActError, Acting, Done, PROPOSAL_MS, TAKEN_OUT_MS_MAX};
pub use book::{Muted, WarningBook, Why};
