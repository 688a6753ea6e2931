//! What the store costs: `make bench ONLY=store` prints `figure <name> <value> <unit>`.
//!
//! `day`: STORE_CHANNELS (1,000) for STORE_HOURS (24) at one reading a second; appends beside
//! queries and beside packing. `memory`: the most memory in use, each number of channels in a
//! process of its own.
//! `peers`: the same readings in VictoriaMetrics and in plain SQLite rows, STORE_PEER_HOURS (1) of
//! them; fails where the three give other answers. `cargo bench -p siskin-store -- day` runs one.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a bench may panic and speaks")]

mod day;
mod feed;
mod load;
mod measure;
mod memory;
mod packing;
mod park;
mod peers;

const PARTS: [&str; 3] = ["day", "memory", "peers"];

fn number(variable: &str, default: u32) -> u32 {
    std::env::var(variable).map_or(default, |number| number.parse().unwrap())
}

fn main() {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    // Cargo says that this is a bench.
    arguments.retain(|argument| argument != "--bench");
    if let [part, channels] = arguments.as_slice()
        && part == memory::IN_CHILD
    {
        memory::child(channels.parse().unwrap());
        return;
    }
    if let Some(unknown) = arguments.iter().find(|part| !PARTS.contains(&part.as_str())) {
        panic!("there is no part `{unknown}`; hint: one of {PARTS:?}");
    }
    let wanted = |part: &str| arguments.is_empty() || arguments.iter().any(|given| given == part);
    let channels = number("STORE_CHANNELS", 1000);
    if wanted("day") {
        day::run(channels, number("STORE_HOURS", 24) as usize);
    }
    if wanted("memory") {
        memory::run(&[channels, 10 * channels]);
    }
    if wanted("peers") {
        peers::run(channels, number("STORE_PEER_HOURS", 1) as usize);
    }
}
