//! The most memory in use, by number of channels: in a process of its own, with nothing else in it.
//!
//! Half a minute is appended, then rolled, as in the real time of a station: appends that are
//! faster than the data are would let more readings wait than ever do.

use std::process::Command;

use crate::feed::{ROLL_S, open};
use crate::measure::{figure, memory_max_mib};
use crate::park::Park;

/// The argument of the process.
pub(crate) const IN_CHILD: &str = "memory-of";
/// Over an hour's turn and the minute of grace after it.
const SECONDS: usize = 3900;

pub(crate) fn run(channels: &[u32]) {
    for count in channels {
        let bench = std::env::current_exe().unwrap();
        let status = Command::new(bench).args([IN_CHILD, &count.to_string()]).status().unwrap();
        assert!(status.success(), "{status}");
    }
}

pub(crate) fn child(channels: u32) {
    let folder = tempfile::tempdir().unwrap();
    let series = open(folder.path(), channels);
    let mut park = Park::new(channels);
    figure(&format!("store_memory_empty_{channels}"), memory_max_mib("self"), "MiB");
    let mut waiting_max = 0;
    for second in 0..SECONDS {
        let batch = park.second();
        series.append(&batch).unwrap();
        if second % ROLL_S == 0
            && let Some(reading) = batch.first()
        {
            waiting_max = waiting_max.max(series.readings_open());
            series.roll(reading.measured_at, series.newest_seq()).unwrap();
        }
    }
    figure(&format!("store_readings_waiting_max_{channels}"), waiting_max as f64, "readings");
    figure(&format!("store_memory_{channels}"), memory_max_mib("self"), "MiB");
}
