"""What the six rules of the standard workload say about recorded readings: an oracle.

    oracle.py --readings readings.bin --out transitions.csv

Works on whole columns and on runs of rows, where the engine under test goes from row to row with a
machine: the two share nothing but the text of the rules. Whole numbers throughout (times in the
common step of all stamps, values in hundredths); where a product would not fit into 64 bits it is
first estimated in floating point, and decided with Python's own integers if that is close.

R1-R3 value >= 10, 20, 50 for 5, 3, 0 s; < 9, 18, 45 for 30 s ends it. R4 mean of (t-900 s, t] with
at least 675 rows >= 10, < 9 ends it, no holds. R5 least squares over (t-300 s, t] with at least 225
rows: slope b > 0, b >= 4 standard errors, fitted value f < 20 and (20-f)/b <= 600 s for 10 s; the
contrary for 30 s ends it. R6 no row for 30 s. A silence of more than 30 s breaks the holds of
R1-R5.
"""

import argparse

import numpy as np

GAP_MS = 30_000
RAISE, CLEAR = "raise", "clear"
RECORD = np.dtype([("ts_ms", "<i8"), ("channel", "<u4"), ("value", "<f4")])
# Relative distance within which an estimate in floating point is not trusted.
CLOSE = 1e-6


def runs(flags, rows, part):
    """First and last place in `rows` of every unbroken run of `flags` within one `part`."""
    here = flags[rows]
    joined = here[1:] & here[:-1] & (part[rows[1:]] == part[rows[:-1]])
    first = np.flatnonzero(here & ~np.r_[False, joined])
    last = np.flatnonzero(here & ~np.r_[joined, False])
    return first, last


def completions(ts, flags, rows, part, hold_ms):
    """For every run: its first place and the place at which it has lasted `hold_ms`, if it does."""
    first, last = runs(flags, rows, part)
    times = ts[rows]
    done = np.searchsorted(times, times[first] + hold_ms) if len(first) else first
    return done[done <= last]


def episodes(ts, up, down, valid, part, on_ms, off_ms):
    """Times of raises and clears, by turns: the next completed run after the one before."""
    rows = np.flatnonzero(valid)
    on = completions(ts, up, rows, part, on_ms)
    off = completions(ts, down, rows, part, off_ms)
    edges, at, wanted = [], -1, 0
    while True:
        places = (on, off)[wanted]
        i = np.searchsorted(places, at, "right")
        if i == len(places):
            return edges
        at = places[i]
        edges.append((int(ts[rows[at]]), (RAISE, CLEAR)[wanted]))
        wanted = 1 - wanted


def window(ts, length_ms):
    """For every row the first row of (t - length, t]."""
    return np.searchsorted(ts, ts - length_ms, "right")


def prefix(column):
    return np.concatenate([[0], np.cumsum(column, dtype=np.int64)])


def over(sums, first):
    """Sums over the rows from `first` up to each row."""
    return sums[1:] - sums[first]


def mean_rule(ts, cents):
    first = window(ts, 900_000)
    count = np.arange(len(ts)) - first + 1
    total = over(prefix(cents), first)
    return total >= 1000 * count, total < 900 * count, count >= 675


def rises(n, s, x, ss, sx, xx, t, target, horizon):
    """The condition of R5 in Python's integers: n rows, sums of times s and hundredths x."""
    d, b, v = n * ss - s * s, n * sx - s * x, n * xx - x * x
    # slope b/d; its squared error (v d - b b) / ((n - 2) d d)
    if b <= 0 or b * b * (n - 2) < 16 * (v * d - b * b):
        return False
    fitted = x * d + b * (n * t - s)  # times n d
    room = target * n * d - fitted
    return 0 < room <= horizon * b * n


