//! Readings in, alarms and warnings out: pure, deterministic, in event time.
//!
//! No tokio, no files, no clock, no randomness: every moment is an argument, so that one engine
//! serves the station, the replay, the rule tests and the simulator. Carries these invariants:
//! absence of data never raises a gas tier and never clears one (2); the same readings give the
//! same warnings (3); nothing is acknowledged, closed or silenced by itself (7); every reading that
//! is not judged is counted (8); over-range counts as high, NaN never becomes a number, calibration
//! and maintenance neither raise nor clear (9).
//!
//! Read next: [`engine::Engine`] (the door), [`channel`] (one channel's rules), [`machine`] (the
//! alarm's states), [`life`] (alarms to warnings,
//! and what people do).
//!
//! # Numbers
//! A value is kept as a whole number of [`quantum`]s (a tenth of the channel's resolution) and the
//! running sums of windows are whole numbers too. They do not drift, so a restart, a replay and
//! the live run compare the very same numbers with the limits.

pub mod channel;
pub mod compose;
pub mod condition;
mod contrast;
pub mod counters;
pub mod drill;
pub mod engine;
mod grouping;
pub mod history;
pub mod hold;
pub mod kpi;
pub mod life;
pub mod machine;
mod plan;
pub mod quantum;
pub mod rehearsal;
pub mod rule;
pub mod shards;
pub mod trend;
pub mod window;

pub use counters::Counters;
pub use drill::DrillEngine;
pub use engine::{Effects, Engine, EngineError, Measure, Standing, is_quarantined};
pub use history::{History, HistoryError};
pub use life::{Act, ActError, Acting, Done};
pub use rehearsal::{Outcome, Rehearsal};
pub use rule::{Binding, Rule, RuleKind, RuleSet};
pub use shards::{Shard, Shards};
