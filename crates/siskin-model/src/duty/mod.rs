//! Duty: who is there, when, as what, and who takes over.
//!
//! Pure: `now` is an argument, moments are UTC milliseconds, and local time is the business of
//! those who read and write rosters. A shift says who should be there; a [`Substitution`] says who
//! came instead. Must never answer "nobody" where somebody is there, and never fill a gap in the
//! roster by a guess: a gap is told before it begins.
//!
//! [`shift`] and [`contact`] are the words, [`roster`] answers who is on duty, [`call`] whom a step
//! of a ladder reaches, [`mod@gaps`] and
//! [`handover`] find what is missing, [`mod@difference`] compares a roster with the one that is
//! known.

pub mod call;
pub mod card;
pub mod contact;
pub mod difference;
pub mod gaps;
pub mod handover;
pub mod roster;
pub mod shift;

pub use call::{Call, CallFound, CalledPerson};
pub use card::{Card, CardTexts, nearest_card};
pub use contact::{Contact, ContactFault};
pub use difference::{Difference, difference};
pub use gaps::{Gap, TwiceAtOnce, gaps, twice_at_once, uncovered};
pub use handover::{
    HandOver, HandOverEnd, HandOverState, Relief, open_reliefs, relief_at, reliefs,
};
pub use roster::{Roster, on_duty};
pub use shift::{Desk, Shift, ShiftFault, ShiftId, Substitution};
