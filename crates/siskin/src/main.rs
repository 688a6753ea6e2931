//! The station and its tools.
fn main() {}
