//! Mirrors of a running station: a real VictoriaMetrics, and a fake InfluxDB that refuses, hangs
//! and cuts by a script. In the end the target has what the store has, whoever was killed meanwhile
//! (invariants 5, 6 and 8). `line.rs` reads line protocol for itself, `fake.rs` is the server,
//! `stored.rs` what the station's own API says. `metrics.rs` reads
//! its metrics by a parser of Prometheus.

#![allow(
    clippy::indexing_slicing,
    reason = "a JSON value without the key gives null, it does not panic"
)]

mod fake;
mod line;
mod metrics;
mod outages;
mod stored;
mod tls;
mod victoria;

use std::time::Duration;

/// Longest wait for what a mirror does at once.
const SOON: Duration = Duration::from_secs(30);
/// Longest wait for what needs its longest waits: a request that hangs is given up after 20 s, and
/// then it waits 10 s where somebody must act, a few times.
const LATER: Duration = Duration::from_mins(4);

/// The `[[mirror]]` of a site.
fn mirror(port: u16) -> String {
    format!(
        "[[mirror]]\nname = \"target\"\nurl = \"http://127.0.0.1:{port}\"\norg = \"park 1\"\n\
         bucket = \"air\"\ntoken = \"e2e-token\"\n"
    )
}
