//! Whose turn it is on a line: the earliest deadline, with the line's spare time for those that
//! are slow or silent.
//!
//! Pure: moments in, a turn out. A master cannot take a request back, so a slave that may be long
//! is only asked when nobody quick is due before it ends, or when it has waited long enough.

use std::time::Duration;

use tokio::time::Instant;

/// Left free between the end of a long request and the next quick one.
const GUARD: Duration = Duration::from_millis(10);
/// A probe shorter than this finds nobody.
const PROBE_MIN: Duration = Duration::from_millis(50);

/// Urgent polls in a row after which one of the others that claim the line is asked: a line with
/// more alarms than it can carry must not make the rest of the park blind.
pub(super) const URGENT_RUN_MAX: u32 = 4;

/// How a device is treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// One of its channels is in alarm: before all others that are due, but for one turn in
    /// [`URGENT_RUN_MAX`] and one.
    Urgent,
    /// Answers fast: keeps its moments exactly.
    Quick,
    /// Answers, but takes long.
    Slow,
    /// Does not answer: probed.
    Silent,
}

/// A device as the schedule sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Job {
    pub(super) rank: Rank,
    /// From when on it may be asked.
    pub(super) due: Instant,
    /// What its turn will take.
    pub(super) cost: Duration,
    /// From when on it is asked even if others wait for it.
    pub(super) forced: Instant,
}

/// What to do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// Ask this device and wait as long as it may take.
    Poll(usize),
    /// Ask this device and wait no longer than that.
    Probe(usize, Duration),
    /// Nothing before this moment.
    Wait(Instant),
    /// There is nobody to ask.
    Never,
}

impl Job {
    const fn is_timely(&self) -> bool {
        matches!(self.rank, Rank::Urgent | Rank::Quick)
    }

    /// The moment at which it stands in the queue of those that are asked whatever it costs.
    fn claim(&self) -> Instant {
        if self.is_timely() { self.due } else { self.forced.max(self.due) }
    }
}

/// Whose turn it is at `now`, after `urgent_run` urgent polls without another in between.
pub(super) fn turn(jobs: &[Job], now: Instant, urgent_run: u32) -> Turn {
    let all = || jobs.iter().enumerate();
    let claims = all().filter(|(_, job)| job.claim() <= now);
    let others_first = urgent_run >= URGENT_RUN_MAX;
    let is_behind = |job: &Job| (job.rank == Rank::Urgent) == others_first;
    let first = claims.min_by_key(|(_, job)| (is_behind(job), job.claim()));
    if let Some((index, _)) = first {
        return Turn::Poll(index);
    }
    let timely = jobs.iter().filter(|job| job.is_timely()).map(|job| job.due).min();
    let spare = timely.map_or(Duration::MAX, |due| due.saturating_duration_since(now));
    let spare = spare.saturating_sub(GUARD);
    let due = |rank| all().filter(move |(_, job)| job.rank == rank && job.due <= now);
    let fits = due(Rank::Slow).filter(|(_, job)| job.cost <= spare);
    if let Some((index, _)) = fits.min_by_key(|(_, job)| job.due) {
        return Turn::Poll(index);
    }
    let silent = due(Rank::Silent).filter(|(_, job)| spare >= PROBE_MIN.min(job.cost));
    if let Some((index, job)) = silent.min_by_key(|(_, job)| job.due) {
        return Turn::Probe(index, job.cost.min(spare));
    }
    // Those that are due already wait for their claim or for the spare time behind a timely one.
    let moments = jobs.iter().map(|job| if job.due > now { job.due } else { job.claim() });
    moments.min().map_or(Turn::Never, Turn::Wait)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(now_ms: u64, jobs: &[(Rank, u64, u64, u64)], want: impl Fn(Instant) -> Turn) {
        check_after(0, now_ms, jobs, want);
    }

    fn check_after(
        urgent_run: u32,
        now_ms: u64,
        jobs: &[(Rank, u64, u64, u64)],
        want: impl Fn(Instant) -> Turn,
    ) {
        let epoch = Instant::now();
        let ms = Duration::from_millis;
        let job = |&(rank, due, cost, forced): &(Rank, u64, u64, u64)| Job {
            rank,
            due: epoch + ms(due),
            cost: ms(cost),
            forced: epoch + ms(forced),
        };
        let jobs: Vec<_> = jobs.iter().map(job).collect();
        assert_eq!(turn(&jobs, epoch + ms(now_ms), urgent_run), want(epoch), "{now_ms}");
    }

    #[test]
    fn the_earliest_deadline_first_and_alarms_before_it() {
        use Rank::{Quick, Urgent};
        let jobs = [(Quick, 20, 5, 0), (Quick, 10, 5, 0), (Quick, 10, 5, 0)];
        check(30, &jobs, |_| Turn::Poll(1));
        check(5, &jobs, |epoch| Turn::Wait(epoch + Duration::from_millis(10)));
        let jobs = [(Quick, 10, 5, 0), (Urgent, 30, 5, 0)];
        check(30, &jobs, |_| Turn::Poll(1));
        check(29, &jobs, |_| Turn::Poll(0));
        check(0, &[], |_| Turn::Never);
    }

    #[test]
    fn alarms_leave_a_turn_to_the_others() {
        use Rank::{Quick, Silent, Urgent};
        let jobs = [(Urgent, 0, 5, 0), (Quick, 10, 5, 0), (Urgent, 5, 5, 0)];
        check_after(URGENT_RUN_MAX - 1, 30, &jobs, |_| Turn::Poll(0));
        check_after(URGENT_RUN_MAX, 30, &jobs, |_| Turn::Poll(1));
        // Nobody else claims the line.
        check_after(URGENT_RUN_MAX, 9, &jobs, |_| Turn::Poll(0));
        let jobs = [(Urgent, 0, 5, 0), (Silent, 0, 300, 60_000)];
        check_after(URGENT_RUN_MAX, 59_999, &jobs, |_| Turn::Poll(0));
        check_after(URGENT_RUN_MAX, 60_000, &jobs, |_| Turn::Poll(1));
    }

    #[test]
    fn long_ones_use_spare_time_until_they_have_waited_enough() {
        use Rank::{Quick, Slow};
        let jobs = |cost, forced| [(Quick, 500, 5, 0), (Slow, 0, cost, forced)];
        check(100, &jobs(390, 2_000), |_| Turn::Poll(1));
        check(100, &jobs(391, 2_000), |epoch| Turn::Wait(epoch + Duration::from_millis(500)));
        check(100, &jobs(391, 100), |_| Turn::Poll(1));
        // Who waited longer goes first: neither starves.
        check(600, &jobs(391, 550), |_| Turn::Poll(0));
        check(600, &jobs(391, 450), |_| Turn::Poll(1));
    }

    #[test]
    fn probes_are_cut_to_the_spare_time() {
        use Rank::{Quick, Silent, Slow};
        let jobs = |due| [(Quick, due, 5, 0), (Silent, 0, 300, 60_000)];
        let probe = |ms| move |_| Turn::Probe(1, Duration::from_millis(ms));
        check(100, &jobs(1_000), probe(300));
        check(100, &jobs(300), probe(190));
        check(100, &jobs(159), |epoch| Turn::Wait(epoch + Duration::from_millis(159)));
        check(60_000, &jobs(60_010), |_| Turn::Poll(1));
        // A slave that answers slowly goes before one that does not.
        let jobs = [(Quick, 1_000, 5, 0), (Silent, 0, 300, 9_999), (Slow, 50, 300, 9_999)];
        check(100, &jobs, |_| Turn::Poll(2));
    }
}
