"""`make soak`: the release binary against the oracle, many seeds, five runs of the same rows.

    soak.py --binary target/release/siskin --seeds 20 --channels 200 --seconds 10000

1 ordered; 2 shuffled within the reorder window, one row in twenty twice; 3 one row in ten minutes
to hours late, where nothing long past may be announced; 4 through the stores, killed with SIGKILL at
twenty seeded points and started again, in order and once more among late rows. Prints a table; ends
with 1 if any form of any seed differs. What is needed to see a difference again (seed, form) is in
the table.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import forms
import oracle
import workload

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "tests/fixtures/sites/standard-workload"
FORMS = ("ordered", "shuffled", "late", "killed", "killed-late")
KILLS = 20
# Rows of one batch of a replay through the stores (BATCH_READINGS of crates/siskin/src/replay.rs).
BATCH_ROWS = 4096
# So long after a batch a process may live on before it is killed: somewhere in the next batches.
LINGER_MAX_S = 0.02
BATCHES_LEFT = 10
QUIET = {**os.environ, "SISKIN_LOG": "error"}
# A begin may be told this long after it: reorder window, the minute after which late readings are
# judged again, a step of the replay. Later only if its alarm still stands.
TOLD_AGE_MAX_MS = forms.REORDER_WINDOW_MS + 60_000 + 10_000


class Differs(Exception):
    """The binary does not say what the oracle says."""


class Case:
    """One form of one seed: its rows, its files and what the oracle says."""

    def __init__(self, asked, seed, form, rows, wanted, folder):
        self.asked, self.seed, self.form = asked, seed, form
        self.rows, self.wanted, self.folder = rows, wanted, folder
        self.random = np.random.default_rng([seed, FORMS.index(form)])
        self.out = folder / "transitions.csv"

    def command(self, *more):
        readings = self.folder / "readings.bin"
        words = ["replay", "--site", SITE, "--readings", readings, "--out", self.out, *more]
        return [str(word) for word in (self.asked.binary, *words)]

    def run(self, *more):
        done = subprocess.run(
            self.command(*more), env=QUIET, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise Differs(f"ended with {done.returncode}: {done.stderr.strip()[-400:]}")

    def compare(self):
        found = self.out.read_text(encoding="ascii")
        if found == self.wanted:
            return
        lines = zip(found.splitlines(), self.wanted.splitlines())
        for number, (mine, theirs) in enumerate(lines, 1):
            if mine != theirs:
                raise Differs(f"line {number}: found `{mine}`, the oracle has `{theirs}`")
        raise Differs(f"{found.count(chr(10))} lines, the oracle has {self.wanted.count(chr(10))}")


def ordered(case):
    workload.write(case.folder / "readings.bin", case.rows)
    case.run()
    case.compare()
    return ""


def shuffled(case):
    workload.write(case.folder / "readings.bin", forms.shuffled(case.rows, case.random))
    case.run()
    case.compare()
    return ""


def late(case):
    rows = forms.late(case.rows, case.random)
    workload.write(case.folder / "readings.bin", rows)
    announced, corrections = case.folder / "announced.csv", case.folder / "corrections.csv"
    case.run("--announced", announced, "--corrections", corrections)
    case.compare()
    changed = len(corrections.read_text(encoding="ascii").splitlines()) - 1
    if changed == 0:
        raise Differs("late rows changed nothing: this form shows nothing")
    told, old = told_in_time(rows, announced)
    return f"{changed} corrections, {told} begins told, {old} of them old and standing"


def told_in_time(rows, announced):
    """No begin is told that was over long before: asks the oracle about the rows that had come."""
    clock = np.maximum.accumulate(rows["ts_ms"])
    begins = old = 0
    for line in announced.read_text(encoding="ascii").splitlines()[1:]:
        told_ms, at_ms, channel, rule, edge = line.split(",")
        told_ms, at_ms, channel = int(told_ms), int(at_ms), int(channel)
        if edge != oracle.RAISE:
            continue
        begins += 1
        if told_ms - at_ms <= TOLD_AGE_MAX_MS:
            continue
        old += 1
        come = rows[: np.searchsorted(clock, told_ms, "right")]
        mine = come[come["channel"] == channel]
        edges = oracle.transitions(mine["ts_ms"], mine["channel"], mine["cents"])
        ends = [at for at, _, r, e in edges if f"R{r}" == rule and e == oracle.CLEAR and at > at_ms]
        newest = int(mine["ts_ms"].max())
        if ends and ends[0] < newest - TOLD_AGE_MAX_MS:
            raise Differs(f"told long after it was over: `{line}`, it had ended at {ends[0]}")
    return begins, old


def killed(case):
    return killed_over(case, case.rows)


def killed_late(case):
    return killed_over(case, forms.late(case.rows, case.random))


def killed_over(case, rows):
    """Twenty times: start, wait until a seeded batch is stored and a moment more, SIGKILL."""
    workload.write(case.folder / "readings.bin", rows)
    data = case.folder / "data"
    batches = -(-len(case.rows) // BATCH_ROWS)
    # The last batches are left for the last run, so that every kill comes before the end.
    targets = np.sort(case.random.integers(0, max(1, batches - BATCHES_LEFT), KILLS))
    lingers = case.random.uniform(0.0, LINGER_MAX_S, KILLS)
    kills = sum(kill_at(case, data, int(at), float(s)) for at, s in zip(targets, lingers))
    case.run("--data", data)
    case.compare()
    if kills < KILLS:
        raise Differs(f"only {kills} of {KILLS} kills came before the end: more rows are needed")
    return f"{kills} kills over {batches} batches"


def kill_at(case, data, target, linger_s):
    """Whether the process was still at work when it was killed: at a batch, or before any."""
    process = subprocess.Popen(
        case.command("--data", data),
        env=QUIET,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        stored = -1 if target == 0 else 0
        while 0 <= stored < target:
            words = process.stdout.readline().split()
            # "batch 3 of 48"; anything else is the end.
            stored = int(words[1]) if words[:1] == ["batch"] else -1
        time.sleep(linger_s)
        process.kill()
    finally:
        process.stdout.close()
        status = process.wait()
    return status == -signal.SIGKILL


RUN = dict(zip(FORMS, (ordered, shuffled, late, killed, killed_late)))


def soak_seed(asked, seed, table):
    rows = workload.make(asked.channels, asked.seconds, seed)
    found = oracle.transitions(rows["ts_ms"], rows["channel"], rows["cents"])
    wrong = 0
    for form in asked.forms:
        began = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="siskin-soak-") as folder:
            folder = Path(folder)
            oracle.write(folder / "oracle.csv", found)
            wanted = (folder / "oracle.csv").read_text(encoding="ascii")
            case = Case(asked, seed, form, rows, wanted, folder)
            try:
                verdict, note = "same", RUN[form](case)
            except Differs as difference:
                verdict, note, wrong = "DIFFERS", str(difference), wrong + 1
        took_s = time.monotonic() - began
        table(seed, form, len(rows), len(found), f"{took_s:.1f}", verdict, note)
    return wrong


def table(*cells):
    widths = (5, 9, 9, 12, 7, 8)
    aligned = (str(cell).rjust(width) for cell, width in zip(cells, widths))
    print(*aligned, *cells[len(widths) :], flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", type=Path, default=ROOT / "target/release/siskin")
    parser.add_argument("--seeds", type=int, default=20, help="how many")
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--channels", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=10_000)
    parser.add_argument("--forms", nargs="+", choices=FORMS, default=list(FORMS))
    asked = parser.parse_args()
    seeds = range(asked.first_seed, asked.first_seed + asked.seeds)
    print(f"{asked.channels} channels over {asked.seconds} s, seeds {seeds[0]} to {seeds[-1]}")
    table("seed", "form", "rows", "transitions", "s", "verdict", "note")
    wrong = sum(soak_seed(asked, seed, table) for seed in seeds)
    print(f"{len(seeds) * len(asked.forms)} runs, {wrong} differ from the oracle")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
