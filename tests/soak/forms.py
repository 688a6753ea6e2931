"""The same rows in other orders of arrival."""

import numpy as np

REORDER_WINDOW_MS = 10_000
REPEATED = 0.05
LATE = 0.10
LATE_MIN_MS, LATE_MAX_MS = 60_000, 4 * 3_600_000


def arriving(rows, delay_ms):
    """Rows in the order in which they arrive, each `delay_ms` after its time."""
    return rows[np.argsort(rows["ts_ms"] + delay_ms, kind="stable")]


def shuffled(rows, random):
    """Out of order within the reorder window, and one row in twenty twice."""
    again = rows[random.random(len(rows)) < REPEATED]
    both = np.concatenate([rows, again])
    return arriving(both, random.integers(0, REORDER_WINDOW_MS + 1, len(both)))


def late(rows, random):
    """One row in ten comes minutes to hours after its time, the others in order."""
    hours = np.exp(random.uniform(np.log(LATE_MIN_MS), np.log(LATE_MAX_MS), len(rows)))
    delays = np.where(random.random(len(rows)) < LATE, hours.astype(np.int64), 0)
    return arriving(rows, delays)
