//! Readings in, alarms and warnings out.

pub mod rule;

pub use rule::{Binding, Rule, RuleKind, RuleSet};