def trend_rule(ts, cents):
    first = window(ts, 300_000)
    step = int(np.gcd.reduce(ts - ts[0])) or 1
    t = (ts - ts[0]) // step
    assert len(t) * float(t[-1]) ** 2 < 2**62, "too long for sums of squares in 64 bits"
    n = np.arange(len(ts)) - first + 1
    s, x = over(prefix(t), first), over(prefix(cents), first)
    ss, sx, xx = over(prefix(t * t), first), over(prefix(t * cents), first), over(
        prefix(cents * cents), first
    )
    # Centred sums are small differences: exact in integers, then floating point is safe.
    d, b, v = n * ss - s * s, n * sx - s * x, n * xx - x * x
    d_, b_, v_, n_ = (column.astype(float) for column in (d, b, v, n))
    horizon = 600_000 / step
    with np.errstate(divide="ignore", invalid="ignore"):
        left, right = b_ * b_ * (n_ - 2), 16 * (v_ * d_ - b_ * b_)
        fitted = (x * d_ + b_ * (n * t - s)) / (n_ * d_)
        room = 2000 - fitted
        reach = horizon * b_ / d_
    met = (b > 0) & (left >= right) & (room > 0) & (room <= reach)
    scale = 16 * v_ * d_ + left
    unsure = (
        (np.abs(left - right) <= CLOSE * scale)
        | (np.abs(room) <= CLOSE * 2000)
        | (np.abs(room - reach) <= CLOSE * (2000 + np.abs(reach)))
    )
    valid = n >= 225
    for i in np.flatnonzero(unsure & valid):
        row = (int(column[i]) for column in (n, s, x, ss, sx, xx, t))
        met[i] = rises(*row, 2000, 600_000 // step)
    return met, ~met, valid


def of_channel(ts, cents, newest):
    """Edges of one channel as (time, rule, edge)."""
    silent = np.flatnonzero(np.diff(ts) > GAP_MS)
    part = prefix(np.r_[False, np.diff(ts) > GAP_MS])[1:]
    always = np.ones(len(ts), bool)
    rules = [
        (cents >= 1000, cents < 900, always, 5_000, 30_000),
        (cents >= 2000, cents < 1800, always, 3_000, 30_000),
        (cents >= 5000, cents < 4500, always, 0, 30_000),
        (*mean_rule(ts, cents), 0, 0),
        (*trend_rule(ts, cents), 10_000, 30_000),
    ]
    found = []
    for number, (up, down, valid, on_ms, off_ms) in enumerate(rules, 1):
        for at, edge in episodes(ts, up, down, valid, part, on_ms, off_ms):
            found.append((at, number, edge))
    for i in silent:
        found += [(int(ts[i]) + GAP_MS, 6, RAISE), (int(ts[i + 1]), 6, CLEAR)]
    if newest > ts[-1] + GAP_MS:
        found.append((int(ts[-1]) + GAP_MS, 6, RAISE))
    return found


def transitions(ts, channel, cents):
    """All edges as (time, channel, rule, edge), sorted. The rows may come in any order."""
    order = np.lexsort((ts, channel))
    ts, channel, cents = ts[order], channel[order], cents[order].astype(np.int64)
    newest = int(ts.max())
    bounds = np.flatnonzero(np.r_[True, np.diff(channel) != 0, True])
    found = []
    for begin, end in zip(bounds[:-1], bounds[1:]):
        number = int(channel[begin])
        edges = of_channel(ts[begin:end], cents[begin:end], newest)
        found += [(at, number, rule, edge) for at, rule, edge in edges]
    return sorted(found)


def write(path, found):
    with open(path, "w", encoding="ascii", newline="\n") as out:
        out.write("ts_ms,channel,rule,edge\n")
        out.writelines(f"{at},{channel},R{rule},{edge}\n" for at, channel, rule, edge in found)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--readings", required=True, help="a .bin file as `siskin replay` reads it")
    parser.add_argument("--out", required=True)
    asked = parser.parse_args()
    rows = np.fromfile(asked.readings, RECORD)
    cents = np.rint(rows["value"].astype(float) * 100).astype(np.int64)
    found = transitions(rows["ts_ms"].astype(np.int64), rows["channel"].astype(np.int64), cents)
    write(asked.out, found)
    print(f"{len(rows)} rows, {len(found)} transitions")


if __name__ == "__main__":
    main()
