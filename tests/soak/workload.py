"""Made readings for the soak: seeded, so that a run can be had again.

Per channel: a base level with slow noise, releases that rise in a line, stay and fade away, and
stretches in which the value creeps around one of the rules' limits. Some rows are missing, and
there are silences of 29 to 31 s (around the 30 s that the rules tolerate) and of up to six minutes. No
measurement: made by this file alone.
"""

import numpy as np

START_MS = 1_767_225_600_000  # 2026-01-01T00:00:00Z
LIMITS = (9.0, 10.0, 18.0, 20.0, 45.0, 50.0)
CENTS_MAX = 99_999
ROW = np.dtype([("ts_ms", "<i8"), ("channel", "<u4"), ("cents", "<i4")])


def noise(random, seconds):
    """A slow and a fast part, ppm."""
    slow = np.cumsum(random.normal(0.0, 0.02, seconds))
    kernel = np.exp(-np.arange(60) / 12.0)
    pushes = random.normal(0.0, 0.05, seconds + 59)
    return slow - np.linspace(slow[0], slow[-1], seconds) + np.convolve(pushes, kernel, "valid")


def releases(random, seconds):
    """On average one release in 40 min, ppm."""
    gas = np.zeros(seconds)
    clock = np.arange(seconds)
    for _ in range(random.poisson(seconds / 2400)):
        begin = random.uniform(-300, seconds)
        rise, stay, fade = random.uniform(5, 400), random.uniform(0, 700), random.uniform(20, 250)
        peak = 4.0 * 2.0 ** random.uniform(0.0, 5.0)
        since = clock - begin
        up = np.clip(since / rise, 0.0, 1.0)
        gas += peak * up * np.exp(-np.clip(since - rise - stay, 0.0, None) / fade)
    return gas


def creep(random, values):
    """Stretches of steps of 0.01 ppm around a limit: what a comparison is most easily wrong at."""
    seconds = len(values)
    for _ in range(random.poisson(seconds / 5000)):
        begin = int(random.integers(0, seconds))
        length = min(int(random.integers(20, 200)), seconds - begin)
        steps = random.integers(-2, 3, length) * 0.01
        values[begin : begin + length] = random.choice(LIMITS) + steps


def silences(random, seconds):
    """Which seconds have a row."""
    present = random.random(seconds) >= 0.01
    for _ in range(random.poisson(seconds / 1500)):
        begin = int(random.integers(1, max(2, seconds - 40)))
        # A silence of n missing rows is n + 1 s long.
        present[begin : begin + int(random.choice([28, 29, 30]))] = False
    for _ in range(random.poisson(seconds / 20000)):
        begin = int(random.integers(0, seconds))
        present[begin : begin + int(random.integers(40, 400))] = False
    return present


def make(channels, seconds, seed):
    """Rows in order of time and channel."""
    streams = np.random.default_rng(seed).spawn(channels)
    parts = []
    for channel, random in enumerate(streams):
        values = random.uniform(0.1, 3.0) + noise(random, seconds) + releases(random, seconds)
        creep(random, values)
        present = np.flatnonzero(silences(random, seconds))
        part = np.empty(len(present), ROW)
        part["ts_ms"] = START_MS + present * 1000
        part["channel"] = channel
        part["cents"] = np.clip(np.rint(values[present] * 100), 0, CENTS_MAX)
        parts.append(part)
    rows = np.concatenate(parts)
    return rows[np.lexsort((rows["channel"], rows["ts_ms"]))]


def write(path, rows):
    """Little-endian records of i64 ts_ms, u32 channel, f32 value, as `siskin replay` reads them."""
    records = np.empty(len(rows), [("ts_ms", "<i8"), ("channel", "<u4"), ("value", "<f4")])
    records["ts_ms"] = rows["ts_ms"]
    records["channel"] = rows["channel"]
    records["value"] = rows["cents"] / 100
    records.tofile(path)
